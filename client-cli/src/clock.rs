//! Which of two clocks is wrong, and by how much, as far as can be told: this device's, the
//! server's, or that of the authority, which dates its log.

use jiff::fmt::rfc2822;
use noren::log::{CheckpointError, MAX_CLOCK_SKEW};
use noren::time::{Lapse, UnixSeconds};

use crate::times;

/// After how long, in seconds, without a log that was read a device asks about its clock.
const LONG_AGO: u64 = 2 * 86_400;

/// The time of a server, from the `Date` of its answer and the seconds that a cache kept it.
pub(crate) fn date(date: Option<&str>, age: Option<&str>) -> Option<UnixSeconds> {
    let date = rfc2822::DateTimeParser::new().parse_timestamp(date?).ok()?;
    let age = age.and_then(|age| age.trim().parse().ok()).unwrap_or(0);
    Some(UnixSeconds::from_i64(date.as_second()).ok()?.plus(age))
}

/// Whether two clocks are further apart than clocks may be.
pub(crate) fn is_apart(one: UnixSeconds, other: UnixSeconds) -> bool {
    // [CLI-41]
    one.get().abs_diff(other.get()) > MAX_CLOCK_SKEW
}

/// How `one` stands to `other`: "2 days ahead".
pub(crate) fn difference(one: UnixSeconds, other: UnixSeconds) -> String {
    let way = if one > other { "ahead" } else { "behind" };
    format!("{} {way}", Lapse(one.get().abs_diff(other.get())))
}

/// Says of a checkpoint that is too old, or dated in the future, which clock may be wrong; `date` is
/// the server's time. `None` where no clock explains the error.
pub(crate) fn suspicion(
    error: &CheckpointError,
    now: UnixSeconds,
    date: Option<UnixSeconds>,
) -> Option<String> {
    // [CLI-41]
    let (signed, is_frozen) = match error {
        CheckpointError::Frozen { age } => (now.minus(*age), true),
        CheckpointError::FromTheFuture { ahead } => (now.plus(*ahead), false),
        _ => return None,
    };
    let clocks =
        format!("it was signed {}, and this device's clock says {}", show(signed), show(now));
    let verdict = match date {
        Some(date) if is_apart(date, now) => format!(
            "; the server's says {}: this device's clock is probably wrong, {}. Set it right and \
             sync again",
            show(date),
            difference(now, date)
        ),
        Some(_) if is_frozen => "; the server's clock agrees with that, so that the log stands \
                                 still, or news is held back"
            .to_owned(),
        Some(_) => "; the server's clock agrees with that, so that the authority's clock was \
                    probably wrong when it signed"
            .to_owned(),
        None => format!(
            ": this device's clock may be wrong, {}. If it is, set it right and sync again",
            difference(now, signed)
        ),
    };
    Some(format!("{clocks}{verdict}"))
}

/// Says that a device's clock shows a time before one that it has verified: `seen` was signed then.
pub(crate) fn behind_what_was_seen(now: UnixSeconds, seen: UnixSeconds) -> Option<String> {
    // [CLI-41]
    (seen > now.plus(MAX_CLOCK_SKEW)).then(|| {
        format!(
            "this device's clock says {}, which is {} what a log that it has read was signed at \
             ({}): the clock may be wrong; set it right",
            show(now),
            difference(now, seen),
            show(seen)
        )
    })
}

/// What makes a device's clock doubtful where it decides against somebody: a time before one that it
/// has verified, `seen`, or long after the last such.
pub(crate) fn doubt(now: UnixSeconds, seen: UnixSeconds) -> Option<String> {
    // [CLI-41]
    if let Some(behind) = behind_what_was_seen(now, seen) {
        return Some(format!("But {behind}"));
    }
    (seen > UnixSeconds::default() && now > seen.plus(LONG_AGO)).then(|| {
        format!(
            "By this device's clock it is {}, and the last log that it has read was signed {} \
             before ({}); if that cannot be, the clock is wrong: set it right",
            show(now),
            Lapse(now.get() - seen.get()),
            show(seen)
        )
    })
}

fn show(time: UnixSeconds) -> String {
    times::show(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> UnixSeconds {
        UnixSeconds::new(seconds).expect("a time")
    }

    #[test]
    fn a_servers_time_is_that_of_its_answer() {
        // [CLI-41]
        let text = Some("Tue, 14 Nov 2023 22:13:20 GMT");
        assert_eq!(date(text, None), Some(at(1_700_000_000)));
        assert_eq!(date(text, Some("40")), Some(at(1_700_000_040)), "kept by a cache");
        for text in [None, Some(""), Some("yesterday"), Some("Tue, 14 Nov 1923 22:13:20 GMT")] {
            assert_eq!(date(text, None), None, "{text:?}");
        }
    }

    #[test]
    fn whose_clock_is_wrong_is_told_as_far_as_can_be_known() {
        // [CLI-41]
        const DAY: u64 = 86_400;
        let now = at(1_700_000_000);
        let (old, future) = (
            CheckpointError::Frozen { age: 365 * DAY },
            CheckpointError::FromTheFuture { ahead: 2 * DAY },
        );
        for (error, date, words) in [
            (old, None, "clock may be wrong, 365 days ahead"),
            (old, Some(now), "news is held back"),
            (
                old,
                Some(now.minus(365 * DAY)),
                "this device's clock is probably wrong, 365 days ahead",
            ),
            (future, None, "clock may be wrong, 2 days behind"),
            (future, Some(now.plus(60)), "the authority's clock was probably wrong"),
            (future, Some(now.plus(2 * DAY)), "probably wrong, 2 days behind"),
        ] {
            let said = suspicion(&error, now, date).expect("two clocks");
            assert!(said.contains(words), "{words}: {said}");
        }
        assert_eq!(suspicion(&CheckpointError::Signature, now, None), None);
        assert_eq!(behind_what_was_seen(now, now.plus(MAX_CLOCK_SKEW)), None);
        assert!(
            behind_what_was_seen(now, now.plus(2 * DAY))
                .is_some_and(|said| { said.contains("2 days behind") })
        );
    }
}
