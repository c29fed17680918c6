//! Whose turn it is to append: one seat of the authority's desk at a time.
//!
//! Two copies of a desk that publish at the same moment would sign two trees of one size. So a desk
//! asks for a turn before it looks at the log and signs, and the append that ends the turn has to
//! name it. The desk does not rely on it alone: a server that gives out two turns is told by what it
//! then publishes.

use noren::time::UnixSeconds;
use serde::Deserialize;
use sqlx::{AnyConnection, Row};

use crate::database::{Database, DatabaseError, Line};

/// For how many seconds a turn is good.
const LENGTH: u64 = 60;

/// Which seat asks for a turn, and the turn's name, which the seat has drawn at random.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {
    pub(crate) seat: u64,
    #[serde(with = "hex::serde")]
    id: [u8; 16],
    #[serde(with = "hex::serde")]
    turn: [u8; 16],
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    Granted {
        until: UnixSeconds,
    },
    /// A later seat has taken the desk over, or another one has this number.
    Retired {
        seat: u64,
    },
    /// It is another turn now.
    Taken {
        seconds: u64,
    },
}

/// The seat that was seen last, and its turn.
#[derive(Debug)]
struct Holder {
    seat: u64,
    id: Vec<u8>,
    turn: Option<Vec<u8>>,
    expires: u64,
}

/// The turns of one log. They survive a restart.
#[derive(Debug, Clone)]
pub struct Turns {
    database: Database,
}

impl Turns {
    pub(crate) const fn new(database: Database) -> Self {
        Self { database }
    }

    /// Gives out the turn, unless a later seat was seen or it is another turn now.
    pub(crate) async fn take(
        &self,
        claim: &Claim,
        now: UnixSeconds,
    ) -> Result<Grant, DatabaseError> {
        let mut work = self.database.write(Line::Log).await?;
        let result = take(work.on()?, claim, now).await;
        work.finish(result).await
    }

    /// Returns the highest seat that was seen, with its id; `None` before any desk took a turn.
    pub(crate) async fn last_seat(&self) -> Result<Option<(u64, Vec<u8>)>, DatabaseError> {
        // [API-27]
        let mut work = self.database.read().await?;
        let holder = holder(work.on()?).await?;
        work.leave().await?;
        Ok(holder.map(|holder| (holder.seat, holder.id)))
    }

    /// Returns whether an append may name this turn now. Before any desk took a turn, none is
    /// needed.
    pub(crate) async fn admits(
        &self,
        turn: Option<[u8; 16]>,
        now: UnixSeconds,
    ) -> Result<bool, DatabaseError> {
        // [API-27]
        let mut work = self.database.read().await?;
        let holder = holder(work.on()?).await?;
        work.leave().await?;
        Ok(match holder {
            Some(holder) => {
                holder.expires > now.get()
                    && turn.is_some_and(|turn| holder.turn.as_deref() == Some(&turn[..]))
            }
            None => turn.is_none(),
        })
    }

    /// Ends a turn. The seat is remembered.
    pub(crate) async fn end(&self, turn: [u8; 16]) -> Result<(), DatabaseError> {
        let mut work = self.database.write(Line::Log).await?;
        let result = end(work.on()?, turn).await;
        work.finish(result).await
    }
}

impl Holder {
    fn refuses(&self, claim: &Claim, now: UnixSeconds) -> Option<Grant> {
        // [API-27]
        if claim.seat < self.seat || (claim.seat == self.seat && claim.id[..] != self.id) {
            return Some(Grant::Retired { seat: self.seat });
        }
        let under_way = self.turn.as_deref().is_some_and(|turn| turn != claim.turn);
        (under_way && self.expires > now.get())
            .then(|| Grant::Taken { seconds: self.expires.saturating_sub(now.get()) })
    }
}

async fn take(
    connection: &mut AnyConnection,
    claim: &Claim,
    now: UnixSeconds,
) -> Result<Grant, DatabaseError> {
    if let Some(holder) = holder(&mut *connection).await?
        && let Some(refusal) = holder.refuses(claim, now)
    {
        return Ok(refusal);
    }
    let until = now.plus(LENGTH);
    let sql = "INSERT INTO turn (one, seat, id, turn, expires) VALUES (1, $1, $2, $3, $4)
               ON CONFLICT (one) DO UPDATE SET seat = excluded.seat, id = excluded.id,
               turn = excluded.turn, expires = excluded.expires";
    sqlx::query(sql)
        .bind(i64::try_from(claim.seat).map_err(|_| DatabaseError::Damaged)?)
        .bind(&claim.id[..])
        .bind(&claim.turn[..])
        .bind(until.as_i64())
        .execute(connection)
        .await?;
    Ok(Grant::Granted { until })
}

async fn end(connection: &mut AnyConnection, turn: [u8; 16]) -> Result<(), DatabaseError> {
    let sql = "UPDATE turn SET turn = NULL WHERE turn = $1";
    sqlx::query(sql).bind(&turn[..]).execute(connection).await?;
    Ok(())
}

async fn holder(connection: &mut AnyConnection) -> Result<Option<Holder>, DatabaseError> {
    let row =
        sqlx::query("SELECT seat, id, turn, expires FROM turn").fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let number = |column| -> Result<u64, DatabaseError> {
        u64::try_from(row.try_get::<i64, &str>(column)?).map_err(|_| DatabaseError::Damaged)
    };
    let (seat, expires) = (number("seat")?, number("expires")?);
    Ok(Some(Holder { seat, id: row.try_get("id")?, turn: row.try_get("turn")?, expires }))
}
