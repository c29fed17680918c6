//! Making a desk: its keys, its profile and its database.

use anyhow::{Context as _, bail};
use noren::authority::{AuthorityKeys, Policy};
use noren::log::Origin;
use noren::profile::{Profile, SignedProfile};

use super::event::Event;
use super::record::DAMAGED;
use super::seat::{Memory, Seat, Signed};
use super::settings::{Settings, policy_of};
use super::store::{Change, Store};
use super::surroundings::Place;
use super::witnesses::Witnesses;
use super::{Desk, kept, key_file};
use crate::files;
use crate::http::Server;

/// What a new desk is to be.
pub(crate) struct NewDesk {
    /// The authority's name, as visitors will read it.
    pub(crate) name: String,
    /// The name of its log.
    pub(crate) origin: String,
    /// The address of its server.
    pub(crate) url: String,
    pub(crate) policy: Policy,
    /// For how many days devices keep records; absent: what the policy says.
    pub(crate) retention_days: Option<u32>,
    /// After how many seconds devices take the log for frozen; absent: what the policy says.
    pub(crate) checkpoint_max_age: Option<u64>,
    /// Who works at it.
    pub(crate) operator: String,
}

impl Desk<'_> {
    /// Makes a new desk at this place, and never a second one. A desk that was cut off between keys
    /// and profile is finished with the keys that are there.
    pub(crate) fn init(place: &Place<'_>, new: &NewDesk) -> anyhow::Result<SignedProfile> {
        let folder = &place.folder;
        let _lock = files::lock(folder)?;
        if files::read(&folder.join("profile"))?.is_some() {
            bail!("{} is an authority's desk already; it stays as it is", folder.display());
        }
        let stored = key_file::read(&folder.join("keys"), place.around)?;
        let keys = match &stored {
            Some(keys) => keys.clone(),
            None => AuthorityKeys::generate(&mut place.around.rng()),
        };
        let profile = new.profile(place, &keys)?;
        let signed = profile.sign(&keys)?;
        // Every later command would refuse it.
        Server::new(&profile.url).context("--url")?;
        if stored.is_none() {
            // [CLI-2]
            kept::create_secret(&folder.join("keys"), keys.to_bytes().as_slice())?;
        }
        create_database(place, &new.settings(), &signed)?;
        files::replace(&folder.join("profile"), signed.as_bytes())?;
        Ok(signed)
    }
}

impl NewDesk {
    fn profile(&self, place: &Place<'_>, keys: &AuthorityKeys) -> anyhow::Result<Profile> {
        let mut profile = keys.profile(
            &self.name,
            Origin::new(&self.origin).context("--origin")?,
            self.url.trim_end_matches('/'),
            place.around.now()?,
        );
        // [PRO-12] The log's first entry tells of it.
        profile.log_index = keys.log_public_keys().are_two().then_some(0);
        self.policy.write_into(&mut profile);
        if let Some(days) = self.retention_days {
            profile.retention_days = days;
        }
        if let Some(age) = self.checkpoint_max_age {
            profile.checkpoint_max_age = age;
        }
        Ok(profile)
    }

    fn settings(&self) -> Settings {
        Settings {
            operator: self.operator.clone(),
            policy: self.policy.toml().to_owned(),
            approvals: 0,
            mirrors: Vec::new(),
            witnesses: Witnesses::default(),
        }
    }
}

/// Makes the database of a new desk.
fn create_database(
    place: &Place<'_>,
    settings: &Settings,
    profile: &SignedProfile,
) -> anyhow::Result<()> {
    let mut store = Store::open(&place.folder.join("desk.sqlite"))?;
    if store.all::<Settings>()?.is_empty() {
        let desk = hex::encode(profile.profile().fingerprint().as_bytes());
        let seat = Seat::first(desk, &mut place.around.rng());
        let details = serde_json::json!({ "policy": policy_of(settings)?.name() });
        let change = Change::default().put(settings).put(&seat);
        let change = change.note(Event::Init.about("desk", details));
        store.apply(change, place.around.now()?.as_i64(), &settings.operator)?;
    }
    let seat: Seat = store.all()?.pop().context(DAMAGED)?;
    let mut memory = Memory::open(place, &seat)?;
    // [CLI-14] Where this machine remembers something, these keys have signed before.
    if memory.last().is_none() {
        memory.remember(&seat, Signed::default(), "", store.end()?)?;
    }
    Ok(())
}
