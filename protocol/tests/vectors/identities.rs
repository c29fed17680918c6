//! From a payload to its secrets and identities; from a visit to its hours.

use noren::hazmat::PayloadSecrets;
use noren::time::{Hour, UnixSeconds};

use super::case::{Case, Checked};
use crate::Context;

/// [ID-1] [ID-2] [ID-3] [ID-4] [ID-5]
pub(crate) fn hkdf_identity(case: &Case<'_>, _: &Context) -> Checked {
    let secrets = PayloadSecrets::derive(&case.bytes("payload")?);
    case.same_bytes("noncePreId", secrets.pre_identity_nonce())?;
    case.same_bytes("nonceTimekey", secrets.time_key_nonce())?;
    case.same_bytes("notificationKey", secrets.notification_key().as_bytes())?;
    case.same_bytes("preid", secrets.pre_identity())?;
    for interval in case.list("intervals")? {
        interval_identity(&interval, &secrets)?;
        interval.finish()?;
    }
    Ok(())
}

fn interval_identity(interval: &Case<'_>, secrets: &PayloadSecrets) -> Checked {
    let start = interval.number("startOfInterval")?;
    interval.same("intervalLength", i64::from(Hour::LENGTH), interval.number("intervalLength")?)?;
    interval.same_bytes("timekey", secrets.time_key_at(start))?;
    interval.same_bytes("identity", secrets.identity_at(start).as_bytes())?;
    match UnixSeconds::from_i64(start).and_then(Hour::starting_at) {
        Ok(hour) => interval.same_bytes("identity", secrets.identity(hour).as_bytes()),
        Err(_) => Ok(()),
    }
}

/// [TIME-5]
pub(crate) fn affected_hours(case: &Case<'_>, _: &Context) -> Checked {
    let time = |name| case.must(name, UnixSeconds::new(case.unsigned(name)?));
    let hours = Hour::spanning(time("arrival")?, time("departure")?);
    let numbers: Vec<u64> = hours.map(|hour| hour.start().get() / 3_600).collect();
    case.same("hours", numbers, case.numbers("hours")?)
}
