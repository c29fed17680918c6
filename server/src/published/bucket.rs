//! What shows the log: a folder of one server, or a bucket that several servers write to and everybody
//! reads. It decides nothing; the database has decided before anything is shown.

use std::fmt::Debug;
use std::io;

use noren::log::TilePath;

use super::folder::Folder;

/// Where the published files are. The calls block.
pub(crate) trait Bucket: Debug + Send + Sync {
    /// Returns the bytes of a file, or `None` when it is not there.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;

    /// Returns whether there is anything of a log.
    fn holds_tiles(&self) -> io::Result<bool>;

    /// Writes files that the checkpoint does not cover yet. Where others may write and read them
    /// already, one that is there with other bytes is an error, and stays.
    fn add(&self, files: &[(String, Vec<u8>)]) -> io::Result<()>;

    /// Writes a file in the place of one that is damaged, missing or older.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Replaces the file that moves, unless it does not hold `before` any more.
    fn advance(&self, name: &str, before: Option<&[u8]>, bytes: &[u8]) -> io::Result<()>;

    /// Returns the names of the files in a folder, in no order; none where it is not there.
    fn list(&self, name: &str) -> io::Result<Vec<String>>;

    /// Removes a bundle in every width; the number of files that were there.
    fn remove_bundle(&self, path: &TilePath) -> io::Result<u64>;

    /// Writes a file that is not published.
    fn probe(&self) -> io::Result<()>;

    /// Returns whether other servers may write to it.
    fn is_shared(&self) -> bool;

    /// Returns a tile's bytes, or `None` when it is not there or cannot be read.
    fn tile(&self, path: &TilePath) -> Option<Vec<u8>> {
        self.read(&path.to_string()).ok().flatten()
    }
}

impl Bucket for Folder {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Self::read(self, name)
    }

    fn holds_tiles(&self) -> io::Result<bool> {
        Ok(Self::holds_tiles(self))
    }

    fn add(&self, files: &[(String, Vec<u8>)]) -> io::Result<()> {
        // Nobody reads the folder but this server, which shows nothing beyond the checkpoint.
        self.write(files.iter().map(|(name, bytes)| (&name[..], &bytes[..])))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.write([(name, bytes)])
    }

    fn advance(&self, name: &str, _before: Option<&[u8]>, bytes: &[u8]) -> io::Result<()> {
        // [API-10] The folder's lock keeps others out.
        self.write([(name, bytes)])
    }

    fn list(&self, name: &str) -> io::Result<Vec<String>> {
        Self::list(self, name)
    }

    fn remove_bundle(&self, path: &TilePath) -> io::Result<u64> {
        Self::remove_bundle(self, path)
    }

    fn probe(&self) -> io::Result<()> {
        Self::probe(self)
    }

    fn is_shared(&self) -> bool {
        false
    }
}
