//! A key opens the records of its venue and hour, and nothing else.

use noren::hazmat::{CheckInRecord, Ciphertext, match_entries};
use noren::messages::{IdentityKey, Level, MessageError, Part, PublishedTrace};
use noren::visitor::to_the_end;

use super::town::{DAY, HOUR, NOON, Town, hour, matches, window};

#[test]
fn keys_of_other_hours_open_nothing() {
    // [ID-4] [IBE-8] [MAT-1]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let records: Vec<CheckInRecord> =
        (0..6).flat_map(|i| town.visit(&code, NOON + i * HOUR, NOON + i * HOUR + 60)).collect();
    let entries = town.publish(&trace_code, window(NOON - HOUR, NOON + 7 * HOUR));
    assert_eq!(entries.len(), 8);
    for (i, entry) in (-1..).zip(&entries) {
        let opened: Vec<_> = (0..)
            .zip(&records)
            .filter(|(_, record)| {
                matches(std::slice::from_ref(*record), std::slice::from_ref(entry)) > 0
            })
            .map(|(j, _)| j)
            .collect();
        let expected: Vec<i32> = (0..6).filter(|j| *j == i).collect();
        assert_eq!(opened, expected, "the key of hour {i}");
    }
}

#[test]
fn a_key_under_the_name_of_another_hour_opens_nothing() {
    // [IBE-8]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let records = town.visit(&code, NOON, NOON + 2 * HOUR - 1);
    let entries = town.publish(&trace_code, window(NOON, NOON + 2 * HOUR));
    let secrets = code.secrets();
    let keys: Vec<IdentityKey> = entries
        .iter()
        .map(|entry| PublishedTrace::from_bytes(entry).expect("a trace").key().clone())
        .collect();
    for (named, key) in [(NOON, &keys[1]), (NOON + HOUR, &keys[0])] {
        let identity = secrets.identity(hour(named));
        let key = key.to_bytes();
        let entry = town.forge(&identity, &key, hour(named), secrets.notification_key());
        assert_eq!(matches(&records, &[entry]), 0);
    }
}

#[test]
fn keys_of_other_venues_open_nothing() {
    // [ID-1] [IBE-8]
    let mut town = Town::new();
    let (code, _) = town.venue("Kissa Noren");
    let (_, same_texts) = town.venue("Kissa Noren");
    let (_, other) = town.venue("Another place");
    let records = town.visit(&code, NOON, NOON + 60);
    for trace_code in [same_texts, other] {
        let entries = town.publish(&trace_code, window(NOON - HOUR, NOON + 2 * HOUR));
        assert_eq!(matches(&records, &entries), 0);
    }
}

#[test]
fn records_of_other_hours_open_nothing() {
    // [ID-4] [PUB-1]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let entries = town.publish(&trace_code, window(NOON, NOON + HOUR));
    for (from, to) in [
        (NOON - HOUR, NOON - 1),
        (NOON + HOUR, NOON + HOUR + 60),
        (NOON - DAY, NOON - DAY + 60),
        (NOON + DAY, NOON + DAY + 60),
    ] {
        let records = town.visit(&code, from, to);
        assert_eq!(matches(&records, &entries), 0, "{from} to {to}");
    }
}

#[test]
fn a_record_is_tried_under_its_own_day_alone() {
    // [MAT-1] [TIME-3]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let midnight = NOON + 12 * HOUR;
    let records = town.visit(&code, midnight - 60, midnight + 60);
    assert_eq!(records.len(), 2);
    assert_ne!(records[0].day(), records[1].day());
    let entries = town.publish(&trace_code, window(midnight - HOUR, midnight + HOUR));
    let numbered = (0..).zip(entries.iter().map(Vec::as_slice));
    let outcome = match_entries(&records, numbered, to_the_end).expect("not cancelled");
    assert_eq!((outcome.matches.len(), outcome.trials), (2, 2));
}

#[test]
fn whoever_holds_the_entry_code_recognises_its_published_hours() {
    // [ID-4] [PUB-1] The leak that a code which hangs for months has: PL2 in the threat model.
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let entries =
        town.publish_notice(&trace_code, window(NOON, NOON + HOUR), Level::Cluster, "hello");
    let trace = PublishedTrace::from_bytes(&entries[0]).expect("a trace");
    let secrets = code.secrets();
    assert_eq!(*trace.identity(), secrets.identity(hour(NOON)));
    let notice = trace.notice().open(secrets.notification_key()).expect("it opens");
    assert_eq!(notice.message, "hello");
    // Another venue's code recognises nothing.
    let (other, _) = town.venue("Another place");
    let opened = trace.notice().open(other.secrets().notification_key());
    assert_eq!(opened.err(), Some(MessageError::DoesNotOpen(Part::Notice)));
}

#[test]
fn a_record_changed_in_any_part_opens_no_more() {
    // [IBE-8]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let record = town.visit(&code, NOON, NOON + 60).remove(0);
    let entries = town.publish(&trace_code, window(NOON, NOON + HOUR));
    let trace = PublishedTrace::from_bytes(&entries[0]).expect("a trace");
    let opens = |bytes: &[u8]| {
        let ciphertext = Ciphertext::from_bytes(bytes).ok()?;
        trace.key().decrypt(trace.identity().as_bytes(), &ciphertext)
    };
    assert!(opens(record.sealed()).is_some());
    // Of c1, c2, the nonce and c3, the first, a middle and the last byte.
    for place in [0, 47, 48, 95, 96, 110, 127, 128, 151, 152, 167, 168, 600, 1_191] {
        let mut altered = record.sealed().to_vec();
        altered[place] ^= 1;
        assert!(opens(&altered).is_none(), "byte {place}");
    }
    assert!(opens(&record.sealed()[..1_191]).is_none());
    assert!(opens(&[record.sealed(), &[0]].concat()).is_none());
}
