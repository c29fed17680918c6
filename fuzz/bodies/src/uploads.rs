//! What the authority opens, and what its server lets in.

use noren::authority::{AuthorityKeys, Case, PatientCase, review, review_patient};
use noren::hazmat::SEAL_OVERHEAD;
use noren::keys::MasterSecretKey;
use noren::log::Origin;
use noren::messages::{
    Layout, Notice, PatientUpload, PublishedTrace, SEALED_UPLOAD_LENGTH, Upload,
};
use noren::request::{RequestTarget, SignedHeaders};
use noren::time::UnixSeconds;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// The keys of the authority in all targets.
pub fn authority() -> AuthorityKeys {
    let keys = AuthorityKeys::from_bytes(&[7; AuthorityKeys::LENGTH]).expect("64 bytes");
    keys.with_patient_key(MasterSecretKey::from_bytes(&[6; 32]).expect("a key"))
}

/// A body as it arrives at the server. [REV-1]
pub fn sealed_upload(data: &[u8]) -> bool {
    let key = authority();
    let opened = Upload::open(key.upload_key(), data);
    if let Ok(upload) = &opened {
        assert_eq!(data.len(), SEALED_UPLOAD_LENGTH);
        assert!(upload.pre_traces.len() <= 36);
    }
    assert!(data.len() >= SEAL_OVERHEAD || key.upload_key().open(data).is_none());
    opened.is_ok()
}

/// The CBOR inside of a sealed upload, under a case that asked for just what it claims. [REV-1]
pub fn upload(data: &[u8]) -> bool {
    let (keys, mut rng) = (authority(), ChaCha20Rng::from_seed([4; 32]));
    let Some(sealed) = sealed(data, &mut rng) else { return false };
    let Ok(upload) = Upload::open(keys.upload_key(), &sealed) else { return false };
    let again = upload.seal(&keys.upload_public_key(), &mut rng).expect("a box");
    let again = Upload::open(keys.upload_key(), &again).expect("what was written can be read");
    assert_eq!((again.code, again.window), (upload.code, upload.window));
    let case = Case { code: upload.code, window: upload.window };
    let Ok(review) = review(keys.upload_key(), &case, &sealed, case.window.over_at()) else {
        return false;
    };
    let notice = Notice { window: Some(review.window), message: String::new(), details: None };
    for verified in &review.pre_traces {
        let trace = verified.trace(&notice, Layout::WithTimes, &mut rng).expect("a trace");
        let trace = PublishedTrace::from_bytes(&trace.to_bytes()).expect("it can be read");
        let mpk = review.entry_code.master_public_key();
        assert!(trace.key().belongs_to(trace.identity().as_bytes(), mpk));
    }
    true
}

/// The box around the CBOR of an upload; `None` where it is too long for one.
fn sealed(data: &[u8], rng: &mut ChaCha20Rng) -> Option<Vec<u8>> {
    let total = SEALED_UPLOAD_LENGTH - SEAL_OVERHEAD;
    let mut plaintext = [&u32::try_from(data.len()).ok()?.to_be_bytes()[..], data].concat();
    if plaintext.len() > total {
        return None;
    }
    plaintext.resize(total, 0);
    Some(authority().upload_public_key().seal(&plaintext, rng).expect("a box"))
}

/// The CBOR inside of a sealed upload of visits, under a case that takes any time. [PAT-4] [PAT-13]
pub fn patient_upload(data: &[u8]) -> bool {
    let (keys, mut rng) = (authority(), ChaCha20Rng::from_seed([4; 32]));
    let Some(sealed) = sealed(data, &mut rng) else { return false };
    let Ok(upload) = PatientUpload::open(keys.upload_key(), &sealed) else { return false };
    assert!(Upload::open(keys.upload_key(), &sealed).is_err(), "one box, two readings");
    let again = upload.seal(&keys.upload_public_key(), &mut rng).expect("a box");
    assert_eq!(PatientUpload::open(keys.upload_key(), &again).as_ref(), Ok(&upload));
    let (earliest, latest) = (UnixSeconds::default(), UnixSeconds::MAX);
    let case = PatientCase { code: upload.code, earliest, latest };
    let Ok(review) = review_patient(&keys, &case, &sealed) else { return false };
    assert_eq!(review.visits.len(), upload.visits.len());
    assert!(review.visits.is_sorted_by(|a, b| a.stay().end() <= b.stay().start()));
    for visit in &review.visits {
        let pre_traces = visit
            .pre_traces(&keys, visit.stay(), visit.stay().over_at())
            .expect("the stay is a window");
        assert!((1..=13).contains(&pre_traces.len()));
    }
    true
}

/// Method, path, query and the three fields of a signed request, a line each, then the body. [API-7]
pub fn request(data: &[u8]) -> bool {
    let mut parts = data.splitn(7, |byte| *byte == b'\n');
    let mut line = || std::str::from_utf8(parts.next().unwrap_or_default()).unwrap_or_default();
    let (method, path, query) = (line(), line(), line());
    let query = (!query.is_empty()).then_some(query);
    let target = RequestTarget { method, authority: "health.example", path, query };
    let headers = SignedHeaders {
        content_digest: line().to_owned(),
        signature_input: line().to_owned(),
        signature: line().to_owned(),
    };
    let body = parts.next().unwrap_or_default();
    let origin = Origin::new("health.example/log").expect("an origin");
    let now = UnixSeconds::new(1_700_000_000).expect("a time");
    let key = authority().log_public_key();
    let Ok(verified) = headers.verify(&key, &origin, &target, now) else { return false };
    let accepted = verified.check_body(body).is_ok();
    if accepted {
        let nonce = verified.nonce();
        let created = headers.signature_input.split(";created=").nth(1).expect("a time");
        let created = created.split(';').next().and_then(|text| text.parse().ok());
        let created = UnixSeconds::new(created.expect("a number")).expect("a time");
        let key = authority();
        let again = SignedHeaders::sign(key.log_key(), &origin, &target, body, created, nonce);
        assert_eq!(again, Ok(headers), "there is one spelling of a signed request");
    }
    accepted
}
