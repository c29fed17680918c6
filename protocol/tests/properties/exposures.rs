//! What a visitor is told depends on the records and the log alone.

use std::collections::BTreeMap;

use noren::authority::{Case, review};
use noren::log::LogPosition;
use noren::messages::{CodeBinding, Layout, Level, Notice, NoticeDetails};
use noren::profile::{Fingerprint, SignedProfile};
use noren::time::{UnixSeconds, Window};
use noren::visitor::{CheckIn, Exposure, ExposureId, Stay, Vault, to_the_end};
use proptest::prelude::*;

use super::worlds::{authority, cases, fixed_codes, rng};
use crate::bodies::published::signed_profile;

const START: u64 = 1_699_999_200;

fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).expect("a time")
}

fn fingerprint() -> Fingerprint {
    SignedProfile::from_bytes(&signed_profile()).expect("a profile").profile().fingerprint()
}

/// The entries of a window of six hours, of each level.
fn entries() -> Vec<(u64, Vec<u8>)> {
    let (keys, mut rng) = (authority(), rng(7));
    let (_, trace_code) = fixed_codes();
    let window = Window::new(at(START), at(START + 6 * 3_600)).expect("a window");
    let case = Case { code: CodeBinding::from_bytes([1; 32]), window };
    let upload =
        noren::venue::upload(&trace_code, window, case.code, window.over_at()).expect("an upload");
    let sealed = upload.seal(&keys.upload_public_key(), &mut rng).expect("a box");
    let review = review(keys.upload_key(), &case, &sealed, window.over_at()).expect("accepted");
    let mut entries = Vec::new();
    for (i, verified) in (0..).zip(&review.pre_traces) {
        let level = if i % 2 == 0 { Level::Attention } else { Level::Cluster };
        let details = Some(NoticeDetails { level, names_venue: i % 3 == 0, names_date: true });
        let notice = Notice { window: Some(window), message: format!("{i}"), details };
        let trace = verified.trace(&notice, Layout::WithTimes, &mut rng).expect("a trace");
        entries.push((i, trace.to_bytes()));
    }
    entries
}

/// What is told of these visits, made in this order, when the log comes in these portions.
fn told(visits: &[(u64, u64)], portions: usize) -> Vec<Exposure> {
    let ((code, _), mut vault, mut rng) = (fixed_codes(), Vault::new(), rng(9));
    for (arrival, length) in visits {
        let time = START + arrival;
        let CheckIn::Opened(id) = vault.check_in(&code, at(time), &mut rng).expect("checked in")
        else {
            panic!("every visit is closed before the next")
        };
        vault.check_out(id, at(time + length), &mut rng).expect("checked out");
    }
    let entries = entries();
    for portion in entries.chunks(portions) {
        let mut position = LogPosition::start();
        let read = portion.last().map_or(0, |(index, _)| index + 1);
        for (_, entry) in &entries[..usize::try_from(read).expect("fits")] {
            position.range.push(noren::log::leaf_hash(entry));
        }
        vault
            .apply(&fingerprint(), portion, position, at(START + 86_400), to_the_end)
            .expect("not cancelled");
    }
    // An id is made of the visit's, which is random.
    let nameless = |exposure| Exposure { id: ExposureId::from_bytes([0; 16]), ..exposure };
    vault.exposures().into_iter().map(nameless).collect()
}

proptest! {
    #![proptest_config(cases(6))]

    #[test]
    fn the_order_of_visits_and_downloads_changes_nothing(mut visits in prop::collection::btree_map(0_u64..30_000, 0_u64..9_000, 1..5).prop_map(Vec::from_iter).prop_shuffle(), portions in 1_usize..6) {
        // [MAT-1] [MAT-3] [MAT-6]
        let shuffled = told(&visits, 6);
        prop_assert_eq!(&told(&visits, 6), &shuffled, "the same again");
        prop_assert_eq!(&told(&visits, portions), &shuffled, "in portions");
        visits.sort_unstable();
        prop_assert_eq!(&told(&visits, 6), &shuffled, "in the order of the clock");
        let mut sorted = shuffled.clone();
        sorted.sort_by_key(|exposure| exposure.stay);
        prop_assert_eq!(&sorted, &shuffled, "in the order of the visits");
        let window = Window::new(at(START), at(START + 6 * 3_600)).expect("a window");
        for exposure in &shuffled {
            prop_assert_eq!(exposure.stay.overlap(window), Some(exposure.overlap));
        }
        let touched = visits.iter().filter(|(arrival, _)| *arrival < 6 * 3_600).count();
        prop_assert_eq!(touched == 0, shuffled.is_empty());
    }
}

/// What is told, whenever it came in.
fn said(vault: &Vault) -> Vec<(Stay, Window, Level, String)> {
    let exposures = vault.exposures().into_iter();
    exposures.map(|each| (each.stay, each.overlap, each.level, each.message)).collect()
}

/// The vault of a device whose visits and downloads come in any order, by a clock that is set at
/// will; it reads older entries again only when it asks for them.
fn lived(visits: &BTreeMap<u64, (u64, usize)>, clock: &[i64]) -> Vault {
    let ((code, _), mut vault, mut rng) = (fixed_codes(), Vault::new(), rng(9));
    let entries = entries();
    for (step, now) in clock.iter().enumerate() {
        for (arrival, (length, _)) in visits.iter().filter(|(_, (_, made))| *made == step) {
            let time = START + arrival;
            let CheckIn::Opened(id) = vault.check_in(&code, at(time), &mut rng).expect("in") else {
                panic!("every visit is closed before the next")
            };
            vault.check_out(id, at(time + length), &mut rng).expect("checked out");
        }
        let seen = vault.position(&fingerprint()).range.size();
        let size = (entries.len() * (step + 1) / clock.len()) as u64;
        let first = if vault.has_untried_records(&fingerprint()) { 0 } else { seen };
        let mut position = LogPosition::start();
        for (_, entry) in &entries[..usize::try_from(size).expect("fits")] {
            position.range.push(noren::log::leaf_hash(entry));
        }
        let read =
            &entries[usize::try_from(first).expect("fits")..usize::try_from(size).expect("fits")];
        let now = at(START.checked_add_signed(*now).expect("a time"));
        vault.apply(&fingerprint(), read, position, now, to_the_end).expect("not cancelled");
    }
    vault
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn whenever_a_visit_is_entered_and_a_key_published_nothing_is_missed(
        visits in prop::collection::btree_map(0_u64..30_000, (0_u64..9_000, 0_usize..5), 1..6),
        clock in prop::collection::vec(-400_000_i64..400_000, 5),
    ) {
        // [VLT-9] [MAT-1] [MAT-10]
        let at_once: BTreeMap<_, _> =
            visits.iter().map(|(arrival, (length, _))| (*arrival, (*length, 0))).collect();
        let expected = said(&lived(&at_once, &[0]));
        prop_assert_eq!(said(&lived(&visits, &clock)), expected);
    }
}
