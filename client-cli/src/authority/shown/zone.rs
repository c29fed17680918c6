//! The time zone of the authority's days beside that of this machine.

use jiff::tz::TimeZone;

use crate::context::Context;
use crate::times::zone_name;

/// Tells an operator whose machine stands in another zone than the authority's days.
pub(in crate::authority) fn warn_of_other_zone(context: &Context, zone: &str) {
    let (own, now) = (TimeZone::system(), context.now());
    let Ok(now) = now else { return };
    let own = zone_name(now, &own);
    if own != zone {
        context.output.say(format!(
            "A day is one of {zone}; the times that you type and read at this machine are {own}."
        ));
    }
}
