//! Whether this is the desk at work: asked once by each command, before it changes anything here or at
//! the server. A copy of the desk, one that was taken over, or one that this machine does not know
//! changes nothing.

use anyhow::{anyhow, bail, ensure};
use serde::Deserialize;

use super::Desk;
use crate::errors::words;

/// What a command knows of its desk's place.
#[derive(Default)]
pub(super) enum AtWork {
    /// Nobody has asked.
    #[default]
    Unasked,
    /// Machine and server know this seat, or the desk is just being taken over.
    Yes,
    /// This machine knows the seat, and the server at this address could not be asked, for this reason.
    /// What is noted here alone may go on.
    HereOnly { address: String, why: String },
}

/// The seat that the server has seen last; number 0 before the first.
#[derive(Deserialize)]
struct LastSeat {
    seat: u64,
    id: Option<String>,
}

impl Desk<'_> {
    /// Refuses a copy of the desk, and one that was taken over.
    pub(crate) fn be_at_work(&mut self) -> anyhow::Result<()> {
        // [CLI-14]
        if matches!(self.at_work, AtWork::Unasked) {
            self.take_seat()?;
            self.at_work = match self.last_seat() {
                Ok(last) => {
                    self.check_not_retired(&last)?;
                    AtWork::Yes
                }
                Err(error) => {
                    let address = self.profile.profile().url.clone();
                    AtWork::HereOnly { address, why: words(&error) }
                }
            };
        }
        Ok(())
    }

    /// Refuses a request that changes something at the server, unless the server knows that this is
    /// the desk at work.
    pub(super) fn check_may_ask(&self, method: &str, path: &str) -> anyhow::Result<()> {
        // [CLI-14] A turn is asked for in the name of a seat, an append in the name of a turn, and in
        // the middle of a handover the server may know the next keys alone.
        let names_seat = path == "v1/log/turn" || path.starts_with("v1/log?turn=");
        if method == "GET" || names_seat || self.is_handing_over() {
            return Ok(());
        }
        match &self.at_work {
            AtWork::Yes => Ok(()),
            // The server may have another address by now.
            AtWork::HereOnly { address, .. } if *address != self.profile.profile().url => {
                self.check_not_retired(&self.last_seat()?)
            }
            AtWork::HereOnly { why, .. } => Err(anyhow!("{why}")),
            AtWork::Unasked => bail!("nothing was asked of the server: this desk is not at work"),
        }
    }

    /// Why a desk whose seat the server has retired changes nothing.
    pub(super) fn retired(&self, number: u64) -> anyhow::Error {
        anyhow!(
            "nothing was done: this desk has {}, and the server has seen seat {number} since. \
             The desk was taken over; this copy of it may be put away. If it was not, or if \
             this is to be the desk from now on: `noren authority take-over`",
            self.seat().shown()
        )
    }

    fn last_seat(&self) -> anyhow::Result<LastSeat> {
        // [API-27]
        let answer = self.send("GET", "v1/log/turn", "", &[])?;
        let last = serde_json::from_slice(&self.expect(answer, 200)?);
        // [CLI-45]
        last.or_else(|_| Err(self.server()?.not_it()))
    }

    fn check_not_retired(&self, last: &LastSeat) -> anyhow::Result<()> {
        let seat = self.seat();
        let is_other = last.id.as_ref().is_none_or(|id| *id != hex::encode(seat.id));
        let is_retired = last.seat > seat.number || (last.seat == seat.number && is_other);
        ensure!(!is_retired, self.retired(last.seat));
        Ok(())
    }
}
