//! Every cell of Osaka's table, and its borders.

use noren::authority::{Finding, Premises, Size, Verdict};
use noren::messages::VenueKind::*;
use noren::messages::{Level, VenueKind};

fn find(kind: VenueKind, size: impl Into<Option<Size>>, reports: u32) -> Finding {
    super::shipped("osaka").evaluate(&Premises { kind, size: size.into() }, reports)
}

/// The number of reports at which the verdict turns from below to attention.
fn threshold(kind: VenueKind, size: impl Into<Option<Size>>) -> Option<u32> {
    let size = size.into();
    let verdict = |reports| find(kind, size, reports).verdict;
    let first = (0..=20).find(|reports| verdict(*reports) == Verdict::Reached(Level::Attention))?;
    assert!((0..first).all(|reports| verdict(reports) == Verdict::Below));
    assert_eq!(find(kind, size, 0).needed, Some(first));
    Some(first)
}

#[test]
fn every_cell_of_the_table_and_its_borders() {
    // [POL-3] [POL-4]
    let seats = Size::Seats;
    let area = Size::SquareMetres;
    for kind in [Restaurant, Bar, Nightclub] {
        for size in [None, Some(seats(1)), Some(seats(5_000)), Some(area(20_000))] {
            assert_eq!(threshold(kind, size), Some(1), "{kind:?} {size:?}");
        }
    }
    for (kind, cells) in [
        (LiveHouse, vec![(seats(0), 1), (seats(99), 1), (seats(100), 2), (seats(u32::MAX), 2)]),
        (SportsClub, vec![(area(999), 1), (area(1_000), 2), (area(9_999), 2)]),
    ] {
        for (size, needed) in cells {
            assert_eq!(threshold(kind, size), Some(needed), "{kind:?} {size:?}");
        }
    }
    for kind in [Gym, Bowling, Karaoke, DanceHall] {
        for (size, needed) in [(0, 2), (999, 2), (1_000, 3), (9_999, 3), (10_000, 5)] {
            assert_eq!(threshold(kind, area(size)), Some(needed), "{kind:?} {size}");
        }
    }
    for kind in [Theatre, Cinema, Shop, School, Office, Other] {
        for (size, needed) in [(99, 3), (100, 4)] {
            assert_eq!(threshold(kind, seats(size)), Some(needed), "{kind:?} {size}");
        }
        for (size, needed) in [(999, 3), (1_000, 4), (9_999, 4), (10_000, 5)] {
            assert_eq!(threshold(kind, area(size)), Some(needed), "{kind:?} {size}");
        }
    }
    for kind in [LiveHouse, SportsClub] {
        assert_eq!(threshold(kind, Size::Attendance(1)), Some(1));
        assert_eq!(threshold(kind, Size::Attendance(200)), Some(1));
    }
}

#[test]
fn where_the_table_is_silent_nothing_is_reached() {
    // [POL-4] [POL-11]
    for (kind, size) in [
        (LiveHouse, None),
        (LiveHouse, Some(Size::SquareMetres(10))),
        (LiveHouse, Some(Size::Attendance(201))),
        (SportsClub, Some(Size::SquareMetres(10_000))),
        (SportsClub, Some(Size::Seats(10))),
        (Gym, Some(Size::Seats(10))),
        (Gym, None),
        (Theatre, Some(Size::Attendance(10))),
        (Other, None),
        (Event, None),
        (Event, Some(Size::Attendance(10))),
        (Event, Some(Size::Seats(10))),
    ] {
        let finding = find(kind, size, 1_000);
        assert_eq!(finding.verdict, Verdict::Unset, "{finding}");
        assert_eq!(finding.needed, None);
    }
}

#[test]
fn the_explanation_names_what_led_to_it() {
    // [POL-5]
    let seats = Size::Seats;
    let area = Size::SquareMetres;
    for (finding, words) in [
        (
            find(LiveHouse, seats(250), 2),
            "2 of 2 reports, live house with 100 seats or more, group A → attention",
        ),
        (
            find(LiveHouse, seats(250), 1),
            "1 of 2 reports, live house with 100 seats or more, group A → below the threshold",
        ),
        (find(Bar, None, 1), "1 of 1 reports, bar → attention"),
        (find(Bar, seats(8), 1), "1 of 1 reports, bar with 8 seats → attention"),
        (
            find(Gym, area(1_500), 3),
            "3 of 3 reports, gym of 1,000 to less than 10,000 m², group B → attention",
        ),
        (
            find(SportsClub, Size::Attendance(200), 1),
            "1 of 1 reports, event of up to 200 people at a sports club, group A → attention",
        ),
        (
            find(LiveHouse, Size::Attendance(201), 3),
            "3 reports: no threshold is set for an event of more than 200 people at a live house, \
             group A",
        ),
        (
            find(SportsClub, area(10_000), 1),
            "1 report: no threshold is set for a sports club of 10,000 m² or more, group A",
        ),
        (
            find(Theatre, None, 3),
            "3 reports, theatre, group C: its size (seats or area) is not known",
        ),
        (
            find(Gym, seats(30), 3),
            "3 reports, gym with 30 seats, group B: thresholds go by area only",
        ),
        (
            find(Event, Size::Attendance(90), 3),
            "3 reports: no threshold is set for an event of 90 people",
        ),
        (
            find(Other, seats(3), 0),
            "0 of 3 reports, venue of another kind with fewer than 100 seats, group C → below the \
             threshold",
        ),
    ] {
        assert_eq!(finding.to_string(), words);
    }
}
