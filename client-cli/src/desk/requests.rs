//! Requests to the server, signed by the log's key.

use anyhow::bail;

use super::Desk;
use crate::http::{Answer, Server, Signer};
use crate::{clock, times};

impl Desk<'_> {
    /// The server of the profile.
    pub(super) fn server(&self) -> anyhow::Result<Server> {
        Server::new(&self.profile.profile().url)
    }

    /// Sends a signed request.
    pub(super) fn send(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> anyhow::Result<Answer> {
        self.check_may_ask(method, path)?;
        let signer = Signer {
            key: self.keys.log_key(),
            origin: &self.profile.profile().origin,
            now: self.now()?,
        };
        let mut rng = self.rng();
        self.server()?.send_signed(&signer, method, path, content_type, body, &mut rng)
    }

    /// Sends a signed request and wants this status.
    pub(super) fn ask(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        status: u16,
    ) -> anyhow::Result<Vec<u8>> {
        let answer = self.send(method, path, "application/json", body)?;
        self.expect(answer, status)
    }

    /// The body of an answer with the status that was hoped for.
    pub(super) fn expect(&self, answer: Answer, status: u16) -> anyhow::Result<Vec<u8>> {
        // [API-7] [API-8]
        if answer.status == 401 {
            let now = self.now()?;
            // [CLI-41]
            if let Some(date) = answer.date.filter(|date| date.get().abs_diff(now.get()) > 60) {
                bail!(
                    "the server refuses this desk's signature: this machine's clock says {}, the \
                     server's {}; this machine's is {}. Set right whichever is wrong",
                    times::show(now),
                    times::show(date),
                    clock::difference(now, date)
                );
            }
            bail!(
                "the server refuses this desk's signature: make sure that the server's clock and \
                 this machine's agree, that the server serves this authority's profile, and that it \
                 knows the address at which it was asked: `noren-server --address` names one that is \
                 not in the profile"
            );
        }
        self.server()?.expect(answer, status)
    }
}
