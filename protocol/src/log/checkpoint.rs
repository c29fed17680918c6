//! Checkpoints: the signed head of the tree, C2SP tlog-checkpoint with a timestamped cosignature.

use crate::signing::{Sign, SignError, SignPublicKey, signed};
use base64::{Engine, engine::general_purpose::STANDARD};

pub(super) mod error;

pub use error::CheckpointError;

use super::{
    AppendError, MAX_SIZE, SignatureType,
    log_keys::{LogKeys, LogSecretKeys},
    merkle::TreeHash,
    note::Note,
    origin::Origin,
};
use crate::time::UnixSeconds;

/// The number of seconds by which a checkpoint may be dated ahead, since clocks differ.
pub const MAX_CLOCK_SKEW: u64 = 300;

/// The head of a tree: what the authority signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: Origin,
    /// The number of entries.
    pub size: u64,
    /// The root hash over all entries.
    pub root: TreeHash,
}

impl Checkpoint {
    /// Returns the three lines that are signed, each with its newline.
    #[must_use]
    pub fn body(&self) -> String {
        // [LOG-4]
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// Returns the signed note: the log key's signature in the first line, the clock key's
    /// timestamped one in the second.
    ///
    /// A log signs only what extends everything it signed before, with times that never go back;
    /// [`super::Append::sign`] keeps both rules.
    ///
    /// # Errors
    /// [`SignError`] where a key that is kept elsewhere does not sign.
    pub fn sign(&self, keys: &LogSecretKeys<'_>, time: UnixSeconds) -> Result<String, SignError> {
        let body = self.body();
        let plain = signed(keys.log, body.as_bytes())?;
        // [LOG-5] [LOG-6] [PRO-8]
        let first = SignatureType::Ed25519.line(&self.origin, &keys.log.public_key(), &plain);
        let second = timed_line(&self.origin, &body, keys.clock, time)?;
        Ok(format!("{body}\n{first}{second}"))
    }

    /// Reads the three lines.
    pub(super) fn from_body(body: &str) -> Result<Self, CheckpointError> {
        let mut lines = body.split('\n');
        let mut line = || lines.next().ok_or(CheckpointError::Body);
        let origin = Origin::new(line()?).map_err(|_| CheckpointError::Body)?;
        let size = line()?.parse().map_err(|_| CheckpointError::Body)?;
        let root = STANDARD.decode(line()?).map_err(|_| CheckpointError::Body)?;
        let root = TreeHash(root.try_into().map_err(|_| CheckpointError::Body)?);
        let checkpoint = Self { origin, size, root };
        // [LOG-4] [LOG-11] one spelling: no leading zeros, no sign, no extension lines
        if size > MAX_SIZE || checkpoint.body() != body {
            Err(CheckpointError::Body)
        } else {
            Ok(checkpoint)
        }
    }
}

/// Returns the signature line that says when, with its newline.
fn timed_line(
    origin: &Origin,
    body: &str,
    clock: &dyn Sign,
    time: UnixSeconds,
) -> Result<String, SignError> {
    // [LOG-6]
    let signature = signed(clock, cosigned_message(time, body).as_bytes())?;
    let timed = [&time.get().to_be_bytes()[..], &signature].concat();
    Ok(SignatureType::CosignatureV1.line(origin, &clock.public_key(), &timed))
}

/// Returns the message of a `cosignature/v1`.
pub(super) fn cosigned_message(time: UnixSeconds, body: &str) -> String {
    // [LOG-6]
    format!("cosignature/v1\ntime {time}\n{body}")
}

/// A checkpoint whose signature and signed time were verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    timestamp: UnixSeconds,
    text: String,
}

impl SignedCheckpoint {
    /// Opens a signed note as a checkpoint of the log `origin` under its two keys.
    ///
    /// Both the log's signature and its timestamped signature must be there and valid, strictly as
    /// RFC 8032 says and with no small-order points. Lines of other signers, such as witnesses, are
    /// ignored. The age is a separate question: [`SignedCheckpoint::check_fresh`].
    ///
    /// # Errors
    /// A [`CheckpointError`] that names the step; never a panic, whatever the bytes.
    pub fn verify(text: &[u8], origin: &Origin, keys: &LogKeys) -> Result<Self, CheckpointError> {
        let note = Note::parse(text)?;
        // [PRO-8]
        let plain = note.signature::<64>(SignatureType::Ed25519, origin, &keys.log)?;
        let timed = note.signature::<72>(SignatureType::CosignatureV1, origin, &keys.clock)?;
        // [LOG-5]
        if !keys.log.has_signed(note.text.as_bytes(), &plain.ok_or(CheckpointError::Unsigned)?) {
            return Err(CheckpointError::Signature);
        }
        let timed = timed.ok_or(CheckpointError::NoTimestamp)?;
        let timestamp = verify_time(note.text, &timed, &keys.clock)?;
        let checkpoint = Checkpoint::from_body(note.text)?;
        // [LOG-4]
        if checkpoint.origin != *origin {
            return Err(CheckpointError::OtherOrigin);
        }
        let text = String::from_utf8(text.to_vec()).map_err(|_| CheckpointError::NotText)?;
        Ok(Self { checkpoint, timestamp, text })
    }

    /// Returns the note with a new time in the place of the old one, signed by the clock key alone.
    /// The tree, the log key's signature and the lines of others stay as they are.
    pub(super) fn renewed(
        &self,
        clock: &dyn Sign,
        time: UnixSeconds,
    ) -> Result<String, AppendError> {
        // [PRO-9]
        let origin = &self.checkpoint.origin;
        let old = Note::parse(self.text.as_bytes())?;
        let line = timed_line(origin, old.text, clock, time)?;
        let kind = SignatureType::CosignatureV1;
        let renewed = old.with_line(kind, origin, &clock.public_key(), &line);
        Ok(renewed.ok_or(CheckpointError::NoTimestamp)?)
    }

    /// Refuses a checkpoint signed more than `max_age` seconds ago, or dated more than
    /// [`MAX_CLOCK_SKEW`] seconds after `now`.
    ///
    /// # Errors
    /// [`CheckpointError::Frozen`] or [`CheckpointError::FromTheFuture`].
    pub fn check_fresh(&self, now: UnixSeconds, max_age: u64) -> Result<(), CheckpointError> {
        // [LOG-6]
        let (signed, now) = (self.timestamp.get(), now.get());
        match (now.saturating_sub(signed), signed.saturating_sub(now)) {
            (age, _) if age > max_age => Err(CheckpointError::Frozen { age }),
            (_, ahead) if ahead > MAX_CLOCK_SKEW => Err(CheckpointError::FromTheFuture { ahead }),
            _ => Ok(()),
        }
    }

    /// Returns what was signed.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Returns when it was signed, by the authority's clock.
    #[must_use]
    pub const fn timestamp(&self) -> UnixSeconds {
        self.timestamp
    }

    /// Returns the note as it was received, other signers' lines included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Verifies a timestamped signature, `time (u64, big-endian) ‖ signature (64 bytes)`.
pub(super) fn verify_time(
    body: &str,
    timed: &[u8; 72],
    key: &SignPublicKey,
) -> Result<UnixSeconds, CheckpointError> {
    let (time, signature) = timed.split_first_chunk().ok_or(CheckpointError::Timestamp)?;
    let time = u64::from_be_bytes(*time);
    // [LOG-6] [TIME-1]
    let time = UnixSeconds::new(time).map_err(|_| CheckpointError::Timestamp)?;
    let signature = signature.try_into().map_err(|_| CheckpointError::Timestamp)?;
    let is_signed = key.has_signed(cosigned_message(time, body).as_bytes(), signature);
    is_signed.then_some(time).ok_or(CheckpointError::Timestamp)
}

/// Returns a public key of the log as other tools for signed notes take it: `<origin>+<key id, 8 hex
/// digits>+<base64(type ‖ 32-byte key)>`.
#[must_use]
pub fn verifier_key(kind: SignatureType, origin: &Origin, key: &SignPublicKey) -> String {
    let encoded = STANDARD.encode([&[kind as u8], &key.as_bytes()[..]].concat());
    format!("{origin}+{}+{encoded}", hex::encode(kind.key_id(origin, key)))
}

/// Reads kind, origin and key of what [`verifier_key`] writes. Returns `None` where the text is no
/// such key, or its key id is another key's.
#[must_use]
pub fn parse_verifier_key(text: &str) -> Option<(SignatureType, Origin, SignPublicKey)> {
    // [LOG-14]
    let (name, rest) = text.split_once('+')?;
    let encoded = STANDARD.decode(rest.split_once('+')?.1).ok()?;
    let (kind, key) = encoded.split_first()?;
    let origin = Origin::new(name).ok()?;
    let key = SignPublicKey::from_bytes(key.try_into().ok()?)?;
    let kinds = [SignatureType::Ed25519, SignatureType::CosignatureV1];
    let kind = kinds.into_iter().find(|known| *known as u8 == *kind)?;
    // One spelling, so that the key id is compared as well.
    (verifier_key(kind, &origin, &key) == text).then_some((kind, origin, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::SignSecretKey;

    #[test]
    fn a_verifier_key_is_read_back_and_no_other_text() {
        // [LOG-14]
        let origin = Origin::new("health.example/log").expect("an origin");
        let key = SignSecretKey::from_bytes(&[7; 32]).public_key();
        for kind in [SignatureType::Ed25519, SignatureType::CosignatureV1] {
            let text = verifier_key(kind, &origin, &key);
            assert_eq!(parse_verifier_key(&text), Some((kind, origin.clone(), key)));
            assert_eq!(parse_verifier_key(&text.replace("health", "wealth")), None, "other id");
            assert_eq!(parse_verifier_key(&text[1..]), None);
            assert_eq!(parse_verifier_key(&text[..text.len() - 4]), None);
            assert_eq!(parse_verifier_key(&format!("{text}\n")), None);
        }
        assert_eq!(parse_verifier_key(""), None);
    }
}
