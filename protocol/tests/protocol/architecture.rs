//! The rooms of the library: imports only go down, and `unsafe` stays where it is said to be.

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

/// Where `unsafe` may stand. CONTRIBUTING.md says why.
const UNSAFE: [&str; 6] = [
    "ibe/lanes.rs",
    "ibe/lanes/convert.rs",
    "ibe/lanes/instructions.rs",
    "ibe/lanes/tests.rs",
    "ibe/native.rs",
    "ibe/remains.rs",
];

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
    let files = files(&source());
    let found = files.iter().filter(|(_, code)| code.contains("unsafe ")).map(|(file, _)| file);
    assert!(found.eq(UNSAFE), "{UNSAFE:?}");
}

/// The source of the command line.
fn commands() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../client-cli/src")
}

/// What the desk may use of the command line's modules: foundations, which know of no command.
const BELOW_THE_DESK: [&str; 8] =
    ["clock", "errors", "files", "http", "log_files", "signing_command", "text", "times"];

/// What the desk has no use for, since others parse, ask, print and have a clock.
const NOT_AT_THE_DESK: [&str; 9] = [
    "clap::",
    "println!",
    "eprint",
    "stdin",
    "stdout",
    "stderr",
    "SystemTime",
    "SysRng",
    "Timestamp::now",
];

#[test]
fn the_desk_knows_nothing_of_the_commands() {
    let mut wrong = Vec::new();
    for (module, code) in modules(&commands()) {
        let is_of_desk = module == "desk" || module.starts_with("desk::");
        if !is_of_desk || module.ends_with("::tests") {
            continue;
        }
        let above = imports(&code)
            .into_iter()
            .filter(|of| of != "desk" && !BELOW_THE_DESK.contains(&&**of));
        wrong.extend(above.map(|of| format!("{module} uses {of}")));
        let found = NOT_AT_THE_DESK.iter().filter(|word| code.contains(**word));
        wrong.extend(found.map(|word| format!("{module} has {word}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nor_does_what_the_desk_stands_on() {
    let below = |module: &str| BELOW_THE_DESK.contains(&module) || module == "given";
    let mut wrong = Vec::new();
    for (module, code) in modules(&commands()) {
        if !below(module.split("::").next().unwrap_or_default()) {
            continue;
        }
        let above = imports(&code).into_iter().filter(|of| !below(of));
        wrong.extend(above.map(|of| format!("{module} uses {of}")));
        wrong.extend(code.contains("clap::").then(|| format!("{module} has clap")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_imports_go_in_a_circle_at_the_desk_and_among_its_commands() {
    let all = modules(&commands());
    assert!(all.contains_key("desk::perform") && all.contains_key("authority::done"));
    let circles: Vec<_> = circles(&all)
        .into_iter()
        .filter(|(one, _)| one.starts_with("desk") || one.starts_with("authority"))
        .collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn circles_are_found_in_every_spelling() {
    let module = |name: &str, code: &str| (name.to_owned(), code.to_owned());
    let circle = |one: &str, other: &str, third: &str| {
        let all = BTreeMap::from([
            module("a", one),
            module("a::one", other),
            module("b", third),
            module("b::two", ""),
        ]);
        !circles(&all).is_empty()
    };
    assert!(!circle("", "use crate::b::X;", ""));
    assert!(!circle("mod one;\nuse one::X;", "use super::Y;", ""), "a parent and its child");
    assert!(circle("", "use crate::b::X;", "use crate::a::one::Y;"));
    assert!(circle("", "use crate::{b::{self, X}};", "fn f() { crate::a::one::g() }"));
    assert!(circle("", "use super::super::b;", "use crate::{text, a::{one}};"));
    assert!(!circle("", "use crate::b::two::X;", "use crate::a::one::Y;"));
}

/// Every module below a crate's source by its path, without comments and unit tests.
fn modules(source: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(source.to_owned(), String::new())];
    while let Some((folder, above)) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let module = if above.is_empty() { name } else { format!("{above}::{name}") };
            if path.is_dir() {
                folders.push((path, module));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a text");
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
                found.insert(module, lines.collect::<Vec<_>>().join("\n"));
            }
        }
    }
    found
}

/// The modules that lead back to themselves by other modules' imports, with one that they lead to.
/// What a parent and those below it use of each other is no circle.
fn circles(all: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let mut uses = BTreeMap::<&str, Vec<String>>::new();
    for (module, code) in all {
        let related = |other: &str| {
            module == other
                || module.starts_with(&format!("{other}::"))
                || other.starts_with(&format!("{module}::"))
        };
        let named = paths(code).into_iter().filter_map(|path| resolved(module, &path, all));
        uses.insert(module, named.filter(|other| !related(other)).collect());
    }
    let mut found = Vec::new();
    for start in all.keys() {
        let (mut seen, mut next) = (Vec::<&str>::new(), vec![start.as_str()]);
        while let Some(module) = next.pop() {
            for other in uses.get(module).into_iter().flatten() {
                if other == start {
                    found.push((start.clone(), module.to_owned()));
                } else if !seen.contains(&other.as_str()) {
                    seen.push(other);
                    next.push(other);
                }
            }
        }
    }
    found
}

/// Every path that a file names, the trees of `use` taken apart.
fn paths(code: &str) -> Vec<String> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c| !is_path(c)).filter(|word| word.contains("::"));
    let mut found: Vec<String> = words.map(|word| word.trim_matches(':').to_owned()).collect();
    for rest in code.split("use ").skip(1) {
        take_apart("", rest.split(';').next().unwrap_or_default(), &mut found);
    }
    found
}

fn take_apart(before: &str, tree: &str, found: &mut Vec<String>) {
    let tree = tree.trim();
    let Some((head, list)) = tree.split_once('{') else {
        found.push(format!("{before}{}", tree.split_whitespace().next().unwrap_or_default()));
        return;
    };
    let before = format!("{before}{}", head.trim());
    let (mut depth, mut part) = (0, String::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                take_apart(&before, &std::mem::take(&mut part), found);
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    take_apart(&before, &part, found);
}

/// The module that a path in another one leads to, as far as it goes; `None` for what is of elsewhere.
fn resolved(module: &str, path: &str, all: &BTreeMap<String, String>) -> Option<String> {
    let mut here: Vec<&str> =
        if module == "main" { Vec::new() } else { module.split("::").collect() };
    let mut parts: Vec<&str> = path.split("::").collect();
    match *parts.first()? {
        "crate" => {
            here.clear();
            parts.remove(0);
        }
        "self" => drop(parts.remove(0)),
        "super" => {
            while parts.first() == Some(&"super") {
                here.pop();
                parts.remove(0);
            }
        }
        first if !all.contains_key(&[here.as_slice(), &[first]].concat().join("::")) => {
            return None;
        }
        _ => {}
    }
    let named = (0..=parts.len()).rev();
    let mut named = named.map(|length| [here.as_slice(), &parts[..length]].concat().join("::"));
    named.find(|name| all.contains_key(name))
}

#[test]
fn what_is_public_names_nothing_that_is_private() {
    let listing = Path::new(env!("CARGO_MANIFEST_DIR")).join("public-api.txt");
    let listing = fs::read_to_string(listing).expect("the listing of the public surface");
    let public: Vec<&str> =
        listing.lines().filter_map(|line| line.strip_prefix("pub mod noren::")).collect();
    assert!(public.len() >= 10, "{public:?}");
    for line in listing.lines() {
        for path in line.split("noren::").skip(1) {
            // A module has a small letter first, and another name behind it.
            let Some((module, _)) = path.split_once("::") else { continue };
            let is_module = module.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            assert!(!is_module || public.contains(&module), "{module} in: {line}");
        }
    }
    for module in public {
        assert!(!module.contains("::"), "a module below a module: {module}");
    }
}
