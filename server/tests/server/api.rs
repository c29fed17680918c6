//! The real router over a real data folder, without a network.

mod archive;
mod clock_key;
mod clocks;
mod damage;
mod downloads;
mod feed;
mod for_authority;
mod harness;
mod limits;
mod log;
mod openapi;
mod order;
mod origins;
pub(crate) mod page;
mod queue;
mod repair;
mod retention;
mod start;
mod strict;
mod turn;
mod uploads;
