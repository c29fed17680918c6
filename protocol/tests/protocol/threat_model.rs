//! What the threat model promises about itself: it answers every requirement and theorem of the
//! paper, has a row for every screen that a visitor sees, and names tests that exist.

use std::collections::BTreeSet;

use crate::repository::{root, rust_files, section, text};

/// The requirements of the paper (section 3 of its text).
const REQUIREMENTS: [&str; 19] = [
    "F1", "F2", "F3", "NF1", "NF2", "NF3", "NF4", "PU1", "PU2", "PU3", "PU4", "PU5", "PL1", "PL2",
    "PL3", "PL4", "S1", "S2", "S3",
];

#[test]
fn every_test_that_is_named_exists() {
    let page = text("spec/threat-model.md");
    let named: BTreeSet<&str> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.contains("::") && *word != "module::test")
        .collect();
    assert!(named.len() > 25, "{named:?}");
    let folders = ["protocol/tests", "server/tests", "client-cli/tests"];
    let files: Vec<_> =
        folders.into_iter().flat_map(|each| rust_files(&root().join(each))).collect();
    for name in named {
        let (module, test) = name.rsplit_once("::").expect("a module and a test");
        let module = module.rsplit("::").next().expect("a module");
        let is_there = files.iter().any(|(path, text)| {
            let path = path.to_string_lossy();
            let in_module =
                path.contains(&format!("/{module}/")) || path.ends_with(&format!("/{module}.rs"));
            in_module
                && text.contains("#[test]") | text.contains("#[tokio::test")
                && text.contains(&format!("fn {test}("))
        });
        assert!(is_there, "no test is called {name}");
    }
}

#[test]
fn every_requirement_of_the_paper_is_answered() {
    let page = text("spec/threat-model.md");
    let answers = section(&page, "The paper's requirements");
    for requirement in REQUIREMENTS {
        let heading = format!("\n**{requirement}: ");
        assert_eq!(answers.matches(&heading).count(), 1, "{requirement}");
    }
}

#[test]
fn every_theorem_of_the_paper_is_carried_over_or_not() {
    let page = text("spec/threat-model.md");
    let table = section(&page, "The paper's theorems");
    for theorem in 1..=9 {
        let row = table.lines().find(|line| line.starts_with(&format!("| {theorem}, ")));
        let row = row.expect("a row");
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 5, "{row}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{row}");
    }
}

#[test]
fn every_screen_of_the_visitor_has_its_row() {
    let page = text("spec/threat-model.md");
    let table = section(&page, "What the screen shows");
    let listed: BTreeSet<String> = table
        .lines()
        .filter(|line| line.starts_with("| `visitor "))
        .flat_map(|line| line.split('|').nth(1).expect("a first cell").split('`'))
        .filter_map(|word| word.strip_prefix("visitor ").map(str::to_owned))
        .collect();
    let help = text("client-cli/tests/cli/help/visitor.trycmd");
    let groups = help.split("<COMMAND>\n").nth(1).expect("groups").split("\nOptions:\n").next();
    let verbs: BTreeSet<String> = groups
        .expect("a list")
        .lines()
        // What goes on from the line before stands further in.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, verbs);
}
