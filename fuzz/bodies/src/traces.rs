//! What venues hand in and authorities publish, and what a device does with it.

use std::sync::OnceLock;

use noren::authority::{Case, review};
use noren::log::LogPosition;
use noren::messages::{
    CodeBinding, Layout, Level, Notice, NoticeDetails, PreTrace, PublishedTrace, Venue,
    VenueDetails, unwrap_events, wrap_events,
};
use noren::profile::{Fingerprint, SignedProfile};
use noren::time::{UnixSeconds, Window};
use noren::visitor::{CheckIn, Vault, to_the_end};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::published::signed_profile;
use super::uploads::authority;

/// A venue's half of a key with its proof. [MSG-4] [MSG-5]
pub fn pre_trace(data: &[u8]) -> bool {
    let Ok(pre_trace) = PreTrace::from_bytes(data) else { return false };
    let bytes = pre_trace.to_bytes();
    let again = PreTrace::from_bytes(&bytes).expect("what was written can be read");
    assert_eq!(again.to_bytes(), bytes);
    true
}

/// A log entry. [MSG-10]
pub fn trace(data: &[u8]) -> bool {
    let Ok(trace) = PublishedTrace::from_bytes(data) else { return false };
    assert_eq!(trace.day().start().get() % 86_400, 0);
    let bytes = trace.to_bytes();
    let again = PublishedTrace::from_bytes(&bytes).expect("what was written can be read");
    assert_eq!(again.to_bytes(), bytes);
    true
}

/// A list of traces from the feed. [MSG-11]
pub fn trace_list(data: &[u8]) -> bool {
    let Ok(events) = unwrap_events(data) else { return false };
    assert_eq!(unwrap_events(&wrap_events(&events)).as_ref(), Ok(&events));
    events.iter().filter(|event| trace(event)).count() > 0
}

/// The plaintext of a notice. [MSG-6] [MSG-9]
pub fn notice(data: &[u8]) -> bool {
    let Ok(notice) = Notice::from_bytes(data) else { return false };
    for layout in [Layout::WithTimes, Layout::WithoutTimes] {
        let Ok(bytes) = notice.to_bytes(layout) else { continue };
        assert!(notice.details.is_none() || bytes.len() == 512);
        let again = Notice::from_bytes(&bytes).expect("what was written can be read");
        assert_eq!((&again.message, again.details), (&notice.message, notice.details));
        assert!(layout == Layout::WithoutTimes || again.window == notice.window);
    }
    true
}

const NOON: u64 = 1_700_049_600;

fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).expect("a time")
}

/// A device with one visit, and the entry that concerns it.
struct Device {
    authority: Fingerprint,
    vault: Vault,
    genuine: Vec<u8>,
}

fn device() -> &'static Device {
    static DEVICE: OnceLock<Device> = OnceLock::new();
    DEVICE.get_or_init(|| {
        let mut rng = ChaCha20Rng::from_seed([3; 32]);
        let keys = authority();
        let window = Window::new(at(NOON), at(NOON + 3_600)).expect("an hour");
        let venue = Venue::new("Kissa", "Kyoto", window, VenueDetails::default()).expect("a venue");
        let (code, trace_code) =
            noren::venue::set_up(venue, &keys.upload_public_key(), &mut rng).expect("codes");
        let mut vault = Vault::new();
        let CheckIn::Opened(id) = vault.check_in(&code, at(NOON), &mut rng).expect("checked in")
        else {
            unreachable!("the first visit")
        };
        vault.check_out(id, at(NOON + 60), &mut rng).expect("checked out");
        let case = Case { code: CodeBinding::from_bytes([1; 32]), window };
        let upload = noren::venue::upload(&trace_code, window, case.code, window.over_at())
            .expect("an upload");
        let sealed = upload.seal(&keys.upload_public_key(), &mut rng).expect("a box");
        let review =
            review(keys.upload_key(), &case, &sealed, window.over_at()).expect("a good upload");
        let details =
            Some(NoticeDetails { level: Level::Cluster, names_venue: true, names_date: true });
        let notice = Notice { window: Some(window), message: "genuine".to_owned(), details };
        let trace = review.pre_traces[0].trace(&notice, Layout::WithTimes, &mut rng);
        let genuine = trace.expect("a trace").to_bytes();
        let profile = SignedProfile::from_bytes(&signed_profile()).expect("a profile");
        Device { authority: profile.profile().fingerprint(), vault, genuine }
    })
}

/// The entry that the device's one visit matches, for the seeds.
pub fn genuine_entry() -> Vec<u8> {
    device().genuine.clone()
}

/// Entries, each u16be length and bytes, around one that is genuine. [MAT-2]
pub fn matching(data: &[u8]) -> bool {
    let device = device();
    let mut hostile = Vec::new();
    let mut rest = data;
    while let Some((length, tail)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(tail.len());
        let (entry, tail) = tail.split_at(length);
        hostile.push(entry.to_vec());
        rest = tail;
    }
    let place = hostile.len() / 2;
    hostile.insert(place, device.genuine.clone());
    let entries: Vec<(u64, Vec<u8>)> = (0..).zip(hostile).collect();
    let mut vault = device.vault.clone();
    let position = LogPosition::start();
    let outcome = vault
        .apply(&device.authority, &entries, position, at(NOON + 7_200), to_the_end)
        .expect("not cancelled");
    let found = outcome.matches.iter().filter(|found| found.index == place as u64);
    assert_eq!(found.count(), 1, "one hostile entry must not hide another");
    assert!(outcome.malformed + outcome.matches.len() as u64 <= entries.len() as u64);
    assert!(!vault.exposures().is_empty() || outcome.matches.len() > 1);
    true
}
