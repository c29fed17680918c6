//! The mirrors of the log, which the desk looks at before it signs.

use anyhow::ensure;
use serde_json::json;

use super::Desk;
use super::event::Event;
use super::store::Change;
use crate::http::Server;
use crate::text::clean;

/// More would slow every publication down.
const MOST: usize = 16;

/// Looks at the log there as well from now on.
pub(super) fn add(desk: &mut Desk<'_>, url: &str) -> anyhow::Result<()> {
    let url = url.trim_end_matches('/');
    Server::new(url)?;
    let settings = &mut desk.settings;
    ensure!(!settings.mirrors.iter().any(|known| known == url), "{} is there already", clean(url));
    ensure!(settings.mirrors.len() < MOST, "a desk looks at {MOST} mirrors at most");
    settings.mirrors.push(url.to_owned());
    note(desk, Event::MirrorAdded, url)
}

/// Looks there no longer.
pub(super) fn remove(desk: &mut Desk<'_>, url: &str) -> anyhow::Result<()> {
    let url = url.trim_end_matches('/');
    let before = desk.settings.mirrors.len();
    desk.settings.mirrors.retain(|known| known != url);
    ensure!(
        desk.settings.mirrors.len() < before,
        "{} is no mirror of this desk; `noren authority mirror list` shows them",
        clean(url)
    );
    note(desk, Event::MirrorRemoved, url)
}

fn note(desk: &mut Desk<'_>, event: Event, url: &str) -> anyhow::Result<()> {
    let event = event.about("desk", json!({ "url": url }));
    desk.apply(Change::default().put(&desk.settings.clone()).note(event))
}
