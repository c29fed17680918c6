//! The database: how it is opened, and how one piece of work after the other is done in it.
//!
//! It is a SQLite file, or a PostgreSQL that several servers share. The statements are the same; what
//! differs is who waits for whom.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Connection as _};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout;

use crate::disk::Disk;
use crate::metrics::Part;

mod copy;
mod file;
mod migrations;
mod shared;

/// How long somebody waits for the work before theirs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why the database could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// SQLite or PostgreSQL refused.
    #[error("the database failed: {0}")]
    Sql(#[from] sqlx::Error),
    /// The file could not be made.
    #[error("the database cannot be made: {0}")]
    Io(#[from] std::io::Error),
    /// Written by another version of the server.
    #[error(
        "{} version of Noren wrote the database (schema {found}, this server knows {}): use that one, \
         or fetch its uploads with it and move the file noren.sqlite away",
        if *.found > file::SCHEMA_VERSION { "a newer" } else { "an older" }, file::SCHEMA_VERSION
    )]
    Version {
        /// The version that the file states.
        found: i64,
    },
    /// Its tables are not those that this server works with.
    #[error(
        "the tables of the database are not those of this server ({0}): run `noren-server migrate`"
    )]
    Tables(String),
    /// What was to be filled holds something.
    #[error("the database that was to be filled holds cases, uploads or a log already")]
    Occupied,
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
    /// Returns whether the failure can pass without anybody touching the database: a full or
    /// read-only disk, a failed read or write, a lock, a PostgreSQL that is not there.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Io(_) | Self::Busy => true,
            Self::Sql(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut) => true,
            Self::Sql(sqlx::Error::Database(error)) => error.code().is_some_and(|code| {
                if code.len() == 5 { shared::passes(&code) } else { file::passes(&code) }
            }),
            _ => false,
        }
    }
}

/// Who waits for whom to write, where several servers share a database. In a file everybody waits
/// for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// Cases and uploads.
    Inbox,
    /// The head of the log, the profile, and whose turn it is.
    Log,
    /// What is known of requests: nonces, refused codes.
    Requests,
    /// Publishing what was decided.
    Publishing,
}

/// The database. In a file: one connection, and everybody in turn.
///
/// The authority's requests stand in this line directly, uploads and dummies behind the one clerk of
/// the inbox: so the authority waits for one batch of uploads at most, however many there are.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    place: Place,
    disk: Disk,
}

#[derive(Debug, Clone)]
enum Place {
    File { path: Arc<PathBuf>, turn: Arc<Mutex<Turn>> },
    Shared(AnyPool),
}

#[derive(Debug, Default)]
struct Turn {
    /// `None` before the first use, and after any failure.
    connection: Option<AnyConnection>,
    closed: bool,
}

impl Database {
    /// Opens or creates the database file at `path`. On a disk that is full or read-only the server
    /// starts all the same, and the next use opens the database again.
    ///
    /// # Errors
    /// [`DatabaseError`] when the file is no database or one of another schema.
    pub(crate) async fn open(path: PathBuf, disk: Disk) -> Result<Self, DatabaseError> {
        sqlx::any::install_default_drivers();
        let connection = match file::connect(&path).await {
            Ok(connection) => Some(connection),
            Err(error) if error.passes() => {
                disk.wrote(Part::Database, &Err::<(), _>(error));
                None
            }
            Err(error) => return Err(error),
        };
        let turn = Arc::new(Mutex::new(Turn { connection, closed: false }));
        Ok(Self { place: Place::File { path: Arc::new(path), turn }, disk })
    }

    /// Opens a PostgreSQL whose tables `migrate` has made.
    ///
    /// # Errors
    /// [`DatabaseError`] when it is not there or has other tables.
    pub(crate) async fn share(url: &str, disk: Disk) -> Result<Self, DatabaseError> {
        let pool = pool(url).await?;
        shared::check(&mut *pool.acquire().await?).await?;
        Ok(Self { place: Place::Shared(pool), disk })
    }

    /// Returns whether other servers may use it at the same time.
    pub(crate) const fn is_shared(&self) -> bool {
        matches!(self.place, Place::Shared(_))
    }

    /// Begins to read.
    pub(crate) async fn read(&self) -> Result<Work, DatabaseError> {
        self.begin("BEGIN", shared::begin(None)).await
    }

    /// Begins to read everything as it is at one moment.
    async fn snapshot(&self) -> Result<Work, DatabaseError> {
        self.begin("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
    }

    /// Begins to write.
    pub(crate) async fn write(&self, line: Line) -> Result<Work, DatabaseError> {
        let work = self.begin("BEGIN IMMEDIATE", shared::begin(Some(line))).await;
        if work.as_ref().is_err_and(|error| !matches!(error, DatabaseError::Busy)) {
            self.disk.wrote(Part::Database, &work);
        }
        work
    }

    async fn begin(
        &self,
        in_file: &'static str,
        shared: &'static str,
    ) -> Result<Work, DatabaseError> {
        let (held, statement) = match &self.place {
            Place::File { path, turn } => {
                let turn = timeout(PATIENCE, Arc::clone(turn).lock_owned());
                let mut turn = turn.await.map_err(|_| DatabaseError::Busy)?;
                if turn.closed {
                    return Err(DatabaseError::Closed);
                }
                let connection = match turn.connection.take() {
                    Some(connection) => connection,
                    None => file::connect(path).await?,
                };
                (Held::File(turn, connection), in_file)
            }
            Place::Shared(pool) => (Held::Shared(pool.acquire().await?), shared),
        };
        let mut work = Work { held: Some(held), disk: self.disk.clone() };
        sqlx::raw_sql(statement).execute(work.on()?).await?;
        Ok(work)
    }

    /// Has SQLite read its whole file. A PostgreSQL is looked after by whoever runs it.
    ///
    /// # Errors
    /// [`DatabaseError::Damaged`] when it finds anything wrong.
    pub(crate) async fn check(&self) -> Result<(), DatabaseError> {
        if self.is_shared() {
            return Ok(());
        }
        let mut work = self.read().await?;
        let sql = "PRAGMA integrity_check(1)";
        let found: String = sqlx::query_scalar(sql).fetch_one(work.on()?).await?;
        work.leave().await?;
        if found == "ok" { Ok(()) } else { Err(DatabaseError::Damaged) }
    }

    /// Ends it in an orderly way. What was answered is safe without it, too.
    pub(crate) async fn close(&self) {
        self.disk.forget(Part::Database);
        match &self.place {
            Place::File { turn, .. } => {
                let mut turn = turn.lock().await;
                turn.closed = true;
                if let Some(connection) = turn.connection.take()
                    && let Err(error) = connection.close().await
                {
                    tracing::warn!(%error, "the database was not closed");
                }
            }
            Place::Shared(pool) => pool.close().await,
        }
    }
}

/// Makes or changes the tables of a PostgreSQL. Safe to run by several at once, and again.
///
/// # Errors
/// [`DatabaseError`] when it is not there, or a newer server changed its tables.
pub(crate) async fn migrate(url: &str) -> Result<(), DatabaseError> {
    let pool = pool(url).await?;
    let result = shared::migrate(&mut *pool.acquire().await?).await;
    pool.close().await;
    result
}

async fn pool(url: &str) -> Result<AnyPool, DatabaseError> {
    sqlx::any::install_default_drivers();
    let options = AnyPoolOptions::new().max_connections(8).acquire_timeout(PATIENCE);
    Ok(options.connect(url).await?)
}

/// A transaction. Unless it is ended by [`Work::finish`] or [`Work::leave`], its connection is closed
/// and never used again: the database may have rolled back by itself, and what a driver believes about
/// a transaction after a failure is no ground for an answer. [API-19]
#[derive(Debug)]
pub(crate) struct Work {
    held: Option<Held>,
    disk: Disk,
}

#[derive(Debug)]
enum Held {
    File(OwnedMutexGuard<Turn>, AnyConnection),
    Shared(PoolConnection<Any>),
}

impl Work {
    /// Returns the connection, inside the transaction.
    pub(crate) fn on(&mut self) -> Result<&mut AnyConnection, DatabaseError> {
        match self.held.as_mut().ok_or(DatabaseError::Closed)? {
            Held::File(_, connection) => Ok(connection),
            Held::Shared(connection) => Ok(connection),
        }
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
        // [API-19] One that was opened while nothing could be written may never write.
        if self.disk.is_failing(Part::Database)
            && let Some(held) = self.held.take()
        {
            held.close().await;
            return Ok(());
        }
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
        if let Some(held) = self.held.take() {
            held.close().await;
        }
        result
    }

    async fn end(&mut self, statement: &'static str) -> Result<(), DatabaseError> {
        let ended = sqlx::raw_sql(statement).execute(self.on()?).await;
        let Some(held) = self.held.take() else { return Err(DatabaseError::Closed) };
        if let Err(error) = ended {
            held.close().await;
            return Err(error.into());
        }
        if let Held::File(mut turn, connection) = held {
            turn.connection = Some(connection);
        }
        Ok(())
    }
}

impl Held {
    /// Whoever comes next finds no lock and no journal that is half rolled back.
    async fn close(self) {
        let _ = match self {
            Self::File(_turn, connection) => connection.close().await,
            Self::Shared(connection) => connection.detach().close_hard().await,
        };
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // Back in the pool, it would be used again inside this transaction.
        if let Some(Held::Shared(connection)) = self.held.take() {
            drop(connection.detach());
        }
    }
}
