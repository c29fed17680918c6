//! What is published: the log, and the authority's profile.

use base64::{Engine, engine::general_purpose::STANDARD};
use noren::authority::AuthorityKeys;
use noren::log::{
    Append, AppendError, Checkpoint, LogPosition, Origin, SignatureType, SignedCheckpoint,
    TilePath, TileWidth, TreeHash, append_tiles, covering, decode_bundle, encode_bundle,
    range_from_tiles,
};
use noren::messages::Level;
use noren::profile::{Contact, LevelText, Profile, SignedProfile};
use noren::time::UnixSeconds;

use super::uploads::authority;

const DOMAIN: &[u8] = b"NOREN-AUTHORITY-PROFILE-v1\n";

fn origin() -> Origin {
    Origin::new("health.example/log").expect("an origin")
}

fn now() -> UnixSeconds {
    UnixSeconds::new(1_700_000_000).expect("a time")
}

/// A signed note; and a tree head whose text is the input, signed as it should be. [LOG-4] [LOG-11]
pub fn checkpoint(data: &[u8]) -> bool {
    let key = authority();
    let public = key.log_public_keys();
    let verified = SignedCheckpoint::verify(data, &origin(), &public);
    if let Ok(signed) = &verified {
        assert_eq!(signed.text().as_bytes(), data);
        assert_eq!(signed.checkpoint().origin, origin());
        let _ = signed.check_fresh(now(), 86_400);
        let _ = LogPosition::start().pending(signed);
    }
    let text = String::from_utf8_lossy(data);
    if let Ok(name) = Origin::new(&text) {
        let root = TreeHash::of_empty_tree();
        let note = Checkpoint { origin: name.clone(), size: 0, root }
            .sign(&key.log_keys(), now())
            .expect("signed");
        let signed =
            SignedCheckpoint::verify(note.as_bytes(), &name, &public).expect("just signed");
        assert_eq!(signed.timestamp(), now());
    }
    let accepted = SignedCheckpoint::verify(&sign_note(data), &origin(), &public);
    if let Ok(signed) = &accepted {
        assert_eq!(signed.checkpoint().body().as_bytes(), data, "a tree head has one spelling");
        assert_eq!(signed.timestamp(), now());
    }
    verified.is_ok() || accepted.is_ok()
}

/// A note with this text and both signatures.
fn sign_note(text: &[u8]) -> Vec<u8> {
    let (key, time) = (authority(), now().get());
    let timed = [format!("cosignature/v1\ntime {time}\n").as_bytes(), text].concat();
    let secret = key.log_secret_key().expect("at hand");
    let plain = secret.sign(text).to_vec();
    let timed = [&time.to_be_bytes()[..], &secret.sign(&timed)].concat();
    let line = |kind: SignatureType, signature: Vec<u8>| {
        let id = kind.key_id(&origin(), &key.log_public_key());
        let signature = STANDARD.encode([&id[..], &signature].concat());
        format!("\u{2014} {} {signature}\n", origin())
    };
    let lines = [line(SignatureType::Ed25519, plain), line(SignatureType::CosignatureV1, timed)];
    [text, b"\n", lines.concat().as_bytes()].concat()
}

/// The path of a file. [LOG-2]
pub fn tile_path(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    let Ok(path) = text.parse::<TilePath>() else { return false };
    assert_eq!(path.to_string(), text);
    assert!(!text.contains("..") && !text.starts_with('/'));
    let _ = covering(&path, u64::MAX);
    assert!(!covering(&path, 0));
    true
}

/// An entry bundle behind one byte of width. [LOG-3]
pub fn bundle(data: &[u8]) -> bool {
    let Some((width, bytes)) = data.split_first() else { return false };
    let width = TileWidth::new(u16::from(*width) + 1).expect("1 to 256");
    let Ok(entries) = decode_bundle(bytes, width) else { return false };
    assert_eq!(entries.len(), usize::from(width.get()));
    assert_eq!(encode_bundle(&entries).as_deref(), Ok(bytes));
    true
}

/// Tiles that a damaged or hostile disk gives back, behind eight bytes of size. [LOG-2]
pub fn tiles(data: &[u8]) -> bool {
    let Some((size, rest)) = data.split_first_chunk::<8>() else { return false };
    let size = u64::from_be_bytes(*size);
    let stored = |path: &TilePath| {
        let length = usize::from(path.width().get()) * TreeHash::LENGTH;
        rest.get(..length.min(rest.len())).map(<[u8]>::to_vec)
    };
    let Ok(range) = range_from_tiles(size, stored) else { return false };
    assert_eq!(range.size(), size);
    if let Ok(tiles) = append_tiles(&range, &[b"entry"], stored) {
        assert!(tiles.iter().all(|(path, _)| covering(path, size + 1)));
    }
    true
}

/// What the authority sends to its server. [LOG-9] [LOG-11]
pub fn append(data: &[u8]) -> bool {
    let Ok(append) = Append::from_bytes(data) else { return false };
    assert_eq!(append.to_bytes().expect("what was read can be written"), data);
    let key = authority().log_public_keys();
    let verified = append.verify(&LogPosition::start(), &origin(), &key);
    match &verified {
        Ok((position, signed)) => {
            assert_eq!(position.range.size(), append.entries.len() as u64);
            assert_eq!(position.range.root(), signed.checkpoint().root);
        }
        Err(AppendError::Stale { size }) => assert_eq!(*size, 0),
        Err(_) => {}
    }
    // The same entries, signed as they should be.
    let (start, key) = (LogPosition::start(), authority());
    let again = Append::sign(&start, append.entries, &origin(), &key.log_keys(), now());
    let again = again.expect("entries that were read can be signed");
    assert!(again.verify(&start, &origin(), &key.log_public_keys()).is_ok());
    verified.is_ok()
}

/// A profile; and a profile whose body is the input, signed as it should be. [PRO-1]
pub fn profile(data: &[u8]) -> bool {
    let accepted = check_profile(data);
    let Ok(length) = u16::try_from(data.len()) else { return accepted };
    let head = match length {
        0..24 => vec![0x40 | data.len() as u8],
        24..256 => vec![0x58, data.len() as u8],
        _ => [&[0x59][..], &length.to_be_bytes()].concat(),
    };
    let signature = authority().log_secret_key().expect("at hand").sign(&[DOMAIN, data].concat());
    let signed = check_profile(&[&[0x82], &head[..], data, &[0x58, 64], &signature].concat());
    accepted || signed
}

fn check_profile(bytes: &[u8]) -> bool {
    let Ok(signed) = SignedProfile::from_bytes(bytes) else { return false };
    assert_eq!(signed.as_bytes(), bytes);
    let profile = signed.profile();
    assert_eq!(profile.fingerprint().to_string().len(), 39);
    let _ = profile.text(Level::Cluster, &["ja", "en"]);
    assert_eq!(signed.check_replacement(&signed), Ok(()));
    if profile.log_key == authority().log_public_key() {
        assert_eq!(profile.sign(&authority()).as_ref(), Ok(&signed));
    }
    true
}

/// A profile of the authority of all targets.
pub fn signed_profile() -> Vec<u8> {
    let keys = authority();
    let before = AuthorityKeys::from_bytes(&[8; AuthorityKeys::LENGTH]).expect("64 bytes");
    let profile = Profile {
        time_zone: "Asia/Tokyo".to_owned(),
        texts: vec![LevelText {
            level: Level::Attention,
            language: "en".to_owned(),
            text: "Somebody was ill.".to_owned(),
            advice: "Watch for symptoms.".to_owned(),
        }],
        contacts: vec![Contact {
            level: None,
            language: "en".to_owned(),
            label: "Telephone".to_owned(),
            value: "+81 75 000 0000".to_owned(),
            hours: "9:00 to 17:00".to_owned(),
        }],
        ..before.profile("Health office", origin(), "https://health.example", now())
    };
    profile.hand_over(&before, &keys, now()).expect("a profile").as_bytes().to_vec()
}
