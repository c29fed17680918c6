//! The whole way, role by role: venues set up, visits, traces, what matches, and what the authority
//! must not accept.

mod locations;
mod matches;
mod reviews;
mod tracings;
mod visits;

use noren::keys::SealSecretKey;
use noren::time::{UnixSeconds, Window};

use super::case::{Case, Checked};
use crate::Context;

use locations::Location;
use tracings::Tracing;
use visits::Visit;

/// One authority, its venues, their visitors and its traces.
pub(crate) fn flow(case: &Case<'_>, context: &Context) -> Checked {
    let authority = authority(&case.inner("ha")?)?;
    let locations = each(case, "locations", |location| Location::check(location, &authority))?;
    let visits = each(case, "visits", |visit| Visit::check(visit, &locations, context))?;
    let tracings =
        each(case, "tracings", |tracing| Tracing::check(tracing, &locations, &authority, context))?;
    let found = matches::found(case, &visits, &tracings)?;
    each(case, "matches", |recorded| {
        matches::check(recorded, &visits, &tracings, &found, context)
    })?;
    each(case, "verify_negative", |negative| reviews::check(negative, &authority, context))?;
    Ok(())
}

/// Checks every member of a list, whole.
fn each<'a, T>(
    case: &Case<'a>,
    name: &str,
    mut check: impl FnMut(&Case<'a>) -> Checked<T>,
) -> Checked<Vec<T>> {
    let members = case.list(name)?;
    let checked = members.into_iter().map(|member| {
        let value = check(&member)?;
        member.finish()?;
        Ok(value)
    });
    checked.collect()
}

/// The authority's sealing key.
fn authority(case: &Case<'_>) -> Checked<SealSecretKey> {
    let key = SealSecretKey::from_bytes(&case.array("privateKey")?);
    case.same_bytes("publicKey", key.public_key().as_bytes())?;
    Ok(key)
}

/// The member of a list that a case names by its place.
fn member<'l, T>(case: &Case<'_>, name: &str, list: &'l [T]) -> Checked<&'l T> {
    let place = usize::try_from(case.unsigned(name)?).ok();
    case.must(name, place.and_then(|place| list.get(place)).ok_or("no such member"))
}

fn time(case: &Case<'_>, name: &str) -> Checked<UnixSeconds> {
    case.must(name, UnixSeconds::from_i64(case.number(name)?))
}

fn window(case: &Case<'_>, start: &str, end: &str) -> Checked<Window> {
    case.must(start, Window::new(time(case, start)?, time(case, end)?))
}

/// A window as a list of its start and its end.
pub(crate) fn window_of(case: &Case<'_>, name: &str) -> Checked<Window> {
    let ends = case.numbers(name)?;
    let ends = ends.iter().map(|end| UnixSeconds::new(*end)).collect::<Result<Vec<_>, _>>();
    let ends = case.must(name, ends)?;
    let [start, end] = ends[..] else { return Err(case.failure("a window has two ends")) };
    case.must(name, Window::new(start, end))
}
