//! An authority hands its keys over, over the real binary and the real server.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use crate::support::desk::{Desk, now};
use crate::support::http::{agent, get};
use crate::support::person::Person;
use noren::authority::AuthorityKeys;
use noren::profile::SignedProfile;
use noren::request::{Nonce, RequestTarget, ServerAddress, SignedHeaders};
use noren::time::UnixSeconds;
use serde_json::Value;
use sha2::Digest as _;

fn time() -> UnixSeconds {
    UnixSeconds::from_i64(now()).unwrap()
}

impl Desk {
    /// A file of the desk.
    fn file(&self, name: &str) -> Vec<u8> {
        self.person.read(&format!("home/authority/{name}"))
    }

    fn put_file(&self, name: &str, bytes: &[u8]) {
        self.person.write(&format!("home/authority/{name}"), bytes);
    }

    /// The keys in a file of the desk, behind its mark and digest.
    fn keys(&self, name: &str) -> AuthorityKeys {
        AuthorityKeys::from_bytes(&self.file(name)[19 + 32..]).unwrap()
    }

    fn put_keys(&self, name: &str, keys: &AuthorityKeys) {
        let keys = keys.to_bytes();
        let digest = sha2::Sha256::digest(keys.as_slice());
        self.put_file(name, &[b"NOREN-DESK-FILE-v1\n", &digest[..], &keys].concat());
    }

    fn profile(&self) -> SignedProfile {
        SignedProfile::from_bytes(&self.file("profile")).unwrap()
    }

    fn fingerprint(&self) -> String {
        self.profile().profile().fingerprint().to_string()
    }
}

/// The levels of the notices that a visitor has.
fn levels(guest: &Person) -> Vec<String> {
    let ran = guest.noren(&["--json", "visitor", "notices"], b"");
    let notices: Value = serde_json::from_str(&ran.out).unwrap();
    let level = |notice: &Value| notice["level"].as_str().unwrap().to_owned();
    notices.as_array().unwrap().iter().map(level).collect()
}

fn pins(guest: &Person) -> usize {
    let files = std::fs::read_dir(guest.path("home/authorities")).unwrap();
    files.filter(|file| file.as_ref().unwrap().path().extension().is_some()).count()
}

#[test]
fn visitors_are_warned_and_corrected_across_handovers() {
    // [PRO-4] [PRO-5] [PRO-6] [PRO-7] [CLI-4]
    let town = Desk::with_bar();
    let (early, sleeper) = (town.guest(19), town.guest(13));
    let audit = || town.person.json(&["auditor", "verify", &town.url()], b"");
    let first = town.answered_case(18, 20);
    town.does(&["publish", "--yes", &first, "--level", "attention"]);
    early.json(&["visitor", "sync"], b"");
    assert_eq!(audit()["confirmed_earlier_heads"], 0);
    // This upload waits while the keys change: it is sealed to the old ones.
    let waiting = town.answered_case(12, 14);
    let (before, old) = (town.profile(), town.fingerprint());
    let rotated = town.does(&["rotate-keys", "--yes"]);
    assert_eq!((&rotated["previous"], &rotated["log_size"]), (&old.clone().into(), &4.into()));
    assert_eq!(rotated["fingerprint"], town.fingerprint());

    let synced = early.noren(&["visitor", "sync"], b"");
    assert_eq!(synced.code, Some(1), "nothing is told twice: {synced:?}");
    assert!(synced.err.contains(&old) && synced.err.contains(&town.fingerprint()), "{synced:?}");
    assert_eq!((levels(&early), pins(&early)), (vec!["attention".to_owned()], 1));
    let kept = std::fs::read_dir(early.path("home/cache")).unwrap().count();
    assert_eq!(kept, 1, "what was downloaded is kept");
    // Cut off between the two pins: the old one does nothing any more, and goes.
    let name = hex::encode(before.profile().fingerprint().as_bytes());
    early.write(&format!("home/authorities/{name}.profile"), before.as_bytes());
    assert_eq!(pins(&early), 2);
    early.json(&["auditor", "verify"], b"");
    let again = early.noren(&["visitor", "sync"], b"");
    assert!(again.code == Some(1) && !again.err.contains(&old), "said once: {again:?}");
    assert_eq!(pins(&early), 1);

    town.does(&["publish", "--yes", &first, "--level", "cluster"]);
    early.json(&["visitor", "sync"], b"");
    assert_eq!(levels(&early), ["cluster"], "what was said before is corrected");
    assert_eq!(audit()["confirmed_earlier_heads"], 1, "what was seen before still counts");

    // Twice, and a visitor who slept through both.
    town.does(&["rotate-keys", "--yes"]);
    assert_eq!(town.profile().predecessors().len(), 2);
    town.does(&["review", &waiting]);
    town.does(&["publish", "--yes", &waiting, "--level", "attention"]);
    sleeper.json(&["visitor", "sync"], b"");
    assert_eq!((levels(&sleeper), pins(&sleeper)), (vec!["attention".to_owned()], 1));
    assert_eq!(early.noren(&["visitor", "sync"], b"").code, Some(1));
    town.does(&["withdraw", "--yes", &first]);
    early.json(&["visitor", "sync"], b"");
    assert_eq!(levels(&early), ["withdrawn"]);
    assert_eq!(audit()["findings"], Value::from(Vec::<String>::new()));

    // Unfollowed for good: no older pin comes back.
    early.write(&format!("home/authorities/{name}.profile"), before.as_bytes());
    early.noren(&["visitor", "unfollow", "--yes", "Health Office"], b"");
    assert_eq!((pins(&early), levels(&early).len()), (0, 0));
}

#[test]
fn impostors_and_profiles_of_before_are_refused() {
    // [PRO-5] [CLI-4]
    let town = Desk::with_bar();
    let guest = town.guest(19);
    let old = town.profile();
    let mut rng = rand::rng();
    // Somebody else's keys under the same name, which hand over to more of somebody else's.
    let others = AuthorityKeys::generate(&mut rng);
    let mut profile = old.profile().clone();
    (profile.log_key, profile.upload_key) = (others.log_public_key(), others.upload_public_key());
    profile.clock_key = others.log_public_keys().clock;
    let heirs = profile.hand_over(&others, &others.successor(&mut rng), time()).unwrap();
    guest.write("impostor.profile", heirs.as_bytes());
    let follow = ["visitor", "follow", "impostor.profile"];
    guest.noren(&follow, b"").fails("have changed");
    // The true ones, and the profile of before once more.
    town.does(&["rotate-keys", "--yes"]);
    guest.write("old.profile", old.as_bytes());
    guest.noren(&["visitor", "sync"], b"");
    guest.noren(&["visitor", "follow", "old.profile"], b"").fails("from before");
    guest.noren(&follow, b"").fails("have changed");
    // A server that has only that.
    let Desk { port, runtime, .. } = town;
    drop(runtime);
    let bind = |_| {
        sleep(Duration::from_millis(100));
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()
    };
    let listener = (0..100).find_map(bind).expect("the port is free again");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4_096]);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/cbor\r\nConnection: close";
            let length = old.as_bytes().len();
            let _ = write!(stream, "{head}\r\nContent-Length: {length}\r\n\r\n");
            let _ = stream.write_all(old.as_bytes());
        }
    });
    guest.noren(&["visitor", "sync"], b"").ends(3, "from before");
    assert_eq!(pins(&guest), 1);
}

#[test]
fn a_handover_that_stopped_behind_the_server_is_finished() {
    // [PRO-7] [CLI-1]
    let town = Desk::with_bar();
    let guest = town.guest(19);
    // As far as the server's answer, which nobody has seen.
    let keys = town.keys("keys");
    let next = keys.successor(&mut rand::rng());
    town.put_keys("next-keys", &next);
    let signed = town.profile().profile().hand_over(&keys, &next, time()).unwrap();
    let address = ServerAddress::new(&town.url()).unwrap();
    let authority = address.authority();
    let target = RequestTarget { method: "PUT", authority, path: "/v1/authority", query: None };
    let (origin, nonce) = (&signed.profile().origin, Nonce::generate(&mut rand::rng()));
    let headers =
        SignedHeaders::sign(keys.log_key(), origin, &target, signed.as_bytes(), time(), nonce)
            .unwrap();
    let put = agent()
        .put(format!("{}/v1/authority", town.url()))
        .header("content-type", "application/cbor")
        .header("content-digest", headers.content_digest)
        .header("signature-input", headers.signature_input)
        .header("signature", headers.signature);
    assert_eq!(put.send(signed.as_bytes()).unwrap().status().as_u16(), 204);
    // Devices know the new keys, and wait for the log.
    guest.noren(&["visitor", "sync"], b"").fails("not read");
    let synced = guest.noren(&["visitor", "sync"], b"");
    assert!(synced.err.contains("try again in a few minutes"), "{synced:?}");
    for words in [&["authority", "heartbeat"][..], &["authority", "case", "remind", "c-0"]] {
        town.person.noren(words, b"").fails("rotate-keys");
    }
    let fingerprint = signed.profile().fingerprint().to_string();
    assert_eq!(
        town.does(&["rotate-keys", "--yes"])["fingerprint"],
        fingerprint,
        "the same next keys"
    );
    assert_eq!(guest.noren(&["visitor", "sync"], b"").code, Some(1));

    // Further on: with the new profile stored, and then the new keys as well.
    let (keys_now, profile_now) = (town.file("keys"), town.file("profile"));
    assert_eq!(town.keys("keys").to_bytes(), next.to_bytes());
    for stored in [&keys, &next] {
        town.put_keys("keys", stored);
        town.put_keys("next-keys", &next);
        assert_eq!(town.does(&["rotate-keys", "--yes"])["fingerprint"], fingerprint);
        assert_eq!(
            (town.file("keys"), town.file("profile")),
            (keys_now.clone(), profile_now.clone())
        );
        assert!(!town.person.path("home/authority/next-keys").exists());
    }
    let case = town.answered_case(18, 20);
    town.does(&["publish", "--yes", &case, "--level", "attention"]);
    guest.json(&["visitor", "sync"], b"");
    assert_eq!(levels(&guest), ["attention"]);
}

#[test]
fn a_desk_that_is_behind_hands_over_nothing_before_it_has_read_on() {
    // [PRO-7] [CLI-13] [CLI-14]
    let town = Desk::with_bar();
    let guest = town.guest(19);
    let case = town.answered_case(18, 20);
    let behind = town.file("desk.sqlite");
    town.does(&["publish", "--yes", &case, "--level", "attention"]);
    town.put_file("desk.sqlite", &behind);
    let before = (town.file("keys"), town.fingerprint());
    town.person.noren(&["authority", "rotate-keys", "--yes"], b"").fails("restored from a backup");
    assert_eq!((town.file("keys"), town.fingerprint()), before);
    assert!(!town.person.path("home/authority/next-keys").exists());
    town.does(&["take-over", "--yes"]);
    town.does(&["rotate-keys", "--yes"]);
    guest.json(&["visitor", "sync"], b"");
    assert_eq!(levels(&guest), ["attention"]);
}

#[test]
fn killed_at_any_moment_it_is_finished_by_running_it_again() {
    // [PRO-7] [CLI-1]
    let town = Desk::with_bar();
    let guest = town.guest(19);
    for attempt in 0..8_u64 {
        let mut child = town
            .person
            .command(&["authority", "rotate-keys", "--yes"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(attempt * 6));
        child.kill().unwrap();
        child.wait().unwrap();
        town.does(&["rotate-keys", "--yes"]);
        town.does(&["heartbeat"]);
        assert_eq!(guest.noren(&["visitor", "sync"], b"").code, Some(1), "attempt {attempt}");
    }
    let served = get(&format!("{}/v1/authority", town.url()));
    assert_eq!(served, town.file("profile"));
    let case = town.answered_case(18, 20);
    town.does(&["publish", "--yes", &case, "--level", "attention"]);
    guest.json(&["visitor", "sync"], b"");
}

#[test]
fn without_a_server_nothing_is_begun() {
    // [CLI-1]
    let town = Desk::with_bar();
    let files = ["keys", "profile", "desk.sqlite"];
    let read = |person: &Person| files.map(|name| person.read(&format!("home/authority/{name}")));
    let before = read(&town.person);
    let Desk { person: authority, runtime, .. } = town;
    drop(runtime);
    authority.noren(&["authority", "rotate-keys", "--yes"], b"").fails("cannot reach");
    assert_eq!(read(&authority), before);
    authority.json(&["authority", "profile"], b"");
}
