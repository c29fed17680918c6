//! In which two hours each entry of the log was appended, for the trace key feed.

use std::sync::{OnceLock, PoisonError, RwLock};

use noren::log::MAX_CLOCK_SKEW;
use noren::time::UnixSeconds;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::database::{Database, DatabaseError, Line};

/// Seconds of a bucket of the feed.
pub(crate) const BUCKET: u64 = 7_200;

/// Entries that were appended together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AppendTime {
    /// The first entry's index.
    pub(crate) old_size: u64,
    /// The index after the last entry's.
    pub(crate) new_size: u64,
    /// The first second of the bucket.
    pub(crate) bucket: UnixSeconds,
}

/// Returns the first second of the bucket that contains `time`.
pub(crate) const fn bucket_of(time: UnixSeconds) -> UnixSeconds {
    time.minus(time.get() % BUCKET)
}

/// When the entries of the log came, in buckets of two hours. Read from memory, so that the feed
/// stands in no line; written to the database first.
#[derive(Debug)]
pub(crate) struct AppendTimes {
    database: Database,
    /// Size and time of the log that was found at the start.
    found: OnceLock<(u64, UnixSeconds)>,
    /// `None` until the database could be read.
    known: RwLock<Option<Vec<AppendTime>>>,
}

impl AppendTimes {
    pub(crate) const fn new(database: Database) -> Self {
        Self { database, found: OnceLock::new(), known: RwLock::new(None) }
    }

    /// Reads the times for a log of `size` entries. On a disk that cannot be read now they are read
    /// later.
    pub(crate) async fn load(&self, size: u64, time: UnixSeconds) -> Result<(), DatabaseError> {
        let _ = self.found.set((size, time));
        match self.known().await {
            Err(error) if !error.passes() => Err(error),
            _ => Ok(()),
        }
    }

    /// Brings the table to the log: drops what a crash left beyond it, and files what is missing (a
    /// database that was lost) under the time of the checkpoint.
    async fn reconcile(&self) -> Result<Vec<AppendTime>, DatabaseError> {
        let (size, time) = self.found.get().copied().unwrap_or_default();
        let stored = stored(&self.database).await?;
        let appends = extended(&stored, &[size], time);
        if appends != stored {
            self.write(&appends).await?;
        }
        self.replace(appends.clone());
        Ok(appends)
    }

    async fn known(&self) -> Result<Vec<AppendTime>, DatabaseError> {
        if self.database.is_shared() {
            // [API-41] What is missing is filed with the next append, by whoever publishes it.
            return stored(&self.database).await;
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some(known) => Ok(known),
            None => self.reconcile().await,
        }
    }

    fn replace(&self, appends: Vec<AppendTime>) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(appends);
    }

    async fn write(&self, appends: &[AppendTime]) -> Result<(), DatabaseError> {
        let mut work = self.database.write(Line::Log).await?;
        let result = store(work.on()?, appends).await;
        work.finish(result).await
    }

    /// Notes that entries `old_size..new_size` are being appended now. Noting it before the
    /// checkpoint moves is safe: a row beyond the checkpoint is replaced by the next append. Buckets
    /// never go back, even if the clock does: a client that has passed a bucket does not return. But
    /// one that has not begun was noted by a clock that was wrong, and what is in it belongs to now.
    pub(crate) async fn note(
        &self,
        old_size: u64,
        new_size: u64,
        now: UnixSeconds,
    ) -> Result<(), DatabaseError> {
        // [API-30]
        let mut known = self.known().await?;
        let latest = bucket_of(now.plus(MAX_CLOCK_SKEW));
        known.iter_mut().for_each(|append| append.bucket = append.bucket.min(latest));
        let appends = extended(&known, &[old_size, new_size], now);
        self.write(&appends).await?;
        self.replace(appends);
        Ok(())
    }

    /// Returns the appends of buckets in `[from, until)`, oldest first.
    pub(crate) async fn between(
        &self,
        from: UnixSeconds,
        until: UnixSeconds,
    ) -> Result<Vec<AppendTime>, DatabaseError> {
        let mut appends = self.known().await?;
        appends.retain(|append| from <= append.bucket && append.bucket < until);
        Ok(appends)
    }

    /// Returns before which time the feed of any server has given everything out.
    pub(crate) async fn settled(&self) -> Result<UnixSeconds, DatabaseError> {
        let mut work = self.database.read().await?;
        let settled: Option<i64> =
            sqlx::query_scalar("SELECT settled FROM feed").fetch_optional(work.on()?).await?;
        work.leave().await?;
        let settled = u64::try_from(settled.unwrap_or(0)).map_err(|_| DatabaseError::Damaged)?;
        UnixSeconds::new(settled).map_err(|_| DatabaseError::Damaged)
    }

    /// Remembers, for all servers, that the feed has given out everything before `until`.
    pub(crate) async fn settle(&self, until: UnixSeconds) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO feed (one, settled) VALUES (1, $1)
                   ON CONFLICT (one) DO UPDATE SET settled = excluded.settled
                   WHERE excluded.settled > feed.settled";
        let mut work = self.database.write(Line::Log).await?;
        let result = sqlx::query(sql).bind(until.as_i64()).execute(work.on()?).await;
        work.finish(result.map(drop).map_err(DatabaseError::from)).await
    }

    /// Forgets the rows of buckets before `oldest`, except the last one, which says how much is known.
    pub(crate) async fn sweep(&self, oldest: UnixSeconds) -> Result<(), DatabaseError> {
        let mut work = self.database.write(Line::Log).await?;
        let result = forget(work.on()?, oldest).await;
        work.finish(result).await?;
        if let Some(known) = &mut *self.known.write().unwrap_or_else(PoisonError::into_inner) {
            let last = known.last().copied();
            known.retain(|append| append.bucket >= oldest || Some(*append) == last);
        }
        Ok(())
    }
}

/// Returns the part of `appends` that ends at the first of `sizes` at most, and from there on one
/// more for each of them, now.
fn extended(appends: &[AppendTime], sizes: &[u64], now: UnixSeconds) -> Vec<AppendTime> {
    let first = sizes.first().copied().unwrap_or(0);
    let mut appends: Vec<_> =
        appends.iter().filter(|append| append.new_size <= first).copied().collect();
    for new_size in sizes.iter().copied() {
        let (old_size, bucket) =
            appends.last().map_or((0, UnixSeconds::default()), |last| (last.new_size, last.bucket));
        if old_size < new_size {
            let bucket = bucket.max(bucket_of(now));
            appends.push(AppendTime { old_size, new_size, bucket });
        }
    }
    appends
}

async fn stored(database: &Database) -> Result<Vec<AppendTime>, DatabaseError> {
    let sql = "SELECT old_size, new_size, bucket FROM appends ORDER BY old_size";
    let mut work = database.read().await?;
    let rows = sqlx::query(sql).fetch_all(work.on()?).await?;
    work.leave().await?;
    rows.iter().map(append_time).collect()
}

/// Makes the table that of `appends`.
async fn store(
    connection: &mut AnyConnection,
    appends: &[AppendTime],
) -> Result<(), DatabaseError> {
    // Rows are replaced from the first that differs on; usually that is none, and one is added.
    let sql = "SELECT old_size, new_size, bucket FROM appends ORDER BY old_size";
    let rows = sqlx::query(sql).fetch_all(&mut *connection).await?;
    let stored: Vec<_> = rows.iter().map(append_time).collect::<Result<_, _>>()?;
    let same = stored.iter().zip(appends).take_while(|(one, other)| one == other).count();
    let from = stored.get(same).map_or(i64::MAX, |row| i64::try_from(row.old_size).unwrap_or(0));
    sqlx::query("DELETE FROM appends WHERE old_size >= $1")
        .bind(from)
        .execute(&mut *connection)
        .await?;
    for append in appends.iter().skip(same) {
        sqlx::query("INSERT INTO appends (old_size, new_size, bucket) VALUES ($1, $2, $3)")
            .bind(index(append.old_size)?)
            .bind(index(append.new_size)?)
            .bind(append.bucket.as_i64())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn forget(connection: &mut AnyConnection, oldest: UnixSeconds) -> Result<(), DatabaseError> {
    let sql =
        "DELETE FROM appends WHERE bucket < $1 AND new_size < (SELECT MAX(new_size) FROM appends)";
    sqlx::query(sql).bind(oldest.as_i64()).execute(connection).await?;
    Ok(())
}

fn index(size: u64) -> Result<i64, DatabaseError> {
    i64::try_from(size).map_err(|_| DatabaseError::Damaged)
}

fn append_time(row: &AnyRow) -> Result<AppendTime, DatabaseError> {
    let number = |column| -> Result<u64, DatabaseError> {
        u64::try_from(row.try_get::<i64, usize>(column)?).map_err(|_| DatabaseError::Damaged)
    };
    Ok(AppendTime {
        old_size: number(0)?,
        new_size: number(1)?,
        bucket: UnixSeconds::new(number(2)?).map_err(|_| DatabaseError::Damaged)?,
    })
}
