//! Runs the sections of spec/vectors/log.json.

use std::collections::BTreeMap;

use noren::auditor::{Finding, Freshness, Sighting, audit};
use noren::keys::{SignPublicKey, SignSecretKey};
use noren::log::{
    Append, AppendError, Checkpoint, CheckpointError, CompactRange, LogError, LogKeys, LogPosition,
    LogSecretKeys, Origin, SignatureType, SignedCheckpoint, TileError, TilePath, TileWidth,
    TreeHash, append_tiles, archived_day, archived_path, covering, decode_bundle, decode_hash_tile,
    encode_bundle, leaf_hash, tiles_between, tiles_of_append, trees_from_tiles, verifier_key,
};
use noren::time::UnixSeconds;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What a case comes to: `Ok`, or the name of the step that refused it.
type Outcome = Result<(), String>;

/// Checks every case of a section and says how many there were; `None` for a section of others.
pub(crate) fn run(section: &str, cases: &Value) -> Option<usize> {
    let check: fn(&Value) -> Outcome = match section {
        "log_leaf" => leaf,
        "log_root" => root,
        "log_tile_path" => tile_path,
        "log_cover" => cover,
        "log_tile" => tiles,
        "log_bundle" => bundle,
        "log_origin" => |case| origin(case).map(|_| ()),
        "log_key_id" => key_id,
        "log_checkpoint" => checkpoint,
        "log_fresh" => fresh,
        "log_advance" => advance,
        "log_append" => append,
        "log_audit" => audited,
        "log_archive" => archive,
        "log_join" => join,
        _ => return None,
    };
    let cases = cases.as_array().expect("a section is an array");
    for (number, case) in cases.iter().enumerate() {
        let expected = match case.get("fails") {
            Some(step) => Err(step.as_str().expect("a step").to_owned()),
            None => Ok(()),
        };
        let why = case.get("why").and_then(Value::as_str).unwrap_or("");
        assert_eq!(check(case), expected, "{section}[{number}] {why}");
    }
    Some(cases.len())
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().unwrap_or_else(|| panic!("{field} is a text"))
}

/// A number, written as one or as a decimal string.
fn number(case: &Value, field: &str) -> u64 {
    let value = &case[field];
    let parsed = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    parsed.unwrap_or_else(|| panic!("{field} is a number"))
}

fn bytes(case: &Value, field: &str) -> Vec<u8> {
    hex::decode(text(case, field)).unwrap_or_else(|_| panic!("{field} is hex"))
}

fn array<const N: usize>(case: &Value, field: &str) -> [u8; N] {
    bytes(case, field).try_into().unwrap_or_else(|_| panic!("{field} has {N} bytes"))
}

fn list(case: &Value, field: &str) -> Vec<Vec<u8>> {
    let items = case[field].as_array().unwrap_or_else(|| panic!("{field} is an array"));
    items.iter().map(|item| hex::decode(item.as_str().expect("hex")).expect("hex")).collect()
}

fn time(case: &Value, field: &str) -> UnixSeconds {
    UnixSeconds::new(number(case, field)).expect("a time")
}

fn width(case: &Value) -> Result<TileWidth, TileError> {
    TileWidth::new(u16::try_from(number(case, "width")).expect("16 bits"))
}

fn entries(end: u64) -> Vec<Vec<u8>> {
    (0..end).map(|i| format!("entry {i}").into_bytes()).collect()
}

fn range_of(entries: &[Vec<u8>]) -> CompactRange {
    let mut range = CompactRange::new();
    entries.iter().for_each(|entry| range.push(leaf_hash(entry)));
    range
}

/// `Err(step)` unless `right`.
fn ensure(right: bool, step: &str) -> Outcome {
    if right { Ok(()) } else { Err(step.to_owned()) }
}

fn leaf(case: &Value) -> Outcome {
    // [LOG-1]
    ensure(leaf_hash(&bytes(case, "entry")).0 == array(case, "hash"), "hash")
}

fn root(case: &Value) -> Outcome {
    // [LOG-1] [LOG-7]
    let hashes: Vec<_> = list(case, "hashes")
        .into_iter()
        .map(|hash| TreeHash(hash.try_into().expect("32 bytes")))
        .collect();
    let stored = CompactRange::from_parts(number(case, "entries"), hashes)
        .map_err(|error| log_step(&error))?;
    let range = range_of(&entries(number(case, "entries")));
    ensure(range.root().0 == array(case, "root"), "root")?;
    ensure(stored == range, "hashes")
}

fn tile_path(case: &Value) -> Outcome {
    // [LOG-2] [LOG-3]
    let path: TilePath = text(case, "path").parse().map_err(|error| tile_step(&error))?;
    assert_eq!(path.to_string(), text(case, "path"));
    if case.get("fails").is_none() {
        let (index, width) = (number(case, "index"), width(case).expect("a width"));
        let expected = match case["level"].as_u64() {
            Some(level) => {
                TilePath::Hash { level: u8::try_from(level).expect("a level"), index, width }
            }
            None => TilePath::Entries { index, width },
        };
        assert_eq!(path, expected);
    }
    Ok(())
}

fn archive(case: &Value) -> Outcome {
    // [LOG-17]
    let day = archived_day(text(case, "path")).ok_or("path")?;
    assert_eq!(archived_path(day), text(case, "path"));
    assert_eq!(day.start(), time(case, "day"));
    Ok(())
}

fn join(case: &Value) -> Outcome {
    // [LOG-18]
    let (smaller, larger) = (number(case, "smaller"), number(case, "larger"));
    let asked: Vec<_> = tiles_between(smaller, larger).iter().map(ToString::to_string).collect();
    let listed = case["tiles"].as_array().expect("an array");
    let mut sorted = asked.clone();
    sorted.sort_unstable();
    assert!(
        sorted.iter().eq(listed.iter().map(|path| path.as_str().expect("a path"))),
        "{asked:?}"
    );
    let mut files: BTreeMap<_, _> = append_tiles(&CompactRange::new(), &entries(larger), |_| None)
        .expect("a log")
        .into_iter()
        .collect();
    for change in ["flip", "cut"] {
        let Some(path) = case.get(change).and_then(Value::as_str) else { continue };
        let bytes = files.get_mut(&path.parse().expect("a path")).expect("a tile");
        let last = bytes.pop().expect("not empty");
        bytes.extend((change == "flip").then_some(last ^ 1));
    }
    let stored = |path: &TilePath| files.get(path).cloned().ok_or(TileError::Missing);
    let (before, after) =
        trees_from_tiles(smaller, larger, stored).map_err(|error| tile_step(&error))?;
    let is_right = |range: CompactRange, field| range.root().0 == array(case, field);
    ensure(is_right(after, "root") && is_right(before, "before"), "root")
}

fn cover(case: &Value) -> Outcome {
    // [LOG-2]
    let path = text(case, "path").parse().map_err(|error| tile_step(&error))?;
    ensure(covering(&path, number(case, "size")), "covered")
}

fn tiles(case: &Value) -> Outcome {
    // [LOG-2] [LOG-3]
    if case.get("fails").is_some() {
        let zeros = vec![0; usize::try_from(number(case, "length")).expect("a length")];
        let width = width(case).map_err(|error| tile_step(&error))?;
        return decode_hash_tile(&zeros, width).map(|_| ()).map_err(|error| tile_step(&error));
    }
    let (old, new) = (number(case, "old_size"), number(case, "new_size"));
    let all = entries(new);
    let (before, added) = all.split_at(usize::try_from(old).expect("small"));
    let store: BTreeMap<_, _> = append_tiles(&CompactRange::new(), before, |_| None)
        .expect("nothing stored")
        .into_iter()
        .collect();
    let files =
        append_tiles(&range_of(before), added, |path| store.get(path).cloned()).expect("intact");
    assert!(
        files.iter().map(|(path, _)| *path).eq(tiles_of_append(old, new)),
        "the files are those listed"
    );
    let hashed = |(path, bytes): &(TilePath, Vec<u8>)| {
        (path.to_string(), hex::encode(Sha256::digest(bytes)))
    };
    let hashed: BTreeMap<_, _> = files.iter().map(hashed).collect();
    let expected: BTreeMap<String, String> =
        serde_json::from_value(case["files"].clone()).expect("files");
    assert_eq!(hashed, expected);
    Ok(())
}

fn bundle(case: &Value) -> Outcome {
    // [LOG-3]
    let decoded = decode_bundle(&bytes(case, "bytes"), width(case).expect("a width"));
    let decoded = decoded.map_err(|error| tile_step(&error))?;
    assert_eq!(decoded, list(case, "entries"));
    assert_eq!(encode_bundle(&decoded), Ok(bytes(case, "bytes")));
    Ok(())
}

fn origin(case: &Value) -> Result<Origin, String> {
    // [LOG-4]
    Origin::new(text(case, "origin")).map_err(|_| "origin".to_owned())
}

/// A key of small order is none: nothing is signed by it.
fn key(case: &Value) -> Result<SignPublicKey, String> {
    SignPublicKey::from_bytes(&array(case, "key")).ok_or_else(|| "signature".to_owned())
}

/// The clock's key is the log's where the case names none.
fn keys(case: &Value) -> Result<LogKeys, String> {
    let log = key(case)?;
    let clock = case.get("clock_key").map(|_| array(case, "clock_key"));
    let clock = clock.map(|key| SignPublicKey::from_bytes(&key).ok_or("signature"));
    Ok(LogKeys { log, clock: clock.transpose()?.unwrap_or(log) })
}

/// The seeds of both keys.
fn secrets(case: &Value) -> (SignSecretKey, SignSecretKey) {
    let seed = |name| SignSecretKey::from_bytes(&array(case, name));
    let clock = if case.get("clock_seed").is_some() { "clock_seed" } else { "seed" };
    (seed("seed"), seed(clock))
}

fn key_id(case: &Value) -> Outcome {
    // [LOG-5]
    let name = Origin::new(text(case, "name")).expect("a name");
    let kind = match number(case, "type") {
        1 => SignatureType::Ed25519,
        4 => SignatureType::CosignatureV1,
        other => panic!("type {other}"),
    };
    ensure(kind.key_id(&name, &key(case)?) == array(case, "id"), "key_id")?;
    assert_eq!(verifier_key(kind, &name, &key(case)?), text(case, "verifier_key"));
    Ok(())
}

/// Opens the case's checkpoint.
fn open(case: &Value) -> Result<SignedCheckpoint, String> {
    let opened =
        SignedCheckpoint::verify(text(case, "text").as_bytes(), &origin(case)?, &keys(case)?);
    opened.map_err(|error| checkpoint_step(&error))
}

fn checkpoint(case: &Value) -> Outcome {
    // [LOG-4] [LOG-5] [LOG-6] [LOG-11]
    let signed = open(case)?;
    assert_eq!(signed.text(), text(case, "text"));
    if case.get("fails").is_some() {
        return Ok(());
    }
    let root = TreeHash(array(case, "root"));
    let expected = Checkpoint { origin: origin(case)?, size: number(case, "size"), root };
    assert_eq!((signed.checkpoint(), signed.timestamp()), (&expected, time(case, "timestamp")));
    if case.get("seed").is_some() {
        let (log, clock) = secrets(case);
        let keys = LogSecretKeys { log: &log, clock: &clock };
        assert_eq!(
            expected.sign(&keys, signed.timestamp()).as_deref(),
            Ok(text(case, "text")),
            "signing gives the same note"
        );
    }
    Ok(())
}

fn fresh(case: &Value) -> Outcome {
    // [LOG-6]
    let signed = open(case)?;
    signed
        .check_fresh(time(case, "now"), number(case, "max_age"))
        .map_err(|error| checkpoint_step(&error))
}

fn position(case: &Value) -> Result<LogPosition, String> {
    let hashes =
        list(case, "hashes").into_iter().map(|hash| TreeHash(hash.try_into().expect("32 bytes")));
    let range = CompactRange::from_parts(number(case, "size"), hashes.collect());
    let range = range.map_err(|_| "range".to_owned())?;
    Ok(LogPosition { range, timestamp: time(case, "timestamp") })
}

fn advance(case: &Value) -> Outcome {
    // [LOG-7] [LOG-8]
    let (before, signed) = (position(&case["position"])?, open(case)?);
    let after = before.advance(&signed, list(case, "entries")).map_err(|error| log_step(&error))?;
    if case.get("fails").is_none() {
        assert_eq!(after, position(&case["after"])?);
    }
    Ok(())
}

fn append(case: &Value) -> Outcome {
    // [LOG-9] [LOG-11]
    let before = position(&case["position"])?;
    let append = Append::from_bytes(&bytes(case, "bytes")).map_err(|error| append_step(&error))?;
    assert_eq!(append.to_bytes(), Ok(bytes(case, "bytes")));
    let (after, _) = append
        .verify(&before, &origin(case)?, &keys(case)?)
        .map_err(|error| append_step(&error))?;
    if case.get("fails").is_none() {
        assert_eq!(after, position(&case["after"])?);
        assert_eq!(append.entries, list(case, "entries"));
        let (log, clock) = secrets(case);
        let keys = LogSecretKeys { log: &log, clock: &clock };
        let (origin, now) = (origin(case)?, time(case, "now"));
        let made = Append::sign(&before, append.entries.clone(), &origin, &keys, now);
        assert_eq!(made, Ok(append), "signing gives the same append");
    }
    Ok(())
}

fn audited(case: &Value) -> Outcome {
    // [LOG-10]
    let sighting = |seen: &Value| Sighting {
        size: number(seen, "size"),
        root: TreeHash(array(seen, "root")),
        timestamp: time(seen, "timestamp"),
    };
    let earlier: Vec<_> =
        case["earlier"].as_array().expect("an array").iter().map(sighting).collect();
    let freshness = Freshness { now: time(case, "now"), max_age: number(case, "max_age") };
    let report = audit(list(case, "entries"), &open(case)?, &earlier, freshness, |_| true);
    assert_eq!(report.confirmed as u64, number(case, "confirmed"));
    let mut steps: Vec<_> = report.findings.iter().map(finding_step).collect();
    steps.sort();
    if steps.is_empty() { Ok(()) } else { Err(steps.join(" ")) }
}

fn tile_step(error: &TileError) -> String {
    let step = match error {
        TileError::Path => "path",
        TileError::Width => "width",
        TileError::HashTile => "tile",
        TileError::Bundle => "bundle",
        other => panic!("no case expects {other:?}"),
    };
    step.to_owned()
}

fn checkpoint_step(error: &CheckpointError) -> String {
    let step = match error {
        CheckpointError::TooLong
        | CheckpointError::NotText
        | CheckpointError::NotANote
        | CheckpointError::TooManySignatures
        | CheckpointError::SignatureLine => "note",
        CheckpointError::RepeatedSignature => "repeated",
        CheckpointError::Unsigned | CheckpointError::Signature => "signature",
        CheckpointError::NoTimestamp | CheckpointError::Timestamp => "timestamp",
        CheckpointError::OtherOrigin => "origin",
        CheckpointError::Body => "body",
        CheckpointError::Frozen { .. } => "frozen",
        CheckpointError::FromTheFuture { .. } => "future",
        other => panic!("no case expects {other:?}"),
    };
    step.to_owned()
}

fn log_step(error: &LogError) -> String {
    let step = match error {
        LogError::CompactRange | LogError::EntryCount => "count",
        LogError::Rollback { .. } => "rollback",
        LogError::TimestampWentBack => "time",
        LogError::Fork { .. } => "fork",
        LogError::RootMismatch => "root",
        LogError::EntryTooLong => "length",
        other => panic!("no case expects {other:?}"),
    };
    step.to_owned()
}

fn append_step(error: &AppendError) -> String {
    let step = match error {
        AppendError::Malformed => "cbor",
        AppendError::UnknownVersion => "version",
        AppendError::Stale { .. } => "stale",
        AppendError::Checkpoint(error) => return checkpoint_step(error),
        AppendError::Log(error) => return log_step(error),
        other => panic!("no case expects {other:?}"),
    };
    step.to_owned()
}

fn finding_step(finding: &Finding) -> String {
    let step = match finding {
        Finding::EntryCount { .. } => "count",
        Finding::EntryTooLong { .. } => "length",
        Finding::RootMismatch { .. } => "root",
        Finding::Fork { .. } => "fork",
        Finding::Rollback { .. } => "rollback",
        Finding::TimestampWentBack { .. } => "time",
        Finding::NotFresh(error) => return checkpoint_step(error),
        other => panic!("no case expects {other:?}"),
    };
    step.to_owned()
}
