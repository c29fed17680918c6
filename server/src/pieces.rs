//! Long answers in pieces, so that a slow reader holds one piece and not the whole answer.
//!
//! A file is read, cut, and kept for a while; each reader takes one piece after the other. When a
//! piece has gone in the meantime, the file is read again. So the memory in use is bounded by the
//! number of readers times one piece, the files kept, and the files being read.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::published::PublishedError;

/// Bytes of a piece.
pub(crate) const PIECE: usize = 64 << 10;
/// Bytes of files that are kept in pieces.
const KEPT: usize = 32 << 20;
/// Files that are read at the same time.
const READERS: usize = 4;

/// One file, or one part of the feed, in pieces.
pub(crate) type Pieces = Arc<Vec<Bytes>>;

/// The files that are being handed out in pieces.
#[derive(Debug)]
pub(crate) struct PieceStore {
    kept: Mutex<Kept>,
    readers: Semaphore,
}

#[derive(Debug, Default)]
struct Kept {
    files: HashMap<String, Pieces>,
    oldest_first: VecDeque<String>,
    bytes: usize,
}

impl Default for PieceStore {
    fn default() -> Self {
        Self { kept: Mutex::default(), readers: Semaphore::new(READERS) }
    }
}

impl PieceStore {
    /// Waits until another file may be read into memory.
    pub(crate) async fn turn(&self) -> Result<SemaphorePermit<'_>, PublishedError> {
        // [API-25]
        self.readers.acquire().await.map_err(|_| PublishedError::Interrupted)
    }

    /// Returns the pieces kept under this name.
    pub(crate) fn kept(&self, name: &str) -> Option<Pieces> {
        self.lock().files.get(name).cloned()
    }

    /// Returns the pieces of this name, which `load` reads when they are not kept.
    pub(crate) async fn pieces(
        &self,
        name: &str,
        load: impl Future<Output = Result<Vec<Bytes>, PublishedError>>,
    ) -> Result<Pieces, PublishedError> {
        if let Some(pieces) = self.kept(name) {
            return Ok(pieces);
        }
        let _turn = self.turn().await?;
        // Somebody else may have read it in the meantime.
        match self.kept(name) {
            Some(pieces) => Ok(pieces),
            None => Ok(self.keep(name, load.await?)),
        }
    }

    /// Keeps pieces under a name, and forgets the oldest ones in their place.
    pub(crate) fn keep(&self, name: &str, pieces: Vec<Bytes>) -> Pieces {
        let pieces = Arc::new(pieces);
        let mut kept = self.lock();
        kept.bytes += length(&pieces);
        match kept.files.insert(name.to_owned(), Arc::clone(&pieces)) {
            Some(before) => kept.bytes -= length(&before),
            None => kept.oldest_first.push_back(name.to_owned()),
        }
        while kept.bytes > KEPT {
            let Some(oldest) = kept.oldest_first.pop_front() else { break };
            kept.bytes -= kept.files.remove(&oldest).map_or(0, |pieces| length(&pieces));
        }
        drop(kept);
        pieces
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn length(pieces: &[Bytes]) -> usize {
    pieces.iter().map(Bytes::len).sum()
}

/// Cuts bytes into pieces of their own memory: one of them does not hold the others.
pub(crate) fn cut(bytes: &[u8]) -> Vec<Bytes> {
    bytes.chunks(PIECE).map(Bytes::copy_from_slice).collect()
}

/// Returns a body of the pieces of all `parts`, each asked for when the reader is there. A part
/// that cannot be read breaks the answer off, which its length tells the reader.
pub(crate) fn body<P, F, R>(parts: Vec<P>, pieces_of: F) -> Body
where
    P: Clone + Send + 'static,
    F: Fn(P) -> R + Clone + Send + 'static,
    R: Future<Output = Result<Pieces, PublishedError>> + Send,
{
    let parts = VecDeque::from(parts);
    Body::from_stream(stream::try_unfold((parts, 0), move |(mut parts, mut next)| {
        let pieces_of = pieces_of.clone();
        async move {
            while let Some(part) = parts.front() {
                let pieces = pieces_of(part.clone())
                    .await
                    .inspect_err(|error| tracing::error!(%error, "an answer broke off"))?;
                if let Some(piece) = pieces.get(next).cloned() {
                    return Ok(Some((piece, (parts, next + 1))));
                }
                parts.pop_front();
                next = 0;
            }
            Ok::<_, PublishedError>(None)
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_kept_is_bounded_and_what_has_gone_is_read_again() {
        // [API-25]
        let store = PieceStore::default();
        let load = async |mark: u8| Ok::<_, PublishedError>(cut(&vec![mark; KEPT / 4]));
        for mark in 0..9 {
            let pieces = store.pieces(&mark.to_string(), load(mark)).await.unwrap();
            assert_eq!(length(&pieces), KEPT / 4);
            assert!(pieces.iter().all(|piece| piece.len() <= PIECE));
        }
        assert_eq!(store.lock().bytes, KEPT);
        assert!(store.kept("0").is_none() && store.kept("8").is_some());
        let again = store.pieces("0", load(0)).await.unwrap();
        assert_eq!(again[0][..], vec![0; PIECE]);
        // What is kept is not read.
        let unread = std::future::pending();
        assert!(store.pieces("8", unread).await.is_ok());
        let long = store.keep("long", cut(&vec![0; KEPT + 1]));
        assert_eq!((length(&long), store.lock().bytes), (KEPT + 1, 0));
    }
}
