//! The SQLite file: how it is opened and what it holds.

use std::path::Path;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

const SCHEMA: &str = include_str!("database/schema.sql");
const SCHEMA_VERSION: i64 = 2;

/// Why the database could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// SQLite refused.
    #[error("the database failed: {0}")]
    Sqlite(#[from] sqlx::Error),
    /// Written by another version of the server.
    #[error("the database has schema {found}, this server knows {SCHEMA_VERSION}")]
    Version {
        /// The version that the file states.
        found: i64,
    },
    /// A stored row does not have the form in which it was written.
    #[error("the database holds a damaged row")]
    Damaged,
}

/// Opens or creates the database at `path`.
///
/// # Errors
/// [`DatabaseError`] when SQLite cannot open the file or the schema is of another version.
pub(crate) async fn open(path: &Path) -> Result<SqlitePool, DatabaseError> {
    // The files beside it get the same mode from SQLite.
    if !path.exists() {
        create_private(path).map_err(sqlx::Error::Io)?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // [API-11] An answer means that the data would survive a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // What is deleted is overwritten, in the file and not only in the index.
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY");
    // One connection: writers queue in the pool, and none ever sees SQLITE_BUSY.
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&pool).await?;
    match found {
        0 => sqlx::raw_sql(SCHEMA).execute(&pool).await.map(|_| ())?,
        SCHEMA_VERSION => {}
        found => return Err(DatabaseError::Version { found }),
    }
    Ok(pool)
}

/// Makes an empty file that only its owner reads and writes.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Moves everything into the main file and empties the write-ahead log, so that no deleted page
/// stays behind in it.
pub(crate) async fn flush(pool: &SqlitePool) -> Result<(), DatabaseError> {
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await?;
    Ok(())
}
