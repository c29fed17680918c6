//! The desk without a command line: its clock, its randomness and its listener are this test's.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;

use noren::authority::{Policy, Premises};
use noren::messages::VenueKind;
use noren::passphrase::Passphrase;
use noren::time::Window;
use rand_core::UnwrapErr;

use super::event::Event;
use super::*;

/// A morning in 2026.
const MORNING: u64 = 1_775_000_000;

struct Room {
    home: tempfile::TempDir,
    now: Cell<u64>,
    heard: RefCell<Vec<String>>,
}

impl Surroundings for Room {
    fn now(&self) -> anyhow::Result<UnixSeconds> {
        Ok(UnixSeconds::new(self.now.get())?)
    }

    fn rng(&self) -> Box<dyn CryptoRng> {
        Box::new(UnwrapErr(rand::rngs::SysRng))
    }

    fn passphrase(&self) -> anyhow::Result<Passphrase> {
        bail!("nobody is here")
    }

    fn state_folder(&self) -> anyhow::Result<PathBuf> {
        Ok(self.home.path().join("state"))
    }

    fn hear(&self, remark: &Remark) {
        self.heard.borrow_mut().push(remark.to_string());
    }
}

impl Room {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        Self { home, now: Cell::new(MORNING), heard: RefCell::default() }
    }

    fn place(&self) -> Place<'_> {
        let (folder, operator) = (self.home.path().join("desk"), Some("Sato".to_owned()));
        Place { folder, operator, around: self }
    }

    fn make_desk(&self) {
        Desk::init(&self.place(), &new_desk()).expect("a desk");
    }
}

fn new_desk() -> NewDesk {
    let shipped = Policy::shipped().iter().find(|shipped| shipped.name == "plain");
    NewDesk {
        name: "Health office".to_owned(),
        origin: "noren.example/log".to_owned(),
        url: "http://127.0.0.1:1".to_owned(),
        policy: Policy::from_toml(shipped.expect("a policy").toml).expect("a policy"),
        retention_days: None,
        checkpoint_max_age: None,
        operator: "Sato".to_owned(),
    }
}

fn stay() -> NewReport {
    let at = |seconds| UnixSeconds::new(seconds).expect("a time");
    NewReport {
        venue: "Bar Noren".to_owned(),
        premises: Premises { kind: VenueKind::Bar, size: None },
        stay: Window::new(at(MORNING - 7_200), at(MORNING - 3_600)).expect("a window"),
        case_life: None,
    }
}

fn report(desk: &mut Desk<'_>) -> String {
    match desk.perform(Action::TakeReport(stay())).expect("a report") {
        Done::ReportTaken(taken) => taken.report.id,
        _ => panic!("something else was done"),
    }
}

#[test]
fn what_is_done_is_noted_by_the_clock_that_was_handed_in_and_heard() {
    // [CLI-9]
    let room = Room::new();
    room.make_desk();
    let mut desk = Desk::open(room.place()).expect("a desk");
    let first = report(&mut desk);
    assert!(room.heard.borrow().is_empty(), "{:?}", room.heard.borrow());
    room.now.set(MORNING + 60);
    let second = report(&mut desk);
    assert!(room.heard.borrow().iter().any(|remark| remark.contains(&first)), "the same stay");
    let done = desk.perform(Action::WithdrawReport(second.clone())).expect("withdrawn");
    assert!(matches!(done, Done::ReportWithdrawn(id) if id == second));
    let journal = desk.checked_journal().expect("whole");
    let told: Vec<_> =
        journal.iter().map(|entry| (entry.event(), &*entry.subject, entry.at)).collect();
    let at = MORNING.cast_signed();
    assert_eq!(
        told,
        [
            (Some(Event::Init), "desk", at),
            (Some(Event::Report), &*first, at),
            (Some(Event::Report), &*second, at + 60),
            (Some(Event::ReportWithdrawn), &*second, at + 60),
        ]
    );
    assert!(journal.iter().all(|entry| entry.operator == "Sato"));
}

#[test]
fn a_desk_is_made_once() {
    // [CLI-2]
    let room = Room::new();
    room.make_desk();
    let keys = std::fs::read(room.place().folder.join("keys")).expect("keys");
    let error = Desk::init(&room.place(), &new_desk()).map(drop).expect_err("a second one");
    assert!(error.to_string().contains("stays as it is"), "{error}");
    assert_eq!(std::fs::read(room.place().folder.join("keys")).expect("keys"), keys);
}
