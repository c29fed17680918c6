//! The rooms of the library: imports only go down, and `unsafe` stays where it is said to be.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every module of the library, from the ground up. Each may use those before its own line.
const STOREYS: [&[&str]; 10] = [
    &["domain", "cbor", "padding", "text", "time", "wipe"],
    &["passphrase", "sealed_box", "signing"],
    &["ibe"],
    &["identity"],
    &["messages"],
    &["log"],
    &["request"],
    &["profile"],
    &["auditor", "authority", "venue", "visitor"],
    &["hazmat", "keys"],
];

/// Where `unsafe` may stand.
const UNSAFE: [&str; 3] = ["ibe/native.rs", "ibe/lanes", "ibe/remains.rs"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every file below a folder, by its path from there, without comments and unit tests.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a text");
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
            let name =
                path.strip_prefix(source()).expect("below it").to_string_lossy().into_owned();
            found.insert(name, lines.collect::<Vec<_>>().join("\n"));
        }
    }
    found
}

/// The modules that `crate::…` names in a file.
fn imports(code: &str) -> Vec<String> {
    let word = |text: &str| {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        text[..end].to_owned()
    };
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => found.push(word(rest)),
            Some(list) => {
                let mut depth = 0;
                let end = list.find(|c| {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    depth < 0
                });
                let list = &list[..end.expect("a closing brace")];
                let mut depth = 0;
                let parts = list.split(|c| {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    c == ',' && depth == 0
                });
                found.extend(parts.map(|part| word(part.trim())).filter(|name| !name.is_empty()));
            }
        }
    }
    found
}

fn storey(module: &str) -> Option<usize> {
    STOREYS.iter().position(|storey| storey.contains(&module))
}

#[test]
fn imports_only_go_down() {
    let mut wrong = Vec::new();
    for (file, code) in files(&source()) {
        let own = file.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        if own == "lib" {
            continue;
        }
        let here = storey(own).unwrap_or_else(|| panic!("{own} stands on no storey"));
        for module in imports(&code) {
            match storey(&module) {
                Some(there) if module == own || there < here => {}
                // A macro or a test's module at the root.
                None if module == "skipped" => {}
                _ => wrong.push(format!("{file} uses {module}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn imports_are_found_in_every_spelling() {
    let code = "use crate::time::Day;\nuse crate::{log::{Origin, note}, text};\ncrate::cbor::x()";
    assert_eq!(imports(code), ["time", "log", "text", "cbor"]);
}

#[test]
fn what_is_unsafe_stands_together() {
    for (file, code) in files(&source()) {
        let may = UNSAFE.iter().any(|place| file.starts_with(place));
        assert!(may || !code.contains("unsafe "), "{file}");
    }
}
