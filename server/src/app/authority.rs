//! What only the authority may call: cases, uploads, the log and the profile. Every request is signed.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use noren::log::{Append, AppendError, LogError};
use noren::messages::CodeHash;
use noren::profile::{MAX_LENGTH, SignedProfile};
use noren::time::UnixSeconds;
use serde::{Deserialize, Serialize};

use super::signed::{Content, Signer, body_signed_by, signed_body};
use super::turns::named_turn;
use crate::inbox::{StoredUpload, UploadId};
use crate::metrics::Outcome;
use crate::problem::{Problem, internal};
use crate::published::PublishedError;
use crate::state::AppState;

/// The longest life of an upload code, in seconds: 31 days.
const MAX_CODE_LIFE: u64 = 31 * 86_400;
const MAX_CASE_BODY: usize = 256;
/// What is told to whoever wants more with the clock key.
const CLOCK_KEY: &str = "the clock key renews the time of the log's head and appends nothing";

type PathResult = Result<Path<String>, PathRejection>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseBody {
    expires: UnixSeconds,
}

#[derive(Serialize)]
struct UploadEntry {
    id: String,
    case: String,
    received_day: u64,
    size: u64,
}

impl From<&StoredUpload> for UploadEntry {
    fn from(upload: &StoredUpload) -> Self {
        Self {
            id: upload.id.to_string(),
            case: hex::encode(upload.case.as_bytes()),
            received_day: upload.received.start().get(),
            size: upload.size,
        }
    }
}

#[derive(Serialize)]
struct Size {
    size: u64,
}

/// `PUT /v1/cases/{code_hash}`
pub(crate) async fn open_case(
    State(state): State<AppState>,
    code: PathResult,
    request: Request,
) -> Result<StatusCode, Problem> {
    let body =
        signed_body(&state, request, Content::Body("application/json", MAX_CASE_BODY)).await?;
    let code = code_hash(code)?;
    let CaseBody { expires } = serde_json::from_slice(&body)
        .map_err(|_| Problem::Malformed("the body is {\"expires\": <seconds since 1970>}"))?;
    let now = state.clock.now();
    // [API-6]
    if expires <= now || expires > now.plus(MAX_CODE_LIFE) {
        return Err(Problem::Malformed("a code expires in the future, within 31 days"));
    }
    state.inbox.open_case(code, expires).await.map_err(internal)?;
    Ok(StatusCode::CREATED)
}

/// `DELETE /v1/cases/{code_hash}`
pub(crate) async fn close_case(
    State(state): State<AppState>,
    code: PathResult,
    request: Request,
) -> Result<StatusCode, Problem> {
    signed_body(&state, request, Content::Nothing).await?;
    state.inbox.close_case(code_hash(code)?).await.map_err(internal)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/uploads`
pub(crate) async fn list_uploads(
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, Problem> {
    signed_body(&state, request, Content::Nothing).await?;
    let uploads = state.inbox.list().await.map_err(internal)?;
    let entries: Vec<_> = uploads.iter().map(UploadEntry::from).collect();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(entries)).into_response())
}

/// `GET /v1/uploads/{id}`
pub(crate) async fn fetch_upload(
    State(state): State<AppState>,
    id: PathResult,
    request: Request,
) -> Result<Response, Problem> {
    signed_body(&state, request, Content::Nothing).await?;
    let body =
        state.inbox.body(upload_id(id)?).await.map_err(internal)?.ok_or(Problem::NotFound)?;
    let headers =
        [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, body).into_response())
}

/// `DELETE /v1/uploads/{id}`
pub(crate) async fn delete_upload(
    State(state): State<AppState>,
    id: PathResult,
    request: Request,
) -> Result<StatusCode, Problem> {
    signed_body(&state, request, Content::Nothing).await?;
    state.inbox.delete(upload_id(id)?).await.map_err(internal)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /v1/log`
pub(crate) async fn append(
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, Problem> {
    let content = Content::Body("application/cbor", Append::MAX_LENGTH);
    let query = request.uri().query().map(str::to_owned);
    let signers = [Signer::Log, Signer::Clock];
    let (signer, body) = body_signed_by(&state, request, content, &signers).await?;
    let turn = named_turn(query.as_deref())?;
    let (result, part) = match Append::from_bytes(&body) {
        Ok(append) => {
            // [PRO-9] A heartbeat that renews the time alone needs no turn: whatever else is signed
            // just now, it changes no tree.
            let renews = append.entries.is_empty() && !append.is_part();
            if signer == Signer::Clock && !renews {
                return Err(Problem::AppendRefused(CLOCK_KEY.to_owned()));
            }
            // [API-27]
            if signer == Signer::Log
                && !state.turns.admits(turn, state.clock.now()).await.map_err(internal)?
            {
                return Err(Problem::TurnRefused);
            }
            (state.published.append(append.clone()).await, append.is_part())
        }
        Err(error) => (Err(error.into()), false),
    };
    let outcome = if result.is_ok() { Outcome::Accepted } else { Outcome::Refused };
    state.metrics.append(outcome);
    let size = result.map_err(|error| append_problem(error, state.published.size()))?;
    if let Some(turn) = turn.filter(|_| !part) {
        // The append is made; where this fails, the turn ends by itself.
        if let Err(error) = state.turns.end(turn).await {
            tracing::warn!(%error, "a turn could not be ended");
        }
    }
    Ok(Json(Size { size }).into_response())
}

#[derive(Serialize)]
struct Missing {
    size: u64,
    missing: Vec<Run>,
}

/// Entries from the first to before the last.
#[derive(Serialize)]
struct Run {
    from: u64,
    to: u64,
}

/// `GET /v1/log/missing`
pub(crate) async fn missing(
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, Problem> {
    // [API-29]
    signed_body(&state, request, Content::Nothing).await?;
    let (size, missing) = state.published.missing().await;
    let missing = missing.into_iter().map(|(from, to)| Run { from, to }).collect();
    let headers = [(header::CACHE_CONTROL, "no-store")];
    Ok((headers, Json(Missing { size, missing })).into_response())
}

/// `PUT /v1/authority`
pub(crate) async fn replace_profile(
    State(state): State<AppState>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let content = Content::Body("application/cbor", MAX_LENGTH);
    let body = signed_body(&state, request, content).await?;
    let profile = SignedProfile::from_bytes(&body)
        .map_err(|_| Problem::Malformed("the body is not a signed profile"))?;
    state.published.replace_profile(profile).await.map_err(|error| match error {
        // [PRO-2] [PRO-3]
        PublishedError::Profile(error) => Problem::ProfileConflict(error.to_string()),
        error => internal(error),
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns what the authority is told about an append that was not made.
fn append_problem(error: PublishedError, size: u64) -> Problem {
    let PublishedError::Append(error) = error else { return internal(error) };
    match error {
        // [API-9]
        AppendError::Stale { size } => Problem::SizeConflict { size },
        AppendError::Log(
            LogError::Rollback { .. }
            | LogError::Fork { .. }
            | LogError::RootMismatch
            | LogError::EntryCount,
        ) => Problem::SizeConflict { size },
        AppendError::TooLong => Problem::BodyTooLarge,
        AppendError::Malformed | AppendError::UnknownVersion => {
            Problem::Malformed("the body is not an append of version 1")
        }
        error => Problem::AppendRefused(error.to_string()),
    }
}

fn code_hash(path: PathResult) -> Result<CodeHash, Problem> {
    let malformed = Problem::Malformed("a code hash has 64 lower-case hexadecimal digits");
    let Ok(Path(text)) = path else { return Err(malformed) };
    let mut bytes = [0; 32];
    match hex::decode_to_slice(&text, &mut bytes) {
        Ok(()) if hex::encode(bytes) == text => Ok(CodeHash::from_bytes(bytes)),
        _ => Err(malformed),
    }
}

fn upload_id(path: PathResult) -> Result<UploadId, Problem> {
    path.ok().and_then(|Path(text)| UploadId::parse(&text)).ok_or(Problem::NotFound)
}
