//! Authorities whose news could not be taken: refused, because what their log shows cannot be, or
//! not to be had at all. Neither may read as if there were no news.

use noren::log::{AppendError, CheckpointError, LogError, TileError};
use noren::profile::{Profile, SignedProfile};
use serde::Serialize;

use crate::errors::words;
use crate::followed::{DamagedPin, RefusedProfile};
use crate::text::{clean, counted};

/// An authority that was not read, as data and as a watcher's command gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Unread {
    /// `refused` or `unread`, beside notices and reminders.
    kind: Kind,
    authority: String,
    fingerprint: String,
    reason: String,
    advice: String,
}

/// Why it was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// What was offered is refused, and shows that somebody misbehaves.
    Refused,
    /// Nothing was to be had, or something here failed.
    Unread,
}

/// A log that had entries, and of which nothing is shown any more.
#[derive(Debug, thiserror::Error)]
#[error("the log is gone: {} seen before, and the server shows none", counted(*seen, "entry"))]
pub(crate) struct Vanished {
    pub(crate) seen: u64,
}

/// A server that has no checkpoint.
#[derive(Debug, thiserror::Error)]
#[error("{0} has published no checkpoint yet; try again when it has")]
pub(crate) struct NoCheckpoint(pub(crate) String);

impl Unread {
    pub(crate) fn new(profile: &SignedProfile, error: &anyhow::Error) -> Self {
        // [CLI-22]
        let refused = is_refusal(error) || find::<RefusedProfile>(error).is_some();
        let (kind, profile) =
            (if refused { Kind::Refused } else { Kind::Unread }, profile.profile());
        Self {
            kind,
            authority: profile.name.clone(),
            fingerprint: profile.fingerprint().to_string(),
            reason: words(error),
            advice: advice(error, profile),
        }
    }

    /// An authority whose pin is damaged.
    pub(crate) fn damaged(pin: &DamagedPin) -> Self {
        // [CLI-26]
        Self {
            kind: Kind::Unread,
            authority: String::new(),
            fingerprint: pin.fingerprint(),
            reason: pin.words(),
            advice: "Follow it again, or forget it.".to_owned(),
        }
    }

    /// Whether this shows that somebody misbehaves.
    pub(crate) fn is_refused(&self) -> bool {
        self.kind == Kind::Refused
    }

    pub(crate) fn lines(&self) -> String {
        let name = clean(&self.authority);
        let news = match self.kind {
            Kind::Refused => "REFUSED",
            Kind::Unread => "not read",
        };
        let end = "Whether there are notices is not known.";
        format!("{name}: {news}: {}\n  {} {end}", clean(&self.reason), clean(&self.advice))
    }
}

/// Whether a log was refused: its signed heads, or what it shows under them, cannot be honest.
pub(crate) fn is_refusal(error: &anyhow::Error) -> bool {
    // [CLI-3] An append of one's own that cannot be signed is nobody's fault but this machine's.
    let offered = find::<CheckpointError>(error).is_some()
        || find::<LogError>(error).is_some()
        || find::<TileError>(error).is_some()
        || find::<Vanished>(error).is_some();
    offered && find::<AppendError>(error).is_none()
}

/// The cause of this type, however many contexts were put around it.
fn find<E: std::error::Error + Send + Sync + 'static>(error: &anyhow::Error) -> Option<&E> {
    error.downcast_ref::<E>().or_else(|| error.chain().find_map(|cause| cause.downcast_ref::<E>()))
}

fn advice(error: &anyhow::Error, profile: &Profile) -> String {
    if let Some(CheckpointError::Frozen { .. } | CheckpointError::FromTheFuture { .. }) =
        find(error)
    {
        return format!(
            "Look at this device's clock first. If it is right, news may be held back: sync again \
             from another network, and {} if that stays.",
            call(profile)
        );
    }
    if find::<RefusedProfile>(error).is_some() {
        return format!("Nothing was taken from it; {}.", call(profile));
    }
    if is_refusal(error) {
        return format!(
            "Nothing was taken from it, and what was seen before is kept: it is the evidence. Sync \
             again from another network; if this stays, {}, and keep this device's files.",
            call(profile)
        );
    }
    "Sync again later.".to_owned()
}

/// Whom to call: a line that is for every level.
fn call(profile: &Profile) -> String {
    let line = profile.contacts.iter().find(|contact| contact.level.is_none());
    let number = line.map(|line| format!(" ({}: {})", line.label, line.value)).unwrap_or_default();
    format!("tell {}{number} by another way than its server", profile.name)
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn what_a_log_cannot_honestly_show_is_told_from_what_fails() {
        // [CLI-3] [CLI-22]
        let refused = |error: anyhow::Error| is_refusal(&error.context("the log is refused"));
        assert!(refused(LogError::Fork { size: 3 }.into()));
        assert!(refused(LogError::Rollback { seen: 3, offered: 2 }.into()));
        assert!(refused(LogError::RootMismatch.into()));
        assert!(refused(CheckpointError::Frozen { age: 90_000 }.into()));
        assert!(refused(CheckpointError::Signature.into()));
        assert!(refused(TileError::Bundle.into()));
        assert!(refused(Vanished { seen: 3 }.into()));
        let as_context = Err::<(), _>(std::io::Error::other("x")).context(Vanished { seen: 1 });
        assert!(as_context.is_err_and(|error| is_refusal(&error)));
        assert!(!refused(AppendError::Log(LogError::TimestampWentBack).into()));
        assert!(!refused(NoCheckpoint("A".to_owned()).into()));
        assert!(!refused(std::io::Error::other("unreachable").into()));
    }
}
