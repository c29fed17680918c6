//! Pre-traces that the authority must refuse, some of which the reference accepts.

use noren::authority::{Case as AuthorityCase, ReviewError, review};
use noren::keys::SealSecretKey;
use noren::messages::{CodeBinding, EntryCode, MessageError, Part, PreTrace, Upload};
use noren::time::Window;
use prost::Message;

use super::super::case::{Case, Checked};
use super::super::ciphertexts::Replay;
use super::super::stricter::Stricter;
use super::authority as read_authority;
use crate::vectors::Context;

#[derive(Clone, PartialEq, Message)]
struct Half {
    #[prost(bytes = "vec", tag = "5")]
    notification_key: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct TraceProof {
    #[prost(bytes = "vec", tag = "1")]
    master_public_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    nonce1: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    nonce2: Vec<u8>,
}

/// What the differences are told by.
#[derive(Clone, PartialEq, Message)]
struct PreTraceWithProof {
    #[prost(message, optional, tag = "1")]
    pre_trace: Option<Half>,
    #[prost(message, optional, tag = "2")]
    proof: Option<TraceProof>,
    #[prost(bytes = "vec", tag = "3")]
    qr_code_payload: Vec<u8>,
    #[prost(int64, tag = "4")]
    start_time: i64,
    #[prost(int64, tag = "5")]
    end_time: i64,
    #[prost(int64, tag = "6")]
    start_of_interval: i64,
}

/// [REV-4] [REV-5] [REV-6] [REV-7] [REV-8] [REV-9] [REV-10]
pub(crate) fn check(case: &Case<'_>, authority: &SealSecretKey, context: &Context) -> Checked {
    let bytes = case.bytes("preTraceWithProof")?;
    let other = match case.find("ha") {
        Some(_) => {
            let other = case.inner("ha")?;
            let key = read_authority(&other)?;
            other.finish()?;
            Some(key)
        }
        None => None,
    };
    let reviewed = reviewed(case, other.as_ref().unwrap_or(authority), &bytes)?;
    match case.text("ts_result")? {
        "undefined" | "throws" => {
            case.check(reviewed.is_err(), || "Noren accepts what the reference refuses".to_owned())
        }
        "accepted" => {
            let differences = differences(case, &bytes)?;
            differences.iter().for_each(|difference| context.met.note(*difference));
            case.check(reviewed.is_ok() == differences.is_empty(), || {
                format!("{reviewed:?}, and the differences are {differences:?}")
            })?;
            reviewed.err().map_or(Ok(()), |error| {
                case.check(differences.iter().any(|each| is_reason(*each, &error)), || {
                    format!("refused as {error:?}, and the differences are {differences:?}")
                })
            })
        }
        other => Err(case.failure(format!("unknown result {other}"))),
    }
}

/// The whole review of an upload of this one pre-trace, in a case that asked for its hour.
fn reviewed(
    case: &Case<'_>,
    key: &SealSecretKey,
    bytes: &[u8],
) -> Checked<Result<(), ReviewError>> {
    let pre_trace = match PreTrace::from_bytes(bytes) {
        Ok(pre_trace) => pre_trace,
        Err(error) => return Ok(Err(error.into())),
    };
    let code = CodeBinding::from_bytes([7; 32]);
    let hour = Window::new(pre_trace.hour.start(), pre_trace.hour.end());
    let asked = AuthorityCase { code, window: case.must("hour", hour)? };
    let upload = Upload { code, window: pre_trace.window, pre_traces: vec![pre_trace] };
    let sealed = upload.seal(&key.public_key(), &mut Replay::new(&[b"ephemeral"]));
    let sealed = case.must("upload", sealed)?;
    Ok(review(key, &asked, &sealed, asked.window.over_at()).map(|_| ()))
}

/// The checks that the reference leaves out and this pre-trace fails, computed here from the bytes.
fn differences(case: &Case<'_>, bytes: &[u8]) -> Checked<Vec<Stricter>> {
    let message = case.must("pre-trace", PreTraceWithProof::decode(bytes))?;
    let code = case.must("payload", EntryCode::from_bytes(&message.qr_code_payload))?;
    let secrets = code.secrets();
    let proof = message.proof.unwrap_or_default();
    let key = message.pre_trace.unwrap_or_default().notification_key;
    let start = message.start_of_interval;
    let nonces = (&proof.nonce1[..], &proof.nonce2[..]);
    let own_nonces = (&secrets.pre_identity_nonce()[..], &secrets.time_key_nonce()[..]);
    let in_the_hour = start <= message.start_time && message.end_time <= start + 3_600;
    let checks = [
        (Stricter::AttackerKeyPair, proof.master_public_key == code.master_public_key().to_bytes()),
        (Stricter::ForeignNonces, nonces == own_nonces),
        (Stricter::ForeignNotificationKey, key == secrets.notification_key().as_bytes()),
        (Stricter::HourNotAligned, start % 3_600 == 0),
        (Stricter::WindowBeyondCase, in_the_hour),
    ];
    Ok(checks.into_iter().filter(|(_, holds)| !holds).map(|(difference, _)| difference).collect())
}

/// Whether this error is how the difference shows.
fn is_reason(difference: Stricter, error: &ReviewError) -> bool {
    match difference {
        Stricter::AttackerKeyPair => *error == ReviewError::MasterPublicKey,
        Stricter::ForeignNonces => *error == ReviewError::Nonces,
        Stricter::ForeignNotificationKey => *error == ReviewError::NotificationKey,
        Stricter::HourNotAligned => {
            matches!(
                error,
                ReviewError::Upload(MessageError::Time { field: Part::StartOfTheHour, .. })
            )
        }
        Stricter::WindowBeyondCase => {
            matches!(
                error,
                ReviewError::OutsideCase | ReviewError::Upload(MessageError::Time { .. })
            )
        }
        _ => false,
    }
}
