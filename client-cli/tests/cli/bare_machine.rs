//! A machine with only Rust and a C compiler: what is claimed about pages and notes is held there too,
//! and each foreign program that did not have its say is named.

use std::process::Command;

/// All tests that ask foreign programs, but for those at a terminal.
const TESTS: [&str; 2] = ["poster::", "evidence_is_read_by_foreign_readers_of_signed_notes"];

#[test]
fn pages_and_notes_are_read_without_foreign_programs() {
    let nothing = tempfile::tempdir().unwrap();
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.args(TESTS).env("PATH", nothing.path()).env_remove("NOREN_SKIPPED");
    let output = tests.output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{out}{err}");
    assert!(out.contains("test result: ok. 10 passed; 0 failed; 0 ignored"), "{out}");
    for tool in ["pdftoppm", "pdftotext", "pdffonts", "pdfimages", "zbarimg", "python3"] {
        assert!(err.contains(&format!("SKIPPED for want of {tool}\t")), "{tool}: {err}");
    }
}
