//! The real binary over TCP.

mod crash;
mod faults;
mod flood;
mod flushed;
mod life;
mod page;
mod privacy;
mod process;
mod quick;
mod race;
mod slow;
mod tls;
mod wire;
