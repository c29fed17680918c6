//! Visits, records, the vault, and what visitors are told.

use noren::log::LogPosition;
use noren::messages::{Layout, Level, Venue, VenueDetails};
use noren::profile::{Fingerprint, Pin};
use noren::time::Day;
use noren::visitor::{
    CheckIn, DeviceKey, EndedVisit, ExposureId, News, Stay, Vault, VaultError, VaultKey,
    VisitError, to_the_end,
};

use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;

use super::world::{DAY, HOUR, MINUTE, NOON, World, at, window};

#[test]
fn exactly_those_who_were_there_are_told() {
    // [MAT-1] [MAT-3] [MAT-5] [PUB-1] [VIS-1]
    let mut world = World::new();
    let (code, trace_code) = world.venue("Bar Noren", None);
    let (other, _) = world.venue("Other", None);
    let danger = window(NOON + 30 * MINUTE, NOON + 90 * MINUTE);
    let visits = [
        (&code, NOON, NOON + 20 * MINUTE, false),
        (&code, NOON, NOON + 30 * MINUTE, false),
        (&code, NOON, NOON + 31 * MINUTE, true),
        (&code, NOON + 40 * MINUTE, NOON + 50 * MINUTE, true),
        (&code, NOON + 90 * MINUTE, NOON + 100 * MINUTE, false),
        (&code, NOON - HOUR, NOON + 3 * HOUR, true),
        (&other, NOON + 40 * MINUTE, NOON + 50 * MINUTE, false),
        (&code, NOON + DAY + 40 * MINUTE, NOON + DAY + 50 * MINUTE, false),
    ];
    let mut vaults: Vec<_> = visits.iter().map(|_| Vault::new()).collect();
    for (vault, (code, from, to, _)) in vaults.iter_mut().zip(&visits) {
        world.visit(vault, code, *from, *to);
    }
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    for (vault, (_, from, to, told)) in vaults.iter_mut().zip(&visits) {
        let exposures = world.sync(vault);
        assert_eq!(exposures.len(), usize::from(*told), "{from}..{to}");
        for exposure in exposures {
            assert_eq!(exposure.level, Level::Attention);
            assert_eq!(exposure.venue, None, "an attention notice names no venue here");
            assert_eq!(exposure.window, danger);
        }
    }
    // An escalation reaches the same people, and now names the venue.
    world.publish(&review, danger, Level::Cluster, Layout::WithTimes);
    for (vault, (.., told)) in vaults.iter_mut().zip(&visits) {
        let exposures = world.sync(vault);
        assert_eq!(exposures.len(), usize::from(*told));
        for exposure in exposures {
            assert_eq!(exposure.level, Level::Cluster);
            assert_eq!(exposure.venue.map(|venue| venue.description).as_deref(), Some("Bar Noren"));
        }
    }
}

#[test]
fn a_withdrawal_reaches_those_who_were_warned_and_nobody_else() {
    // [PUB-2] [PUB-3] [MAT-4]
    let mut world = World::new();
    let (code, trace_code) = world.venue("Bar Noren", None);
    let danger = window(NOON, NOON + HOUR);
    let (mut early, mut late) = (Vault::new(), Vault::new());
    world.visit(&mut early, &code, NOON, NOON + HOUR);
    world.visit(&mut late, &code, NOON, NOON + HOUR);
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    assert_eq!(world.sync(&mut early).len(), 1);
    // The record is gone by the time of the withdrawal; the notice is not.
    early.expire(Day::containing(at(NOON + 15 * DAY)), 14);
    assert_eq!(early.records().count(), 0);
    world.publish(&review, danger, Level::Withdrawn, Layout::WithTimes);
    assert_eq!(world.sync(&mut early)[0].level, Level::Withdrawn);
    assert_eq!(world.sync(&mut late), [], "never warned, so nothing to take back");
}

#[test]
fn a_handover_moves_everything_that_a_device_knows_of_the_authority() {
    // [PRO-6] [PRO-7] [PUB-2]
    let mut world = World::new();
    let (code, trace_code) = world.venue("Bar Noren", None);
    let danger = window(NOON, NOON + HOUR);
    let mut vault = Vault::new();
    world.visit(&mut vault, &code, NOON, NOON + HOUR);
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    let told = world.sync(&mut vault).remove(0);
    vault.announce(&told);
    let first = world.rotate();
    let second = world.rotate();
    for _ in 0..2 {
        vault.authority_changed(&first, &world.fingerprint);
        vault.authority_changed(&second, &world.fingerprint);
        let now = vault.exposures().remove(0);
        assert_eq!((now.authority, now.news), (world.fingerprint, None));
        assert_eq!(vault.position(&world.fingerprint), world.position);
        assert_eq!(vault.position(&first), LogPosition::start());
        assert!(!vault.has_untried_records(&world.fingerprint), "tried before, tried now");
    }
    // The half of the key that the venue has from before opens with the keys of now.
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Withdrawn, Layout::WithTimes);
    let exposures = world.sync(&mut vault);
    assert_eq!(exposures.iter().map(|each| each.level).collect::<Vec<_>>(), [Level::Withdrawn]);
}

#[test]
fn a_handover_that_was_noted_before_does_not_go_back() {
    // [PRO-6]
    let mut world = World::new();
    let (_, trace_code) = world.venue("Bar Noren", None);
    let danger = window(NOON, NOON + HOUR);
    let mut vault = Vault::new();
    world.sync(&mut vault);
    let old = world.rotate();
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    world.sync(&mut vault);
    vault.authority_changed(&old, &world.fingerprint);
    assert_eq!(vault.position(&world.fingerprint), world.position, "the further place stays");
    assert_eq!(vault.position(&old), LogPosition::start());
    let before = vault.clone();
    vault.authority_changed(&old, &world.fingerprint);
    assert_eq!(vault, before);
}

#[test]
fn a_window_narrowed_inside_an_hour_takes_back_what_no_longer_holds() {
    // [PUB-2] [PUB-3]
    let mut world = World::new();
    let (code, trace_code) = world.venue("Bar Noren", None);
    let mut vault = Vault::new();
    world.visit(&mut vault, &code, NOON, NOON + 10 * MINUTE);
    let danger = window(NOON, NOON + HOUR);
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    let exposure = world.sync(&mut vault).remove(0);
    vault.announce(&exposure);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    assert_eq!(world.sync(&mut vault)[0].news, None, "the same again is not told again");
    let narrower = window(NOON + 30 * MINUTE, NOON + HOUR);
    world.publish(&review, narrower, Level::Attention, Layout::WithTimes);
    let taken_back = world.sync(&mut vault).remove(0);
    assert_eq!((taken_back.level, taken_back.news), (Level::Withdrawn, Some(News::Withdrawn)));
    vault.announce(&taken_back);
    world.publish(&review, narrower, Level::Cluster, Layout::WithTimes);
    assert_eq!(world.sync(&mut vault)[0].news, None, "still taken back, and known");
    world.publish(&review, danger, Level::Cluster, Layout::WithTimes);
    assert_eq!(world.sync(&mut vault)[0].level, Level::Cluster);
}

#[test]
fn a_notice_without_times_speaks_of_its_hour() {
    // [MSG-6] [MAT-3]
    let mut world = World::new();
    let (code, trace_code) = world.venue("Bar Noren", None);
    let mut vault = Vault::new();
    world.visit(&mut vault, &code, NOON + MINUTE, NOON + 2 * MINUTE);
    let danger = window(NOON + 30 * MINUTE, NOON + 40 * MINUTE);
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithoutTimes);
    assert_eq!(world.sync(&mut vault)[0].window, window(NOON, NOON + HOUR));
}

#[test]
fn a_record_made_after_the_download_is_still_tried() {
    // [MAT-1] [VLT-9]
    let mut world = World::new();
    let (code, trace_code) = world.venue("Bar Noren", None);
    let danger = window(NOON, NOON + HOUR);
    let mut vault = Vault::new();
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    assert_eq!(world.sync(&mut vault), []);
    assert!(!vault.has_untried_records(&world.fingerprint));
    world.visit(&mut vault, &code, NOON, NOON + HOUR);
    assert!(vault.has_untried_records(&world.fingerprint));
    assert_eq!(world.sync(&mut vault).len(), 1);
}

#[test]
fn one_hostile_entry_does_not_stop_the_others() {
    // [MAT-2]
    let mut world = World::new();
    let (code, trace_code) = world.venue("Bar Noren", None);
    let danger = window(NOON, NOON + HOUR);
    let mut vault = Vault::new();
    world.visit(&mut vault, &code, NOON, NOON + 10 * MINUTE);
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    let good = world.entries[0].clone();
    world.append(vec![vec![], vec![0xff; 70], good[..good.len() - 1].to_vec()]);
    assert_eq!(world.try_sync_at(&mut vault, NOON + 21 * HOUR).unwrap().malformed, 3);
    assert_eq!(vault.exposures().len(), 1);
    // The day's records are tried again, and the visitor is not told twice of the same faults.
    assert!(vault.has_untried_records(&world.fingerprint));
    let again = world.try_sync_at(&mut vault, NOON + 21 * HOUR).unwrap();
    assert_eq!((again.malformed, vault.exposures().len()), (0, 1));
}

#[test]
fn a_visit_makes_one_record_for_each_hour_under_that_hours_day() {
    // [VIS-1] [VIS-2]
    let mut world = World::new();
    let (code, _) = world.venue("Bar Noren", None);
    let mut vault = Vault::new();
    let midnight = NOON / DAY * DAY + DAY;
    world.visit(&mut vault, &code, midnight - 90 * MINUTE, midnight + HOUR);
    let mut days: Vec<_> = vault.records().map(|record| record.day().start().get()).collect();
    days.sort_unstable();
    assert_eq!(days, [midnight - DAY, midnight - DAY, midnight, midnight]);
    let lengths: Vec<_> = vault.records().map(|record| record.sealed().len()).collect();
    assert_eq!(lengths, [noren::hazmat::SEALED_RECORD_LENGTH; 4]);
    assert_eq!(vault.closed_visits()[0].hours, 4);
}

#[test]
fn a_closed_visit_leaves_no_trace_of_its_entry_code() {
    // [VIS-3]
    let mut world = World::new();
    let (code, _) = world.venue("Bar Noren", None);
    let mut vault = Vault::new();
    let CheckIn::Opened(id) = vault.check_in(&code, at(NOON), &mut world.rng).unwrap() else {
        panic!("opened");
    };
    let holds = |vault: &Vault, needle: &[u8]| {
        serde_cbor_bytes(vault).windows(needle.len()).any(|window| window == needle)
    };
    assert!(holds(&vault, code.as_bytes()), "while the visit is open");
    vault.check_out(id, at(NOON + HOUR), &mut world.rng).unwrap();
    for needle in [code.as_bytes(), b"Bar Noren", b"Umeda", &code.master_public_key().to_bytes()] {
        assert!(!holds(&vault, needle));
    }
    assert!(vault.open_visits().is_empty());
}

/// The vault's plaintext, by any serializer: what matters is which bytes are in it.
fn serde_cbor_bytes(vault: &Vault) -> Vec<u8> {
    serde_cbor::to_vec(vault).unwrap()
}

#[test]
fn a_forgotten_visit_ends_by_itself() {
    // [VIS-4]
    let mut world = World::new();
    let (no_stay, _) = world.venue("No stay", None);
    let (typical, _) = world.venue("Typical", Some(90));
    let details = VenueDetails::default();
    let event = Venue::new("Event", "Hall", window(NOON, NOON + 2 * HOUR), details).unwrap();
    let (event, _) =
        noren::venue::set_up(event, &world.keys.upload_public_key(), &mut world.rng).unwrap();
    for (code, length) in [(&no_stay, 12 * HOUR), (&typical, 90 * MINUTE), (&event, 2 * HOUR)] {
        let mut vault = Vault::new();
        vault.check_in(code, at(NOON), &mut world.rng).unwrap();
        assert_eq!(vault.seal_due(at(NOON + length - 1), &mut world.rng).unwrap(), []);
        assert_eq!(vault.seal_due(at(NOON + length), &mut world.rng).unwrap().len(), 1);
        assert_eq!(vault.records().count() as u64, length / HOUR + 1);
    }
}

#[test]
fn a_planned_check_out_can_be_changed_until_it_falls_due() {
    // [VIS-4]
    let mut world = World::new();
    let (code, _) = world.venue("Bar Noren", Some(60));
    let mut vault = Vault::new();
    let CheckIn::Opened(id) = vault.check_in(&code, at(NOON), &mut world.rng).unwrap() else {
        panic!("opened");
    };
    vault.plan_check_out(id, at(NOON + 3 * HOUR), at(NOON)).unwrap();
    vault.plan_check_out(id, at(NOON + 2 * HOUR), at(NOON + HOUR)).unwrap();
    assert_eq!(vault.seal_due(at(NOON + 2 * HOUR - 1), &mut world.rng).unwrap(), []);
    assert_eq!(vault.seal_due(at(NOON + 2 * HOUR), &mut world.rng).unwrap()[0].id(), id);
    let late = vault.plan_check_out(id, at(NOON + 4 * HOUR), at(NOON + 2 * HOUR));
    assert_eq!(late, Err(VisitError::NotOpen));
}

#[test]
fn checking_in_twice_extends_rather_than_doubles() {
    // [VIS-5]
    let mut world = World::new();
    let (code, _) = world.venue("Bar Noren", Some(60));
    let mut vault = Vault::new();
    let first = vault.check_in(&code, at(NOON), &mut world.rng).unwrap();
    let CheckIn::Opened(id) = first else { panic!("opened") };
    let again = vault.check_in(&code, at(NOON + 50 * MINUTE), &mut world.rng).unwrap();
    assert_eq!(again, CheckIn::Extended(id));
    assert_eq!(vault.open_visits()[0].automatic_departure(), at(NOON + 110 * MINUTE));
    let later = vault.check_in(&code, at(NOON + 3 * HOUR), &mut world.rng).unwrap();
    assert!(matches!(later, CheckIn::Opened(new) if new != id), "the first one was over");
    assert_eq!(vault.closed_visits().len(), 1);
}

/// Checks in late; the stays that come of it, those of open visits up to `now`.
fn stays_after(
    first: (u64, Option<u64>),
    late: (u64, Option<u64>),
    now: u64,
    typical: Option<u16>,
) -> Vec<(u64, u64)> {
    let mut world = World::new();
    let (code, _) = world.venue("Bar Noren", typical);
    let (mut vault, mut ended) = (Vault::new(), Vec::new());
    for ((arrival, departure), now) in [(first, first.0), (late, now)] {
        ended.extend(vault.seal_due(at(now), &mut world.rng).unwrap());
        let departure = departure.map(at);
        vault.check_in_late(&code, at(arrival), departure, at(now), &mut world.rng).unwrap();
    }
    ended.extend(vault.seal_due(at(now), &mut world.rng).unwrap());
    for id in vault.open_visits().iter().map(|visit| visit.id()).collect::<Vec<_>>() {
        ended.push(vault.check_out(id, at(now), &mut world.rng).unwrap());
    }
    let stay = |visit: &EndedVisit| {
        let stay = visit.stay();
        (stay.arrival().get(), stay.departure().get())
    };
    let mut stays: Vec<_> = ended.iter().map(stay).collect();
    stays.sort_unstable();
    stays
}

#[test]
fn no_check_in_ends_a_visit_that_goes_on() {
    // [VIS-5]
    let now = NOON + 4 * HOUR;
    let half = 30 * MINUTE;
    for (first, late, typical, right) in [
        // Before, and over before: another visit.
        (
            (NOON, None),
            (NOON - HOUR, Some(NOON - half)),
            None,
            vec![(NOON - HOUR, NOON - half), (NOON, now)],
        ),
        // Before, and into it: it began earlier.
        ((NOON, None), (NOON - HOUR, Some(NOON)), None, vec![(NOON - HOUR, now)]),
        ((NOON, None), (NOON - HOUR, Some(NOON + half)), None, vec![(NOON - HOUR, now)]),
        ((NOON, None), (NOON - HOUR, None), None, vec![(NOON - HOUR, now)]),
        // Within it: it goes on.
        ((NOON, None), (NOON + half, Some(NOON + HOUR)), None, vec![(NOON, now)]),
        ((NOON, Some(NOON + 9 * HOUR)), (NOON + half, Some(NOON + HOUR)), None, vec![(NOON, now)]),
        ((NOON, None), (NOON + half, None), None, vec![(NOON, now)]),
        // So early that one visit of both would be over by now.
        ((NOON, None), (NOON - 9 * HOUR, None), None, vec![(NOON - 9 * HOUR, NOON), (NOON, now)]),
        (
            (NOON, None),
            (NOON - 20 * HOUR, None),
            None,
            vec![(NOON - 20 * HOUR, NOON - 8 * HOUR), (NOON, now)],
        ),
        // Over already.
        (
            (NOON, None),
            (NOON - 9 * HOUR, Some(NOON + HOUR)),
            None,
            vec![(NOON - 9 * HOUR, NOON + HOUR), (NOON, now)],
        ),
        // The typical stay counts from the last check-in, late or not.
        ((NOON + 3 * HOUR, None), (NOON + 2 * HOUR, None), Some(90), vec![(NOON + 2 * HOUR, now)]),
    ] {
        assert_eq!(stays_after(first, late, now, typical), right, "{first:?} {late:?}");
    }
}

#[test]
fn who_scans_again_is_there_for_longer_than_twelve_hours() {
    // [VIS-4] [VIS-5]
    for (typical, until) in [(None, 23 * HOUR + 30 * MINUTE), (Some(90), 13 * HOUR)] {
        let mut world = World::new();
        let (code, _) = world.venue("Bar Noren", None);
        let (typed, _) = world.venue("Hall", typical);
        let code = if typical.is_some() { typed } else { code };
        let mut vault = Vault::new();
        let mut ended = Vec::new();
        for hours in 0..=23 {
            let now = at(NOON + hours * HOUR / 2);
            ended.extend(vault.seal_due(now, &mut world.rng).unwrap());
            vault.check_in(&code, now, &mut world.rng).unwrap();
        }
        assert!(ended.is_empty() && vault.open_visits().len() == 1);
        ended.extend(vault.seal_due(at(NOON + 2 * DAY), &mut world.rng).unwrap());
        let stays: Vec<_> = ended.iter().map(|visit| visit.stay()).collect();
        let stay = |from, to| Stay::new(at(from), at(to)).unwrap();
        let end = NOON + 12 * HOUR;
        assert_eq!(stays, [stay(NOON, end), stay(end, NOON + until)]);
        assert!(vault.open_visits().is_empty());
    }
}

#[test]
fn a_visit_is_added_whole() {
    // [VIS-1] [VIS-6] [MAT-3]
    let mut world = World::new();
    let (code, trace_code) = world.venue("Bar Noren", None);
    let mut vault = Vault::new();
    let stay = |from, to| Stay::new(at(from), at(to)).unwrap();
    let early = vault.visit(&code, stay(NOON - 31 * DAY, NOON - 31 * DAY), &mut world.rng);
    assert_eq!(early.err(), Some(VisitError::NotYetValid));
    let ended = vault.visit(&code, stay(NOON, NOON + HOUR), &mut world.rng).unwrap();
    assert_eq!((ended.stay(), vault.open_visits().len()), (stay(NOON, NOON + HOUR), 0));
    assert_eq!(ended.entry_code().unwrap(), code);
    let danger = window(NOON, NOON + HOUR);
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    assert_eq!(world.sync(&mut vault)[0].stay, stay(NOON, NOON + HOUR));
    assert!(vault.forget(ended.id()));
}

#[test]
fn news_are_new_changed_or_taken_back() {
    // [PUB-2] [PUB-3] [MAT-4]
    let mut world = World::new();
    let (code, trace_code) = world.venue("Bar Noren", None);
    let mut vault = Vault::new();
    world.visit(&mut vault, &code, NOON + 40 * MINUTE, NOON + 100 * MINUTE);
    let both = window(NOON, NOON + 2 * HOUR);
    let second = window(NOON + HOUR, NOON + 2 * HOUR);
    let review = world.review(&trace_code, both);
    let last = world.review(&trace_code, second);
    let news = |world: &World, vault: &mut Vault| {
        world.sync(vault);
        let news = vault.news(&[world.signed()]);
        news.iter().for_each(|(_, exposure)| vault.announce(exposure));
        assert_eq!(vault.news::<Pin>(&[]), [], "each is told once");
        news.into_iter().map(|(news, exposure)| (news, exposure.level, exposure.id)).collect()
    };
    let told = |found: &Vec<(News, Level, ExposureId)>| {
        found.iter().map(|(news, level, _)| (*news, *level)).collect::<Vec<_>>()
    };
    world.publish(&review, both, Level::Attention, Layout::WithTimes);
    let first = news(&world, &mut vault);
    assert_eq!(told(&first), [(News::New, Level::Attention)]);
    // One of the two hours becomes a cluster, and is taken back to what it was.
    world.publish(&last, second, Level::Cluster, Layout::WithTimes);
    let raised = news(&world, &mut vault);
    assert_eq!(told(&raised), [(News::Changed, Level::Cluster)]);
    world.publish(&review, both, Level::Attention, Layout::WithTimes);
    let back = news(&world, &mut vault);
    assert_eq!(told(&back), [(News::Changed, Level::Attention)], "it is no longer a cluster");
    assert_eq!(back[0].2, first[0].2, "the same exposure");
    let again = back[0].2.to_string().parse::<ExposureId>().unwrap();
    assert_eq!(again, back[0].2);
    world.publish(&review, both, Level::Withdrawn, Layout::WithTimes);
    assert_eq!(told(&news(&world, &mut vault)), [(News::Withdrawn, Level::Withdrawn)]);
}

#[test]
fn a_dismissed_exposure_is_not_shown_until_it_says_something_else() {
    // [MAT-4]
    let mut world = World::new();
    let (code, trace_code) = world.venue("Bar Noren", None);
    let mut vault = Vault::new();
    world.visit(&mut vault, &code, NOON, NOON + 100 * MINUTE);
    let danger = window(NOON, NOON + 2 * HOUR);
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    let id = world.sync(&mut vault)[0].id;
    assert!(vault.dismiss(id) && !vault.dismiss(id));
    assert_eq!((world.sync(&mut vault), vault.news::<Pin>(&[])), (vec![], vec![]));
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    assert_eq!(world.sync(&mut vault), [], "the same again");
    world.publish(&review, danger, Level::Cluster, Layout::WithTimes);
    assert_eq!(world.sync(&mut vault)[0].news, Some(News::Changed));
}

#[test]
fn refuses_codes_that_are_not_valid_then_and_stays_that_cannot_be() {
    // [VIS-4] [VIS-6]
    let mut world = World::new();
    let (code, _) = world.venue("Bar Noren", None);
    let mut vault = Vault::new();
    let rng = &mut world.rng;
    assert_eq!(vault.check_in(&code, at(NOON - 30 * DAY - 1), rng), Err(VisitError::NotYetValid));
    assert_eq!(vault.check_in(&code, at(NOON + 30 * DAY + 1), rng), Err(VisitError::NoLongerValid));
    let CheckIn::Opened(id) = vault.check_in(&code, at(NOON), rng).unwrap() else { panic!() };
    assert_eq!(vault.check_out(id, at(NOON - 1), rng), Err(VisitError::DepartureBeforeArrival));
    let late = vault.plan_check_out(id, at(NOON + 12 * HOUR + 1), at(NOON));
    assert_eq!(late, Err(VisitError::TooLong));
    assert_eq!(vault.open_visits().len(), 1, "a refused check-out changes nothing");
}

#[test]
fn a_visit_whose_time_is_up_ended_then() {
    // [VIS-8]
    let mut world = World::new();
    let (plain, _) = world.venue("Plain", None);
    let (typical, _) = world.venue("Typical", Some(90));
    let details = VenueDetails::default();
    let event = Venue::new("Event", "Hall", window(NOON, NOON + 2 * HOUR), details).unwrap();
    let (event, _) =
        noren::venue::set_up(event, &world.keys.upload_public_key(), &mut world.rng).unwrap();
    let (other, _) = world.venue("Elsewhere", None);
    for (code, planned, length) in [
        (&plain, Some(HOUR), HOUR),
        (&plain, None, 12 * HOUR),
        (&typical, None, 90 * MINUTE),
        (&typical, Some(3 * HOUR), 3 * HOUR),
        (&event, None, 2 * HOUR),
        (&event, Some(5 * HOUR), 2 * HOUR),
    ] {
        let mut open = Vault::new();
        let opened = open.check_in(code, at(NOON), &mut world.rng).unwrap();
        let CheckIn::Opened(id) = opened else { panic!("opened") };
        if let Some(planned) = planned {
            open.plan_check_out(id, at(NOON + planned), at(NOON)).unwrap();
        }
        let (end, late) = (at(NOON + length), at(NOON + length + HOUR));
        for now in [end, late] {
            let mut vault = open.clone();
            assert_eq!(vault.plan_check_out(id, late, now), Err(VisitError::AlreadyEnded));
            assert_eq!(vault.correct_arrival(id, at(NOON), now), Err(VisitError::AlreadyEnded));
            assert_eq!(vault, open, "what is refused changes nothing");
            let ended = vault.check_out(id, now, &mut world.rng).unwrap();
            assert_eq!(ended.stay(), noren::visitor::Stay::new(at(NOON), end).unwrap());
            let mut vault = open.clone();
            assert_eq!(vault.seal_due(now, &mut world.rng).unwrap(), [ended]);
            let mut vault = open.clone();
            vault.check_in(&other, now, &mut world.rng).unwrap();
            assert_eq!(vault.open_visits().len(), 1);
            assert_eq!(vault.records().count() as u64, length / HOUR + 1);
        }
        let mut early = open.clone();
        let ended = early.check_out(id, at(NOON + 60), &mut world.rng).unwrap();
        assert_eq!(ended.stay().departure(), at(NOON + 60));
    }
}

#[test]
fn records_are_kept_for_fourteen_days_by_their_label() {
    // [VLT-5]
    let mut world = World::new();
    let (code, _) = world.venue("Bar Noren", None);
    let mut vault = Vault::new();
    world.visit(&mut vault, &code, NOON, NOON + MINUTE);
    let day = |days: u64| Day::containing(at(NOON + days * DAY));
    vault.expire(day(14), 14);
    assert_eq!(vault.records().count(), 1);
    vault.expire(day(15), 14);
    assert_eq!(vault.records().count(), 0);
}

#[test]
fn the_time_in_a_log_says_that_a_day_has_come() {
    // [VLT-10]
    let mut world = World::new();
    let (code, trace_code) = world.venue("Bar Noren", None);
    let danger = window(NOON, NOON + HOUR);
    let mut vault = Vault::new();
    world.visit(&mut vault, &code, NOON, NOON + MINUTE);
    let day = |days: u64| Day::containing(at(NOON + days * DAY));
    assert_eq!(vault.expire(day(0), 14), day(0));
    let mut alone = vault.clone();
    // Read a day after the visit, by a head that was signed then.
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    world.sync(&mut vault);
    let signed = Day::containing(vault.position(&world.fingerprint).timestamp);
    assert_eq!(vault.expire(day(400), 14), signed);
    assert_eq!(alone.expire(day(400), 14), day(0));
    assert_eq!((vault.records().count(), alone.records().count()), (1, 1));
    // A head signed on the day that the clock says.
    assert_eq!(vault.expire(signed, 14), signed);
    assert!(signed > day(0) && alone.expire(signed, 0) == signed);
    assert_eq!(alone.records().count(), 0);
}

#[test]
fn a_correction_that_leaves_too_short_an_overlap_takes_back_what_was_told() {
    // [MAT-7] [PUB-2]
    let mut world = World::new();
    world.profile.minimum_overlap = 900;
    let profiles = [world.profile.sign(&world.keys).unwrap()];
    let (code, trace_code) = world.venue("Bar Noren", None);
    let (mut told, mut untold) = (Vault::new(), Vault::new());
    world.visit(&mut told, &code, NOON, NOON + 30 * MINUTE);
    world.visit(&mut untold, &code, NOON + 25 * MINUTE, NOON + HOUR - MINUTE);
    let review = world.review(&trace_code, window(NOON, NOON + HOUR));
    world.publish(&review, window(NOON, NOON + 30 * MINUTE), Level::Cluster, Layout::WithTimes);
    let news = |world: &mut World, vault: &mut Vault| {
        world.sync(vault);
        let news = vault.news(&profiles);
        news.iter().for_each(|(_, exposure)| vault.announce(exposure));
        assert_eq!(vault.news(&profiles), [], "told once");
        news.into_iter().map(|(news, exposure)| (news, exposure.level)).collect::<Vec<_>>()
    };
    assert_eq!(news(&mut world, &mut told), [(News::New, Level::Cluster)]);
    assert_eq!(news(&mut world, &mut untold), []);
    // Ten minutes of it are left, and one that was never told is none.
    world.publish(&review, window(NOON, NOON + 10 * MINUTE), Level::Cluster, Layout::WithTimes);
    assert_eq!(news(&mut world, &mut told), [(News::Withdrawn, Level::Withdrawn)]);
    assert_eq!(news(&mut world, &mut untold), []);
    assert_eq!(told.exposures_told_of(&profiles).len(), 1);
    // And it comes back.
    world.publish(&review, window(NOON, NOON + 20 * MINUTE), Level::Cluster, Layout::WithTimes);
    assert_eq!(news(&mut world, &mut told), [(News::Changed, Level::Cluster)]);
}

#[test]
fn one_visit_or_all_can_be_forgotten() {
    // [VLT-6]
    let mut world = World::new();
    let (code, _) = world.venue("Bar Noren", None);
    let mut vault = Vault::new();
    let first = world.visit(&mut vault, &code, NOON, NOON + HOUR);
    world.visit(&mut vault, &code, NOON + 5 * HOUR, NOON + 6 * HOUR);
    assert!(vault.forget(first));
    assert!(!vault.forget(first));
    assert_eq!(vault.records().count(), 2);
    vault.forget_all();
    assert_eq!(vault.records().count(), 0);
}

#[test]
fn a_sealed_vault_opens_to_what_it_was_and_hides_its_size() {
    // [VLT-1] [VLT-2] [VLT-3]
    let mut world = World::new();
    let (code, _) = world.venue("Bar Noren", None);
    let key = VaultKey::device(DeviceKey::generate(&mut world.rng));
    let mut vault = Vault::new();
    let empty = vault.seal(&key, &mut world.rng).unwrap();
    world.visit(&mut vault, &code, NOON, NOON + 5 * HOUR);
    vault.check_in(&code, at(NOON + 8 * HOUR), &mut world.rng).unwrap();
    let sealed = vault.seal(&key, &mut world.rng).unwrap();
    assert_eq!(sealed.len(), empty.len());
    assert_eq!(Vault::open(&sealed, &key).unwrap(), vault);
}

#[test]
fn a_vault_that_cannot_be_opened_says_why() {
    // [VLT-4]
    let mut world = World::new();
    let key = VaultKey::device(DeviceKey::generate(&mut world.rng));
    let sealed = Vault::new().seal(&key, &mut world.rng).unwrap();
    let open = |bytes: &[u8]| Vault::open(bytes, &key).map(|_| ()).unwrap_err();
    assert_eq!(open(b"something else"), VaultError::NotAVault);
    let mut newer = sealed.clone();
    newer[11] = 2;
    assert_eq!(open(&newer), VaultError::UnknownVersion(2));
    for length in [12, 13, 44, 45, sealed.len() - 1] {
        assert_eq!(open(&sealed[..length]), VaultError::Truncated, "{length}");
    }
    for place in [13, 44, 45, sealed.len() / 2, sealed.len() - 1] {
        let mut altered = sealed.clone();
        altered[place] ^= 1;
        assert_eq!(open(&altered), VaultError::WrongKeyOrAltered, "{place}");
    }
    let other = VaultKey::device(DeviceKey::generate(&mut world.rng));
    assert_eq!(Vault::open(&sealed, &other).map(|_| ()), Err(VaultError::WrongKeyOrAltered));
}

#[test]
fn who_scans_again_is_there_and_begins_anew() {
    // [VIS-5] [VIS-7]
    let mut world = World::new();
    let (code, _) = world.venue("Bar Noren", Some(60));
    let mut vault = Vault::new();
    let opened = vault.check_in(&code, at(NOON), &mut world.rng).unwrap();
    let CheckIn::Opened(id) = opened else { panic!("opened") };
    vault.plan_check_out(id, at(NOON + 55 * MINUTE), at(NOON)).unwrap();
    vault.remind(id);
    let again = at(NOON + 50 * MINUTE);
    assert_eq!(vault.check_in(&code, again, &mut world.rng), Ok(CheckIn::Extended(id)));
    let visit = &vault.open_visits()[0];
    let end = at(NOON + 110 * MINUTE);
    assert_eq!(visit.automatic_departure(), end, "what was planned before is void");
    assert_eq!((visit.is_reminded(), visit.reminder_due()), (false, end));
    // Up to 12 hours before, it began earlier than thought; before that it is another visit.
    let earliest = again.minus(12 * HOUR);
    let mut other = vault.clone();
    let before = other.check_in(&code, earliest.minus(1), &mut world.rng).unwrap();
    assert!(matches!(before, CheckIn::Opened(new) if new != id), "{before:?}");
    assert_eq!(vault.check_in(&code, earliest, &mut world.rng), Ok(CheckIn::Extended(id)));
    assert_eq!(vault.open_visits()[0].arrival(), earliest);
}

#[test]
fn who_came_later_than_thought_stays_as_long_from_then() {
    // [VIS-4]
    let mut world = World::new();
    let (code, _) = world.venue("Bar Noren", Some(60));
    let mut vault = Vault::new();
    let opened = vault.check_in(&code, at(NOON), &mut world.rng).unwrap();
    let CheckIn::Opened(id) = opened else { panic!("opened") };
    vault.correct_arrival(id, at(NOON + 30 * MINUTE), at(NOON + 40 * MINUTE)).unwrap();
    assert_eq!(vault.open_visits()[0].automatic_departure(), at(NOON + 90 * MINUTE));
}

#[test]
fn notices_go_with_their_time_with_everything_and_with_their_authority() {
    // [VLT-5] [VLT-6]
    let mut world = World::new();
    let (code, trace_code) = world.venue("Bar Noren", None);
    let danger = window(NOON, NOON + HOUR);
    let mut warned = Vault::new();
    world.visit(&mut warned, &code, NOON, NOON + MINUTE);
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    assert_eq!(world.sync(&mut warned).len(), 1);
    // It was received a day after the visit, and is kept a day longer.
    let day = |days: u64| Day::containing(at(NOON + days * DAY));
    let mut vault = warned.clone();
    vault.expire(day(15), 14);
    assert_eq!((vault.records().count(), vault.exposures().len()), (0, 1));
    vault.expire(day(16), 14);
    assert!(vault.exposures().is_empty());
    let mut vault = warned.clone();
    vault.forget_all();
    assert!(vault.exposures().is_empty());
    let mut vault = warned;
    vault.unfollow(&Fingerprint::from_bytes([7; 32]));
    assert_eq!(vault.exposures().len(), 1, "another authority's");
    vault.unfollow(&world.fingerprint);
    assert!(vault.exposures().is_empty());
    assert_eq!(vault.position(&world.fingerprint), LogPosition::start());
}

#[test]
fn what_a_log_is_owed_is_owed_across_a_handover() {
    // [PRO-6] [VLT-9]
    let mut world = World::new();
    let (code, trace_code) = world.venue("Bar Noren", None);
    let danger = window(NOON, NOON + HOUR);
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    let mut vault = Vault::new();
    assert!(world.sync(&mut vault).is_empty());
    // Written down on the day after, when the log has been read.
    world.visit(&mut vault, &code, NOON, NOON + MINUTE);
    let old = world.rotate();
    vault.authority_changed(&old, &world.fingerprint);
    assert_eq!(world.sync(&mut vault).len(), 1);
}

#[test]
fn who_leaves_after_a_download_bears_no_mark_of_it() {
    // [VLT-9] Whoever opens the vault cannot tell which visits ended before the last download.
    let midnight = NOON / DAY * DAY + DAY;
    let arrival = midnight - MINUTE;
    for (stay, read) in [(3 * HOUR, 30 * MINUTE), (12 * HOUR, 12 * HOUR - 2 * MINUTE)] {
        let lived = |read_first: bool| {
            let mut world = World::new();
            let (code, _) = world.venue("Bar Noren", None);
            let mut vault = Vault::new();
            let CheckIn::Opened(id) = vault.check_in(&code, at(arrival), &mut world.rng).unwrap()
            else {
                panic!("opened")
            };
            let read = |vault: &mut Vault| {
                let (log, now) = (&world.fingerprint, at(midnight + read));
                vault.apply(log, &[], LogPosition::start(), now, to_the_end).unwrap();
            };
            if read_first {
                read(&mut vault);
            }
            let mut rng = ChaCha20Rng::seed_from_u64(1);
            vault.check_out(id, at(arrival + stay), &mut rng).unwrap();
            if !read_first {
                read(&mut vault);
            }
            vault
        };
        assert_eq!(lived(true), lived(false), "{read}");
    }
}

#[test]
fn a_stored_vault_does_not_show_in_which_order_things_came() {
    // [VLT-8]
    let mut world = World::new();
    let codes = [world.venue("Bar Noren", None).0, world.venue("Bar Sudare", None).0];
    let key = VaultKey::device(DeviceKey::from_bytes([1; 32]));
    let stored = |order: [u8; 2]| {
        let mut vault = Vault::new();
        for place in order {
            let (seed, authority) = (u64::from(place), Fingerprint::from_bytes([place; 32]));
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let code = &codes[usize::from(place)];
            vault.check_in(code, at(NOON + seed), &mut rng).unwrap();
            vault.apply(&authority, &[], LogPosition::start(), at(NOON), to_the_end).unwrap();
        }
        vault.seal(&key, &mut ChaCha20Rng::seed_from_u64(9)).unwrap()
    };
    assert_eq!(stored([0, 1]), stored([1, 0]));
}
