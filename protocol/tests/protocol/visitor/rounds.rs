//! A round of all followed authorities in one call, and what a program in another language is told.

use std::convert::Infallible;

use noren::SignedProfile;
use noren::messages::{Layout, Level};
use noren::visitor::{File, News, PlainExposure, Stay, SyncError, Vault, Wanted, sync_all};

use super::world::{DAY, HOUR, NOON, World, at, window};

/// Two authorities with servers at different addresses.
fn two() -> [World; 2] {
    let mut worlds = [World::with_seed(7), World::with_seed(8)];
    for (world, name) in worlds.iter_mut().zip(["a", "b"]) {
        world.profile.url = format!("https://{name}.example");
    }
    worlds
}

fn followed(worlds: &[World; 2]) -> [SignedProfile; 2] {
    [worlds[0].signed(), worlds[1].signed()]
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
    followed: &mut [SignedProfile],
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
    let now = pinned.each_ref().map(|profile| profile.profile().fingerprint());
    assert_eq!(now, [worlds[0].fingerprint, worlds[1].fingerprint]);
    assert_ne!(now[0], old);
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
