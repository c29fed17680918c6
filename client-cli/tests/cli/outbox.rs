//! An upload that is repeated after its answer was lost is the same upload.

use noren_faults::{Disk, Fault};

use crate::support::desk::{Desk, hour};
use crate::support::office::{Office, now};
use crate::support::person::{Person, Ran};
use crate::support::proxy::Proxy;
use crate::support::tee::Tee;
use noren::messages::{UploadCode, WindowCode};
use noren::time::{Hour, Window};

/// The two hours before this one.
fn window() -> Window {
    let end = Hour::containing(now()).start();
    Window::new(end.minus_two_hours(), end).unwrap()
}

trait Earlier {
    fn minus_two_hours(self) -> Self;
}

impl Earlier for noren::time::UnixSeconds {
    fn minus_two_hours(self) -> Self {
        Self::new(self.get() - 7_200).unwrap()
    }
}

fn owner(profile: &[u8]) -> Person {
    let owner = Person::new();
    owner.write("health.profile", profile);
    let time =
        |time: u64| jiff::Timestamp::from_second(i64::try_from(time).unwrap()).unwrap().to_string();
    let (from, to) = (time(now().get() - 864_000), time(now().get() + 864_000));
    let setup = ["venue", "setup", "--authority", "health.profile", "--out", "codes"];
    let named = ["--name", "Bar", "--address", "Minato", "--from", &from, "--to", &to];
    owner.json(&[&setup[..], &named].concat(), b"");
    owner
}

/// Somebody with a diary who was at a bar that takes part in an authority's patient cases.
pub(crate) fn diarist(town: &Desk) -> Person {
    town.does(&["patient", "enable", "--yes"]);
    town.does(&["profile", "--out", "patient.profile"]);
    let (from, to) = (hour(-240), hour(240));
    let setup = ["venue", "setup", "--authority", "patient.profile", "--patient-cases"];
    let named = ["--name", "Patient Bar", "--address", "Minato", "--out", "patient-codes"];
    town.person.json(&[&setup[..], &named, &["--from", &from, "--to", &to]].concat(), b"");
    let patient = Person::new();
    patient.write("patient.profile", town.person.read("patient.profile"));
    patient.write("entry.png", town.person.read("patient-codes/entry.png"));
    patient.json(&["visitor", "follow", "patient.profile"], b"");
    patient.json(&["visitor", "diary", "on"], b"");
    let came = hour(30);
    patient.json(&["visitor", "check-in", "entry.png", "--at", &came, "--for", "1h"], b"");
    patient
}

const UPLOAD: [&str; 9] = [
    "venue",
    "upload",
    "--yes",
    "--authority",
    "health.profile",
    "--trace",
    "codes/trace.txt",
    "--code-file",
    "-",
];

fn codes(code: &UploadCode, window: Window) -> String {
    format!("{} {}", *code.to_text(), WindowCode::within(window).unwrap().to_text(code))
}

fn kept(owner: &Person) -> usize {
    let Ok(folder) = std::fs::read_dir(owner.path("home/outbox")) else { return 0 };
    folder.filter(|file| file.as_ref().unwrap().path().extension().is_some()).count()
}

#[test]
fn an_upload_whose_answer_was_lost_is_sent_again_byte_for_byte() {
    // [VEN-7]
    let office = Office::open();
    let proxy = Proxy::losing(office.address());
    let owner = owner(&office.profile_at(&proxy.url));
    let (code, case) = office.ask(window());
    let input = codes(&code, window());
    let upload = || owner.noren(&UPLOAD, input.as_bytes());
    upload().fails("run this again with the same code");
    assert!(proxy.lost() > 0);
    assert_eq!((office.waiting(), kept(&owner)), (1, 1), "received, and nobody here knows");
    proxy.mend();
    let again: Ran = upload();
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!((office.waiting(), kept(&owner)), (1, 0));
    assert_eq!(office.review(&case).pre_traces.len(), 2);
    upload().fails("refused");
    assert_eq!(kept(&owner), 0);
}

#[test]
fn another_upload_with_a_code_whose_answer_was_lost_says_so() {
    // [VEN-7]
    let office = Office::open();
    let proxy = Proxy::losing(office.address());
    let owner = owner(&office.profile_at(&proxy.url));
    let (code, _) = office.ask(window());
    let first = codes(&code, window());
    owner.noren(&UPLOAD, first.as_bytes()).fails("run this again");
    let shorter = Window::new(window().start(), window().start().plus(3_600)).unwrap();
    proxy.mend();
    owner.noren(&UPLOAD, codes(&code, shorter).as_bytes()).fails("may have that one");
    assert_eq!((office.waiting(), kept(&owner)), (1, 0));
}

/// Something that is no server of ours, and answers everything with this.
fn something_else(answer: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut read) = (stream.unwrap(), Vec::new());
            let mut piece = [0; 65_536];
            let is_whole = |read: &[u8]| {
                let head = read.windows(4).position(|four| four == b"\r\n\r\n");
                head.is_some_and(|head| read.len() >= head + 4 + 65_536)
            };
            while !is_whole(&read) {
                match std::io::Read::read(&mut stream, &mut piece) {
                    Ok(length @ 1..) => read.extend_from_slice(&piece[..length]),
                    _ => break,
                }
            }
            let _ = std::io::Write::write_all(&mut stream, answer.as_bytes());
        }
    });
    url
}

#[test]
fn what_something_else_answers_is_not_final() {
    // [VEN-7] [API-4] [API-6]
    for (answer, words) in [
        ("HTTP/1.1 403 Forbidden\r\ncontent-length: 6\r\n\r\n<html>", "answered 403"),
        ("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\n{}", "answered 403"),
        ("HTTP/1.1 202 Accepted\r\ncontent-length: 6\r\n\r\n<html>", "not as it does"),
        ("HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n{}", "not as it does"),
    ] {
        let office = Office::open();
        let owner = owner(&office.profile_at(&something_else(answer)));
        let (code, _) = office.ask(window());
        owner.noren(&UPLOAD, codes(&code, window()).as_bytes()).fails(words);
        assert_eq!((office.waiting(), kept(&owner)), (0, 1), "{answer}");
    }
}

#[test]
fn a_server_that_calls_itself_the_authority_is_refused_by_who_was_set_up() {
    // [CLI-4] [PRO-2]
    let office = Office::open();
    let owner = owner(&office.profile());
    let impostor = Office::open();
    let (code, _) = impostor.ask(window());
    let mut words = UPLOAD;
    let address = format!("http://{}", impostor.address());
    words[4] = &address;
    let ran = owner.noren(&words, codes(&code, window()).as_bytes());
    assert!(
        ran.code != Some(0) && ran.err.contains("keys of Health Office have changed"),
        "{ran:?}"
    );
    assert_eq!((impostor.waiting(), kept(&owner)), (0, 0));
    // Who meets an authority for the first time is shown its fingerprint, and keeps it.
    let stranger = Person::new();
    stranger.write("codes/trace.txt", owner.read("codes/trace.txt"));
    let ran = stranger.noren(&words, codes(&code, window()).as_bytes());
    assert!(ran.err.contains("are kept from now on; fingerprint: "), "{ran:?}");
    stranger.write("health.profile", office.profile());
    let ran = stranger.noren(&UPLOAD, codes(&code, window()).as_bytes());
    assert!(ran.code != Some(0) && ran.err.contains("have changed"), "{ran:?}");
}

#[test]
fn a_report_whose_answer_was_lost_is_the_same_report() {
    // [VEN-7] [PAT-16]
    let tee = Tee::new();
    let town = Desk::behind(&tee);
    let patient = diarist(&town);
    let opened = town.does(&["patient", "open", "--since", &hour(0)[..10]]);
    let code = opened["code"].as_str().unwrap();
    let report = || {
        let words = ["visitor", "upload", "--all", "--code-file", "-"];
        patient.noren(&words, code.as_bytes())
    };
    tee.swallow(Some("POST /v1/uploads"));
    report().fails("run this again with the same code");
    let waiting = || town.does(&["uploads"]).as_array().unwrap().len();
    assert_eq!((waiting(), kept(&patient)), (1, 1), "received, and nobody here knows");
    tee.swallow(None);
    let again = report();
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!((waiting(), kept(&patient)), (1, 0), "one report, not two");
    let review = town.does(&["patient", "review", opened["patient"].as_str().unwrap()]);
    assert_eq!(review["visits"].as_array().unwrap().len(), 1, "{review}");
    report().fails("refused");
}

#[test]
fn an_organisations_upload_whose_answer_was_lost_is_sent_again_byte_for_byte() {
    // [VEN-7]
    let office = Office::open();
    let proxy = Proxy::losing(office.address());
    let owner = owner(&office.profile_at(&proxy.url));
    let passphrase = "correct horse battery staple\n";
    let setup = ["organisation", "setup", "--authority", "health.profile", "--out", "chain"];
    owner.json(&[&setup[..], &["--cost", "64,1,1"]].concat(), passphrase.as_bytes());
    let add = ["organisation", "add", "--organisation", "chain", "--authority", "health.profile"];
    let long_ago = jiff::Timestamp::from_second(now().as_i64() - 864_000).unwrap().to_string();
    let later = jiff::Timestamp::from_second(now().as_i64() + 864_000).unwrap().to_string();
    let named = ["--name", "Ueno", "--address", "Taito", "--from", &long_ago, "--to", &later];
    owner.json(&[&add[..], &named, &["--out", "ueno"]].concat(), b"");
    let (code, _) = office.ask(window());
    let words = ["organisation", "upload", "--yes", "--organisation", "chain", "--entry"];
    let words = [&words[..], &["ueno/entry.txt", "--authority", "health.profile"]].concat();
    let input = format!("{passphrase}{}\n", codes(&code, window()));
    owner.noren(&words, input.as_bytes()).fails("run this again with the same code");
    proxy.mend();
    let again = owner.noren(&words, input.as_bytes());
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!((office.waiting(), kept(&owner)), (1, 0));
}

/// Runs the upload on a disk that fails; whether it said that it was received.
fn upload_on(disk: &Disk, owner: &Person, input: &str) -> bool {
    let mut command = owner.command(&UPLOAD);
    disk.lay_under(&mut command);
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(!output.status.success() || !output.stdout.is_empty());
    !output.stdout.is_empty()
}

#[test]
fn an_upload_killed_or_without_room_at_any_step_is_received_once() {
    // [VEN-7] [CLI-1]
    let office = Office::open();
    let owner = owner(&office.profile());
    std::fs::create_dir_all(owner.path("home/outbox")).unwrap();
    let disk = Disk::under(&owner.path("home"));
    let (code, _) = office.ask(window());
    assert!(upload_on(&disk, &owner, &codes(&code, window())));
    let (steps, mut received) = (disk.count(), office.waiting());
    assert!(steps >= 5, "written, synced, renamed, deleted: {steps}");
    for fault in Fault::ALL {
        for step in 1..=steps {
            let (code, _) = office.ask(window());
            let input = codes(&code, window());
            disk.set(fault, step..=step);
            let sound = upload_on(&disk, &owner, &input);
            disk.mend();
            received += 1;
            let before = office.waiting();
            // Whatever became of it, it can be run again, unless it said that it was received.
            let again = sound || upload_on(&disk, &owner, &input);
            // A file that could not be deleted was acknowledged: the server says the same again.
            assert!(again, "{fault:?} at {step}");
            // What was told and not yet deleted goes when its code is too old.
            assert_eq!(office.waiting(), received, "{fault:?} {step} {before}");
        }
    }
}
