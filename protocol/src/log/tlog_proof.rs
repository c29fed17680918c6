//! C2SP tlog-proof: one file that shows, without a network, that a log has an entry.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    CheckpointError, LogKeys, MAX_ENTRY, MAX_NOTE, Origin, SignedCheckpoint, TreeHash, leaf_hash,
    proof::{MOST_HASHES, root_of_inclusion},
};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// Why a proof was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// Longer than a proof can be.
    #[error("a proof is at most {} bytes long", LogProof::MAX_LENGTH)]
    TooLong,
    /// Another first line.
    #[error("this is no proof of the form c2sp.org/tlog-proof@v1")]
    NotAProof,
    /// A line that is not of the form, or not in its one spelling.
    #[error("line {line} of the proof is malformed")]
    Line {
        /// The line, counted from 1.
        line: usize,
    },
    /// The checkpoint in it.
    #[error("the checkpoint in the proof is refused: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The hashes do not lead from the entry to the signed root.
    #[error("the proof does not lead from the entry to the root that the log signed")]
    OtherRoot,
}

/// A proof with nothing verified yet. In Noren's, the extra data is the entry itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProof {
    /// What the maker put beside the proof. Nothing authenticates it but its own hash.
    pub extra: Option<Vec<u8>>,
    /// The entry's place in the log, from 0.
    pub index: u64,
    /// The hashes from the leaf's sibling up.
    pub path: Vec<TreeHash>,
    /// The signed note.
    pub checkpoint: String,
}

impl LogProof {
    /// The longest proof in bytes: the longest entry in base64, every hash, the longest note.
    pub const MAX_LENGTH: usize = MAX_NOTE + MAX_ENTRY.div_ceil(3) * 4 + MOST_HASHES * 45 + 128;

    /// Returns the text, for a file whose name ends in `.tlog-proof`.
    #[must_use]
    pub fn to_text(&self) -> String {
        // [LOG-20]
        let extra = self.extra.as_ref().map(|extra| format!("extra {}\n", STANDARD.encode(extra)));
        let (extra, index) = (extra.unwrap_or_default(), self.index);
        let path: String = self.path.iter().map(|hash| format!("{hash}\n")).collect();
        format!("{FIRST_LINE}\n{extra}index {index}\n{path}\n{}", self.checkpoint)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// [`ProofError`] with the line; never a panic, whatever the bytes.
    pub fn from_text(bytes: &[u8]) -> Result<Self, ProofError> {
        // [LOG-20]
        if bytes.len() > Self::MAX_LENGTH {
            return Err(ProofError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ProofError::NotAProof)?;
        let rest = text.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n'));
        let mut rest = rest.ok_or(ProofError::NotAProof)?;
        let mut number = 1;
        let mut line = || {
            number += 1;
            let (line, after) = rest.split_once('\n').ok_or(ProofError::Line { line: number })?;
            rest = after;
            Ok::<_, ProofError>((line, number))
        };
        let mut found = line()?;
        let extra = found.0.strip_prefix("extra ").map(|extra| STANDARD.decode(extra));
        let extra = extra.transpose().map_err(|_| ProofError::Line { line: found.1 })?;
        if extra.is_some() {
            found = line()?;
        }
        let malformed = ProofError::Line { line: found.1 };
        let digits = found.0.strip_prefix("index ").ok_or(malformed)?;
        let index: u64 = digits.parse().map_err(|_| malformed)?;
        if index.to_string() != digits {
            return Err(malformed);
        }
        let mut path = Vec::new();
        loop {
            let (text, line) = line()?;
            if text.is_empty() {
                break;
            }
            let hash = STANDARD.decode(text).ok().and_then(|hash| hash.try_into().ok());
            let hash = hash.filter(|_| path.len() < MOST_HASHES);
            path.push(TreeHash(hash.ok_or(ProofError::Line { line })?));
        }
        Ok(Self { extra, index, path, checkpoint: rest.to_owned() })
    }

    /// Returns the checkpoint of the log `origin` under its keys in which `entry` stands at this
    /// proof's index. Its age is not looked at: a proof goes on holding.
    ///
    /// # Errors
    /// [`ProofError::Checkpoint`] for what [`SignedCheckpoint::verify`] refuses;
    /// [`ProofError::OtherRoot`] for another entry, another place or other hashes.
    pub fn verify(
        &self,
        entry: &[u8],
        origin: &Origin,
        keys: &LogKeys,
    ) -> Result<SignedCheckpoint, ProofError> {
        // [LOG-20]
        let signed = SignedCheckpoint::verify(self.checkpoint.as_bytes(), origin, keys)?;
        let head = signed.checkpoint();
        let root = root_of_inclusion(self.index, head.size, leaf_hash(entry), &self.path);
        if root == Some(head.root) { Ok(signed) } else { Err(ProofError::OtherRoot) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Append, LogPosition, TilePath, append_tiles, inclusion_proof};
    use crate::signing::SignSecretKey;
    use crate::time::UnixSeconds;

    fn example() -> (LogProof, Origin, LogKeys) {
        let key = SignSecretKey::from_bytes(&[7; 32]);
        let origin = Origin::new("health.example/log").expect("an origin");
        let time = UnixSeconds::new(1_700_000_000).expect("a time");
        let entries: Vec<Vec<u8>> = (0..5_u8).map(|i| vec![i]).collect();
        let append =
            Append::sign(&LogPosition::start(), entries.clone(), &origin, &(&key).into(), time);
        let files =
            append_tiles(&LogPosition::start().range, &entries, |_| None).expect("the files");
        let read = |wanted: &TilePath| {
            let found = files.iter().find(|(path, _)| path == wanted);
            found.map(|(_, bytes)| bytes.clone()).ok_or(crate::log::TileError::Missing)
        };
        let path = inclusion_proof(3, 5, read).expect("the tiles are there");
        let checkpoint = append.expect("an append").checkpoint;
        (
            LogProof { extra: Some(vec![3]), index: 3, path, checkpoint },
            origin,
            key.public_key().into(),
        )
    }

    #[test]
    fn a_proof_is_read_back_and_shows_its_entry_alone() {
        // [LOG-20]
        let (proof, origin, key) = example();
        let text = proof.to_text();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra Aw==\nindex 3\n"), "{text}");
        assert_eq!(LogProof::from_text(text.as_bytes()), Ok(proof.clone()));
        let plain = LogProof { extra: None, ..proof.clone() };
        assert_eq!(LogProof::from_text(plain.to_text().as_bytes()), Ok(plain));
        assert_eq!(proof.verify(&[3], &origin, &key).expect("it holds").checkpoint().size, 5);
        for other in [
            LogProof { index: 2, ..proof.clone() },
            LogProof { index: 5, ..proof.clone() },
            LogProof { path: proof.path[1..].to_vec(), ..proof.clone() },
        ] {
            assert_eq!(other.verify(&[3], &origin, &key), Err(ProofError::OtherRoot));
        }
        assert_eq!(proof.verify(&[4], &origin, &key), Err(ProofError::OtherRoot));
        let stranger = SignSecretKey::from_bytes(&[8; 32]).public_key().into();
        assert!(matches!(proof.verify(&[3], &origin, &stranger), Err(ProofError::Checkpoint(_))));
    }

    #[test]
    fn every_other_spelling_is_refused_with_its_line() {
        // [LOG-20]
        let text = example().0.to_text();
        for (from, to, expected) in [
            ("@v1", "@v2", ProofError::NotAProof),
            ("extra Aw==", "extra Aw=", ProofError::Line { line: 2 }),
            ("extra Aw==", "extra Ax==", ProofError::Line { line: 2 }),
            ("index 3", "index 03", ProofError::Line { line: 3 }),
            ("index 3", "index +3", ProofError::Line { line: 3 }),
            ("index 3", "index", ProofError::Line { line: 3 }),
            ("index 3\n", "index 3\nAw==\n", ProofError::Line { line: 4 }),
            ("index 3\n", "", ProofError::Line { line: 3 }),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_eq!(LogProof::from_text(changed.as_bytes()), Err(expected), "{from} {to}");
        }
        let cut = text.split("\n\n").next().expect("a part");
        assert_eq!(LogProof::from_text(cut.as_bytes()), Err(ProofError::Line { line: 6 }));
        let many = text.replacen(
            "\n\n",
            &format!("\n{}\n", format!("{}\n", TreeHash([7; 32])).repeat(64)),
            1,
        );
        assert!(matches!(LogProof::from_text(many.as_bytes()), Err(ProofError::Line { .. })));
        let long = vec![b'a'; LogProof::MAX_LENGTH + 1];
        assert_eq!(LogProof::from_text(&long), Err(ProofError::TooLong));
        assert_eq!(LogProof::from_text(&[0xff]), Err(ProofError::NotAProof));
    }
}
