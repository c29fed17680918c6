//! Sealed uploads under the authority's review, and upload codes.

use noren::authority::{Case as AuthorityCase, Review, ReviewError, review};
use noren::keys::{SealPublicKey, SealSecretKey};
use noren::messages::{
    CodeBinding, Layout, Level, MessageError, Notice, NoticeDetails, SEALED_UPLOAD_LENGTH, Upload,
    UploadCode, WindowCode,
};
use noren::time::UnixSeconds;
use sha2::{Digest, Sha256};

use super::case::{Case, Checked};
use super::ciphertexts::Replay;
use super::flows::window_of;
use crate::Context;

/// [REV-1] [REV-2] [REV-3] [REV-4] [REV-5] [REV-6] [REV-7] [REV-8] [REV-9] [REV-10] [REV-11] [REV-13]
pub(crate) fn upload(case: &Case<'_>, _: &Context) -> Checked {
    let key = SealSecretKey::from_bytes(&case.array("upload_key")?);
    let asked = case.inner("case")?;
    let code = CodeBinding::from_bytes(asked.array("code_binding")?);
    let asked_for = AuthorityCase { code, window: window_of(&asked, "window")? };
    asked.finish()?;
    let sealed = sealed(case)?;
    case.same_bytes("sealed_sha256", Sha256::digest(&sealed))?;
    let now = match case.find("now") {
        Some(_) => case.must("now", UnixSeconds::new(case.unsigned("now")?))?,
        None => asked_for.window.over_at(),
    };
    match review(&key, &asked_for, &sealed, now) {
        Err(ReviewError::Upload(error)) => case.judge::<(), MessageError>(Err(error)).map(|_| ()),
        other => match case.judge(other)? {
            Some(review) => accepted(case, &key, &sealed, &review),
            None => Ok(()),
        },
    }
}

/// The box that the case describes.
pub(crate) fn sealed(case: &Case<'_>) -> Checked<Vec<u8>> {
    let (body, tail) = (case.bytes("body")?, case.bytes("tail")?);
    let length = case.must("length", u32::try_from(case.unsigned("length")?))?;
    let total = case.unsigned("plaintext_length")? as usize;
    let mut plaintext = [&length.to_be_bytes()[..], &body].concat();
    let rest = total.checked_sub(plaintext.len() + tail.len());
    let rest = case.must("plaintext_length", rest.ok_or("too short"))?;
    plaintext.extend(vec![0; rest]);
    plaintext.extend(tail);
    let key = SealPublicKey::from_bytes(case.array("sealed_to")?);
    let sealed = key.seal(&plaintext, &mut Replay::new(&[&case.bytes("ephemeral")?]));
    let mut sealed = case.must("box", sealed.ok_or("too long"))?;
    if case.find("flip").is_some() {
        let byte = sealed.get_mut(case.unsigned("flip")? as usize);
        *case.must("flip", byte.ok_or("beyond the end"))? ^= 1;
    }
    Ok(sealed)
}

/// [VEN-3] [REV-12] [PUB-1]
fn accepted(case: &Case<'_>, key: &SealSecretKey, sealed: &[u8], review: &Review) -> Checked {
    case.same("length", sealed.len(), SEALED_UPLOAD_LENGTH)?;
    let upload = case.must("upload", Upload::open(key, sealed))?;
    case.same("window", review.window, upload.window)?;
    let payload = case.bytes("payload")?;
    case.same("payload", review.entry_code.as_bytes(), &payload[..])?;
    let secrets = review.entry_code.secrets();
    case.same_bytes("notification_key", secrets.notification_key().as_bytes())?;
    let again = upload.seal(&key.public_key(), &mut Replay::new(&[&case.bytes("ephemeral")?]));
    case.check(again.as_deref() == Ok(sealed), || "sealed again, it is another".to_owned())?;
    let keys = case.list("keys")?;
    case.same("number of keys", review.pre_traces.len(), keys.len())?;
    for (verified, recorded) in review.pre_traces.iter().zip(keys) {
        let hour = verified.hour();
        recorded.same("hour", hour.start().get(), recorded.unsigned("hour")?)?;
        let details =
            Some(NoticeDetails { level: Level::Cluster, names_venue: true, names_date: false });
        let notice = Notice { window: Some(review.window), message: String::new(), details };
        let trace = verified.trace(&notice, Layout::WithTimes, &mut Replay::new(&[]));
        let trace = recorded.must("trace", trace)?;
        let trace = trace.published();
        recorded.same_bytes("identity", trace.identity().as_bytes())?;
        recorded.same_bytes("key", trace.key().to_bytes())?;
        recorded.same("day", trace.day(), hour.day())?;
        let opened = trace.notice().open(secrets.notification_key());
        recorded.same("notice", opened, Ok(notice))?;
        recorded.finish()?;
    }
    Ok(())
}

/// [VEN-4]
pub(crate) fn upload_code(case: &Case<'_>, _: &Context) -> Checked {
    let Some(code) = case.judge(case.text("text")?.parse::<UploadCode>())? else { return Ok(()) };
    case.same("written", code.to_text().as_str(), case.text("written")?)?;
    case.same_bytes("code_hash", code.hash().as_bytes())?;
    case.same_bytes("code_binding", code.binding().as_bytes())?;
    case.same("ticket", code.ticket().to_text().as_str(), case.text("ticket")?)?;
    let made = UploadCode::generate(&mut Replay::new(&[&case.bytes("secret")?]));
    case.check(made == code, || "another secret".to_owned())
}

/// A window code, beside its upload code.
pub(crate) fn window_code(case: &Case<'_>, _: &Context) -> Checked {
    // [VEN-6]
    let code: UploadCode =
        case.text("upload_code")?.parse().map_err(|_| "no upload code".to_owned())?;
    let Some(found) = case.judge(WindowCode::from_text(case.text("text")?, &code))? else {
        return Ok(());
    };
    case.same("written", found.to_text(&code).as_str(), case.text("written")?)?;
    let window = found.window().map_err(|error| error.to_string())?;
    case.check(window == window_of(case, "window")?, || "another window".to_owned())?;
    let made = WindowCode::within(window_of(case, "asked")?);
    case.check(made == Some(found), || "another code is made of the window".to_owned())
}
