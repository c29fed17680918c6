//! A server inside this program: what an authority's address is asked goes there, and not over the
//! network.

use std::net::SocketAddr;
use std::sync::OnceLock;

use anyhow::Context as _;
use url::Url;

use crate::text::clean;

/// The one choice of this process, made by `--own-log` before the first request.
static OWN: OnceLock<(Url, Url)> = OnceLock::new();

/// Has a server on this machine answer for an address.
pub(crate) fn answers_for(address: &str, there: SocketAddr) -> anyhow::Result<()> {
    // [API-48]
    let malformed = || format!("{} is not the address of a server", clean(address));
    let address = Url::parse(address).with_context(malformed)?;
    let _ = OWN.set((address, Url::parse(&format!("http://{there}"))?));
    Ok(())
}

/// Where requests to an address go, if not there.
pub(super) fn instead_of(address: &Url) -> Option<Url> {
    OWN.get().filter(|(own, _)| own == address).map(|(_, there)| there.clone())
}
