//! What the shipped files say, beside Osaka's table.

use noren::authority::{Policy, Premises, Size, Verdict, Watch};
use noren::log::Origin;
use noren::messages::Level::{Attention, Cluster, Withdrawn};
use noren::messages::VenueKind;
use noren::{AuthorityKeys, UnixSeconds};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;

use super::shipped;

const LANGUAGES: [&str; 6] = ["ja", "en", "zh", "ko", "pt", "vi"];

#[test]
fn every_shipped_file_is_a_policy_of_its_own_name() {
    // [POL-11]
    let names: Vec<&str> = Policy::shipped().iter().map(|each| each.name).collect();
    assert_eq!(names, ["plain", "osaka", "hyogo", "kyoto-prefecture", "kyoto-city"]);
    for each in Policy::shipped() {
        let policy = Policy::from_toml(each.toml).expect("a sound policy");
        assert_eq!(policy.name(), each.name);
        assert_eq!(policy.toml(), each.toml);
        assert_eq!(policy.time_zone(), "Asia/Tokyo");
    }
}

#[test]
fn what_nobody_published_is_left_out_and_listed() {
    // [POL-11]
    for name in ["osaka", "hyogo", "kyoto-prefecture", "kyoto-city"] {
        let policy = shipped(name);
        assert_eq!(policy.contacts(), [], "no telephone number was seen");
        assert_eq!((policy.cover(), policy.release()), (None, None));
        assert_eq!(policy.checkpoint_max_age(), 86_400);
        assert_eq!(policy.minimum_overlap(), 0);
        assert_eq!(policy.watch(), Watch { reports: 2, days: 7 });
        let open =
            |setting: &str| policy.left_open().iter().any(|each| each.setting.starts_with(setting));
        for setting in ["cluster.reports", "contact", "retention_days", "text", "cover", "release"]
        {
            assert!(open(setting), "{name}: {setting}");
        }
        assert_eq!(policy.retention_days(), if name == "kyoto-city" { 30 } else { 14 });
        let bar = Premises { kind: VenueKind::Bar, size: None };
        assert_ne!(policy.evaluate(&bar, 1_000).verdict, Verdict::Reached(Cluster));
    }
}

#[test]
fn each_names_venue_and_date_as_it_did() {
    // [POL-7]
    for (name, venue, date) in [
        ("plain", [false, true, false], [true, true, true]),
        ("osaka", [false, true, false], [false, true, false]),
        ("hyogo", [true, true, true], [true, true, true]),
        ("kyoto-prefecture", [false, false, false], [true, true, true]),
        ("kyoto-city", [false, true, false], [true, true, true]),
    ] {
        let policy = shipped(name);
        let levels = [Attention, Cluster, Withdrawn];
        assert_eq!(levels.map(|level| policy.names_venue(level)), venue, "{name}");
        assert_eq!(levels.map(|level| policy.names_date(level)), date, "{name}");
    }
}

#[test]
fn every_level_has_text_and_advice_in_every_language() {
    // [POL-9]
    for each in Policy::shipped() {
        let policy = shipped(each.name);
        assert_eq!(policy.texts().len(), 18);
        for level in [Attention, Cluster, Withdrawn] {
            for language in LANGUAGES {
                let mut texts = policy.texts().iter();
                let text = texts.find(|text| text.level == level && text.language == language);
                let text = text.expect("a text");
                assert!(!text.text.is_empty() && !text.advice.is_empty());
            }
        }
    }
}

#[test]
fn each_advises_what_it_did() {
    // [POL-9] [POL-11]
    for (name, level, word) in [
        ("osaka", Cluster, "consultation centre, whether or not you have symptoms"),
        ("hyogo", Attention, "call centre"),
        ("hyogo", Cluster, "returnees and contacts"),
        ("kyoto-prefecture", Attention, "dedicated consultation line"),
        ("kyoto-city", Attention, "a doctor or a health centre"),
    ] {
        let policy = shipped(name);
        let english = |level| {
            let mut texts = policy.texts().iter();
            texts.find(|text| text.level == level && text.language == "en").expect("a text")
        };
        assert!(english(level).advice.contains(word), "{name}: {}", english(level).advice);
        let standard = shipped("plain");
        assert!(standard.texts().iter().any(|text| text.text == english(level).text), "{name}");
    }
}

#[test]
fn staff_decide_where_no_number_was_published() {
    // [POL-4]
    for name in ["plain", "hyogo", "kyoto-prefecture", "kyoto-city"] {
        let hall = Premises { kind: VenueKind::LiveHouse, size: Some(Size::Seats(250)) };
        let finding = shipped(name).evaluate(&hall, 3);
        assert_eq!(finding.verdict, Verdict::Staff);
        assert_eq!(finding.to_string(), "3 reports, live house with 250 seats → staff decide");
    }
}

#[test]
fn a_profile_takes_what_a_policy_gives() {
    // [POL-2] [POL-9]
    let keys = AuthorityKeys::generate(&mut ChaCha20Rng::from_seed([7; 32]));
    for each in Policy::shipped() {
        let policy = shipped(each.name);
        let origin = Origin::new("health.example/noren").expect("an origin");
        let (url, issued) = ("https://health.example", UnixSeconds::default());
        let mut profile = keys.profile(policy.title(), origin, url, issued);
        policy.write_into(&mut profile);
        profile.sign(&keys).expect("within the profile's limits");
        let said = (profile.retention_days, profile.checkpoint_max_age, profile.minimum_overlap);
        let says = (policy.retention_days(), policy.checkpoint_max_age(), policy.minimum_overlap());
        assert_eq!(said, says, "{}", each.name);
        assert_eq!(profile.time_zone, policy.time_zone(), "{}", each.name);
        assert_eq!(
            (&profile.texts[..], &profile.contacts[..]),
            (policy.texts(), policy.contacts())
        );
    }
}
