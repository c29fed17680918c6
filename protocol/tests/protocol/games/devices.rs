//! What a seized device tells, and what checking in needs.

use std::collections::BTreeSet;

use hkdf::Hkdf;
use noren::hazmat::{CheckInRecord, mask_to_scalar};
use noren::keys::MasterSecretKey;
use noren::messages::{EntryCode, IdentityKey};
use noren::visitor::{CheckIn, DeviceKey, Vault, VaultKey};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use super::shapes::known;
use super::town::{HOUR, NOON, Town, at, hour, share};

const DEVICE: [u8; 32] = [3; 32];
const HEADER: usize = 45;

/// The plaintext of a sealed vault, for whoever has the device and its key. [VLT-1]
fn plaintext(sealed: &[u8]) -> Vec<u8> {
    let (header, ciphertext) = sealed.split_at(HEADER);
    let mut key = [0; 32];
    let hkdf = Hkdf::<Sha256>::new(Some(&header[13..]), &DEVICE);
    hkdf.expand(b"NOREN-VAULT-v1", &mut key).expect("32 bytes");
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &key).expect("a key"));
    let mut buffer = ciphertext.to_vec();
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    key.open_in_place(nonce, Aad::from(header), &mut buffer).expect("it opens").to_vec()
}

pub(crate) fn seized(town: &mut Town, vault: &Vault) -> Vec<u8> {
    let key = VaultKey::device(DeviceKey::from_bytes(DEVICE));
    plaintext(&vault.seal(&key, &mut town.rng).expect("sealed"))
}

fn check_in(
    town: &mut Town,
    vault: &mut Vault,
    code: &EntryCode,
    time: u64,
) -> noren::visitor::VisitId {
    match vault.check_in(code, at(time), &mut town.rng).expect("checked in") {
        CheckIn::Opened(id) | CheckIn::Extended(id) => id,
    }
}

#[test]
fn check_in_needs_nothing_but_the_code() {
    // [VIS-1] [MSG-7]
    let mut town = Town::new();
    let (code, _) = town.venue("Kissa Noren");
    let poster = code.to_url("https://noren.example").expect("a link");
    // Neither authority nor venue nor network: the text on the poster, a clock, randomness.
    let scanned = EntryCode::from_url(&poster).expect("a code");
    let mut vault = Vault::new();
    let id = check_in(&mut town, &mut vault, &scanned, NOON);
    vault.check_out(id, at(NOON + 60), &mut town.rng).expect("checked out");
    assert_eq!(vault.records().count(), 1);
}

#[test]
fn a_closed_visit_leaves_no_trace_of_its_entry_code() {
    // [VIS-3] [VIS-4] [VLT-6]
    let mut town = Town::new();
    for code in [town.venue("Kissa Noren").0, town.wordy_venue().0] {
        let mut vault = Vault::new();
        let id = check_in(&mut town, &mut vault, &code, NOON);
        let open = seized(&mut town, &vault);
        assert!(share(&open, code.as_bytes(), code.as_bytes().len()), "needed while it is open");
        vault.check_out(id, at(NOON + 60), &mut town.rng).expect("checked out");
        let closed = seized(&mut town, &vault);
        // Four zeros stand in the padding and may stand in a code; other runs may not.
        let zeros: Vec<u8> = closed.split(|byte| *byte == 0).flatten().copied().collect();
        assert!(!share(&zeros, &known(&code, NOON), 6));
        for time in [NOON, NOON + 60] {
            let time = u32::try_from(time).expect("32 bits").to_be_bytes();
            assert!(!share(&closed, &time, 4), "neither arrival nor departure");
        }
    }
}

#[test]
fn a_closed_visits_vault_does_not_depend_on_its_venue() {
    // [VIS-3]
    let mut town = Town::new();
    let codes = [town.venue("x").0, town.wordy_venue().0];
    let shapes: BTreeSet<(usize, Vec<u8>)> = codes
        .iter()
        .map(|code| {
            let mut vault = Vault::new();
            let id = check_in(&mut town, &mut vault, code, NOON);
            vault.check_out(id, at(NOON + 60), &mut town.rng).expect("checked out");
            let mut plaintext = seized(&mut town, &vault);
            let record = vault.records().next().expect("a record").clone();
            for secret in [record.sealed(), &hex::decode(id.to_string()).expect("hex")] {
                let place = plaintext.windows(secret.len()).position(|window| window == secret);
                let place = place.expect("it stands in the vault");
                plaintext[place..place + secret.len()].fill(0);
            }
            (plaintext.len(), plaintext)
        })
        .collect();
    assert_eq!(shapes.len(), 1, "but for the record's bytes and the random id they are the same");
}

/// Scalars that somebody might try as a master key: all that a code determines.
fn candidate_keys(code: &EntryCode) -> Vec<MasterSecretKey> {
    let secrets = code.secrets();
    let payload: [u8; 32] = Sha256::digest(code.as_bytes()).into();
    [
        payload,
        *secrets.pre_identity_nonce(),
        *secrets.time_key_nonce(),
        *secrets.pre_identity(),
        *secrets.notification_key().as_bytes(),
        std::array::from_fn(|i| u8::from(i == 0)),
    ]
    .iter()
    .filter_map(|bytes| MasterSecretKey::from_bytes(mask_to_scalar(bytes).as_slice()).ok())
    .collect()
}

fn confirms(record: &CheckInRecord, code: &EntryCode) -> bool {
    let identity = code.secrets().identity(hour(NOON));
    let ciphertext = record.ciphertext().expect("a ciphertext");
    let opens = |key: &IdentityKey| key.decrypt(identity.as_bytes(), &ciphertext).is_some();
    candidate_keys(code).iter().any(|key| opens(&key.identity_key(identity.as_bytes())))
        || share(record.sealed(), &known(code, NOON), 6)
}

#[test]
fn a_seized_vault_and_every_entry_code_confirm_no_closed_visit() {
    // [VIS-2] [VIS-3] [IBE-7]
    let mut town = Town::new();
    let codes: Vec<EntryCode> = (0..5).map(|i| town.venue(&format!("Venue {i}")).0).collect();
    let mut vault = Vault::new();
    for code in &codes[..3] {
        let id = check_in(&mut town, &mut vault, code, NOON);
        vault.check_out(id, at(NOON + HOUR - 1), &mut town.rng).expect("checked out");
    }
    // Records made afresh with each code, to compare with: the strongest distinguisher without a key.
    let samples: Vec<CheckInRecord> =
        codes.iter().flat_map(|code| town.visit(code, NOON, NOON + HOUR - 1)).collect();
    for record in vault.records() {
        assert!(codes.iter().all(|code| !confirms(record, code)));
        assert!(samples.iter().all(|sample| !share(record.sealed(), sample.sealed(), 6)));
    }
}
