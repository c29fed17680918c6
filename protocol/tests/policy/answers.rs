//! Windows, clusters, cover, texts and digests: what a policy answers.

use noren::authority::{Cover, Policy, Premises, Verdict, Watch};
use noren::messages::{Level, VenueKind};
use noren::{UnixSeconds, Window};
use sha2::{Digest, Sha256};

use crate::{file, shipped};

fn parse(text: &str) -> Policy {
    Policy::from_toml(text).expect("a sound policy")
}

/// A window in hours since the start of a day.
fn hours(start: u64, end: u64) -> Window {
    let day = UnixSeconds::new(1_600_000_000 / 86_400 * 86_400).expect("a time");
    Window::new(day.plus(start * 3_600), day.plus(end * 3_600)).expect("a window")
}

#[test]
fn the_local_day_rule_takes_the_day_and_what_goes_past_midnight() {
    // [POL-6]
    let policy = shipped("osaka");
    assert_eq!(policy.window(hours(19, 21), hours(0, 24)), hours(0, 24));
    assert_eq!(policy.window(hours(22, 26), hours(0, 24)), hours(0, 26));
    // A day of 23 or 25 hours is the caller's.
    assert_eq!(policy.window(hours(3, 4), hours(0, 25)), hours(0, 25));
}

#[test]
fn the_stay_rule_takes_the_stay_and_its_margin() {
    // [POL-6]
    let plain = shipped("plain");
    assert_eq!(plain.window(hours(22, 26), hours(0, 24)), hours(22, 26));
    let margin = "decision = \"staff\"\n[window]\nrule = \"stay\"\nmargin_minutes = 60\n\
                  minimum_overlap_minutes = 15\n";
    let policy = parse(&file(margin));
    assert_eq!(policy.window(hours(19, 21), hours(0, 24)), hours(18, 22));
    assert_eq!(policy.minimum_overlap(), 900);
    let first = Window::new(UnixSeconds::default(), UnixSeconds::MAX).expect("a window");
    assert_eq!(policy.window(first, first), first, "time has two ends");
}

#[test]
fn enough_reports_are_a_cluster_whoever_decides_and_whatever_the_size() {
    // [POL-4]
    let cluster = "[cluster]\nreports = 5\n";
    let row = "[[threshold]]\nkinds = [\"bar\"]\nmeasure = \"seats\"\nbands = [{ reports = 2 }]\n";
    let verdict = |decision: &str, reports| {
        let policy = parse(&file(&format!("{decision}{cluster}")));
        let bar = Premises { kind: VenueKind::Bar, size: None };
        policy.evaluate(&bar, reports)
    };
    let staff = |reports| verdict("decision = \"staff\"\n", reports);
    let table = |reports| verdict(&format!("decision = \"thresholds\"\n{row}"), reports);
    assert_eq!(staff(4).verdict, Verdict::Staff);
    assert_eq!(staff(5).verdict, Verdict::Reached(Level::Cluster));
    assert_eq!(table(4).verdict, Verdict::Unset);
    assert_eq!(table(5).verdict, Verdict::Reached(Level::Cluster));
    assert_eq!(table(7).to_string(), "7 of 5 reports, bar → cluster");
}

#[test]
fn defaults_hold_where_a_file_says_nothing() {
    // [POL-2]
    let policy = parse(&file("decision = \"staff\"\n"));
    assert_eq!(policy.retention_days(), 14);
    assert_eq!(policy.checkpoint_max_age(), 86_400);
    assert_eq!(policy.minimum_overlap(), 0);
    assert_eq!(policy.window(hours(1, 2), hours(0, 24)), hours(1, 2));
    assert!(!policy.names_venue(Level::Cluster));
    assert!(policy.names_date(Level::Attention));
    assert_eq!(policy.watch(), Watch { reports: 2, days: 7 });
    assert_eq!(policy.cover(), None);
    assert_eq!((policy.contacts(), policy.left_open()), (&[][..], &[][..]));
    let short = parse(&file("decision = \"staff\"\nretention_days = 3\n"));
    assert_eq!(short.watch(), Watch { reports: 2, days: 3 });
}

#[test]
fn settings_come_out_as_they_went_in() {
    // [POL-2] [POL-8]
    let policy = parse(&file(
        "decision = \"staff\"\nretention_days = 21\ncheckpoint_max_age_hours = 6\n\
         [watch]\nreports = 3\ndays = 10\n[cover]\nmultiple = 16\ndays = 14\n\
         [[contact]]\nlevel = \"cluster\"\nlanguage = \"ja\"\nlabel = \"a\"\nvalue = \"b\"\n\
         [[open]]\nsetting = \"c\"\nwhy = \"d\"\n",
    ));
    assert_eq!((policy.retention_days(), policy.checkpoint_max_age()), (21, 21_600));
    assert_eq!(policy.watch(), Watch { reports: 3, days: 10 });
    assert_eq!(policy.cover(), Some(Cover { multiple: 16, days: 14 }));
    let [contact] = policy.contacts() else { panic!("one contact") };
    assert_eq!((contact.level, contact.value.as_str()), (Some(Level::Cluster), "b"));
    assert_eq!(contact.hours, "");
    let [open] = policy.left_open() else { panic!("one open setting") };
    assert_eq!((open.setting.as_str(), open.why.as_str()), ("c", "d"));
}

#[test]
fn own_texts_take_the_place_of_the_standard_ones() {
    // [POL-9]
    let own = "decision = \"staff\"\n\
               [[text]]\nlevel = \"attention\"\nlanguage = \"EN\"\nadvice = \"Call us.\"\n\
               [[text]]\nlevel = \"attention\"\nlanguage = \"fr\"\ntext = \"un\"\n\
               [[text]]\nlevel = \"cluster\"\nlanguage = \"fr\"\ntext = \"deux\"\n\
               [[text]]\nlevel = \"withdrawn\"\nlanguage = \"fr\"\ntext = \"trois\"\nadvice = \"\"\n";
    let policy = parse(&file(own));
    let standard = parse(&file("decision = \"staff\"\n"));
    assert_eq!(policy.texts().len(), standard.texts().len() + 3);
    let changed: Vec<_> =
        standard.texts().iter().filter(|text| !policy.texts().contains(text)).collect();
    let [old] = changed[..] else { panic!("one text has changed: {changed:?}") };
    let mut texts = policy.texts().iter();
    let new = texts.find(|text| text.language == "EN").expect("the policy's own");
    assert_eq!((new.level, &new.text, new.advice.as_str()), (old.level, &old.text, "Call us."));
    assert_eq!(policy.texts()[18].text, "un");
}

#[test]
fn the_digest_is_that_of_the_bytes() {
    // [POL-10]
    let text = file("decision = \"staff\"\n");
    assert_eq!(parse(&text).digest(), <[u8; 32]>::from(Sha256::digest(&text)));
    assert_ne!(parse(&text).digest(), parse(&format!("{text}# a comment\n")).digest());
}

#[test]
fn the_specification_shows_a_policy() {
    // [POL-1]
    let page = include_str!("../../../spec/policy.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let policy = parse(example.expect("an example"));
    assert_eq!((policy.name(), policy.minimum_overlap()), ("example", 900));
    let hall = Premises { kind: VenueKind::LiveHouse, size: None };
    assert_eq!(policy.evaluate(&hall, 1).verdict, Verdict::Unset);
    assert_eq!(policy.evaluate(&hall, 5).verdict, Verdict::Reached(Level::Cluster));
}
