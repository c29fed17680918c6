//! How many refused upload codes are answered as such.

use std::sync::{Mutex, PoisonError};

use noren::time::UnixSeconds;
use sqlx::Row as _;

use crate::database::{Database, DatabaseError, Line, Work};

/// A token bucket of refused upload codes, one for all senders, so that no address is kept.
///
/// It slows nobody who holds a good code: at 80 bits guessing is hopeless anyway, and a stranger
/// must not be able to lock out the venues.
#[derive(Debug)]
pub(crate) struct FailureBudget {
    burst: f64,
    per_second: f64,
    state: Mutex<(f64, UnixSeconds)>,
    /// Where several servers share one budget.
    shared: Option<Database>,
}

impl FailureBudget {
    pub(crate) fn new(burst: u32, per_minute: u32, database: &Database) -> Self {
        let shared = database.is_shared().then(|| database.clone());
        Self { shared, ..Self::alone(burst, per_minute) }
    }

    fn alone(burst: u32, per_minute: u32) -> Self {
        let burst = f64::from(burst);
        let state = Mutex::new((burst, UnixSeconds::default()));
        Self { burst, per_second: f64::from(per_minute) / 60.0, state, shared: None }
    }

    /// Takes a token for one failure; otherwise the seconds until there is one.
    pub(crate) async fn spend(&self, now: UnixSeconds) -> Result<Result<(), u64>, DatabaseError> {
        let Some(database) = &self.shared else { return Ok(self.spend_here(now)) };
        // [API-41]
        let mut work = database.write(Line::Requests).await?;
        let spent = match self.row(&mut work).await {
            Ok(state) => {
                let (state, spent) = self.spent(state, now);
                keep(&mut work, state).await.map(|()| spent)
            }
            Err(error) => Err(error),
        };
        work.finish(spent).await
    }

    fn spend_here(&self, now: UnixSeconds) -> Result<(), u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let spent;
        (*state, spent) = self.spent(*state, now);
        spent
    }

    async fn row(&self, work: &mut Work) -> Result<(f64, UnixSeconds), DatabaseError> {
        let sql = "SELECT thousandths, spent FROM failures";
        let Some(row) = sqlx::query(sql).fetch_optional(work.on()?).await? else {
            return Ok((self.burst, UnixSeconds::default()));
        };
        let (thousandths, last): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        let last = u64::try_from(last).ok().and_then(|last| UnixSeconds::new(last).ok());
        #[expect(
            clippy::cast_precision_loss,
            reason = "at most a burst of 32 bits, in thousandths"
        )]
        let tokens = thousandths as f64 / 1_000.0;
        Ok((tokens, last.ok_or(DatabaseError::Damaged)?))
    }

    /// Returns the tokens and the time after one failure more, and whether it has one.
    fn spent(
        &self,
        (tokens, last): (f64, UnixSeconds),
        now: UnixSeconds,
    ) -> ((f64, UnixSeconds), Result<(), u64>) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "seconds until the year 9999 are exact in 53 bits"
        )]
        let passed = now.get().saturating_sub(last.get()) as f64;
        let tokens = passed.mul_add(self.per_second, tokens).min(self.burst);
        let left = if tokens >= 1.0 { tokens - 1.0 } else { tokens };
        let spent = if tokens >= 1.0 { Ok(()) } else { Err(self.wait(tokens)) };
        ((left, now.max(last)), spent)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 1..=3600"
    )]
    fn wait(&self, tokens: f64) -> u64 {
        ((1.0 - tokens) / self.per_second).ceil().clamp(1.0, 3_600.0) as u64
    }
}

async fn keep(work: &mut Work, (tokens, last): (f64, UnixSeconds)) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO failures (one, thousandths, spent) VALUES (1, $1, $2)
               ON CONFLICT (one) DO UPDATE SET thousandths = excluded.thousandths,
               spent = excluded.spent";
    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most a burst of 32 bits, in thousandths"
    )]
    let thousandths = (tokens * 1_000.0) as i64;
    sqlx::query(sql).bind(thousandths).bind(last.as_i64()).execute(work.on()?).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> UnixSeconds {
        UnixSeconds::new(seconds).unwrap()
    }

    #[test]
    fn the_failure_budget_is_spent_and_refilled() {
        let budget = FailureBudget::alone(2, 6);
        assert_eq!(budget.spend_here(at(1_000)), Ok(()));
        assert_eq!(budget.spend_here(at(1_000)), Ok(()));
        assert_eq!(budget.spend_here(at(1_000)), Err(10));
        assert_eq!(budget.spend_here(at(1_005)), Err(5));
        assert_eq!(budget.spend_here(at(1_010)), Ok(()));
        assert_eq!(budget.spend_here(at(1_010)), Err(10));
        // A clock that goes back fills nothing.
        assert_eq!(budget.spend_here(at(500)), Err(10));
        assert_eq!(budget.spend_here(at(1_010)), Err(10));
    }

    #[test]
    fn a_budget_without_refill_asks_for_an_hour() {
        let budget = FailureBudget::alone(0, 0);
        assert_eq!(budget.spend_here(at(1)), Err(3_600));
    }
}
