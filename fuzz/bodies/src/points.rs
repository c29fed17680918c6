//! Points, scalars and ciphertexts.

use noren::hazmat::{
    Backend, Ciphertext, Gt, decode_g1, decode_g2, encode_g1, encode_g2, pairing,
    pairings as pairings_by,
};
use noren::keys::{MasterPublicKey, MasterSecretKey};
use noren::messages::{IdentityKey, PartialIdentityKey};

/// A point of either group, a scalar, an element of GT. [IBE-1] [IBE-2] [IBE-3]
pub fn point(data: &[u8]) -> bool {
    let mut accepted = false;
    if let Ok(point) = decode_g1(data) {
        assert_eq!(encode_g1(&point), data);
        accepted = true;
    }
    if let Ok(point) = decode_g2(data) {
        assert_eq!(encode_g2(&point), data);
        accepted = true;
    }
    if let Some(element) = Gt::from_bytes(data) {
        assert_eq!(element.to_bytes().as_slice(), data);
        accepted = true;
    }
    if let Ok(key) = MasterSecretKey::from_bytes(data) {
        assert_eq!(key.to_bytes().as_slice(), data);
        let public = key.public_key();
        assert_eq!(MasterPublicKey::from_bytes(&public.to_bytes()), Ok(public));
        accepted = true;
    }
    if let (Ok(half), Ok(key)) =
        (PartialIdentityKey::from_bytes(data), IdentityKey::from_bytes(data))
    {
        assert_eq!(*half.to_bytes(), key.to_bytes());
        let double = IdentityKey::sum(&half, &half).expect("a point of odd order has a double");
        assert!(IdentityKey::from_bytes(&double.to_bytes()).is_ok());
    }
    accepted
}

/// A ciphertext, and a key that is not its own. [IBE-8]
pub fn ciphertext(data: &[u8]) -> bool {
    let Ok(ciphertext) = Ciphertext::from_bytes(data) else { return false };
    assert_eq!(ciphertext.to_bytes(), data);
    let key = MasterSecretKey::from_bytes(&[5; 32]).expect("a key");
    let mut opened = false;
    for id in [&b"identity"[..], b""] {
        // Only the seeds were encrypted to this key.
        if let Some(message) = key.identity_key(id).decrypt(id, &ciphertext) {
            assert_eq!(message.len() + Ciphertext::OVERHEAD, data.len());
            opened = true;
        }
    }
    opened
}

/// Multiples of two points, paired by every backend: each value is blst's. [MAT-8]
pub fn pairings(data: &[u8]) -> bool {
    let (scalars, _) = data.as_chunks::<32>();
    let mut keys = scalars.iter().take(20).filter_map(|s| MasterSecretKey::from_bytes(s).ok());
    let Some(first) = keys.next() else { return false };
    let q = decode_g2(&first.public_key().to_bytes()).expect("a point");
    let points: Vec<_> = keys
        .map(|key| decode_g1(&key.identity_key(b"identity").to_bytes()).expect("a point"))
        .collect();
    let expected: Vec<Gt> = points.iter().map(|point| pairing(point, &q)).collect();
    for backend in Backend::ALL {
        assert!(pairings_by(backend, &points, &q) == expected, "{backend:?}");
    }
    !points.is_empty()
}
