//! Proofs of RFC 6962, the files that carry them, and what witnesses and their readers ask for.

use noren::keys::SignPublicKey;
use noren::log::{
    AddCheckpoint, LogProof, Origin, SignedCheckpoint, TreeHash, WitnessPolicy, WitnessRefusal,
    Witnessed, continues, root_of_inclusion,
};
use noren::time::UnixSeconds;
use serde_json::Value;

use super::case::{Case, Checked};
use crate::vectors::Context;

/// Why a bare proof is refused: it is no error of the library's, which says yes or no.
#[derive(Debug)]
enum Refused {
    OtherRoot,
    NotProven,
}

fn hashes(case: &Case<'_>, name: &str) -> Checked<Vec<TreeHash>> {
    let list = case.find(name).and_then(Value::as_array);
    let hash = |value: &Value| {
        let bytes = hex::decode(value.as_str()?).ok()?;
        bytes.try_into().ok().map(TreeHash)
    };
    let hashes = list.and_then(|list| list.iter().map(hash).collect());
    hashes.ok_or_else(|| case.failure(format!("{name} is no list of hashes")))
}

fn hash(case: &Case<'_>, name: &str) -> Checked<TreeHash> {
    case.array(name).map(TreeHash)
}

fn key(case: &Case<'_>) -> Checked<SignPublicKey> {
    case.must("key", SignPublicKey::from_bytes(&case.array("key")?).ok_or("no key"))
}

fn origin(case: &Case<'_>) -> Checked<Origin> {
    case.must("origin", Origin::new(case.text("origin")?))
}

/// [LOG-20]
pub(crate) fn inclusion(case: &Case<'_>, _: &Context) -> Checked {
    let (index, size) = (case.unsigned("index")?, case.unsigned("size")?);
    let found = root_of_inclusion(index, size, hash(case, "leaf")?, &hashes(case, "path")?);
    let root = hash(case, "root")?;
    case.judge(found.filter(|found| *found == root).ok_or(Refused::OtherRoot)).map(|_| ())
}

/// [LOG-20]
pub(crate) fn consistency(case: &Case<'_>, _: &Context) -> Checked {
    let smaller = (case.unsigned("smaller")?, hash(case, "smaller_root")?);
    let larger = (case.unsigned("larger")?, hash(case, "larger_root")?);
    let proven = continues(smaller, larger, &hashes(case, "proof")?);
    case.judge(if proven { Ok(()) } else { Err(Refused::NotProven) }).map(|_| ())
}

/// [LOG-20]
pub(crate) fn log_proof(case: &Case<'_>, _: &Context) -> Checked {
    let (text, entry) = (case.text("text")?, case.bytes("entry")?);
    let (origin, key) = (origin(case)?, key(case)?);
    let read = LogProof::from_text(text.as_bytes());
    let verified = read.and_then(|proof| Ok((proof.verify(&entry, &origin, &key.into())?, proof)));
    let Some((head, proof)) = case.judge(verified)? else { return Ok(()) };
    case.same("index", proof.index, case.unsigned("index")?)?;
    case.same("size", head.checkpoint().size, case.unsigned("size")?)?;
    case.same("written again", proof.to_text().as_str(), text)
}

/// [LOG-21]
pub(crate) fn witness_policy(case: &Case<'_>, _: &Context) -> Checked {
    let read = WitnessPolicy::from_text(case.text("policy")?.as_bytes());
    let Some(policy) = case.judge(read)? else { return Ok(()) };
    let note = case.text("note")?.as_bytes();
    let head = SignedCheckpoint::verify(note, &origin(case)?, &key(case)?.into());
    let head = case.must("the head", head)?;
    let own: Option<Vec<_>> = hashes(case, "own")?
        .iter()
        .map(|bytes| SignPublicKey::from_bytes(bytes.as_bytes()))
        .collect();
    let own = case.must("own", own.ok_or("no keys"))?;
    let now = case.must("now", UnixSeconds::new(case.unsigned("now")?))?;
    let met = policy.is_met(&head, &own, now, case.unsigned("max_age")?);
    case.same("met", met, case.flag("met")?)
}

/// [LOG-22] [LOG-23]
pub(crate) fn add_checkpoint(case: &Case<'_>, _: &Context) -> Checked {
    let text = case.text("request")?;
    let (origin, key) = (origin(case)?, key(case)?);
    let seen = match case.find("seen_size") {
        None => None,
        Some(_) => {
            let (size, root) = (case.unsigned("seen_size")?, hash(case, "seen_root")?);
            Some(Witnessed { size, root })
        }
    };
    let read = AddCheckpoint::from_text(text.as_bytes());
    let judged = read.clone().and_then(|request| request.judge(&origin, &[key], seen));
    if let Err(refusal) = &judged {
        let status = WitnessRefusal::status(refusal);
        case.same("status", u64::from(status), case.unsigned("status")?)?;
    }
    let Some(head) = case.judge(judged)? else { return Ok(()) };
    case.same("size", head.size, case.unsigned("size")?)?;
    case.same("written again", case.must("read", read)?.to_text().as_str(), text)
}
