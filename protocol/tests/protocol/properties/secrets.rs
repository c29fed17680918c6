//! Secrets show nothing of themselves.

use std::fmt::Debug;

use noren::hazmat::PayloadSecrets;
use noren::keys::{MasterSecretKey, SealSecretKey};
use noren::messages::{NotificationKey, UploadCode};
use noren::passphrase::Passphrase;
use noren::time::{UnixSeconds, Window};
use noren::visitor::{CheckIn, DeviceKey, Vault, VaultKey};
use subtle::ConstantTimeEq;

use super::worlds::{authority, fixed_codes, rng};

/// `Debug` of a secret has neither its bytes, nor their hexadecimal form, nor the numbers.
fn assert_redacted(name: &str, value: &impl Debug, secret: &[u8]) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        let digits: Vec<String> = secret.iter().map(u8::to_string).collect();
        let numbers = digits[..4].join(", ");
        assert!(!shown.contains(&hex::encode(&secret[..4])), "{name}: {shown}");
        assert!(!shown.contains(&hex::encode_upper(&secret[..4])), "{name}: {shown}");
        assert!(
            !shown.replace(['\n', ' '], "").contains(&numbers.replace(' ', "")),
            "{name}: {shown}"
        );
        assert!(!shown.contains(&*String::from_utf8_lossy(&secret[..4])), "{name}: {shown}");
    }
}

#[test]
fn debug_shows_no_secret() {
    // [IBE-10]
    let (keys, mut rng) = (authority(), rng(2));
    let (code, trace_code) = fixed_codes();
    let key = MasterSecretKey::generate(&mut rng);
    assert_redacted("MasterSecretKey", &key, key.to_bytes().as_slice());
    let half = key.partial_identity_key(b"id");
    assert_redacted("PartialIdentityKey", &half, half.to_bytes().as_slice());
    let whole = key.identity_key(b"id");
    assert_redacted("IdentityKey", &whole, &whole.to_bytes());
    let sealing = SealSecretKey::generate(&mut rng);
    assert_redacted("SealSecretKey", &sealing, sealing.to_bytes().as_slice());
    assert_redacted("AuthorityKeys", &keys, keys.to_bytes().as_slice());
    let index = keys.clone().with_patient_key(key.clone());
    assert_redacted("AuthorityKeys", &index, key.to_bytes().as_slice());
    assert_redacted("AuthorityKeys", &keys, keys.upload_key().to_bytes().as_slice());
    let secrets: PayloadSecrets = code.secrets();
    for part in [secrets.pre_identity_nonce(), secrets.time_key_nonce(), secrets.pre_identity()] {
        assert_redacted("PayloadSecrets", &secrets, part);
    }
    let notification_key: &NotificationKey = secrets.notification_key();
    assert_redacted("NotificationKey", notification_key, notification_key.as_bytes());
    let bytes = trace_code.to_bytes();
    assert_redacted("TraceCode", &trace_code, &bytes[bytes.len() - 114..]);
    let at = |seconds| UnixSeconds::new(seconds).expect("a time");
    let window = Window::new(at(0), at(60)).expect("a window");
    let pre_trace =
        noren::venue::pre_traces(&trace_code, window, window.over_at()).expect("one").remove(0);
    let half = pre_trace.partial_identity_key.to_bytes();
    assert_redacted("PreTrace", &pre_trace, half.as_slice());
    assert_redacted("PreTrace", &pre_trace, notification_key.as_bytes());
    let upload_code = UploadCode::generate(&mut rng);
    assert_redacted("UploadCode", &upload_code, upload_code.to_text().as_bytes());
    assert_redacted(
        "Passphrase",
        &Passphrase::new("correct horse").expect("a passphrase"),
        b"correct horse",
    );
    let device = DeviceKey::generate(&mut rng);
    assert_redacted("DeviceKey", &device, device.as_bytes());
    assert_redacted("VaultKey", &VaultKey::device(device.clone()), device.as_bytes());
}

#[test]
fn debug_of_an_open_visit_does_not_name_the_venue() {
    // [IBE-10] [VIS-3]
    let (code, _) = fixed_codes();
    let (mut vault, mut rng) = (Vault::new(), rng(3));
    let time = UnixSeconds::new(1_000).expect("a time");
    let CheckIn::Opened(_) = vault.check_in(&code, time, &mut rng).expect("checked in") else {
        panic!("a new visit")
    };
    let shown = format!("{vault:?} {:?}", vault.open_visits());
    assert!(!shown.contains("Kissa") && !shown.contains("Kyoto"), "{shown}");
    assert_redacted("Vault", &vault, &code.as_bytes()[20..]);
}

#[test]
fn secrets_compare_equal_to_themselves_alone() {
    // [IBE-10]
    let [a, b] = [1, 2].map(|seed| MasterSecretKey::generate(&mut rng(seed)));
    assert!(bool::from(a.ct_eq(&a.clone())) && !bool::from(a.ct_eq(&b)));
    let [a, b] = [1, 2].map(|seed| NotificationKey::generate(&mut rng(seed)));
    assert!(bool::from(a.ct_eq(&a.clone())) && !bool::from(a.ct_eq(&b)));
}
