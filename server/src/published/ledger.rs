//! What the database decides of the log: the head, the appends that follow each other under it, and
//! which of them nobody has seen yet. [API-40]

use noren::log::{
    Append, AppendError, CompactRange, LogPosition, SignedCheckpoint, TreeHash, leaf_hash,
};
use noren::profile::SignedProfile;
use noren::time::UnixSeconds;
use sqlx::{AnyConnection, Row as _};

use super::PublishedError;
use crate::database::{Database, DatabaseError, Line};

/// The log after the last append that was decided.
#[derive(Debug, Clone)]
pub(super) struct Decided {
    /// Counts appends, so that one that was published is never taken for a later one.
    number: i64,
    pub(super) position: LogPosition,
    /// The signed note; empty before the first one.
    pub(super) note: Vec<u8>,
}

/// An append that was decided and that the published files may not show yet.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    pub(super) number: i64,
    pub(super) old_size: u64,
    pub(super) new_size: u64,
    pub(super) note: Vec<u8>,
}

/// What became of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is decided now, or was before; the log has so many entries.
    Decided(u64),
    /// It is a part; with all parts there are so many entries.
    Part(u64),
}

/// The log's rows in the database.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    database: Database,
}

impl Ledger {
    pub(super) const fn new(database: Database) -> Self {
        Self { database }
    }

    /// Returns where the log stands by the database; `None` before it was told.
    pub(super) async fn head(&self) -> Result<Option<Decided>, DatabaseError> {
        let mut work = self.database.read().await?;
        let head = head(work.on()?).await?;
        work.leave().await?;
        Ok(head)
    }

    /// Takes an append: verifies it against the head, keeps its entries and its note, and moves the
    /// head, all in one transaction.
    pub(super) async fn take(
        &self,
        append: &Append,
        profile: &SignedProfile,
        now: UnixSeconds,
    ) -> Result<Taken, PublishedError> {
        let mut work = self.database.write(Line::Log).await?;
        let taken = match take(work.on()?, append, profile, now).await {
            Ok(taken) => Ok(Ok(taken)),
            // What breaks a rule fails nothing, and changes nothing.
            Err(error @ PublishedError::Append(_)) => {
                work.leave().await?;
                return Err(error);
            }
            Err(PublishedError::Database(error)) => Err(error),
            Err(error) => Ok(Err(error)),
        };
        work.finish(taken).await?
    }

    /// Returns the appends that are not marked as published, in their order.
    pub(super) async fn decisions(&self) -> Result<Vec<Decision>, DatabaseError> {
        let sql = "SELECT number, old_size, new_size, note FROM decided ORDER BY number";
        let mut work = self.database.read().await?;
        let rows = sqlx::query(sql).fetch_all(work.on()?).await?;
        work.leave().await?;
        let decision = |row: &sqlx::any::AnyRow| {
            Ok(Decision {
                number: row.try_get(0)?,
                old_size: size(row.try_get(1)?)?,
                new_size: size(row.try_get(2)?)?,
                note: row.try_get(3)?,
            })
        };
        rows.iter().map(decision).collect()
    }

    /// Returns the entries of an append that is not marked as published.
    pub(super) async fn entries(&self, decision: &Decision) -> Result<Vec<Vec<u8>>, DatabaseError> {
        let sql = "SELECT part FROM entries WHERE first >= $1 AND next <= $2 ORDER BY first";
        let mut work = self.database.read().await?;
        let parts: Vec<Vec<u8>> = sqlx::query_scalar(sql)
            .bind(number(decision.old_size)?)
            .bind(number(decision.new_size)?)
            .fetch_all(work.on()?)
            .await?;
        work.leave().await?;
        let mut entries = vec![];
        for part in parts {
            entries.extend(unpacked(&part)?);
        }
        Ok(entries)
    }

    /// Marks an append as published, and all before it: their entries are in the published files.
    pub(super) async fn mark(&self, decision: &Decision) -> Result<(), DatabaseError> {
        let mut work = self.database.write(Line::Log).await?;
        let result = mark(work.on()?, decision).await;
        work.finish(result).await
    }

    /// Forgets what was decided, in favour of what the published files prove.
    pub(super) async fn adopt(&self, found: Option<&Decided>) -> Result<(), DatabaseError> {
        let mut work = self.database.write(Line::Log).await?;
        let result = adopt(work.on()?, found).await;
        work.finish(result).await
    }
}

async fn take(
    connection: &mut AnyConnection,
    append: &Append,
    profile: &SignedProfile,
    now: UnixSeconds,
) -> Result<Taken, PublishedError> {
    let head = head(connection).await?.unwrap_or_else(Decided::start);
    let size = head.position.range.size();
    // [API-9] Its answer was lost, and it came again.
    let end = append.old_size.checked_add(append.entries.len() as u64);
    if !append.is_part() && head.note == append.checkpoint.as_bytes() && end == Some(size) {
        return Ok(Taken::Decided(size));
    }
    // [API-28] An append that begins where the log ends gives up the parts before it.
    if append.old_size == size {
        forget_parts(connection, size).await?;
    }
    if append.is_part() {
        let stands = parts_end(connection).await?.map_or(size, |end| end.max(size));
        if append.old_size != stands {
            return Err(AppendError::Stale { size: stands }.into());
        }
        keep(connection, append).await?;
        return Ok(Taken::Part(stands + append.entries.len() as u64));
    }
    // [API-30] A clock that was wrong binds nobody when it is right again.
    let mut position = head.position.by_clock(now);
    for part in parts(connection, size).await? {
        unpacked(&part)?.iter().for_each(|entry| position.range.push(leaf_hash(entry)));
    }
    let (origin, keys) = (&profile.profile().origin, profile.profile().log_keys());
    // [API-9]
    let (after, signed) = append.verify(&position, origin, &keys)?;
    // A time far ahead would forbid every honest checkpoint after it.
    signed.check_fresh(now, u64::MAX).map_err(AppendError::from)?;
    keep(connection, append).await?;
    let note = append.checkpoint.as_bytes();
    let decided = Decided { number: head.number + 1, position: after, note: note.to_vec() };
    decide(connection, size, &decided).await?;
    set_head(connection, &decided).await?;
    Ok(Taken::Decided(decided.position.range.size()))
}

impl Decided {
    fn start() -> Self {
        Self { number: 0, position: LogPosition::start(), note: vec![] }
    }

    /// Returns what a verified checkpoint and its tree say.
    pub(super) fn of(signed: &SignedCheckpoint, range: &CompactRange) -> Self {
        let position = LogPosition { range: range.clone(), timestamp: signed.timestamp() };
        Self { number: 0, position, note: signed.text().as_bytes().to_vec() }
    }
}

async fn head(connection: &mut AnyConnection) -> Result<Option<Decided>, DatabaseError> {
    let sql = "SELECT number, size, signed, roots, note FROM head";
    let Some(row) = sqlx::query(sql).fetch_optional(connection).await? else { return Ok(None) };
    let roots: Vec<u8> = row.try_get(3)?;
    let roots = roots.chunks(TreeHash::LENGTH).map(|root| root.try_into().map(TreeHash));
    let roots = roots.collect::<Result<_, _>>().map_err(|_| DatabaseError::Damaged)?;
    let range = CompactRange::from_parts(size(row.try_get(1)?)?, roots);
    let range = range.map_err(|_| DatabaseError::Damaged)?;
    let timestamp = UnixSeconds::new(size(row.try_get(2)?)?);
    let timestamp = timestamp.map_err(|_| DatabaseError::Damaged)?;
    let position = LogPosition { range, timestamp };
    Ok(Some(Decided { number: row.try_get(0)?, position, note: row.try_get(4)? }))
}

async fn set_head(connection: &mut AnyConnection, head: &Decided) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO head (one, number, size, signed, roots, note)
               VALUES (1, $1, $2, $3, $4, $5)
               ON CONFLICT (one) DO UPDATE SET number = excluded.number, size = excluded.size,
               signed = excluded.signed, roots = excluded.roots, note = excluded.note";
    let LogPosition { range, timestamp } = &head.position;
    let roots: Vec<u8> = range.hashes().iter().flat_map(|root| root.0).collect();
    sqlx::query(sql)
        .bind(head.number)
        .bind(number(range.size())?)
        .bind(timestamp.as_i64())
        .bind(roots)
        .bind(&head.note[..])
        .execute(connection)
        .await?;
    Ok(())
}

async fn decide(
    connection: &mut AnyConnection,
    old_size: u64,
    head: &Decided,
) -> Result<(), DatabaseError> {
    sqlx::query("INSERT INTO decided (number, old_size, new_size, note) VALUES ($1, $2, $3, $4)")
        .bind(head.number)
        .bind(number(old_size)?)
        .bind(number(head.position.range.size())?)
        .bind(&head.note[..])
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps the entries of an append, or of part of one.
async fn keep(connection: &mut AnyConnection, append: &Append) -> Result<(), PublishedError> {
    if append.entries.is_empty() {
        return Ok(());
    }
    let part = Append::part(append.old_size, append.entries.clone())?;
    let next = append.old_size + append.entries.len() as u64;
    sqlx::query("INSERT INTO entries (first, next, part) VALUES ($1, $2, $3)")
        .bind(number(append.old_size)?)
        .bind(number(next)?)
        .bind(part.to_bytes()?)
        .execute(connection)
        .await
        .map_err(DatabaseError::from)?;
    Ok(())
}

fn unpacked(part: &[u8]) -> Result<Vec<Vec<u8>>, DatabaseError> {
    Ok(Append::from_bytes(part).map_err(|_| DatabaseError::Damaged)?.entries)
}

async fn parts(connection: &mut AnyConnection, size: u64) -> Result<Vec<Vec<u8>>, DatabaseError> {
    let sql = "SELECT part FROM entries WHERE first >= $1 ORDER BY first";
    Ok(sqlx::query_scalar(sql).bind(number(size)?).fetch_all(connection).await?)
}

async fn parts_end(connection: &mut AnyConnection) -> Result<Option<u64>, DatabaseError> {
    let sql = "SELECT next FROM entries ORDER BY first DESC LIMIT 1";
    let end: Option<i64> = sqlx::query_scalar(sql).fetch_optional(connection).await?;
    end.map(size).transpose()
}

async fn forget_parts(connection: &mut AnyConnection, size: u64) -> Result<(), DatabaseError> {
    let sql = "DELETE FROM entries WHERE first >= $1";
    sqlx::query(sql).bind(number(size)?).execute(connection).await?;
    Ok(())
}

async fn mark(connection: &mut AnyConnection, decision: &Decision) -> Result<(), DatabaseError> {
    sqlx::query("DELETE FROM decided WHERE number <= $1")
        .bind(decision.number)
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM entries WHERE next <= $1")
        .bind(number(decision.new_size)?)
        .execute(connection)
        .await?;
    Ok(())
}

async fn adopt(
    connection: &mut AnyConnection,
    found: Option<&Decided>,
) -> Result<(), DatabaseError> {
    let number = head(connection).await?.map_or(0, |head| head.number);
    for sql in ["DELETE FROM decided", "DELETE FROM entries", "DELETE FROM head"] {
        sqlx::query(sql).execute(&mut *connection).await?;
    }
    match found {
        Some(found) => set_head(connection, &Decided { number, ..found.clone() }).await,
        None => Ok(()),
    }
}

fn number(size: u64) -> Result<i64, DatabaseError> {
    i64::try_from(size).map_err(|_| DatabaseError::Damaged)
}

fn size(number: i64) -> Result<u64, DatabaseError> {
    u64::try_from(number).map_err(|_| DatabaseError::Damaged)
}
