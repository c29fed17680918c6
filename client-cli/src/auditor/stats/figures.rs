//! From entries and heads to figures. What cannot be seen is not guessed: an entry does not say when
//! it was published or whether it is cover.

use std::collections::{BTreeMap, HashSet};

use noren::log::SignedCheckpoint;
use noren::messages::PublishedTrace;
use noren::profile::Profile;
use noren::time::{Day, UnixSeconds};
use serde::Serialize;

use crate::times;

const DAY: u64 = 86_400;

/// What is seen of a log.
#[derive(Serialize)]
pub(super) struct Figures {
    pub(super) authority: String,
    pub(super) fingerprint: String,
    pub(super) made: String,
    pub(super) entries: u64,
    pub(super) malformed_entries: u64,
    /// Entries that tell of a profile.
    pub(super) profiles: u64,
    /// Entries for an identity that an earlier entry had: corrections and withdrawals.
    pub(super) corrections: u64,
    /// Entries by the UTC day of the hour that they warn of.
    pub(super) by_day: BTreeMap<String, u64>,
    /// Entries by the UTC day of the first head that was seen with them.
    pub(super) by_day_of_publication: BTreeMap<String, u64>,
    /// Entries by whole days between the day of their hour and that of publication.
    pub(super) by_delay_in_days: BTreeMap<u64, u64>,
    /// Entries that stood in the first head that was seen: when they came is not known.
    pub(super) of_unknown_publication: u64,
    pub(super) heads: Heads,
    pub(super) appends: Appends,
}

/// The signed heads that were seen.
#[derive(Default, Serialize)]
pub(super) struct Heads {
    pub(super) seen: usize,
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
    /// How old the log says its head may become.
    pub(super) max_age_s: u64,
    /// The longest time between two heads that follow each other.
    pub(super) longest_gap_s: u64,
    /// How many of these times are longer than a head may become old.
    pub(super) gaps_too_long: u64,
    /// How many times there are of up to so many hours.
    pub(super) gaps_by_hours: BTreeMap<u64, u64>,
}

/// What came between two heads that were seen; several appends count as one.
#[derive(Default, Serialize)]
pub(super) struct Appends {
    pub(super) seen: u64,
    pub(super) smallest: u64,
    pub(super) median: u64,
    pub(super) largest: u64,
    /// How many have this number of entries.
    pub(super) by_entries: BTreeMap<u64, u64>,
    /// The number that divides that of every append; above 1, appends are filled up to its multiples.
    pub(super) all_multiples_of: u64,
}

/// Counts while entries are read.
pub(super) struct Counting {
    /// In the order of their times.
    heads: Vec<SignedCheckpoint>,
    /// Where the next entry's head is looked for.
    next: usize,
    /// The beginnings of the identities so far: enough to tell them apart.
    identities: HashSet<[u8; 16]>,
    /// Where the log tells of profiles.
    profiles: Vec<u64>,
    figures: Figures,
}

impl Counting {
    pub(super) fn new(heads: Vec<SignedCheckpoint>) -> Self {
        let figures = Figures {
            authority: String::new(),
            fingerprint: String::new(),
            made: String::new(),
            entries: 0,
            malformed_entries: 0,
            profiles: 0,
            corrections: 0,
            by_day: BTreeMap::new(),
            by_day_of_publication: BTreeMap::new(),
            by_delay_in_days: BTreeMap::new(),
            of_unknown_publication: 0,
            heads: Heads::default(),
            appends: Appends::default(),
        };
        Self { heads, next: 0, identities: HashSet::new(), profiles: Vec::new(), figures }
    }

    /// Counts the next entry, which tells of a profile.
    pub(super) fn profile(&mut self, index: u64) {
        self.publication(index);
        self.profiles.push(index);
    }

    /// Counts the next entry; `None` where devices pass over it.
    pub(super) fn entry(&mut self, index: u64, trace: Option<&PublishedTrace>) {
        let published = self.publication(index);
        let figures = &mut self.figures;
        let Some(trace) = trace else {
            figures.malformed_entries += 1;
            return;
        };
        let identity = trace.identity().as_bytes().first_chunk().copied().unwrap_or_default();
        figures.corrections += u64::from(!self.identities.insert(identity));
        count(&mut figures.by_day, times::show_day(trace.day()));
        if let Some(time) = published {
            let (from, to) = (trace.day().start(), Day::containing(time).start());
            count(&mut figures.by_delay_in_days, to.get().saturating_sub(from.get()) / DAY);
        }
    }

    /// Counts the next entry by the day on which it was published, as far as that is known.
    fn publication(&mut self, index: u64) -> Option<UnixSeconds> {
        let published = self.published(index);
        let figures = &mut self.figures;
        figures.entries += 1;
        match published {
            Some(time) => {
                count(&mut figures.by_day_of_publication, times::show_day(Day::containing(time)))
            }
            None => figures.of_unknown_publication += 1,
        }
        published
    }

    /// When the first head with an entry was signed, where a head without it was seen before.
    fn published(&mut self, index: u64) -> Option<UnixSeconds> {
        let size = |head: &SignedCheckpoint| head.checkpoint().size;
        while self.heads.get(self.next).is_some_and(|head| size(head) <= index) {
            self.next += 1;
        }
        let head = self.heads.get(self.next).filter(|_| self.next > 0)?;
        Some(head.timestamp())
    }

    /// The figures of a log with this profile.
    pub(super) fn finish(self, profile: &Profile, now: UnixSeconds) -> Figures {
        let heads = Heads::of(&self.heads, profile.checkpoint_max_age);
        Figures {
            authority: profile.name.clone(),
            fingerprint: profile.fingerprint().to_string(),
            made: times::rfc3339(now),
            heads,
            profiles: self.profiles.len() as u64,
            appends: Appends::of(&self.heads, &self.profiles),
            ..self.figures
        }
    }
}

fn count<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    *counts.entry(key).or_default() += 1;
}

impl Heads {
    fn of(heads: &[SignedCheckpoint], max_age_s: u64) -> Self {
        let time = |head: &SignedCheckpoint| times::rfc3339(head.timestamp());
        let gap = |pair: &[SignedCheckpoint]| match pair {
            [one, next] => next.timestamp().get().saturating_sub(one.timestamp().get()),
            _ => 0,
        };
        let gaps: Vec<u64> = heads.windows(2).map(gap).collect();
        let mut gaps_by_hours = BTreeMap::new();
        gaps.iter().for_each(|gap| count(&mut gaps_by_hours, gap.div_ceil(3_600).max(1)));
        Self {
            seen: heads.len(),
            first: heads.first().map(time),
            last: heads.last().map(time),
            max_age_s,
            longest_gap_s: gaps.iter().copied().max().unwrap_or(0),
            gaps_too_long: gaps.iter().filter(|gap| **gap > max_age_s).count() as u64,
            gaps_by_hours,
        }
    }
}

impl Appends {
    fn of(heads: &[SignedCheckpoint], profiles: &[u64]) -> Self {
        let size = |head: &SignedCheckpoint| head.checkpoint().size;
        // [PRO-12] No append is filled up because of a profile.
        let profiles_in = |from: u64, to: u64| {
            profiles.iter().filter(|index| (from..to).contains(*index)).count() as u64
        };
        let grown = |pair: &[SignedCheckpoint]| match pair {
            [one, next] => {
                let (from, to) = (size(one), size(next));
                to.saturating_sub(from) - profiles_in(from, to)
            }
            _ => 0,
        };
        let mut appends: Vec<u64> =
            heads.windows(2).map(grown).filter(|grown| *grown > 0).collect();
        appends.sort_unstable();
        let mut by_entries = BTreeMap::new();
        appends.iter().for_each(|entries| count(&mut by_entries, *entries));
        let at = |place: usize| appends.get(place).copied().unwrap_or(0);
        Self {
            seen: appends.len() as u64,
            smallest: at(0),
            median: at(appends.len() / 2),
            largest: at(appends.len().saturating_sub(1)),
            by_entries,
            all_multiples_of: appends.iter().copied().fold(0, common_divisor),
        }
    }
}

/// The greatest number that divides both; the other one where one is 0.
const fn common_divisor(one: u64, other: u64) -> u64 {
    let (mut one, mut other) = (one, other);
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}
