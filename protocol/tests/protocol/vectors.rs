//! Runs every vector file in `spec/vectors/`, and every one in the folder that the environment
//! variable `NOREN_VECTORS` names: all sections, all cases, all fields.
//!
//! The format is that of `spec/vectors/crowdnotifier-v3.json`: an object of sections, each a list of
//! cases (or one case); `meta` says where they come from. A section that is not known here, a file
//! without a case and a field that nothing checks are failures.

mod authority_keys;
mod case;
mod ciphertexts;
mod entry_codes;
mod flows;
mod identities;
pub(crate) mod log;
mod notices;
mod organisations;
mod patient_uploads;
mod points;
mod profiles;
mod requests;
mod scheme;
mod stricter;
mod uploads;
mod vaults;
mod witnesses;

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

use case::{Case, Checked};
use stricter::{Met, Stricter};

/// What a file says for all of its cases, and what was met in them.
#[derive(Debug, Default)]
struct Context {
    /// The recorded present in UNIX seconds, from `meta.clock`.
    clock: Option<u64>,
    /// Deliberate differences from the reference.
    met: Met,
}

/// A check of one case.
type Check = fn(&Case<'_>, &Context) -> Checked;

/// Every section and the check of its cases.
const SECTIONS: &[(&str, Check)] = &[
    ("hkdf_identity", identities::hkdf_identity),
    ("affected_hours", identities::affected_hours),
    ("fr_hash", scheme::fr_hash),
    ("h1", scheme::h1),
    ("fr_random_mask", scheme::fr_random_mask),
    ("base", scheme::base),
    ("keygen", scheme::keygen),
    ("keyder", scheme::keyder),
    ("key_split", scheme::key_split),
    ("pairing", scheme::pairing_value),
    ("gt_pow", scheme::gt_pow),
    ("deserialize", points::deserialize),
    ("ibe", ciphertexts::ibe),
    ("secretbox", ciphertexts::secretbox),
    ("sealed", ciphertexts::sealed),
    ("flows", flows::flow),
    ("qr_parse", entry_codes::qr_parse),
    ("noren_upload", uploads::upload),
    ("noren_upload_code", uploads::upload_code),
    ("noren_window_code", uploads::window_code),
    ("noren_patient_upload", patient_uploads::patient_upload),
    ("noren_notice", notices::notice),
    ("noren_venue_details", entry_codes::venue_details),
    ("noren_link", entry_codes::link),
    ("noren_authority_keys", authority_keys::sealed),
    ("noren_profile", profiles::profile),
    ("noren_profile_entry", profiles::entry),
    ("noren_profile_replacement", profiles::replacement),
    ("noren_organisation", organisations::organisation),
    ("noren_request", requests::request),
    ("noren_vault", vaults::vault),
    ("noren_inclusion", witnesses::inclusion),
    ("noren_consistency", witnesses::consistency),
    ("noren_log_proof", witnesses::log_proof),
    ("noren_witness_policy", witnesses::witness_policy),
    ("noren_add_checkpoint", witnesses::add_checkpoint),
];

/// What came of one file.
#[derive(Debug, Default)]
struct Report {
    cases: usize,
    failures: Vec<String>,
    met: BTreeMap<Stricter, usize>,
}

/// Runs the sections of one file.
fn run(name: &str, text: &str) -> Report {
    let mut report = Report::default();
    let sections = match serde_json::from_str(text) {
        Ok(Value::Object(sections)) => sections,
        other => {
            report.failures.push(format!("{name}: not an object of sections: {other:?}"));
            return report;
        }
    };
    let clock = sections.get("meta").and_then(|meta| meta.get("clock")).and_then(Value::as_u64);
    let context = Context { clock, met: Met::default() };
    for (section, cases) in sections.iter().filter(|(section, _)| *section != "meta") {
        match SECTIONS.iter().find(|(known, _)| known == section) {
            Some((_, check)) => run_section(&mut report, section, cases, *check, &context),
            None => run_log_section(&mut report, section, cases),
        }
    }
    if report.cases == 0 {
        report.failures.push("not a single case".to_owned());
    }
    report.failures.iter_mut().for_each(|failure| *failure = format!("{name}: {failure}"));
    report.met = context.met.counts();
    report
}

fn run_section(report: &mut Report, section: &str, cases: &Value, check: Check, context: &Context) {
    let one = std::slice::from_ref(cases);
    for (i, value) in cases.as_array().map_or(one, Vec::as_slice).iter().enumerate() {
        report.cases += 1;
        let result = Case::new(format!("{section}[{i}]"), value).and_then(|case| {
            check(&case, context)?;
            case.finish()
        });
        report.failures.extend(result.err());
    }
}

/// Runs a section of the log's, whose checks stop at the first surprise.
fn run_log_section(report: &mut Report, section: &str, cases: &Value) {
    match catch_unwind(|| log::run(section, cases)) {
        Ok(Some(number)) => report.cases += number,
        Ok(None) => report.failures.push(format!("unknown section {section}")),
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map_or("stopped", String::as_str);
            report.failures.push(format!("{section}: {message}"));
        }
    }
}

/// Runs every `.json` file of a folder, the first name first.
fn run_folder(folder: &Path) -> Result<Vec<(PathBuf, Report)>, String> {
    let error = |error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(format!("{}: no .json file", folder.display()));
    }
    let read = |path: PathBuf| {
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let report = run(&path.display().to_string(), &text);
        Ok((path, report))
    };
    files.into_iter().map(read).collect()
}

/// Prints what was run, and what fails.
fn summary(reports: &[(PathBuf, Report)]) -> (String, Vec<&str>) {
    let mut text = String::new();
    for (path, report) in reports {
        text.push_str(&format!("{}: {} cases\n", path.display(), report.cases));
        for (difference, times) in &report.met {
            text.push_str(&format!("  stricter than the reference: {difference:?} × {times}\n"));
        }
    }
    let failures = reports.iter().flat_map(|(_, report)| &report.failures).map(String::as_str);
    (text, failures.collect())
}

fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors")
}

#[test]
fn every_file_of_the_specification_passes() {
    let reports = run_folder(&recorded()).expect("the folder can be read");
    let (text, failures) = summary(&reports);
    println!("{text}");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_file_of_the_folder_in_noren_vectors_passes() {
    let Some(folder) = env::var_os("NOREN_VECTORS") else {
        return noren_skipped::skipped("more vectors, in the folder of NOREN_VECTORS");
    };
    // A relative path counts from where the tests were started: cargo moves into the package.
    let reports =
        run_folder(&from_the_workspace(Path::new(&folder))).expect("the folder can be read");
    let (text, failures) = summary(&reports);
    println!("{text}");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// A relative path is looked up in the package and then in the workspace: cargo runs tests in the
/// one, people start them in the other.
fn from_the_workspace(folder: &Path) -> PathBuf {
    if folder.exists() {
        folder.to_owned()
    } else {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)
    }
}

#[test]
fn every_deliberate_difference_is_met_in_the_recorded_reference() {
    let text = fs::read_to_string(recorded().join("crowdnotifier-v3.json")).expect("a file");
    let met = run("crowdnotifier-v3.json", &text).met;
    let missed: Vec<_> = Stricter::RECORDED.iter().filter(|name| !met.contains_key(name)).collect();
    assert!(missed.is_empty(), "never met: {missed:?}");
}

mod the_runner_itself {
    use super::*;

    fn failures(text: &str) -> Vec<String> {
        run("a file", text).failures
    }

    const GOOD: &str = r#"{"bytes":"00","fr":"00"}"#;

    fn mask_case(bytes: &str, fr: &str) -> String {
        format!(r#"{{"bytes":"{}","fr":"{}"}}"#, bytes.repeat(32), fr.repeat(32))
    }

    #[test]
    fn a_good_case_passes_and_a_wrong_one_is_reported_with_its_place() {
        let good = mask_case("01", "01");
        assert_eq!(failures(&format!(r#"{{"fr_random_mask":[{good}]}}"#)), Vec::<String>::new());
        let wrong = mask_case("01", "02");
        let failures = failures(&format!(r#"{{"fr_random_mask":[{good},{wrong}]}}"#));
        assert_eq!(failures.len(), 1);
        assert!(failures[0].starts_with("a file: fr_random_mask[1]"), "{failures:?}");
    }

    #[test]
    fn a_section_without_a_check_is_reported() {
        let good = mask_case("01", "01");
        let text = format!(r#"{{"meta":{{}},"fr_random_mask":[{good}],"fr_mask":[]}}"#);
        assert_eq!(failures(&text), ["a file: unknown section fr_mask"]);
    }

    #[test]
    fn a_file_without_a_case_is_reported() {
        for text in [r#"{"meta":{"clock":1}}"#, r#"{"h1":[]}"#, "{}"] {
            assert_eq!(failures(text), ["a file: not a single case"], "{text}");
        }
        assert_eq!(failures("[]").len(), 1);
        assert_eq!(failures("{").len(), 1);
    }

    #[test]
    fn a_field_that_nothing_checks_or_that_is_missing_or_of_another_type_is_reported() {
        let good = mask_case("01", "01");
        for text in [
            good.replace(r#""fr""#, r#""more":1,"fr""#),
            good.replace("fr", "rf"),
            GOOD.to_owned(),
            r#"{"bytes":1,"fr":2}"#.to_owned(),
            "7".to_owned(),
        ] {
            assert_eq!(failures(&format!(r#"{{"fr_random_mask":[{text}]}}"#)).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_folder_without_files_or_that_is_none_is_reported() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(run_folder(&folder.join("src")).is_err());
        assert!(run_folder(&folder.join("nowhere")).is_err());
    }
}
