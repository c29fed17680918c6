//! What `--help` says, word for word. `TRYCMD=overwrite cargo test -p noren-cli --test cli help` writes
//! it down again after a change that is meant.

#[test]
fn help_says_what_it_said() {
    trycmd::TestCases::new().case("tests/cli/help/*.trycmd");
}
