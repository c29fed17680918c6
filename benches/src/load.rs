//! Load: the real server and nginx with the same files, under the same `wrk`, in turns.

pub mod process;
pub mod site;
pub mod wrk;
