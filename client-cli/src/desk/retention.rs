//! What devices still keep of a time: a warning for what they have forgotten reaches nobody.

use anyhow::ensure;
use noren::time::{Day, UnixSeconds, Window};

use super::Desk;
use crate::text::counted;
use crate::times;

/// The first day of which devices keep records, by the authority's own profile.
pub(super) fn first_day(desk: &Desk<'_>) -> anyhow::Result<Day> {
    let days = desk.profile.profile().retention_days;
    Ok(Day::containing(desk.now()?).minus(days))
}

/// Refuses a window of which no device has a record any more, and tells of hours of which that is
/// true.
pub(super) fn check(desk: &Desk<'_>, window: Window) -> anyhow::Result<()> {
    // [CLI-30]
    let first = first_day(desk)?;
    ensure!(
        !is_forgotten(window, first),
        "{} is too long ago: devices keep records for {}, and nobody could be warned any more",
        times::show_window(window),
        counted(desk.profile.profile().retention_days, "day")
    );
    remark(desk, window)
}

/// Refuses a window that devices will have forgotten by the time of a release.
pub(super) fn check_release(
    desk: &Desk<'_>,
    window: Window,
    release: UnixSeconds,
) -> anyhow::Result<()> {
    // [CLI-30] [CLI-35]
    let first = Day::containing(release).minus(desk.profile.profile().retention_days);
    ensure!(
        !is_forgotten(window, first),
        "devices will have forgotten {} by the next release, {}: publish it with --at-once",
        times::show_window(window),
        times::show(release)
    );
    Ok(())
}

/// Tells of hours of a window whose records no device has any more.
pub(super) fn remark(desk: &Desk<'_>, window: Window) -> anyhow::Result<()> {
    // [CLI-30]
    let first = first_day(desk)?;
    let part = if is_forgotten(window, first) {
        "nothing".to_owned()
    } else if window.start() < first.start() {
        format!("nothing before {}", times::show(first.start()))
    } else {
        return Ok(());
    };
    let days = counted(desk.profile.profile().retention_days, "day");
    desk.say(format!(
        "warning: devices keep records for {days}, and of this window {part} any more"
    ));
    Ok(())
}

/// Tells of a window whose keys cannot be had yet.
pub(super) fn remark_unfinished(desk: &Desk<'_>, window: Window) -> anyhow::Result<()> {
    // [REV-13]
    let (now, over): (UnixSeconds, _) = (desk.now()?, window.over_at());
    if now < over {
        desk.say(format!(
            "warning: the window is not over, and none of its keys must be known before {}: it can \
             be answered and published from then on",
            times::show(over)
        ));
    }
    Ok(())
}

fn is_forgotten(window: Window, first: Day) -> bool {
    Day::containing(window.end().minus(1)) < first
}
