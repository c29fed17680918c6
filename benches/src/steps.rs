//! The steps of the protocol, named as in the specification, ready to be run again and again.
//!
//! The criterion benches, the comparison with the paper and the instruction counts all run these.

use crate::Result;

mod authority;
mod ibe;
mod log;
mod matching;
mod vault;
mod venue;
mod visitor;

pub use matching::PAPER;

/// One step, with nothing of its preparation in it.
pub type Run = Box<dyn FnMut() -> Result<()>>;

/// A step and its name, `group/step`.
pub struct Step {
    /// The name.
    pub name: &'static str,
    /// Makes what the step needs; the result is the step.
    pub prepare: fn() -> Result<Run>,
}

/// All steps in the order in which the protocol takes them.
#[must_use]
pub fn all() -> Vec<Step> {
    [
        ibe::STEPS.as_slice(),
        &venue::STEPS,
        &visitor::STEPS,
        &vault::STEPS,
        &authority::STEPS,
        &log::STEPS,
        &matching::STEPS,
    ]
    .into_iter()
    .flatten()
    .map(|(name, prepare)| Step { name, prepare: *prepare })
    .collect()
}

/// The step of a name.
#[must_use]
pub fn find(name: &str) -> Option<Step> {
    all().into_iter().find(|step| step.name == name)
}

/// A name and what prepares the step.
type Entry = (&'static str, fn() -> Result<Run>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_runs_twice() -> Result<()> {
        for step in all().iter().filter(|step| step.name != PAPER) {
            let mut run = (step.prepare)().map_err(|error| format!("{}: {error}", step.name))?;
            for _ in 0..2 {
                run().map_err(|error| format!("{}: {error}", step.name))?;
            }
        }
        Ok(())
    }
}
