//! Who has a place at the server, and who gives it up when there is none left.
//!
//! A newcomer always gets one. What it can do with it depends on the others: the connection that has
//! been idle for longest goes first, then the one that has kept the server waiting for longest. Only
//! when everybody is being served does the newcomer get one of the reserve, where it is told to come
//! later, unless it is the authority.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Notify;

/// Places beyond the limit, for the authority and for saying no.
pub(super) const RESERVE: usize = 32;
/// The value in place of a time that is not running.
const NEVER: u64 = u64::MAX;

/// A time that runs or does not, in milliseconds since the server started.
#[derive(Debug)]
pub(super) struct Mark(AtomicU64);

impl Mark {
    const fn new(since: u64) -> Self {
        Self(AtomicU64::new(since))
    }

    fn since(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Acquire)).filter(|since| *since != NEVER)
    }

    fn start(&self, now: u64) {
        self.0.store(now, Ordering::Release);
    }

    fn stop(&self) {
        self.0.store(NEVER, Ordering::Release);
    }
}

/// One connection, as far as others must know about it. It holds no address.
#[derive(Debug)]
pub(crate) struct Seat {
    number: u64,
    started: Instant,
    reserve: bool,
    /// A request on it was signed by the authority.
    kept: AtomicBool,
    /// Since when no request is under way. A head that comes in drops does not stop this.
    idle: Mark,
    /// Since when a body has not been coming at the least pace.
    reading: Mark,
    /// Since when an answer has not been taken at the least pace.
    writing: Mark,
    /// Something in a head can be read in two ways.
    ambiguous: AtomicBool,
    leave: Notify,
}

/// How readily a seat is given up: the lesser, the sooner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// No request is under way since then.
    Idle(u64),
    /// The other side has kept the server waiting since then.
    Stalled(u64),
}

impl Seat {
    fn new(number: u64, started: Instant, reserve: bool) -> Self {
        let now = millis(started);
        Self {
            number,
            started,
            reserve,
            kept: AtomicBool::new(false),
            idle: Mark::new(now),
            reading: Mark::new(NEVER),
            writing: Mark::new(NEVER),
            ambiguous: AtomicBool::new(false),
            leave: Notify::new(),
        }
    }

    /// Returns whether this place is one of the reserve, where only the authority is served.
    pub(crate) const fn is_reserve(&self) -> bool {
        self.reserve
    }

    /// Keeps the place for a sender that has just proved to be the authority.
    pub(crate) fn keep(&self) {
        self.kept.store(true, Ordering::Release);
    }

    /// Returns whether a request on this connection was signed by the authority.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Acquire)
    }

    pub(super) fn is_now_ambiguous(&self) {
        self.ambiguous.store(true, Ordering::Release);
    }

    /// Returns whether a head on this connection could be read in two ways.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.ambiguous.load(Ordering::Acquire)
    }

    pub(super) fn request_begins(&self) {
        self.idle.stop();
    }

    pub(super) fn request_ends(&self) {
        self.is_silent_from_now();
        self.reading.stop();
    }

    /// The time for the next request begins.
    pub(super) fn is_silent_from_now(&self) {
        self.idle.start(millis(self.started));
    }

    /// Returns for how long no request has been under way, nor the end of an answer.
    pub(super) fn silence(&self) -> Duration {
        let since = self.idle.since().filter(|_| !self.is_waiting(Side::Writing));
        let silent = since.map_or(0, |since| millis(self.started).saturating_sub(since));
        Duration::from_millis(silent)
    }

    pub(super) fn waits(&self, side: Side) {
        self.mark(side).start(millis(self.started));
    }

    pub(super) fn goes_on(&self, side: Side) {
        self.mark(side).stop();
        if self.idle.since().is_some() {
            self.is_silent_from_now();
        }
    }

    pub(super) fn is_waiting(&self, side: Side) -> bool {
        self.mark(side).since().is_some()
    }

    const fn mark(&self, side: Side) -> &Mark {
        match side {
            Side::Reading => &self.reading,
            Side::Writing => &self.writing,
        }
    }

    /// Returns when somebody else needs the place.
    pub(super) async fn asked_to_leave(&self) {
        self.leave.notified().await;
    }

    /// Returns how readily the place is given up, or `None` where it stays whoever comes.
    fn standing(&self) -> Option<Standing> {
        if self.is_kept() {
            return None;
        }
        let stalled = [&self.reading, &self.writing].into_iter().filter_map(Mark::since).min();
        self.idle.since().map(Standing::Idle).or_else(|| stalled.map(Standing::Stalled))
    }
}

/// What the server waits for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    /// The next bytes of a body.
    Reading,
    /// Room for the next bytes of an answer.
    Writing,
}

/// The places of one listener.
#[derive(Debug)]
pub(crate) struct Places {
    limit: usize,
    /// How long a connection may keep the server waiting while others need its place.
    patience: Duration,
    started: Instant,
    table: Mutex<Table>,
    gauge: Gauge,
}

#[derive(Debug, Default)]
struct Table {
    last: u64,
    /// Seats that are not of the reserve.
    taken: usize,
    seats: HashMap<u64, Arc<Seat>>,
}

impl Table {
    fn remove(&mut self, number: u64) -> Option<Arc<Seat>> {
        let seat = self.seats.remove(&number)?;
        self.taken -= usize::from(!seat.reserve);
        Some(seat)
    }
}

/// A seat for as long as its connection lives.
#[derive(Debug)]
pub(super) struct Guest {
    pub(super) seat: Arc<Seat>,
    places: Arc<Places>,
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.places.table().remove(self.seat.number);
        self.places.gauge.dec();
    }
}

impl Places {
    pub(super) fn new(limit: usize, patience: Duration, gauge: Gauge) -> Self {
        let started = Instant::now();
        Self { limit, patience, started, table: Mutex::default(), gauge }
    }

    /// Seats a newcomer; `None` when even the reserve is full of the authority's connections.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Guest> {
        let mut table = self.table();
        // [API-23]
        let reserve = table.taken >= self.limit && !self.dismiss_one(&mut table);
        let reserved = table.seats.len() - table.taken;
        if reserve && reserved >= RESERVE && !dismiss_from_reserve(&mut table) {
            return None;
        }
        table.last += 1;
        table.taken += usize::from(!reserve);
        let seat = Arc::new(Seat::new(table.last, self.started, reserve));
        table.seats.insert(seat.number, Arc::clone(&seat));
        drop(table);
        self.gauge.inc();
        Some(Guest { seat, places: Arc::clone(self) })
    }

    /// Makes room for when the system has no more files to give.
    pub(super) fn make_room(&self) {
        let mut table = self.table();
        let _ = self.dismiss_one(&mut table) || dismiss_from_reserve(&mut table);
    }

    /// Asks the connection that can best be spared to leave. Returns false if there is none.
    fn dismiss_one(&self, table: &mut Table) -> bool {
        let long_ago = millis(self.started).checked_sub(as_millis(self.patience));
        let spared = table.seats.values().filter(|seat| !seat.reserve);
        let first = spared
            .filter_map(|seat| Some((seat.standing()?, seat.number)))
            .filter(|(standing, _)| match standing {
                Standing::Idle(_) => true,
                Standing::Stalled(since) => long_ago.is_some_and(|long_ago| *since <= long_ago),
            })
            .min();
        first.is_some_and(|(_, number)| dismiss(table, number))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks the oldest connection of the reserve to leave; false if the authority has them all.
fn dismiss_from_reserve(table: &mut Table) -> bool {
    let oldest = table.seats.values().filter(|seat| seat.reserve && !seat.is_kept());
    let oldest = oldest.map(|seat| seat.number).min();
    oldest.is_some_and(|number| dismiss(table, number))
}

/// Frees the place from here on; the connection itself ends when its task runs next.
fn dismiss(table: &mut Table, number: u64) -> bool {
    let seat = table.remove(number);
    seat.inspect(|seat| seat.leave.notify_one()).is_some()
}

fn millis(started: Instant) -> u64 {
    as_millis(started.elapsed())
}

fn as_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(NEVER - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(limit: usize, patience: Duration) -> Arc<Places> {
        Arc::new(Places::new(limit, patience, Gauge::default()))
    }

    fn dismissed(guest: &Guest) -> bool {
        !guest.places.table().seats.contains_key(&guest.seat.number)
    }

    /// Guests who came one after the other.
    fn guests<const N: usize>(places: &Arc<Places>) -> [Guest; N] {
        std::array::from_fn(|_| places.admit().unwrap())
    }

    #[test]
    fn the_longest_idle_goes_first_and_the_authority_never() {
        // [API-23]
        let places = places(3, Duration::ZERO);
        let [authority, first, second] = guests(&places);
        authority.seat.keep();
        second.seat.idle.start(0);
        first.seat.idle.start(1);
        let third = places.admit().unwrap();
        assert!(dismissed(&second) && !dismissed(&first) && !third.seat.is_reserve());
        third.seat.idle.start(2);
        // A head that comes in drops is no request: the seat stays idle.
        let fourth = places.admit().unwrap();
        assert!(dismissed(&first) && !dismissed(&authority));
        third.seat.request_begins();
        fourth.seat.request_begins();
        // Being served.
        assert!(places.admit().unwrap().seat.is_reserve());
        assert!([&authority, &third, &fourth].into_iter().all(|guest| !dismissed(guest)));
        fourth.seat.request_ends();
        assert!(!places.admit().unwrap().seat.is_reserve());
        assert!(dismissed(&fourth));
        assert_eq!(places.gauge.get(), 5);
    }

    #[test]
    fn who_keeps_the_server_waiting_goes_after_the_idle_and_not_at_once() {
        // [API-23]
        let places = places(3, Duration::from_secs(3_600));
        let [idle, stalled, served] = guests(&places);
        for guest in [&stalled, &served] {
            guest.seat.request_begins();
        }
        stalled.seat.waits(Side::Writing);
        let next = places.admit().unwrap();
        assert!(dismissed(&idle) && !dismissed(&stalled));
        next.seat.request_begins();
        assert!(places.admit().unwrap().seat.is_reserve(), "it has not waited for an hour");
        let patient = self::places(2, Duration::ZERO);
        let [slow, slower] = guests(&patient);
        for (guest, side) in [(&slow, Side::Reading), (&slower, Side::Writing)] {
            guest.seat.request_begins();
            guest.seat.waits(side);
        }
        slow.seat.reading.start(1);
        slower.seat.writing.start(0);
        assert!(!patient.admit().unwrap().seat.is_reserve());
        assert!(dismissed(&slower) && !dismissed(&slow));
        slow.seat.goes_on(Side::Reading);
        let last = patient.admit().unwrap();
        last.seat.request_begins();
        assert!(patient.admit().unwrap().seat.is_reserve());
    }

    #[test]
    fn the_reserve_is_never_full_of_strangers() {
        // [API-23]
        let places = places(1, Duration::ZERO);
        let [served] = guests(&places);
        served.seat.request_begins();
        let reserve: [Guest; RESERVE] = guests(&places);
        assert!(reserve.iter().all(|guest| guest.seat.is_reserve()));
        reserve[0].seat.keep();
        let more: [Guest; RESERVE - 1] = guests(&places);
        assert!(!dismissed(&reserve[0]) && reserve[1..].iter().all(dismissed));
        for guest in &more {
            guest.seat.keep();
        }
        assert!(places.admit().is_none());
        drop(more);
        assert!(places.admit().is_some());
    }
}
