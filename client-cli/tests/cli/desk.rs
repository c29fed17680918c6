//! The authority's desk: reports, thresholds, cases, the journal, approvals.

use crate::support::desk::Desk;
use crate::support::http::get;
use crate::support::person::Person;
use crate::support::terminal::at_terminal;
use crate::support::town::{Town, at, date};
use serde_json::Value;
use sqlx::Connection as _;

const HALL: &str = "Live house Hibiki";
const LARGE: [&str; 4] = ["--kind", "live-house", "--seats", "120"];

impl Town {
    /// Somebody who knows SQL and takes the last entries away.
    fn shorten_journal(&self) {
        let path = self.office.path("home/authority/desk.sqlite");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
            let delete =
                "DROP TRIGGER journal_is_not_shortened; DELETE FROM journal WHERE number > 3";
            sqlx::raw_sql(delete).execute(&mut connection).await.unwrap();
        });
    }
}

fn ids(list: &Value) -> usize {
    list.as_array().unwrap().len()
}

#[test]
fn reports_of_one_venue_and_day_add_up_to_a_case() {
    let town = Town::new("Desk A", "osaka");
    assert_eq!(town.try_desk(&["status"]).code, Some(1), "nothing yet");
    let first = town.report(HALL, &LARGE, &at(19, 0), &at(21, 0));
    assert_eq!((&first["verdict"], &first["opened"]), (&"below".into(), &Value::Null));
    assert!(first["explanation"].as_str().unwrap().starts_with("1 of 2 reports, live house"));
    // Another day and another venue do not count; the same name typed otherwise does.
    town.report(HALL, &LARGE, &at(-5, 0), &at(-4, 0));
    town.report("Live house Kodama", &LARGE, &at(19, 0), &at(21, 0));
    let second = town.report("ＬＩＶＥ house  hibiki", &LARGE, &at(20, 0), &at(20, 30));
    assert_eq!((&second["verdict"], &second["reports"]), (&"attention".into(), &2.into()));
    let opened = &second["opened"];
    assert_eq!(
        (opened["from"].as_str(), opened["to"].as_str()),
        (Some(&*at(0, 0)), Some(&*at(24, 0)))
    );
    let third = town.report(HALL, &LARGE, &at(22, 0), &at(23, 0));
    assert_eq!(third["opened"], Value::Null, "one case for one venue and day");
    assert_eq!(third["case"], opened["case"]);
    let status = town.desk(&["status"]);
    let standing = |venue: &str, day: &str| {
        let venues = status["venues"].as_array().unwrap();
        let of_day = |each: &&Value| each["venue"] == venue && each["day"] == day;
        venues.iter().find(of_day).unwrap()["standing"].as_str().unwrap().to_owned()
    };
    assert_eq!(standing(HALL, &date()), "above");
    assert_eq!(standing("Live house Kodama", &date()), "below");
    assert_eq!(status["watch"][0]["reports"], 4, "three on the day, one on the eve: {status}");
    assert_eq!(status["waiting"][0]["case"], opened["case"]);
}

#[test]
fn a_report_says_nothing_about_a_person_and_can_be_withdrawn() {
    // [CLI-10]
    let town = Town::new("Desk B", "osaka");
    let (from, to) = (at(19, 0), at(21, 0));
    for venue in ["Sato Hanako, 090-1234-5678", "hanako@example.jp", "the patient's bar"] {
        let words = ["report", "--venue", venue, "--kind", "bar", "--from", &from, "--to", &to];
        town.try_desk(&words).fails("nothing about a person is kept");
    }
    let future =
        ["report", "--venue", "Bar", "--kind", "bar", "--from", &from, "--to", "2100-01-01"];
    town.try_desk(&future).fails("in the future");
    let report = town.report("Bar Noren", &["--kind", "bar", "--no-case"], &from, &to);
    let bar =
        ["report", "--venue", "Bar Noren", "--kind", "nightclub", "--from", &from, "--to", &to];
    town.try_desk(&bar).fails("another kind or size");
    let id = report["report"].as_str().unwrap();
    town.try_desk(&["withdraw", id, "--at-once"]).fails("is for a notice");
    assert_eq!(town.try_desk(&["withdraw", id, "--yes"]).code, Some(0));
    town.try_desk(&["withdraw", id, "--yes"]).fails("no one report");
    assert_eq!(town.try_desk(&["status"]).code, Some(1));
    // The threshold was reached without a case; `case open --day` catches up, and needs a report.
    let day = date();
    let open = ["case", "open", "--venue", "Bar Noren", "--day", &day];
    town.try_desk(&open).fails("no report");
    town.report("Bar Noren", &["--kind", "bar", "--no-case"], &from, &to);
    assert_eq!(town.desk(&open)["from"], at(0, 0));
}

#[test]
fn an_unanswered_case_is_reminded_of_reissued_and_closed() {
    let town = Town::new("Desk C", "osaka");
    let bar = town.venue("Bar Noren", &["--kind", "bar"]);
    let report = town.report("Bar Noren", &["--kind", "bar"], &at(19, 0), &at(21, 0));
    let opened = &report["opened"];
    let case = opened["case"].as_str().unwrap();
    assert_eq!(town.try_desk(&["case", "remind", case]).code, Some(0));
    assert_eq!(town.desk(&["case", "list"])[0]["reminded"], 1);
    let again = town.desk(&["case", "reissue", case]);
    assert_ne!(again["code"], opened["code"]);
    let text = |name: &str| opened[name].as_str().unwrap();
    let words =
        ["venue", "upload", "--yes", "--authority", &town.url, "--trace", "codes/trace.txt"];
    let old = format!("{} {}", text("code"), text("window_code"));
    let ran = bar.owner.noren(&[&words[..], &["--code-file", "-"]].concat(), old.as_bytes());
    assert!(ran.code == Some(2) && ran.err.contains("refused"), "the old code is void: {ran:?}");
    bar.answer(&again);
    // What came in is another venue's, say: it is rejected, and a third code given out.
    assert_eq!(town.desk(&["review", case])["accepted"], true);
    assert_eq!(town.try_desk(&["reject", case, "--reason", "another bar"]).code, Some(0));
    assert!(!town.office.path(&format!("home/authority/{case}.upload")).exists());
    town.try_desk(&["publish", "--yes", case]).fails("rejected");
    bar.answer(&town.desk(&["case", "reissue", case]));
    let shown = town.desk(&["review", case]);
    assert_eq!(shown["differences"], serde_json::json!([]), "{shown}");
    town.try_desk(&["case", "reissue", case]).fails("accepted upload");
    assert_eq!(town.try_desk(&["case", "close", case]).code, Some(0));
    assert!(!town.office.path(&format!("home/authority/{case}.upload")).exists());
    town.try_desk(&["publish", "--yes", case]).fails("closed");
}

#[test]
fn a_review_marks_what_venue_and_reports_tell_differently() {
    let town = Town::new("Desk D", "osaka");
    let bar = town.venue("Snack Akari", &["--kind", "restaurant", "--room", "2F"]);
    let report = town.report("Bar Noren", &["--kind", "bar"], &at(19, 0), &at(21, 0));
    let opened = &report["opened"];
    bar.answer_within(opened, opened["from"].as_str().unwrap(), &at(22, 0));
    let case = opened["case"].as_str().unwrap();
    let shown = town.desk(&["review", case]);
    assert_eq!(shown["differences"], serde_json::json!(["kind", "to"]));
    let ran = town.office.noren(&["authority", "review", case], b"");
    assert!(
        ran.out.contains("  venue   Bar Noren                      Snack Akari, 2F"),
        "{ran:?}"
    );
    assert!(ran.out.contains("  from  "), "{ran:?}");
}

#[test]
fn a_case_file_replays_to_the_same_answer() {
    // [CLI-12]
    let town = Town::new("Desk E", "osaka");
    town.report(HALL, &LARGE, &at(19, 0), &at(21, 0));
    let report = town.report(HALL, &LARGE, &at(20, 0), &at(26, 0));
    let case = report["case"].as_str().unwrap();
    // A later change of policy does not change what was decided.
    town.desk(&["policy", "set", "hyogo", "--yes"]);
    assert_eq!(town.try_desk(&["case", "show", case, "--out", "case.json"]).code, Some(0));
    let replay = |file: &str| town.office.noren(&["authority", "replay", file], b"");
    assert_eq!(replay("case.json").code, Some(0), "{:?}", replay("case.json"));
    let document = String::from_utf8(town.office.read("case.json")).unwrap();
    for (old, new) in [("\"seats\": 120", "\"seats\": 20"), ("\"needed\": 2", "\"needed\": 1")] {
        assert!(document.contains(old), "{document}");
        town.office.write("other.json", document.replace(old, new));
        assert_eq!(replay("other.json").code, Some(1), "{new}");
    }
    let mut fewer: Value = serde_json::from_str(&document).unwrap();
    fewer["decision"]["reports"].as_array_mut().unwrap().pop();
    town.office.write("other.json", fewer.to_string());
    assert_eq!(replay("other.json").code, Some(1));
    town.office.write("other.json", "{}");
    replay("other.json").fails("no document of a case");
    // One report twice, another day, a window or a notice that the policy does not give.
    let whole: Value = serde_json::from_str(&document).unwrap();
    let twice = whole["decision"]["reports"][0].clone();
    for (pointer, value) in [
        ("/decision/reports/1", twice),
        ("/decision/day", "1999-01-01".into()),
        ("/window/1", 4_000_000_000_u64.into()),
        ("/decision/reports/0/stay/0", 1_775_000_000_u64.into()),
    ] {
        let mut other = whole.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        town.office.write("other.json", other.to_string());
        assert_ne!(replay("other.json").code, Some(0), "{pointer}");
    }
    let more = document.replacen("{", "{\"patient\": \"x\",", 1);
    town.office.write("other.json", more);
    replay("other.json").fails("no document of a case");
}

#[test]
fn the_journal_tells_who_did_what_and_shows_tampering() {
    // [CLI-9]
    let town = Town::new("Desk F", "osaka");
    let bar = town.venue("Bar Noren", &["--kind", "bar"]);
    let report = town.report("Bar Noren", &["--kind", "bar"], &at(19, 0), &at(21, 0));
    let case = town.warn(&bar, &report["opened"], &["--operator", "Tanaka"]);
    town.desk(&["withdraw", "--yes", &case]);
    let journal = town.desk(&["journal"]);
    let told: Vec<_> = journal.as_array().unwrap().iter().collect();
    let actions: Vec<_> = told.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["init", "report", "case-opened", "reviewed", "published", "withdrawn"]);
    assert_eq!((&told[3]["operator"], &told[4]["operator"]), (&"Sato".into(), &"Tanaka".into()));
    assert_eq!(told[4]["subject"], case);
    let file = town.office.read("home/authority/desk.sqlite");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &town.office.path("home/authority/desk.sqlite").metadata().unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    let at = file.windows(6).position(|bytes| bytes == b"Tanaka").unwrap();
    let mut forged = file.to_vec();
    forged[at] = b'J';
    town.office.write("home/authority/desk.sqlite", forged);
    town.try_desk(&["journal"]).fails("entry 5 is missing or altered");
    // An end that is cut off leaves a chain that holds, but not the end that the desk knows.
    town.office.write("home/authority/desk.sqlite", &file);
    town.shorten_journal();
    town.try_desk(&["journal"]).fails("its last entries are missing");
}

#[test]
fn a_publication_waits_for_the_approval_of_several_operators() {
    // [CLI-11]
    let town = Town::new("Desk G", "osaka");
    let bar = town.venue("Bar Noren", &["--kind", "bar"]);
    let guest = town.visitor();
    guest.visit(&bar.poster(), &at(19, 0), 30);
    for name in ["Sato", "Tanaka", "Ito"] {
        let half = town.office.operator_key(&format!("{name}.key"));
        town.desk(&["operator", "add", name, "--public-half", &half]);
    }
    town.try_desk(&["operator", "require", "4"]).fails("add operators first");
    town.desk(&["operator", "require", "2"]);
    let report = town.report("Bar Noren", &["--kind", "bar"], &at(19, 0), &at(21, 0));
    let case = town.warn(&bar, &report["opened"], &[]);
    assert!(guest.sync().is_empty(), "proposed, not published");
    let proposals = town.desk(&["operator", "list"]);
    let proposal = proposals["proposals"][0]["proposal"].as_str().unwrap().to_owned();
    let approve = |key: &str| town.try_desk(&["approve", "--yes", &proposal, "--key", key]);
    town.office.write("stranger.key", "07".repeat(32));
    approve("stranger.key").fails("not on the list");
    town.office.write("bad.key", "secret");
    approve("bad.key").fails("no operator's key");
    // [CLI-34] Who is missing is told, and that a second approval by one operator is none.
    assert_eq!(proposals["proposals"][0]["missing"], serde_json::json!(["Ito", "Sato", "Tanaka"]));
    let list = town.office.noren(&["authority", "operator", "list"], b"");
    assert!(list.out.contains("0 of 2 approvals, 2 more from Ito, Sato, Tanaka"), "{list:?}");
    assert_eq!(approve("Sato.key").code, Some(0));
    let again = approve("Sato.key");
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.err.contains("Sato has approved this already"), "{again:?}");
    assert!(guest.sync().is_empty(), "the same operator twice is one approval");
    let list = town.office.noren(&["authority", "operator", "list"], b"");
    assert!(list.out.contains("1 of 2 approvals (Sato), 1 more from Ito, Tanaka"), "{list:?}");
    assert_eq!(approve("Ito.key").code, Some(0));
    assert_eq!(guest.told()["level"], "attention");
    approve("Tanaka.key").fails("no proposal");
    // Fewer approvals, or other operators, need approval themselves.
    town.desk(&["operator", "require", "0"]);
    assert_eq!(town.desk(&["operator", "list"])["approvals_needed"], 2);
    let dropped = town.desk(&["withdraw", "--yes", &case])["proposal"].as_str().unwrap().to_owned();
    let drop = ["approve", &dropped, "--reject", "--key"];
    town.try_desk(&[&drop[..], &["stranger.key"]].concat()).fails("not on the list");
    assert_eq!(town.try_desk(&[&drop[..], &["Ito.key"]].concat()).code, Some(0));
    assert!(guest.sync().is_empty());
    let open = town.desk(&["operator", "list"]);
    assert_eq!(ids(&open["proposals"]), 1);
    let proposal = open["proposals"][0]["proposal"].as_str().unwrap().to_owned();
    for key in ["Tanaka.key", "Ito.key"] {
        assert_eq!(town.try_desk(&["approve", "--yes", &proposal, "--key", key]).code, Some(0));
    }
    town.desk(&["withdraw", "--yes", &case]);
    assert_eq!(guest.told()["level"], "withdrawn");
}

#[test]
fn an_operator_makes_the_key_elsewhere_and_the_desk_sees_the_public_half_alone() {
    // [CLI-53]
    let desk = Desk::new("Desk P");
    let sato = Person::new();
    let half = sato.operator_key("sato.key");
    let secret = String::from_utf8(sato.read("sato.key")).unwrap().trim().to_owned();
    assert!(!half.contains(&secret));
    assert_eq!(sato.operator_key("sato.key"), half, "the same key again");
    let add = |text: &str| {
        let add = ["authority", "operator", "add", "Sato", "--public-half", text];
        desk.person.noren(&add, b"")
    };
    add(&secret).fails("this looks like an operator's secret key, which nobody hands in");
    let (last, other) = (half.chars().last().unwrap(), half.len() - 1);
    let wrong = format!("{}{}", &half[..other], if last == '0' { '1' } else { '0' });
    for text in [&wrong, &half[1..], &half[..other], &half.to_uppercase(), "Sato", ""] {
        add(text).fails("the line that `noren authority operator key` shows");
    }
    desk.does(&["operator", "add", "Sato", "--public-half", &half]);
    let twice = ["authority", "operator", "add", "Ito", "--public-half", &half];
    desk.person.noren(&twice, b"").fails("this is the key of the operator Sato");
    // It approves with the secret half, which the desk's folder has never held.
    desk.does(&["operator", "require", "1"]);
    let proposed = desk.does(&["profile", "--name", "Another office"]);
    let id = proposed["proposal"].as_str().unwrap();
    desk.person.write("media.key", sato.read("sato.key"));
    desk.does(&["approve", "--yes", id, "--key", "media.key"]);
    assert_eq!(desk.does(&["profile"])["name"], "Another office");
}

#[test]
fn an_approval_is_good_for_what_was_looked_at_and_for_nothing_else() {
    // [CLI-11]
    let town = Town::new("Desk I", "osaka");
    let bar = town.venue("Bar Noren", &["--kind", "bar"]);
    let other = town.venue("Snack Akari", &["--kind", "bar"]);
    for name in ["Sato", "Tanaka", "Ito"] {
        let half = town.office.operator_key(&format!("{name}.key"));
        town.desk(&["operator", "add", name, "--public-half", &half]);
    }
    let half = town.office.operator_key("x.key");
    for name in ["sato", "Sato ", "Ｓａｔｏ"] {
        town.try_desk(&["operator", "add", name, "--public-half", &half]).fails("already");
    }
    for name in ["", "Ab\u{200b}e", "A\u{1b}B"] {
        town.try_desk(&["operator", "add", name, "--public-half", &half])
            .fails("visible characters");
    }
    town.desk(&["operator", "require", "2"]);
    let proposal = |shown: &Value| shown["proposal"].as_str().unwrap().to_owned();
    let approve = |id: &str, key: &str| town.try_desk(&["approve", "--yes", id, "--key", key]);
    let report = town.report("Bar Noren", &["--kind", "bar"], &at(19, 0), &at(21, 0));
    let case = report["case"].as_str().unwrap();
    bar.answer(&report["opened"]);
    let publish = ["publish", "--yes", case, "--level", "attention"];
    // Between two approvals another policy comes in force, or the report turns out to be a mistake.
    let ours = town.office.noren(&["authority", "policy", "show"], b"").out + "\n# ours\n";
    town.office.write("ours.toml", ours);
    let set = || {
        let set = proposal(&town.desk(&["policy", "set", "ours.toml", "--yes"]));
        assert!(["Sato.key", "Ito.key"].iter().all(|key| approve(&set, key).code == Some(0)));
    };
    let mistake = || {
        assert_eq!(
            town.try_desk(&["withdraw", "--yes", report["report"].as_str().unwrap()]).code,
            Some(0)
        );
    };
    for between in [&set as &dyn Fn(), &mistake] {
        let first = proposal(&town.desk(&publish));
        assert_eq!(approve(&first, "Tanaka.key").code, Some(0));
        between();
        approve(&first, "Ito.key").fails("has changed since");
        let reject = ["approve", &first, "--reject", "--key", "Ito.key"];
        assert_eq!(town.try_desk(&reject).code, Some(0));
    }
    // One approves the bar; then another venue's upload takes its place under the same case.
    let first = proposal(&town.desk(&publish));
    assert_eq!(approve(&first, "Tanaka.key").code, Some(0));
    assert_eq!(town.try_desk(&["reject", case, "--reason", "look again"]).code, Some(0));
    other.answer(&town.desk(&["case", "reissue", case]));
    town.desk(&["review", case]);
    approve(&first, "Ito.key").fails("has changed since");
    // The bar again: published, withdrawn, and an old proposal to raise it brings nothing back.
    assert_eq!(town.try_desk(&["reject", case, "--reason", "not the bar"]).code, Some(0));
    bar.answer(&town.desk(&["case", "reissue", case]));
    let raise = proposal(&town.desk(&["publish", "--yes", case, "--level", "cluster"]));
    assert_eq!(approve(&raise, "Tanaka.key").code, Some(0));
    for action in [&publish[..], &["withdraw", "--yes", case]] {
        let id = proposal(&town.desk(action));
        for key in ["Sato.key", "Ito.key"] {
            assert_eq!(approve(&id, key).code, Some(0));
        }
        if action == publish {
            town.try_desk(&["case", "close", case]).fails("withdraw it first");
        }
    }
    approve(&raise, "Ito.key").fails("has changed since");
    // Operators: a proposal of before does not bring a removed one back.
    let half = town.office.operator_key("Abe.key");
    let add = proposal(&town.desk(&["operator", "add", "Abe", "--public-half", &half]));
    let remove = proposal(&town.desk(&["operator", "remove", "Tanaka"]));
    for key in ["Sato.key", "Ito.key"] {
        assert_eq!(approve(&remove, key).code, Some(0));
    }
    approve(&add, "Ito.key").fails("has changed since");
    // What everybody follows needs approval as well.
    let policy = town.desk(&["policy", "set", "hyogo", "--yes"]);
    let name = town.desk(&["profile", "--name", "Other Office"]);
    let keys = town.desk(&["rotate-keys", "--yes"]);
    town.desk(&["patient", "enable", "--yes"]);
    assert_eq!(town.try_desk(&["patient", "open"]).code, Some(2), "not enabled yet");
    assert_eq!(town.desk(&["profile"])["name"], "Desk I");
    for key in ["Sato.key", "Ito.key"] {
        assert_eq!(approve(&proposal(&keys), key).code, Some(0));
    }
    approve(&proposal(&name), "Sato.key").fails("has changed since");
    approve(&proposal(&policy), "Sato.key").fails("has changed since");
    town.desk(&["journal"]);
}

#[test]
fn a_policy_is_checked_before_it_is_in_force() {
    let town = Town::new("Desk H", "plain");
    assert!(ids(&town.desk(&["policy", "list"])) >= 5);
    let osaka = town.office.noren(&["authority", "policy", "show", "osaka"], b"").out;
    town.office.write(
        "ours.toml",
        osaka.replace("retention", "retentoin").replace("version = 1", "version = 9"),
    );
    town.try_desk(&["policy", "set", "ours.toml", "--yes"]).fails("version");
    town.office.write("ours.toml", osaka.replace("Asia/Tokyo", "Asia/Osaka"));
    town.try_desk(&["policy", "set", "ours.toml", "--yes"]).fails("no time zone");
    town.try_desk(&["policy", "set", "nowhere", "--yes"]).fails("policy list");
    let check = town.try_desk(&["policy", "check", "osaka"]);
    assert_eq!(check.code, Some(1), "something is left open: {check:?}");
    town.desk(&["policy", "set", "kyoto-city", "--yes"]);
    assert_eq!(town.desk(&["profile"])["retention_days"], 30);
    let served = get(&format!("{}/v1/authority", town.url));
    assert_eq!(served, town.office.read("home/authority/profile"));
}

#[test]
fn what_is_for_good_is_shown_and_asked_before() {
    // [CLI-34] [CLI-11]
    let town = Town::new("Desk J", "plain");
    let fingerprint = town.desk(&["profile"])["fingerprint"].clone();
    let policy = || town.office.noren(&["authority", "policy", "show"], b"").out;
    let untouched = |what: &str| {
        assert_eq!(town.desk(&["profile"])["fingerprint"], fingerprint, "{what}");
        assert!(policy().contains("name = \"plain\""), "{what}");
    };
    let verbs: [(&[&str], &str); 3] = [
        (&["policy", "set", "kyoto-city"], "30 days instead of 14 days"),
        (&["policy", "set", "kyoto-city", "--no-push"], "30 days instead of 14 days"),
        (&["rotate-keys"], "at once and for good"),
    ];
    for (verb, words) in verbs {
        let refused = town.try_desk(verb);
        refused.fails("--yes");
        assert!(refused.err.contains(words), "{refused:?}");
        untouched("nobody agreed");
        let dry = town.office.noren(&[&["authority"], verb, &["--dry-run"]].concat(), b"");
        assert!(dry.code == Some(0) && dry.out.contains(words), "{dry:?}");
        untouched("only looked");
        let no = [&["authority"], verb].concat();
        if let Some((code, shown)) = at_terminal(&town.office, &no, "n\n") {
            assert!(code == Some(1) && shown.contains(words), "{shown}");
            untouched("a no at the terminal");
        }
    }
    let set = town.office.noren(&["authority", "policy", "set", "osaka", "--yes"], b"");
    assert!(set.code == Some(0) && set.out.contains("in force since "), "{set:?}");
    let check = town.office.noren(&["authority", "policy", "check", "osaka"], b"");
    assert_ne!(set.out, check.out);
    assert!(town.desk(&["policy", "set", "kyoto-city", "--yes"])["in_force_since"].is_u64());
    // With approvals: what waits for whom, and whoever approves is shown and asked the same.
    for name in ["Sato", "Ito"] {
        let half = town.office.operator_key(&format!("{name}.key"));
        town.desk(&["operator", "add", name, "--public-half", &half]);
    }
    town.desk(&["operator", "require", "2"]);
    for (verb, words) in [
        (&["policy", "set", "plain", "--yes"][..], "14 days instead of 30 days"),
        (&["rotate-keys", "--yes"], "at once and for good"),
    ] {
        let proposed = town.office.noren(&[&["authority"], verb].concat(), b"");
        assert_eq!(proposed.code, Some(0), "{proposed:?}");
        assert!(proposed.out.contains("0 of 2 approvals, 2 more from Ito, Sato"), "{proposed:?}");
        assert!(proposed.err.contains("nothing is done yet"), "{proposed:?}");
        assert!(policy().contains("name = \"kyoto-city\""));
        let list = town.desk(&["operator", "list"]);
        let id = list["proposals"][0]["proposal"].as_str().unwrap().to_owned();
        let refused = town.try_desk(&["approve", &id, "--key", "Sato.key"]);
        refused.fails("--yes");
        assert!(refused.err.contains(words), "{refused:?}");
        let drop = ["approve", &id, "--reject", "--key", "Sato.key"];
        assert_eq!(town.try_desk(&drop).code, Some(0));
    }
}

#[test]
fn a_case_that_staff_opened_says_that_no_policy_decided_it() {
    // [CLI-12]
    let town = Town::new("Desk K", "plain");
    let bar = town.venue("Bar Noren", &[]);
    let (from, to) = (at(19, 0), at(21, 0));
    let opened = town.desk(&["case", "open", "--venue", "a bar", "--from", &from, "--to", &to]);
    let case = opened["case"].as_str().unwrap();
    let replay = |file: &str| town.office.noren(&["authority", "replay", file], b"");
    town.office.noren(&["authority", "case", "show", case, "--out", "open.json"], b"");
    let ran = replay("open.json");
    assert!(ran.code == Some(0) && ran.out.contains("opened by staff"), "{ran:?}");
    let found = town.office.noren(&["inspect", "open.json"], b"");
    assert!(
        found.out.contains("staff decided it") || found.err.contains("staff decided it"),
        "{found:?}"
    );
    town.warn(&bar, &opened, &["--level", "attention"]);
    town.office.noren(&["authority", "case", "show", case, "--out", "told.json"], b"");
    let ran = replay("told.json");
    assert!(ran.code == Some(0) && ran.out.contains("keeps to its window"), "{ran:?}");
    let text = String::from_utf8(town.office.read("told.json")).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["window"] = serde_json::json!(document["published"]["window"]);
    let end = document["window"][1].as_u64().unwrap();
    document["window"][1] = (end - 60).into();
    town.office.write("narrow.json", document.to_string());
    let ran = replay("narrow.json");
    assert!(ran.code == Some(1) && ran.out.contains("goes beyond"), "{ran:?}");
}
