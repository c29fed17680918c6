//! The real binary over TCP.

pub(crate) mod crash;
pub(crate) mod faults;
mod flood;
mod flushed;
mod life;
mod page;
mod privacy;
pub(crate) mod process;
mod quick;
mod race;
mod slow;
mod tls;
mod upgrade;
mod wire;
