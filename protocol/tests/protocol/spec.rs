//! The spec check: every requirement of `spec/` has code and a test, and every number cited exists.
//!
//! A requirement is defined by a paragraph that begins with its number in bold brackets, and cited
//! by its number in plain brackets. The number stands in shipped code where the requirement is kept,
//! and in the test that would go red if it were not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The families of requirement numbers, in the order of the data's way.
const FAMILIES: [&str; 19] = [
    "TIME", "ID", "MSG", "VEN", "VIS", "REV", "PUB", "MAT", "PRO", "POL", "PAT", "IBE", "LOG",
    "API", "VLT", "DIA", "CLI", "PST", "WEB",
];

/// The words of BCP 14, one of which every requirement carries.
const BCP_14: [&str; 6] = ["MUST", "SHALL", "SHOULD", "MAY", "REQUIRED", "RECOMMENDED"];

/// The folders whose `src` ships, and those that only cite.
const SHIPPED: [&str; 5] = ["protocol", "server", "client-cli", "bindings", "web"];
const CITING: [&str; 2] = ["fuzz", "benches"];

/// Folders of what tools make.
const MADE: [&str; 5] = ["target", "corpus", "artifacts", "built", "node_modules"];

/// This file cites numbers that exist nowhere, on purpose.
const THIS_FILE: &str = "protocol/tests/protocol/spec.rs";

/// A family and a number, as in `LOG` and 3.
type Number = (String, u32);

/// What a file counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Spec,
    Shipped,
    Test,
    Other,
}

/// What the whole repository says about its requirements.
#[derive(Debug, Default)]
struct Survey {
    defined: BTreeMap<Number, Vec<String>>,
    without_bcp_14: BTreeSet<Number>,
    in_code: BTreeSet<Number>,
    in_tests: BTreeSet<Number>,
    cited: BTreeMap<Number, String>,
}

impl Survey {
    /// Adds one file's text.
    fn read(&mut self, kind: Kind, path: &str, text: &str) {
        match kind {
            Kind::Spec => self.read_definitions(path, text),
            Kind::Shipped => {
                let (code, tests) = split_tests(text);
                self.in_code.extend(numbers(code));
                self.in_tests.extend(numbers(tests));
            }
            Kind::Test => self.in_tests.extend(numbers(text)),
            Kind::Other => {}
        }
        for number in numbers(text) {
            self.cited.entry(number).or_insert_with(|| path.to_owned());
        }
    }

    fn read_definitions(&mut self, path: &str, text: &str) {
        for paragraph in text.split("\n\n") {
            let paragraph = paragraph.trim_start_matches('\n');
            let Some(number) = definition(paragraph) else { continue };
            if !words(paragraph).any(|word| BCP_14.contains(&word)) {
                self.without_bcp_14.insert(number.clone());
            }
            self.defined.entry(number).or_default().push(path.to_owned());
        }
    }

    /// Everything that is wrong, one line each, in a fixed order.
    fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        self.check_families(&mut failures);
        for (number, places) in &self.defined {
            let name = name(number);
            if places.len() > 1 {
                failures.push(format!(
                    "{name} is defined {} times: {}",
                    places.len(),
                    places.join(", ")
                ));
            }
            if self.without_bcp_14.contains(number) {
                failures.push(format!("{name} has no BCP 14 word"));
            }
            if !self.in_code.contains(number) {
                failures.push(format!("{name} is cited by no shipped code"));
            }
            if !self.in_tests.contains(number) {
                failures.push(format!("{name} is cited by no test"));
            }
        }
        for (number, path) in &self.cited {
            if !self.defined.contains_key(number) {
                failures.push(format!("{} is cited in {path} and defined nowhere", name(number)));
            }
        }
        failures
    }

    fn check_families(&self, failures: &mut Vec<String>) {
        for family in FAMILIES {
            let of_family = self.defined.keys().filter(|(of, _)| of == family);
            let present: BTreeSet<u32> = of_family.map(|(_, number)| *number).collect();
            let Some(last) = present.last() else {
                failures.push(format!("the family {family} defines nothing"));
                continue;
            };
            for missing in (1..*last).filter(|number| !present.contains(number)) {
                failures.push(format!("{family}-{missing} is missing from its family"));
            }
        }
    }
}

fn name((family, number): &Number) -> String {
    format!("{family}-{number}")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphabetic())
}

/// The number that a paragraph defines.
fn definition(paragraph: &str) -> Option<Number> {
    let (inside, _) = paragraph.strip_prefix("**[")?.split_once("]**")?;
    number(inside)
}

/// Every bracketed number in `text`. A family that the check does not know is kept too, so that a
/// slip of the pen does not pass in silence.
fn numbers(text: &str) -> impl Iterator<Item = Number> {
    text.split('[').skip(1).filter_map(|rest| number(rest.split_once(']')?.0))
}

/// `LOG-3`: two to four capital letters, a hyphen, a number without leading zeros.
fn number(inside: &str) -> Option<Number> {
    let (family, digits) = inside.split_once('-')?;
    let letters = family.bytes().all(|byte| byte.is_ascii_uppercase());
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    if !letters || !(2..=4).contains(&family.len()) || !plain {
        return None;
    }
    Some((family.to_owned(), digits.parse().ok()?))
}

/// The shipped part of a source file, and its tests: they begin at the first line that is exactly
/// `#[cfg(test)]`.
fn split_tests(text: &str) -> (&str, &str) {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "#[cfg(test)]" {
            return text.split_at(offset);
        }
        offset += line.len();
    }
    (text, "")
}

/// What a file counts as; `None` for files that are not read. `path` is relative to the root.
fn kind(path: &str) -> Option<Kind> {
    let parts: Vec<&str> = path.split('/').collect();
    let (top, file) = (*parts.first()?, *parts.last()?);
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    let in_tests = parts.contains(&"tests") || file == "tests.rs";
    if path == THIS_FILE {
        None
    } else if top == "spec" {
        (extension == "md").then_some(Kind::Spec)
    } else if CITING.contains(&top) {
        (extension == "rs").then_some(Kind::Other)
    } else if !SHIPPED.contains(&top) {
        None
    } else if in_tests {
        ["rs", "trycmd", "toml", "md", "mjs"].contains(&extension).then_some(Kind::Test)
    } else if ["rs", "ts"].contains(&extension) {
        Some(if parts.contains(&"src") { Kind::Shipped } else { Kind::Other })
    } else {
        None
    }
}

/// All files under `folder`, without build products and hidden files, in a fixed order.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && !MADE.contains(&name.as_ref()) {
                found.extend(files(&entry.path())?);
            }
        } else {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn survey(root: &Path) -> io::Result<Survey> {
    let mut survey = Survey::default();
    for file in files(root)? {
        let path = file.strip_prefix(root).map_err(io::Error::other)?;
        let path = path.to_string_lossy().replace('\\', "/");
        if let Some(kind) = kind(&path) {
            survey.read(kind, &path, &fs::read_to_string(&file)?);
        }
    }
    Ok(survey)
}

#[test]
fn every_requirement_has_code_and_a_test_and_every_number_cited_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let failures = survey(&root).expect("the repository can be read").failures();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_rust_type_of_the_glossary_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let glossary = fs::read_to_string(root.join("spec/glossary.md")).expect("readable");
    let sources = files(&root.join("protocol/src")).expect("readable");
    let sources: Vec<String> =
        sources.iter().map(|file| fs::read_to_string(file).expect("readable")).collect();
    let declared: BTreeSet<&str> = sources.iter().flat_map(|text| declared_types(text)).collect();
    let missing: Vec<&str> =
        glossary_types(&glossary).filter(|name| !declared.contains(name)).collect();
    assert!(missing.is_empty(), "in the glossary and not in the code: {missing:?}");
}

/// The names that follow `pub struct`, `pub enum` and `pub type`.
fn declared_types(text: &str) -> impl Iterator<Item = &str> {
    let declarations = text.lines().filter_map(|line| {
        let line = line.strip_prefix("pub ")?;
        ["struct ", "enum ", "type "].iter().find_map(|word| line.strip_prefix(word))
    });
    declarations.filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next())
}

/// The names in backquotes in the last column of the glossary's table.
fn glossary_types(text: &str) -> impl Iterator<Item = &str> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = rows.filter_map(|row| row.rsplit_once(" | ")).map(|(_, cell)| cell);
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(|name| name.split(':').next().unwrap_or(name))
}

mod the_check_itself {
    use super::*;

    #[test]
    fn types_are_read_from_the_glossary_and_from_the_code() {
        let table =
            "| term | Rust type |\n|---|---|\n| a | `One`, in `Two` |\n| `no` | – (`Three::f`) |\n";
        assert_eq!(glossary_types(table).collect::<Vec<_>>(), ["One", "Two", "Three"]);
        let code =
            "pub struct One<'a> {\npub enum Two {\n    pub type No = u8;\npub type Three = u8;\n";
        assert_eq!(declared_types(code).collect::<Vec<_>>(), ["One", "Two", "Three"]);
    }

    /// A repository in which every family has one requirement, with code and a test.
    fn sound() -> Survey {
        let mut survey = Survey::default();
        for family in FAMILIES {
            survey.read(
                Kind::Spec,
                "spec/a.md",
                &format!("# A\n\n**[{family}-1]** It MUST hold.\n"),
            );
            survey.read(Kind::Shipped, "protocol/src/a.rs", &format!("// [{family}-1]\n"));
            survey.read(Kind::Test, "protocol/tests/a.rs", &format!("// [{family}-1]\n"));
        }
        survey
    }

    fn only_failure(survey: &Survey) -> String {
        let failures = survey.failures();
        assert_eq!(failures.len(), 1, "{failures:?}");
        failures.concat()
    }

    #[test]
    fn a_sound_repository_passes() {
        assert_eq!(sound().failures(), Vec::<String>::new());
    }

    #[test]
    fn a_number_without_a_test_is_reported() {
        let mut survey = sound();
        survey.read(Kind::Spec, "spec/b.md", "**[LOG-2]** It MUST hold.");
        survey.read(Kind::Shipped, "protocol/src/b.rs", "fn f() {} // [LOG-2]\n");
        assert_eq!(only_failure(&survey), "LOG-2 is cited by no test");
    }

    #[test]
    fn a_number_without_code_is_reported() {
        let mut survey = sound();
        survey.read(Kind::Spec, "spec/b.md", "**[LOG-2]** It MUST hold.");
        survey.read(
            Kind::Shipped,
            "server/src/b.rs",
            "fn f() {}\n#[cfg(test)]\nmod tests { /* [LOG-2] */ }\n",
        );
        assert_eq!(only_failure(&survey), "LOG-2 is cited by no shipped code");
    }

    #[test]
    fn a_fuzz_target_or_bench_is_neither_code_nor_test() {
        let mut survey = sound();
        survey.read(Kind::Spec, "spec/b.md", "**[LOG-2]** It MUST hold.");
        survey.read(Kind::Other, "fuzz/fuzz_targets/b.rs", "// [LOG-2]\n");
        assert_eq!(survey.failures().len(), 2);
    }

    #[test]
    fn a_cited_number_that_is_not_defined_is_reported_with_its_place() {
        for kind in [Kind::Spec, Kind::Shipped, Kind::Test, Kind::Other] {
            let mut survey = sound();
            survey.read(kind, "a/place", "as [LOG-7] says");
            assert_eq!(only_failure(&survey), "LOG-7 is cited in a/place and defined nowhere");
        }
    }

    #[test]
    fn an_unknown_family_is_reported() {
        let mut survey = sound();
        survey.read(Kind::Test, "a/place", "// [LGO-1]");
        assert_eq!(only_failure(&survey), "LGO-1 is cited in a/place and defined nowhere");
    }

    #[test]
    fn a_number_defined_twice_is_reported() {
        let mut survey = sound();
        survey.read(Kind::Spec, "spec/b.md", "**[LOG-1]** It MUST hold.");
        assert_eq!(only_failure(&survey), "LOG-1 is defined 2 times: spec/a.md, spec/b.md");
    }

    #[test]
    fn a_gap_in_a_family_is_reported() {
        let mut survey = sound();
        survey.read(Kind::Spec, "spec/b.md", "**[LOG-3]** It MUST hold.");
        survey.read(Kind::Shipped, "server/src/b.rs", "// [LOG-3]\n#[cfg(test)]\n// [LOG-3]\n");
        assert_eq!(only_failure(&survey), "LOG-2 is missing from its family");
    }

    #[test]
    fn an_empty_family_is_reported() {
        let failures = Survey::default().failures();
        assert_eq!(failures.len(), FAMILIES.len());
        assert!(failures.contains(&"the family VLT defines nothing".to_owned()));
    }

    #[test]
    fn a_requirement_that_requires_nothing_is_reported() {
        let mut survey = sound();
        survey.read(Kind::Spec, "spec/b.md", "**[LOG-2]** It must, MUSTARD and all.");
        survey.read(Kind::Shipped, "server/src/b.rs", "// [LOG-2]\n#[cfg(test)]\n// [LOG-2]\n");
        assert_eq!(only_failure(&survey), "LOG-2 has no BCP 14 word");
    }

    #[test]
    fn only_numbers_at_the_start_of_a_paragraph_define() {
        assert_eq!(definition("**[LOG-12]** It MUST"), Some(("LOG".to_owned(), 12)));
        for text in [
            "[LOG-1] It MUST",
            "See **[LOG-1]**",
            "**[LOG-01]** It",
            "**[log-1]** It",
            "**[L-1]** It",
        ] {
            assert_eq!(definition(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_found_and_ordinary_brackets_are_not() {
        let text = "#[test] fn f(a: [u8; 3]) { a[0] } // [IBE-3] [LOG-2], see [RFC 6962] [`Vec`] [LEN - 1] [IBE-3";
        let found: Vec<String> = numbers(text).map(|number| name(&number)).collect();
        assert_eq!(found, ["IBE-3", "LOG-2"]);
    }

    #[test]
    fn the_tests_of_a_file_begin_at_its_marker() {
        assert_eq!(split_tests("a\n#[cfg(test)]\nb\n"), ("a\n", "#[cfg(test)]\nb\n"));
        assert_eq!(split_tests("a\n    #[cfg(test)]\nb\n"), ("a\n    #[cfg(test)]\nb\n", ""));
        assert_eq!(split_tests("a // #[cfg(test)]\n"), ("a // #[cfg(test)]\n", ""));
    }

    #[test]
    fn files_count_as_what_their_place_says() {
        for (path, expected) in [
            ("spec/log.md", Some(Kind::Spec)),
            ("spec/vectors/x.json", None),
            ("protocol/src/log/tile.rs", Some(Kind::Shipped)),
            ("protocol/tests/protocol/log.rs", Some(Kind::Test)),
            ("protocol/tests/protocol/spec.rs", None),
            ("client-cli/tests/cmd/help.trycmd", Some(Kind::Test)),
            ("client-cli/examples/embed.rs", Some(Kind::Other)),
            ("server/build.rs", Some(Kind::Other)),
            ("server/README.md", None),
            ("web/src/worker.ts", Some(Kind::Shipped)),
            ("web/tests/visitor.test.mjs", Some(Kind::Test)),
            ("bindings/wasm/src/lib.rs", Some(Kind::Shipped)),
            ("fuzz/fuzz_targets/entry_code.rs", Some(Kind::Other)),
            ("benches/src/lib.rs", Some(Kind::Other)),
            ("README.md", None),
        ] {
            assert_eq!(kind(path), expected, "{path}");
        }
    }
}
