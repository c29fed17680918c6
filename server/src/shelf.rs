//! Bytes that many connections send. Beside the bytes there is a file in memory that holds the same,
//! from which the kernel takes them itself: a long answer is then not copied for each reader.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// Bytes from which on a file is worth its cost.
const LEAST: usize = 16 << 10;
/// Files at most.
pub(crate) const MOST: usize = 512;

/// Where shared bytes lie, for as long as somebody holds them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    /// How many files there may be.
    most: usize,
    /// By the address of their first byte.
    shared: BTreeMap<usize, Shared>,
}

#[derive(Debug, Clone)]
struct Shared {
    length: usize,
    file: Arc<File>,
}

/// Some of the shared bytes, in their file.
#[derive(Debug)]
pub(crate) struct Part {
    /// The file.
    pub(crate) file: Arc<File>,
    /// Where they begin in it.
    pub(crate) offset: u64,
}

/// The bytes themselves. While they live, no others have their address.
struct Owner {
    bytes: Vec<u8>,
    shelf: Shelf,
}

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shelf.table().shared.remove(&self.bytes.as_ptr().addr());
    }
}

impl Shelf {
    /// Allows so many files, [`MOST`] at most.
    pub(crate) fn allow(&self, files: usize) {
        self.table().most = files.min(MOST);
    }

    /// Copies bytes to be sent to many; without a file where they are few, or no file is to be had.
    pub(crate) fn share(&self, bytes: &[u8]) -> Bytes {
        let is_full = {
            let table = self.table();
            table.shared.len() >= table.most
        };
        if bytes.len() < LEAST || is_full {
            return Bytes::copy_from_slice(bytes);
        }
        let Ok(file) = file_of(bytes) else { return Bytes::copy_from_slice(bytes) };
        let owner = Owner { bytes: bytes.to_vec(), shelf: self.clone() };
        let shared = Shared { length: bytes.len(), file: Arc::new(file) };
        self.table().shared.insert(owner.bytes.as_ptr().addr(), shared);
        Bytes::from_owner(owner)
    }

    /// Returns where these bytes lie in a file, if they are shared ones: the very ones, by their
    /// address, and not equal ones.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<Part> {
        if bytes.len() < LEAST / 4 {
            return None;
        }
        let address = bytes.as_ptr().addr();
        let table = self.table();
        let (start, shared) = table.shared.range(..=address).next_back()?;
        let offset = address - start;
        let within = offset + bytes.len() <= shared.length;
        within.then(|| Part { file: Arc::clone(&shared.file), offset: offset as u64 })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(target_os = "linux")]
fn file_of(bytes: &[u8]) -> io::Result<File> {
    use std::io::Write as _;

    use rustix::fs::{MemfdFlags, memfd_create};

    let mut file = File::from(memfd_create("noren", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    Ok(file)
}

#[cfg(not(target_os = "linux"))]
fn file_of(_: &[u8]) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_bytes_are_found_by_their_place_and_only_while_they_live() {
        // [API-25]
        let shelf = Shelf::default();
        assert!(shelf.find(&shelf.share(&[7; LEAST])).is_none(), "no file is allowed");
        shelf.allow(2);
        let content: Vec<_> = (0..LEAST).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let (one, two) = (shelf.share(&content), shelf.share(&content));
        let third = shelf.share(&content);
        assert!(one == content && two == content && third == content);
        assert!(shelf.find(&third).is_none() && shelf.find(&content).is_none());
        let part = shelf.find(&one.slice(5_000..)).unwrap();
        let mut read = vec![0; LEAST - 5_000];
        std::os::unix::fs::FileExt::read_exact_at(&*part.file, &mut read, part.offset).unwrap();
        assert_eq!((part.offset, &read[..]), (5_000, &content[5_000..]));
        let kept = one.slice(..LEAST / 2);
        drop(one);
        assert!(shelf.find(&kept).is_some());
        drop(kept);
        assert_eq!(shelf.table().shared.len(), 1);
        assert!(shelf.find(&two).is_some());
    }
}
