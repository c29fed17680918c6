//! From a published key to the notice on the screen, and what is refused.

use noren::keys::SignSecretKey;
use noren::log::{Origin, SignedCheckpoint, Witness};
use noren::messages::Level;
use serde_json::Value;

use super::world::{DAY, HOUR, NOON, World, document, follower, reopened, text};
use crate::failure::Code;
use crate::{Device, Key, Parcel, Round, see_kept};

fn notices(device: &Device, language: &str) -> Vec<Value> {
    let state = document(&device.state(vec![language.to_owned()]).expect("a state"));
    state["notices"].as_array().expect("a list").clone()
}

/// Answers the authority for an hour from noon on, and has it published.
fn warn(world: &mut World, trace: &str, level: Level) {
    let (codes, case) = world.codes(NOON, NOON + HOUR);
    let parcel = Parcel::new(trace.to_owned(), codes, &world.signed_profile(), NOON + 3.0 * HOUR);
    let sealed = parcel.expect("the right codes").seal().expect("sealed");
    world.publish(&case, &sealed, level);
}

fn visitor(world: &World, link: &str) -> Device {
    let mut device = follower(world);
    let entered = document(&device.check_in(link, None, None, NOON + 60.0).expect("a visit"));
    device.check_out(&text(&entered["visit"]), None, NOON + 1_800.0).expect("a visit");
    device
}

#[test]
fn the_whole_way_from_a_form_to_a_notice_a_withdrawal_and_new_keys() {
    // [VEN-1] [VEN-3] [MAT-8] [PUB-2] [PRO-6]
    let mut world = World::new();
    let (link, trace) = world.venue("Bar Noren");
    let mut device = visitor(&world, &link);
    world.look(&mut device, NOON + DAY).expect("a log");
    assert!(notices(&device, "en").is_empty(), "nothing is published");

    warn(&mut world, &trace, Level::Cluster);
    world.look(&mut device, NOON + DAY).expect("a log");
    let key = Key::device(Key::draw()).expect("a key");
    let mut device = reopened(&device, &key);
    let told = notices(&device, "ja");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["news"], &told[0]["level"]), (&"new".into(), &"cluster".into()));
    assert_eq!((&told[0]["text"], &told[0]["advice"]), (&"そこにいました".into(), &"Rest".into()));
    assert_eq!(told[0]["venue"]["description"], "Bar Noren");
    assert_eq!(told[0]["contacts"][0]["value"], "+81 6 0000 0000");
    assert_eq!(
        (&told[0]["overlapFrom"], &told[0]["overlapTo"]),
        (&1_700_049_660.into(), &1_700_051_400.into())
    );

    // Seen as it was shown: what comes meanwhile is news still.
    let (shown, id) = (device.shown(), text(&told[0]["id"]));
    world.rotate();
    warn(&mut world, &trace, Level::Withdrawn);
    world.look(&mut device, NOON + DAY).expect("a log with new keys");
    device.announce(&shown, vec![id.clone()]);
    let told = notices(&device, "en");
    assert_eq!((&told[0]["id"], &told[0]["news"]), (&id.clone().into(), &"withdrawn".into()));
    let shown = device.shown();
    device.announce(&shown, vec![id.clone()]);
    assert_eq!(
        notices(&device, "en").first().map(|notice| notice["news"].clone()),
        Some(Value::Null)
    );
    device.dismiss(&id).expect("a notice");
    assert!(notices(&device, "en").is_empty());
    assert_eq!(device.dismiss(&id).expect_err("gone").code, Code::NoSuchVisit);
}

#[test]
fn the_warned_and_others_ask_for_the_same() {
    // [WEB-3] [MAT-11]
    let mut world = World::new();
    let (link, trace) = world.venue("Bar Noren");
    warn(&mut world, &trace, Level::Cluster);
    world.append(vec![vec![7; 40]; 600]);
    let (mut warned, mut other) = (visitor(&world, &link), follower(&world));
    let asked = |world: &mut World, device: &mut Device| {
        world.asked.clear();
        world.look(device, NOON + DAY).expect("a log");
        world.asked.clone()
    };
    assert_eq!(asked(&mut world, &mut warned), asked(&mut world, &mut other));
    assert_eq!(asked(&mut world, &mut warned), asked(&mut world, &mut other));
    assert_eq!((notices(&warned, "en").len(), notices(&other, "en").len()), (1, 0));
}

/// A witness by its number, its verifier key, and how it cosigns the world's head.
fn cosigned(world: &World, seed: u8) -> (String, String) {
    let key = SignSecretKey::from_bytes(&[seed; 32]);
    let name = Origin::new(&format!("witness.example/{seed}")).expect("a name");
    let log = world.keys.log_public_keys();
    let head = SignedCheckpoint::verify(world.checkpoint.as_bytes(), &world.profile.origin, &log);
    let line = head.expect("signed").checkpoint().cosign(&name, &key, super::world::at(NOON + DAY));
    (Witness::new(name, key.public_key()).verifier_key(), line)
}

#[test]
fn a_device_takes_nothing_that_too_few_witnesses_have_seen() {
    // [WEB-26] [LOG-21] [LOG-24]
    let mut world = World::new();
    let (link, trace) = world.venue("Bar Noren");
    let mut device = visitor(&world, &link);
    let fingerprint = world.profile.fingerprint().to_string();
    let keys = [1, 2, 3].map(|seed| cosigned(&world, seed).0).join("\n");
    for (least, keys, why) in
        [(0, keys.as_str(), "of none"), (4, &keys, "more"), (1, "bar", "no key")]
    {
        let refused = device.ask_witnesses(&fingerprint, least, keys).expect_err(why);
        assert_eq!(refused.code, Code::BadForm, "{}", refused.detail);
    }
    let own = Witness::new(world.profile.origin.clone(), world.profile.log_keys().clock);
    let refused = device.ask_witnesses(&fingerprint, 1, &own.verifier_key()).expect_err("itself");
    assert_eq!(refused.code, Code::BadForm, "{}", refused.detail);
    device.ask_witnesses(&fingerprint, 2, &keys).expect("a policy");
    warn(&mut world, &trace, Level::Cluster);
    let key = Key::device(Key::draw()).expect("a key");
    let mut device = reopened(&device, &key);
    let seen = document(&see_kept(&device.pinned(0).expect("a pin")).expect("a pin"));
    assert_eq!(
        (&seen["witnesses"]["least"], seen["witnesses"]["keys"].as_array().map(Vec::len)),
        (&2.into(), Some(3))
    );
    // A newer profile, followed again or served, asks for no fewer.
    device.follow(&world.signed_profile(), None).expect("known already");
    world.profile.issued = super::world::at(NOON + 60.0);
    let few = world.look(&mut device, NOON + DAY).expect_err("nobody has seen it");
    assert_eq!(few.code, Code::TooFewWitnesses);
    world.checkpoint.push_str(&cosigned(&world, 3).1);
    assert_eq!(
        world.look(&mut device, NOON + DAY).expect_err("one of two").code,
        Code::TooFewWitnesses
    );
    assert!(notices(&device, "en").is_empty(), "nothing was taken");
    world.checkpoint.push_str(&cosigned(&world, 1).1);
    world.look(&mut device, NOON + DAY).expect("two of three");
    assert_eq!(notices(&device, "en").len(), 1);
    assert_eq!(
        document(&device.state(Vec::new()).expect("a state"))["authorities"][0]["witnesses"]["least"],
        2
    );
    // Who asks for nobody any more says so.
    device.ask_witnesses(&fingerprint, 0, " ").expect("none");
    assert_eq!(device.pinned(0), Some(world.signed_profile()));
}

#[test]
fn a_log_that_forks_lags_or_lies_is_refused_and_changes_nothing() {
    // [LOG-6] [LOG-8] [CLI-41]
    let mut world = World::new();
    let (link, trace) = world.venue("Bar Noren");
    let mut device = visitor(&world, &link);
    let early = world.checkpoint.clone();
    warn(&mut world, &trace, Level::Cluster);
    world.look(&mut device, NOON + DAY).expect("a log");
    let before = device.vault.clone();
    let late = world.checkpoint.clone();

    world.checkpoint = early;
    assert_eq!(
        world.look(&mut device, NOON + DAY).expect_err("rolled back").code,
        Code::RefusedLog
    );
    world.checkpoint = late.replace("noren.example", "other.example");
    assert_eq!(world.look(&mut device, NOON + DAY).expect_err("forged").code, Code::RefusedLog);
    world.checkpoint = late;
    assert_eq!(
        world.look(&mut device, NOON + 60.0 * DAY).expect_err("stale").code,
        Code::RefusedLog
    );
    let fingerprint = world.profile.fingerprint().to_string();
    let mut round = Round::download(&device, &fingerprint, NOON + 60.0 * DAY).expect("followed");
    let clock = world.read(&mut round, NOON + DAY).expect_err("the server's clock says otherwise");
    assert_eq!(clock.code, Code::Clock);
    assert!(device.vault == before, "nothing was taken");
    assert_eq!(round.finish(&mut device).expect_err("refused").code, Code::RefusedLog);
}

#[test]
fn of_two_looks_the_slower_one_begins_again() {
    let mut world = World::new();
    let (link, trace) = world.venue("Bar Noren");
    let mut device = visitor(&world, &link);
    warn(&mut world, &trace, Level::Cluster);
    let fingerprint = world.profile.fingerprint().to_string();
    let mut slow = Round::matching(&device, &fingerprint, NOON + DAY).expect("followed");
    world.read(&mut slow, NOON + DAY).expect("a log");
    world.look(&mut device, NOON + DAY).expect("a log");
    let failure = slow.finish(&mut device).expect_err("overtaken");
    assert_eq!((failure.code, failure.detail.as_str()), (Code::Defect, "overtaken"));
    let mut round = Round::matching(&device, &fingerprint, NOON + DAY).expect("followed");
    world.read(&mut round, NOON + DAY).expect("a log");
    device.unfollow(&fingerprint).expect("followed");
    assert_eq!(round.finish(&mut device).expect_err("unfollowed").code, Code::OtherAuthority);
}

#[test]
fn a_slip_is_tried_on_the_whole_log_and_leaves_nothing() {
    // [WEB-8]
    let mut world = World::new();
    let (link, trace) = world.venue("Bar Noren");
    warn(&mut world, &trace, Level::Cluster);
    let device = follower(&world);
    let warned = |world: &mut World, from: f64, to: f64| {
        let mut slip = device.for_slip(&link, from, to, NOON + DAY).expect("a slip");
        world.asked.clear();
        world.look(&mut slip, NOON + DAY).expect("a log");
        let found = document(&slip.warned(vec!["en".to_owned()]).expect("notices"));
        (found.as_array().expect("a list").len(), world.asked.clone())
    };
    let (then, asked_then) = warned(&mut world, NOON + 600.0, NOON + 1_200.0);
    let (before, asked_before) = warned(&mut world, NOON - 3.0 * HOUR, NOON - 2.0 * HOUR);
    assert_eq!((then, before), (1, 0));
    world.asked.clear();
    world.look(&mut follower(&world), NOON + DAY).expect("a log");
    assert_eq!((&asked_then, &asked_before), (&world.asked, &world.asked));
    assert!(device.vault.is_empty());
    let slip =
        |from, to| device.for_slip(&link, from, to, NOON + DAY).err().map(|failure| failure.code);
    assert_eq!(slip(NOON, NOON + 13.0 * HOUR), Some(Code::WrongTime));
    assert_eq!(slip(NOON + 23.0 * HOUR, NOON + 25.0 * HOUR), Some(Code::WrongTime));
    let stranger = Device::new().for_slip(&link, NOON, NOON + HOUR, NOON + DAY);
    assert_eq!(stranger.err().map(|failure| failure.code), Some(Code::OtherAuthority));
}
