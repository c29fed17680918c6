//! A machine with only Rust and a C compiler: what is claimed about pages and notes is held there too,
//! and each foreign program that did not have its say is named.

use std::process::Command;

/// Tests that together ask every foreign program, but for those at a terminal.
const TESTS: [&str; 4] = [
    "poster::a_printed_poster_is_read",
    "poster::picture_and_print_look_the_same",
    "poster::a_poster_says_what_it_has_to",
    "audits::evidence_is_read_by_foreign_readers_of_signed_notes",
];

#[test]
fn pages_and_notes_are_read_without_foreign_programs() {
    let nothing = tempfile::tempdir().unwrap();
    let mut tests = Command::new(std::env::current_exe().unwrap());
    // One after the other: these run beside all others.
    tests
        .args(TESTS)
        .args(["--exact", "--test-threads=1"])
        .env("PATH", nothing.path())
        .env_remove("NOREN_SKIPPED");
    let output = tests.output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{out}{err}");
    assert!(out.contains("test result: ok. 4 passed; 0 failed; 0 ignored"), "{out}");
    for tool in ["pdftoppm", "pdftotext", "pdffonts", "pdfimages", "zbarimg", "python3"] {
        assert!(err.contains(&format!("SKIPPED for want of {tool}\t")), "{tool}: {err}");
    }
}
