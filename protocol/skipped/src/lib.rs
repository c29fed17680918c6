//! What a test that cannot do its work here says, instead of passing in silence.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Mutex;

/// What was said already: a property asks for every case.
static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Says on the real standard error, which the test runner does not capture, that the present test
/// goes without a part of its work for want of something; and appends a line to the file that
/// `NOREN_SKIPPED` names: what is wanting, then the test, between them a tab.
pub fn skipped(wanting: &str) {
    let thread = std::thread::current();
    let line = format!("{wanting}\t{}\n", thread.name().unwrap_or("a test"));
    if !SAID.lock().is_ok_and(|mut said| said.insert(line.clone())) {
        return;
    }
    // `eprintln` would be captured.
    let _ = write!(std::io::stderr(), "SKIPPED for want of {line}");
    let Some(file) = std::env::var_os("NOREN_SKIPPED") else { return };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
    let written = file.and_then(|mut file| file.write_all(line.as_bytes()));
    assert!(written.is_ok(), "NOREN_SKIPPED cannot be written: {written:?}");
}
