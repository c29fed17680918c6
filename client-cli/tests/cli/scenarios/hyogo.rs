//! Hyogo prefecture, "new-corona tracing system", from 10 July 2020.

use serde_json::Value;

use crate::support::town::{Town, at, date};

const CLUB: &str = "Sports club Rokko";

/// The prefecture's policy with the telephone number that only it can know.
fn policy(town: &Town) -> String {
    let shipped = town.office.noren(&["authority", "policy", "show", "hyogo"], b"").out;
    let contact = "[[contact]]\nlanguage = \"ja\"\nlabel = \"コールセンター\"\n\
        value = \"078-000-0000\"\nhours = \"9時から17時30分\"\n";
    format!("{shipped}\n{contact}")
}

#[test]
fn staff_judge_and_the_notice_names_venue_date_and_call_centre() {
    let town = Town::new("Hyogo Prefecture", "hyogo");
    let ours = policy(&town);
    town.office.write("ours.toml", ours);
    town.desk(&["policy", "set", "ours.toml", "--yes"]);
    // A venue registers, agrees to be named, and posts its code, often ten and more per site.
    let club = town.venue(CLUB, &["--kind", "sports-club"]);
    let (member, other_day) = (town.visitor(), town.visitor());
    member.visit(&club.printed(), &at(10, 0), 90);
    other_day.visit(&club.printed(), &at(-14, 0), 90);
    // A visitor from elsewhere, who follows the prefecture of home as well.
    let home = Town::new("Home Prefecture", "plain");
    let traveller = home.visitor();
    traveller.follow(&town);
    traveller.visit(&club.printed(), &at(11, 0), 30);
    // One report: no number decides, staff do, also below a cluster.
    let premises = ["--kind", "sports-club", "--area", "800"];
    let report = town.report(CLUB, &premises, &at(9, 0), &at(12, 0));
    assert_eq!((&report["verdict"], &report["opened"]), (&"staff".into(), &Value::Null));
    let day = date();
    let opened = town.desk(&["case", "open", "--venue", CLUB, "--day", &day]);
    let case = opened["case"].as_str().unwrap();
    club.answer(&opened);
    town.try_desk(&["publish", "--yes", case]).fails("--level");
    town.desk(&["publish", "--yes", case, "--level", "attention"]);
    for visitor in [&member, &traveller] {
        let notice = visitor.told();
        assert_eq!(notice["authority"], "Hyogo Prefecture");
        assert_eq!(
            (&notice["level"], &notice["venue"]["name"]),
            (&"attention".into(), &CLUB.into())
        );
        assert!(notice["visit"]["start"].as_str().is_some(), "the date of use: {notice}");
        let contact = &notice["contacts"][0];
        assert_eq!(
            (&contact["label"], &contact["value"]),
            (&"コールセンター".into(), &"078-000-0000".into())
        );
    }
    assert!(other_day.sync().is_empty());
    // The venue learned nothing of its visitors, and the prefecture has no list of them.
    let kept = town.office.noren(&["--json", "authority", "journal"], b"").out;
    assert!(!kept.contains(&at(10, 0)), "no visitor's time: {kept}");
}

#[test]
fn a_site_posts_many_codes() {
    let town = Town::new("Hyogo Rooms", "hyogo");
    let site = town.visitor();
    site.0.write("profile", town.office.read("profile"));
    site.0.write("passphrase", "six words by dice make this long enough");
    let setup = ["organisation", "setup", "--authority", "profile", "--out", "site.organisation"];
    let cheap = ["--cost", "32,1,1", "--passphrase-file", "passphrase"];
    site.0.json(&[&setup[..], &cheap].concat(), b"");
    let (from, to) = (at(-240, 0), at(240, 0));
    let rooms: String =
        (1..=12).map(|i| format!("Onsen hotel,1-2-3 Arima,Room {i},other,{from},{to}\n")).collect();
    site.0.write("rooms.csv", format!("name,address,room,kind,from,to\n{rooms}"));
    let add = ["organisation", "add", "--organisation", "site.organisation", "--csv", "rooms.csv"];
    site.0.json(&[&add[..], &["--authority", "profile", "--out", "rooms"]].concat(), b"");
    let folders = std::fs::read_dir(site.0.path("rooms")).unwrap();
    let posters: Vec<_> = folders
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|folder| std::fs::read(folder.join("poster.png")).unwrap())
        .collect();
    assert_eq!(posters.len(), 12);
    let guest = town.visitor();
    let visit = guest.visit(&posters[7], &at(20, 0), 60);
    assert_eq!(visit["venue"], "Onsen hotel");
}
