//! What the authority's desk asks before it appends: its turn.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use noren::time::UnixSeconds;
use serde::Serialize;

use super::signed::{Content, signed_body};
use crate::problem::{Problem, internal};
use crate::state::AppState;
use crate::turn::{Claim, Grant};

const MAX_BODY: usize = 256;
const FORM: Problem = Problem::Malformed(
    "the body is {\"seat\": <number from 1>, \"id\": <32 hexadecimal digits>, \"turn\": <32 hexadecimal digits>}",
);

#[derive(Serialize)]
struct Granted {
    until: UnixSeconds,
}

/// `POST /v1/log/turn`
pub(crate) async fn take_turn(
    State(state): State<AppState>,
    request: Request,
) -> Result<Json<impl Serialize>, Problem> {
    let body = signed_body(&state, request, Content::Body("application/json", MAX_BODY)).await?;
    let claim: Claim = serde_json::from_slice(&body).map_err(|_| FORM)?;
    // [API-27]
    if claim.seat == 0 || i64::try_from(claim.seat).is_err() {
        return Err(FORM);
    }
    match state.turns.take(&claim, state.clock.now()).await.map_err(internal)? {
        Grant::Granted { until } => Ok(Json(Granted { until })),
        Grant::Retired { seat } => Err(Problem::SeatRetired { seat }),
        Grant::Taken { seconds } => Err(Problem::TurnTaken { retry_after: seconds }),
    }
}

/// A seat as the authority asks for it: number 0, without an id, before any desk took a turn.
#[derive(Serialize)]
struct LastSeat {
    seat: u64,
    id: Option<String>,
}

/// `GET /v1/log/turn`
pub(crate) async fn last_seat(
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, Problem> {
    // [API-27]
    signed_body(&state, request, Content::Nothing).await?;
    let last = match state.turns.last_seat().await.map_err(internal)? {
        Some((seat, id)) => LastSeat { seat, id: Some(hex::encode(id)) },
        None => LastSeat { seat: 0, id: None },
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(last)).into_response())
}

/// Returns the turn that an append names in its query, `turn=` and 32 hexadecimal digits.
pub(crate) fn named_turn(query: Option<&str>) -> Result<Option<[u8; 16]>, Problem> {
    let Some(query) = query else { return Ok(None) };
    let mut turn = [0; 16];
    let text = query.strip_prefix("turn=").unwrap_or_default();
    match hex::decode_to_slice(text, &mut turn) {
        Ok(()) => Ok(Some(turn)),
        Err(_) => Err(Problem::Malformed("an append names its turn with 32 hexadecimal digits")),
    }
}
