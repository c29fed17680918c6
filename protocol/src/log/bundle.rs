//! Entry bundles: the entries themselves, 256 to a file.

use super::{
    MAX_ENTRY,
    tile::{TileError, TilePath, TileWidth, grown},
};

/// Returns the bytes of an entry bundle: for each of 1 to 256 entries its length (u16, big-endian)
/// and itself.
///
/// # Errors
/// [`TileError::Width`] for any other number of entries, [`TileError::EntryTooLong`] for an entry
/// above [`MAX_ENTRY`] bytes.
pub fn encode_bundle<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, TileError> {
    u16::try_from(entries.len()).map_err(|_| TileError::Width).and_then(TileWidth::new)?;
    let mut bytes = Vec::with_capacity(entries.iter().map(|entry| 2 + entry.as_ref().len()).sum());
    for entry in entries {
        // [LOG-3] [LOG-11]
        let length = u16::try_from(entry.as_ref().len()).map_err(|_| TileError::EntryTooLong)?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry.as_ref());
    }
    Ok(bytes)
}

/// Returns the entries of a bundle of `width`.
///
/// # Errors
/// [`TileError::Bundle`] unless `bytes` is exactly `width` entries.
pub fn decode_bundle(bytes: &[u8], width: TileWidth) -> Result<Vec<Vec<u8>>, TileError> {
    let mut rest = bytes;
    let mut entries = Vec::with_capacity(width.get().into());
    for _ in 0..width.get() {
        // [LOG-3]
        let (length, after) = rest.split_first_chunk::<2>().ok_or(TileError::Bundle)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(TileError::Bundle)?;
        entries.push(entry.to_vec());
        rest = after;
    }
    if rest.is_empty() { Ok(entries) } else { Err(TileError::Bundle) }
}

/// Returns the most bytes that a bundle of `width` can have, a limit for whoever downloads it.
#[must_use]
pub const fn max_bundle_length(width: TileWidth) -> usize {
    width.get() as usize * (2 + MAX_ENTRY)
}

/// A bundle that a reader has to fetch, and how many of its entries the reader knows already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeededBundle {
    /// The file to fetch.
    pub path: TilePath,
    /// Entries at its start that were seen before; less than its width.
    pub known: u16,
}

impl NeededBundle {
    /// Returns the entries of the fetched file that are new.
    ///
    /// # Errors
    /// [`TileError::Bundle`] as [`decode_bundle`].
    pub fn new_entries(&self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, TileError> {
        self.new_entries_of(self.path.width(), bytes)
    }

    /// Does what [`NeededBundle::new_entries`] does, with a file at the same place that is at least
    /// as wide.
    ///
    /// # Errors
    /// [`TileError::Bundle`] as [`decode_bundle`].
    pub fn new_entries_of(
        &self,
        width: TileWidth,
        bytes: &[u8],
    ) -> Result<Vec<Vec<u8>>, TileError> {
        // [LOG-13]
        let mut entries = decode_bundle(bytes, width)?;
        entries.truncate(self.path.width().get().into());
        entries.drain(..entries.len().min(self.known.into()));
        Ok(entries)
    }
}

/// Returns the bundles that hold the entries `[from_size, to_size)`, in order; none when nothing is
/// new.
///
/// Lazy, because `to_size` is a stranger's number: ask for one, fetch it, and stop at the first that
/// is missing.
pub fn bundles_needed(from_size: u64, to_size: u64) -> impl Iterator<Item = NeededBundle> {
    // [LOG-3] [LOG-7]
    grown(from_size, to_size).map(move |(index, width)| {
        let known = u16::try_from(from_size.saturating_sub(index * 256)).unwrap_or(0);
        NeededBundle { path: TilePath::Entries { index, width }, known }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_exactly_its_entries() {
        // [LOG-3]
        let bytes = encode_bundle(&[&b"ab"[..], b""]).expect("short entries");
        assert_eq!(bytes, b"\0\x02ab\0\0");
        let width = |width| TileWidth::new(width).expect("a width");
        assert_eq!(decode_bundle(&bytes, width(2)).expect("two entries"), [&b"ab"[..], b""]);
        for (bytes, width_read, what) in [
            (&bytes[..], 1, "bytes left over"),
            (&bytes[..], 3, "an entry is missing"),
            (&bytes[..3], 1, "an entry is cut"),
            (&bytes[..1], 1, "a length is cut"),
            (&[][..], 1, "nothing"),
        ] {
            assert_eq!(decode_bundle(bytes, width(width_read)), Err(TileError::Bundle), "{what}");
        }
    }

    #[test]
    fn a_bundle_refuses_what_its_lengths_cannot_say() {
        // [LOG-3] [LOG-11]
        assert!(encode_bundle(&[vec![0; MAX_ENTRY]]).is_ok());
        assert_eq!(encode_bundle(&[vec![0; MAX_ENTRY + 1]]), Err(TileError::EntryTooLong));
        assert_eq!(encode_bundle::<&[u8]>(&[]), Err(TileError::Width));
        assert_eq!(encode_bundle(&[b""; 257]), Err(TileError::Width));
    }

    #[test]
    fn a_reader_fetches_only_what_is_new() {
        // [LOG-7]
        let needed = |from, to| {
            bundles_needed(from, to).map(|b| (b.path.to_string(), b.known)).collect::<Vec<_>>()
        };
        assert_eq!(needed(3, 3), []);
        assert_eq!(needed(0, 12), [("tile/entries/000.p/12".to_owned(), 0)]);
        assert_eq!(needed(12, 13), [("tile/entries/000.p/13".to_owned(), 12)]);
        assert_eq!(
            needed(255, 513),
            [
                ("tile/entries/000".to_owned(), 255),
                ("tile/entries/001".to_owned(), 0),
                ("tile/entries/002.p/1".to_owned(), 0)
            ]
        );
        assert_eq!(bundles_needed(0, u64::MAX).take(2).count(), 2, "lazy");
    }
}
