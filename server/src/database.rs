//! The SQLite file: how it is opened, and how one piece of work after the other is done in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout;

use crate::disk::Disk;
use crate::metrics::Part;

const SCHEMA: &str = include_str!("database/schema.sql");
const SCHEMA_VERSION: i64 = 3;

/// How long somebody waits for the work before theirs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why the database could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// SQLite refused.
    #[error("the database failed: {0}")]
    Sqlite(#[from] sqlx::Error),
    /// The file could not be made.
    #[error("the database cannot be made: {0}")]
    Io(#[from] std::io::Error),
    /// Written by another version of the server.
    #[error(
        "{} version of Noren wrote the database (schema {found}, this server knows \
         {SCHEMA_VERSION}): use that one, or fetch its uploads with it and move the file noren.sqlite \
         away",
        if *.found > SCHEMA_VERSION { "a newer" } else { "an older" }
    )]
    Version {
        /// The version that the file states.
        found: i64,
    },
    /// A stored row does not have the form in which it was written.
    #[error("the database holds a damaged row")]
    Damaged,
    /// Too many wait already, or the wait was too long.
    #[error("too much is to be written at once")]
    Busy,
    /// Another one's work in the same transaction failed, for a reason that the server's log has.
    #[error("the database failed")]
    Together,
    /// The server stops.
    #[error("the database is closed")]
    Closed,
}

impl DatabaseError {
    /// Returns whether the failure can pass without anybody touching the file: a full or read-only
    /// disk, a failed read or write, a lock.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Io(_) | Self::Sqlite(sqlx::Error::Io(_)) => true,
            Self::Sqlite(sqlx::Error::Database(error)) => {
                let code = error.code().and_then(|code| code.parse::<u32>().ok());
                // BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN: extended codes end with these.
                code.is_some_and(|code| [5, 6, 8, 10, 13, 14].contains(&(code & 0xff)))
            }
            _ => false,
        }
    }
}

/// The database: one connection, and everybody in turn.
///
/// The authority's requests stand in this line directly, uploads and dummies behind the one clerk of
/// the inbox: so the authority waits for one batch of uploads at most, however many there are.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    path: Arc<PathBuf>,
    line: Arc<Mutex<Line>>,
    disk: Disk,
}

#[derive(Debug, Default)]
struct Line {
    /// `None` before the first use, and after any failure.
    connection: Option<SqliteConnection>,
    closed: bool,
}

impl Database {
    /// Opens or creates the database at `path`. On a disk that is full or read-only the server starts
    /// all the same, and the next use opens the database again.
    ///
    /// # Errors
    /// [`DatabaseError`] when the file is no database or one of another schema.
    pub(crate) async fn open(path: PathBuf, disk: Disk) -> Result<Self, DatabaseError> {
        let connection = match connect(&path).await {
            Ok(connection) => Some(connection),
            Err(error) if error.passes() => {
                disk.wrote(Part::Database, &Err::<(), _>(error));
                None
            }
            Err(error) => return Err(error),
        };
        let line = Arc::new(Mutex::new(Line { connection, closed: false }));
        Ok(Self { path: Arc::new(path), line, disk })
    }

    /// Begins to read.
    pub(crate) async fn read(&self) -> Result<Work, DatabaseError> {
        self.begin("BEGIN").await
    }

    /// Begins to write.
    pub(crate) async fn write(&self) -> Result<Work, DatabaseError> {
        let work = self.begin("BEGIN IMMEDIATE").await;
        if work.as_ref().is_err_and(|error| !matches!(error, DatabaseError::Busy)) {
            self.disk.wrote(Part::Database, &work);
        }
        work
    }

    async fn begin(&self, statement: &'static str) -> Result<Work, DatabaseError> {
        let turn = timeout(PATIENCE, Arc::clone(&self.line).lock_owned());
        let mut turn = turn.await.map_err(|_| DatabaseError::Busy)?;
        if turn.closed {
            return Err(DatabaseError::Closed);
        }
        let connection = match turn.connection.take() {
            Some(connection) => connection,
            None => connect(&self.path).await?,
        };
        let mut work = Work { turn, connection: Some(connection), disk: self.disk.clone() };
        sqlx::raw_sql(statement).execute(work.on()?).await?;
        Ok(work)
    }

    /// Ends it in an orderly way. What was answered is safe without it, too.
    pub(crate) async fn close(&self) {
        let mut turn = self.line.lock().await;
        turn.closed = true;
        self.disk.forget(Part::Database);
        if let Some(connection) = turn.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database was not closed");
        }
    }
}

/// A transaction. Unless it is ended by [`Work::finish`] or [`Work::leave`], its connection is closed
/// and never used again: SQLite may have rolled back by itself, and what a driver believes about a
/// transaction after a failure is no ground for an answer. [API-19]
#[derive(Debug)]
pub(crate) struct Work {
    turn: OwnedMutexGuard<Line>,
    connection: Option<SqliteConnection>,
    disk: Disk,
}

impl Work {
    /// Returns the connection, inside the transaction.
    pub(crate) fn on(&mut self) -> Result<&mut SqliteConnection, DatabaseError> {
        self.connection.as_mut().ok_or(DatabaseError::Closed)
    }

    /// Makes everything durable that was done.
    async fn commit(mut self) -> Result<(), DatabaseError> {
        // [API-11] [API-19]
        let result = self.end("COMMIT").await;
        self.disk.wrote(Part::Database, &result);
        result
    }

    /// Ends a transaction that wrote nothing.
    pub(crate) async fn leave(mut self) -> Result<(), DatabaseError> {
        self.end("ROLLBACK").await
    }

    /// Commits what went well; otherwise closes the connection and says so.
    pub(crate) async fn finish<T>(
        mut self,
        result: Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        let result = match result {
            Ok(value) => return self.commit().await.map(|()| value),
            Err(error) => Err(error),
        };
        self.disk.wrote(Part::Database, &result);
        if let Some(connection) = self.connection.take() {
            // Whoever comes next finds no lock and no journal that is half rolled back.
            let _ = connection.close().await;
        }
        result
    }

    async fn end(&mut self, statement: &'static str) -> Result<(), DatabaseError> {
        let mut connection = self.connection.take().ok_or(DatabaseError::Closed)?;
        if let Err(error) = sqlx::raw_sql(statement).execute(&mut connection).await {
            let _ = connection.close().await;
            return Err(error.into());
        }
        self.turn.connection = Some(connection);
        Ok(())
    }
}

async fn connect(path: &Path) -> Result<SqliteConnection, DatabaseError> {
    // The journal beside it gets the same mode from SQLite.
    if !path.exists() {
        create_private(path)?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        // A journal that is empty between transactions: unlike a write-ahead log it does not keep
        // the order of what was written, and it can be read where nothing can be written. [API-22]
        .journal_mode(SqliteJournalMode::Truncate)
        // [API-11] An answer means that the data would survive a power cut.
        .synchronous(SqliteSynchronous::Full)
        // What is deleted is overwritten, in the file and not only in the index.
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        // A batch of uploads stays in memory until it is committed.
        .pragma("cache_size", "-16384");
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await?;
    match found {
        // Half-made is not made: the version is set by the transaction that makes the tables.
        0 => sqlx::raw_sql(SCHEMA).execute(&mut connection).await.map(|_| ())?,
        SCHEMA_VERSION => {}
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
