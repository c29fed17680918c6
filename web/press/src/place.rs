//! What stands on a paper, as the page tells it: a JSON document, made by `web/src/owner/papers.ts`.

use noren_posters::{Authority, Place};
use serde::Deserialize;

use crate::failure::{Code, Failure};

/// Days are written like `2026-11-26`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Told {
    name: String,
    address: String,
    room: Option<String>,
    kind: Option<String>,
    issued: String,
    valid_from: String,
    /// The last day.
    valid_to: String,
    authority: Option<Office>,
    page: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Office {
    name: String,
    telephone: Option<String>,
}

impl Told {
    pub(crate) fn read(document: &str) -> Result<Self, Failure> {
        serde_json::from_str(document).map_err(|error| Failure::new(Code::Place, error))
    }

    pub(crate) fn place(&self) -> Result<Place<'_>, Failure> {
        let valid = (self.valid_from.parse()?, self.valid_to.parse()?);
        let authority = self.authority.as_ref();
        Ok(Place {
            address: &self.address,
            room: self.room.as_deref(),
            kind: self.kind.as_deref(),
            authority: authority.map(|office| Authority {
                name: &office.name,
                telephone: office.telephone.as_deref(),
            }),
            page: self.page.as_deref(),
            ..Place::new(&self.name, self.issued.parse()?, valid)
        })
    }
}
