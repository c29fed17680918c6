//! Replays the committed corpora of all fuzz targets through the same functions, on stable Rust.
//!
//! The seeds come from `cargo test --workspace --test protocol corpora:: -- --ignored`; whatever a fuzzer finds is
//! put beside them.

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use noren_fuzz_bodies::TARGETS;

mod seeds;

/// Targets whose inputs are of 64 KiB and more before anything is accepted.
const TOO_LONG_TO_COMMIT: [&str; 2] = ["sealed_upload", "vault"];

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The files of a folder, the first name first.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

fn names(folder: &str, extension: &str) -> BTreeSet<String> {
    let name = |path: PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        name.strip_suffix(extension).map(str::to_owned)
    };
    files(&fuzz().join(folder)).into_iter().filter_map(name).collect()
}

#[test]
fn every_target_has_a_program_and_a_corpus_and_there_are_no_others() {
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("fuzz_targets", ".rs"), known);
    assert_eq!(names("corpus", ""), known);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("a manifest");
    for name in &known {
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name} is no program");
        let program = fuzz().join("fuzz_targets").join(format!("{name}.rs"));
        let program = fs::read_to_string(program).expect("a program");
        assert_eq!(program.matches(&format!("::{name}(data)")).count(), 1, "{name} runs another");
    }
    assert!(names("dictionaries", ".dict").is_subset(&known));
}

#[test]
fn every_corpus_passes_and_reaches_what_is_accepted() {
    let mut failures = Vec::new();
    for (name, body) in TARGETS {
        let mut accepted = 0;
        for path in files(&fuzz().join("corpus").join(name)) {
            let data = fs::read(&path).expect("a readable file");
            match catch_unwind(|| body(&data)) {
                Ok(reached) => accepted += u32::from(reached),
                Err(_) => failures.push(path.display().to_string()),
            }
        }
        if accepted == 0 && !TOO_LONG_TO_COMMIT.contains(name) {
            failures.push(format!("{name}: nothing in the corpus is accepted"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn the_inputs_that_are_too_long_to_commit_pass_too() {
    for name in TOO_LONG_TO_COMMIT {
        let (_, body) = TARGETS.iter().find(|(target, _)| *target == name).expect("a target");
        let long = seeds::long(name);
        assert!(body(&long), "{name}: the whole is accepted");
        let mut altered = long.clone();
        altered[long.len() / 2] ^= 1;
        assert!(!body(&altered), "{name}: altered");
        assert!(!body(&long[..long.len() - 1]), "{name}: cut short");
    }
}

#[test]
#[ignore = "writes the seeds of the corpora"]
fn write_the_seeds() {
    for (name, seeds) in seeds::all() {
        let folder = fuzz().join("corpus").join(name);
        fs::create_dir_all(&folder).expect("a folder");
        for (i, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{i:02}")), seed).expect("a file");
        }
    }
}
