//! `noren venue` and `noren organisation` over the real binary and the real server.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::office::{Keys, Office, now};
use crate::support::person::Person;
use noren::keys::MasterPublicKey;
use noren::messages::{EntryCode, TraceCode};
use noren::time::{Hour, UnixSeconds, Window};

/// Nobody answers there: whatever works with it works without a network.
const NOWHERE: &str = "https://noren.invalid";
const SETUP: &[&str] = &["venue", "setup", "--authority", "health.profile", "--out", "codes"];
const NAMED: &[&str] = &["--name", "暖簾 Izakaya", "--address", "1-2-3 Minato"];
/// An upload is for hours that are over.
const EARLIER: &[&str] = &["--from", "yesterday"];
const ENTRY_FILES: [&str; 3] = ["codes/entry.png", "codes/entry.svg", "codes/entry.txt"];

fn owner(profile: &[u8]) -> Person {
    let owner = Person::new();
    owner.write("health.profile", profile);
    owner
}

fn offline_owner() -> Person {
    owner(&Keys::new().profile("Health Office", NOWHERE))
}

/// The two hours before this one.
fn window() -> Window {
    let start = Hour::containing(now()).start();
    Window::new(start.minus(7_200), start).unwrap()
}

#[test]
fn a_venue_is_set_up_offline() {
    // [VEN-1] [CLI-7]
    let owner = offline_owner();
    let words = [SETUP, NAMED, &["--kind", "bar", "--room", "2F", "--stay", "90m"]].concat();
    let data = owner.json(&words, b"");
    let link = String::from_utf8(owner.read("codes/entry.txt")).unwrap();
    let entry = EntryCode::from_url(&link).unwrap();
    let trace = String::from_utf8(owner.read("codes/trace.txt")).unwrap();
    let trace = TraceCode::from_text(&trace).unwrap();
    assert_eq!(trace.entry_code(), &entry, "the two codes belong together");
    assert_eq!(data["url"].as_str().unwrap(), link.trim());
    assert!(link.starts_with("https://noren.invalid/?v=3#"), "{link}");
    let (venue, details) = (entry.venue(), entry.venue().details());
    assert_eq!((venue.description(), venue.address()), ("暖簾 Izakaya", "1-2-3 Minato"));
    assert_eq!(details.kind().map(|kind| kind.name()), Some("bar"));
    assert_eq!((details.room(), details.stay_minutes()), (Some("2F"), Some(90)));
    assert!(entry.is_valid_at(now()), "from now on");
    assert!(entry.is_valid_at(now().plus(364 * 86_400)), "for a year");
    // The picture says the same as the text.
    let seen = owner.json(&["venue", "inspect", "codes/entry.png"], b"");
    let key = hex::encode(entry.master_public_key().to_bytes());
    assert_eq!(seen["master_public_key"], key);
    assert!(owner.read("codes/entry.svg").windows(4).any(|window| window == b"<svg"));
}

#[cfg(unix)]
#[test]
fn the_trace_code_is_for_its_owner_only() {
    // [CLI-2]
    use std::os::unix::fs::PermissionsExt as _;
    let owner = offline_owner();
    let ran = owner.noren(&[SETUP, NAMED].concat(), b"");
    let mode = |name| owner.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("codes/trace.txt"), 0o600);
    assert_eq!(ENTRY_FILES.map(mode), [0o644; 3]);
    let secret = String::from_utf8(owner.read("codes/trace.txt")).unwrap();
    assert!(!ran.out.contains(&secret) && !ran.err.contains(&secret));
}

#[test]
fn setting_up_again_overwrites_nothing() {
    // [CLI-2] [CLI-3]
    let owner = offline_owner();
    let words = [SETUP, NAMED].concat();
    assert_eq!(owner.noren(&words, b"").code, Some(0));
    let all = || [&ENTRY_FILES[..], &["codes/trace.txt"]].concat();
    let before: Vec<_> = all().into_iter().map(|name| owner.read(name)).collect();
    owner.noren(&words, b"").fails("name another folder");
    let after: Vec<_> = all().into_iter().map(|name| owner.read(name)).collect();
    assert!(before == after);
    // What an interruption between the two codes leaves: the secret alone.
    ENTRY_FILES.iter().for_each(|name| std::fs::remove_file(owner.path(name)).unwrap());
    owner.noren(&words, b"").fails("without its entry code");
    assert_eq!(owner.read("codes/trace.txt"), before[3]);
}

#[cfg(unix)]
#[test]
fn no_entry_code_is_ever_written_before_its_trace_code() {
    // [CLI-1] [VEN-1]
    let owner = offline_owner();
    owner.write("codes/unrelated", "");
    // A link to nowhere is a file that cannot be created.
    std::os::unix::fs::symlink("nowhere", owner.path("codes/trace.txt")).unwrap();
    owner.noren(&[SETUP, NAMED].concat(), b"").fails("trace.txt");
    assert!(ENTRY_FILES.iter().all(|name| !owner.path(name).exists()));
}

#[test]
fn setting_up_says_what_is_wrong_and_leaves_nothing() {
    // [CLI-3] [CLI-5] [CLI-7] [MSG-3] [MSG-8]
    let owner = offline_owner();
    let refused = |more: &[&str], words: &str| {
        owner.noren(&[SETUP, NAMED, more].concat(), b"").fails(words);
        assert!(!owner.path("codes").exists(), "{words}");
    };
    refused(&["--stay", "13h"], "stay");
    refused(&["--stay", "soon"], "90m");
    refused(&["--kind", "volcano"], "live-house");
    refused(&["--room", &"x".repeat(33)], "33 characters");
    refused(&["--base", "https://a.example/?q=1"], "without ? and #");
    refused(&["--from", "2026-04-02 18:00", "--to", "2026-04-01 18:00"], "end after it begins");
    let from_server = ["venue", "setup", "--authority", "https://a.example", "--out", "codes"];
    owner.noren(&[&from_server, NAMED].concat(), b"").fails("works offline");
    let hostile = ["--name", "a\u{1b}[2J", "--address", "b"];
    let ran = owner.noren(&[SETUP, &hostile].concat(), b"");
    ran.fails("control character");
    assert!(!ran.err.contains('\u{1b}'));
}

#[test]
fn foreign_names_cannot_reorder_what_is_read() {
    // [CLI-5]
    let owner = owner(&Keys::new().profile("evil \u{200b}txt", NOWHERE));
    let ran = owner.noren(&[SETUP, NAMED].concat(), b"");
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.contains("evil \\u{200b}txt") && !ran.out.contains('\u{200b}'), "{ran:?}");
}

#[test]
fn an_upload_stands_the_authoritys_review() {
    // [VEN-2] [VEN-3] [VEN-4]
    let office = Office::open();
    let owner = owner(&office.profile());
    owner.json(&[SETUP, NAMED, EARLIER].concat(), b"");
    let window = window();
    let (codes, case) = office.ask_aloud(window);
    let words =
        ["venue", "upload", "--yes", "--authority", "health.profile", "--trace", "codes/trace.txt"];
    // As they are heard over the telephone.
    let heard = codes.to_lowercase().replace('-', " ");
    let sent = owner.json(&words, heard.as_bytes());
    assert_eq!((sent["hours"].as_u64(), sent["bytes"].as_u64()), (Some(2), Some(65_536)));
    let review = office.review(&case);
    assert_eq!(review.entry_code.venue().description(), "暖簾 Izakaya");
    assert_eq!((review.window, review.pre_traces.len()), (window, 2));
    // The code was good for one upload.
    owner.noren(&words, heard.as_bytes()).fails("refused");
    assert_eq!(office.waiting(), 1);
}

#[test]
fn an_upload_takes_the_trace_code_from_a_picture() {
    let office = Office::open();
    let owner = owner(&office.profile());
    owner.json(&[SETUP, NAMED, EARLIER].concat(), b"");
    let trace = owner.read("codes/trace.txt");
    let code = qrcode::QrCode::new(&trace).unwrap();
    let (side, colors) = (code.width() as u32, code.to_colors());
    let picture = image::GrayImage::from_fn((side + 8) * 6, (side + 8) * 6, |x, y| {
        let at = |at: u32| (at / 6).checked_sub(4).filter(|at| *at < side);
        let color = at(x).zip(at(y)).map(|(x, y)| colors[(y * side + x) as usize]);
        image::Luma([if color == Some(qrcode::Color::Dark) { 0 } else { 255 }])
    });
    picture.save(owner.path("trace.png")).unwrap();
    let (codes, case) = office.ask_aloud(window());
    owner.write("code", codes);
    let words =
        ["venue", "upload", "--yes", "--authority", "health.profile", "--trace", "trace.png"];
    owner.json(&[&words[..], &["--code-file", "code"]].concat(), b"");
    assert_eq!(office.review(&case).pre_traces.len(), 2);
}

#[test]
fn nothing_is_sent_that_the_authority_would_refuse() {
    // [VEN-4] [REV-4] [CLI-2]
    let office = Office::open();
    let owner = owner(&office.profile());
    owner.json(&[SETUP, NAMED, EARLIER].concat(), b"");
    let upload = |more: &[&str], input: &str| {
        let words = ["venue", "upload", "--yes", "--authority", "health.profile"];
        owner.noren(&[&words, more].concat(), input.as_bytes())
    };
    let trace = ["--trace", "codes/trace.txt"];
    upload(&trace, "ABCDEF-GHJKMN-PQRSTV").fails("read it out again");
    upload(&trace, "").fails("there was nothing");
    let long_ago = UnixSeconds::new(1_577_901_600).unwrap();
    let early = Window::new(long_ago, long_ago.plus(7_200)).unwrap();
    upload(&trace, &office.ask_aloud(early).0).fails("never valid in this window");
    upload(&["--trace", "codes/entry.png"], "").fails("a venue's entry code, from its poster");
    upload(&["--trace", "-", "--code-file", "-"], "").fails("only one thing");
    assert_eq!(office.waiting(), 0);
}

#[test]
fn a_dummy_is_received_like_any_upload_and_not_kept() {
    // [API-5]
    let office = Office::open();
    let owner = owner(&office.profile());
    let sent = owner.json(&["venue", "upload", "--dummy", "--authority", "health.profile"], b"");
    assert_eq!((sent["status"].as_str(), sent["bytes"].as_u64()), (Some("received"), Some(65_536)));
    assert_eq!(office.waiting(), 0);
}

#[test]
fn an_upload_without_an_answer_is_sent_again_byte_for_byte() {
    // [API-4]
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let owner = owner(&Keys::new().profile("Health Office", &url));
    let server = std::thread::spawn(move || {
        let mut bodies = Vec::new();
        for answer in
            ["", "HTTP/1.1 202 Accepted\r\ncontent-length: 21\r\n\r\n{\"status\":\"received\"}"]
        {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 8_192];
            let body = |request: &[u8]| {
                let end = request.windows(4).position(|window| window == b"\r\n\r\n")?;
                Some(request[end + 4..].to_vec()).filter(|body| body.len() == 65_536)
            };
            while body(&request).is_none() {
                let read = stream.read(&mut buffer).unwrap();
                request.extend_from_slice(&buffer[..read]);
            }
            bodies.push(body(&request).unwrap());
            let head = String::from_utf8_lossy(&request[..600]).to_lowercase();
            assert!(head.contains("x-chaff: 1") && head.contains("upload-ticket: "), "{head}");
            stream.write_all(answer.as_bytes()).unwrap();
        }
        bodies
    });
    owner.json(&["venue", "upload", "--dummy", "--authority", "health.profile"], b"");
    let bodies = server.join().unwrap();
    assert!(bodies[0] == bodies[1]);
}

#[test]
fn an_organisation_has_one_passphrase_for_many_venues() {
    // [VEN-5]
    let office = Office::open();
    let owner = owner(&office.profile());
    let setup = ["organisation", "setup", "--authority", "health.profile", "--out", "chain"];
    owner
        .noren(&[&setup[..], &["--cost", "64,1,1"]].concat(), b"too short\n")
        .fails("16 characters");
    let passphrase = "correct horse battery staple\n";
    owner.json(&[&setup[..], &["--cost", "64,1,1"]].concat(), passphrase.as_bytes());
    owner.noren(&setup, passphrase.as_bytes()).fails("not overwritten");
    let add = ["organisation", "add", "--organisation", "chain", "--authority", "health.profile"];
    // Without the passphrase, and without anything secret.
    for out in ["shibuya", "ueno"] {
        owner.json(&[&add, NAMED, EARLIER, &["--out", out]].concat(), b"");
        assert!(!owner.path(out).join("trace.txt").exists());
    }
    owner.noren(&[&add, NAMED, &["--out", "ueno"]].concat(), b"").fails("nothing is overwritten");

    let (codes, case) = office.ask_aloud(window());
    let upload = |passphrase: &str, entry: &str| {
        let words =
            ["organisation", "upload", "--yes", "--organisation", "chain", "--entry", entry];
        let words = [&words[..], &["--authority", "health.profile"]];
        let input = format!("{passphrase}{codes}\n");
        owner.noren(&words.concat(), input.as_bytes())
    };
    upload("another passphrase altogether\n", "ueno/entry.txt")
        .fails("not that of this organisation");
    owner.json(&[SETUP, NAMED, EARLIER].concat(), b"");
    upload(passphrase, "codes/entry.txt").fails("does not belong");
    assert_eq!(office.waiting(), 0);
    assert_eq!(upload(passphrase, "ueno/entry.png").code, Some(0));
    let review = office.review(&case);
    let link = String::from_utf8(owner.read("ueno/entry.txt")).unwrap();
    assert_eq!(review.entry_code, EntryCode::from_url(&link).unwrap());
    // [VEN-8] [VEN-9] The rooms' codes share no key, and what ties them together is private.
    let other = String::from_utf8(owner.read("shibuya/entry.txt")).unwrap();
    let other = EntryCode::from_url(&other).unwrap();
    assert_ne!(other.master_public_key(), review.entry_code.master_public_key());
    assert_eq!(owner.path("chain").metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

/// A record as the first version wrote it: without the chain key and the upload key at its end.
fn without_chain_key(record: &[u8]) -> Vec<u8> {
    assert_eq!(record[..2], [0x87, 3]);
    [&[0x85, 1], &record[2..record.len() - 68]].concat()
}

#[test]
fn an_organisation_of_the_version_before_answers_for_old_rooms_and_new() {
    // [VEN-10]
    let office = Office::open();
    let owner = owner(&office.profile());
    let setup = ["organisation", "setup", "--authority", "health.profile", "--out", "new"];
    let passphrase = "correct horse battery staple\n";
    owner.json(&[&setup[..], &["--cost", "64,1,1"]].concat(), passphrase.as_bytes());
    let older = without_chain_key(&owner.read("new"));
    owner.write("chain", &older);
    owner.write("copy", &older);
    // The code of a room of that time has the organisation's own key.
    let add = |record: &str, out: &str| {
        let words = ["organisation", "add", "--organisation", record, "--out", out];
        let authority = ["--authority", "health.profile"];
        owner.noren(&[&words[..], &authority, NAMED, EARLIER].concat(), b"")
    };
    let ran = add("chain", "ueno");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("private") && ran.err.contains("form of this version"), "{ran:?}");
    assert_eq!(owner.path("chain").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let again = add("chain", "shibuya");
    assert!(again.code == Some(0) && !again.err.contains("older ones"), "said once: {again:?}");
    let old_room = old_room(&older, &owner.read("ueno/entry.txt"));
    owner.write("old-entry.txt", old_room);

    // A copy that was kept elsewhere knows the new rooms, too, and needs no second migration.
    for (record, entry) in [("chain", "ueno/entry.txt"), ("copy", "ueno/entry.txt")]
        .into_iter()
        .chain([("chain", "old-entry.txt"), ("copy", "old-entry.txt")])
    {
        let (codes, _) = office.ask_aloud(window());
        let words = ["organisation", "upload", "--yes", "--organisation", record, "--entry", entry];
        let words = [&words[..], &["--authority", "health.profile"]];
        let input = format!("{passphrase}{codes}\n");
        let ran = owner.noren(&words.concat(), input.as_bytes());
        assert_eq!(ran.code, Some(0), "{record}, {entry}: {ran:?}");
    }
    assert_eq!(office.waiting(), 4, "all four are handed in");
    assert_eq!(owner.read("copy"), older, "an upload changes no record");
}

/// The code that the version before made: the organisation's own key, from the record, in the place
/// of the room's.
fn old_room(record: &[u8], room: &[u8]) -> String {
    let own_key = MasterPublicKey::from_bytes(&record[4..100]).unwrap();
    let room = EntryCode::from_url(std::str::from_utf8(room).unwrap().trim()).unwrap();
    let code = EntryCode::new(room.venue().clone(), own_key, &[7; 32]).unwrap();
    code.to_url("https://noren.example/").unwrap()
}
