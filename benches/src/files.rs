//! Files that a server is started over to be measured, and the time at which they are signed.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use noren::time::UnixSeconds;

use crate::Result;

/// Writes a file, and the folders above it.
///
/// # Errors
/// When the disk does not take them.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, bytes)?)
}

/// Returns the time.
///
/// # Errors
/// When this machine's clock is before 1970.
pub fn now() -> Result<UnixSeconds> {
    Ok(UnixSeconds::new(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?)
}
