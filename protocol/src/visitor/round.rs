//! A whole round in one call: every followed authority, from its files to the news.

use std::collections::HashMap;
use std::fmt::Display;

use rand_core::CryptoRng;

use super::VisitError;
use super::sync::{LogSync, Summary, SyncError};
use super::vault::Vault;
use crate::profile::Pin;
use crate::time::{Day, UnixSeconds};

/// Reads what every authority has published since the last round, and puts what concerns the
/// visitor into the vault; [`Vault::news`] then tells it. First ends the visits whose time is up,
/// and forgets what is older than the authorities ask for.
///
/// `download` gets an address and returns the body of the answer, `None` where the server says that it has
/// no such file (404), or why there is no answer. The round downloads everything, from all authorities,
/// before it tries anything, so that nobody sees how long the trying takes. It holds the files in memory. A
/// program that shows its progress, works on many threads or keeps files between two rounds does the same
/// with [`LogSync`].
///
/// Where a pin asks for witnesses, nothing is taken of a log that too few of them have seen. An authority's
/// newer profile takes its place in `authorities`: store them when the round returns. The outcomes are in
/// the order of the authorities; where one could not be read, the others were: tell the news and store the
/// vault before an error ends anything.
///
/// # Errors
/// [`VisitError`] when a visit that is over cannot be sealed; the round then reads nothing.
pub fn sync_all<R: CryptoRng, E: Display>(
    vault: &mut Vault,
    authorities: &mut [Pin],
    now: UnixSeconds,
    rng: &mut R,
    mut download: impl FnMut(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<Vec<Result<Summary, SyncError>>, VisitError> {
    vault.seal_due(now, rng)?;
    // [MAT-11]
    let mut kept = Vec::new();
    for pin in authorities.iter() {
        kept.push(files_of(vault, pin, now, &mut download));
    }
    let outcomes = authorities.iter_mut().zip(kept).map(|(pin, files)| {
        let files = files?;
        let sync = LogSync::new(vault, pin, now);
        let sync = sync.read(|wanted| files.get(&wanted.path()).cloned())?;
        *pin = sync.pin().clone();
        sync.finish(vault)
    });
    let outcomes = outcomes.collect();
    vault.expire(Day::containing(now), Vault::retention_days(authorities));
    Ok(outcomes)
}

/// Returns every file of one authority that a round needs, by its path.
fn files_of<E: Display>(
    vault: &Vault,
    pin: &Pin,
    now: UnixSeconds,
    mut download: impl FnMut(&str) -> Result<Option<Vec<u8>>, E>,
) -> Result<HashMap<String, Vec<u8>>, SyncError> {
    let (mut files, mut unreachable) = (HashMap::new(), None);
    let url = pin.profile().profile().url.trim_end_matches('/');
    let read = LogSync::to_download(vault, pin, now).read(|wanted| {
        // Nothing more is asked of a server that did not answer.
        if unreachable.is_some() {
            return None;
        }
        let path = wanted.path();
        let address = format!("{url}/{path}");
        let bytes = download(&address).unwrap_or_else(|error| {
            let reason = error.to_string();
            unreachable = Some(SyncError::Unreachable { address, reason });
            None
        })?;
        files.insert(path, bytes.clone());
        Some(bytes)
    });
    // What lacks of the entries before the last round keeps nobody from the new ones.
    read.map(|_| files).map_err(|error| unreachable.unwrap_or(error))
}
