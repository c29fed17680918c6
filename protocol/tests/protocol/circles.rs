//! The rooms of every crate: no module imports one that, in the end, imports it. A parent and what is
//! below it may know each other.

mod imports;
mod search;

use std::collections::BTreeSet;

use imports::Modules;
use search::circles;

use crate::repository::{root, text};

/// The folders of all sources, and the modules in them that still stand in a circle. A name may only
/// be struck off here.
const CRATES: [(&str, &[&str]); 8] = [
    ("benches/simulator/src", &[]),
    ("benches/src", &[]),
    ("client-cli/src", &THE_DESK),
    ("fuzz/bodies/src", &[]),
    ("protocol/skipped/src", &[]),
    ("protocol/src", &THE_LIBRARY),
    ("server/faults/src", &[]),
    ("server/src", &[]),
];

/// The desk, which becomes an engine of its own.
const THE_DESK: [&str; 27] = [
    "authority::approvals",
    "authority::case_document",
    "authority::cases",
    "authority::codes",
    "authority::desk",
    "authority::desk::case_file",
    "authority::desk::coded",
    "authority::desk::patient_file",
    "authority::desk::journal",
    "authority::desk::log",
    "authority::desk::seat",
    "authority::desk::store",
    "authority::patient",
    "authority::patient::enable",
    "authority::policy",
    "authority::profile",
    "authority::publish",
    "authority::publish::batch",
    "authority::publish::preview",
    "authority::recognise",
    "authority::release",
    "authority::reports",
    "authority::retention",
    "authority::review",
    "authority::rotate",
    "authority::standing",
    "authority::status",
];

/// Below the modules that the storeys are made of.
const THE_LIBRARY: [&str; 17] = [
    "authority::policy::check",
    "authority::policy::finding",
    "authority::policy::phrase",
    "authority::policy::release",
    "authority::policy::rows",
    "authority::policy::texts",
    "authority::policy::threshold",
    "ibe::field",
    "ibe::final_exponentiation",
    "ibe::group",
    "ibe::lanes",
    "ibe::native",
    "ibe::trial",
    "log::checkpoint",
    "log::note",
    "visitor::sync",
    "visitor::vault",
];

/// The modules of a crate that stand in a circle, each circle on a line of its own.
fn found(folder: &str) -> Vec<BTreeSet<String>> {
    circles(&Modules::below(&root().join(folder)).imports())
}

#[test]
fn no_imports_go_in_a_circle() {
    for (folder, excepted) in CRATES {
        let circles = found(folder);
        let new: Vec<_> = circles
            .iter()
            .filter(|circle| circle.iter().any(|name| !excepted.contains(&name.as_str())))
            .collect();
        assert!(new.is_empty(), "{folder} imports in a circle: {new:#?}");
    }
}

#[test]
fn an_exception_that_is_none_any_more_is_struck_off() {
    for (folder, excepted) in CRATES {
        let left: BTreeSet<String> = found(folder).into_iter().flatten().collect();
        let over: Vec<_> = excepted.iter().filter(|name| !left.contains(**name)).collect();
        assert!(over.is_empty(), "strike off for {folder}: {over:?}");
    }
}

#[test]
fn every_crate_is_looked_at() {
    let manifest: toml::Table = text("Cargo.toml").parse().expect("a manifest");
    let members = manifest["workspace"]["members"].as_array().expect("members");
    let members: BTreeSet<String> =
        members.iter().filter_map(toml::Value::as_str).map(|each| format!("{each}/src")).collect();
    assert_eq!(members, CRATES.iter().map(|(folder, _)| (*folder).to_owned()).collect());
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
