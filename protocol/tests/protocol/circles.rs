//! The rooms of every crate: no module imports one that, in the end, imports it. A parent and what is
//! below it may know each other.

mod imports;
mod search;

use std::collections::BTreeSet;

use imports::Modules;
use search::circles;

use crate::repository::{root, text};

/// The folders of all sources.
const CRATES: [&str; 13] = [
    "benches/simulator/src",
    "benches/src",
    "bindings/wasm/src",
    "client-cli/posters/src",
    "client-cli/src",
    "fuzz/bodies/src",
    "protocol/skipped/src",
    "protocol/src",
    "server/faults/src",
    "server/src",
    "web/embedded/src",
    "web/press/src",
    "web/scanner/src",
];

/// The modules of a crate that stand in a circle, each circle on a line of its own.
fn found(folder: &str) -> Vec<BTreeSet<String>> {
    circles(&Modules::below(&root().join(folder)).imports())
}

#[test]
fn no_imports_go_in_a_circle() {
    for folder in CRATES {
        let circles = found(folder);
        assert!(circles.is_empty(), "{folder} imports in a circle: {circles:#?}");
    }
}

#[test]
fn every_crate_is_looked_at() {
    let manifest: toml::Table = text("Cargo.toml").parse().expect("a manifest");
    let members = manifest["workspace"]["members"].as_array().expect("members");
    let members: BTreeSet<String> =
        members.iter().filter_map(toml::Value::as_str).map(|each| format!("{each}/src")).collect();
    assert_eq!(members, CRATES.iter().map(|folder| (*folder).to_owned()).collect());
}

mod the_check_itself {
    use super::*;

    fn modules(files: &[(&str, &str)]) -> Modules {
        Modules::new(files.iter().map(|(name, code)| ((*name).to_owned(), (*code).to_owned())))
    }

    fn names(files: &[(&str, &str)]) -> Vec<String> {
        let circles = circles(&modules(files).imports());
        circles.iter().map(|circle| circle.iter().cloned().collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn a_circle_is_found_in_every_spelling() {
        for back in [
            "use crate::a::One;",
            "use crate::{b, a::{One, Two}};",
            "use super::a;",
            "fn f() { crate::a::one() }",
            "use super::{\n    a::One,\n};",
        ] {
            assert_eq!(names(&[("a", "use crate::b::Two;"), ("b", back)]), ["a b"], "{back}");
        }
    }

    #[test]
    fn a_module_is_known_by_the_name_that_it_was_imported_with() {
        let files = [("a", "use crate::b;\nfn f() { b::c::one() }"), ("b", ""), ("b::c", "")];
        let imports = modules(&files).imports();
        assert!(imports["a"].contains("b::c"), "{imports:?}");
    }

    #[test]
    fn a_long_circle_is_one() {
        let files = [("a", "use crate::b;"), ("b", "use crate::c;"), ("c", "use crate::a;")];
        assert_eq!(names(&files), ["a b c"]);
    }

    #[test]
    fn parents_and_children_comments_and_tests_do_not_count() {
        let circle = "use crate::a::One;";
        assert_eq!(names(&[("b", "use b::a::One;"), ("b::a", "use super::Two;")]), [""; 0]);
        for text in [format!("// {circle}"), format!("#[cfg(test)]\nmod tests {{\n{circle}\n}}")] {
            assert_eq!(names(&[("a", "use crate::b;"), ("b", &text)]), [""; 0], "{text}");
        }
    }
}
