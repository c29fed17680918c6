//! The SQLite file of one server.

use std::path::Path;
use std::str::FromStr as _;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use sqlx::any::AnyConnectOptions;
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, ConnectOptions as _};

use super::DatabaseError;
use super::migrations::{migration, run};

/// What a file of this server's tables states.
pub(super) const SCHEMA_VERSION: i64 = 4;
/// The version before, whose tables are changed to these.
const BEFORE: i64 = 3;

/// What holds for the whole connection.
const SETTINGS: &str = "
    -- A journal that is empty between transactions: unlike a write-ahead log it does not keep the order
    -- of what was written, and it can be read where nothing can be written. [API-22]
    PRAGMA journal_mode = TRUNCATE;
    -- [API-11] An answer means that the data would survive a power cut.
    PRAGMA synchronous = FULL;
    -- What is deleted is overwritten, in the file and not only in the index.
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    -- A batch of uploads stays in memory until it is committed.
    PRAGMA cache_size = -16384;";

fn migrations() -> Migrator {
    // [API-45]
    Migrator::with_migrations(vec![
        migration(1, "inbox", include_str!("sqlite/0001_inbox.sql")),
        migration(2, "log", include_str!("sqlite/0002_log.sql")),
    ])
}

/// Returns whether SQLite's code is one of a failure that can pass.
pub(super) fn passes(code: &str) -> bool {
    let code = code.parse::<u32>().ok();
    // BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN: extended codes end with these.
    code.is_some_and(|code| [5, 6, 8, 10, 13, 14].contains(&(code & 0xff)))
}

pub(super) async fn connect(path: &Path) -> Result<AnyConnection, DatabaseError> {
    // The journal beside it gets the same mode from SQLite.
    if !path.exists() {
        create_private(path)?;
    }
    let path = std::path::absolute(path)?;
    let path = percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
    let options = AnyConnectOptions::from_str(&format!("sqlite:///{path}"))?;
    let mut connection = options.connect().await?;
    sqlx::raw_sql(SETTINGS).execute(&mut connection).await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await?;
    match found {
        SCHEMA_VERSION => {}
        // Half-made is not made: the version is set by the migration that makes the last tables.
        0 | BEFORE => run(&migrations(), &mut connection).await?,
        found => return Err(DatabaseError::Version { found }),
    }
    Ok(connection)
}

/// Makes an empty file that only its owner reads and writes.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
