//! `noren inspect` over the real binary: everything that Noren knows, and much that it does not.

use crate::support::office::{Keys, now};
use crate::support::person::Person;
use noren::authority::{Case, review};
use noren::log::{Append, LogPosition, Origin, encode_bundle};
use noren::messages::{
    Layout, Level, Notice, NoticeDetails, TraceCode, UploadCode, Venue, VenueDetails, wrap_events,
};
use noren::passphrase::{Cost, Passphrase};
use noren::time::{Hour, Window};
use noren::venue::Organisation;
use noren::visitor::{DeviceKey, Vault, VaultKey};
use serde_json::Value;

const URL: &str = "https://noren.invalid";
const NAME: &str = "Noren \u{200b}Izakaya";

/// One file of each kind, named after what it is, and the secret bytes that no output may show.
struct Samples {
    person: Person,
    keys: Keys,
    trace_code: TraceCode,
}

impl Samples {
    fn new() -> Self {
        let keys = Keys::new();
        let start = Hour::containing(now()).start();
        let window = Window::new(start, start.plus(3_600)).unwrap();
        let venue = Venue::new(NAME, "1-2-3 Minato", window, VenueDetails::default()).unwrap();
        let upload_key = keys.0.upload_public_key();
        let (_, trace_code) = noren::venue::set_up(venue, &upload_key, &mut rand::rng()).unwrap();
        let samples = Self { person: Person::new(), keys, trace_code };
        samples.write_codes();
        samples.write_uploads(window);
        samples.write_state();
        samples
    }

    fn write_codes(&self) {
        let entry = self.trace_code.entry_code();
        let link = entry.to_url(&format!("{URL}/")).unwrap();
        self.person.write("entry code.url", &link);
        self.person.write("entry code.bin", entry.as_bytes());
        self.person.write("entry code.base64", link.split_once('#').unwrap().1);
        self.person.write("trace code.txt", self.trace_code.to_text().as_bytes());
        self.person.write("trace code.bin", &*self.trace_code.to_bytes());
        let upload_code = UploadCode::generate(&mut rand::rng());
        self.person.write("upload code.txt", upload_code.to_text().as_bytes());
    }

    fn write_uploads(&self, window: Window) {
        let (rng, code) = (&mut rand::rng(), UploadCode::generate(&mut rand::rng()).binding());
        let upload =
            noren::venue::upload(&self.trace_code, window, code, window.over_at()).unwrap();
        self.person.write("pre-trace.bin", upload.pre_traces[0].to_bytes());
        let sealed = upload.seal(&self.keys.0.upload_public_key(), rng).unwrap();
        self.person.write("sealed upload.bin", &sealed);
        let verified =
            review(self.keys.0.upload_key(), &Case { code, window }, &sealed, window.over_at())
                .unwrap();
        let details =
            Some(NoticeDetails { level: Level::Attention, names_venue: false, names_date: true });
        let notice = Notice { window: Some(window), message: String::new(), details };
        let trace = verified.pre_traces[0].trace(&notice, Layout::WithTimes, rng).unwrap();
        let trace = trace.to_bytes();
        self.person.write("trace.bin", &trace);
        let events = [trace.clone(), b"garbage".to_vec()];
        self.person.write("list of traces.bin", wrap_events(&events));
        self.person.write("entry bundle.bin", encode_bundle(&events).unwrap());
        self.person.write("tile/entries/000.p/2", encode_bundle(&events).unwrap());
        self.person.write("tile/0/000.p/2", [7; 64]);
        let origin = Origin::new("health.example/log").unwrap();
        let (position, key) = (LogPosition::start(), self.keys.0.log_keys());
        let append = Append::sign(&position, vec![trace], &origin, &key, now()).unwrap();
        self.person.write("checkpoint.txt", append.checkpoint);
    }

    fn write_state(&self) {
        let rng = &mut rand::rng();
        self.person.write("authority profile.bin", self.keys.profile("Health Office", URL));
        let (passphrase, cost) =
            (Passphrase::new("sixteen characters").unwrap(), Cost::new(64, 1, 1).unwrap());
        let upload_key = self.keys.0.upload_public_key();
        let organisation = Organisation::set_up(&passphrase, cost, &upload_key, rng).unwrap();
        self.person.write("organisation record.bin", organisation.to_bytes().unwrap());
        let key = VaultKey::device(DeviceKey::generate(rng));
        self.person.write("vault.bin", Vault::new().seal(&key, rng).unwrap());
        let key = VaultKey::passphrase(&passphrase, cost, rng).unwrap();
        self.person.write("vault.passphrase", Vault::new().seal(&key, rng).unwrap());
    }

    fn inspect(&self, name: &str) -> Value {
        self.person.json(&["inspect", name], b"")
    }
}

const ALL: [&str; 15] = [
    "entry code.url",
    "entry code.bin",
    "entry code.base64",
    "trace code.txt",
    "trace code.bin",
    "upload code.txt",
    "pre-trace.bin",
    "sealed upload.bin",
    "trace.bin",
    "list of traces.bin",
    "entry bundle.bin",
    "authority profile.bin",
    "organisation record.bin",
    "vault.bin",
    "vault.passphrase",
];

#[test]
fn everything_is_recognised_from_files_and_from_the_standard_input() {
    // [CLI-6]
    let samples = Samples::new();
    for name in ALL.into_iter().chain(["checkpoint.txt"]) {
        let found = samples.inspect(name);
        assert_eq!(found["what"].as_str(), name.split_once('.').map(|(what, _)| what), "{name}");
        assert_eq!(found["sound"], true, "{name}");
        let secret = ["trace code", "upload code", "pre-trace", "organisation record"];
        assert_eq!(found["secret"], secret.iter().any(|what| name.starts_with(what)), "{name}");
        let piped = samples.person.json(&["inspect", "-"], &samples.person.read(name));
        assert_eq!(piped, found, "{name}");
    }
}

#[test]
fn what_is_shown_is_what_is_inside() {
    // [MSG-11] [PRO-2] [VLT-1]
    let samples = Samples::new();
    let entry = samples.inspect("entry code.url");
    assert_eq!((entry["name"].as_str(), entry["valid_now"].as_bool()), (Some(NAME), Some(true)));
    assert_eq!(entry["link"], format!("{URL}/"));
    let list = samples.inspect("list of traces.bin");
    assert_eq!((list["traces"].as_u64(), list["malformed"].as_u64()), (Some(1), Some(1)));
    assert_eq!(samples.inspect("vault.bin")["opens_with"], "a key file beside it");
    assert_eq!(samples.inspect("vault.passphrase")["opens_with"], "a passphrase");
    assert_eq!(samples.inspect("tile/0/000.p/2")["hashes"], 2);
    assert_eq!(samples.inspect("tile/entries/000.p/2")["traces"], 1);
    let profile = samples.inspect("authority profile.bin");
    let signed = samples.person.read("authority profile.bin");
    let signed = noren::profile::SignedProfile::from_bytes(&signed).unwrap();
    assert_eq!(profile["fingerprint"], signed.profile().fingerprint().to_string());
    assert_eq!(profile["followed"], false);
}

#[test]
fn a_checkpoint_is_verified_where_its_authority_is_followed() {
    // [LOG-4] [LOG-5] [LOG-6]
    let samples = Samples::new();
    let person = &samples.person;
    assert_eq!(samples.inspect("checkpoint.txt")["verified"], false);
    person.json(&["visitor", "follow", "authority profile.bin"], b"");
    let found = samples.inspect("checkpoint.txt");
    assert_eq!((found["verified"].as_bool(), found["fresh"].as_bool()), (Some(true), Some(true)));
    assert_eq!(found["signatures"].as_array().unwrap().len(), 2);
    let late = now().plus(2 * 86_400).to_string();
    let found = person.json(&["--now", &late, "inspect", "checkpoint.txt"], b"");
    assert_eq!(found["fresh"], false);
    let forged = String::from_utf8(person.read("checkpoint.txt")).unwrap();
    let ran = person.noren(&["inspect", "-"], forged.replacen("\n1\n", "\n2\n", 1).as_bytes());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("signature of the checkpoint is wrong"), "{ran:?}");
}

#[test]
fn secrets_are_neither_shown_nor_taken_from_the_arguments() {
    // [CLI-2]
    let samples = Samples::new();
    let secret = {
        // The venue's half of the key, behind its tag in the trace code.
        let bytes = samples.trace_code.to_bytes();
        let at = bytes.windows(2).rposition(|window| window == [0x1a, 32]).unwrap();
        bytes[at + 2..at + 34].to_vec()
    };
    let text = String::from_utf8(samples.person.read("trace code.txt")).unwrap();
    for options in [&["inspect"][..], &["--json", "inspect"]] {
        let ran = samples.person.noren(&[options, &["trace code.txt"]].concat(), b"");
        let shown = format!("{}{}", ran.out, ran.err);
        assert!(!shown.contains(&hex::encode(&secret)) && !shown.contains(&text));
    }
    let code = String::from_utf8(samples.person.read("upload code.txt")).unwrap();
    let ran = samples.person.noren(&["inspect", "upload code.txt"], b"");
    assert!(!ran.out.contains(&code));
    // The last symbol belongs to the check.
    let other = if code.ends_with('0') { "1" } else { "0" };
    let mistyped = [&code[..code.len() - 1], other].concat();
    for secret in [&text, &code, &mistyped] {
        samples.person.noren(&["inspect", secret], b"").fails("this is secret");
    }
    let ran = samples.person.noren(&["inspect", "-"], mistyped.as_bytes());
    assert_eq!(ran.code, Some(1), "{ran:?}");
}

#[test]
fn foreign_text_is_escaped_for_people_and_kept_for_programs() {
    // [CLI-5]
    let samples = Samples::new();
    let ran = samples.person.noren(&["inspect", "entry code.bin"], b"");
    assert!(ran.out.contains("Noren \\u{200b}Izakaya") && !ran.out.contains('\u{200b}'), "{ran:?}");
    let ran = samples.person.noren(&["inspect", "no\u{1b}[2Jsuch"], b"");
    assert!(ran.out.contains("no\\u{1b}[2Jsuch") && !ran.out.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn what_noren_does_not_know_is_answered_no() {
    // [CLI-3]
    let person = Person::new();
    for bytes in [&b""[..], b"\n"] {
        let ran = person.noren(&["inspect", "-"], bytes);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), "the standard input is empty\n"));
    }
    for bytes in [&b"hello"[..], b"https://example.com/", &[0; 32], &[0xff; 64]] {
        let ran = person.noren(&["inspect", "-"], bytes);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), "nothing that Noren knows\n"));
    }
    let ran = person.noren(&["--json", "inspect", "no such file"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), "{\n  \"what\": null\n}\n"));
    let ran = person.noren(&["inspect", "https://a.example/?v=2#AAAA"], b"");
    assert!(ran.code == Some(1) && ran.out.contains("unknown version 2"), "{ran:?}");
}

#[test]
fn what_was_meant_to_be_known_and_is_damaged_says_why() {
    // [CLI-3] [VLT-4] [PRO-1]
    let samples = Samples::new();
    let damaged = |name: &str, change: &dyn Fn(&mut Vec<u8>), why: &str| {
        let mut bytes = samples.person.read(name);
        change(&mut bytes);
        let ran = samples.person.noren(&["inspect", "-"], &bytes);
        assert_eq!(ran.code, Some(1), "{name}: {ran:?}");
        assert!(ran.out.contains(why), "{name}: {ran:?}");
    };
    damaged("authority profile.bin", &|bytes| *bytes.last_mut().unwrap() ^= 1, "signature");
    damaged("vault.bin", &|bytes| bytes.truncate(20), "cut short");
    damaged("vault.bin", &|bytes| bytes[11] = 9, "unknown version 9");
    let ran = samples.person.noren(&["inspect", "tile/0/000.p/2"], b"");
    assert_eq!(ran.code, Some(0));
    samples.person.write("tile/0/000.p/3", [7; 64]);
    let ran = samples.person.noren(&["inspect", "tile/0/000.p/3"], b"");
    assert!(ran.code == Some(1) && ran.out.contains("64 bytes are not 3 hashes"), "{ran:?}");
}

#[test]
fn garbage_ends_in_an_answer() {
    let samples = Samples::new();
    for name in ALL {
        let bytes = samples.person.read(name);
        let middle = bytes.len().min(2_000) / 2;
        let flipped = |at: usize| {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x55;
            bytes
        };
        let cut = [bytes[..middle].to_vec(), bytes[1..].to_vec()];
        for garbage in cut.into_iter().chain([flipped(1), flipped(middle)]) {
            let ran = samples.person.noren(&["inspect", "-"], &garbage);
            assert!(matches!(ran.code, Some(0 | 1)), "{name}: {ran:?}");
        }
    }
}
