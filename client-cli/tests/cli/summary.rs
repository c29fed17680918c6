//! The authority's page for a meeting, over the real binary and the real server.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::desk::{Desk, hour, now};
use serde_json::{Value, json};

/// A name that is no markup where it is escaped.
const NAME: &str = "Health <Office>";

/// A name that would fetch and run something where it is not escaped.
const HOSTILE: &str = "<script src=\"http://x.example/\">\u{200b}</script>'&";

impl Desk {
    fn report(&self, at: i64, venue: &str, kind: &str) -> Value {
        let (at, from, to) = (at.to_string(), hour(18), hour(20));
        let words = ["--now", &at, "report", "--venue", venue, "--kind", kind, "--seats", "40"];
        self.does(&[&words[..], &["--from", &from, "--to", &to, "--no-case"]].concat())
    }

    /// The venue answers a case that was opened, and a notice goes out.
    fn answer_and_publish(&self, opened: &Value) {
        self.bar("Bar");
        self.answer(opened);
        let case = opened["case"].as_str().unwrap();
        self.does(&["review", case]);
        self.does(&["publish", "--yes", case, "--level", "cluster"]);
    }

    /// Three reports, one of them taken back; a case with a notice, one that waits.
    fn busy() -> Self {
        let office = Self::new(NAME);
        let day = office.report(now() - 7_200, HOSTILE, "bar")["day"].clone();
        office.report(now() - 3_600, HOSTILE, "bar");
        let mistake = office.report(now(), "Gym Noren", "gym")["report"].clone();
        office.does(&["withdraw", mistake.as_str().unwrap(), "--yes"]);
        let day = day.as_str().unwrap();
        let opened = office.does(&["case", "open", "--venue", HOSTILE, "--day", day]);
        office.answer_and_publish(&opened);
        let (from, to) = (hour(18), hour(20));
        let open = ["case", "open", "--venue", HOSTILE, "--from", &from, "--to", &to];
        let waits = office.does(&open)["case"].clone();
        office.does(&["case", "remind", waits.as_str().unwrap()]);
        office
    }

    fn page(&self, words: &[&str]) -> String {
        let words = [&["authority", "summary", "--out", "-"], words].concat();
        let ran = self.person.noren(&words, b"");
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.out
    }
}

/// Whether a page is complete in itself and runs nothing.
#[track_caller]
fn stands_alone(page: &str) {
    assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'"));
    for outside in ["<script", "http:", "https:", "src=", "url(", "@import", "<link", "javascript:"]
    {
        let escaped = page.replace("src=&quot;http://x.example/&quot;", "");
        assert!(!escaped.contains(outside), "{outside}");
    }
}

#[test]
fn the_figures_are_what_was_done_at_the_desk() {
    let office = Desk::busy();
    let figures = office.does(&["summary"]);
    let totals = json!({
        "reports": 3, "reports_withdrawn": 1, "cases": 2, "cases_without_reports": 1,
        "uploads_accepted": 1, "notices": 1, "notices_withdrawn": 0, "closed_without_notice": 0,
    });
    assert_eq!(figures["totals"], totals);
    let sum = |what: &str| -> u64 {
        figures["days"].as_array().unwrap().iter().map(|day| day[what].as_u64().unwrap()).sum()
    };
    assert_eq!((sum("reports"), sum("cases"), sum("notices")), (3, 2, 1));
    let kinds = json!([
        { "kind": "bar", "reports": 2, "cases": 1 },
        { "kind": null, "reports": 0, "cases": 1 },
    ]);
    assert_eq!(figures["kinds"], kinds);
    for step in figures["steps"].as_array().unwrap() {
        let seconds = step["seconds"].as_array().unwrap();
        assert_eq!(seconds.len(), 1, "{step}");
        let from_report = step["stage"].as_str().unwrap().starts_with("report");
        assert_eq!(step["median_seconds"].as_u64().unwrap() >= 7_200, from_report, "{step}");
    }
    assert_eq!(figures["waiting"].as_array().unwrap().len(), 1);
    assert_eq!(figures["waiting"][0]["reminders"], 1);
    assert_eq!(figures["waiting"][0]["expired"], false);
    assert!(!figures.to_string().contains("script"), "{figures}");
    // The page says the same.
    let page = office.page(&[]);
    let row = |name: &str, count: u64| {
        assert!(page.contains(&format!("{name}</th><td class=\"number\">{count}</td>")), "{name}");
    };
    row("Reports received", 3);
    row("Reports withdrawn", 1);
    row("of these, a notice was published", 1);
    row("Cases that wait for the venue now", 1);
    // A notice that is taken back is still one that was published.
    let notified = office.does(&["case", "list"]);
    let published = notified.as_array().unwrap().iter().find(|case| case["status"] == "published");
    office.does(&["withdraw", "--yes", published.unwrap()["case"].as_str().unwrap()]);
    let totals = office.does(&["summary"])["totals"].clone();
    assert_eq!((&totals["notices"], &totals["notices_withdrawn"]), (&json!(1), &json!(1)));
}

#[test]
fn a_venue_is_named_only_on_request_and_never_obeyed() {
    // [CLI-5]
    let office = Desk::busy();
    let unnamed = office.page(&[]);
    stands_alone(&unnamed);
    assert!(!unnamed.contains("x.example") && !unnamed.contains("Gym Noren"));
    assert!(unnamed.contains("Health &lt;Office&gt;"));
    let named = office.page(&["--with-names"]);
    stands_alone(&named);
    assert!(
        named.contains("&lt;script src=&quot;http://x.example/&quot;&gt;\\u{200b}&lt;/script&gt;")
    );
    assert!(named.contains("This page names venues."));
    assert!(!named.contains('\u{200b}'));
    let figures = office.does(&["summary", "--with-names"]);
    assert_eq!(figures["waiting"][0]["venue"], HOSTILE);
    let japanese = office.page(&["--language", "ja"]);
    stands_alone(&japanese);
    assert!(japanese.contains("<html lang=\"ja\">") && japanese.contains("受け付けた報告"));
}

#[test]
fn the_file_is_private_and_never_overwritten() {
    // [CLI-2] [CLI-3]
    let office = Desk::new(NAME);
    let person = &office.person;
    office.does(&["summary", "--out", "page.html"]);
    let mode = person.path("page.html").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let page = String::from_utf8(person.read("page.html")).unwrap();
    stands_alone(&page);
    assert!(page.contains("No reports and no cases yet.") && !page.contains("<svg"));
    let make = ["authority", "summary", "--out", "page.html"];
    person.noren(&make, b"").fails("is there already");
    assert_eq!(person.read("page.html"), page.as_bytes());
    person.write("minutes.txt", "somebody else's");
    person.noren(&["authority", "summary", "--out", "minutes.txt"], b"").fails("not overwritten");
    assert_eq!(person.read("minutes.txt"), b"somebody else's");
    person.noren(&make[..2], b"").fails("--out");
    person.noren(&["--json", "authority", "summary", "--out", "-"], b"").fails("both");
    for (since, why) in [("2020-01-01", "at most 90 days"), ("2999-01-01", "in the future")] {
        let words = ["authority", "summary", "--out", "-", "--since", since];
        person.noren(&words, b"").fails(why);
    }
}
