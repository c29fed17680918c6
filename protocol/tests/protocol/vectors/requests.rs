//! Signed requests of the authority.

use noren::keys::{SignPublicKey, SignSecretKey};
use noren::log::Origin;
use noren::request::{Nonce, RequestTarget, SignedHeaders};
use noren::time::UnixSeconds;

use super::case::{Case, Checked};
use super::ciphertexts::Replay;
use crate::vectors::Context;

/// [API-7] [API-8]
pub(crate) fn request(case: &Case<'_>, _: &Context) -> Checked {
    let key = case.must("key", SignPublicKey::from_bytes(&case.array("key")?).ok_or("no key"))?;
    let origin = case.must("origin", Origin::new(case.text("origin")?))?;
    let query = match case.find("query") {
        Some(value) if !value.is_null() => Some(case.text("query")?),
        _ => None,
    };
    let (method, authority, path) =
        (case.text("method")?, case.text("authority")?, case.text("path")?);
    let target = RequestTarget { method, authority, path, query };
    let headers = SignedHeaders {
        content_digest: case.text("content_digest")?.to_owned(),
        signature_input: case.text("signature_input")?.to_owned(),
        signature: case.text("signature")?.to_owned(),
    };
    let time = |name| case.must(name, UnixSeconds::new(case.unsigned(name)?));
    let body = case.bytes("body")?;
    let created = time("created")?;
    let nonce = Nonce::generate(&mut Replay::new(&[&case.bytes("nonce")?]));
    let verified = headers.verify(&key, &origin, &target, time("now")?).and_then(|verified| {
        verified.check_body(&body)?;
        Ok(verified)
    });
    let Some(verified) = case.judge(verified)? else { return Ok(()) };
    case.same("nonce", verified.nonce(), nonce)?;
    let seed = SignSecretKey::from_bytes(&case.array("seed")?);
    let again = SignedHeaders::sign(&seed, &origin, &target, &body, created, nonce);
    case.same("signed again", again, Ok(headers))
}
