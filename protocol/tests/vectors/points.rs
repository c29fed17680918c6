//! Encoded points and scalars: what the reference accepts, and what Noren does with it.

use noren::hazmat::{G1_LENGTH, G2_LENGTH, decode_g1, decode_g2, encode_g1, encode_g2};
use noren::keys::{MasterSecretKey, PointError, ScalarError};

use super::case::{Case, Checked};
use super::stricter::Stricter;
use crate::Context;

/// Why bytes are refused, whatever they should have been.
#[derive(Debug, PartialEq)]
enum Refused {
    Length,
    Zero,
    OutsideSubgroup,
    NotAnElement,
}

/// The encoding of what the bytes decode to.
type Decoded = Result<Vec<u8>, Refused>;

/// A decoder and the exact length of what it takes.
type Decoder = (fn(&[u8]) -> Decoded, usize);

fn point(error: PointError) -> Refused {
    match error {
        PointError::Length { .. } => Refused::Length,
        PointError::Identity => Refused::Zero,
        PointError::NotInSubgroup => Refused::OutsideSubgroup,
        _ => Refused::NotAnElement,
    }
}

fn g1(bytes: &[u8]) -> Decoded {
    decode_g1(bytes).map(|point| encode_g1(&point).to_vec()).map_err(point)
}

fn g2(bytes: &[u8]) -> Decoded {
    decode_g2(bytes).map(|point| encode_g2(&point).to_vec()).map_err(point)
}

fn fr(bytes: &[u8]) -> Decoded {
    MasterSecretKey::from_bytes(bytes).map(|key| key.to_bytes().to_vec()).map_err(|error| {
        match error {
            ScalarError::Length => Refused::Length,
            ScalarError::Zero => Refused::Zero,
            _ => Refused::NotAnElement,
        }
    })
}

fn decoder(case: &Case<'_>) -> Checked<Decoder> {
    match case.text("type")? {
        "g1" => Ok((g1, G1_LENGTH)),
        "g2" => Ok((g2, G2_LENGTH)),
        "fr" => Ok((fr, MasterSecretKey::LENGTH)),
        other => Err(case.failure(format!("unknown type {other}"))),
    }
}

/// [IBE-1] [IBE-2] [IBE-3]
pub(crate) fn deserialize(case: &Case<'_>, context: &Context) -> Checked {
    let (decode, length) = decoder(case)?;
    let bytes = case.bytes("bytes")?;
    let decoded = decode(&bytes);
    if !case.flag("accepted")? {
        return case.check(decoded.is_err(), || "Noren accepts it".to_owned());
    }
    // The reference takes the beginning and passes over the rest.
    let Some((beginning, rest)) = bytes.split_at_checked(length) else {
        return Err(case.failure("shorter than an element, and accepted"));
    };
    if !rest.is_empty() {
        case.same("the whole", decoded, Err(Refused::Length))?;
        context.met.note(Stricter::TrailingBytes);
    }
    let decoded = decode(beginning);
    for (name, difference, refused) in [
        ("isZero", zero(case)?, Refused::Zero),
        ("in_subgroup", Some(Stricter::OutsideSubgroup), Refused::OutsideSubgroup),
    ] {
        let expected = match case.find(name).and_then(serde_json::Value::as_bool) {
            Some(value) => value == (name == "isZero"),
            None => continue,
        };
        case.same(name, decoded.as_ref().err() == Some(&refused), expected)?;
        if let (true, Some(difference)) = (expected, difference) {
            context.met.note(difference);
        }
    }
    reference_flags(case, &decoded)?;
    match decoded {
        Ok(encoded) => case.same("re-encoded", encoded, reserialized(case, beginning)?),
        Err(Refused::Zero | Refused::OutsideSubgroup) => {
            // Canonical and on the curve, so that its one encoding is itself.
            case.same("re-encoded", beginning.to_vec(), reserialized(case, beginning)?)
        }
        Err(refused) => Err(case.failure(format!("refused for no known reason: {refused:?}"))),
    }
}

fn zero(case: &Case<'_>) -> Checked<Option<Stricter>> {
    Ok(Some(match case.text("type")? {
        "fr" => Stricter::ZeroScalar,
        _ => Stricter::IdentityPoint,
    }))
}

/// The reference's own judgements: the curve it checks, the order it only claims to check.
fn reference_flags(case: &Case<'_>, decoded: &Decoded) -> Checked {
    if case.find("isValid").is_some() {
        case.same("isValid", *decoded != Err(Refused::NotAnElement), case.flag("isValid")?)?;
    }
    if case.find("isValidOrder").is_some() && !case.flag("isValidOrder")? {
        case.same("order", decoded, &Err(Refused::OutsideSubgroup))?;
    }
    Ok(())
}

fn reserialized(case: &Case<'_>, beginning: &[u8]) -> Checked<Vec<u8>> {
    match case.find("reserialized") {
        Some(_) => case.bytes("reserialized"),
        None => Ok(beginning.to_vec()),
    }
}
