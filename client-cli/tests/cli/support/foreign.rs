//! Programs of others that read C2SP logs or cosign them; `.ci/run` installs them where it can.

use std::path::{Path, PathBuf};

use noren_skipped::skipped;

/// A foreign program; `None`, and said so, where it is not installed.
pub(crate) fn foreign(name: &str) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_BIN_EXE_noren")).ancestors().nth(2)?;
    let program = target.join("foreign/bin").join(name);
    if program.exists() {
        return Some(program);
    }
    skipped(name);
    None
}
