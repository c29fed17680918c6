//! A pin that cannot be read, and what mends it.

use std::path::PathBuf;

use crate::text::clean;

/// A pin that is no valid profile any more.
pub(crate) struct DamagedPin {
    pub(super) path: PathBuf,
    pub(super) why: String,
    /// Whether it is the folder of all pins.
    pub(super) is_folder: bool,
}

impl DamagedPin {
    /// The first digits of the fingerprint that was pinned, as people compare it, by the file's name.
    pub(crate) fn fingerprint(&self) -> String {
        let digits = self.digits();
        let groups: Vec<_> =
            digits.as_bytes().chunks(4).take(8).map(String::from_utf8_lossy).collect();
        clean(&groups.join(" "))
    }

    pub(super) fn digits(&self) -> String {
        if self.is_folder {
            return String::new();
        }
        self.path.file_stem().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default()
    }

    /// What is wrong, and what mends it.
    pub(crate) fn words(&self) -> String {
        // [CLI-26]
        if self.is_folder {
            return format!(
                "the authorities that are followed cannot be read ({}: {}): give that folder back \
                 from a copy, or move away what lies there and follow them again; until then none \
                 of their logs is read",
                self.path.display(),
                clean(&self.why)
            );
        }
        let fingerprint = self.fingerprint();
        format!(
            "the pin of the authority with the fingerprint {fingerprint} is damaged ({}: {}). Its \
             log is not read until you follow it again: `noren visitor follow ADDRESS --fingerprint \
             \"{fingerprint}\"`; or forget it: `noren visitor unfollow \"{fingerprint}\"`",
            self.path.display(),
            clean(&self.why)
        )
    }
}
