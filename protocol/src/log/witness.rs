//! Witnesses: third parties who saw that a log only grew, and say so with a cosignature (C2SP
//! tlog-cosignature).

use super::{
    Checkpoint, CheckpointError, MAX_CLOCK_SKEW, Origin, SignatureType,
    checkpoint::{cosigned_message, verify_time},
    note::Note,
    verifier_key,
};
use crate::signing::{SignPublicKey, SignSecretKey};
use crate::time::UnixSeconds;

/// A witness by its name and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    name: Origin,
    key: SignPublicKey,
}

impl Witness {
    /// Returns the witness of this name and key.
    #[must_use]
    pub const fn new(name: Origin, key: SignPublicKey) -> Self {
        Self { name, key }
    }

    /// Reads a verifier key of type 0x04, `name+id+key`, as C2SP signed-note has it. `None` for any
    /// other text, that of a log's own signature included.
    #[must_use]
    pub fn from_verifier_key(text: &str) -> Option<Self> {
        // [LOG-21]
        let (kind, name, key) = super::parse_verifier_key(text)?;
        (kind == SignatureType::CosignatureV1).then_some(Self { name, key })
    }

    /// Returns the verifier key that [`Witness::from_verifier_key`] reads.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        verifier_key(SignatureType::CosignatureV1, &self.name, &self.key)
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(&self) -> &Origin {
        &self.name
    }

    /// Returns the key.
    #[must_use]
    pub const fn key(&self) -> &SignPublicKey {
        &self.key
    }

    /// Returns when this witness cosigned a note, or `None` where it has not, or more than once, or
    /// not validly.
    #[must_use]
    pub fn cosigned(&self, note: &[u8]) -> Option<UnixSeconds> {
        // [LOG-21]
        let note = Note::parse(note).ok()?;
        let timed = note.signature(SignatureType::CosignatureV1, &self.name, &self.key).ok()??;
        verify_time(note.text, &timed, &self.key).ok()
    }

    /// Returns those of the signature lines in `answer` with which this witness cosigned the text of
    /// a note: at most one. What else stands there counts for nothing.
    #[must_use]
    pub fn line_in(&self, answer: &[u8], note: &str) -> Option<String> {
        // [LOG-22]
        let (text, _) = note.rsplit_once("\n\n")?;
        let lines = std::str::from_utf8(answer).ok()?;
        let mut own = lines.split_inclusive('\n').filter(|line| {
            let alone = format!("{text}\n\n{line}");
            self.cosigned(alone.as_bytes()).is_some()
        });
        own.next().map(str::to_owned)
    }
}

impl Checkpoint {
    /// Returns the signature line with which a witness says that at `time` this was the largest tree
    /// of the log that it had seen, and that it continues every earlier one that it had seen.
    ///
    /// Check both before ([`super::AddCheckpoint::judge`]), and keep what was cosigned before you
    /// show the line to anybody.
    #[must_use]
    pub fn cosign(&self, name: &Origin, key: &SignSecretKey, time: UnixSeconds) -> String {
        // [LOG-23]
        let signature = key.sign(cosigned_message(time, &self.body()).as_bytes());
        let timed = [&time.get().to_be_bytes()[..], &signature].concat();
        SignatureType::CosignatureV1.line(name, &key.public_key(), &timed)
    }

    /// Opens a note whose first signature alone is looked at: any C2SP log's. A device asks for more,
    /// [`super::SignedCheckpoint::verify`].
    ///
    /// # Errors
    /// A [`CheckpointError`] that names the step; never a panic, whatever the bytes.
    pub fn open(
        note: &[u8],
        origin: &Origin,
        key: &SignPublicKey,
    ) -> Result<Self, CheckpointError> {
        // [LOG-23] [LOG-5]
        let note = Note::parse(note)?;
        let plain = note.signature::<64>(SignatureType::Ed25519, origin, key)?;
        if !key.has_signed(note.text.as_bytes(), &plain.ok_or(CheckpointError::Unsigned)?) {
            return Err(CheckpointError::Signature);
        }
        let checkpoint = Self::from_body(note.text)?;
        if checkpoint.origin == *origin {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::OtherOrigin)
        }
    }

    /// Returns the origin that a note names, with nothing verified.
    ///
    /// # Errors
    /// [`CheckpointError`] where the text is no checkpoint.
    pub fn origin_of(note: &[u8]) -> Result<Origin, CheckpointError> {
        Ok(Self::from_body(Note::parse(note)?.text)?.origin)
    }
}

/// When a cosignature counts: not older than a log's head may be, and not from the future.
pub(super) fn is_recent(time: UnixSeconds, now: UnixSeconds, max_age: u64) -> bool {
    // [LOG-21]
    let (time, now) = (time.get(), now.get());
    now.saturating_sub(time) <= max_age && time.saturating_sub(now) <= MAX_CLOCK_SKEW
}

/// Returns a signed note with further signature lines behind its own.
///
/// # Errors
/// [`CheckpointError`] where that is no note any more.
pub fn with_cosignatures(note: &str, lines: &[String]) -> Result<String, CheckpointError> {
    // [LOG-22] [LOG-11]
    let longer = format!("{note}{}", lines.concat());
    Note::parse(longer.as_bytes())?;
    Ok(longer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{SignedCheckpoint, TreeHash};

    fn note() -> (Checkpoint, String) {
        let origin = Origin::new("health.example/log").expect("an origin");
        let checkpoint = Checkpoint { origin, size: 9, root: TreeHash([9; 32]) };
        let key = SignSecretKey::from_bytes(&[7; 32]);
        let text =
            checkpoint.sign(&(&key).into(), UnixSeconds::new(1_700_000_000).expect("a time"));
        (checkpoint, text.expect("signed"))
    }

    #[test]
    fn a_cosignature_is_seen_under_its_own_key_alone() {
        // [LOG-21] [LOG-22]
        let (checkpoint, note) = note();
        let (name, key) = (
            Origin::new("witness.example/w1").expect("a name"),
            SignSecretKey::from_bytes(&[8; 32]),
        );
        let witness = Witness::new(name.clone(), key.public_key());
        assert_eq!(Witness::from_verifier_key(&witness.verifier_key()), Some(witness.clone()));
        let plain = verifier_key(SignatureType::Ed25519, &name, &key.public_key());
        assert_eq!(Witness::from_verifier_key(&plain), None, "the key of a log is no witness");
        let time = UnixSeconds::new(1_700_000_100).expect("a time");
        let line = checkpoint.cosign(&name, &key, time);
        assert_eq!(witness.cosigned(note.as_bytes()), None);
        let found = witness.line_in(format!("\u{2014} x AAAAAAAA\n{line}").as_bytes(), &note);
        assert_eq!(found, Some(line.clone()));
        let whole = with_cosignatures(&note, std::slice::from_ref(&line)).expect("a note");
        assert_eq!(witness.cosigned(whole.as_bytes()), Some(time));
        // What the log itself says stays what it was.
        let log = SignSecretKey::from_bytes(&[7; 32]).public_key().into();
        let head = SignedCheckpoint::verify(whole.as_bytes(), &checkpoint.origin, &log);
        assert_eq!(head.expect("signed").checkpoint(), &checkpoint);
        // Another tree, another name, twice: none of them counts.
        let other = Checkpoint { size: 10, ..checkpoint.clone() };
        let foreign = other.cosign(&name, &key, time);
        assert_eq!(witness.line_in(foreign.as_bytes(), &note), None);
        let renamed = checkpoint.cosign(&checkpoint.origin, &key, time);
        assert_eq!(witness.line_in(renamed.as_bytes(), &note), None);
        assert_eq!(witness.cosigned(format!("{note}{line}{line}").as_bytes()), None);
        assert_eq!(witness.line_in(&[0xff], &note), None);
    }
}
