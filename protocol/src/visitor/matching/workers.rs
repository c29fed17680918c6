//! Who does the work: several threads.

use std::num::NonZeroUsize;

use rayon::ThreadPool;
use rayon::prelude::*;

/// The threads among which work is divided.
#[derive(Default)]
pub(super) enum Workers {
    /// The pool of the whole program, one thread for each processor.
    #[default]
    Program,
    /// A pool of the matcher's own.
    Own(ThreadPool),
    /// The caller's thread alone.
    Caller,
}

impl Workers {
    /// Makes so many threads, or takes the caller's alone where the system gives no others.
    pub(super) fn new(threads: NonZeroUsize) -> Self {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get());
        match threads.get() {
            1 => Self::Caller,
            _ => pool.build().map_or(Self::Caller, Self::Own),
        }
    }

    /// Returns the results of all tasks in the order of the tasks, or one of the errors.
    pub(super) fn map<T: Sync, R: Send, E: Send>(
        &self,
        tasks: &[T],
        work: impl Fn(&T) -> Result<R, E> + Sync + Send,
    ) -> Result<Vec<R>, E> {
        match self {
            Self::Program => tasks.par_iter().map(work).collect(),
            Self::Own(pool) => pool.install(|| tasks.par_iter().map(work).collect()),
            Self::Caller => tasks.iter().map(work).collect(),
        }
    }
}
