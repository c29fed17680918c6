//! The plain world: venues with kinds and popularity, people with habits, visits.

use noren::authority::{Premises, Size};
use noren::messages::VenueKind;

use super::random::{Dice, Purpose};
use super::scenario::Scenario;

/// The length of a day in seconds.
pub const DAY: u64 = 86_400;
const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;
const QUARTER: u64 = 900;
/// 2023-11-15T00:00:00Z: the first day, for whoever lives at UTC.
const START: u64 = 1_700_006_400;
/// How many venues somebody goes to again and again, and how often it is one of them.
const FAVOURITES: usize = 3;
const TO_A_FAVOURITE: f64 = 0.6;
/// How many times come in by hand, in quarters of an hour: windows and stays then touch.
const BY_HAND: f64 = 0.33;
/// How many forget to check out, so that the visit lasts as long as the venue's code says.
const FORGOTTEN: f64 = 0.15;
/// Groups of people: how many of a hundred, and how often they check in compared with the mean.
const HABITS: [(f64, f64); 4] = [(0.60, 0.3), (0.90, 1.3), (0.99, 4.0), (1.0, 7.0)];

/// What visits are like at venues of a kind. Assumed.
#[derive(Debug)]
pub struct Customs {
    /// The kind.
    pub kind: VenueKind,
    /// How many of a hundred venues are of this kind, this and all before.
    up_to: u64,
    /// The first and the last hour of arrival, local; past 24 is after midnight.
    arrival: (u64, u64),
    /// The shortest and the longest stay in minutes.
    stay: (u64, u64),
    /// The stay that the code gives, in minutes: none is longer.
    pub typical: u16,
    /// What its size is counted in, where the policy asks for it.
    size: Option<Measured>,
}

/// A size that half of the venues are smaller than.
#[derive(Debug)]
struct Measured {
    size: fn(u32) -> Size,
    median: u32,
}

const fn customs(
    kind: VenueKind,
    up_to: u64,
    arrival: (u64, u64),
    stay: (u64, u64),
    typical: u16,
    size: Option<Measured>,
) -> Customs {
    Customs { kind, up_to, arrival, stay, typical, size }
}

const fn area(median: u32) -> Option<Measured> {
    Some(Measured { size: Size::SquareMetres, median })
}

const fn seats(median: u32) -> Option<Measured> {
    Some(Measured { size: Size::Seats, median })
}

static CUSTOMS: [Customs; 10] = [
    customs(VenueKind::Restaurant, 45, (11, 21), (25, 120), 120, None),
    customs(VenueKind::Bar, 60, (18, 25), (30, 240), 240, None),
    customs(VenueKind::Nightclub, 64, (20, 26), (60, 360), 360, None),
    customs(VenueKind::LiveHouse, 66, (17, 20), (90, 240), 240, seats(120)),
    customs(VenueKind::Gym, 72, (6, 22), (30, 150), 150, area(700)),
    customs(VenueKind::Karaoke, 78, (13, 25), (60, 300), 300, area(500)),
    customs(VenueKind::Cinema, 82, (10, 22), (90, 210), 210, seats(150)),
    customs(VenueKind::Shop, 90, (9, 20), (5, 60), 60, area(600)),
    customs(VenueKind::Office, 97, (7, 11), (240, 600), 600, area(800)),
    customs(VenueKind::SportsClub, 100, (7, 21), (45, 180), 180, area(900)),
];

/// A visit as the device knows it, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Visit {
    /// The arrival.
    pub arrival: u64,
    /// The departure; after a forgotten check-out, when the code's typical stay is over.
    pub departure: u64,
    /// The venue.
    pub venue: u32,
    /// Whether the visitor forgets to check out.
    pub forgotten: bool,
}

/// Venues, people and days.
#[derive(Debug)]
pub struct World {
    seed: u64,
    people: u32,
    days: u32,
    rate: f64,
    utc_offset: u64,
    batches: u32,
    venues: Vec<(u8, u32)>,
    /// What else the investigation is bounded by.
    pub(super) limits: (u32, usize),
}

impl World {
    /// The world of a scenario.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64) -> Self {
        let mut dice = Dice::new(seed, Purpose::Venues, 0);
        let venues = (0..scenario.venues).map(|_| venue(&mut dice)).collect();
        Self {
            seed,
            people: scenario.people,
            days: scenario.days,
            rate: f64::from(scenario.check_ins_a_day) / f64::from(scenario.people),
            utc_offset: scenario.utc_offset,
            batches: scenario.batches_a_day,
            venues,
            limits: (scenario.patients_a_day, scenario.cases_a_day),
        }
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The number of people.
    #[must_use]
    pub const fn people(&self) -> u32 {
        self.people
    }

    /// The number of days.
    #[must_use]
    pub const fn days(&self) -> u32 {
        self.days
    }

    /// How often a day the authority publishes.
    #[must_use]
    pub const fn batches(&self) -> u32 {
        self.batches
    }

    /// The number of venues.
    #[must_use]
    pub const fn venues(&self) -> usize {
        self.venues.len()
    }

    /// The first second of a local day.
    #[must_use]
    pub fn midnight(&self, day: u32) -> u64 {
        START - self.utc_offset + u64::from(day) * DAY
    }

    /// The local day of a time.
    #[must_use]
    pub fn local_day(&self, time: u64) -> u64 {
        (time - self.midnight(0)) / DAY
    }

    /// When a batch is published: from eight in the morning on.
    #[must_use]
    pub fn batch_time(&self, day: u32, number: u32) -> u64 {
        self.midnight(day) + 8 * HOUR + u64::from(number) * (14 * HOUR / u64::from(self.batches))
    }

    /// What visits to a venue are like.
    #[must_use]
    pub fn customs(&self, venue: u32) -> &'static Customs {
        &CUSTOMS[usize::from(self.venues[venue as usize].0)]
    }

    /// What the policy wants to know of a venue.
    #[must_use]
    pub fn premises(&self, venue: u32) -> Premises {
        let customs = self.customs(venue);
        let size = customs.size.as_ref().map(|known| (known.size)(self.venues[venue as usize].1));
        Premises { kind: customs.kind, size }
    }

    /// Everything that a person does, in order of time; nobody is at two places at once.
    #[must_use]
    pub fn visits(&self, person: u32) -> Vec<Visit> {
        let mut dice = Dice::new(self.seed, Purpose::People, person.into());
        let group = dice.unit();
        let factor = HABITS.iter().find(|(up_to, _)| group < *up_to).map_or(1.0, |each| each.1);
        let rate = self.rate * factor;
        let count = self.venues.len() as u32;
        let favourites = [(); FAVOURITES].map(|()| dice.rank(count));
        let mut visits = Vec::new();
        for day in 0..self.days {
            let often = rate as u32 + u32::from(dice.chance(rate.fract()));
            for _ in 0..often {
                let venue = match dice.chance(TO_A_FAVOURITE) {
                    true => favourites[dice.between(0, FAVOURITES as u64) as usize],
                    false => dice.rank(count),
                };
                visits.push(self.visit(venue, day, &mut dice));
            }
        }
        visits.sort_unstable();
        let mut free = 0;
        visits.retain(|visit| {
            let possible = visit.arrival > free;
            free = if possible { visit.departure } else { free };
            possible
        });
        visits
    }

    fn visit(&self, venue: u32, day: u32, dice: &mut Dice) -> Visit {
        let customs = self.customs(venue);
        let (first, last) = customs.arrival;
        let mut arrival = self.midnight(day) + dice.between(first * HOUR, last * HOUR);
        let (shortest, longest) = customs.stay;
        let (a, b) = (dice.unit(), dice.unit());
        let minutes = shortest as f64 + a * b * (longest - shortest) as f64;
        let mut stay = (minutes * MINUTE as f64) as u64;
        if dice.chance(BY_HAND) {
            arrival -= arrival % QUARTER;
            stay = stay.next_multiple_of(QUARTER);
        }
        let forgotten = dice.chance(FORGOTTEN);
        let stay = if forgotten { u64::from(customs.typical) * MINUTE } else { stay };
        Visit { arrival, departure: arrival + stay, venue, forgotten }
    }
}

/// Kind and size of a venue.
fn venue(dice: &mut Dice) -> (u8, u32) {
    let share = dice.between(0, 100);
    let kind = CUSTOMS.iter().position(|customs| share < customs.up_to).unwrap_or(0);
    let median = CUSTOMS[kind].size.as_ref().map_or(0, |known| known.median);
    let size = match dice.chance(0.5) {
        true => dice.between(u64::from(median) / 4, median.into()),
        false => dice.between(median.into(), u64::from(median) * 6),
    };
    (kind as u8, size as u32)
}
