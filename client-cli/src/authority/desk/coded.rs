//! What a one-time upload code was given out for: a venue's case, or a diagnosed visitor's.

use noren::messages::{CodeHash, UploadCode};
use noren::time::UnixSeconds;

use super::case_file::Status;
use super::store::Record;

/// A record with a one-time upload code.
pub(in crate::authority) trait Coded: Record + Clone {
    /// What people call it.
    const TITLE: &'static str;
    /// The command whose verbs handle it: `noren authority <this> reissue`.
    const VERBS: &'static str;

    fn code_hash(&self) -> &CodeHash;
    fn status(&self) -> Status;
    fn set_status(&mut self, status: Status);
    /// Another code takes the place of the one before.
    fn set_code(&mut self, code: &UploadCode, expires: UnixSeconds);

    fn code_hash_hex(&self) -> String {
        hex::encode(self.code_hash().as_bytes())
    }

    /// Like `case c-3f9a21`.
    fn title(&self) -> String {
        format!("{} {}", Self::TITLE, self.id())
    }
}
