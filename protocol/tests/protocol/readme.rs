//! What README.md shows and promises: the example is the one that compiles, the quick start is the
//! two commands that everything else relies on, and every file it links to exists.

use std::collections::BTreeSet;

use crate::repository::{root, section, text};

const DEMO: &str = "cargo run --release -p noren-cli -- demo";
const TEST: &str = "cargo test --workspace";

/// The lines of the fenced blocks of one language in a section, one string for each block.
fn blocks(section: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    section
        .split(&opening)
        .skip(1)
        .map(|rest| rest.split("```").next().expect("a closed block").to_owned())
        .collect()
}

#[test]
fn the_example_is_the_one_that_compiles() {
    let readme = text("README.md");
    let example = text("protocol/examples/embed.rs");
    let code = example.split_once("\n\n").expect("a heading comment, then code").1;
    let shown = blocks(section(&readme, "Embedding the crate"), "rust");
    assert_eq!(shown, [code]);
}

#[test]
fn the_quick_start_is_exactly_two_commands() {
    let readme = text("README.md");
    let shown = blocks(section(&readme, "Quick start"), "sh");
    let commands: Vec<&str> = shown
        .iter()
        .flat_map(|block| block.lines())
        .map(|line| line.split(" #").next().unwrap_or(line).trim())
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(commands, [DEMO, TEST]);
}

#[test]
fn ci_runs_the_test_command() {
    let script = text(".ci/run");
    assert!(script.lines().any(|line| line.trim() == TEST));
}

#[test]
fn every_linked_file_exists() {
    let readme = text("README.md");
    let links: BTreeSet<&str> = readme
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|link| link.split('#').next().unwrap_or(link))
        .filter(|link| !link.is_empty() && !link.contains("://"))
        .collect();
    let missing: Vec<&str> =
        links.iter().copied().filter(|link| !root().join(link).exists()).collect();
    assert!(!links.is_empty());
    assert_eq!(missing, [""; 0]);
}

/// Both directions: no row for a crate that is not used, no direct dependency without a reason.
#[test]
fn every_direct_dependency_has_its_reason() {
    let readme = text("README.md");
    let reasons: BTreeSet<String> = section(&readme, "Dependencies")
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| {
            let first = line.split('|').nth(1).expect("a first column");
            first.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    let used: BTreeSet<String> =
        ["protocol", "server", "client-cli", "benches", "benches/simulator"]
            .iter()
            .flat_map(|member| dependencies(&text(&format!("{member}/Cargo.toml"))))
            .filter(|name| !name.starts_with("noren"))
            .collect();
    assert_eq!(reasons, used);
}

/// The names in the dependency tables of a manifest. Ours have one dependency on each line.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = vec![];
    for line in manifest.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside && let Some((name, _)) = line.split_once(['.', ' ', '=']) {
            names.push(name.to_owned());
        }
    }
    names
}

#[test]
fn every_scenario_of_the_table_is_a_test() {
    let readme = text("README.md");
    let table = section(&readme, "The four systems that Noren replaces");
    let named: BTreeSet<&str> =
        table.split('`').filter(|word| word.starts_with("scenarios::")).collect();
    assert!(named.len() >= 7, "{named:?}");
    for name in named {
        let mut parts = name.split("::").skip(1);
        let system = parts.next().expect("a system");
        let file = text(&format!("client-cli/tests/cli/scenarios/{system}.rs"));
        if let Some(test) = parts.next() {
            assert!(file.contains(&format!("#[test]\nfn {test}(")), "{name}");
        }
    }
}

/// What has to be quick in every release: what computes, and what matching is measured beside.
const QUICK: [&str; 14] = [
    "argon2",
    "ark-bls12-381",
    "ark-ec",
    "ark-ff",
    "bls12_381",
    "blst",
    "crypto_box",
    "crypto_secretbox",
    "curve25519-dalek",
    "noren",
    "noren-benches",
    "noren-simulator",
    "ring",
    "sha2",
];

/// The first command does not wait for what only a shipped program needs; what is shipped and measured
/// is optimised as a whole.
#[test]
fn releases_optimise_what_computes_and_what_is_shipped_all() {
    let manifest: toml::Table = text("Cargo.toml").parse().expect("a manifest");
    let profile = |name: &str| &manifest["profile"][name];
    let level = |of: &toml::Value| of.get("opt-level").and_then(toml::Value::as_integer);
    assert_eq!((level(profile("release")), profile("release").get("lto")), (Some(0), None));
    for shipped in ["dist", "bench"] {
        let lto = profile(shipped)["lto"].as_str();
        assert_eq!((level(profile(shipped)), lto), (Some(3), Some("thin")), "{shipped}");
    }
    let packages = profile("release")["package"].as_table().expect("packages");
    for name in QUICK {
        assert_eq!(packages.get(name).and_then(level), Some(3), "{name}");
    }
    // What is set for a package holds for what is shipped as well.
    for (name, package) in packages {
        assert_eq!(level(package), Some(3), "{name}");
    }
}
