//! What the desk's database keeps.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a database says that cannot be read.
pub(super) const DAMAGED: &str = "the desk's database is damaged; restore the desk's folder from a \
    backup, then `noren authority take-over`";

/// Something that the database keeps as one JSON document.
pub(crate) trait Record: Serialize + DeserializeOwned {
    /// What kind of record it is; the table's first key.
    const KIND: &'static str;

    /// What tells it from others of its kind.
    fn id(&self) -> &str;
}
