//! The words of the command line itself, held against its source.

use std::path::{Path, PathBuf};

/// What is counted. `text::counted` puts the right form beside a number.
const COUNTED: [&str; 28] = [
    "approvals",
    "cases",
    "codes",
    "days",
    "devices",
    "entries",
    "files",
    "findings",
    "heads",
    "hours",
    "identities",
    "keys",
    "minutes",
    "mirrors",
    "notices",
    "operators",
    "places",
    "records",
    "reports",
    "rooms",
    "rows",
    "seconds",
    "tiles",
    "traces",
    "uploads",
    "venues",
    "visits",
    "weeks",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_number_stands_before_a_word_for_several() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 50, "{files:?}");
    let mut wrong = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        // What tests say when they fail is for nobody else.
        let text = text.split("#[cfg(test)]").next().unwrap();
        for (number, line) in text.lines().enumerate() {
            for word in COUNTED {
                for (at, found) in line.match_indices(&format!("}} {word}")) {
                    let rest = &line[at + found.len()..];
                    let is_word = !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
                    // A brace of the program's own, and no place for a number.
                    let is_code = line[..at].ends_with(' ') || !line[..at].contains(['"', '{']);
                    // A constant, which is more than one.
                    let is_constant = line[..at].ends_with(|c: char| c.is_ascii_uppercase());
                    if is_word && !is_code && !is_constant {
                        wrong.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "use text::counted:\n{}", wrong.join("\n"));
}
