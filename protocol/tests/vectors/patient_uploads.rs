//! Sealed uploads of visits under the authority's review.

use noren::authority::{
    AuthorityKeys, PatientCase, PatientReview, PatientReviewError, VisitRefusal, review_patient,
};
use noren::keys::MasterSecretKey;
use noren::messages::{
    CodeBinding, Layout, MessageError, Notice, PatientUpload, SEALED_UPLOAD_LENGTH,
};
use noren::time::UnixSeconds;
use sha2::{Digest, Sha256};

use super::case::{Case, Checked};
use super::ciphertexts::Replay;
use super::flows::window_of;
use super::uploads::sealed;
use crate::Context;

/// [PAT-1] [PAT-4] [PAT-5] [PAT-6] [PAT-7] [PAT-8] [PAT-9] [PAT-10] [PAT-11]
pub(crate) fn patient_upload(case: &Case<'_>, _: &Context) -> Checked {
    let (keys, asked) = (keys(case)?, case.inner("case")?);
    let time = |name| asked.must(name, UnixSeconds::new(asked.unsigned(name)?));
    let code = CodeBinding::from_bytes(asked.array("code_binding")?);
    let asked_for = PatientCase { code, earliest: time("earliest")?, latest: time("latest")? };
    asked.finish()?;
    let sealed = sealed(case)?;
    case.same_bytes("sealed_sha256", Sha256::digest(&sealed))?;
    match review_patient(&keys, &asked_for, &sealed) {
        Err(PatientReviewError::Upload(error)) => {
            case.judge::<(), MessageError>(Err(error)).map(|_| ())
        }
        Err(PatientReviewError::Visit { number, reason }) => {
            case.same("refused visit", number as u64, case.unsigned("visit")?)?;
            match reason {
                VisitRefusal::EntryCode(error) => {
                    case.judge::<(), MessageError>(Err(error)).map(|_| ())
                }
                other => case.judge::<(), _>(Err(other)).map(|_| ()),
            }
        }
        other => match case.judge(other)? {
            Some(review) => accepted(case, &keys, &sealed, &review),
            None => Ok(()),
        },
    }
}

/// Keys whose patient master key, if there is one, is the case's.
fn keys(case: &Case<'_>) -> Checked<AuthorityKeys> {
    let bytes = [vec![7; 32], case.bytes("upload_key")?, case.bytes("patient_key")?].concat();
    let keys = case.must("keys", AuthorityKeys::from_bytes(&bytes).ok_or("no keys"))?;
    case.same("keys again", keys.to_bytes().as_slice(), &bytes[..])?;
    Ok(keys)
}

/// [PAT-3] [PAT-12] [PAT-13] [PUB-1]
fn accepted(
    case: &Case<'_>,
    keys: &AuthorityKeys,
    sealed: &[u8],
    review: &PatientReview,
) -> Checked {
    case.same("length", sealed.len(), SEALED_UPLOAD_LENGTH)?;
    let upload = case.must("upload", PatientUpload::open(keys.upload_key(), sealed))?;
    let ephemeral = case.bytes("ephemeral")?;
    let again = upload.seal(&keys.upload_public_key(), &mut Replay::new(&[&ephemeral]));
    case.check(again.as_deref() == Ok(sealed), || "sealed again, it is another".to_owned())?;
    let visits = case.list("visits")?;
    case.same("number of visits", review.visits.len(), visits.len())?;
    for (visit, recorded) in review.visits.iter().zip(visits) {
        let window = window_of(&recorded, "window")?;
        recorded.same_bytes("payload", visit.entry_code().as_bytes())?;
        recorded.same("stay", visit.stay(), window_of(&recorded, "stay")?)?;
        let secrets = visit.entry_code().secrets();
        recorded.same_bytes("notification_key", secrets.notification_key().as_bytes())?;
        let pre_traces =
            recorded.must("pre-traces", visit.pre_traces(keys, window, window.over_at()))?;
        let published = recorded.list("keys")?;
        recorded.same("number of keys", pre_traces.len(), published.len())?;
        for (verified, key) in pre_traces.iter().zip(published) {
            let notice = Notice { window: Some(window), message: String::new(), details: None };
            let trace = verified.trace(&notice, Layout::WithTimes, &mut Replay::new(&[]));
            let trace = key.must("trace", trace)?;
            key.same("hour", verified.hour().start().get(), key.unsigned("hour")?)?;
            key.same_bytes("identity", trace.published().identity().as_bytes())?;
            key.same_bytes("key", trace.published().key().to_bytes())?;
            key.finish()?;
        }
        recorded.finish()?;
    }
    // The recorded key is the one at work: a case with another would be refused.
    let key = MasterSecretKey::from_bytes(&case.bytes("patient_key")?);
    let key = case.must("patient_key", key)?.public_key();
    case.same("patient master key", keys.patient_public_key(), Some(key))
}
