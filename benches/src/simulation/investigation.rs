//! Who is ill, what the authority comes to know of it, and what it decides by its policy. Plain
//! times and venues, no keys.

use std::collections::{BTreeMap, BTreeSet};

use noren::authority::{Policy, Verdict};
use noren::messages::{Level, MAX_HOURS};
use noren::time::{TimeError, UnixSeconds, Window};

use super::random::{Dice, Purpose};
use super::world::{DAY, World};

/// From how many days before the diagnosis on somebody was infectious.
const INFECTIOUS_DAYS: u64 = 5;
/// The share of visits that a patient remembers.
const REMEMBERED: f64 = 0.8;
/// The share of venues that answer the authority.
const ANSWERED: f64 = 0.8;
const HOUR: u64 = 3_600;

/// From when to before when, in seconds since 1970.
pub type Span = (u64, u64);

/// What is published for one venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warning {
    /// The day on which it is published.
    pub day: u32,
    /// The batch of that day.
    pub batch: u32,
    /// The venue.
    pub venue: u32,
    /// What it covers.
    pub window: Window,
    /// How serious it is.
    pub level: Level,
}

/// What happened, and what was done about it.
#[derive(Debug, Default)]
pub struct Investigation {
    /// People diagnosed.
    pub patients: usize,
    /// Stays of infectious people, known to the authority or not, by venue.
    pub infectious: BTreeMap<u32, Vec<Span>>,
    /// Stays that were remembered in an interview.
    pub reported: usize,
    /// Reports that were too few for the policy, each time a group of reports was looked at.
    pub below: usize,
    /// Venues that staff had no time for.
    pub left_over: usize,
    /// Venues that did not answer.
    pub unanswered: usize,
    /// What is published, in order.
    pub warnings: Vec<Warning>,
    /// The windows that stand in the end, by venue.
    pub standing: BTreeMap<u32, Vec<Span>>,
}

/// The stays reported for a venue and local day.
type Reports = BTreeMap<(u32, u64), BTreeSet<(u32, Span)>>;

impl Investigation {
    /// All days of a world under a policy.
    #[must_use]
    pub fn new(world: &World, policy: &Policy) -> Self {
        let mut dice = Dice::new(world.seed(), Purpose::Investigation, 0);
        let mut own = Self::default();
        let mut reports = Reports::new();
        // The first day has no past.
        for day in 1..world.days() {
            let touched = own.interviews(world, day, &mut dice, &mut reports);
            own.decide(world, policy, day, &mut dice, &reports, touched);
        }
        own
    }

    /// Asks the patients of a day; which venues and days they name.
    fn interviews(
        &mut self,
        world: &World,
        day: u32,
        dice: &mut Dice,
        reports: &mut Reports,
    ) -> BTreeSet<(u32, u64)> {
        let morning = world.midnight(day);
        let since = morning.saturating_sub(INFECTIOUS_DAYS * DAY);
        let mut touched = BTreeSet::new();
        let mut found = 0;
        while found < world.limits.0 {
            let person = dice.between(0, world.people().into()) as u32;
            let mut visits = world.visits(person);
            visits.retain(|visit| since <= visit.arrival && visit.departure <= morning);
            found += u32::from(!visits.is_empty());
            for visit in visits {
                let stay = (visit.arrival, visit.departure);
                self.infectious.entry(visit.venue).or_default().push(stay);
                if dice.chance(REMEMBERED) {
                    let key = (visit.venue, world.local_day(visit.arrival));
                    reports.entry(key).or_default().insert((person, stay));
                    touched.insert(key);
                    self.reported += 1;
                }
            }
        }
        self.patients += found as usize;
        touched
    }

    fn decide(
        &mut self,
        world: &World,
        policy: &Policy,
        day: u32,
        dice: &mut Dice,
        reports: &Reports,
        touched: BTreeSet<(u32, u64)>,
    ) {
        let mut asked = 0;
        for key in touched {
            let stays = &reports[&key];
            let people: BTreeSet<u32> = stays.iter().map(|(person, _)| *person).collect();
            let finding = policy.evaluate(&world.premises(key.0), people.len() as u32);
            let Verdict::Reached(level) = finding.verdict else {
                self.below += 1;
                continue;
            };
            if asked == world.limits.1 {
                self.left_over += 1;
                continue;
            }
            asked += 1;
            if !dice.chance(ANSWERED) {
                self.unanswered += 1;
                continue;
            }
            let midnight = world.midnight(0) + key.1 * DAY;
            let windows = stays.iter().filter_map(|(_, stay)| {
                Some(policy.window(span(*stay).ok()?, span((midnight, midnight + DAY)).ok()?))
            });
            let windows = self.settle(key.0, windows);
            // What was decided an hour ago and is not out yet goes out as it stands now.
            let replaced = |old: &Warning| windows.iter().any(|new| new.contains(old.window));
            self.warnings.retain(|old| (old.day, old.venue) != (day, key.0) || !replaced(old));
            let batch = key.0 % world.batches();
            let warning = |window| Warning { day, batch, venue: key.0, window, level };
            self.warnings.extend(windows.iter().copied().map(warning));
        }
    }

    /// Adds windows to those that stand at a venue; what has to be published for it.
    ///
    /// For each hour the latest notice stands alone. Windows with an hour in common are therefore
    /// published as one; where that is more than an upload can hold, each in whole hours, so that
    /// nobody was there in the common hour and outside of either.
    pub(super) fn settle(
        &mut self,
        venue: u32,
        windows: impl Iterator<Item = Window>,
    ) -> Vec<Window> {
        let standing = self.standing.entry(venue).or_default();
        let mut changed = BTreeSet::new();
        for window in windows {
            let new = (window.start().get(), window.end().get());
            if standing.iter().any(|old| old.0 <= new.0 && new.1 <= old.1) {
                continue;
            }
            let (mut joined, apart): (Vec<Span>, Vec<Span>) = standing
                .iter()
                .partition(|old| hours(**old).0 < hours(new).1 && hours(new).0 < hours(**old).1);
            joined.push(new);
            let hull = joined.iter().fold(new, |a, b| (a.0.min(b.0), a.1.max(b.1)));
            let (from, to) = hours(hull);
            *standing = apart;
            changed.retain(|old| !joined.contains(old));
            let now = if (to - from) / HOUR <= MAX_HOURS as u64 {
                vec![hull]
            } else {
                joined.into_iter().map(hours).collect()
            };
            standing.extend(&now);
            changed.extend(now);
        }
        changed.into_iter().filter_map(|each| span(each).ok()).collect()
    }
}

/// The whole hours that a span touches.
const fn hours((start, end): Span) -> Span {
    (start / HOUR * HOUR, end.div_ceil(HOUR) * HOUR)
}

fn span((start, end): Span) -> Result<Window, TimeError> {
    Window::new(UnixSeconds::new(start)?, UnixSeconds::new(end)?)
}
