//! Circles in what imports what.

use std::collections::{BTreeMap, BTreeSet};

/// Every module, and those that it imports.
pub(super) type Imports = BTreeMap<String, BTreeSet<String>>;

/// The sets of modules each of which leads to every other one of its set.
pub(super) fn circles(imports: &Imports) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|name| (name.as_str(), reached_from(imports, name))).collect();
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for (name, there) in &reached {
        if there.contains(name) && !found.iter().any(|circle| circle.contains(*name)) {
            let back = |other: &&&str| reached.get(**other).is_some_and(|own| own.contains(name));
            found.push(there.iter().filter(back).map(|other| (*other).to_owned()).collect());
        }
    }
    found
}

/// Every module to which a way of one step or more leads.
fn reached_from<'a>(imports: &'a Imports, start: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = imports[start].iter().map(String::as_str).collect();
    while let Some(name) = next.pop() {
        if reached.insert(name) {
            next.extend(imports[name].iter().map(String::as_str));
        }
    }
    reached
}
