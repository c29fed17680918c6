//! The modules of a crate, and the paths in them that lead to other ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::search::Imports;
use crate::repository::rust_files;

/// The code of each module, by its path below the crate, without comments and unit tests. The roots,
/// `lib` and `main`, are the parents of all.
pub(super) struct Modules(BTreeMap<String, String>);

impl Modules {
    pub(super) fn new(files: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(files.into_iter().map(|(name, text)| (name, code(&text))).collect())
    }

    /// Those in the files below a folder.
    pub(super) fn below(root: &Path) -> Self {
        let files = rust_files(root).into_iter().filter(|(path, _)| !path.ends_with("tests.rs"));
        let modules = Self::new(files.map(|(path, text)| {
            let path = path.strip_prefix(root).expect("below it").with_extension("");
            (path.to_string_lossy().replace('/', "::"), text)
        }));
        assert!(!modules.0.is_empty(), "no source in {}", root.display());
        modules
    }

    /// What each module imports, but its own parents and what is below it.
    pub(super) fn imports(&self) -> Imports {
        self.0.iter().map(|(name, code)| (name.clone(), self.imports_of(name, code))).collect()
    }

    fn imports_of(&self, name: &str, code: &str) -> BTreeSet<String> {
        let own: Vec<&str> = name.split("::").filter(|part| !is_root(part)).collect();
        let paths = paths(code);
        let absolute = |path: &Vec<String>| absolute(&own, path);
        let imported: Vec<Vec<String>> = paths.iter().filter_map(absolute).collect();
        // `use crate::a::b;` makes `b::c` one of `a::b`.
        let named = paths.iter().filter_map(|path| {
            let module = imported.iter().find(|module| {
                module.last() == path.first() && self.0.contains_key(&module.join("::"))
            })?;
            Some([module.as_slice(), path.get(1..)?].concat())
        });
        let all: Vec<Vec<String>> = named.chain(imported.iter().cloned()).collect();
        let module = |path: &Vec<String>| self.longest(path);
        all.iter().filter_map(module).filter(|other| !related(name, other)).collect()
    }

    /// The module to which a path leads.
    fn longest(&self, path: &[String]) -> Option<String> {
        let beginnings = (1..=path.len()).rev().map(|length| path[..length].join("::"));
        beginnings.into_iter().find(|name| self.0.contains_key(name))
    }
}

fn is_root(part: &str) -> bool {
    part == "lib" || part == "main"
}

/// Whether one is the other, its parent, or below it.
fn related(one: &str, other: &str) -> bool {
    let below = |upper: &str, lower: &str| lower.strip_prefix(upper).is_some_and(is_rest);
    fn is_rest(rest: &str) -> bool {
        rest.is_empty() || rest.starts_with("::")
    }
    is_root(one) || below(one, other) || below(other, one)
}

/// A file without comments and unit tests.
fn code(text: &str) -> String {
    let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = shipped.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// A path that begins with `crate`, `self` or `super`, from the crate's root on.
fn absolute(own: &[&str], path: &[String]) -> Option<Vec<String>> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    let (base, rest) = match path.first()?.as_str() {
        "crate" => (&own[..0], &path[1..]),
        "self" => (own, &path[1..]),
        "super" => (&own[..own.len().checked_sub(ups)?], &path[ups..]),
        _ => return None,
    };
    Some(base.iter().map(|part| (*part).to_owned()).chain(rest.iter().cloned()).collect())
}

/// Every path of two parts and more, those in braces each on its own.
fn paths(code: &str) -> Vec<Vec<String>> {
    let tokens = tokens(code);
    let (mut found, mut rest) = (Vec::new(), tokens.as_slice());
    while !rest.is_empty() {
        rest = path(&[], rest, &mut found);
    }
    found.retain(|path| path.len() > 1);
    found
}

/// Reads one path and all that it holds in braces, and returns what comes after it.
fn path<'t>(prefix: &[String], tokens: &'t [&str], found: &mut Vec<Vec<String>>) -> &'t [&'t str] {
    let mut path = prefix.to_vec();
    let mut rest = tokens;
    while let [first, after @ ..] = rest {
        rest = after;
        match *first {
            "{" if !path.is_empty() => return group(&path, after, found),
            word if is_word(word) => path.push(word.to_owned()),
            _ => break,
        }
        match rest {
            ["::", after @ ..] => rest = after,
            _ => break,
        }
    }
    found.push(path);
    rest
}

/// Reads what stands in braces after a path, up to the closing one.
fn group<'t>(
    prefix: &[String],
    mut rest: &'t [&'t str],
    found: &mut Vec<Vec<String>>,
) -> &'t [&'t str] {
    while let [first, after @ ..] = rest {
        rest = match *first {
            "}" => return after,
            word if is_word(word) => path(prefix, rest, found),
            _ => after,
        };
    }
    rest
}

fn is_word(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Words, `::`, and all other characters one by one.
fn tokens(code: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), code);
    while let Some(first) = rest.chars().next() {
        let in_word = |each: char| each.is_alphanumeric() || each == '_';
        let length = if in_word(first) {
            rest.find(|each| !in_word(each)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        if !first.is_whitespace() {
            found.push(token);
        }
        rest = after;
    }
    found
}
