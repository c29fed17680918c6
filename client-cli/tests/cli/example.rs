//! The library's example of a visitor's app, against a real server.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use noren::SignedProfile;
use noren_skipped::skipped;

use crate::support::desk::{Desk, hour};
use crate::support::person::Person;

/// The example, where it was built as well.
fn app() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_BIN_EXE_noren")).parent().unwrap().join("examples");
    let app = folder.join(format!("visitor{}", std::env::consts::EXE_SUFFIX));
    app.exists().then_some(app)
}

#[test]
fn the_app_finds_a_visit_that_was_recorded_after_its_window_was_published() {
    // [MAT-8] [VLT-9]
    let Some(app) = app() else {
        return skipped("the example, which `cargo test --workspace` builds");
    };
    let desk = Desk::with_bar();
    let case = desk.answered_case(18, 19);
    desk.does(&["publish", &case, "--level", "attention", "--yes"]);
    let profile = SignedProfile::from_bytes(&desk.person.read("health.profile")).unwrap();
    let fingerprint = profile.profile().fingerprint().to_string();
    let (guest, phone) = (desk.guest(9), Person::new());
    let at_phone = |words: &[&str]| -> Output {
        let mut app = Command::new(&app);
        app.args(words).current_dir(phone.path(".")).env_clear().output().unwrap()
    };
    let does = |words: &[&str]| -> String {
        let ran = at_phone(words);
        assert!(ran.status.success(), "{words:?}: {ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    };
    let carry = |from: &Person, below: &str, to: &Person, there: &str| {
        for name in ["vault", "vault.key"] {
            to.write(&format!("{there}{name}"), from.read(&format!("{below}{name}")));
        }
    };
    // Somebody else's keys are refused.
    assert!(!at_phone(&["follow", &desk.url(), "0000"]).status.success());
    does(&["follow", &desk.url(), &fingerprint]);
    // By itself: in, out, and nothing to tell.
    let link = std::str::from_utf8(&desk.person.read("codes/entry.txt")).unwrap().trim().to_owned();
    does(&["check-in", &link]);
    assert!(!at_phone(&["check-in", "https://example.com"]).status.success());
    does(&["check-out"]);
    assert_eq!(does(&["sync"]), "");
    // A vault that was read up to here gets a visit of the day before yesterday.
    carry(&guest, "home/visitor/", &phone, "");
    assert_eq!(does(&["sync"]), "");
    carry(&phone, "", &guest, "home/visitor/");
    let late = ["visitor", "check-in", "entry.png", "--at"];
    guest.json(&[&late[..], &[&hour(18), "--for", "30m"]].concat(), b"");
    carry(&guest, "home/visitor/", &phone, "");
    let told = does(&["sync"]);
    assert!(told.starts_with("New: Attention"), "{told}");
    assert_eq!(does(&["sync"]), "", "told once");
}
