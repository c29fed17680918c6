//! The real binary over TCP.

#[path = "../support/authority.rs"]
mod authority;
mod crash;
mod life;
mod privacy;
#[path = "../support/process.rs"]
mod process;
mod race;
mod slow;
mod tls;
