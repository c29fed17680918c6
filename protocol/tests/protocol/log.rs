//! The published log: properties, and the vectors of spec/vectors/log.json.

use std::collections::BTreeMap;

use noren::auditor::{Comparison, Finding, Freshness, Sighting, audit, compare};
use noren::keys::SignSecretKey;
use noren::log::{
    Append, AppendError, Checkpoint, CheckpointError, CompactRange, LogError, LogPosition,
    LogSecretKeys, Origin, SignedCheckpoint, TileError, TilePath, TileWidth, TreeHash,
    append_tiles, bundles_needed, covering, decode_bundle, decode_hash_tile, encode_bundle,
    leaf_hash, node_hash, range_from_tiles, tiles_of_append,
};
use noren::time::UnixSeconds;
use proptest::prelude::*;

use crate::vectors;

const NOW: u64 = 1_700_000_000;

fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).expect("a time")
}

fn key() -> SignSecretKey {
    SignSecretKey::from_bytes(&[7; 32])
}

fn origin() -> Origin {
    Origin::new("health.example/log").expect("an origin")
}

fn numbered(start: u64, end: u64) -> Vec<Vec<u8>> {
    (start..end).map(|i| i.to_be_bytes().to_vec()).collect()
}

fn range_of(entries: &[Vec<u8>]) -> CompactRange {
    let mut range = CompactRange::new();
    entries.iter().for_each(|entry| range.push(leaf_hash(entry)));
    range
}

/// The definition of RFC 6962 section 2.1, without any shortcut.
fn naive_root(leaves: &[TreeHash]) -> TreeHash {
    match leaves {
        [] => TreeHash::of_empty_tree(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

fn signed(size: u64, root: TreeHash, time: u64) -> SignedCheckpoint {
    let note = Checkpoint { origin: origin(), size, root }
        .sign(&(&key()).into(), at(time))
        .expect("signed");
    SignedCheckpoint::verify(note.as_bytes(), &origin(), &key().public_key().into())
        .expect("just signed")
}

fn head_of(entries: &[Vec<u8>], time: u64) -> SignedCheckpoint {
    let range = range_of(entries);
    signed(range.size(), range.root(), time)
}

#[test]
fn the_vectors_hold() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../spec/vectors/log.json");
    let file = std::fs::read_to_string(path).expect("the vectors");
    let sections: BTreeMap<String, serde_json::Value> = serde_json::from_str(&file).expect("JSON");
    assert_eq!(sections["meta"]["format"], "noren-log");
    let mut checked = 0;
    for (section, cases) in sections.iter().filter(|(section, _)| *section != "meta") {
        let count = vectors::log::run(section, cases)
            .unwrap_or_else(|| panic!("unknown section {section}"));
        assert!(count > 0, "{section} has no case");
        checked += count;
    }
    assert!(checked > 500, "only {checked} cases");
}

#[test]
fn the_compact_range_is_the_tree_for_every_size() {
    // [LOG-1] [LOG-7]
    let leaves: Vec<_> = numbered(0, 600).iter().map(|entry| leaf_hash(entry)).collect();
    let mut range = CompactRange::new();
    for size in 0..=leaves.len() {
        assert_eq!(range.root(), naive_root(&leaves[..size]), "size {size}");
        let parts = CompactRange::from_parts(range.size(), range.hashes().to_vec());
        assert_eq!(parts.as_ref(), Ok(&range));
        if let Some(leaf) = leaves.get(size) {
            range.push(*leaf);
        }
    }
}

#[test]
fn every_flipped_bit_of_a_checkpoint_is_refused() {
    // [LOG-4] [LOG-5] [LOG-6]
    let head = head_of(&numbered(0, 5), NOW);
    let note = head.text().as_bytes();
    for bit in 0..note.len() * 8 {
        let mut flipped = note.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let opened = SignedCheckpoint::verify(&flipped, &origin(), &key().public_key().into());
        assert!(opened.is_err(), "bit {bit} of {:?}", head.text());
    }
}

#[test]
fn every_cut_of_a_checkpoint_is_refused() {
    // [LOG-11]
    let head = head_of(&numbered(0, 5), NOW);
    for end in 0..head.text().len() {
        let cut = &head.text().as_bytes()[..end];
        assert!(
            SignedCheckpoint::verify(cut, &origin(), &key().public_key().into()).is_err(),
            "{end}"
        );
    }
}

#[test]
fn every_byte_of_an_append_counts() {
    // [LOG-9] [LOG-11]
    let start = LogPosition::start();
    let append =
        Append::sign(&start, numbered(0, 3), &origin(), &(&key()).into(), at(NOW)).expect("signs");
    let bytes = append.to_bytes().expect("encodes");
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let verified = Append::from_bytes(&flipped)
            .and_then(|append| append.verify(&start, &origin(), &key().public_key().into()));
        assert!(verified.is_err(), "bit {bit}");
    }
}

#[test]
fn the_clock_key_renews_the_time_of_a_tree_and_signs_no_other() {
    // [PRO-8] [PRO-9]
    let (log, clock) = (key(), SignSecretKey::from_bytes(&[8; 32]));
    let secrets = LogSecretKeys { log: &log, clock: &clock };
    let (keys, start) = (secrets.public_keys(), LogPosition::start());
    let first = Append::sign(&start, numbered(0, 3), &origin(), &secrets, at(NOW)).expect("signs");
    let (position, head) = first.verify(&start, &origin(), &keys).expect("verifies");
    // A note of others as well, whose lines stay.
    let witness = format!("{}\u{2014} witness.example d2l0bmVzcw==\n", head.text());
    let head = SignedCheckpoint::verify(witness.as_bytes(), &origin(), &keys).expect("as before");
    let renewed = Append::renew(&head, &clock, at(NOW + 60)).expect("renews");
    let (after, later) = renewed.verify(&position, &origin(), &keys).expect("a heartbeat");
    assert_eq!((after.range, later.timestamp()), (position.range.clone(), at(NOW + 60)));
    let lines =
        |head: &SignedCheckpoint| head.text().lines().map(str::to_owned).collect::<Vec<_>>();
    let (before, now) = (lines(&head), lines(&later));
    assert_eq!(before.len(), now.len());
    let changed = (0..now.len()).filter(|line| before[*line] != now[*line]);
    assert_eq!(changed.collect::<Vec<_>>(), [5], "the clock's line alone");
    // Not back in time, and not with the log key or a stranger's.
    let back = Append::renew(&later, &clock, at(NOW + 59));
    assert_eq!(back, Err(LogError::TimestampWentBack.into()));
    for other in [&log, &SignSecretKey::from_bytes(&[9; 32])] {
        let refused = Append::renew(&head, other, at(NOW + 60));
        assert_eq!(refused, Err(CheckpointError::NoTimestamp.into()));
    }
    // Whoever has the clock key alone signs no tree, and dates none that the log key has not signed.
    let thief = LogSecretKeys { log: &clock, clock: &clock };
    let forged = Append::sign(&position, numbered(3, 4), &origin(), &thief, at(NOW + 60));
    let forged = forged.expect("signs").verify(&position, &origin(), &keys);
    assert_eq!(forged, Err(CheckpointError::Unsigned.into()));
    // The log key signs trees and dates none.
    let one = Append::sign(&position, vec![], &origin(), &(&log).into(), at(NOW + 60));
    let one = one.expect("signs").verify(&position, &origin(), &keys);
    assert_eq!(one, Err(CheckpointError::NoTimestamp.into()));
}

#[test]
fn an_append_is_signed_only_forward_in_time() {
    // [LOG-8] [LOG-9]
    let position = LogPosition { range: range_of(&numbered(0, 3)), timestamp: at(NOW) };
    let back = Append::sign(&position, vec![], &origin(), &(&key()).into(), at(NOW - 1));
    assert_eq!(back, Err(AppendError::Log(LogError::TimestampWentBack)));
    let heartbeat =
        Append::sign(&position, vec![], &origin(), &(&key()).into(), at(NOW + 60)).expect("signs");
    let (after, head) =
        heartbeat.verify(&position, &origin(), &key().public_key().into()).expect("extends");
    assert_eq!((after.range, head.timestamp()), (position.range, at(NOW + 60)));
}

#[test]
fn a_refused_step_leaves_the_position_as_it_was() {
    // [LOG-7] [LOG-8]
    let entries = numbered(0, 9);
    let before = LogPosition::start()
        .advance(&head_of(&entries[..4], NOW), &entries[..4])
        .expect("advances");
    let kept = before.clone();
    let mut forged = entries.clone();
    forged[6] = b"forged".to_vec();
    let head = head_of(&entries, NOW + 60);
    assert_eq!(before.pending(&head), Ok(5));
    assert_eq!(before.advance(&head, &forged[4..]), Err(LogError::RootMismatch));
    assert_eq!(before.advance(&head, std::iter::repeat(b"endless")), Err(LogError::EntryCount));
    assert_eq!(before, kept);
    assert!(before.advance(&head, &entries[4..]).is_ok());
}

#[test]
fn two_signed_histories_are_told_apart() {
    // [LOG-10]
    let (ours, mut theirs) = (numbered(0, 6), numbered(0, 6));
    theirs[2] = b"theirs".to_vec();
    let (a, b) = (head_of(&ours, NOW), head_of(&theirs, NOW + 60));
    let longer = head_of(&numbered(0, 7), NOW + 90);
    assert_eq!(compare(&a, &head_of(&ours, NOW + 1)), Comparison::Same);
    assert_eq!((compare(&a, &b), compare(&b, &a)), (Comparison::Fork, Comparison::Fork));
    assert_eq!(compare(&a, &longer), Comparison::NeedsEntries);
    let early = head_of(&numbered(0, 7), NOW - 1);
    assert_eq!(
        (compare(&a, &early), compare(&early, &a)),
        (Comparison::WentBack, Comparison::WentBack)
    );

    let other = Origin::new("other.example/log").expect("an origin");
    let note = Checkpoint { origin: other.clone(), ..a.checkpoint().clone() }
        .sign(&(&key()).into(), at(NOW))
        .expect("signed");
    let elsewhere = SignedCheckpoint::verify(note.as_bytes(), &other, &key().public_key().into())
        .expect("just signed");
    assert_eq!(compare(&a, &elsewhere), Comparison::OtherLog);
}

#[test]
fn an_audit_counts_what_devices_would_skip() {
    // [LOG-10]
    let entries = numbered(0, 9);
    let head = head_of(&entries, NOW);
    let position = LogPosition { range: range_of(&entries[..4]), timestamp: at(NOW - 60) };
    let freshness = Freshness { now: at(NOW), max_age: 60 };
    let report = audit(&entries, &head, &[Sighting::from(&position)], freshness, |e| e[7] % 2 == 0);
    assert!(report.is_clean());
    assert_eq!((report.malformed, report.confirmed, report.position.range.size()), (4, 1, 9));

    // An entry too long for a bundle cannot have come from the log's files.
    let long = [vec![0; 65_536]];
    let report = audit(&long, &head_of(&long, NOW), &[], freshness, |_| true);
    assert_eq!(report.findings, [Finding::EntryTooLong { index: 0 }]);

    // An endless log is not read beyond what was signed.
    let endless = audit(std::iter::repeat(b"entry"), &head, &[], freshness, |_| true);
    assert_eq!(endless.findings[0], Finding::EntryCount { found: 10, signed: 9 });
}

/// Files by path, as a server would keep them.
type Store = BTreeMap<TilePath, Vec<u8>>;

/// Appends in the given steps and checks that no file is ever written twice.
fn grow(steps: &[u64]) -> (Store, CompactRange) {
    let (mut store, mut range) = (Store::new(), CompactRange::new());
    for step in steps {
        let entries = numbered(range.size(), range.size() + step);
        let files =
            append_tiles(&range, &entries, |path| store.get(path).cloned()).expect("intact");
        let paths: Vec<_> = files.iter().map(|(path, _)| *path).collect();
        assert_eq!(paths, tiles_of_append(range.size(), range.size() + step).collect::<Vec<_>>());
        for (path, bytes) in files {
            assert!(store.insert(path, bytes).is_none(), "{path} is written once");
        }
        entries.iter().for_each(|entry| range.push(leaf_hash(entry)));
    }
    (store, range)
}

fn steps() -> impl Strategy<Value = Vec<u64>> {
    let step = prop_oneof![0..4_u64, 200..300_u64, 500..700_u64];
    proptest::collection::vec(step, 1..6)
}

fn any_path() -> impl Strategy<Value = TilePath> {
    let index = prop_oneof![0..2_000_u64, any::<u64>()];
    let width = (1..=256_u16).prop_map(|width| TileWidth::new(width).expect("a width"));
    (proptest::option::of(0..=63_u8), index, width).prop_map(|(level, index, width)| match level {
        Some(level) => TilePath::Hash { level, index, width },
        None => TilePath::Entries { index, width },
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// [LOG-7] However a device splits its way, it arrives at the same position.
    #[test]
    fn any_split_of_the_way_arrives(steps in steps()) {
        let total = steps.iter().sum();
        let entries = numbered(0, total);
        let mut position = LogPosition::start();
        for (round, step) in (0..).zip(&steps) {
            let old = position.range.size();
            let all = &entries[..usize::try_from(old + step).expect("small")];
            let head = head_of(all, NOW + round);
            prop_assert_eq!(position.pending(&head), Ok(*step));
            position = position.advance(&head, &all[usize::try_from(old).expect("small")..]).expect("advances");
        }
        let last = NOW + steps.len() as u64 - 1;
        let at_once = LogPosition::start().advance(&head_of(&entries, last), &entries).expect("advances");
        prop_assert_eq!(position, at_once);
    }

    /// [LOG-2] [LOG-3] [LOG-9] The files do not depend on how the log grew, except which partial
    /// widths exist; a reader finds every entry in the bundles it is told to fetch.
    #[test]
    fn tiles_grow_without_changing(steps in steps()) {
        let total: u64 = steps.iter().sum();
        let (store, range) = grow(&steps);
        let (at_once, _) = grow(&[total]);
        for (path, bytes) in &at_once {
            prop_assert_eq!(store.get(path), Some(bytes), "{}", path);
        }
        for path in store.keys() {
            prop_assert!(covering(path, total), "{}", path);
        }
        prop_assert_eq!(range_from_tiles(total, |path| store.get(path).cloned()), Ok(range));
        let mut from = 0;
        for step in &steps {
            let mut read = vec![];
            for needed in bundles_needed(from, total) {
                read.extend(needed.new_entries(&store[&needed.path]).expect("a bundle"));
            }
            prop_assert_eq!(read, numbered(from, total));
            from += step;
        }
    }

    /// [LOG-2] [LOG-3]
    #[test]
    fn paths_round_trip(path in any_path()) {
        prop_assert_eq!(path.to_string().parse(), Ok(path));
    }

    /// [LOG-2] [LOG-11] A string is refused or is the one spelling.
    #[test]
    fn no_string_is_a_second_spelling(text in "(tile/)?([0-9]{1,2}|entries|x)/(x?[0-9]{1,4}/){0,3}[0-9]{2,4}(\\.p/[0-9]{1,3})?|.*") {
        if let Ok(path) = text.parse::<TilePath>() {
            prop_assert_eq!(path.to_string(), text);
        }
    }

    /// [LOG-3]
    #[test]
    fn bundles_round_trip(entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..=256)) {
        let bytes = encode_bundle(&entries).expect("short entries");
        let width = TileWidth::new(u16::try_from(entries.len()).expect("at most 256")).expect("a width");
        prop_assert_eq!(decode_bundle(&bytes, width), Ok(entries));
        prop_assert_eq!(decode_bundle(&bytes[..bytes.len() - 1], width), Err(TileError::Bundle));
    }

    /// [LOG-11] Foreign bytes are refused without a panic.
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300), width in 1..=256_u16) {
        let width = TileWidth::new(width).expect("a width");
        if let Ok(entries) = decode_bundle(&bytes, width) {
            prop_assert_eq!(encode_bundle(&entries).expect("as read"), bytes.clone());
        }
        let _ = decode_hash_tile(&bytes, width);
        prop_assert!(SignedCheckpoint::verify(&bytes, &origin(), &key().public_key().into()).is_err());
        if let Ok(append) = Append::from_bytes(&bytes) {
            prop_assert_eq!(append.to_bytes(), Ok(bytes));
        }
    }

    /// [LOG-4] [LOG-11] A damaged note is refused without a panic, wherever it is damaged.
    #[test]
    fn a_damaged_note_is_refused(place in 0..300_usize, insert in "[\\n \u{2014}a+=0]{1,3}") {
        let head = head_of(&numbered(0, 5), NOW);
        let mut note = head.text().to_owned();
        let place = (place..note.len()).find(|place| note.is_char_boundary(*place)).unwrap_or(0);
        note.insert_str(place, &insert);
        prop_assert!(SignedCheckpoint::verify(note.as_bytes(), &origin(), &key().public_key().into()).is_err());
    }

    /// [LOG-9]
    #[test]
    fn appends_round_trip(old_size in any::<u64>(), entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20), checkpoint in ".*") {
        let append = Append { old_size, entries, checkpoint };
        prop_assert_eq!(Append::from_bytes(&append.to_bytes().expect("small")), Ok(append));
    }
}
