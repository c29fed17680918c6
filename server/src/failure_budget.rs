//! How many refused upload codes are answered as such.

use std::sync::{Mutex, PoisonError};

use noren::time::UnixSeconds;

/// A token bucket of refused upload codes, one for all senders, so that no address is kept.
///
/// It slows nobody who holds a good code: at 80 bits guessing is hopeless anyway, and a stranger
/// must not be able to lock out the venues.
#[derive(Debug)]
pub(crate) struct FailureBudget {
    burst: f64,
    per_second: f64,
    state: Mutex<(f64, UnixSeconds)>,
}

impl FailureBudget {
    pub(crate) fn new(burst: u32, per_minute: u32) -> Self {
        let burst = f64::from(burst);
        let state = Mutex::new((burst, UnixSeconds::default()));
        Self { burst, per_second: f64::from(per_minute) / 60.0, state }
    }

    /// Takes a token for one failure; otherwise the seconds until there is one.
    pub(crate) fn spend(&self, now: UnixSeconds) -> Result<(), u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, last) = *state;
        #[expect(
            clippy::cast_precision_loss,
            reason = "seconds until the year 9999 are exact in 53 bits"
        )]
        let passed = now.get().saturating_sub(last.get()) as f64;
        let tokens = passed.mul_add(self.per_second, tokens).min(self.burst);
        let left = if tokens >= 1.0 { tokens - 1.0 } else { tokens };
        *state = (left, now.max(last));
        if tokens >= 1.0 { Ok(()) } else { Err(self.wait(tokens)) }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> UnixSeconds {
        UnixSeconds::new(seconds).unwrap()
    }

    #[test]
    fn the_failure_budget_is_spent_and_refilled() {
        let budget = FailureBudget::new(2, 6);
        assert_eq!(budget.spend(at(1_000)), Ok(()));
        assert_eq!(budget.spend(at(1_000)), Ok(()));
        assert_eq!(budget.spend(at(1_000)), Err(10));
        assert_eq!(budget.spend(at(1_005)), Err(5));
        assert_eq!(budget.spend(at(1_010)), Ok(()));
        assert_eq!(budget.spend(at(1_010)), Err(10));
        // A clock that goes back fills nothing.
        assert_eq!(budget.spend(at(500)), Err(10));
        assert_eq!(budget.spend(at(1_010)), Err(10));
    }

    #[test]
    fn a_budget_without_refill_asks_for_an_hour() {
        let budget = FailureBudget::new(0, 0);
        assert_eq!(budget.spend(at(1)), Err(3_600));
    }
}
