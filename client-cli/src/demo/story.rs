//! Who was where, what was dangerous, and who therefore has to be told.

use noren::time::Day;

use crate::times;

/// A time of the story: the day (0 or 1), hour and minute, UTC.
#[derive(Clone, Copy)]
pub(super) struct At(u32, u32, u32);

impl At {
    pub(super) const fn minutes(self) -> u32 {
        (self.0 * 24 + self.1) * 60 + self.2
    }

    /// As an argument of a command.
    pub(super) fn on(self, day: Day) -> String {
        time(day, self.0 * 24 + self.1, self.2)
    }

    fn shown(self) -> String {
        let next = if self.0 > 0 { " (next day)" } else { "" };
        format!("{:02}:{:02}{next}", self.1, self.2)
    }
}

/// A time so many hours and minutes after a day began.
pub(super) fn time(day: Day, hours: u32, minutes: u32) -> String {
    times::rfc3339(day.start().plus(u64::from(hours * 60 + minutes) * 60))
}

pub(super) struct Venue {
    pub(super) name: &'static str,
    pub(super) address: &'static str,
    pub(super) kind: &'static str,
}

pub(super) struct Visit {
    pub(super) venue: usize,
    pub(super) from: At,
    pub(super) to: At,
}

impl Visit {
    pub(super) fn shown(&self) -> String {
        let name = VENUES.get(self.venue).map_or("", |venue| venue.name);
        format!("{name} {} to {}", self.from.shown(), self.to.shown())
    }
}

pub(super) struct Visitor {
    /// Of five bytes or more: the server's files, which are searched for it, hold so many random bytes
    /// that one of three comes up by chance.
    pub(super) name: &'static str,
    pub(super) visits: &'static [Visit],
    /// The cases that the visitor has to be told of.
    pub(super) told: &'static [usize],
    pub(super) why: &'static str,
}

pub(super) struct Case {
    pub(super) venue: usize,
    pub(super) from: At,
    pub(super) to: At,
    pub(super) level: &'static str,
    pub(super) named: bool,
}

/// The name that a case's notices may show.
pub(super) fn named_venue(case: usize) -> Option<&'static str> {
    let case = CASES.get(case).filter(|case| case.named)?;
    Some(VENUES.get(case.venue)?.name)
}

/// The level at which a town warns of a venue: each of the two, so that both can be seen.
pub(super) const fn level_at(venue: usize) -> &'static str {
    if venue == LIVE_HOUSE { "cluster" } else { "attention" }
}

pub(super) const VENUES: &[Venue] = &[
    Venue { name: "Izakaya Noren", address: "1-2-3 Umeda, Osaka", kind: "restaurant" },
    Venue { name: "Live House Hibiki", address: "4-5 Sannomiya, Kobe", kind: "live-house" },
    Venue { name: "Minato Library", address: "6-7 Kawaramachi, Kyoto", kind: "other" },
    Venue { name: "Izakaya Noren", address: "1-2-3 Umeda, Osaka", kind: "restaurant" },
];

pub(super) const TWIN: &str =
    "there are two Izakaya Noren with the same name and address; they have different keys";

const IZAKAYA: usize = 0;
const LIVE_HOUSE: usize = 1;
const LIBRARY: usize = 2;
const TWIN_IZAKAYA: usize = 3;

pub(super) const CASES: &[Case] = &[
    Case {
        venue: IZAKAYA,
        from: At(0, 18, 20),
        to: At(0, 20, 10),
        level: "attention",
        named: false,
    },
    Case {
        venue: LIVE_HOUSE,
        from: At(0, 23, 30),
        to: At(1, 0, 40),
        level: "cluster",
        named: true,
    },
];

const fn visit(venue: usize, from: At, to: At) -> Visit {
    Visit { venue, from, to }
}

pub(super) const VISITORS: &[Visitor] = &[
    Visitor {
        name: "Akiko",
        visits: &[visit(IZAKAYA, At(0, 15, 0), At(0, 16, 30))],
        told: &[],
        why: "left before: no key of her hours was published, so none of her records opens",
    },
    Visitor {
        name: "Bunji",
        visits: &[visit(IZAKAYA, At(0, 17, 0), At(0, 18, 20))],
        told: &[],
        why: "left as the window began: one record opens, but visit and window only touch",
    },
    Visitor {
        name: "Chieko",
        visits: &[visit(IZAKAYA, At(0, 17, 0), At(0, 18, 21))],
        told: &[0],
        why: "there for the first minute of the window",
    },
    Visitor {
        name: "Daichi",
        visits: &[visit(IZAKAYA, At(0, 19, 0), At(0, 19, 30))],
        told: &[0],
        why: "there inside the window",
    },
    Visitor {
        name: "Emiko",
        visits: &[visit(IZAKAYA, At(0, 16, 30), At(0, 22, 0))],
        told: &[0],
        why: "there before, during and after: three hours open, one notice",
    },
    Visitor {
        name: "Fumio",
        visits: &[visit(IZAKAYA, At(0, 20, 10), At(0, 21, 0))],
        told: &[],
        why: "came as the window ended: one record opens, but visit and window only touch",
    },
    Visitor {
        name: "Goichi",
        visits: &[visit(IZAKAYA, At(0, 21, 30), At(0, 22, 30))],
        told: &[],
        why: "other hours of the same evening: their keys were not published",
    },
    Visitor {
        name: "Hanako",
        visits: &[visit(LIVE_HOUSE, At(0, 19, 0), At(0, 20, 0))],
        told: &[],
        why: "the same hour at another venue: another key",
    },
    Visitor {
        name: "Ichiro",
        visits: &[visit(IZAKAYA, At(1, 19, 0), At(1, 20, 0))],
        told: &[],
        why: "the same place and hour a day later: another key",
    },
    Visitor {
        name: "Junko",
        visits: &[visit(LIVE_HOUSE, At(0, 23, 0), At(1, 0, 20))],
        told: &[1],
        why: "stayed past midnight: records on both days, one notice",
    },
    Visitor {
        name: "Kaori",
        visits: &[visit(LIVE_HOUSE, At(0, 22, 0), At(0, 23, 29))],
        told: &[],
        why: "left a minute before the window",
    },
    Visitor {
        name: "Leonie",
        visits: &[visit(LIVE_HOUSE, At(1, 0, 35), At(1, 1, 30))],
        told: &[1],
        why: "came after midnight, still inside the window",
    },
    Visitor {
        name: "Meiko",
        visits: &[visit(TWIN_IZAKAYA, At(0, 19, 0), At(0, 20, 0))],
        told: &[],
        why: "a venue with the same name and address, but its own key",
    },
    Visitor {
        name: "Noriko",
        visits: &[
            visit(IZAKAYA, At(0, 19, 0), At(0, 20, 0)),
            visit(LIVE_HOUSE, At(0, 23, 40), At(1, 0, 10)),
        ],
        told: &[0, 1],
        why: "two visits, two notices",
    },
    Visitor {
        name: "Otohiko",
        visits: &[visit(LIBRARY, At(0, 12, 0), At(0, 20, 0))],
        told: &[],
        why: "a venue that nobody asked for its keys",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_comes_up_by_chance_among_random_bytes() {
        let names = VENUES.iter().map(|venue| venue.name);
        let names = names.chain(VISITORS.iter().map(|visitor| visitor.name));
        assert!(names.into_iter().all(|name| name.len() >= 5));
    }
}
