//! The sealed form of a vault.

use noren::passphrase::Passphrase;
use noren::visitor::{DeviceKey, Vault, VaultError, VaultKey};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::case::{Case, Checked};
use super::ciphertexts::Replay;
use crate::vectors::Context;

/// [VLT-1] [VLT-2] [VLT-3] [VLT-4]
pub(crate) fn vault(case: &Case<'_>, _: &Context) -> Checked {
    let sealed = sealed(case)?;
    case.same_bytes("sealed_sha256", Sha256::digest(&sealed))?;
    let key = key(case, &sealed)?;
    let opened = key.clone().and_then(|key| Vault::open(&sealed, &key));
    let Some(vault) = case.judge(opened)? else { return Ok(()) };
    let with_passphrase = case.find("passphrase").is_some();
    case.same("required key", Vault::required_key(&sealed), Ok(with_passphrase))?;
    records(case, &vault)?;
    case.same("sealed_length", sealed.len() as u64, case.unsigned("sealed_length")?)?;
    let mut randomness = Replay::new(&[&case.bytes("seal_salt")?]);
    let again = key.and_then(|key| vault.seal(&key, &mut randomness));
    case.check(again.as_ref() == Ok(&sealed), || "sealed again, it is another".to_owned())
}

fn key(case: &Case<'_>, sealed: &[u8]) -> Checked<Result<VaultKey, VaultError>> {
    Ok(match case.find("device_key") {
        Some(_) => Ok(VaultKey::device(DeviceKey::from_bytes(case.array("device_key")?))),
        None => {
            let words = case.must("passphrase", Passphrase::new(case.text("passphrase")?))?;
            VaultKey::passphrase_of(sealed, &words)
        }
    })
}

/// The bytes that the case describes, by the cipher alone.
fn sealed(case: &Case<'_>) -> Checked<Vec<u8>> {
    let header = case.bytes("header")?;
    let mut buffer = plaintext(case)?;
    let key = UnboundKey::new(&CHACHA20_POLY1305, &case.bytes("aead_key")?);
    let nonce = Nonce::assume_unique_for_key(case.array("nonce")?);
    let aad = Aad::from(case.bytes("aad")?);
    let tag = LessSafeKey::new(case.must("aead_key", key)?).seal_in_place_separate_tag(
        nonce,
        aad,
        &mut buffer,
    );
    let mut sealed = [&header, &buffer[..], case.must("seal", tag)?.as_ref()].concat();
    for place in places(case, "flip")? {
        let place = place.rem_euclid(sealed.len() as i64) as usize;
        sealed[place] ^= 1;
    }
    for length in places(case, "cut")? {
        sealed.truncate(length.rem_euclid(sealed.len() as i64) as usize);
    }
    if case.find("more").is_some() {
        sealed.extend(case.bytes("more")?);
    }
    Ok(sealed)
}

/// Numbers that count from the end where they are negative.
fn places(case: &Case<'_>, name: &str) -> Checked<Vec<i64>> {
    let numbers = match case.find(name) {
        None => return Ok(Vec::new()),
        Some(Value::Array(numbers)) => numbers.iter().map(Value::as_i64).collect(),
        Some(number) => number.as_i64().map(|number| vec![number]),
    };
    case.must(name, numbers.ok_or("no numbers"))
}

fn plaintext(case: &Case<'_>) -> Checked<Vec<u8>> {
    let body = match case.find("body").and_then(Value::as_array) {
        Some(parts) => {
            let part = |part: &Value| {
                let bytes = hex::decode(part.get(0)?.as_str()?).ok()?;
                Some(bytes.repeat(usize::try_from(part.get(1)?.as_u64()?).ok()?))
            };
            let parts: Option<Vec<_>> = parts.iter().map(part).collect();
            case.must("body", parts.ok_or("no parts"))?.concat()
        }
        None => case.bytes("body")?,
    };
    let length = case.must("length", u32::try_from(case.unsigned("length")?))?;
    let mut plaintext = [&length.to_be_bytes()[..], &body].concat();
    let tail = case.bytes("tail")?;
    plaintext.resize(case.unsigned("plaintext_length")? as usize - tail.len(), 0);
    Ok([plaintext, tail].concat())
}

fn records(case: &Case<'_>, vault: &Vault) -> Checked {
    let Some(Value::Array(recorded)) = case.find("records") else {
        return case.same("records", vault.records().count() as u64, case.unsigned("records")?);
    };
    let found = vault.records().map(|record| {
        let sealed = hex::encode(Sha256::digest(record.sealed()));
        serde_json::json!([record.visit().to_string(), record.day().start().get(), sealed])
    });
    case.same("records", &found.collect::<Vec<_>>(), recorded)
}
