//! The visitor's side: visits, records, the vault, and syncs end to end.

mod feeds;
mod joining;
mod profiles_in_log;
mod rounds;
mod syncs;
mod visits;
mod world;
