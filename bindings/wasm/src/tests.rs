//! A visitor's and an owner's whole way, as the page's worker goes it, with a log in memory.

mod copies;
mod owners;
mod visits;
mod warnings;
mod world;
