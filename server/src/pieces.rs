//! What many read, kept in memory in pieces: a slow reader holds one piece and not the whole answer.
//!
//! A file is read, proved, cut, and kept for as long as it is asked for more often than others; each
//! reader takes one piece after the other. When a piece has gone in the meantime, the file is read
//! again. So the memory in use is bounded by the number of readers times one piece, the files kept,
//! and the files being read.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::http::HeaderMap;
use bytes::Bytes;
use futures_util::stream;
use noren::log::TilePath;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::append_times::AppendTime;
use crate::published::PublishedError;
use crate::shelf::Shelf;

/// Bytes of a piece.
pub(crate) const PIECE: usize = 64 << 10;
/// Files that are read at the same time.
const READERS: usize = 4;
/// About what a kept file takes besides its pieces.
const BESIDES: usize = 2 << 10;
/// Bytes of a file of the log, more or less: so many fit.
const USUAL: usize = 64 << 10;

/// One file, or one part of the feed, in pieces.
pub(crate) type Pieces = Arc<Vec<Bytes>>;

/// What is kept under which name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    /// A tile or bundle.
    Tile(TilePath),
    /// Entries of the feed.
    Feed {
        /// The first one's index.
        from: u64,
        /// The index after the last one's.
        to: u64,
    },
}

impl From<AppendTime> for Name {
    fn from(part: AppendTime) -> Self {
        Self::Feed { from: part.old_size, to: part.new_size }
    }
}

/// A file that is kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    /// The fields of an answer with it, but for the date. A part of the feed has none.
    pub(crate) head: HeaderMap,
    /// Its bytes.
    pub(crate) pieces: Pieces,
    /// How much memory they take, once the file is kept.
    weight: usize,
}

impl Kept {
    /// A file with this head and these bytes.
    pub(crate) fn new(head: HeaderMap, pieces: Vec<Bytes>) -> Self {
        Self { head, pieces: Arc::new(pieces), weight: 0 }
    }
}

#[derive(Debug, Clone, Copy)]
struct Bytewise;

impl Weighter<Name, Arc<Kept>> for Bytewise {
    fn weight(&self, _: &Name, kept: &Arc<Kept>) -> u64 {
        (kept.weight + BESIDES) as u64
    }
}

/// The files that are being handed out in pieces.
pub(crate) struct PieceStore {
    /// `None` where nothing is to be kept.
    kept: Option<Cache<Name, Arc<Kept>, Bytewise>>,
    readers: Semaphore,
    shelf: Shelf,
}

impl fmt::Debug for PieceStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PieceStore")
    }
}

impl PieceStore {
    /// Makes room for so many bytes; 0 keeps nothing.
    pub(crate) fn new(bytes: usize) -> Self {
        // [API-25] In one part: each of several would refuse what is longer than its own share.
        let options = OptionsBuilder::new()
            .shards(1)
            .weight_capacity(bytes as u64)
            .estimated_items_capacity(bytes.div_ceil(USUAL))
            .build();
        let (hashes, life) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
        let cache = options.ok().filter(|_| bytes > 0);
        let kept = cache.map(|options| Cache::with_options(options, Bytewise, hashes, life));
        Self { kept, readers: Semaphore::new(READERS), shelf: Shelf::default() }
    }

    /// Returns where what is kept can be sent from.
    pub(crate) fn shelf(&self) -> Shelf {
        self.shelf.clone()
    }

    /// Cuts bytes into pieces of their own memory: one of them does not hold the others.
    pub(crate) fn cut(&self, bytes: &[u8]) -> Vec<Bytes> {
        bytes.chunks(PIECE).map(|piece| self.shelf.share(piece)).collect()
    }

    /// Waits until another file may be read into memory.
    pub(crate) async fn turn(&self) -> Result<SemaphorePermit<'_>, PublishedError> {
        // [API-25]
        self.readers.acquire().await.map_err(|_| PublishedError::Interrupted)
    }

    /// Returns what is kept under this name.
    pub(crate) fn kept(&self, name: Name) -> Option<Arc<Kept>> {
        self.kept.as_ref()?.get(&name)
    }

    /// Returns the pieces of this name, which `load` reads when they are not kept.
    pub(crate) async fn pieces(
        &self,
        name: Name,
        load: impl Future<Output = Result<Kept, PublishedError>>,
    ) -> Result<Pieces, PublishedError> {
        if let Some(kept) = self.kept(name) {
            return Ok(Arc::clone(&kept.pieces));
        }
        let _turn = self.turn().await?;
        // Somebody else may have read it in the meantime.
        let kept = match self.kept(name) {
            Some(kept) => kept,
            None => self.keep(name, load.await?),
        };
        Ok(Arc::clone(&kept.pieces))
    }

    /// Keeps a file under a name, if there is room for it; what is asked for least goes.
    pub(crate) fn keep(&self, name: Name, file: Kept) -> Arc<Kept> {
        let mut file = file;
        // What lies in a file in memory as well is there twice.
        let weight =
            |piece: &Bytes| piece.len() * (1 + usize::from(self.shelf.find(piece).is_some()));
        file.weight = file.pieces.iter().map(weight).sum();
        let file = Arc::new(file);
        if let Some(kept) = &self.kept {
            kept.insert(name, Arc::clone(&file));
        }
        file
    }

    /// Forgets the tiles and bundles that `gone` picks out.
    pub(crate) fn forget(&self, gone: impl Fn(&TilePath) -> bool) {
        if let Some(kept) = &self.kept {
            kept.retain(|name, _| !matches!(name, Name::Tile(path) if gone(path)));
        }
    }
}

pub(crate) fn length(pieces: &[Bytes]) -> usize {
    pieces.iter().map(Bytes::len).sum()
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

    const ROOM: usize = 8 << 20;

    fn file(mark: u8, bytes: usize) -> Kept {
        Kept::new(HeaderMap::new(), PieceStore::new(0).cut(&vec![mark; bytes]))
    }

    fn name(number: u64) -> Name {
        Name::Feed { from: number, to: number + 1 }
    }

    fn weight(store: &PieceStore) -> usize {
        store.kept.as_ref().map_or(0, |kept| usize::try_from(kept.weight()).unwrap())
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded_and_what_has_gone_is_read_again() {
        // [API-25]
        let store = PieceStore::new(ROOM);
        let load = async |mark: u8| Ok::<_, PublishedError>(file(mark, ROOM / 5));
        let mut most = 0;
        for mark in 0..99 {
            let pieces = store.pieces(name(mark.into()), load(mark)).await.unwrap();
            assert_eq!((length(&pieces), pieces[0][0]), (ROOM / 5, mark));
            assert!(pieces.iter().all(|piece| piece.len() <= PIECE));
            most = most.max(weight(&store));
        }
        assert!((ROOM * 4 / 5..=ROOM).contains(&most), "{most}");
        let gone = (0..99).find(|mark| store.kept(name(*mark)).is_none()).unwrap();
        let again = store.pieces(name(gone), load(100)).await.unwrap();
        assert_eq!(again[0][..], vec![100; PIECE]);
        // What is kept is not read.
        let there = (0..99).find(|mark| store.kept(name(*mark)).is_some()).unwrap();
        assert!(store.pieces(name(there), std::future::pending()).await.is_ok());
    }

    #[test]
    fn what_many_ask_for_stays_and_what_does_not_fit_is_handed_out_all_the_same() {
        // [API-25]
        let store = PieceStore::new(ROOM);
        store.keep(name(0), file(7, PIECE));
        for passing in 1..99 {
            assert!(store.kept(name(0)).is_some());
            store.keep(name(passing), file(8, ROOM / 5));
        }
        assert_eq!(length(&store.keep(name(100), file(9, ROOM + 1)).pieces), ROOM + 1);
        assert!(store.kept(name(100)).is_none() && weight(&store) <= ROOM);
        let none = PieceStore::new(0);
        assert_eq!(none.keep(name(0), file(7, 9)).pieces[0][..], [7; 9]);
        assert!(none.kept(name(0)).is_none());
    }
}
