//! The paper's games, as far as they can be run: an opponent with everything that its role has
//! tries the obvious strategies, and loses. That every strategy loses is the paper's to prove.

mod cover;
mod devices;
mod forgeries;
mod histories;
mod hours;
mod patient_cases;
mod rooms;
mod shapes;
pub(crate) mod town;
