//! Kyoto city, "Anshin (peace-of-mind) tracking service", from 1 June 2020.

use serde_json::Value;

use crate::support::town::{Town, at, date, days_later};

const TEMPLE: &str = "Night viewing at the temple";

#[test]
fn unnamed_except_for_a_cluster_and_gone_after_about_a_month() {
    let town = Town::new("Kyoto City", "kyoto-city");
    // A facility, a shop or an event registers; the city's server is where each code leads.
    let (start, end) = (at(17, 0), at(22, 0));
    let event = town.venue(TEMPLE, &["--kind", "event", "--from", &start, "--to", &end]);
    let shop = town.venue("Teramachi Books", &["--kind", "shop"]);
    let (guest, customer) = (town.visitor(), town.visitor());
    guest.visit(&event.printed(), &at(18, 0), 60);
    customer.visit(&shop.printed(), &at(18, 0), 60);
    town.report(TEMPLE, &["--kind", "event", "--event-size", "300"], &at(19, 0), &at(20, 0));
    let opened = town.desk(&["case", "open", "--venue", TEMPLE, "--day", &date()]);
    let case = town.warn(&event, &opened, &["--level", "attention"]);
    // The same day, the venue unnamed, and what to do.
    let notice = guest.told();
    assert_eq!((&notice["level"], &notice["venue"]), (&"attention".into(), &Value::Null));
    assert!(!notice.to_string().contains("temple"), "{notice}");
    let advice = notice["advice"].as_str().unwrap();
    assert!(advice.contains("体調") || advice.contains("健康"), "health monitoring: {advice}");
    assert!(
        advice.contains("医") || advice.contains("保健所"),
        "a doctor or health centre: {advice}"
    );
    assert!(customer.sync().is_empty());
    town.desk(&["publish", "--yes", &case, "--level", "cluster"]);
    assert_eq!(guest.told()["venue"]["name"], TEMPLE);
    // Registrations were deleted after about a month; records are, on the device.
    let kept = |days: i64| {
        let words = ["--json", "--now", &days_later(days), "visitor", "visits"];
        let visits: Value = serde_json::from_str(&customer.0.noren(&words, b"").out).unwrap();
        visits["closed"].as_array().unwrap().len()
    };
    // One use makes no day certain. [VLT-10]
    assert_eq!(kept(29), 1);
    // Records are kept by UTC days: the midnight of a day in Japan belongs to the day before.
    assert_eq!((kept(31), kept(32)), (1, 0));
}
