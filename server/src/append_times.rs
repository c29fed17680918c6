//! In which two hours each entry of the log was appended, for the trace key feed.

use noren::time::UnixSeconds;
use sqlx::{Row, SqlitePool, sqlite::SqliteRow};

use crate::database::DatabaseError;

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

/// The first second of the bucket that contains `time`.
pub(crate) const fn bucket_of(time: UnixSeconds) -> UnixSeconds {
    time.minus(time.get() % BUCKET)
}

/// When the entries of the log came, in buckets of two hours.
#[derive(Debug, Clone)]
pub(crate) struct AppendTimes {
    pool: SqlitePool,
}

impl AppendTimes {
    pub(crate) const fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// Notes that entries `old_size..new_size` are being appended now. Noting it before the
    /// checkpoint moves is safe: a row beyond the checkpoint is replaced by the next append. Buckets
    /// never go back, even if the clock does: a client that has passed a bucket does not return.
    pub(crate) async fn note(
        &self,
        old_size: u64,
        new_size: u64,
        now: UnixSeconds,
    ) -> Result<(), DatabaseError> {
        let (old_size, new_size) = (index(old_size)?, index(new_size)?);
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM appends WHERE old_size >= ?1")
            .bind(old_size)
            .execute(&mut *transaction)
            .await?;
        let sql = "INSERT INTO appends (old_size, new_size, bucket)
                   SELECT ?1, ?2, MAX(?3, COALESCE(MAX(bucket), 0)) FROM appends";
        sqlx::query(sql)
            .bind(old_size)
            .bind(new_size)
            .bind(bucket_of(now).as_i64())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Brings the table to a log of `size` entries: drops what a crash left beyond it, and files
    /// what is missing (a database that was lost) under `time`.
    pub(crate) async fn reconcile(
        &self,
        size: u64,
        time: UnixSeconds,
    ) -> Result<(), DatabaseError> {
        sqlx::query("DELETE FROM appends WHERE new_size > ?1")
            .bind(index(size)?)
            .execute(&self.pool)
            .await?;
        let known: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(new_size), 0) FROM appends")
            .fetch_one(&self.pool)
            .await?;
        let known = u64::try_from(known).map_err(|_| DatabaseError::Damaged)?;
        if known < size { self.note(known, size, time).await } else { Ok(()) }
    }

    /// The appends of buckets in `[from, until)`, oldest first.
    pub(crate) async fn between(
        &self,
        from: UnixSeconds,
        until: UnixSeconds,
    ) -> Result<Vec<AppendTime>, DatabaseError> {
        let sql = "SELECT old_size, new_size, bucket FROM appends
                   WHERE bucket >= ?1 AND bucket < ?2 ORDER BY old_size";
        let rows =
            sqlx::query(sql).bind(from.as_i64()).bind(until.as_i64()).fetch_all(&self.pool).await?;
        rows.iter().map(append_time).collect()
    }

    /// Forgets the rows of buckets before `oldest`, except the last one, which says how much is known.
    pub(crate) async fn sweep(&self, oldest: UnixSeconds) -> Result<(), DatabaseError> {
        let sql = "DELETE FROM appends WHERE bucket < ?1 AND new_size < (SELECT MAX(new_size) FROM appends)";
        sqlx::query(sql).bind(oldest.as_i64()).execute(&self.pool).await?;
        Ok(())
    }
}

fn index(size: u64) -> Result<i64, DatabaseError> {
    i64::try_from(size).map_err(|_| DatabaseError::Damaged)
}

fn append_time(row: &SqliteRow) -> Result<AppendTime, DatabaseError> {
    let number = |column| -> Result<u64, DatabaseError> {
        u64::try_from(row.try_get::<i64, usize>(column)?).map_err(|_| DatabaseError::Damaged)
    };
    Ok(AppendTime {
        old_size: number(0)?,
        new_size: number(1)?,
        bucket: UnixSeconds::new(number(2)?).map_err(|_| DatabaseError::Damaged)?,
    })
}
