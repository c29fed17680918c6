//! What is stored, sent and published looks the same for every venue.

use std::collections::BTreeMap;

use noren::authority::{Cover, Trace, covered_entries};
use noren::hazmat::{CheckInRecord, SEALED_RECORD_LENGTH};
use noren::messages::{
    EntryCode, Level, PublishedTrace, SEALED_UPLOAD_LENGTH, UploadCode, dummy_upload,
};
use noren::visitor::{CheckIn, DeviceKey, Vault, VaultKey};
use prost::Message;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use super::town::{HOUR, NOON, ProblematicEvent, Town, at, hour, matches, share, window};

/// Everything that the entry code tells or determines about one hour, in one byte string.
pub(crate) fn known(code: &EntryCode, start: u64) -> Vec<u8> {
    let secrets = code.secrets();
    let (identity, venue) = (secrets.identity(hour(start)), code.venue());
    [
        code.as_bytes(),
        &code.master_public_key().to_bytes(),
        secrets.pre_identity_nonce(),
        secrets.time_key_nonce(),
        secrets.pre_identity(),
        secrets.notification_key().as_bytes(),
        secrets.time_key_at(i64::try_from(start).expect("a time")).as_slice(),
        identity.as_bytes(),
        venue.description().as_bytes(),
        venue.address().as_bytes(),
    ]
    .concat()
}

/// Six bytes in a row are shared by chance about once in 10⁸ such comparisons.
const RUN: usize = 6;

#[test]
fn records_show_no_field_that_depends_on_the_venue() {
    // [VIS-2]
    let mut town = Town::new();
    let codes = [town.venue("x").0, town.wordy_venue().0];
    let records: Vec<Vec<CheckInRecord>> = codes
        .iter()
        .map(|code| {
            town.rng = ChaCha20Rng::seed_from_u64(5);
            town.visit(code, NOON + 60, NOON + HOUR - 60)
        })
        .collect();
    for (code, records) in codes.iter().zip(&records) {
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].sealed().len(), SEALED_RECORD_LENGTH);
        assert!(!share(records[0].sealed(), &known(code, NOON), RUN));
    }
    // With the same randomness, what stands outside the ciphertext is the same, and of the
    // ciphertext the nonce, which is that randomness. (So is the keystream of c3.)
    let [a, b] = [&records[0][0], &records[1][0]];
    assert_eq!((a.visit(), a.day()), (b.visit(), b.day()));
    assert_eq!(a.sealed()[128..152], b.sealed()[128..152]);
    assert!(!share(&a.sealed()[..128], &b.sealed()[..128], RUN));
    let again = town.visit(&codes[1], NOON + 60, NOON + HOUR - 60);
    assert!(!share(a.sealed(), again[0].sealed(), RUN), "randomness of its own");
}

#[test]
fn two_records_of_one_venue_and_hour_have_nothing_in_common() {
    // [VIS-2] [IBE-7]
    let mut town = Town::new();
    let (code, _) = town.venue("Kissa Noren");
    let [a, b] = [0, 1].map(|_| town.visit(&code, NOON, NOON + 60).remove(0));
    assert!(!share(a.sealed(), b.sealed(), RUN));
    assert_ne!(a.visit(), b.visit());
}

#[test]
fn a_sealed_vault_shows_no_field_that_depends_on_the_venue() {
    // [VLT-3] [VIS-3]
    let mut town = Town::new();
    let codes = [town.venue("x").0, town.wordy_venue().0];
    let key = VaultKey::device(DeviceKey::from_bytes([3; 32]));
    let mut lengths = Vec::new();
    for code in &codes {
        let mut vault = Vault::new();
        lengths.push(vault.seal(&key, &mut town.rng).expect("sealed").len());
        let opened = vault.check_in(code, at(NOON), &mut town.rng).expect("checked in");
        let sealed = vault.seal(&key, &mut town.rng).expect("sealed");
        assert!(!share(&sealed, &known(code, NOON), RUN), "open visit");
        lengths.push(sealed.len());
        let CheckIn::Opened(id) = opened else { panic!("a new visit") };
        vault.check_out(id, at(NOON + 60), &mut town.rng).expect("checked out");
        let sealed = vault.seal(&key, &mut town.rng).expect("sealed");
        lengths.push(sealed.len());
    }
    lengths.dedup();
    assert_eq!(lengths.len(), 1, "one bucket: {lengths:?}");
}

#[test]
fn traces_show_no_field_that_depends_on_the_venue() {
    // [PUB-1] [MSG-9]
    let mut town = Town::new();
    let venues = [town.venue("x"), town.wordy_venue()];
    let levels = [(Level::Attention, String::new()), (Level::Cluster, "長".repeat(66))];
    let asked = window(NOON, NOON + HOUR);
    let mut traces = Vec::new();
    for (code, trace_code) in &venues {
        for (level, message) in &levels {
            let entry = town.publish_notice(trace_code, asked, *level, message).remove(0);
            let mut trace = ProblematicEvent::decode(&entry[..]).expect("a trace");
            assert_eq!(trace.identity, code.secrets().identity(hour(NOON)).as_bytes());
            // All but the identity is new to who holds the code.
            let identity = std::mem::take(&mut trace.identity);
            assert!(!share(&trace.encode_to_vec(), &known(code, NOON), RUN));
            assert_eq!(
                (trace.version, trace.day),
                (3, i64::try_from(NOON - 12 * HOUR).expect("fits"))
            );
            traces.push((identity, trace, entry.len()));
        }
    }
    for (a, b) in [(0, 2), (0, 3), (1, 2), (1, 3)] {
        let [(id, one, length), (other_id, other, other_length)] = [&traces[a], &traces[b]];
        assert_eq!(length, other_length);
        assert!(!share(id, other_id, RUN));
        assert!(!share(&one.secret_key_for_identity, &other.secret_key_for_identity, RUN));
        assert!(!share(&one.encrypted_associated_data, &other.encrypted_associated_data, RUN));
        assert!(!share(&one.cipher_text_nonce, &other.cipher_text_nonce, RUN));
    }
}

#[test]
fn the_hours_of_one_venue_cannot_be_told_to_be_one_venues() {
    // [PUB-1] [PUB-4]
    let mut town = Town::new();
    let (_, trace_code) = town.venue("Kissa Noren");
    let entries = town.publish(&trace_code, window(NOON, NOON + 3 * HOUR));
    let fields: Vec<Vec<u8>> = entries
        .iter()
        .map(|entry| {
            let trace = ProblematicEvent::decode(&entry[..]).expect("a trace");
            [
                trace.identity,
                trace.secret_key_for_identity,
                trace.encrypted_associated_data,
                trace.cipher_text_nonce,
            ]
            .concat()
        })
        .collect();
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        assert!(!share(&fields[a], &fields[b], RUN));
    }
}

#[test]
fn an_upload_holds_nothing_that_depends_on_visitors() {
    // [VEN-3]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let asked = window(NOON, NOON + HOUR);
    let binding = UploadCode::generate(&mut town.rng).binding();
    let key = town.authority.upload_public_key();
    let upload = |_: &mut Town| {
        let upload =
            noren::venue::upload(&trace_code, asked, binding, asked.over_at()).expect("an upload");
        upload.seal(&key, &mut ChaCha20Rng::seed_from_u64(5)).expect("a box")
    };
    let before = upload(&mut town);
    for i in 0..20 {
        town.visit(&code, NOON + i, NOON + i + 600);
    }
    assert_eq!(upload(&mut town), before, "visits leave no trace at the venue");
    assert_eq!(before.len(), SEALED_UPLOAD_LENGTH);
    assert!(!share(&before, &known(&code, NOON), RUN));
    let longest = window(NOON, NOON + 36 * HOUR);
    let longest =
        noren::venue::upload(&trace_code, longest, binding, longest.over_at()).expect("an upload");
    assert_eq!(longest.seal(&key, &mut town.rng).expect("a box").len(), before.len());
    assert_eq!(dummy_upload(&key, &mut town.rng).expect("a box").len(), before.len());
}

#[test]
fn cover_entries_look_like_the_others_and_hide_how_many_there_are() {
    // [PUB-5] [PUB-4]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let records = town.visit(&code, NOON, NOON + 600);
    let today = hour(NOON + 72 * HOUR).day();
    let cover = Some(Cover { multiple: 8, days: 3 });
    for hours in [1, 7, 9] {
        let traces = town.traces(&trace_code, window(NOON, NOON + hours * HOUR));
        let real: Vec<Vec<u8>> = traces.iter().map(Trace::to_bytes).collect();
        let batch = covered_entries(&traces, cover, today, None, &mut town.rng).expect("a batch");
        let mut days = BTreeMap::<i64, usize>::new();
        for entry in &batch {
            assert_eq!(entry.len(), real[0].len());
            let trace = PublishedTrace::from_bytes(entry).expect("a trace");
            *days.entry(trace.day().start().as_i64()).or_default() += 1;
        }
        let of_the_case = if hours > 8 { 16 } else { 8 };
        assert_eq!(days.into_values().collect::<Vec<_>>(), [of_the_case, 8, 8, 8]);
        assert!(real.iter().all(|entry| batch.contains(entry)));
        assert_eq!(matches(&records, &batch), 1, "only the real one opens a record");
        assert_ne!(&batch[..real.len()], &real[..], "shuffled");
    }
    let nothing = covered_entries(&[], None, today, None, &mut town.rng).expect("a batch");
    assert!(nothing.is_empty());
}
