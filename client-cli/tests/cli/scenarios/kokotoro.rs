//! Kyoto prefecture, "Kokotoro" emergency contact service, from 1 July 2020.

use crate::support::town::{Town, at, date};

const CAFE: &str = "Cafe Kamogawa";

#[test]
fn those_of_the_same_day_are_given_the_dedicated_line_to_call() {
    let town = Town::new("Kyoto Prefecture", "kyoto-prefecture");
    let shipped = town.office.noren(&["authority", "policy", "show", "kyoto-prefecture"], b"").out;
    let line =
        "[[contact]]\nlanguage = \"ja\"\nlabel = \"専用相談窓口\"\nvalue = \"075-000-0000\"\n";
    town.office.write("ours.toml", format!("{shipped}\n{line}"));
    town.desk(&["policy", "set", "ours.toml", "--yes"]);
    // The shop registers its name and address; the visitor checks in in an app, and sees that it
    // has worked.
    let cafe = town.venue(CAFE, &["--kind", "restaurant", "--stay", "60m"]);
    let (morning, evening, eve) = (town.visitor(), town.visitor(), town.visitor());
    morning.0.write("poster.png", cafe.printed());
    let words = ["visitor", "check-in", "poster.png", "--at", &at(9, 0), "--for", "45m"];
    let ran = morning.0.noren(&words, b"");
    assert!(ran.code == Some(0) && ran.out.contains("checked in: Cafe Kamogawa"), "{ran:?}");
    evening.visit(&cafe.printed(), &at(20, 0), 60);
    eve.visit(&cafe.printed(), &at(-4, 0), 60);
    // Somebody was infected there at noon, and told the health centre.
    town.report(CAFE, &["--kind", "restaurant"], &at(12, 0), &at(13, 0));
    let opened = town.desk(&["case", "open", "--venue", CAFE, "--day", &date()]);
    assert_eq!(
        (opened["from"].as_str(), opened["to"].as_str()),
        (Some(&*at(0, 0)), Some(&*at(24, 0)))
    );
    town.warn(&cafe, &opened, &["--level", "attention"]);
    for visitor in [&morning, &evening] {
        let notice = visitor.told();
        let contact = &notice["contacts"][0];
        assert_eq!(
            (&contact["label"], &contact["value"]),
            (&"専用相談窓口".into(), &"075-000-0000".into())
        );
    }
    assert!(eve.sync().is_empty(), "the day before is another day");
    // In the terminal, and as a page to show at the counter.
    let shown = morning.0.noren(&["visitor", "notices", "--language", "ja"], b"").out;
    assert!(shown.contains("075-000-0000") && shown.contains("専用相談窓口"), "{shown}");
    morning.0.noren(&["visitor", "notices", "--language", "ja", "--html", "notice.html"], b"");
    let page = String::from_utf8(morning.0.read("notice.html")).unwrap();
    assert!(page.contains("075-000-0000") && !page.contains("://"), "{page}");
}
