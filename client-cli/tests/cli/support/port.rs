//! A port for a server that is started later, under an address that is written down before.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Where systems begin to give ports to whoever asks for any: those below are taken by nobody in the
/// meantime.
const FIRST_OF_THE_SYSTEM: u16 = 32_768;
const FIRST: u16 = 12_000;

/// A port on which nobody listens, given to no other test of this program.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Another run of the tests at the same time begins elsewhere.
    let begin = u16::try_from(std::process::id() % 200).unwrap() * 100;
    let room = FIRST_OF_THE_SYSTEM - FIRST;
    (0..room)
        .map(|_| FIRST + begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % room)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("a port that nobody listens on")
}
