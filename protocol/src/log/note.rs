//! C2SP signed notes: a text, an empty line, and signature lines. Private to the checkpoint.

use crate::signing::SignPublicKey;
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::{checkpoint::error::CheckpointError, origin::Origin};

/// The longest note in bytes. Sixteen post-quantum signatures of other parties fit.
pub const MAX_NOTE: usize = 131_072;
/// The greatest number of signature lines, known and unknown.
pub(super) const MAX_SIGNATURES: usize = 32;

/// The kinds of signature that Noren makes, by the identifier byte of C2SP signed-note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum SignatureType {
    /// Ed25519 over the note's text.
    Ed25519 = 0x01,
    /// Ed25519 over the text and a timestamp, C2SP tlog-cosignature.
    CosignatureV1 = 0x04,
}

impl SignatureType {
    /// Returns the first 4 bytes of SHA-256(origin ‖ 0x0a ‖ type ‖ public key), which tell a
    /// signature line's key.
    #[must_use]
    pub fn key_id(self, origin: &Origin, key: &SignPublicKey) -> [u8; 4] {
        // [LOG-5]
        let digest: [u8; 32] = Sha256::new()
            .chain_update(origin.as_str())
            .chain_update([b'\n', self as u8])
            .chain_update(key.as_bytes())
            .finalize()
            .into();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// Returns one signature line with its newline.
    pub(super) fn line(self, origin: &Origin, key: &SignPublicKey, signature: &[u8]) -> String {
        let bytes = [&self.key_id(origin, key), signature].concat();
        format!("\u{2014} {origin} {}\n", STANDARD.encode(bytes))
    }
}

/// A note that is well formed, with nothing verified yet.
pub(super) struct Note<'a> {
    /// The text with its final newline.
    pub(super) text: &'a str,
    /// The signature lines, each with its newline.
    lines: &'a str,
    signatures: Vec<(&'a str, Vec<u8>)>,
}

impl<'a> Note<'a> {
    /// Takes a note apart.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, CheckpointError> {
        // [LOG-11]
        if bytes.len() > MAX_NOTE {
            return Err(CheckpointError::TooLong);
        }
        let note = std::str::from_utf8(bytes).map_err(|_| CheckpointError::NotText)?;
        if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(CheckpointError::NotText);
        }
        let (text, lines) = note.rsplit_once("\n\n").ok_or(CheckpointError::NotANote)?;
        let unended = lines.strip_suffix('\n').ok_or(CheckpointError::NotANote)?;
        if unended.split('\n').count() > MAX_SIGNATURES {
            return Err(CheckpointError::TooManySignatures);
        }
        let signatures = unended.split('\n').map(parse_line).collect::<Result<_, _>>()?;
        Ok(Self { text: &note[..=text.len()], lines, signatures })
    }

    /// Returns the note with `line` in the place of the lines of this kind, name and key. `None`
    /// where there is none.
    pub(super) fn with_line(
        &self,
        kind: SignatureType,
        origin: &Origin,
        key: &SignPublicKey,
        line: &str,
    ) -> Option<String> {
        let id = kind.key_id(origin, key);
        let is_it =
            |(name, bytes): &(&str, Vec<u8>)| *name == origin.as_str() && bytes.starts_with(&id);
        self.signatures.iter().any(is_it).then(|| {
            let known = self.lines.split_inclusive('\n').zip(&self.signatures);
            let lines = known.map(|(old, signature)| if is_it(signature) { line } else { old });
            format!("{}\n{}", self.text, lines.collect::<String>())
        })
    }

    /// Returns the one signature of this kind by this name and key, without the key id.
    ///
    /// `None` when there is none; two are refused, because they could tell two stories.
    pub(super) fn signature<const N: usize>(
        &self,
        kind: SignatureType,
        origin: &Origin,
        key: &SignPublicKey,
    ) -> Result<Option<[u8; N]>, CheckpointError> {
        let id = kind.key_id(origin, key);
        // [LOG-5] lines of other names or keys are ignored
        let known =
            |(name, bytes): &&(&str, Vec<u8>)| *name == origin.as_str() && bytes.starts_with(&id);
        let mut found = self.signatures.iter().filter(known);
        let Some((_, bytes)) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            return Err(CheckpointError::RepeatedSignature);
        }
        bytes[id.len()..].try_into().map(Some).map_err(|_| CheckpointError::SignatureLine)
    }
}

/// Returns name and signature bytes (key id first) of one signature line without its newline.
fn parse_line(line: &str) -> Result<(&str, Vec<u8>), CheckpointError> {
    // [LOG-11]
    let (name, base64) = line
        .strip_prefix("\u{2014} ")
        .and_then(|rest| rest.split_once(' '))
        .ok_or(CheckpointError::SignatureLine)?;
    if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c == '+') {
        return Err(CheckpointError::SignatureLine);
    }
    let bytes = STANDARD.decode(base64).map_err(|_| CheckpointError::SignatureLine)?;
    if bytes.len() <= 4 { Err(CheckpointError::SignatureLine) } else { Ok((name, bytes)) }
}
