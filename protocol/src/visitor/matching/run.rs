//! One run: some entries of the log, tried on every record of their days.
//!
//! Entries are parsed and grouped by day once. Then each record meets the traces of its day, a batch
//! at a time: that is a task, and tasks are what threads share.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::workers::Workers;
use super::{Backend, Cancelled, Match, Outcome};
use crate::ibe::Ciphertext;
use crate::ibe::trial::KeyBatch;
use crate::messages::UncheckedTrace;
use crate::messages::{MessageError, PublishedTrace};
use crate::profile::logged_profile;
use crate::time::Day;
use crate::visitor::VisitId;
use crate::visitor::record::{CheckInRecord, RecordContents};

/// How many traces a task tries on its record: enough that preparing the record takes less than a
/// hundredth of the time, and few enough for several threads to have something to do.
const TRACES_A_TASK: usize = 128;

/// The records by day, each day's in the order in which they were given.
#[derive(Default)]
pub(super) struct Records(BTreeMap<Day, DayRecords>);

/// A day's records, parsed when the first trace of that day comes.
#[derive(Default)]
struct DayRecords {
    records: Vec<CheckInRecord>,
    parsed: OnceLock<Vec<(VisitId, Ciphertext)>>,
}

impl Records {
    pub(super) fn new<'a>(records: impl IntoIterator<Item = &'a CheckInRecord>) -> Self {
        let mut by_day = Self::default();
        for record in records {
            by_day.0.entry(record.day()).or_default().records.push(record.clone());
        }
        by_day
    }

    /// Returns the day's records that can be tried.
    fn of(&self, day: Day) -> &[(VisitId, Ciphertext)] {
        let read = |record: &CheckInRecord| Some((record.visit(), record.ciphertext().ok()?));
        let parse = |day: &DayRecords| day.records.iter().filter_map(read).collect();
        self.0.get(&day).map_or(&[][..], |day| day.parsed.get_or_init(|| parse(day)))
    }
}

/// How far the matching is, and who wants to know.
pub(super) struct Watch<P> {
    callback: P,
    done: u64,
    cancelled: bool,
}

impl<P: FnMut(u64) -> ControlFlow<()>> Watch<P> {
    pub(super) const fn new(callback: P) -> Self {
        Self { callback, done: 0, cancelled: false }
    }

    /// Once cancelled stays cancelled.
    const fn check(&self) -> Result<(), Cancelled> {
        if self.cancelled { Err(Cancelled) } else { Ok(()) }
    }

    /// Tells how many entries are done.
    fn tell(&mut self, done: u64) -> Result<(), Cancelled> {
        self.cancelled = self.cancelled || (self.callback)(done).is_break();
        self.check()
    }

    fn finish_run(&mut self, entries: usize) -> Result<(), Cancelled> {
        self.done += entries as u64;
        self.tell(self.done)
    }
}

/// How far a run is: its entries are done together, as its tasks are done one by one.
struct Progress<'a, P> {
    watch: &'a mut Watch<P>,
    entries: usize,
    tasks: usize,
    tasks_done: usize,
}

impl<'a, P: FnMut(u64) -> ControlFlow<()>> Progress<'a, P> {
    const fn new(watch: &'a mut Watch<P>, entries: usize, tasks: usize) -> Self {
        Self { watch, entries, tasks, tasks_done: 0 }
    }

    fn task_done(&mut self) -> Result<(), Cancelled> {
        let entries = self.entries * self.tasks_done / self.tasks;
        self.tasks_done += 1;
        self.watch.tell(self.watch.done + entries as u64)
    }
}

/// A valid trace: the index of its entry, and the entry's place in the run.
struct Entry {
    place: usize,
    index: u64,
    trace: PublishedTrace,
}

/// Some traces of one day, prepared for that day's records.
struct Batch<'a> {
    records: &'a [(VisitId, Ciphertext)],
    entries: Vec<Entry>,
    keys: KeyBatch,
}

/// A batch to try on one of its records.
struct Task<'a> {
    record: usize,
    visit: VisitId,
    ciphertext: &'a Ciphertext,
    batch: &'a Batch<'a>,
}

/// What a task found: matches with the places of their entry and record.
#[derive(Default)]
struct Found {
    matches: Vec<((usize, usize), Match)>,
    malformed: u64,
}

/// Tries entries, given as indices and bytes, on all records of their days.
pub(super) fn run<P: FnMut(u64) -> ControlFlow<()> + Send>(
    records: &Records,
    entries: &[(u64, Vec<u8>)],
    backend: Backend,
    workers: &Workers,
    watch: &mut Watch<P>,
) -> Result<Outcome, Cancelled> {
    watch.check()?;
    let days: BTreeSet<Day> = records.0.keys().copied().collect();
    let traces = workers.map(entries, |(_, bytes)| Ok(read(&days, bytes)))?;
    // [MAT-2]
    let malformed = traces.iter().filter(|trace| trace.is_err()).count() as u64;
    let mut outcome = Outcome { malformed, ..Outcome::default() };

    let batches = batches(records, entries, traces, backend);
    let tasks: Vec<Task<'_>> = batches.iter().flat_map(Batch::tasks).collect();
    let progress = Mutex::new(Progress::new(watch, entries.len(), tasks.len()));
    let found = workers.map(&tasks, |task| {
        let found = task.run();
        progress.lock().unwrap_or_else(PoisonError::into_inner).task_done()?;
        Ok(found)
    })?;
    watch.finish_run(entries.len())?;

    let mut matches = Vec::new();
    for (task, found) in tasks.iter().zip(found) {
        outcome.trials += task.batch.entries.len() as u64;
        outcome.malformed += found.malformed;
        matches.extend(found.matches);
    }
    // [MAT-8]
    matches.sort_unstable_by_key(|(places, _)| *places);
    outcome.matches = matches.into_iter().map(|(_, found)| found).collect();
    Ok(outcome)
}

/// Reads an entry: nothing where it is of another day than every record, whose key is not looked at.
fn read(days: &BTreeSet<Day>, bytes: &[u8]) -> Result<Option<PublishedTrace>, MessageError> {
    // [PRO-12] The log tells of profiles, too.
    if logged_profile(bytes).is_some() {
        return Ok(None);
    }
    let trace = UncheckedTrace::from_bytes(bytes)?;
    // [MAT-1] [MAT-2]
    days.contains(&trace.day()).then(|| trace.check()).transpose()
}

/// Groups traces by day and prepares them.
fn batches<'a>(
    records: &'a Records,
    entries: &[(u64, Vec<u8>)],
    traces: Vec<Result<Option<PublishedTrace>, MessageError>>,
    backend: Backend,
) -> Vec<Batch<'a>> {
    let mut by_day = BTreeMap::<Day, Vec<Entry>>::new();
    for (place, ((index, _), trace)) in entries.iter().zip(traces).enumerate() {
        if let Ok(Some(trace)) = trace {
            by_day.entry(trace.day()).or_default().push(Entry { place, index: *index, trace });
        }
    }
    let mut batches = Vec::new();
    for (day, entries) in by_day {
        let records = records.of(day);
        let mut entries = entries.into_iter().peekable();
        while entries.peek().is_some() {
            let entries: Vec<Entry> = entries.by_ref().take(TRACES_A_TASK).collect();
            let keys = KeyBatch::new(backend, entries.iter().map(|entry| entry.trace.key()));
            batches.push(Batch { records, entries, keys });
        }
    }
    batches
}

impl Batch<'_> {
    fn tasks(&self) -> impl Iterator<Item = Task<'_>> {
        let records = self.records.iter().enumerate();
        records.map(|(record, (visit, ciphertext))| Task {
            record,
            visit: *visit,
            ciphertext,
            batch: self,
        })
    }
}

impl Task<'_> {
    fn run(&self) -> Found {
        let mut found = Found::default();
        let candidates = self.batch.keys.candidates(self.ciphertext);
        for entry in candidates.into_iter().filter_map(|i| self.batch.entries.get(i)) {
            self.open(entry, &mut found);
        }
        found
    }

    /// Opens the record with a key that seems to be its key.
    fn open(&self, entry: &Entry, found: &mut Found) {
        let trace = &entry.trace;
        // [MAT-8]
        let opened = RecordContents::open(self.ciphertext, trace.identity(), trace.key());
        let Some(record) = opened else { return };
        // [MAT-2]
        match trace.notice().open(&record.notification_key) {
            Ok(notice) => {
                let (index, trace, visit) = (entry.index, trace.clone(), self.visit);
                let places = (entry.place, self.record);
                found.matches.push((places, Match { index, trace, visit, record, notice }));
            }
            Err(_) => found.malformed += 1,
        }
    }
}
