//! Osaka prefecture, "Osaka COVID-19 Tracing System", 29 May 2020 to 31 December 2022.

use serde_json::Value;

use crate::support::town::{Town, at, date};

const HALL: &str = "Live house Hibiki";
const HALL_SIZE: [&str; 4] = ["--kind", "live-house", "--seats", "120"];
const PARTY: &str = "Hibiki release party";

#[test]
fn attention_below_cluster_does_not_name_the_venue_and_a_cluster_does() {
    let town = Town::new("Osaka Prefecture", "osaka");
    // A facility registers, and prints what hangs at its door.
    let hall = town.venue(HALL, &["--kind", "live-house"]);
    // Visitors register by scanning, on the day of the visit; nobody asks for an address.
    let (afternoon, evening, next_day) = (town.visitor(), town.visitor(), town.visitor());
    afternoon.visit(&hall.printed(), &at(14, 0), 60);
    evening.visit(&hall.printed(), &at(19, 0), 120);
    next_day.visit(&hall.printed(), &at(24 + 19, 0), 60);
    // One infected visitor of a live house with 100 seats or more: below the threshold.
    let first = town.report(HALL, &HALL_SIZE, &at(19, 0), &at(21, 0));
    assert_eq!((&first["verdict"], &first["case"]), (&"below".into(), &Value::Null));
    // The second makes it two of two, and a case for the whole day.
    let second = town.report(HALL, &HALL_SIZE, &at(18, 30), &at(20, 0));
    let explanation = "2 of 2 reports, live house with 100 seats or more, group A → attention";
    assert_eq!(second["explanation"], explanation);
    let opened = &second["opened"];
    assert_eq!((&opened["from"], &opened["to"]), (&at(0, 0).into(), &at(24, 0).into()));
    let case = town.warn(&hall, opened, &[]);
    // Everybody of that day is told, the whole day long, and nobody of the next.
    for visitor in [&afternoon, &evening] {
        let notice = visitor.told();
        assert_eq!((&notice["level"], &notice["venue"]), (&"attention".into(), &Value::Null));
        assert!(!notice.to_string().contains("Hibiki"), "{notice}");
    }
    assert!(next_day.sync().is_empty());
    // It becomes a cluster: now venue, date and time are named, and the consultation centre.
    town.desk(&["publish", "--yes", &case, "--level", "cluster"]);
    let notice = evening.told();
    assert_eq!((&notice["level"], &notice["venue"]["name"]), (&"cluster".into(), &HALL.into()));
    assert!(notice["visit"]["start"].as_str().is_some(), "date and time: {notice}");
    let advice = notice["advice"].as_str().unwrap();
    assert!(advice.contains("症状の有無にかかわらず"), "symptoms or not: {advice}");
    assert!(advice.contains("相談センター"), "the consultation centre: {advice}");
    assert!(next_day.sync().is_empty());
}

#[test]
fn an_event_registers_for_its_day_and_has_a_threshold_of_its_own() {
    let town = Town::new("Osaka Events", "osaka");
    let (start, end) = (at(18, 0), at(22, 0));
    let party = town.venue(PARTY, &["--kind", "event", "--from", &start, "--to", &end]);
    let guest = town.visitor();
    guest.visit(&party.printed(), &at(18, 30), 90);
    // After the event its code is good for nothing.
    guest.0.write("late.png", party.printed());
    let late = at(22, 30);
    guest
        .0
        .noren(&["visitor", "check-in", "late.png", "--at", &late], b"")
        .fails("the code was not valid at");
    // An event of up to 200 people, group A: one report is enough.
    let premises = ["--kind", "live-house", "--event-size", "200"];
    let report = town.report(PARTY, &premises, &at(19, 0), &at(21, 0));
    assert_eq!(report["verdict"], "attention", "{report}");
    // The prefecture named nobody who was infected; the venue's answer is inside the event's time.
    let case = town.warn(&party, &report["opened"], &[]);
    assert_eq!(guest.told()["level"], "attention");
    // Larger events: the published table was not seen, so nothing is decided for the operator.
    let larger = ["--kind", "live-house", "--event-size", "201"];
    let report = town.report("Dome concert", &larger, &at(19, 0), &at(21, 0));
    assert_eq!((&report["verdict"], &report["opened"]), (&"unset".into(), &Value::Null));
    let status = town.desk(&["status"]);
    let of_party = status["venues"].as_array().unwrap().iter().find(|each| each["venue"] == PARTY);
    let of_party = of_party.unwrap();
    assert_eq!((&of_party["standing"], &of_party["day"]), (&"at".into(), &date().into()));
    assert_eq!(of_party["case"], case);
}

#[test]
fn a_restaurant_needs_one_report_and_a_theatre_more() {
    let town = Town::new("Osaka Thresholds", "osaka");
    let verdicts = |venue: &str, premises: &[&str], expected: &[&str]| {
        for (hour, expected) in (10..).zip(expected) {
            let (from, to) = (at(hour, 0), at(hour, 30));
            let words = ["--no-case"];
            let report = town.report(venue, &[premises, &words].concat(), &from, &to);
            assert_eq!(report["verdict"], *expected, "{venue}: {report}");
        }
    };
    verdicts("Izakaya", &["--kind", "restaurant"], &["attention"]);
    verdicts("Small club", &["--kind", "live-house", "--seats", "99"], &["attention"]);
    verdicts("Gym", &["--kind", "gym", "--area", "999"], &["below", "attention"]);
    let theatre = ["--kind", "theatre", "--seats", "100"];
    verdicts("Theatre", &theatre, &["below", "below", "below", "attention"]);
}
