//! A sealed upload on its way to an authority's server. Whoever sends it and whatever is inside: the
//! server and the network see the same.

mod outbox;

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, bail};
use noren::messages::{UploadCode, UploadTicket, dummy_upload};
use noren::profile::Profile;

use self::outbox::Kept;
use crate::context::Context;
use crate::http::{self, Server};
use crate::text::clean;

/// How long to wait before the same parcel is sent once more, in seconds.
const PAUSES: [u64; 3] = [0, 1, 4];

/// A sealed upload with the ticket that admits it.
pub(crate) struct Parcel {
    ticket: UploadTicket,
    body: Vec<u8>,
    /// Where it is kept until the server says that it has it; a dummy is not.
    kept: Option<Kept>,
}

impl Parcel {
    /// What is sealed to the authority under the code that it gave out: the bytes that an earlier
    /// run sealed of the same `content` and got no answer for, or new ones, kept before they are sent.
    pub(crate) fn sealed(
        context: &Context,
        authority: &Profile,
        code: UploadCode,
        content: &[u8],
        seal: impl FnOnce() -> anyhow::Result<Vec<u8>>,
    ) -> anyhow::Result<Self> {
        // [VEN-7]
        let (kept, body) = Kept::keep(context, authority, &code, content, seal)?;
        Ok(Self { ticket: code.ticket(), body, kept: Some(kept) })
    }

    /// Something that only the authority can tell from an upload.
    pub(crate) fn dummy(context: &Context, authority: &Profile) -> anyhow::Result<Self> {
        // [API-5]
        let body = dummy_upload(&authority.upload_key, &mut context.rng())?;
        Ok(Self { ticket: UploadTicket::generate(&mut context.rng()), body, kept: None })
    }

    /// Its length.
    pub(crate) const fn bytes(&self) -> usize {
        self.body.len()
    }

    /// Forgets a parcel that was received, once somebody has been told so: a run that was cut off
    /// before sends the same bytes again, and is told the same.
    pub(crate) fn forget(&self) -> anyhow::Result<()> {
        // [VEN-7] [CLI-21]
        let ended = self.kept.as_ref().map_or(Ok(()), |kept| kept.end().map(drop));
        ended.context(
            "it is received, and need not be sent again; only this device's sealed copy of it could \
             not be deleted for certain, which goes by itself after a month",
        )
    }

    /// Sends the parcel. It is kept for another run unless it is refused for good.
    pub(crate) fn deliver(&self, authority: &Profile) -> anyhow::Result<()> {
        let server = Server::new(&authority.url)?;
        let answer = self.send(&server)?;
        // [VEN-7] Whatever else stands between may say 202 or 403 as well; that is not final.
        let (received, refused) = (answer.is_receipt(), answer.is_about_code());
        let earlier = match &self.kept {
            Some(kept) if refused => kept.end()?,
            _ => false,
        };
        match answer.status {
            202 if received => Ok(()),
            202 => bail!(
                "something answered for the server at {}, and not as it does: nothing is known to \
                 have been received; run this again with the same code, from another network",
                clean(&authority.url)
            ),
            403 if earlier => bail!(
                "the upload code was refused: it is used up or expired. An upload of something else \
                 was sent with it from here, and no answer came: {0} may have that one. Ask {0} what \
                 it received, and for another code",
                clean(&authority.name)
            ),
            403 if refused => bail!(
                "the upload code was refused: mistyped, used before, or expired; ask {} for another",
                clean(&authority.name)
            ),
            429 => bail!(
                "the server takes no more uploads for the moment ({}); try again in some minutes",
                answer.problem()
            ),
            _ => server.expect(answer, 202).map(drop),
        }
    }

    /// The same bytes again where no answer came: the server takes them once only.
    fn send(&self, server: &Server) -> anyhow::Result<http::Answer> {
        // [API-4] [API-5] [PAT-16]
        let ticket = self.ticket.to_text();
        let headers = [
            ("content-type", "application/octet-stream"),
            ("upload-ticket", ticket.as_str()),
            ("x-chaff", if self.kept.is_none() { "1" } else { "0" }),
        ];
        let mut last = None;
        for pause in PAUSES {
            sleep(Duration::from_secs(pause));
            let answer = server.send("POST", "v1/uploads", &headers, Some(&self.body));
            match answer {
                Ok(answer) if answer.status < 500 => return Ok(answer),
                other => last = Some(other),
            }
        }
        last.context("nothing was sent")?.context(
            "nothing is known to have been received; run this again with the same code: it sends the \
             same once more, and is received once",
        )
    }
}
