//! Load: the real server, nginx and hyper alone with the same files, under the same `wrk`, in turns.

pub mod bare;
pub mod process;
pub mod site;
pub mod wrk;
