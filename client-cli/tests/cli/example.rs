//! The library's examples of a visitor's, a venue's and an authority's program, against a real server.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use noren::time::UnixSeconds;
use noren::visitor::{DeviceKey, Stay, VaultKey};
use noren::{EntryCode, SignedProfile, Vault};
use noren_server::{Config, Server};
use noren_skipped::skipped;
use tokio::runtime::Runtime;

use crate::support::desk::{Desk, hour, now};
use crate::support::person::{Person, run};
use crate::support::port::free_port;

/// An example, where it was built as well.
fn built(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_BIN_EXE_noren")).parent().unwrap().join("examples");
    let app = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    app.exists().then_some(app)
}

/// Runs an example in a folder; what it prints.
#[track_caller]
fn does(example: &Path, folder: &Person, words: &[&str], input: &str) -> String {
    let mut command = Command::new(example);
    command.args(words).current_dir(folder.path(".")).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ran = run(&mut command, input.as_bytes());
    assert_eq!(ran.code, Some(0), "{example:?} {words:?}: {ran:?}");
    ran.out
}

#[test]
fn a_visitor_a_venue_and_an_authority_need_nothing_but_the_library() {
    let names = ["authority", "venue", "visitor"].map(built);
    let [Some(authority), Some(venue), Some(visitor)] = names else {
        return skipped("the examples, which `cargo test --workspace` builds");
    };
    let [office, bar, guest] = [Person::new(), Person::new(), Person::new()];
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    does(&authority, &office, &["init", "Health office", "town.example/log", &url], "");
    let profile = office.read("authority");
    let mut config = Config { data: office.path("server"), ..Config::default() };
    config.listen.set_port(port);
    config.ops_listen.set_port(0);
    config.authority = Some(office.path("authority"));
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(Server::bind(config)).unwrap();
    runtime.spawn(server.serve(std::future::pending()));
    // The bar hangs its poster up, and a guest comes and goes.
    bar.write("authority", &profile);
    does(&venue, &bar, &["set-up", "Izakaya Noren", "1-2-3 Minato"], "");
    let link = String::from_utf8(bar.read("link")).unwrap();
    let pinned = SignedProfile::from_bytes(&profile).unwrap();
    let fingerprint = pinned.profile().fingerprint().to_string();
    does(&visitor, &guest, &["follow", &url, &fingerprint], "");
    does(&visitor, &guest, &["check-in", &link], "");
    does(&visitor, &guest, &["check-out"], "");
    // Nobody answers for hours that are not over, so the case is about the last one, and the device
    // gets a visit of then.
    let end = now() - now() % 3_600;
    let at = |seconds: i64| UnixSeconds::from_i64(end - seconds).unwrap();
    let mut rng = rand::rng();
    let key = DeviceKey::from_bytes(guest.read("vault.key").as_slice().try_into().unwrap());
    let key = VaultKey::device(key);
    let mut vault = Vault::open(&guest.read("vault"), &key).unwrap();
    let stay = Stay::new(at(1_800), at(1_200)).unwrap();
    drop(vault.visit(&EntryCode::from_url(&link).unwrap(), stay, &mut rng).unwrap());
    guest.write("vault", vault.seal(&key, &mut rng).unwrap());
    let (from, to) = ((end - 3_600).to_string(), end.to_string());
    let codes = does(&authority, &office, &["open", &from, &to], "");
    let answered = does(&venue, &bar, &["answer"], &codes);
    assert!(answered.starts_with("answered for "), "{answered}");
    does(&authority, &office, &["publish", "Call us."], "");
    let told = does(&visitor, &guest, &["sync"], "");
    assert!(told.starts_with("New: Attention") && told.contains("Izakaya Noren"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(!office.path("case").exists(), "the case is done");
}

#[test]
fn the_app_finds_a_visit_that_was_recorded_after_its_window_was_published() {
    // [MAT-8] [VLT-9]
    let Some(app) = built("visitor") else {
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
