//! How many times Noren's time the others take.

use noren::hazmat::Backend;

use crate::contestants::Kind;
use crate::race::Standing;

/// Another's time divided by Noren's: the larger, the better for Noren.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratio {
    /// What is divided by what.
    pub name: &'static str,
    /// The quotient.
    pub value: f64,
}

impl Ratio {
    /// The line `ratio NAME VALUE`, three digits after the point.
    #[must_use]
    pub fn line(&self) -> String {
        format!("ratio {} {:.3}", self.name, self.value)
    }
}

/// Every ratio of which both sides ran.
#[must_use]
pub fn ratios(standings: &[Standing]) -> Vec<Ratio> {
    let fastest = |is: fn(Kind) -> bool| {
        let those = standings.iter().filter(|standing| is(standing.kind));
        those.min_by(|a, b| a.median().total_cmp(&b.median()))
    };
    let naive = fastest(|kind| kind == Kind::NaiveBlst);
    let best = fastest(|kind| matches!(kind, Kind::Noren(_)));
    let sides = [
        ("scalar_vs_naive_blst", naive, fastest(|kind| kind == Kind::Noren(Backend::Scalar))),
        ("ifma_vs_naive_blst", naive, fastest(|kind| kind == Kind::Noren(Backend::EightLanes))),
        ("best_vs_zkcrypto", fastest(|kind| kind == Kind::Zkcrypto), best),
        ("best_vs_arkworks", fastest(|kind| kind == Kind::Arkworks), best),
        ("best_vs_mcl_wasm", fastest(|kind| matches!(kind, Kind::MclWasm(_))), best),
    ];
    let ratio = |(name, other, noren): (_, Option<&Standing>, Option<&Standing>)| {
        Some(Ratio { name, value: noren?.ratio_of(other?) })
    };
    sides.into_iter().filter_map(ratio).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contestants::mcl_wasm::Version;

    fn lines(times: &[(Kind, f64)]) -> Vec<String> {
        let standing = |(kind, time): &(Kind, f64)| Standing::of(*kind, vec![*time]);
        ratios(&times.iter().map(standing).collect::<Vec<_>>()).iter().map(Ratio::line).collect()
    }

    #[test]
    fn each_ratio_is_the_others_time_by_norens_best() {
        let times = [
            (Kind::Noren(Backend::Scalar), 0.4),
            (Kind::Noren(Backend::EightLanes), 0.1),
            (Kind::NaiveBlst, 0.5),
            (Kind::Zkcrypto, 0.9),
            (Kind::Arkworks, 0.75),
            (Kind::MclWasm(Version::Reference), 4.0),
            (Kind::MclWasm(Version::Newest), 3.0),
        ];
        let expected = [
            "ratio scalar_vs_naive_blst 1.250",
            "ratio ifma_vs_naive_blst 5.000",
            "ratio best_vs_zkcrypto 9.000",
            "ratio best_vs_arkworks 7.500",
            "ratio best_vs_mcl_wasm 30.000",
        ];
        assert_eq!(lines(&times), expected);
    }

    #[test]
    fn who_did_not_run_has_no_ratio() {
        let times = [(Kind::Noren(Backend::Scalar), 0.4), (Kind::NaiveBlst, 0.5)];
        assert_eq!(lines(&times), ["ratio scalar_vs_naive_blst 1.250"]);
    }
}
