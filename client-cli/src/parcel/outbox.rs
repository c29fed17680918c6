//! What was sealed and not yet received for certain. Sealing is random: sealed anew, the same upload
//! would be another one, and the server, which may have the first, would refuse it.
//!
//! A file here shows whoever finds it that something was uploaded from this machine, and no more: its
//! bytes open with the authority's key alone, and its name and digest can be compared with guesses
//! only by somebody who has the upload code.

use std::path::{Path, PathBuf};

use noren::messages::{SEALED_UPLOAD_LENGTH, UploadCode};
use noren::profile::Profile;
use noren::time::UnixSeconds;
use sha2::{Digest as _, Sha256};

use crate::context::Context;
use crate::files::{self, Lock};

const MAGIC: &[u8] = b"NOREN-OUTBOX-v1\n";
/// No code is good for longer, in seconds: 31 days, and one for clocks.
const LONGEST_LIFE: u64 = 32 * 86_400;
const TIME: usize = 8;
const DIGEST: usize = 32;

/// A sealed upload that is kept until the server has answered.
pub(super) struct Kept {
    path: PathBuf,
    /// Whether something else was sealed under the same code before.
    replaced: bool,
    _lock: Lock,
}

impl Kept {
    /// The bytes of an earlier run for the same content and code, or new ones, on the disk before
    /// they are sent.
    pub(super) fn keep(
        context: &Context,
        authority: &Profile,
        code: &UploadCode,
        content: &[u8],
        seal: impl FnOnce() -> anyhow::Result<Vec<u8>>,
    ) -> anyhow::Result<(Self, Vec<u8>)> {
        // [VEN-7]
        let (folder, now) = (context.folder("outbox"), context.now()?);
        let lock = files::lock(&folder)?;
        forget_old(&folder, now)?;
        let name = digest(b"name", authority, code, &[]);
        let path = folder.join(format!("{}.upload", hex::encode(name)));
        let digest = digest(b"content", authority, code, content);
        let earlier = files::read(&path)?;
        let earlier = earlier.as_deref().and_then(|bytes| parse(bytes));
        if let Some((_, known, body)) = earlier
            && *known == digest
        {
            let body = body.to_vec();
            return Ok((Self { path, replaced: false, _lock: lock }, body));
        }
        let replaced = earlier.is_some();
        let body = seal()?;
        files::replace(&path, &[MAGIC, &now.get().to_be_bytes(), &digest, &body].concat())?;
        Ok((Self { path, replaced, _lock: lock }, body))
    }

    /// The server's word is its last: nothing is kept any longer. Whether something else had been
    /// sealed under the same code.
    pub(super) fn end(&self) -> anyhow::Result<bool> {
        files::remove(&self.path)?;
        Ok(self.replaced)
    }
}

/// Time, digest and sealed bytes of a file; `None` where it is damaged, and as good as none.
fn parse(bytes: &[u8]) -> Option<(UnixSeconds, &[u8; DIGEST], &[u8])> {
    let (time, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<TIME>()?;
    let (digest, body) = rest.split_first_chunk::<DIGEST>()?;
    let time = UnixSeconds::new(u64::from_be_bytes(*time)).ok()?;
    (body.len() == SEALED_UPLOAD_LENGTH).then_some((time, digest, body))
}

/// A digest that nobody can compare with guesses who lacks the code.
fn digest(what: &[u8], authority: &Profile, code: &UploadCode, content: &[u8]) -> [u8; DIGEST] {
    let digest = Sha256::new().chain_update(MAGIC).chain_update(what).chain_update(b"\n");
    let digest = digest.chain_update(authority.fingerprint().as_bytes());
    digest.chain_update(code.to_text().as_bytes()).chain_update(content).finalize().into()
}

/// Deletes what no code admits any longer.
fn forget_old(folder: &Path, now: UnixSeconds) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "upload") {
            continue;
        }
        // [CLI-26] What is no file is no parcel.
        if !path.is_file() {
            files::clear(&path)?;
            continue;
        }
        let bytes = files::read(&path)?;
        let made = bytes.as_deref().and_then(|bytes| Some(parse(bytes)?.0));
        if made.is_none_or(|made| made.plus(LONGEST_LIFE) < now) {
            files::remove(&path)?;
        }
    }
    Ok(())
}
