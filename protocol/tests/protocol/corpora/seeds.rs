//! A few good inputs and some that are nearly good for each target.

use std::fs;
use std::path::Path;

use noren::hazmat::{G1, G2, Gt, encode_g1, encode_g2};
use noren::keys::MasterSecretKey;
use noren::log::{Append, LogPosition, Origin, TreeHash, WitnessPolicy, encode_bundle};
use noren::messages::{
    ClaimedVisit, CodeBinding, EntryCode, PatientUpload, TraceCode, Upload, Venue, VenueDetails,
    VenueKind, wrap_events,
};
use noren::profile::{Pin, SignedProfile};
use noren::request::{Nonce, RequestTarget, SignedHeaders};
use noren::time::{UnixSeconds, Window};
use noren::visitor::{CheckIn, DeviceKey, Diary, Stay, Vault, VaultKey, VenueText};
use noren_fuzz_bodies::devices::{contents_of, entries_of};
use noren_fuzz_bodies::published::signed_profile;
use noren_fuzz_bodies::traces::genuine_entry;
use noren_fuzz_bodies::uploads::authority;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::Value;

const NOON: u64 = 1_700_049_600;
const HOUR: u64 = 3_600;

type Seeds = Vec<Vec<u8>>;

fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).expect("a time")
}

fn window(start: u64, end: u64) -> Window {
    Window::new(at(start), at(end)).expect("a window")
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(1)
}

/// Some of the values of a field in a section of a vector file.
fn vectors(file: &str, pointers: &[&str]) -> Seeds {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors");
    let text = fs::read_to_string(folder.join(file)).expect("a vector file");
    let vectors: Value = serde_json::from_str(&text).expect("JSON");
    let value = |pointer: &&str| {
        let text = vectors.pointer(pointer).and_then(Value::as_str).expect("a text");
        hex::decode(text).unwrap_or_else(|_| text.as_bytes().to_vec())
    };
    pointers.iter().map(value).collect()
}

fn origin() -> Origin {
    Origin::new("health.example/log").expect("an origin")
}

fn codes() -> (EntryCode, TraceCode) {
    let details = VenueDetails::new(Some(VenueKind::Bar), Some("2F".to_owned()), Some(90));
    let valid = window(NOON, NOON + 48 * HOUR);
    let venue = Venue::new("Kissa Noren", "Kyoto", valid, details.expect("details"));
    let key = authority().upload_public_key();
    noren::venue::set_up(venue.expect("a venue"), &key, &mut rng()).expect("codes")
}

fn upload(hours: u64) -> Vec<u8> {
    let (_, trace_code) = codes();
    let window = window(NOON + 60, NOON + hours * HOUR);
    let upload = noren::venue::upload(
        &trace_code,
        window,
        CodeBinding::from_bytes([1; 32]),
        window.over_at(),
    );
    let upload: Upload = upload.expect("an upload");
    upload.seal(&authority().upload_public_key(), &mut rng()).expect("a box")
}

/// Visits of an hour each, that many hours after noon.
fn patient_upload(after: &[u64]) -> Vec<u8> {
    let valid = window(NOON, NOON + 48 * HOUR);
    let venue = Venue::new("Kissa Noren", "Kyoto", valid, VenueDetails::default());
    let key = authority().patient_public_key().expect("a key");
    let code = noren::venue::set_up_for_patient_cases(venue.expect("a venue"), &key, &mut rng());
    let payload = code.expect("a code").as_bytes().to_vec();
    let visit = |hours: &u64| {
        let (arrival, departure) = (at(NOON + hours * HOUR), at(NOON + (hours + 1) * HOUR));
        ClaimedVisit { payload: payload.clone(), arrival, departure }
    };
    let visits = after.iter().map(visit).collect();
    let upload = PatientUpload { code: CodeBinding::from_bytes([1; 32]), visits };
    upload.seal(&authority().upload_public_key(), &mut rng()).expect("a box")
}

/// The CBOR inside of a sealed upload.
fn opened(sealed: &[u8]) -> Vec<u8> {
    let plaintext = authority().upload_key().open(sealed).expect("it opens");
    let (length, rest) = plaintext.split_first_chunk::<4>().expect("a length");
    rest[..u32::from_be_bytes(*length) as usize].to_vec()
}

fn vault(close: bool) -> Vault {
    let (mut vault, mut rng) = (Vault::new(), rng());
    for i in 0..2 {
        let time = NOON + i * HOUR;
        let visit = vault.check_in(&codes().0, at(time), &mut rng).expect("checked in");
        if let (CheckIn::Opened(id), true) = (visit, close) {
            vault.check_out(id, at(time + 60), &mut rng).expect("checked out");
        }
    }
    vault
}

/// A diary with so many visits whose code was scanned, and as many written by hand.
fn diary(visits: u64) -> Diary {
    let (mut diary, mut rng) = (Diary::new(), rng());
    let mut vault = Vault::new();
    for i in 0..visits {
        let time = NOON + i * HOUR;
        let visit = vault.check_in(&codes().0, at(time), &mut rng).expect("checked in");
        if let CheckIn::Opened(id) = visit {
            let ended = vault.check_out(id, at(time + 60), &mut rng).expect("checked out");
            diary.keep(&ended).expect("kept");
        }
        let venue = VenueText {
            description: "Noodle stand".to_owned(),
            address: String::new(),
            room: Some("2".to_owned()),
            kind: None,
        };
        let stay = Stay::new(at(time), at(time + 90)).expect("a stay");
        diary.add(venue, stay, "a note", &mut rng).expect("added");
    }
    diary
}

fn requests() -> Seeds {
    let now = at(1_700_000_000);
    let (keys, nonce) = (authority(), Nonce::generate(&mut rng()));
    [("PUT", "/v1/cases/00", None, "body"), ("GET", "/v1/uploads", Some("after=1"), "")]
        .into_iter()
        .map(|(method, path, query, body)| {
            let target = RequestTarget { method, authority: "health.example", path, query };
            let headers = SignedHeaders::sign(
                keys.log_key(),
                &origin(),
                &target,
                body.as_bytes(),
                now,
                nonce,
            )
            .expect("signed");
            let (digest, input) = (headers.content_digest, headers.signature_input);
            let (signature, query) = (headers.signature, query.unwrap_or_default());
            [method, path, query, &digest, &input, &signature, body].join("\n").into_bytes()
        })
        .collect()
}

fn appends() -> Vec<Append> {
    let (start, keys) = (LogPosition::start(), authority());
    [vec![], vec![genuine_entry()], vec![b"x".to_vec(), vec![], vec![7; 300]]]
        .into_iter()
        .map(|entries| {
            Append::sign(&start, entries, &origin(), &keys.log_keys(), at(1_700_000_000))
                .expect("an append")
        })
        .collect()
}

/// Signed notes, and the text of one.
fn checkpoints() -> Seeds {
    let notes: Vec<String> = appends().into_iter().map(|append| append.checkpoint).collect();
    let text = notes[1].split("\n\n").next().map(|text| format!("{text}\n"));
    notes.into_iter().chain(text).map(String::into_bytes).collect()
}

fn entries(entries: &[&[u8]]) -> Vec<u8> {
    let framed = entries.iter().map(|entry| {
        let length = u16::try_from(entry.len()).expect("16 bits").to_be_bytes();
        [&length[..], entry].concat()
    });
    framed.collect::<Vec<_>>().concat()
}

fn matching() -> Seeds {
    let genuine = genuine_entry();
    let mut altered = genuine.clone();
    altered[60] ^= 1;
    vec![
        vec![],
        entries(&[b"", b"\xff\xff", &genuine[..100]]),
        entries(&[&altered, &genuine]),
        entries(&[&[&genuine[..], b"\x78\x01"].concat(), b"\x08\x04"]),
    ]
}

fn organisations() -> Seeds {
    vectors("organisation.json", &["/noren_organisation/0/record", "/noren_organisation/5/record"])
}

fn ciphertexts() -> Seeds {
    let key = MasterSecretKey::from_bytes(&[5; 32]).expect("a key").public_key();
    [(&b"identity"[..], &b"message"[..]), (b"", b"")]
        .iter()
        .map(|(id, message)| key.encrypt(id, message, &mut rng()).expect("encrypted").to_bytes())
        .collect()
}

/// Scalars: the smallest, the largest, and some between.
fn scalars() -> Vec<Vec<u8>> {
    let small = |small: u8| -> [u8; 32] { std::array::from_fn(|i| if i == 0 { small } else { 0 }) };
    let mut largest: [u8; 32] =
        hex::decode("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000")
            .expect("hexadecimal")
            .try_into()
            .expect("32 bytes");
    largest.reverse();
    let between: Vec<[u8; 32]> = (1..=9).map(|byte| [byte; 32]).collect();
    let smallest: Vec<[u8; 32]> = (1..=17).map(small).collect();
    vec![
        smallest.concat(),
        [small(1), largest].concat(),
        [largest, small(1), largest].concat(),
        between.concat(),
    ]
}

fn points() -> Seeds {
    let mut seeds = vec![
        encode_g1(&G1::generator()).to_vec(),
        encode_g2(&G2::generator()).to_vec(),
        Gt::one().to_bytes().to_vec(),
        vec![5; 32],
    ];
    let recorded: Vec<String> = (0..20).map(|i| format!("/deserialize/{i}/bytes")).collect();
    let recorded: Vec<&str> = recorded.iter().map(String::as_str).collect();
    seeds.extend(vectors("crowdnotifier-v3.json", &recorded[..10]));
    seeds
}

/// The seeds of every target.
pub(crate) fn all() -> Vec<(&'static str, Seeds)> {
    let (code, trace_code) = codes();
    let flow = "/flows/0/locations/0/qrCode";
    let (payload, trace) = (format!("{flow}Payload"), format!("{flow}Trace"));
    let pre_trace = "/flows/0/tracings/0/items/0/preTraceWithProof";
    let events = [genuine_entry(), vec![0xff], genuine_entry()];
    let profile = signed_profile();
    let body = profile[4..profile.len() - 66].to_vec();
    let bundle = |entries: &[&[u8]]| {
        let width = u8::try_from(entries.len() - 1).expect("at most 256");
        [vec![width], encode_bundle(entries).expect("a bundle")].concat()
    };
    let tiles =
        |size: u64| [&size.to_be_bytes()[..], &TreeHash::of_empty_tree().0.repeat(4)].concat();
    let recorded = "crowdnotifier-v3.json";
    let notices = [0, 6, 7, 9, 13, 14, 20, 26].map(|i| format!("/noren_notice/{i}/plaintext"));
    let links = [0, 3, 5, 9, 18, 24].map(|i| format!("/noren_link/{i}/text"));
    let written = [0, 4, 5, 6, 9, 16].map(|i| format!("/noren_upload_code/{i}/text"));
    let details = [0, 1, 17, 20, 21, 30].map(|i| format!("/noren_venue_details/{i}/payload"));
    let witnessed =
        [0, 2, 3, 5, 8, 14, 15, 16].map(|i| format!("/noren_add_checkpoint/{i}/request"));
    let proofs = [0, 1, 2, 5, 6, 7, 9, 11].map(|i| format!("/noren_log_proof/{i}/text"));
    let policies =
        [0, 10, 13, 14, 16, 19, 20, 22].map(|i| format!("/noren_witness_policy/{i}/policy"));
    let pick =
        |file, list: &[String]| vectors(file, &list.iter().map(String::as_str).collect::<Vec<_>>());
    let mut entry_codes = pick("entry_code.json", &details);
    entry_codes.push(code.as_bytes().to_vec());
    entry_codes.extend(vectors(recorded, &[&payload, "/qr_parse/15/payload"]));
    let mut trace_codes = vectors(recorded, &[&trace, &format!("{trace}_base64")]);
    trace_codes.extend([trace_code.to_bytes().to_vec(), trace_code.to_text().as_bytes().to_vec()]);
    let text = |list: &[&str]| list.iter().map(|text| text.as_bytes().to_vec()).collect();
    vec![
        ("add_checkpoint", pick("witness.json", &witnessed)),
        ("append", appends().iter().map(|append| append.to_bytes().expect("bytes")).collect()),
        ("bundle", vec![bundle(&[b""]), bundle(&[b"a", b"", &[7; 300]])]),
        ("checkpoint", checkpoints()),
        ("ciphertext", ciphertexts()),
        ("entry_code", entry_codes),
        (
            "patient_upload",
            vec![opened(&patient_upload(&[0])), opened(&patient_upload(&[0, 2, 6, 26]))],
        ),
        ("log_proof", pick("witness.json", &proofs)),
        ("matching", matching()),
        ("notice", pick("notice.json", &notices)),
        ("organisation", organisations()),
        ("pairings", scalars()),
        ("pin", pins(&pick("witness.json", &policies))),
        ("point", points()),
        ("pre_trace", vectors(recorded, &[pre_trace])),
        ("profile", vec![profile, body]),
        ("qr_url", pick("entry_code.json", &links)),
        ("request", requests()),
        ("sealed_upload", vec![vec![], upload(1)[..200].to_vec()]),
        (
            "tile_path",
            text(&[
                "tile/0/000",
                "tile/entries/x001/x234/067.p/255",
                "tile/7/x1/000",
                "tile/00/000",
            ]),
        ),
        ("tiles", vec![tiles(0), tiles(1), tiles(4), tiles(70_000), tiles(u64::MAX)]),
        ("trace", vec![genuine_entry(), [&genuine_entry()[..], b"\x78\x01"].concat()]),
        ("trace_code", trace_codes),
        ("trace_list", vec![wrap_events(&[]), wrap_events(&events)]),
        ("upload", vec![opened(&upload(1)), opened(&upload(2))]),
        ("upload_code", pick("upload.json", &written)),
        ("diary_contents", [diary(0), diary(1), diary(2)].iter().map(entries_of).collect()),
        (
            "vault",
            vec![long("vault")[..45].to_vec(), [b"NOREN-VAULT\x01\x01", &[0; 60][..]].concat()],
        ),
        (
            "vault_contents",
            [Vault::new(), vault(false), vault(true)].iter().map(contents_of).collect(),
        ),
        ("witness_policy", pick("witness.json", &policies)),
    ]
}

/// Pins without and with witnesses, and policies for one.
fn pins(policies: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let profile = signed_profile();
    let pin = Pin::new(SignedProfile::from_bytes(&profile).expect("a profile"));
    let policy = WitnessPolicy::from_text(&policies[0]).expect("a policy");
    let asking = pin.asking_for(policy).expect("a pin").to_bytes().expect("bytes");
    [vec![profile, asking], policies.to_vec()].concat()
}

/// A good input of a target whose good inputs are long.
pub(crate) fn long(target: &str) -> Vec<u8> {
    match target {
        "sealed_upload" => upload(2),
        "vault" => {
            let key = VaultKey::device(DeviceKey::from_bytes([3; 32]));
            vault(true).seal(&key, &mut rng()).expect("sealed")
        }
        other => panic!("{other} has no long input"),
    }
}
