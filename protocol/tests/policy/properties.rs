//! What holds for every policy, place and number of reports.

use noren::authority::{Finding, Policy, PolicyError, Premises, Size, Verdict};
use noren::messages::{Level, VenueKind};
use proptest::prelude::*;
use proptest::sample::select;

fn size() -> impl Strategy<Value = Option<Size>> {
    let number = prop_oneof![0..300_u32, 900..1_100_u32, 9_900..10_100_u32, any::<u32>()];
    let size = (number, 0..3).prop_map(|(number, measure)| match measure {
        0 => Size::Seats(number),
        1 => Size::SquareMetres(number),
        _ => Size::Attendance(number),
    });
    prop::option::of(size)
}

fn premises() -> impl Strategy<Value = Premises> {
    (select(VenueKind::ALL), size()).prop_map(|(kind, size)| Premises { kind, size })
}

/// The shipped ones, and tables of random bands and clusters over some of the kinds.
fn policy() -> impl Strategy<Value = String> {
    let shipped: Vec<String> = Policy::shipped().iter().map(|each| each.toml.to_owned()).collect();
    let bands = prop::collection::btree_map(1..20_000_u32, 1..9_u32, 1..5);
    let row = (bands, any::<bool>(), select(vec!["seats", "area", "attendance"]));
    let table = (prop::collection::vec(row, 1..4), prop::option::of(9..20_u32));
    prop_oneof![
        select(shipped),
        table.prop_map(|(rows, cluster)| {
            let kinds = ["\"bar\", \"event\"", "\"gym\"", "\"cinema\", \"shop\""];
            let rows = rows.iter().zip(kinds).map(|((bands, last, measure), kinds)| {
                let mut bands: Vec<String> = bands
                    .iter()
                    .map(|(below, reports)| format!("{{ below = {below}, reports = {reports} }}"))
                    .collect();
                bands.extend(last.then(|| "{ reports = 4 }".to_owned()));
                let bands = bands.join(", ");
                format!(
                    "[[threshold]]\nkinds = [{kinds}]\nmeasure = \"{measure}\"\nbands = [{bands}]\n"
                )
            });
            let rows: String = rows.collect();
            let cluster = cluster.map(|reports| format!("[cluster]\nreports = {reports}\n"));
            let cluster = cluster.unwrap_or_default();
            crate::file(&format!("decision = \"thresholds\"\n{rows}{cluster}"))
        })
    ]
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Below | Verdict::Staff | Verdict::Unset => 0,
        Verdict::Reached(Level::Attention) => 1,
        Verdict::Reached(_) => 2,
    }
}

proptest! {
    #[test]
    fn more_reports_never_lead_to_less(
        policy in policy(), premises in premises(), fewer in 0..20_u32, more in 0..20_u32,
    ) {
        // [POL-4]
        let policy = Policy::from_toml(&policy).expect("a sound policy");
        let before = policy.evaluate(&premises, fewer).verdict;
        let after = policy.evaluate(&premises, fewer + more).verdict;
        prop_assert!(rank(before) <= rank(after));
        if rank(after) == 0 {
            prop_assert_eq!(before, after, "only more reports change a verdict");
        }
    }

    #[test]
    fn a_damaged_file_is_a_policy_or_refused_where_it_stands(
        policy in policy(), at in any::<prop::sample::Index>(), length in 0..40_usize,
        patch in "[\\PC\n]{0,6}",
    ) {
        // [POL-1]
        let whole: Vec<char> = policy.chars().collect();
        let at = at.index(whole.len());
        let end = (at + length).min(whole.len());
        let text: String = whole[..at].iter().copied()
            .chain(patch.chars())
            .chain(whole[end..].iter().copied())
            .collect();
        match Policy::from_toml(&text) {
            Ok(policy) => prop_assert_eq!(policy.toml(), text),
            Err(PolicyError::Toml { line, .. }) => {
                prop_assert!((1..=text.matches('\n').count() + 1).contains(&line));
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn a_verdict_follows_from_the_numbers_beside_it(
        policy in policy(), premises in premises(), reports in 0..20_u32,
    ) {
        // [POL-5]
        let policy = Policy::from_toml(&policy).expect("a sound policy");
        let finding = policy.evaluate(&premises, reports);
        match (finding.verdict, finding.needed) {
            (Verdict::Below, Some(needed)) => prop_assert!(reports < needed),
            (Verdict::Reached(_), Some(needed)) => prop_assert!(reports >= needed),
            (Verdict::Staff | Verdict::Unset, None) => {}
            _ => prop_assert!(false, "{finding:?}"),
        }
        if let (Some(range), Some(size)) = (finding.range, premises.size) {
            prop_assert_eq!(range.measure, size.measure());
            prop_assert!(range.from <= size.number());
            prop_assert!(range.below.is_none_or(|below| size.number() < below));
        }
    }

    #[test]
    fn a_kept_finding_equals_its_replay(
        policy in policy(), premises in premises(), reports in 0..20_u32,
    ) {
        // [POL-4] [POL-5]
        let finding = Policy::from_toml(&policy).expect("a policy").evaluate(&premises, reports);
        let kept = serde_json::to_string(&finding).expect("JSON");
        let read: Finding = serde_json::from_str(&kept).expect("a finding");
        prop_assert_eq!(&read, &finding);
        let again = Policy::from_toml(&policy).expect("a policy");
        prop_assert_eq!(&again.evaluate(&read.premises, read.reports), &read);
        let more = kept.replacen('{', "{\"more\":1,", 1);
        let refused = serde_json::from_str::<Finding>(&more).is_err();
        prop_assert!(refused, "a key that no finding has");
    }
}

#[test]
fn a_finding_in_json_has_names_not_numbers() {
    // [POL-5]
    let premises = Premises { kind: VenueKind::LiveHouse, size: Some(Size::Seats(250)) };
    let finding = crate::shipped("osaka").evaluate(&premises, 2);
    let json = serde_json::to_string(&finding).expect("JSON");
    assert_eq!(
        json,
        "{\"verdict\":\"attention\",\"reports\":2,\"needed\":2,\
         \"premises\":{\"kind\":\"live-house\",\"size\":{\"seats\":250}},\"group\":\"A\",\
         \"range\":{\"measure\":\"seats\",\"from\":100,\"below\":null},\
         \"measures\":[\"seats\",\"attendance\"]}"
    );
    assert!(serde_json::from_str::<Finding>(&json.replace("attention", "withdrawn")).is_err());
}
