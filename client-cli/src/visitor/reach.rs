//! Whether warnings of a venue would reach this device: by what its code carries, without a network.

use noren::messages::EntryCode;
use noren::profile::{Profile, SignedProfile};
use serde::Serialize;
use url::Url;

use crate::text::clean;

/// Whether an authority that is followed is the one that would warn of a venue.
#[derive(Serialize)]
pub(super) struct Reach {
    /// Whether one is known to be.
    followed: bool,
    /// Its name.
    authority: Option<String>,
    /// The address in the code's link, which is the authority's server unless the venue gave another.
    leads_to: Option<String>,
    /// How to follow whoever is there.
    follow: Option<String>,
    /// How many authorities are followed.
    #[serde(skip)]
    others: usize,
}

impl Reach {
    /// What a code says of its authority: its own key in a patient case's code, else the address that
    /// its link leads to.
    pub(super) fn new(code: &EntryCode, link: &str, followed: &[SignedProfile]) -> Self {
        // [VIS-9] [CLI-7]
        let base = link.split(['?', '#']).next().and_then(|base| Url::parse(base.trim()).ok());
        let warns = |profile: &&SignedProfile| {
            let profile = profile.profile();
            profile.patient_master_key.as_ref() == Some(code.master_public_key())
                || base.as_ref().is_some_and(|base| is_at(profile, base))
        };
        let authority = followed.iter().find(warns).map(|profile| profile.profile().name.clone());
        let leads_to = base.as_ref().map(address);
        let follow = leads_to.as_ref().filter(|_| authority.is_none());
        let follow = follow.map(|base| format!("noren visitor follow {base}"));
        Self { followed: authority.is_some(), authority, leads_to, follow, others: followed.len() }
    }

    /// What the visitor has to know; nothing where all is well.
    pub(super) fn lines(&self) -> String {
        let Some(follow) = &self.follow else { return String::new() };
        let followed = match self.others {
            0 => "this device follows no authority yet".to_owned(),
            others => {
                format!("none of the authorities that this device follows ({others}) is there")
            }
        };
        format!(
            "\nWARNINGS OF THIS VENUE MAY NOT ARRIVE: its code leads to {}, and {followed}.\n\
             If a health authority has its server there, follow it and compare its fingerprint:\n  {}",
            clean(self.leads_to.as_deref().unwrap_or_default()),
            clean(follow)
        )
    }
}

/// An address as it can be typed after a command: nothing in it means anything to a shell.
fn address(base: &Url) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
    let path = Some(base.path().trim_end_matches('/')).filter(|path| path.chars().all(plain));
    format!("{}{}", base.origin().ascii_serialization(), path.unwrap_or_default())
}

/// Whether an address is on an authority's server.
fn is_at(profile: &Profile, address: &Url) -> bool {
    let Ok(server) = Url::parse(&profile.url) else { return false };
    let path = server.path().trim_end_matches('/');
    let below = address.path().strip_prefix(path);
    server.origin() == address.origin()
        && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
