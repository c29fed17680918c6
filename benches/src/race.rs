//! Measuring several contestants on a machine that is never quiet.
//!
//! They take turns on each share of the workload, so that whatever else the machine does falls on
//! all of them, and a contestant's figure is the median over its passes.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::Result;
use crate::contestants::{Contestant, Kind};
use crate::workload::{Share, Workload};

/// How many traces a share has: all of the paper's day.
const TRACES: usize = 450;

/// What a contestant's trials took.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Whose they are.
    pub kind: Kind,
    /// Seconds for each trial, one figure for each pass.
    passes: Vec<f64>,
}

impl Standing {
    /// A contestant's passes in the order of the rounds, in seconds for each trial.
    #[must_use]
    pub const fn of(kind: Kind, passes: Vec<f64>) -> Self {
        Self { kind, passes }
    }

    /// The median of the passes, in seconds for each trial.
    #[must_use]
    pub fn median(&self) -> f64 {
        quantile(self.passes.clone(), 0.5)
    }

    /// How many times this one's time `other` takes: the median over the rounds, in each of which
    /// both met the same machine.
    #[must_use]
    pub fn ratio_of(&self, other: &Self) -> f64 {
        median(other.passes.iter().zip(&self.passes).map(|(other, own)| other / own).collect())
    }

    /// The passes between which the middle half lies, in seconds for each trial.
    #[must_use]
    pub fn middle_half(&self) -> (f64, f64) {
        (quantile(self.passes.clone(), 0.25), quantile(self.passes.clone(), 0.75))
    }

    /// How many passes were measured.
    #[must_use]
    pub const fn passes(&self) -> usize {
        self.passes.len()
    }
}

/// Lets the contestants run the whole workload at least once, and go on until `time` has passed.
/// A first pass of each is not counted.
///
/// # Errors
/// When a contestant fails, or opens anything but what was planted.
pub fn race(
    workload: &Workload,
    contestants: &mut [Box<dyn Contestant>],
    time: Duration,
) -> Result<Vec<Standing>> {
    let shares = workload.shares(TRACES);
    let mut passes = vec![Vec::new(); contestants.len()];
    let warm_up = shares.first().ok_or("the workload is empty")?;
    for contestant in contestants.iter_mut() {
        checked_pass(workload, contestant.as_mut(), warm_up)?;
    }
    let start = Instant::now();
    for (round, share) in shares.iter().cycle().enumerate() {
        if round >= shares.len() && start.elapsed() >= time {
            break;
        }
        for (contestant, passes) in contestants.iter_mut().zip(&mut passes) {
            passes.push(checked_pass(workload, contestant.as_mut(), share)?);
        }
    }
    let kinds = contestants.iter().map(|contestant| contestant.kind());
    Ok(kinds.zip(passes).map(|(kind, passes)| Standing::of(kind, passes)).collect())
}

/// Seconds for each trial of a pass that found what it should.
fn checked_pass(
    workload: &Workload,
    contestant: &mut dyn Contestant,
    share: &Share,
) -> Result<f64> {
    let Range { start, end } = share.traces;
    let traces = start..start + (end - start).div_ceil(contestant.kind().one_in());
    let share = &Share { record: share.record, traces };
    let pass = contestant.pass(share)?;
    if pass.opened != workload.planted(share) {
        return Err(format!("{} opened {:?} of {share:?}", contestant.kind(), pass.opened).into());
    }
    Ok(pass.time.as_secs_f64() / share.traces.len() as f64)
}

/// The median of values in any order; NaN of none.
#[must_use]
pub fn median(values: Vec<f64>) -> f64 {
    quantile(values, 0.5)
}

/// A quantile of values in any order, between the two nearest ones; NaN of none.
fn quantile(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = part * values.len().saturating_sub(1) as f64;
    match (values.get(place.floor() as usize), values.get(place.ceil() as usize)) {
        (Some(below), Some(above)) => below + (above - below) * place.fract(),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contestants::{Pass, native};

    #[test]
    fn the_median_lies_in_the_middle() {
        assert_eq!(median(vec![30.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![2.0, 30.0, 1.0, 4.0]), 3.0);
        assert_eq!(quantile(vec![5.0, 1.0, 2.0, 4.0, 3.0], 0.25), 2.0);
        assert!(median(vec![]).is_nan());
    }

    #[test]
    fn a_ratio_compares_within_each_round() {
        let noren = Standing::of(Kind::NaiveBlst, vec![1.0, 10.0, 2.0]);
        let other = Standing::of(Kind::Zkcrypto, vec![3.0, 30.0, 8.0]);
        assert_eq!(noren.ratio_of(&other), 3.0);
    }

    #[test]
    fn every_contestant_runs_the_whole_workload() -> Result<()> {
        let workload = Workload::new(2, 2)?;
        let standings = race(&workload, &mut native(&workload)?, Duration::ZERO)?;
        assert!(standings.iter().all(|standing| standing.passes() == 2));
        Ok(())
    }

    /// Opens whatever it is given.
    struct Liar;

    impl Contestant for Liar {
        fn kind(&self) -> Kind {
            Kind::NaiveBlst
        }

        fn pass(&mut self, share: &Share) -> Result<Pass> {
            Ok(Pass { time: Duration::ZERO, opened: share.traces.clone().collect() })
        }
    }

    #[test]
    fn a_wrong_match_ends_the_race() -> Result<()> {
        let workload = Workload::new(2, 2)?;
        assert!(race(&workload, &mut [Box::new(Liar)], Duration::ZERO).is_err());
        Ok(())
    }
}
