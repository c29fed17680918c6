//! The authority's public profile.

use noren::authority::AuthorityKeys;
use noren::keys::{MasterPublicKey, SealPublicKey, SignPublicKey};
use noren::log::Origin;
use noren::messages::Level;
use noren::profile::{Contact, Handover, LevelText, Profile, SignedProfile, logged_profile};
use noren::time::UnixSeconds;
use serde_json::Value;

use super::case::{Case, Checked};
use crate::vectors::Context;

/// [PRO-1] [PRO-2]
pub(crate) fn profile(case: &Case<'_>, _: &Context) -> Checked {
    let bytes = case.bytes("profile")?;
    let Some(signed) = case.judge(SignedProfile::from_bytes(&bytes))? else {
        return Ok(());
    };
    let expected = expected(case)?;
    case.same("profile", signed.profile(), &expected)?;
    let fingerprint = expected.fingerprint();
    case.same_bytes("fingerprint", fingerprint.as_bytes())?;
    case.same("shown", fingerprint.to_string().as_str(), case.text("shown")?)?;
    let predecessors: Vec<_> =
        signed.predecessors().iter().map(|each| hex::encode(each.as_bytes())).collect();
    case.same("predecessors", predecessors, texts(case, "predecessors")?)?;
    let secrets = [case.bytes("log_seed")?, case.bytes("upload_secret")?].concat();
    let keys = AuthorityKeys::from_bytes(&secrets).ok_or("not 64 bytes");
    let keys = case.must("keys", keys)?;
    case.same("log key", keys.log_public_key(), expected.log_key)?;
    case.same("upload key", keys.upload_public_key(), expected.upload_key)?;
    case.same("signed again", expected.sign(&keys), Ok(signed))
}

fn expected(case: &Case<'_>) -> Checked<Profile> {
    let [retention_days, checkpoint_max_age, minimum_overlap] = case.numbers("limits")?[..] else {
        return Err(case.failure("three limits"));
    };
    let log_key = SignPublicKey::from_bytes(&case.array("log_key")?).ok_or("no key");
    let log_key = case.must("log_key", log_key)?;
    Ok(Profile {
        issued: case.must("issued", UnixSeconds::new(case.unsigned("issued")?))?,
        log_index: log_index(case)?,
        name: case.text("name")?.to_owned(),
        origin: case.must("origin", Origin::new(case.text("origin")?))?,
        url: case.text("url")?.to_owned(),
        log_key,
        clock_key: clock_key(case)?.unwrap_or(log_key),
        upload_key: SealPublicKey::from_bytes(case.array("upload_key")?),
        retention_days: case.must("retention", u32::try_from(retention_days))?,
        checkpoint_max_age,
        minimum_overlap: case.must("overlap", u32::try_from(minimum_overlap))?,
        time_zone: case.text("time_zone")?.to_owned(),
        texts: lists(case, "texts", level_text)?,
        contacts: lists(case, "contacts", contact)?,
        patient_master_key: patient_master_key(case)?,
        handovers: lists(case, "handovers", handover)?,
    })
}

/// [PRO-12]
fn log_index(case: &Case<'_>) -> Checked<Option<u64>> {
    case.find("log_index").map(|_| case.unsigned("log_index")).transpose()
}

/// [PRO-8]
fn clock_key(case: &Case<'_>) -> Checked<Option<SignPublicKey>> {
    if case.find("clock_key").is_none() {
        return Ok(None);
    }
    let key = SignPublicKey::from_bytes(&case.array("clock_key")?).ok_or("no key");
    case.must("clock_key", key).map(Some)
}

/// [PAT-1]
fn patient_master_key(case: &Case<'_>) -> Checked<Option<MasterPublicKey>> {
    if case.find("patient_master_key").is_some_and(Value::is_null) {
        return Ok(None);
    }
    let key = MasterPublicKey::from_bytes(&case.bytes("patient_master_key")?);
    case.must("patient_master_key", key).map(Some)
}

fn texts(case: &Case<'_>, name: &str) -> Checked<Vec<String>> {
    let list = case.find(name).and_then(Value::as_array);
    let texts =
        list.and_then(|list| list.iter().map(|text| Some(text.as_str()?.to_owned())).collect());
    case.must(name, texts.ok_or("not a list of texts"))
}

/// [PRO-4]
fn handover(members: &[Value]) -> Option<Handover> {
    let [at, log_key, upload_key, signature] = members else { return None };
    let bytes = |value: &Value| hex::decode(value.as_str()?).ok();
    let key = |value: &Value| SignPublicKey::from_bytes(&bytes(value)?.try_into().ok()?);
    // [PRO-8]
    let (log_key, clock_key) = match log_key.as_array() {
        Some(pair) => (pair.first()?, pair.get(1)?),
        None => (log_key, log_key),
    };
    Some(Handover {
        at: UnixSeconds::new(at.as_u64()?).ok()?,
        log_key: key(log_key)?,
        clock_key: key(clock_key)?,
        upload_key: SealPublicKey::from_bytes(bytes(upload_key)?.try_into().ok()?),
        signature: bytes(signature)?.try_into().ok()?,
    })
}

fn lists<T>(case: &Case<'_>, name: &str, read: fn(&[Value]) -> Option<T>) -> Checked<Vec<T>> {
    let list = case.find(name).and_then(Value::as_array);
    let read = list.and_then(|list| list.iter().map(|member| read(member.as_array()?)).collect());
    case.must(name, read.ok_or("not a list of lists"))
}

fn level(number: &Value) -> Option<Level> {
    Level::try_from(u8::try_from(number.as_u64()?).ok()?).ok()
}

fn level_text(members: &[Value]) -> Option<LevelText> {
    let [number, language, text, advice] = members else { return None };
    Some(LevelText {
        level: level(number)?,
        advice: advice.as_str()?.to_owned(),
        language: language.as_str()?.to_owned(),
        text: text.as_str()?.to_owned(),
    })
}

fn contact(members: &[Value]) -> Option<Contact> {
    let [number, language, label, value, hours] = members else { return None };
    Some(Contact {
        level: if number.is_null() { None } else { Some(level(number)?) },
        hours: hours.as_str()?.to_owned(),
        language: language.as_str()?.to_owned(),
        label: label.as_str()?.to_owned(),
        value: value.as_str()?.to_owned(),
    })
}

/// What is said of an entry that tells of no profile.
#[derive(Debug)]
struct NoProfileEntry;

/// [PRO-12]
pub(crate) fn entry(case: &Case<'_>, _: &Context) -> Checked {
    let digest = logged_profile(&case.bytes("entry")?).ok_or(NoProfileEntry);
    let Some(digest) = case.judge(digest)? else { return Ok(()) };
    let signed = case.must("profile", SignedProfile::from_bytes(&case.bytes("profile")?))?;
    case.same("digest", digest, signed.digest())?;
    case.same_bytes("entry", signed.to_log_entry())
}

/// [PRO-2] [PRO-3] [PRO-5] [PRO-8] [PRO-10] [PRO-13]
pub(crate) fn replacement(case: &Case<'_>, _: &Context) -> Checked {
    let read = |name| case.must(name, SignedProfile::from_bytes(&case.bytes(name)?));
    case.judge(read("old")?.check_replacement(&read("new")?)).map(|_| ())
}
