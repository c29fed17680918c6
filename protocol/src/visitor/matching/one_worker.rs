//! Who does the work in a build without threads: the caller's own.

use std::num::NonZeroUsize;

/// The caller's thread.
#[derive(Default)]
pub(super) struct Workers {}

impl Workers {
    /// Makes the caller's thread the one worker, whatever is asked for.
    pub(super) const fn new(_threads: NonZeroUsize) -> Self {
        Self {}
    }

    /// Returns the results of all tasks in the order of the tasks, or the first error.
    #[expect(clippy::unused_self, reason = "as where there are threads")]
    pub(super) fn map<T, R, E>(
        &self,
        tasks: &[T],
        work: impl Fn(&T) -> Result<R, E>,
    ) -> Result<Vec<R>, E> {
        tasks.iter().map(work).collect()
    }
}
