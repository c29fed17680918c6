//! What a visitor is told of an exposure: on the terminal, as data, as a page, by the real binary.

use crate::support::person::Person;
use crate::support::warned::{Authority, next_day, notice};
use noren::messages::Level;
use serde_json::Value;

/// A visitor who follows an authority, and was at its bar.
fn visitor(authority: &Authority) -> (Person, crate::support::warned::Bar) {
    let (visitor, bar) = (Person::new(), authority.bar("Bar <Noren>", None));
    visitor.write("health.profile", authority.signed());
    visitor.json(&["visitor", "follow", "health.profile"], b"");
    bar.visit(&visitor);
    (visitor, bar)
}

fn office() -> Authority {
    Authority::new("Health Office", "office.example/log")
}

fn notices(visitor: &Person, language: &str) -> Vec<Value> {
    let ran = next_day(visitor, &["--json", "visitor", "notices", "--language", language], b"");
    serde_json::from_str(&ran.out).unwrap()
}

fn printed(visitor: &Person, language: &str) -> String {
    next_day(visitor, &["visitor", "notices", "--language", language], b"").out
}

#[test]
fn a_notice_says_everything_in_the_visitors_language_and_the_authoritys_time() {
    // [MAT-5] [CLI-6]
    let office = office();
    let (visitor, bar) = visitor(&office);
    office.warn(&visitor, &bar, &notice(Level::Attention, true, true), 0);
    assert_eq!(
        printed(&visitor, "ja_JP.UTF-8"),
        "注意: Health Office\n  \
         日時: 2026年4月1日 23:30 – 2026年4月2日 00:00 (Asia/Tokyo)\n  \
         場所: Bar <Noren>, Room 2, 1-2-3 Minato\n  \
         感染した方がいました。\n  \
         for other programs\n  \
         お願い: 体調に注意してください。\n  \
         連絡先: コールセンター: 06-0000-0000 (9時〜17時)\n  \
         受信日: 2026年4月2日\n"
    );
    let shown = printed(&visitor, "pt-BR");
    for words in ["ATENÇÃO", "O que fazer: Watch your health.", "Call centre", "01/04/2026 23:30"]
    {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let data = &notices(&visitor, "en")[0];
    assert_eq!((&data["kind"], &data["level"]), (&"notice".into(), &"attention".into()));
    assert_eq!((&data["date"], &data["time_zone"]), (&"2026-04-01".into(), &"Asia/Tokyo".into()));
    assert_eq!(data["overlap"]["start"], "2026-04-01T14:30:00Z");
    assert_eq!(data["advice"], "Watch your health.");
    assert_eq!(data["contacts"][0]["hours"], "9:00 to 17:00");
    assert_eq!(data["contacts"].as_array().unwrap().len(), 1, "the other line is for clusters");
    assert_eq!((&data["language"], &data["venue"]["room"]), (&"en".into(), &"Room 2".into()));
}

#[test]
fn a_notice_names_neither_venue_nor_date_unless_it_may() {
    // [MAT-5]
    let office = office();
    let (visitor, bar) = visitor(&office);
    office.warn(&visitor, &bar, &notice(Level::Cluster, false, false), 0);
    for field in ["venue", "date", "visit", "window", "overlap"] {
        assert_eq!(notices(&visitor, "en")[0][field], Value::Null, "{field}");
    }
    let page =
        next_day(&visitor, &["visitor", "notices", "--language", "en", "--html", "-"], b"").out;
    for shown in [printed(&visitor, "en"), page] {
        for hidden in ["Noren&gt;", "<Noren>", "Room 2", "Minato", "1 April", "23:30", "00:00"] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
        assert!(shown.contains("CLUSTER") && shown.contains("Consultation centre"), "{shown}");
        assert!(shown.contains("2 April 2026"), "when it was received: {shown}");
    }
    assert!(!next_day(&visitor, &["visitor", "export"], b"").out.contains("2026-04-01T14:30"));
}

#[test]
fn a_withdrawn_notice_is_shown_as_withdrawn() {
    // [PUB-3]
    let office = office();
    let (visitor, bar) = visitor(&office);
    office.warn(&visitor, &bar, &notice(Level::Attention, false, true), 0);
    office.warn(&visitor, &bar, &notice(Level::Withdrawn, false, true), 10);
    let shown = printed(&visitor, "en");
    for words in
        ["WITHDRAWN: Health Office", "An earlier notice no longer stands.", "It was a mistake."]
    {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert!(!shown.contains("ATTENTION") && !shown.contains("Advice"), "{shown}");
    assert!(printed(&visitor, "ja").starts_with("取り消し"));
}

#[test]
fn an_overlap_that_is_too_short_is_told_nowhere() {
    // [MAT-7]
    let mut office = office();
    office.profile.minimum_overlap = 1_801;
    let (visitor, bar) = visitor(&office);
    office.warn(&visitor, &bar, &notice(Level::Attention, true, true), 0);
    let ran = next_day(&visitor, &["visitor", "notices", "--language", "en"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), "no notices\n"));
    let page = next_day(&visitor, &["visitor", "notices", "--html", "page.html"], b"");
    assert!(page.code == Some(1) && !visitor.path("page.html").exists());
    let synced = next_day(&visitor, &["--json", "visitor", "sync"], b"");
    assert!(!synced.out.contains("notice\""), "{synced:?}");
    let watch = ["visitor", "watch", "--rounds", "1", "--run", "cat >> told"];
    next_day(&visitor, &watch, b"");
    assert!(!visitor.path("told").exists());
    assert!(next_day(&visitor, &["visitor", "export"], b"").out.contains("\"notices\": []"));
    // Once the authority asks for less, it counts, and nothing was marked as told in between.
    office.profile.minimum_overlap = 1_800;
    office.profile.issued = office.profile.issued.plus(1);
    visitor.write("health.profile", office.signed());
    visitor.json(&["visitor", "follow", "health.profile"], b"");
    next_day(&visitor, &watch, b"");
    let told: Value = serde_json::from_slice(&visitor.read("told")).unwrap();
    assert_eq!((&told["kind"], &told["date"]), (&"notice".into(), &"2026-04-01".into()));
}

#[test]
fn what_an_authority_said_stays_visible_when_its_profile_is_gone() {
    // [MAT-7]
    let mut office = office();
    office.profile.minimum_overlap = 1_801;
    let (visitor, bar) = visitor(&office);
    office.warn(&visitor, &bar, &notice(Level::Attention, true, true), 0);
    std::fs::remove_dir_all(visitor.path("home/authorities")).unwrap();
    let shown = printed(&visitor, "en");
    let heading = format!("ATTENTION: {}", office.profile.fingerprint());
    assert!(shown.starts_with(&heading), "{shown}");
    assert!(shown.contains("for other programs"), "its message, since it has no text: {shown}");
}

#[test]
fn authorities_of_the_same_name_are_told_apart() {
    let (one, other) = (office(), Authority::new("Health Office", "other.example/log"));
    let (visitor, bar) = visitor(&one);
    visitor.write("other.profile", other.signed());
    visitor.json(&["visitor", "follow", "other.profile"], b"");
    let second = other.bar("Other bar", None);
    second.visit(&visitor);
    one.warn(&visitor, &bar, &notice(Level::Attention, false, true), 0);
    other.warn(&visitor, &second, &notice(Level::Attention, false, true), 0);
    let shown = printed(&visitor, "en");
    for authority in [&one, &other] {
        let named = format!("Health Office ({})", authority.profile.fingerprint());
        assert_eq!(shown.matches(&named).count(), 1, "{shown}");
    }
}

#[test]
fn the_page_stands_alone_and_runs_nothing() {
    // [CLI-2] [CLI-5]
    let office = office();
    let (visitor, bar) = visitor(&office);
    office.warn(&visitor, &bar, &notice(Level::Cluster, true, true), 0);
    let write = ["visitor", "notices", "--language", "en", "--html", "page.html"];
    let ran = next_day(&visitor, &write, b"");
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{ran:?}");
    next_day(&visitor, &write, b"").fails("is there already");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(visitor.path("page.html")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let page = String::from_utf8(visitor.read("page.html")).unwrap();
    let policy = "content=\"default-src 'none'; style-src 'unsafe-inline'";
    for words in [
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">",
        policy,
        "Bar &lt;Noren&gt;, Room 2",
        "Several people &lt;b&gt;were&lt;/b&gt; infected.",
        "lang=\"en\" dir=\"auto\">Call us &quot;now&quot;.",
        "1 April 2026 23:30 – 2 April 2026 00:00 (Asia/Tokyo)",
        "@media print",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    for never in ["<script", "<b>", "src=", "href=", "url(", "@import", "http:", "https:"] {
        assert!(!page.contains(never), "{never} in {page}");
    }
    let japanese =
        next_day(&visitor, &["visitor", "notices", "--language", "ja", "--html", "-"], b"");
    assert!(japanese.out.contains("<html lang=\"ja\">") && japanese.out.contains("クラスター発生"));
    let other = next_day(&visitor, &["visitor", "notices", "--language", "pt", "--html", "-"], b"");
    assert!(
        other.out.contains("<html lang=\"pt\">")
            && other.out.contains("<p class=\"text\" lang=\"en\"")
    );
}

#[test]
fn a_text_cannot_steer_the_terminal_or_the_page() {
    // [CLI-5]
    let mut office = office();
    office.profile.texts[1].text = "all is well \u{200b}not".to_owned();
    let (visitor, bar) = visitor(&office);
    office.warn(&visitor, &bar, &notice(Level::Attention, true, true), 0);
    let page = next_day(&visitor, &["visitor", "notices", "--language", "en", "--html", "-"], b"");
    for shown in [printed(&visitor, "en"), page.out] {
        assert!(shown.contains("\\u{200b}not") && !shown.contains('\u{200b}'), "{shown}");
    }
}
