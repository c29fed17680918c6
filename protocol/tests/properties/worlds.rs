//! Random values of everything that is written.

use noren::authority::AuthorityKeys;
use noren::messages::{
    EntryCode, Level, Notice, NoticeDetails, TraceCode, Venue, VenueDetails, VenueKind,
};
use noren::text::{is_blank, is_refused};
use noren::time::{UnixSeconds, Window};
use proptest::option;
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// So many cases, each printed when it fails, none written to the disk.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(crate) fn authority() -> AuthorityKeys {
    AuthorityKeys::generate(&mut rng(0))
}

/// A text that people can read.
pub(crate) fn text(characters: usize) -> impl Strategy<Value = String> {
    let character = any::<char>().prop_filter("allowed", |c| !is_refused(*c));
    prop::collection::vec(character, 1..=characters)
        .prop_map(String::from_iter)
        .prop_filter("visible", |text| !is_blank(text))
}

pub(crate) fn window() -> impl Strategy<Value = Window> {
    let last = UnixSeconds::MAX.get();
    (0..last, 1_u64..200_000).prop_map(move |(start, length)| {
        let end = start.saturating_add(length).min(last);
        let at = |seconds| UnixSeconds::new(seconds).expect("in range");
        Window::new(at(start), at(end)).expect("it ends after it starts")
    })
}

pub(crate) fn details() -> impl Strategy<Value = VenueDetails> {
    let kind = option::of(prop::sample::select(VenueKind::ALL));
    (kind, option::of(text(32)), option::of(1_u16..=720))
        .prop_map(|(kind, room, stay)| VenueDetails::new(kind, room, stay).expect("in range"))
}

pub(crate) fn venue() -> impl Strategy<Value = Venue> {
    (text(100), text(100), window(), details()).prop_map(
        |(description, address, valid, details)| {
            Venue::new(description, address, valid, details).expect("a venue")
        },
    )
}

pub(crate) fn codes() -> impl Strategy<Value = (EntryCode, TraceCode)> {
    (venue(), any::<u64>()).prop_map(|(venue, seed)| {
        let key = authority().upload_public_key();
        noren::venue::set_up(venue, &key, &mut rng(seed)).expect("codes")
    })
}

pub(crate) fn notice() -> impl Strategy<Value = Notice> {
    let level = prop::sample::select(&[Level::Attention, Level::Cluster, Level::Withdrawn][..]);
    let details =
        (level, any::<bool>(), any::<bool>()).prop_map(|(level, names_venue, names_date)| {
            NoticeDetails { level, names_venue, names_date }
        });
    (window(), ".{0,50}", option::of(details)).prop_map(|(window, message, details)| Notice {
        window: Some(window),
        message,
        details,
    })
}

/// The codes of one venue whose code is always valid.
pub(crate) fn fixed_codes() -> (EntryCode, TraceCode) {
    let at = |seconds| UnixSeconds::new(seconds).expect("a time");
    let valid = Window::new(at(0), UnixSeconds::MAX).expect("always");
    let details = VenueDetails::default();
    let venue = Venue::new("Kissa", "Kyoto", valid, details);
    noren::venue::set_up(venue.expect("a venue"), &authority().upload_public_key(), &mut rng(1))
        .expect("codes")
}
