//! Who takes part in a test: people at terminals, offices, desks, whole towns.

pub(crate) mod desk;
pub(crate) mod foreign;
pub(crate) mod http;
pub(crate) mod log;
pub(crate) mod office;
pub(crate) mod paper;
pub(crate) mod pdf;
pub(crate) mod person;
pub(crate) mod port;
pub(crate) mod proxy;
pub(crate) mod reverse;
pub(crate) mod site;
pub(crate) mod tee;
pub(crate) mod terminal;
pub(crate) mod town;
pub(crate) mod tunnel;
pub(crate) mod warned;
#[path = "../../../server/tests/server/shared/weed.rs"]
pub(crate) mod weed;
