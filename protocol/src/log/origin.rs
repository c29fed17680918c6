//! The name of a log, first line of its checkpoints and name of its key.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Why a name was refused as an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// Empty or longer than [`Origin::MAX`] bytes.
    #[error("an origin has 1 to 255 bytes")]
    Length,
    /// A character other than visible ASCII, or one of `+`, `"` and `\`.
    #[error("an origin consists of visible ASCII characters without + \" \\")]
    Character,
    /// With a scheme such as `https://`, or with a slash at the end.
    #[error("an origin is written without scheme and without a slash at the end")]
    NotSchemeless,
    /// The first line of another message that the same key signs.
    #[error("this name is reserved")]
    Reserved,
}

/// The origin of a log, a URL without its scheme, for instance `health.example/log`.
///
/// Restricted to characters that stand unescaped in a signed note and in an HTTP header field, so
/// that one name has one spelling everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

impl Origin {
    /// The greatest length in bytes.
    pub const MAX: usize = 255;

    /// Returns an origin from its text.
    ///
    /// # Errors
    /// [`OriginError`] for anything but 1 to 255 visible ASCII characters without `+`, `"`, `\`,
    /// scheme and final slash, and for the reserved name `cosignature/v1`.
    pub fn new(name: &str) -> Result<Self, OriginError> {
        // [LOG-4]
        if name.is_empty() || name.len() > Self::MAX {
            return Err(OriginError::Length);
        }
        if !name.bytes().all(|byte| byte.is_ascii_graphic() && !b"+\"\\".contains(&byte)) {
            return Err(OriginError::Character);
        }
        if name.contains("://") || name.ends_with('/') {
            return Err(OriginError::NotSchemeless);
        }
        // [LOG-6] a checkpoint of this name would start like the message of a cosignature
        if name == "cosignature/v1" {
            return Err(OriginError::Reserved);
        }
        Ok(Self(name.to_owned()))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Origin {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(name: &str) -> Result<Self, OriginError> {
        Self::new(name)
    }
}

impl TryFrom<String> for Origin {
    type Error = OriginError;

    fn try_from(name: String) -> Result<Self, OriginError> {
        Self::new(&name)
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}
