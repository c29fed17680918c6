//! A round of all followed authorities in one call, and what a program in another language is told.

use std::convert::Infallible;

use noren::keys::SignSecretKey;
use noren::log::{Checkpoint, CheckpointError, Origin, Witness, WitnessPolicy, with_cosignatures};
use noren::messages::{Layout, Level};
use noren::profile::PinError;
use noren::visitor::{File, News, PlainExposure, Stay, SyncError, Vault, Wanted, sync_all};
use noren::{Pin, SignedProfile};

use super::world::{DAY, HOUR, NOON, World, at, window};

/// Two authorities with servers at different addresses.
fn two() -> [World; 2] {
    let mut worlds = [World::with_seed(7), World::with_seed(8)];
    for (world, name) in worlds.iter_mut().zip(["a", "b"]) {
        world.profile.url = format!("https://{name}.example");
    }
    worlds
}

fn followed(worlds: &[World; 2]) -> [Pin; 2] {
    [worlds[0].pin(), worlds[1].pin()]
}

/// What the servers of these authorities hand out under an address.
fn served(worlds: &[World; 2], address: &str) -> Option<Vec<u8>> {
    worlds.iter().find_map(|world| {
        let path = address.strip_prefix(&format!("{}/", world.profile.url))?;
        let file = match path {
            "v1/authority" => File::Profile,
            "checkpoint" => File::Checkpoint,
            other => File::Entries(other.parse().unwrap()),
        };
        world.file(&Wanted { file, may_be_kept: false })
    })
}

/// Warns of a bar's evening in the name of one of the authorities; a code of the bar.
fn warn(world: &mut World) -> noren::EntryCode {
    let (code, trace_code) = world.venue("Bar Noren", None);
    let evening = window(NOON, NOON + HOUR);
    let review = world.review(&trace_code, evening);
    world.publish(&review, evening, Level::Cluster, Layout::WithTimes);
    code
}

/// A round at the next noon; the addresses that were asked, in their order.
fn round(
    vault: &mut Vault,
    followed: &mut [Pin],
    worlds: &mut [World; 2],
) -> (Vec<Result<u64, SyncError>>, Vec<String>) {
    let mut asked = Vec::new();
    let mut rng = worlds[0].rng.clone();
    let outcomes = sync_all(vault, followed, at(NOON + DAY), &mut rng, |address| {
        asked.push(address.to_owned());
        Ok::<_, Infallible>(served(worlds, address))
    });
    let outcomes = outcomes.unwrap().into_iter();
    (outcomes.map(|outcome| outcome.map(|summary| summary.new_entries)).collect(), asked)
}

#[test]
fn a_visit_that_is_entered_late_is_found_by_every_authority() {
    // [MAT-8] [VLT-9]
    let mut worlds = two();
    let codes = [warn(&mut worlds[0]), warn(&mut worlds[1])];
    let mut pinned = followed(&worlds);
    let mut vault = Vault::new();
    let (outcomes, _) = round(&mut vault, &mut pinned, &mut worlds);
    assert_eq!(outcomes, [Ok(1), Ok(1)]);
    assert!(vault.news(&pinned).is_empty(), "nobody was anywhere");
    let stay = Stay::new(at(NOON + 600), at(NOON + 1_800)).unwrap();
    for code in &codes {
        drop(vault.visit(code, stay, &mut worlds[0].rng).unwrap());
    }
    let (outcomes, _) = round(&mut vault, &mut pinned, &mut worlds);
    assert_eq!(outcomes, [Ok(0), Ok(0)]);
    let news = vault.news(&pinned);
    assert_eq!(news.len(), 2, "{news:?}");
    for (what, exposure) in &news {
        assert_eq!((*what, exposure.stay), (News::New, stay));
        vault.announce(exposure);
    }
    round(&mut vault, &mut pinned, &mut worlds);
    assert!(vault.news(&pinned).is_empty(), "told once");
}

#[test]
fn what_is_asked_for_is_the_same_for_the_warned_and_for_others() {
    // [MAT-11]
    let mut worlds = two();
    let codes = [warn(&mut worlds[0]), warn(&mut worlds[1])];
    let mut pinned = followed(&worlds);
    let (mut warned, mut other) = (Vault::new(), Vault::new());
    for code in &codes {
        worlds[0].visit(&mut warned, code, NOON + 600, NOON + 1_800);
    }
    let (_, by_other) = round(&mut other, &mut pinned, &mut worlds);
    let (_, by_warned) = round(&mut warned, &mut pinned, &mut worlds);
    assert_eq!((warned.exposures().len(), other.exposures().len()), (2, 0));
    assert_eq!(by_warned, by_other);
    // Everything of the first, then everything of the second, and each file once.
    let of_first = by_warned.iter().take_while(|it| it.starts_with("https://a.")).count();
    assert!(of_first >= 3 && by_warned[of_first..].iter().all(|it| it.starts_with("https://b.")));
    let once: std::collections::BTreeSet<&String> = by_warned.iter().collect();
    assert_eq!(once.len(), by_warned.len(), "{by_warned:?}");
}

#[test]
fn one_authority_that_cannot_be_read_keeps_nobody_from_the_others() {
    let mut worlds = two();
    let code = warn(&mut worlds[1]);
    let mut pinned = followed(&worlds);
    let mut vault = Vault::new();
    worlds[1].visit(&mut vault, &code, NOON + 600, NOON + 1_800);
    worlds[0].checkpoint = worlds[1].checkpoint.clone();
    let (outcomes, _) = round(&mut vault, &mut pinned, &mut worlds);
    assert!(matches!(outcomes[..], [Err(SyncError::Checkpoint(_)), Ok(1)]), "{outcomes:?}");
    assert_eq!(vault.news(&pinned).len(), 1);
}

#[test]
fn a_round_that_is_cut_off_at_any_request_and_begun_again_finds_the_same() {
    // [MAT-10]
    let mut worlds = two();
    let codes = [warn(&mut worlds[0]), warn(&mut worlds[1])];
    worlds[1].append(vec![vec![7; 40]; 600]);
    worlds[0].rotate();
    let begun_with = followed(&worlds);
    let mut begun = Vault::new();
    for code in &codes {
        worlds[0].visit(&mut begun, code, NOON + 600, NOON + 1_800);
    }
    let (mut right, mut pinned) = (begun.clone(), begun_with.clone());
    let (_, asked) = round(&mut right, &mut pinned, &mut worlds);
    assert_eq!((right.exposures().len(), asked.len() > 6), (2, true), "{asked:?}");
    for (cut, missed) in asked.iter().enumerate() {
        let (mut vault, mut pinned) = (begun.clone(), begun_with.clone());
        let mut requests = 0;
        let mut rng = worlds[0].rng.clone();
        let outcomes = sync_all(&mut vault, &mut pinned, at(NOON + DAY), &mut rng, |address| {
            requests += 1;
            if requests <= cut { Ok(served(&worlds, address)) } else { Err("no network") }
        });
        let failed = outcomes.unwrap().into_iter().filter_map(Result::err).next();
        let Some(SyncError::Unreachable { address, reason }) = failed else { panic!("{failed:?}") };
        assert_eq!((&address, reason.as_str()), (missed, "no network"));
        for _ in 0..2 {
            round(&mut vault, &mut pinned, &mut worlds);
            assert_eq!(vault, right, "cut before request {cut}");
        }
    }
}

#[test]
fn a_server_that_cannot_give_old_entries_keeps_nobody_from_new_ones() {
    // [LOG-7] [VLT-9]
    let mut worlds = two();
    let old = warn(&mut worlds[0]);
    worlds[0].append(vec![vec![7; 40]; 300]);
    let (mut vault, mut pinned) = (Vault::new(), followed(&worlds));
    round(&mut vault, &mut pinned, &mut worlds);
    let new = warn(&mut worlds[0]);
    for (code, minutes) in [(&old, 10), (&new, 20)] {
        let stay = Stay::new(at(NOON), at(NOON + minutes * 60)).unwrap();
        drop(vault.visit(code, stay, &mut worlds[0].rng).unwrap());
    }
    let mut rng = worlds[0].rng.clone();
    let outcomes = sync_all(&mut vault, &mut pinned, at(NOON + DAY), &mut rng, |address| {
        let is_damaged = address.ends_with("/tile/entries/000");
        if is_damaged { Err("503 Service Unavailable") } else { Ok(served(&worlds, address)) }
    });
    let outcomes = outcomes.unwrap();
    assert!(outcomes[0].as_ref().unwrap().untried.is_some(), "{outcomes:?}");
    assert_eq!(vault.news(&pinned).len(), 1, "the new one");
    round(&mut vault, &mut pinned, &mut worlds);
    assert_eq!(vault.news(&pinned).len(), 2, "and the old one, once it can be had");
}

#[test]
fn keys_that_were_handed_over_are_pinned_in_the_place_of_the_old_ones() {
    // [PRO-5] [PRO-6]
    let mut worlds = two();
    let mut pinned = followed(&worlds);
    let old = worlds[0].rotate();
    let mut vault = Vault::new();
    let (outcomes, _) = round(&mut vault, &mut pinned, &mut worlds);
    assert_eq!(outcomes, [Ok(0), Ok(0)]);
    let now = pinned.each_ref().map(|pin| pin.profile().profile().fingerprint());
    assert_eq!(now, [worlds[0].fingerprint, worlds[1].fingerprint]);
    assert_ne!(now[0], old);
}

/// A witness by its number, and its key.
fn witness(seed: u8) -> (Witness, SignSecretKey) {
    let key = SignSecretKey::from_bytes(&[seed; 32]);
    let name = Origin::new(&format!("witness.example/{seed}")).unwrap();
    (Witness::new(name, key.public_key()), key)
}

/// The policy "two of these".
fn two_of(seeds: &[u8]) -> WitnessPolicy {
    let witnesses: Vec<Witness> = seeds.iter().map(|seed| witness(*seed).0).collect();
    WitnessPolicy::of(2, &witnesses).unwrap()
}

/// Has the head of a log cosigned.
fn cosign(world: &mut World, by: &[u8]) {
    let (origin, range) = (world.profile.origin.clone(), &world.position.range);
    let head = Checkpoint { origin, size: range.size(), root: range.root() };
    let line = |seed: &u8| {
        let (witness, key) = witness(*seed);
        head.cosign(witness.name(), &key, at(NOON + DAY))
    };
    let lines: Vec<String> = by.iter().map(line).collect();
    world.checkpoint = with_cosignatures(&world.checkpoint, &lines).unwrap();
}

#[test]
fn a_pin_takes_no_head_that_too_few_have_seen_whatever_profile_comes() {
    // [LOG-21] [LOG-24]
    let mut worlds = two();
    let code = warn(&mut worlds[0]);
    let [first, second] = followed(&worlds);
    let mut pinned = [first.asking_for(two_of(&[1, 2, 3])).unwrap(), second];
    let mut vault = Vault::new();
    worlds[0].visit(&mut vault, &code, NOON + 600, NOON + 1_800);
    let unseen = Err(SyncError::Checkpoint(CheckpointError::TooFewWitnesses));
    let before = vault.clone();
    for by in [&[][..], &[1], &[9, 8, 7]] {
        let note = worlds[0].checkpoint.clone();
        cosign(&mut worlds[0], by);
        let (outcomes, _) = round(&mut vault, &mut pinned, &mut worlds);
        assert_eq!(outcomes[0], unseen, "{by:?}");
        assert!(outcomes[1].is_ok(), "the other authority is read");
        assert!(vault.news(&pinned).is_empty());
        worlds[0].checkpoint = note;
    }
    assert_eq!(vault.exposures(), before.exposures());
    // What was kept asks for the same, and so does a pin with newer profiles, of the same keys or others.
    let kept = pinned[0].to_bytes().unwrap();
    pinned[0] = Pin::from_bytes(&kept).unwrap();
    worlds[0].profile.name = "Another name".to_owned();
    worlds[0].profile.issued = at(NOON + 60);
    assert_eq!(round(&mut vault, &mut pinned, &mut worlds).0[0], unseen);
    worlds[0].rotate();
    assert_eq!(round(&mut vault, &mut pinned, &mut worlds).0[0], unseen);
    cosign(&mut worlds[0], &[3, 1]);
    assert_eq!(round(&mut vault, &mut pinned, &mut worlds).0[0], Ok(1));
    assert_eq!(vault.news(&pinned).len(), 1);
    assert_eq!(pinned[0].profile(), &worlds[0].signed());
    assert_eq!(pinned[0].witnesses(), Some(&two_of(&[1, 2, 3])));
    // And what was taken once is taken no more without them.
    worlds[0].append(vec![vec![7; 40]]);
    assert_eq!(round(&mut vault, &mut pinned, &mut worlds).0[0], unseen);
}

#[test]
fn no_policy_names_the_authority_itself_or_another_log() {
    // [LOG-21]
    let mut world = World::with_seed(7);
    let own = |signed: &SignedProfile| {
        let name = Origin::new("witness.example/own").unwrap();
        let keys = signed.signing_keys();
        keys.into_iter().map(move |key| Witness::new(name.clone(), key)).collect::<Vec<_>>()
    };
    let retired = own(&world.signed());
    world.rotate();
    for key in retired.into_iter().chain(own(&world.signed())) {
        let policy = WitnessPolicy::of(1, &[witness(1).0, key]).unwrap();
        let refused = world.pin().asking_for(policy);
        assert!(matches!(refused, Err(PinError::NoWitness(_))), "{refused:?}");
    }
    let log = |seed| {
        let other = World::with_seed(seed);
        let key = other.keys.log_public_keys().log;
        let kind = noren::log::SignatureType::Ed25519;
        noren::log::verifier_key(kind, &other.profile.origin, &key)
    };
    let for_log = |key: &str| {
        let text = format!("log {key}\n{}", two_of(&[1, 2]).text());
        world.pin().asking_for(WitnessPolicy::from_text(text.as_bytes()).unwrap())
    };
    assert!(for_log(&log(7)).is_ok(), "a key from before a handover is this log's");
    assert!(matches!(for_log(&log(8)), Err(PinError::OtherLog(_))));
}

#[test]
fn what_is_kept_of_a_pin_has_one_form() {
    // [LOG-24]
    let world = World::with_seed(7);
    let (plain, asking) = (world.pin(), world.pin().asking_for(two_of(&[1, 2])).unwrap());
    assert_eq!(plain.to_bytes().unwrap(), world.signed().as_bytes(), "an older version reads it");
    let bytes = asking.to_bytes().unwrap();
    assert_eq!(bytes[..2], [0x83, 1]);
    assert_eq!(Pin::from_bytes(&bytes), Ok(asking));
    assert_eq!(Pin::from_bytes(world.signed().as_bytes()), Ok(plain));
    // What is damaged is no pin that asks for nobody.
    for (place, _) in bytes.iter().enumerate() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1;
        let read = Pin::from_bytes(&damaged);
        assert!(read.is_err() || read.is_ok_and(|pin| pin.witnesses().is_some()), "byte {place}");
    }
    for end in 0..bytes.len() {
        assert!(Pin::from_bytes(&bytes[..end]).is_err(), "{end} bytes");
    }
}

#[test]
fn a_plain_exposure_is_numbers_and_texts_alone() {
    let mut worlds = two();
    let code = warn(&mut worlds[0]);
    let mut pinned = followed(&worlds);
    let mut vault = Vault::new();
    worlds[0].visit(&mut vault, &code, NOON + 600, NOON + 1_800);
    round(&mut vault, &mut pinned, &mut worlds);
    let exposures = vault.exposures();
    let plain = PlainExposure::from(&exposures[0]);
    let json = serde_json::to_value(&plain).unwrap();
    let members = json.as_object().unwrap();
    assert!(members.values().all(|it| !it.is_array() && !it.is_object()), "{json}");
    assert_eq!(json["id"], exposures[0].id.to_string());
    assert_eq!(json["authority"], hex::encode(worlds[0].fingerprint.as_bytes()));
    for (name, number) in [
        ("arrival", NOON + 600),
        ("departure", NOON + 1_800),
        ("window_start", NOON),
        ("window_end", NOON + HOUR),
        ("overlap_seconds", 1_200),
        ("received", NOON + DAY),
    ] {
        assert_eq!(json[name], number, "{name}");
    }
    for (name, text) in [
        ("level", "cluster"),
        ("message", "Please take care"),
        ("venue_name", "Bar Noren"),
        ("venue_address", "1-2-3 Umeda"),
        ("venue_room", "2F"),
        ("news", "new"),
    ] {
        assert_eq!(json[name], text, "{name}");
    }
    assert_eq!(json["names_date"], true);
    assert_eq!(serde_json::from_value::<PlainExposure>(json).unwrap(), plain);
}
