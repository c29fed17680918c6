//! The key that dates the log, on another machine than the desk's; and logs from before there was one.

use noren::authority::AuthorityKeys;
use noren::log::SignedCheckpoint;
use noren::profile::SignedProfile;
use noren::request::{Nonce, RequestTarget, ServerAddress, SignedHeaders};
use noren::time::UnixSeconds;

use crate::support::desk::{Desk, now};
use crate::support::http::{agent, get};
use crate::support::person::{Person, Ran};
use crate::support::site::{Site, entries, tree};
use sha2::Digest as _;

fn profile(desk: &Desk) -> SignedProfile {
    SignedProfile::from_bytes(&desk.person.read("home/authority/profile")).unwrap()
}

fn head(desk: &Desk) -> SignedCheckpoint {
    let (profile, note) = (profile(desk), get(&format!("{}/checkpoint", desk.url())));
    let (origin, keys) = (&profile.profile().origin, profile.profile().log_keys());
    SignedCheckpoint::verify(&note, origin, &keys).unwrap()
}

/// A machine with nothing but the clock's file.
fn timer(desk: &Desk) -> Person {
    desk.does(&["clock", "export", "--out", "clock"]);
    let timer = Person::new();
    timer.write("clock", desk.person.read("clock"));
    timer
}

/// Runs a command so many seconds from now.
fn later(person: &Person, seconds: i64, words: &[&str]) -> Ran {
    let at = (now() + seconds).to_string();
    person.noren(&[&["--json", "--now", &at, "authority"], words].concat(), b"")
}

fn beats(timer: &Person, seconds: i64) -> Ran {
    later(timer, seconds, &["heartbeat", "--clock", "clock"])
}

fn now_seconds() -> UnixSeconds {
    UnixSeconds::from_i64(now()).unwrap()
}

#[test]
fn a_machine_with_the_clock_key_keeps_the_date_new_and_the_desk_goes_on() {
    // [CLI-51] [CLI-52] [PRO-9]
    let town = Desk::with_bar();
    let timer = timer(&town);
    let before = head(&town);
    for seconds in [5, 10] {
        let ran = beats(&timer, seconds);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    let renewed = head(&town);
    assert_eq!(renewed.checkpoint(), before.checkpoint());
    assert!(renewed.timestamp() > before.timestamp());
    assert!(!timer.path("home").exists(), "no desk, no vault");
    // What the desk signs next is later than what was renewed, with nothing in between to repair.
    let case = town.answered_case(18, 20);
    let ran = later(&town.person, 15, &["publish", "--yes", &case, "--level", "attention"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(head(&town).checkpoint().size > renewed.checkpoint().size);
    let guest = town.guest(19);
    assert_eq!(beats(&timer, 20).code, Some(0));
    guest.json(&["visitor", "sync"], b"");
    let ran = later(&town.person, 25, &["heartbeat"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let journal = town.person.noren(&["authority", "journal"], b"").out;
    assert!(journal.contains("clock-exported"), "{journal}");
}

#[test]
fn a_machine_with_the_clock_key_can_do_nothing_else() {
    // [CLI-51] [PRO-8] [PRO-9]
    let town = Desk::with_bar();
    let timer = timer(&town);
    let bytes = timer.read("clock");
    let keys = AuthorityKeys::from_bytes(&town.person.read("home/authority/keys")[51..]).unwrap();
    let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|part| part == secret);
    assert!(holds(keys.clock_secret_key().unwrap().to_bytes().as_slice()));
    assert!(!holds(keys.log_secret_key().unwrap().to_bytes().as_slice()));
    assert!(!holds(keys.upload_key().to_bytes().as_slice()));
    // Its signature opens nothing at the server but the heartbeat.
    let address = ServerAddress::new(&town.url()).unwrap();
    for path in ["/v1/uploads", "/v1/log/turn", "/v1/log/missing"] {
        let (authority, path_there) = (address.authority(), address.path(path));
        let target = RequestTarget { method: "GET", authority, path: &path_there, query: None };
        let status = |key| {
            let (time, nonce) = (now_seconds(), Nonce::generate(&mut rand::rng()));
            let origin = &profile(&town).profile().origin.clone();
            let signed = SignedHeaders::sign(key, origin, &target, b"", time, nonce).unwrap();
            let request = agent().get(format!("{}{path}", town.url()));
            let request = request
                .header("content-digest", signed.content_digest)
                .header("signature-input", signed.signature_input)
                .header("signature", signed.signature);
            request.call().unwrap().status().as_u16()
        };
        assert_eq!((status(keys.clock_key()), status(keys.log_key())), (401, 200), "{path}");
    }
    // No other file passes for one, whole or damaged.
    for bit in (0..bytes.len() * 8).step_by(97) {
        let mut other = bytes.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        timer.write("clock", other);
        beats(&timer, 0).fails("clock");
    }
    timer.write("clock", town.person.read("health.profile"));
    beats(&timer, 0).fails("this is an authority's profile; a clock's file belongs here");
    // It is written once, and nothing is overwritten.
    let again = town.person.noren(&["authority", "clock", "export", "--out", "clock"], b"");
    again.fails("clock");
    assert_eq!(town.person.read("clock"), bytes);
}

#[test]
fn a_clock_that_is_wrong_or_has_an_old_key_signs_nothing() {
    // [CLI-52] [CLI-41]
    let town = Desk::with_bar();
    let timer = timer(&town);
    for days in [-2, 2] {
        beats(&timer, days * 86_400).fails("nothing was signed: this machine's clock says");
    }
    // The next keys have another clock key.
    town.does(&["rotate-keys", "--yes"]);
    beats(&timer, 5).fails("the authority's clock has another key by now");
    std::fs::remove_file(town.person.path("clock")).unwrap();
    let ran = beats(&self::timer(&town), 10);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn a_server_gets_no_new_date_for_a_tree_that_went_back_and_is_not_believed() {
    // [CLI-52] [CLI-45] [LOG-9]
    let all = entries(9);
    let site = Site::new("Office", &all);
    let timer = Person::new();
    let content =
        [site.keys.0.clock_secret_key().unwrap().to_bytes().as_slice(), &site.profile].concat();
    let digest = sha2::Sha256::digest(&content);
    timer.write("clock", [b"NOREN-CLOCK-v1\n", &digest[..], &content].concat());
    beats(&timer, 1).fails("404");
    site.otherwise(|path| (path == "v1/log").then(|| b"{\"size\":8}".to_vec()));
    beats(&timer, 1).fails("something answered for the server");
    site.otherwise(|path| (path == "v1/log").then(|| b"{\"size\":9}".to_vec()));
    beats(&timer, 1).fails("shows the date of before");
    let less = tree(&all[..8]);
    site.sign(8, less.root(), now_seconds());
    beats(&timer, 1).fails("the server shows a log of 8 entries that is not the one of 9 entries");
    let other = tree(&entries(10)[1..]);
    site.sign(9, other.root(), now_seconds());
    beats(&timer, 1).fails("that is not the one of 9 entries");
    assert!(!site.asked().is_empty());
    beats(&timer, 1).fails("nothing was signed");
    assert!(!site.asked().contains(&"v1/log".to_owned()), "nothing is sent");
}

#[test]
fn a_log_from_before_there_was_a_clock_key_goes_over_by_a_handover() {
    // [PRO-8] [PRO-7]
    let one = AuthorityKeys::from_bytes(&[[7; 32], [9; 32]].concat()).unwrap();
    let town = Desk::with_keys(&one);
    assert!(!profile(&town).profile().log_keys().are_two());
    let guest = town.guest(19);
    let first = town.answered_case(18, 20);
    town.does(&["publish", "--yes", &first, "--level", "attention"]);
    guest.json(&["visitor", "sync"], b"");
    let refused = town.person.noren(&["authority", "clock", "export", "--out", "clock"], b"");
    refused.fails("noren authority rotate-keys");
    assert!(!town.person.path("clock").exists());

    town.does(&["rotate-keys", "--yes"]);
    assert!(profile(&town).profile().log_keys().are_two());
    assert!(!profile(&town).profile().handovers[0].log_keys().are_two());
    let timer = timer(&town);
    let ran = beats(&timer, 5);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // Those who followed before read on, and what was seen before still counts.
    assert_eq!(guest.noren(&["visitor", "sync"], b"").code, Some(1), "nothing is new");
    let ran = later(&town.person, 10, &["withdraw", "--yes", &first]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    guest.json(&["visitor", "sync"], b"");
    let audit = town.person.json(&["auditor", "verify", &town.url()], b"");
    assert_eq!(audit["findings"], serde_json::json!([]));
}
