//! A device's own files, which somebody else may have written.

use hkdf::Hkdf;
use noren::log::LogPosition;
use noren::time::{Day, UnixSeconds};
use noren::visitor::{DeviceKey, Diary, Stay, Vault, VaultKey, to_the_end};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use sha2::Sha256;

const DEVICE: [u8; 32] = [3; 32];
const SMALLEST: usize = 262_144;

fn key() -> VaultKey {
    VaultKey::device(DeviceKey::from_bytes(DEVICE))
}

/// A sealed vault. [VLT-1] [VLT-4]
pub fn vault(data: &[u8]) -> bool {
    let passphrase = Vault::required_key(data);
    let opened = Vault::open(data, &key());
    assert!(opened.is_err() || passphrase == Ok(false));
    // Long enough to get past the length, which a fuzzer would not find.
    let whole = 45 + SMALLEST + 16;
    if data.len() < whole {
        let mut long = data.to_vec();
        long.resize(whole, 0);
        assert!(Vault::open(&long, &key()).is_err(), "the seal is not broken");
    }
    opened.is_ok()
}

/// Name and HKDF info of each kind of file.
const VAULT: (&[u8], &[u8]) = (b"NOREN-VAULT", b"NOREN-VAULT-v1");
const DIARY: (&[u8], &[u8]) = (b"NOREN-DIARY", b"NOREN-DIARY-v1");

/// The sealed form of any plaintext.
fn sealed((name, info): (&[u8], &[u8]), contents: &[u8]) -> Option<Vec<u8>> {
    let header = [name, b"\x01\x00", &[9; 32][..]].concat();
    let length = u32::try_from(contents.len()).ok()?;
    let mut buffer = [&length.to_be_bytes()[..], contents].concat();
    buffer.resize(buffer.len().next_power_of_two().max(SMALLEST), 0);
    let key = cipher(info, &[9; 32])?;
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(&header), &mut buffer).ok()?;
    Some([&header, &buffer[..], tag.as_ref()].concat())
}

/// The CBOR inside of a vault of a device with that key, for the seeds.
pub fn contents_of(vault: &Vault) -> Vec<u8> {
    let mut rng = ChaCha20Rng::from_seed([9; 32]);
    let sealed = vault.seal(&key(), &mut rng).expect("sealed");
    inside(&sealed, VAULT.1)
}

/// The CBOR inside of a diary of that device, for the seeds.
pub fn entries_of(diary: &Diary) -> Vec<u8> {
    let mut rng = ChaCha20Rng::from_seed([9; 32]);
    let sealed = diary.seal(&key(), &mut rng).expect("sealed");
    inside(&sealed, DIARY.1)
}

fn inside(sealed: &[u8], info: &[u8]) -> Vec<u8> {
    let (header, ciphertext) = sealed.split_at(45);
    let mut buffer = ciphertext.to_vec();
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    let cipher = cipher(info, &header[13..]).expect("a key");
    let plaintext = cipher.open_in_place(nonce, Aad::from(header), &mut buffer).expect("it opens");
    let (length, rest) = plaintext.split_first_chunk::<4>().expect("a length");
    rest[..u32::from_be_bytes(*length) as usize].to_vec()
}

fn cipher(info: &[u8], salt: &[u8]) -> Option<LessSafeKey> {
    let mut okm = [0; 32];
    Hkdf::<Sha256>::new(Some(salt), &DEVICE).expand(info, &mut okm).ok()?;
    Some(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &okm).ok()?))
}

/// The CBOR inside of a vault. [VLT-4]
pub fn vault_contents(data: &[u8]) -> bool {
    let sealed = sealed(VAULT, data).expect("sealed");
    let Ok(mut vault) = Vault::open(&sealed, &key()) else { return false };
    let mut rng = ChaCha20Rng::from_seed([9; 32]);
    let again = vault.seal(&key(), &mut rng).expect("what was read can be written");
    assert_eq!(Vault::open(&again, &key()).as_ref(), Ok(&vault));
    for visit in vault.open_visits() {
        let _ = visit.entry_code();
        assert!(visit.automatic_departure() >= visit.arrival());
    }
    let _ = (vault.closed_visits(), vault.exposures());
    let now = UnixSeconds::new(1_700_000_000).expect("a time");
    let _ = vault.seal_due(now, &mut rng);
    let profile = super::published::signed_profile();
    let profile = noren::profile::SignedProfile::from_bytes(&profile).expect("a profile");
    let authority = profile.profile().fingerprint();
    let entries = [(0, super::traces::genuine_entry()), (1, data.to_vec())];
    let _ = vault.apply(&authority, &entries, LogPosition::start(), now, to_the_end);
    vault.expire(Day::containing(now), 14);
    let again = vault.seal(&key(), &mut rng).expect("sealed");
    assert_eq!(Vault::open(&again, &key()).as_ref(), Ok(&vault));
    vault.forget_all();
    assert_eq!((vault.records().count(), vault.open_visits().len()), (0, 0));
    true
}

/// The CBOR inside of a diary. [DIA-5]
pub fn diary_contents(data: &[u8]) -> bool {
    let _ = Diary::required_key(data);
    assert!(Diary::open(data, &key()).is_err(), "the seal is not broken");
    let sealed = sealed(DIARY, data).expect("sealed");
    assert!(Vault::open(&sealed, &key()).is_err(), "a diary is no vault");
    let Ok(mut diary) = Diary::open(&sealed, &key()) else { return false };
    let mut rng = ChaCha20Rng::from_seed([9; 32]);
    let again = diary.seal(&key(), &mut rng).expect("what was read can be written");
    assert_eq!(Diary::open(&again, &key()).as_ref(), Ok(&diary));
    let ids: Vec<_> = diary.entries().iter().map(|entry| entry.id()).collect();
    let noon = UnixSeconds::new(1_700_000_000).expect("a time");
    for id in &ids {
        diary.set_stay(*id, Stay::new(noon, noon).expect("a stay")).expect("it is there");
        diary.set_note(*id, "a note").expect("it is there");
    }
    let again = diary.seal(&key(), &mut rng).expect("sealed");
    assert_eq!(Diary::open(&again, &key()).as_ref(), Ok(&diary));
    diary.expire(Day::containing(noon), 14);
    assert_eq!(diary.entries().len(), ids.len());
    assert!(ids.iter().all(|id| diary.forget(*id)) && diary.entries().is_empty());
    true
}
