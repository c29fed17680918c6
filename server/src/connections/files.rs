//! Every connection is an open file, and the system grants only so many.

use rustix::process::{Resource, getrlimit, setrlimit};

use super::places::RESERVE;
use crate::shelf::MOST;

/// Files for everything else: the log, the database, the operators' connections.
const OTHERS: usize = 192;

/// Returns how many files in memory there may be beside so many places.
pub(crate) fn spare_files(places: usize) -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    let files = limit.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX));
    files.saturating_sub(places.saturating_add(RESERVE + OTHERS))
}

/// Asks the system for as many open files as `places` need, and returns how many places there are
/// files for.
pub(crate) fn places_for_files(places: usize) -> usize {
    let needed = places.saturating_add(RESERVE + OTHERS);
    let wanted = needed.saturating_add(MOST);
    let mut limit = getrlimit(Resource::Nofile);
    let granted = |limit: Option<u64>| {
        limit.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
    };
    if granted(limit.current) < wanted {
        limit.current = Some(granted(limit.maximum).min(wanted) as u64);
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the limit of open files was not raised");
        }
    }
    let files = granted(getrlimit(Resource::Nofile).current);
    if files >= needed {
        return places;
    }
    let fitting = files.saturating_sub(RESERVE + OTHERS).max(1);
    tracing::warn!(
        places,
        files,
        fitting,
        "fewer connections than limits.connections: raise the limit of open files (LimitNOFILE=, ulimit -n)"
    );
    fitting
}
