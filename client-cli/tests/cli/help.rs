//! What `--help` says, word for word. `TRYCMD=overwrite cargo test -p noren-cli --test cli help` writes
//! it down again after a change that is meant.

#[test]
fn help_says_what_it_said() {
    // As where no terminal is, whatever this one is.
    let cases = trycmd::TestCases::new();
    cases.env("COLUMNS", "100").env("NO_COLOR", "1").case("tests/cli/help/*.trycmd");
}
