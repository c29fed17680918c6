//! What README.md and the pages of docs/ show and promise: README is short, the examples are those
//! that compile, the quick start is the two commands that everything else relies on, tables name what
//! there is, and every link of every page leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::repository::{root, section, text};

const DEMO: &str = "cargo run --release -p noren-cli -- demo";
const TEST: &str = "cargo test --workspace";

/// What README may have at most: a third of what it once had. It takes a minute to read.
const README_BYTES: usize = 11_600;
const README_LINES: usize = 160;

/// The lines of the fenced blocks of one language in a section, one string for each block.
fn blocks(section: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    section
        .split(&opening)
        .skip(1)
        .map(|rest| rest.split("```").next().expect("a closed block").to_owned())
        .collect()
}

/// What stands in backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn readme_takes_a_minute() {
    let readme = text("README.md");
    assert!(readme.len() <= README_BYTES, "{} bytes", readme.len());
    assert!(readme.lines().count() <= README_LINES, "{} lines", readme.lines().count());
    for name in ["poster", "notice"] {
        let path = format!("docs/images/{name}.png");
        assert!(readme.contains(&format!("]({path})")), "{path}");
        let size = fs::metadata(root().join(&path)).expect("an image").len();
        assert!(size < 150_000, "{path}: {size} bytes");
    }
}

#[test]
fn the_examples_are_those_that_compile() {
    let example = text("protocol/examples/embed.rs");
    let code = example.split_once("\n\n").expect("a heading comment, then code").1;
    let pin = text("protocol/src/profile/pin.rs");
    let documented = pin.split("/// ```\n").nth(1).expect("an example");
    let shown = documented.lines().filter_map(|line| line.strip_prefix("///"));
    let shown = shown.filter(|line| !line.starts_with(" # "));
    let asking: String =
        shown.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect();
    assert_eq!(blocks(&text("docs/src/embedding.md"), "rust"), [asking.as_str(), code]);
    // README shows the middle of a function, without its indentation.
    let shown = blocks(&text("README.md"), "rust").concat();
    let indented: String = shown.lines().map(|line| format!("    {line}\n")).collect();
    assert!(!shown.is_empty());
    assert!(text("protocol/examples/visitor.rs").contains(&indented), "{shown}");
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

/// Every page of the repository, by its path.
fn pages() -> Vec<String> {
    let mut found = vec![];
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                if !name.starts_with('.')
                    && !["target", "node_modules", "corpus", "built"].contains(&name)
                {
                    folders.push(path);
                }
            } else if name.ends_with(".md") {
                let path = path.strip_prefix(root()).expect("below the root");
                found.push(path.to_str().expect("a name in UTF-8").to_owned());
            }
        }
    }
    found.sort();
    found
}

/// A page without its code, which may have brackets of its own.
fn prose(page: &str) -> String {
    let outside = page.split("\n```").step_by(2);
    outside.flat_map(|part| part.split('`').step_by(2)).collect()
}

/// Where the links of a page lead to, other than to other sites.
fn links(page: &str) -> Vec<String> {
    let prose = prose(page);
    let links = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    links.filter(|link| !link.contains("://") && !link.contains(':')).map(str::to_owned).collect()
}

/// The anchors of a page's headings.
fn anchors(page: &str) -> Vec<String> {
    let outside = page.split("\n```").step_by(2).flat_map(str::lines);
    let headings = outside.filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let words = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = words.chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let pages = pages();
    assert!(pages.iter().any(|page| page == "docs/src/tour.md") && pages.len() > 40, "{pages:?}");
    let mut broken = vec![];
    for page in &pages {
        let here = text(page);
        for link in links(&here) {
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = root().join(page).parent().expect("a folder").join(path);
            let there = match path {
                "" => Some(here.clone()),
                _ if target.is_dir() => Some(String::new()),
                _ => fs::read_to_string(&target).ok().or_else(|| target.exists().then(String::new)),
            };
            let leads = there.is_some_and(|there| {
                anchor.is_empty() || anchors(&there).iter().any(|name| name == anchor)
            });
            if !leads {
                broken.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_summary_of_the_book_names_every_page_once() {
    let mut named: Vec<String> = links(&text("docs/src/SUMMARY.md"));
    named.sort();
    let pages = pages();
    let there: Vec<&str> = pages
        .iter()
        .filter_map(|page| page.strip_prefix("docs/src/"))
        .filter(|page| *page != "SUMMARY.md")
        .collect();
    assert_eq!(named, there);
}

#[test]
fn the_specification_lists_its_pages_with_their_families() {
    let list = text("spec/README.md");
    for page in pages().iter().filter_map(|page| page.strip_prefix("spec/")) {
        if page.contains('/') || page == "README.md" {
            continue;
        }
        let row = list.lines().find(|line| line.contains(&format!("]({page})")));
        let listed = row.and_then(|row| row.rsplit('|').nth(1)).expect("a row for each page");
        let listed: BTreeSet<&str> = listed.trim().split(", ").collect();
        let here = text(&format!("spec/{page}"));
        let defined = here.split("\n**[").skip(1).filter_map(|rest| rest.split('-').next());
        let mut defined: BTreeSet<&str> = defined.collect();
        if defined.is_empty() {
            defined.insert("");
        }
        assert_eq!(listed, defined, "{page}");
    }
}

/// Both directions: no row for a crate that is not used, no direct dependency without a reason.
#[test]
fn every_direct_dependency_has_its_reason() {
    let page = text("docs/src/dependencies.md");
    let reasons: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| quoted(line.split('|').nth(1).expect("a first column")))
        .collect();
    let manifest: toml::Table = text("Cargo.toml").parse().expect("a manifest");
    let members = manifest["workspace"]["members"].as_array().expect("members");
    let used: BTreeSet<String> = members
        .iter()
        .filter_map(toml::Value::as_str)
        .flat_map(|member| dependencies(&text(&format!("{member}/Cargo.toml"))))
        .filter(|name| !name.starts_with("noren"))
        .collect();
    let mut sorted = reasons.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, used.iter().map(String::as_str).collect::<Vec<_>>());
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
fn every_function_of_the_table_exists() {
    let sources = rust_below(&root().join("protocol/src"));
    let declares = |name: &str| {
        ["fn ", "struct "].iter().any(|word| {
            let declaration = format!("pub {word}{name}");
            sources.match_indices(&declaration).any(|(at, found)| {
                let next = sources[at + found.len()..].chars().next();
                next.is_some_and(|next| !next.is_alphanumeric() && next != '_')
            })
        })
    };
    let page = text("docs/src/functions.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.contains("` |")).collect();
    assert!(rows.len() > 25, "{rows:?}");
    for name in rows.iter().flat_map(|row| quoted(row)) {
        for part in name.split("::").filter(|part| part.starts_with(char::is_uppercase)) {
            assert!(declares(part), "{part} in {name}");
        }
        assert!(declares(name.rsplit("::").next().unwrap_or(name)), "{name}");
    }
}

/// The text of all source files below a folder.
fn rust_below(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.push_str(&rust_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&fs::read_to_string(path).expect("a readable file"));
        }
    }
    all
}

#[test]
fn every_scenario_of_the_table_is_a_test() {
    let page = text("docs/src/four-systems.md");
    let named: BTreeSet<&str> =
        quoted(&page).filter(|word| word.starts_with("scenarios::")).collect();
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
