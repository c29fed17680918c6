//! Several authorities: each its own log, keys, policy and time zone.

use crate::support::town::{Town, at, date};

const BAR: &str = "Bar Noren";

#[test]
fn a_visitor_is_warned_by_every_authority_that_is_followed() {
    let osaka = Town::new("Osaka", "osaka");
    let hyogo = Town::new("Hyogo", "hyogo");
    let far = osaka.office.noren(&["authority", "policy", "show", "osaka"], b"").out;
    let far = Town::new("Lisbon", &far.replace("Asia/Tokyo", "Europe/Lisbon"));
    let visitor = osaka.visitor();
    visitor.follow(&hyogo);
    visitor.follow(&far);
    let bars = [&osaka, &hyogo, &far].map(|town| town.venue(BAR, &["--kind", "bar"]));
    for (bar, hour) in bars.iter().zip([10, 14, 18]) {
        visitor.visit(&bar.printed(), &at(hour, 0), 60);
    }
    // The same evening hour in Japan is another local day in Portugal.
    let late = at(32, 30);
    let report = far.report(BAR, &["--kind", "bar"], &late, &at(32, 45));
    assert_eq!(report["day"], date(), "half past eight in the morning there is still that night");
    let bar = ["--kind", "bar"];
    let opened = osaka.report(BAR, &bar, &at(9, 0), &at(11, 0))["opened"].clone();
    osaka.warn(&bars[0], &opened, &[]);
    hyogo.report(BAR, &bar, &at(13, 0), &at(15, 0));
    let opened = hyogo.desk(&["case", "open", "--venue", BAR, "--day", &date()]);
    hyogo.warn(&bars[1], &opened, &["--level", "cluster"]);
    far.warn(&bars[2], &report["opened"], &[]);
    let notices = visitor.sync();
    let mut from: Vec<_> = notices.iter().map(|each| each["authority"].as_str().unwrap()).collect();
    from.sort_unstable();
    assert_eq!(from, ["Hyogo", "Lisbon", "Osaka"]);
    // One that is away does not keep the others from warning.
    drop(hyogo);
    let ran = visitor.0.noren(&["--json", "visitor", "sync"], b"");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("Hyogo") && !ran.err.contains("Osaka"), "{ran:?}");
}
