//! The trace key feed for existing CrowdNotifier clients: everything appended in whole buckets of two
//! hours since a tag, as one `ProblematicEventWrapper`.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use noren::messages::trace::wrap_events;
use noren::time::UnixSeconds;

use crate::append_times::{AppendTime, BUCKET, bucket_of};
use crate::problem::Problem;
use crate::public::internal;
use crate::published::PublishedError;
use crate::state::AppState;

/// Seconds that an entry stays in the feed: 14 days.
pub(crate) const KEPT_SECONDS: u64 = 14 * 86_400;
/// Bytes after which an answer ends with the bucket at hand. The tag says how far it goes.
const ANSWER_BYTES: usize = 16 << 20;
/// Bytes of encoded buckets kept in memory.
const CACHE_BYTES: usize = 64 << 20;
const TAG: HeaderName = HeaderName::from_static("x-key-bundle-tag");

/// Encoded buckets. A bucket that is over never changes, so all answers share its bytes.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    buckets: Mutex<BTreeMap<UnixSeconds, Bytes>>,
}

impl Feed {
    fn cached(&self, bucket: UnixSeconds) -> Option<Bytes> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).get(&bucket).cloned()
    }

    fn keep(&self, bucket: UnixSeconds, bytes: Bytes, oldest: UnixSeconds) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        *buckets = buckets.split_off(&oldest);
        if buckets.values().map(Bytes::len).sum::<usize>() + bytes.len() <= CACHE_BYTES {
            buckets.insert(bucket, bytes);
        }
    }
}

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
    let mut chunks = vec![];
    let (mut length, mut end) = (0, until);
    for bucket in appends.chunk_by(|one, next| one.bucket == next.bucket) {
        let Some(first) = bucket.first() else { continue };
        if length >= ANSWER_BYTES {
            end = first.bucket;
            break;
        }
        let bytes = encoded(&state, first.bucket, bucket, oldest).await.map_err(internal)?;
        length += bytes.len();
        chunks.push(bytes);
    }
    if chunks.is_empty() {
        let empty = Bytes::from(wrap_events(&[]));
        length = empty.len();
        chunks.push(empty);
    }
    Ok(answer(chunks, length, end, until.plus(BUCKET).minus(now.get()).get()))
}

/// The wrapper around one bucket's entries. A message of this kind followed by another one is again
/// a message of this kind, with the entries of both: that is how protobuf merges.
async fn encoded(
    state: &AppState,
    bucket: UnixSeconds,
    appends: &[AppendTime],
    oldest: UnixSeconds,
) -> Result<Bytes, PublishedError> {
    if let Some(bytes) = state.feed.cached(bucket) {
        return Ok(bytes);
    }
    let mut entries = vec![];
    for append in appends {
        entries.extend(state.published.entries(*append).await?);
    }
    let bytes = Bytes::from(wrap_events(&entries));
    state.feed.keep(bucket, bytes.clone(), oldest);
    Ok(bytes)
}

fn answer(chunks: Vec<Bytes>, length: usize, end: UnixSeconds, next: u64) -> Response {
    let chunks = chunks.into_iter().map(Ok::<_, std::convert::Infallible>);
    let mut response = Response::new(Body::from_stream(stream::iter(chunks)));
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

/// The tag in the query: the start of a bucket, in milliseconds, not after `until`.
fn last_tag(query: Option<&str>, until: UnixSeconds) -> Result<Option<UnixSeconds>, Problem> {
    let mut values = query
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.strip_prefix("lastKeyBundleTag="));
    let Some(value) = values.next() else { return Ok(None) };
    let malformed = Problem::Malformed("lastKeyBundleTag is one whole number of milliseconds");
    if values.next().is_some() {
        return Err(malformed);
    }
    let tag: i64 = value.parse().map_err(|_| malformed)?;
    // [API-3]
    let tag = u64::try_from(tag).map_err(|_| Problem::TagRefused)?;
    let seconds = UnixSeconds::new(tag / 1_000).map_err(|_| Problem::TagRefused)?;
    if !tag.is_multiple_of(BUCKET * 1_000) || seconds > until {
        return Err(Problem::TagRefused);
    }
    Ok(Some(seconds))
}
