//! A country or a prefecture, simulated from a seed: all people, venues and visits in plain, and the
//! real library for everything that is published and for a sample of the devices.
//!
//! | step | module | real cryptography |
//! |---|---|---|
//! | who is where, when | [`world`] | no |
//! | who is ill, whom the authority asks, what it decides | [`investigation`] | no, the real policy |
//! | who has to be warned | [`truth`] | no, and nothing of the library |
//! | venues' codes and uploads, review, publication | [`office`] | yes, for every venue that answers |
//! | the log as it is served | [`server`] | yes |
//! | a phone: check-ins, syncs, notices | [`device`] | yes, for the devices of the sample |
//! | notices against the truth | [`score`] | |
//! | 250,000 keys a day | [`stress`] | a part of it, the rest is computed |
//!
//! The same seed gives the same world, log, notices and [`report::facts`]; only times differ.

pub mod device;
pub mod investigation;
pub mod office;
pub mod plots;
pub mod random;
pub mod report;
pub mod scenario;
pub mod score;
pub mod server;
pub mod stress;
pub mod survey;
pub mod truth;
pub mod venues;
pub mod world;

use std::collections::BTreeSet;

use noren::authority::Policy;

use crate::Result;
use device::Life;
use investigation::Investigation;
use office::{Batch, Office};
use scenario::Scenario;
use score::Tally;
use server::Server;
use stress::Stress;
use survey::Survey;
use truth::{Rule, Truth};
use venues::Codes;
use world::World;

/// How much of a scenario is run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Where all randomness comes from.
    pub seed: u64,
    /// Devices that have to be warned, at most.
    pub warned: usize,
    /// Devices of each kind that must not be.
    pub quiet: usize,
    /// Devices that live side by side, each on a thread of its own.
    pub jobs: usize,
    /// Keys that the stress case is measured with; 0 leaves it out.
    pub stress: usize,
}

/// Everything that a run found.
#[derive(Debug)]
pub struct Run {
    /// What was simulated.
    pub scenario: Scenario,
    /// How much of it.
    pub options: Options,
    /// Who was ill and what was decided.
    pub investigation: Investigation,
    /// What the whole population did.
    pub survey: Survey,
    /// What the authority did, batch by batch.
    pub batches: Vec<Batch>,
    /// The log at the end.
    pub server: Server,
    /// The devices of the sample.
    pub lives: Vec<Life>,
    /// Their notices against the truth.
    pub tally: Tally,
    /// A day with 250,000 keys.
    pub stress: Option<Stress>,
}

/// Runs a scenario with the rule that says who has to be warned.
///
/// # Errors
/// What the library refuses; with honest roles it refuses nothing.
pub fn run(scenario: Scenario, options: Options, rule: Rule) -> Result<Run> {
    let policy = Policy::from_toml(&scenario.policy)?;
    let world = World::new(&scenario, options.seed);
    let investigation = Investigation::new(&world, &policy);
    let truth = Truth::new(&investigation.standing, u64::from(policy.minimum_overlap()), rule);
    let survey = Survey::new(&world, &investigation, &truth, &options);
    let people = survey.sample();
    let mut codes = Codes::new(options.seed);
    let mut office = Office::new(&scenario, &policy, options.seed)?;
    let asked = investigation.warnings.iter().map(|warning| warning.venue);
    let visited = people.iter().flat_map(|person| world.visits(*person)).map(|visit| visit.venue);
    let needed: BTreeSet<u32> = asked.chain(visited).collect();
    codes.set_up(&world, &needed, &office.upload_key())?;
    let mut server = Server::new(office.profile());
    let batches = publish(&world, &investigation, &codes, &mut office, &mut server)?;
    let street = device::Street { world: &world, codes: &codes, server: &server };
    let lives = street.live(&people, options.jobs)?;
    let tally = Tally::new(&world, &truth, &lives);
    let authority = server.profile().profile().fingerprint();
    let stress = || Stress::measure(options.seed, options.stress, &authority);
    let stress = (options.stress > 0).then(stress).transpose()?;
    Ok(Run { scenario, options, investigation, survey, batches, server, lives, tally, stress })
}

fn publish(
    world: &World,
    investigation: &Investigation,
    codes: &Codes,
    office: &mut Office,
    server: &mut Server,
) -> Result<Vec<Batch>> {
    let mut batches = Vec::new();
    for day in 0..world.days() {
        for number in 0..world.batches() {
            let due = |each: &&investigation::Warning| (each.day, each.batch) == (day, number);
            let warnings: Vec<_> = investigation.warnings.iter().filter(due).collect();
            let now = world.batch_time(day, number);
            batches.push(office.publish(day, now, &warnings, codes, server)?);
        }
    }
    // The morning after, for those who were out over the last midnight.
    office.renew(world.batch_time(world.days(), 0), server)?;
    Ok(batches)
}

#[cfg(test)]
mod tests;
