//! Times across the border: `f64` seconds, because JavaScript has no other number that holds them.

use noren::UnixSeconds;

use crate::failure::{Code, Failure};

/// The time that the browser's clock shows.
pub(crate) fn now(seconds: f64) -> Result<UnixSeconds, Failure> {
    time(seconds).map_err(|failure| Failure { code: Code::Clock, ..failure })
}

/// A time that somebody gave.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number from 0 to 2^53 when it is cast"
)]
pub(crate) fn time(seconds: f64) -> Result<UnixSeconds, Failure> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if !(0.0..EXACT).contains(&seconds) {
        return Err(Failure::new(Code::WrongTime, "this is no time"));
    }
    Ok(UnixSeconds::new(seconds.floor() as u64)?)
}

pub(crate) fn seconds(time: UnixSeconds) -> u64 {
    time.get()
}
