//! Codes, visits, the diary, and keys.

use serde_json::Value;

use super::world::{DAY, HOUR, NOON, World, document, follower, reopened, text};
use crate::failure::Code;
use crate::{Device, Key, see_authority};

fn state(device: &Device) -> Value {
    document(&device.state(vec!["en".to_owned()]).expect("a state"))
}

#[test]
fn a_code_is_read_and_its_visit_goes_from_open_to_closed() {
    // [WEB-2] [VIS-4] [VIS-5]
    let world = World::new();
    let (link, _) = world.venue("Bar Noren");
    let mut device = follower(&world);
    let poster = document(&device.read_poster(&link, None, NOON).expect("a poster"));
    assert_eq!(poster["venue"]["description"], "Bar Noren");
    assert_eq!((&poster["venue"]["room"], &poster["venue"]["kind"]), (&"2F".into(), &"bar".into()));
    assert_eq!(poster["authority"], "Health office");
    assert_eq!((&poster["isValidNow"], &poster["typicalStay"]), (&true.into(), &5_400.into()));
    assert!(device.vault.is_empty(), "reading keeps nothing");

    let entered = document(&device.check_in(&link, None, None, NOON).expect("a visit"));
    assert_eq!((&entered["wasOpen"], &entered["arrival"]), (&false.into(), &1_700_049_600.into()));
    assert_eq!(entered["departure"], 1_700_049_600 + 5_400);
    let key = Key::device(Key::draw()).expect("a key");
    let mut device = reopened(&device, &key);
    let again = document(&device.check_in(&link, None, None, NOON + 60.0).expect("a visit"));
    assert_eq!((&again["wasOpen"], &again["visit"]), (&true.into(), &entered["visit"]));
    let here = document(&device.read_poster(&link, None, NOON + 60.0).expect("a poster"));
    assert_eq!(here["openVisit"], entered["visit"]);

    let visit = text(&entered["visit"]);
    device.correct_arrival(&visit, NOON - 600.0, NOON + 60.0).expect("an earlier arrival");
    device.plan_check_out(&visit, NOON + HOUR, NOON + 60.0).expect("a plan");
    assert_eq!(state(&device)["open"][0]["automaticDeparture"], 1_700_049_600 + 3_600);
    assert!(!device.wake(NOON + 70.0).expect("a time"), "nothing is due");
    assert!(device.wake(NOON + HOUR + 1.0).expect("a time"), "the visit has ended");
    let shown = state(&device);
    assert_eq!(shown["open"], Value::Array(Vec::new()));
    assert_eq!(
        (&shown["closed"][0]["id"], &shown["closed"][0]["hours"]),
        (&visit.clone().into(), &3.into())
    );
    device.forget_visit(&visit).expect("a visit");
    assert_eq!(device.forget_visit(&visit).expect_err("forgotten").code, Code::NoSuchVisit);
}

#[test]
fn what_is_no_code_or_not_for_visitors_is_refused_by_name() {
    // [PST-6]
    let world = World::new();
    let (link, trace) = world.venue("Bar Noren");
    let mut device = follower(&world);
    let damaged = format!("{}AAAA", &link[..link.len() - 9]);
    for (text, code) in [
        ("", Code::NotACode),
        ("https://example.org/", Code::NotACode),
        ("WIFI:T:WPA;S:guest;P:secret;;", Code::NotACode),
        (&damaged, Code::NotACode),
        (&trace, Code::PrivateCode),
    ] {
        assert_eq!(device.read_poster(text, None, NOON).expect_err(text).code, code);
        let failure = device.check_in(text, None, None, NOON).expect_err(text);
        assert_eq!(failure.code, code);
        assert!(!failure.detail.contains(&trace), "no secret in an error");
    }
    let late = device.check_in(&link, None, None, NOON + 400.0 * DAY).expect_err("expired");
    assert_eq!(late.code, Code::NoLongerValid);
    let early = device.check_in(&link, None, None, NOON - 3.0 * DAY).expect_err("too early");
    assert_eq!(early.code, Code::NotYetValid);
    for (arrival, departure) in [
        (NOON + 60.0, None),
        (NOON, Some(NOON - 60.0)),
        (NOON, Some(NOON + 13.0 * HOUR)),
        (f64::NAN, None),
    ] {
        let failure = device.check_in(&link, Some(arrival), departure, NOON).expect_err("a time");
        assert_eq!(failure.code, Code::WrongTime, "{arrival} {departure:?}");
    }
    assert_eq!(device.check_in(&link, None, None, -1.0).expect_err("no time").code, Code::Clock);
    assert!(device.vault.is_empty());
}

#[test]
fn who_was_there_earlier_makes_a_visit_that_is_over() {
    let world = World::new();
    let (link, _) = world.venue("Bar Noren");
    let mut device = follower(&world);
    let earlier = device.check_in(&link, Some(NOON - 5.0 * HOUR), Some(NOON - 4.0 * HOUR), NOON);
    let earlier = document(&earlier.expect("a visit"));
    assert_eq!(earlier["departure"], 1_700_049_600 - 4 * 3_600);
    assert_eq!(state(&device)["closed"][0]["id"], earlier["visit"]);
    let gone = device.check_in(&link, Some(NOON - 0.5 * DAY), None, NOON + 30.0 * DAY);
    assert_eq!(gone.expect_err("not kept so long").code, Code::TooOld);
}

#[test]
fn another_place_on_the_same_host_is_another_authority() {
    // [VIS-9]
    let mut world = World::new();
    world.profile.url = "https://health.example/osaka".to_owned();
    let (link, _) = world.venue("Bar Noren");
    let device = follower(&world);
    let named = |link: &str| {
        document(&device.read_poster(link, None, NOON).expect(link))["authority"].clone()
    };
    assert_eq!(named(&link), "Health office");
    assert_eq!(
        named(&link.replace("https://health.example", "HTTPS://Health.Example:443")),
        "Health office"
    );
    for other in
        ["https://health.example/osaka2", "https://health.example", "http://health.example/osaka"]
    {
        assert_eq!(
            named(&link.replace("https://health.example/osaka", other)),
            Value::Null,
            "{other}"
        );
    }
    let own = Device::new().read_poster(&link, Some(world.signed_profile()), NOON);
    assert_eq!(document(&own.expect("a poster"))["authority"], "Health office");
}

#[test]
fn a_passphrase_takes_the_place_of_the_devices_key() {
    // [VLT-2]
    let world = World::new();
    let (link, _) = world.venue("Bar Noren");
    let mut device = follower(&world);
    device.check_in(&link, None, None, NOON).expect("a visit");
    let short = Key::passphrase("short".to_owned()).err().expect("too short");
    assert_eq!(short.code, Code::ShortPassphrase);
    let key = Key::passphrase("correct horse".to_owned()).expect("a key");
    let sealed = device.seal_vault(&key).expect("sealed");
    assert!(Key::is_asked_for(&sealed).expect("a vault") && key.fits(&sealed).expect("a vault"));
    for wrong in ["correct house", "", "   "] {
        let failure = Key::unlock(&sealed, wrong.to_owned()).err().expect("wrong");
        assert_eq!(failure.code, Code::WrongPassphrase, "{wrong:?}");
    }
    let unlocked = Key::unlock(&sealed, "correct horse".to_owned()).expect("the passphrase");
    assert_eq!(Device::open(&sealed, None, &unlocked).expect("a vault").vault, device.vault);
    let own = Key::device(Key::draw()).expect("a key");
    assert!(!own.fits(&sealed).expect("a vault"));
    assert_eq!(Device::open(&sealed, None, &own).err().expect("another").code, Code::Damaged);
    assert_eq!(Key::device(vec![1; 31]).err().expect("short").code, Code::Damaged);
    assert_eq!(
        Key::unlock(b"NOREN", "correct horse".to_owned()).err().expect("none").code,
        Code::Damaged
    );
}

#[test]
fn a_diary_is_kept_by_choice_and_sealed_apart() {
    // [DIA-1] [DIA-2] [DIA-4]
    let world = World::new();
    let (link, _) = world.venue("Bar Noren");
    let mut device = follower(&world);
    let key = Key::device(Key::draw()).expect("a key");
    assert!(device.seal_diary(&key).expect("none").is_none());
    device.record_diary(true);
    let entered = document(&device.check_in(&link, None, None, NOON).expect("a visit"));
    let visit = text(&entered["visit"]);
    device.check_out(&visit, None, NOON + 600.0).expect("a visit");
    device.note_diary(&visit, "with Aki").expect("an entry");
    let mut device = reopened(&device, &key);
    let entry = state(&device)["diary"][0].clone();
    assert_eq!(
        (&entry["venue"]["description"], &entry["note"]),
        (&"Bar Noren".into(), &"with Aki".into())
    );
    let long = device.note_diary(&visit, &"x".repeat(201)).expect_err("too long");
    assert_eq!(long.code, Code::BadForm);
    device.record_diary(false);
    assert_eq!(state(&device)["isRecordingDiary"], false);
    device.forget_diary(&visit).expect("an entry");
    assert_eq!(device.forget_diary(&visit).expect_err("gone").code, Code::NoSuchVisit);
    device.record_diary(false);
    assert!(device.seal_diary(&key).expect("none").is_none(), "an empty diary that is off is none");
}

#[test]
fn an_authority_is_followed_by_its_fingerprint_and_no_other_takes_its_place() {
    // [PRO-2] [PRO-5]
    let mut world = World::new();
    let seen = document(&see_authority(&world.signed_profile()).expect("a profile"));
    let fingerprint = text(&seen["fingerprint"]);
    let mut device = Device::new();
    let wrong = device.follow(&world.signed_profile(), Some("0000".to_owned()));
    assert_eq!(wrong.expect_err("another").code, Code::WrongFingerprint);
    device.follow(&world.signed_profile(), Some(fingerprint.clone())).expect("the right one");
    device.follow(&world.signed_profile(), None).expect("known already");
    assert_eq!(device.followed(), 1);
    let impostor = noren::AuthorityKeys::generate(&mut world.rng);
    let (origin, url) = (world.profile.origin.clone(), "https://elsewhere.example");
    let other = impostor.profile("Health office", origin, url, super::world::at(NOON));
    let other = other.sign(&impostor).expect("a profile");
    assert_eq!(
        device.follow(other.as_bytes(), None).expect_err("same origin").code,
        Code::RefusedLog
    );
    device.unfollow(&fingerprint).expect("followed");
    assert_eq!(device.unfollow(&fingerprint).expect_err("not any more").code, Code::OtherAuthority);
    assert_eq!(see_authority(b"{}").expect_err("no profile").code, Code::RefusedLog);
}
