//! One look at everybody: how many visits and warnings there are, and whom to take for the sample.

use std::collections::BTreeSet;
use std::thread;

use crate::Options;
use crate::investigation::Investigation;
use crate::random::mixed;
use crate::truth::{Truth, shared_seconds};
use crate::world::{Visit, World};

/// Why somebody is in the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Has to be warned.
    Warned,
    /// A visit ends when a window at the same venue begins, or begins when it ends.
    Touching,
    /// A visit shares less with the window than the policy wants.
    TooShort,
    /// Same venue, same local day, outside the window.
    SameDay,
    /// Same venue, another day.
    OtherDay,
    /// In the window, at a venue with the number next to the warned one.
    Neighbour,
    /// Anybody with a visit.
    Anybody,
    /// Among those who go out most.
    Busy,
}

impl Reason {
    /// Every reason, with the words for it.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Warned, "have to be warned"),
        (Self::Touching, "a visit only touches the window"),
        (Self::TooShort, "a visit shares less than the minimum"),
        (Self::SameDay, "same venue and day, outside the window"),
        (Self::OtherDay, "same venue, another day"),
        (Self::Neighbour, "same time, the venue with the next number"),
        (Self::Anybody, "anybody with a visit"),
        (Self::Busy, "ten visits or more"),
    ];
}

/// Those of a group with the smallest mixed numbers: a sample that has no order and can be merged.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// How many there are.
    pub people: u64,
    chosen: BTreeSet<(u64, u32)>,
}

impl Group {
    fn add(&mut self, key: u64, person: u32, most: usize) {
        self.people += 1;
        self.chosen.insert((key, person));
        if self.chosen.len() > most {
            self.chosen.pop_last();
        }
    }

    fn merge(&mut self, other: Self, most: usize) {
        self.people += other.people;
        self.chosen.extend(other.chosen);
        while self.chosen.len() > most {
            self.chosen.pop_last();
        }
    }

    /// How many are in the sample.
    #[must_use]
    pub fn size(&self) -> usize {
        self.chosen.len()
    }
}

/// What everybody did.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// Check-ins.
    pub visits: u64,
    /// Records that these make: the hours that the visits touch.
    pub records: u64,
    /// Visits over a UTC midnight.
    pub over_midnight: u64,
    /// Visits that have to be told.
    pub told: u64,
    /// Visits at the same venue at the same time as somebody infectious, whoever knows of it.
    pub contacts: u64,
    /// Those of them that are told.
    pub contacts_told: u64,
    groups: [Group; Reason::ALL.len()],
}

impl Survey {
    /// Asks everybody.
    #[must_use]
    pub fn new(
        world: &World,
        investigation: &Investigation,
        truth: &Truth<'_>,
        options: &Options,
    ) -> Self {
        let step = world.people().div_ceil(options.jobs.max(1) as u32).max(1);
        let parts: Vec<_> = (0..world.people()).step_by(step as usize).collect();
        let most = Self::limits(options);
        let part = |from: u32| {
            let mut survey = Self::default();
            for person in from..from.saturating_add(step).min(world.people()) {
                survey.ask(world, investigation, truth, person, &most);
            }
            survey
        };
        thread::scope(|scope| {
            let running: Vec<_> = parts.iter().map(|from| scope.spawn(|| part(*from))).collect();
            let done = running.into_iter().filter_map(|each| each.join().ok());
            done.fold(Self::default(), |sum, each| sum.plus(each, &most))
        })
    }

    /// A group of the sample.
    #[must_use]
    pub fn group(&self, reason: Reason) -> &Group {
        &self.groups[reason as usize]
    }

    /// The people of the sample; somebody may be there for several reasons.
    #[must_use]
    pub fn sample(&self) -> Vec<u32> {
        let chosen = self.groups.iter().flat_map(|group| &group.chosen);
        chosen.map(|(_, person)| *person).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The share of people with a visit or without: what chance alone would meet.
    #[must_use]
    pub fn anybody(&self) -> BTreeSet<u32> {
        self.group(Reason::Anybody).chosen.iter().map(|(_, person)| *person).collect()
    }

    fn limits(options: &Options) -> [usize; Reason::ALL.len()] {
        let mut most = [options.quiet; Reason::ALL.len()];
        most[Reason::Warned as usize] = options.warned;
        most
    }

    fn ask(
        &mut self,
        world: &World,
        investigation: &Investigation,
        truth: &Truth<'_>,
        person: u32,
        most: &[usize; Reason::ALL.len()],
    ) {
        let visits = world.visits(person);
        let key = mixed(world.seed(), person.into());
        let mut reasons = BTreeSet::new();
        if !visits.is_empty() {
            reasons.insert(Reason::Anybody);
        }
        if visits.len() >= 10 {
            reasons.insert(Reason::Busy);
        }
        for visit in &visits {
            let told = !truth.of(visit).is_empty();
            self.count(visit, told, investigation);
            reasons.extend(if told { Some(Reason::Warned) } else { quiet(world, truth, visit) });
        }
        for reason in reasons {
            self.groups[reason as usize].add(key, person, most[reason as usize]);
        }
    }

    fn count(&mut self, visit: &Visit, told: bool, investigation: &Investigation) {
        let stay = (visit.arrival, visit.departure);
        let infectious = investigation.infectious.get(&visit.venue);
        // A patient is no contact of their own.
        let met = infectious.is_some_and(|all| {
            all.iter().any(|other| *other != stay && shared_seconds(stay, *other).is_some())
        });
        self.visits += 1;
        self.records += visit.departure / 3_600 - visit.arrival / 3_600 + 1;
        self.over_midnight += u64::from(visit.arrival / 86_400 != visit.departure / 86_400);
        self.told += u64::from(told);
        self.contacts += u64::from(met);
        self.contacts_told += u64::from(met && told);
    }

    fn plus(mut self, other: Self, most: &[usize; Reason::ALL.len()]) -> Self {
        self.visits += other.visits;
        self.records += other.records;
        self.over_midnight += other.over_midnight;
        self.told += other.told;
        self.contacts += other.contacts;
        self.contacts_told += other.contacts_told;
        for ((own, theirs), most) in self.groups.iter_mut().zip(other.groups).zip(most) {
            own.merge(theirs, *most);
        }
        self
    }
}

/// Why a visit that is not told of could be mistaken for one that is.
fn quiet(world: &World, truth: &Truth<'_>, visit: &Visit) -> Option<Reason> {
    let (arrival, departure) = (visit.arrival, visit.departure);
    let shares = |window: &(u64, u64)| shared_seconds((arrival, departure), *window).is_some();
    let own = truth.windows(visit.venue);
    if own.is_empty() {
        let next = (visit.venue + 1).min(world.venues() as u32 - 1);
        return truth.windows(next).iter().any(shares).then_some(Reason::Neighbour);
    }
    let day = world.local_day(arrival);
    if own.iter().any(|window| window.0 == departure || window.1 == arrival) {
        Some(Reason::Touching)
    } else if own.iter().any(shares) {
        Some(Reason::TooShort)
    } else if own.iter().any(|window| world.local_day(window.0) == day) {
        Some(Reason::SameDay)
    } else {
        Some(Reason::OtherDay)
    }
}
