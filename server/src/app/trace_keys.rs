//! The trace key feed for existing CrowdNotifier clients: everything appended in whole buckets of two
//! hours since a tag, as one `ProblematicEventWrapper`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use noren::messages::{more_events, wrap_events};
use noren::profile::logged_profile;
use noren::time::UnixSeconds;

use crate::append_times::{AppendTime, BUCKET, bucket_of};
use crate::feed::KEPT_SECONDS;
use crate::pieces::{self, Kept, PIECE, Pieces};
use crate::problem::{Problem, internal};
use crate::published::PublishedError;
use crate::state::AppState;

/// Bytes after which an answer ends with the bucket at hand. The tag says how far it goes.
const ANSWER_BYTES: usize = 16 << 20;
/// Entries of one file of the log.
const BUNDLE: u64 = 256;
const TAG: HeaderName = HeaderName::from_static("x-key-bundle-tag");

/// `GET /v3/traceKeys`
pub(crate) async fn trace_keys(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let now = state.clock.now();
    let until = bucket_of(now);
    let oldest = bucket_of(now.minus(KEPT_SECONDS));
    let from = last_tag(query.as_deref(), until)?.map_or(oldest, |tag| tag.max(oldest));
    let appends = state.published.appends_between(from, until).await.map_err(internal)?;
    let head = Arc::new(vec![Bytes::from(wrap_events(&[]))]);
    // [MSG-12] The version stands once, before all events.
    let mut parts = vec![None];
    let (mut length, mut end) = (pieces::length(&head), until);
    for bucket in appends.chunk_by(|one, next| one.bucket == next.bucket) {
        let Some(first) = bucket.first() else { continue };
        if length >= ANSWER_BYTES {
            end = first.bucket;
            break;
        }
        let bucket = parts_of(bucket);
        length += encoded_length(&state, &bucket, oldest).await.map_err(internal)?;
        parts.extend(bucket.into_iter().map(Some));
    }
    // [API-25]
    let body = pieces::body(parts, move |part| {
        let (state, head) = (state.clone(), Arc::clone(&head));
        async move {
            match part {
                Some(part) => encoded(&state, part).await,
                None => Ok(head),
            }
        }
    });
    Ok(answer(body, length, end, until.plus(BUCKET).minus(now.get()).get()))
}

/// Returns the appends of one bucket, joined and cut where the files of the log are.
fn parts_of(bucket: &[AppendTime]) -> Vec<AppendTime> {
    let mut parts = vec![];
    for run in bucket.chunk_by(|one, next| one.new_size == next.old_size) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let mut old_size = first.old_size;
        while old_size < last.new_size {
            let new_size = last.new_size.min((old_size / BUNDLE + 1) * BUNDLE);
            parts.push(AppendTime { old_size, new_size, bucket: first.bucket });
            old_size = new_size;
        }
    }
    parts
}

async fn encoded_length(
    state: &AppState,
    bucket: &[AppendTime],
    oldest: UnixSeconds,
) -> Result<usize, PublishedError> {
    let Some(first) = bucket.first() else { return Ok(0) };
    if let Some(length) = state.feed.known(first.bucket) {
        return Ok(length);
    }
    let mut length = 0;
    for part in bucket {
        length += pieces::length(&encoded(state, *part).await?);
    }
    state.feed.note(first.bucket, length, oldest);
    Ok(length)
}

/// Returns a part's entries as they stand in a wrapper, in runs none of which is much longer than a
/// piece.
async fn encoded(state: &AppState, part: AppendTime) -> Result<Pieces, PublishedError> {
    let load = async {
        let entries = state.published.entries(part).await?;
        let (mut wrapped, mut group, mut length) = (vec![], vec![], 0);
        // [PRO-12] The log tells of profiles, too; clients of a feed know traces alone.
        for entry in entries.into_iter().filter(|entry| logged_profile(entry).is_none()) {
            length += entry.len();
            group.push(entry);
            if length >= PIECE {
                wrapped.push(state.pieces.shelf().share(&more_events(&group)));
                group.clear();
                length = 0;
            }
        }
        if !group.is_empty() {
            wrapped.push(state.pieces.shelf().share(&more_events(&group)));
        }
        Ok(Kept::new(HeaderMap::new(), wrapped))
    };
    state.pieces.pieces(part.into(), load).await
}

fn answer(body: Body, length: usize, end: UnixSeconds, next: u64) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(TAG, HeaderValue::from(end.get() * 1_000));
    // [API-3] Nothing new comes before the bucket at hand is over.
    if let Ok(caching) = HeaderValue::from_str(&format!("public, max-age={}", next.min(300))) {
        headers.insert(header::CACHE_CONTROL, caching);
    }
    response
}

/// Returns the tag in the query: the start of a bucket, in milliseconds, not after `until`. There
/// is one spelling for each tag, and nothing else in the query.
fn last_tag(query: Option<&str>, until: UnixSeconds) -> Result<Option<UnixSeconds>, Problem> {
    let Some(query) = query else { return Ok(None) };
    let malformed = Problem::Malformed(
        "the query is lastKeyBundleTag=<milliseconds>, a whole number without sign and leading zeros",
    );
    let Some(text) = query.strip_prefix("lastKeyBundleTag=") else { return Err(malformed) };
    let Ok(tag) = text.parse::<i64>() else { return Err(malformed) };
    // [API-26] `+1`, `01` and `-0` are numbers as well.
    if tag.to_string() != text {
        return Err(malformed);
    }
    // [API-3]
    let tag = u64::try_from(tag).map_err(|_| Problem::TagRefused)?;
    let seconds = UnixSeconds::new(tag / 1_000).map_err(|_| Problem::TagRefused)?;
    if !tag.is_multiple_of(BUCKET * 1_000) || seconds > until {
        return Err(Problem::TagRefused);
    }
    Ok(Some(seconds))
}
