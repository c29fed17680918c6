//! Files of the desk that say themselves whether they are whole: a mark, the SHA-256 of the content,
//! the content.
//!
//! A flipped bit in a key still makes a key, and one in an upload makes an upload that does not open:
//! without this, the venue or the clock would be blamed.

use std::path::Path;

use anyhow::bail;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::domain;
use crate::files;

/// The content of a file, or `None` when there is none.
pub(super) fn read(path: &Path) -> anyhow::Result<Option<Zeroizing<Vec<u8>>>> {
    // [CLI-16]
    let Some(bytes) = files::read(path)? else { return Ok(None) };
    let whole = bytes
        .strip_prefix(domain::FILE)
        .and_then(|rest| rest.split_first_chunk::<32>())
        .filter(|(digest, content)| Sha256::digest(content)[..] == digest[..]);
    let Some((_, content)) = whole else {
        // [CLI-44]
        if let Some(version) = other_version(&bytes) {
            bail!(
                "the file {} has the form {version}, which this version of Noren does not know: a \
                 newer one wrote it; use that one",
                path.display()
            );
        }
        bail!(
            "the file {} is damaged: it is not what this desk wrote there. Restore the desk's \
             folder from a backup, then `noren authority take-over`",
            path.display()
        );
    };
    Ok(Some(Zeroizing::new(content.to_vec())))
}

/// The version in a mark that is whole, and another than ours.
fn other_version(bytes: &[u8]) -> Option<u32> {
    let (mark, _) = domain::FILE.split_at(domain::FILE.len() - 2);
    let digits = bytes.strip_prefix(mark)?.split(|byte| *byte == b'\n').next()?;
    let version = std::str::from_utf8(digits.get(..digits.len().min(9))?).ok()?.parse().ok()?;
    (version > 1).then_some(version)
}

/// Replaces a file as a whole and durably; readable by its owner only.
pub(super) fn replace(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    files::replace(path, &marked(content))
}

/// Writes a secret that is not there yet. Never overwrites.
pub(super) fn create_secret(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    // [CLI-2]
    files::create_secret(path, &marked(content))
}

fn marked(content: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(domain::FILE.len() + 32 + content.len()));
    bytes.extend_from_slice(domain::FILE);
    bytes.extend_from_slice(&Sha256::digest(content));
    bytes.extend_from_slice(content);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_and_every_cut_is_told() {
        // [CLI-16]
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        assert!(read(&path).expect("no file").is_none());
        replace(&path, b"content").expect("written");
        assert_eq!(read(&path).expect("whole").expect("there").as_slice(), b"content");
        let good = std::fs::read(&path).expect("bytes");
        for bit in 0..good.len() * 8 {
            let mut other = good.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, other).expect("written");
            assert!(read(&path).is_err(), "bit {bit}");
        }
        for length in 0..good.len() {
            std::fs::write(&path, &good[..length]).expect("written");
            assert!(read(&path).is_err(), "{length} bytes");
        }
    }
}
