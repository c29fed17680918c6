//! The tables `[database]` and `[bucket]`: what several servers share.

use std::fmt;

use serde::Deserialize;

use super::ConfigError;

/// The PostgreSQL that several servers share. [API-40]
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// Its address, which may hold a password: `postgres://noren@database.example/noren`.
    pub url: DatabaseUrl,
}

/// An address that is not shown, because a password may stand in it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Takes an address as it stands in the settings.
    #[must_use]
    pub const fn new(url: String) -> Self {
        Self(url)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

/// The S3-compatible bucket that shows the log. Its keys come from `AWS_ACCESS_KEY_ID` and
/// `AWS_SECRET_ACCESS_KEY`, or from a role of the machine. [API-42]
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketSettings {
    /// Its name.
    pub name: String,
    /// Where it is, unless at the provider that the keys are of: `https://s3.example`.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// A folder in it, where it holds other things as well.
    pub prefix: Option<String>,
}

/// Refuses a database without a bucket, and addresses that are none.
pub(super) fn check(
    database: Option<&DatabaseSettings>,
    bucket: Option<&BucketSettings>,
) -> Result<(), ConfigError> {
    // A bucket alone is one that a log is copied to.
    if let (Some(_), None) = (database, bucket) {
        return Err(ConfigError::Alone { key: "database.url", other: "bucket.name" });
    }
    let is_one_of = |text: &str, schemes: [&str; 2]| {
        schemes.iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
    };
    let postgres = ["postgres://", "postgresql://"];
    if database.is_some_and(|database| !is_one_of(database.url.as_str(), postgres)) {
        return Err(ConfigError::NotThere {
            key: "database.url",
            example: "postgres://noren@db.example/noren",
        });
    }
    let endpoint = bucket.and_then(|bucket| bucket.endpoint.as_deref());
    if endpoint.is_some_and(|endpoint| !is_one_of(endpoint, ["https://", "http://"])) {
        return Err(ConfigError::NotThere {
            key: "bucket.endpoint",
            example: "https://s3.example",
        });
    }
    if bucket.is_some_and(|bucket| bucket.name.is_empty()) {
        return Err(ConfigError::Empty { key: "bucket.name" });
    }
    Ok(())
}
