//! A sealed upload on its way to an authority's server. Whoever sends it and whatever is inside: the
//! server and the network see the same.

use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, bail};
use noren::authority::profile::Profile;
use noren::messages::upload::dummy_upload;
use noren::messages::upload_code::UploadCode;

use crate::context::Context;
use crate::http::{self, Server};
use crate::text::clean;

/// How long to wait before the same parcel is sent once more, in seconds.
const PAUSES: [u64; 3] = [0, 1, 4];

/// A sealed upload with the code that admits it.
pub(crate) struct Parcel {
    code: UploadCode,
    body: Vec<u8>,
    dummy: bool,
}

impl Parcel {
    /// What was sealed to the authority, under the code that it gave out.
    pub(crate) const fn new(code: UploadCode, body: Vec<u8>) -> Self {
        Self { code, body, dummy: false }
    }

    /// Something that only the authority can tell from an upload.
    pub(crate) fn dummy(context: &Context, authority: &Profile) -> anyhow::Result<Self> {
        // [API-5]
        let body = dummy_upload(&authority.upload_key, &mut context.rng())?;
        Ok(Self { code: UploadCode::generate(&mut context.rng()), body, dummy: true })
    }

    /// Its length.
    pub(crate) const fn bytes(&self) -> usize {
        self.body.len()
    }

    /// Sends the parcel.
    pub(crate) fn deliver(&self, authority: &Profile) -> anyhow::Result<()> {
        let server = Server::new(&authority.url)?;
        let answer = self.send(&server)?;
        match answer.status {
            202 => Ok(()),
            403 => bail!(
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
        // [API-4] [API-5] [IDX-16]
        let code = self.code.to_text();
        let headers = [
            ("content-type", "application/octet-stream"),
            ("upload-code", code.as_str()),
            ("x-chaff", if self.dummy { "1" } else { "0" }),
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
        last.context("nothing was sent")?.context("nothing is known to have been received")
    }
}
