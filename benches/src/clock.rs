//! The processor's time of this thread, which other programs on the machine do not lengthen as they
//! do the wall's.

use std::time::Duration;

/// How long `work` keeps this thread's processor busy, and its result.
#[cfg(unix)]
pub(crate) fn busy<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    use rustix::time::{ClockId, clock_gettime};

    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default();
    let start = now();
    let result = work();
    (now().saturating_sub(start), result)
}

/// How long `work` takes by the wall's clock, and its result.
#[cfg(not(unix))]
pub(crate) fn busy<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = std::time::Instant::now();
    let result = work();
    (start.elapsed(), result)
}
