//! Identity-based ciphertexts and libsodium's boxes.

use std::convert::Infallible;

use noren::hazmat::{
    Ciphertext, CiphertextError, Gt, SEAL_OVERHEAD, decode_g1, decode_g2, hash_to_scalar,
    open_secretbox, pairing, seal_secretbox,
};
use noren::keys::{MasterPublicKey, MasterSecretKey, PointError, SealSecretKey};
use noren::messages::IdentityKey;
use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};

use super::case::{Case, Checked};
use super::stricter::Stricter;
use crate::vectors::Context;

/// Recorded randomness, given out byte for byte; zeros when it has run out.
pub(crate) struct Replay(std::vec::IntoIter<u8>);

impl Replay {
    /// A generator of the given parts, one after the other.
    pub(crate) fn new(parts: &[&[u8]]) -> Self {
        Self(parts.concat().into_iter())
    }

    /// Whether every byte was taken.
    pub(crate) fn is_used_up(&self) -> bool {
        self.0.len() == 0
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.0.next().unwrap_or_default())
    }
}

impl TryRng for Replay {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.take()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.take()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.iter_mut().for_each(|byte| *byte = self.0.next().unwrap_or_default());
        Ok(())
    }
}

impl TryCryptoRng for Replay {}

/// The parts of a recorded ciphertext.
pub(crate) struct Parts {
    pub(crate) c1: Vec<u8>,
    pub(crate) c2: Vec<u8>,
    pub(crate) c3: Vec<u8>,
    pub(crate) nonce: Vec<u8>,
}

impl Parts {
    pub(crate) fn read(case: &Case<'_>) -> Checked<Self> {
        let [c1, c2, c3, nonce] =
            [case.bytes("c1")?, case.bytes("c2")?, case.bytes("c3")?, case.bytes("nonce")?];
        Ok(Self { c1, c2, c3, nonce })
    }

    pub(crate) fn parse(&self) -> Result<Ciphertext, CiphertextError> {
        Ciphertext::from_parts(&self.c1, &self.c2, &self.nonce, &self.c3)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        [&self.c1[..], &self.c2, &self.nonce, &self.c3].concat()
    }

    /// The x of the encryption, by the key that opens it.
    pub(crate) fn secret(&self, skid: &[u8]) -> Option<[u8; 32]> {
        let mask = pairing(&decode_g1(skid).ok()?, &decode_g2(&self.c1).ok()?);
        unmask(&self.c2, &mask)
    }
}

fn unmask(c2: &[u8], mask: &Gt) -> Option<[u8; 32]> {
    let mask = Sha256::digest(mask.to_bytes().as_slice());
    let c2: &[u8; 32] = c2.try_into().ok()?;
    Some(std::array::from_fn(|i| c2[i] ^ mask[i]))
}

/// Encrypts with recorded randomness and compares every byte.
pub(crate) fn encrypts_to(
    case: &Case<'_>,
    (mpk, id, message): (&MasterPublicKey, &[u8], &[u8]),
    x: &[u8],
    recorded: &Parts,
) -> Checked {
    // [IBE-7]
    let mut randomness = Replay::new(&[x, &recorded.nonce]);
    let ciphertext = case.must("Enc", mpk.encrypt(id, message, &mut randomness))?;
    case.check(randomness.is_used_up(), || "Enc takes less randomness than recorded".to_owned())?;
    case.same("ciphertext", hex::encode(ciphertext.to_bytes()), hex::encode(recorded.bytes()))?;
    case.check(recorded.parse() == Ok(ciphertext.clone()), || "parts do not parse".to_owned())?;
    case.check(Ciphertext::from_bytes(&recorded.bytes()) == Ok(ciphertext), || {
        "bytes do not parse".to_owned()
    })
}

/// [IBE-7] [IBE-8]
pub(crate) fn ibe(case: &Case<'_>, context: &Context) -> Checked {
    let parts = Parts::read(case)?;
    if case.flag("opens")? { opens(case, &parts) } else { does_not_open(case, &parts, context) }
}

fn opens(case: &Case<'_>, parts: &Parts) -> Checked {
    let (id, message) = (case.bytes("id")?, case.bytes("msg")?);
    let msk = case.must("msk", MasterSecretKey::from_bytes(&case.bytes("msk")?))?;
    case.same_bytes("mpk", msk.public_key().to_bytes())?;
    case.same_bytes("skid", msk.identity_key(&id).to_bytes())?;
    let x = case.bytes("x")?;
    let r = hash_to_scalar(&[&x, &id, &message]);
    case.same_bytes("r", r.as_slice())?;
    let r = case.must("r", MasterSecretKey::from_bytes(r.as_slice()))?;
    case.same_bytes("c1", r.public_key().to_bytes())?;
    let skid = case.bytes("skid")?;
    case.check(parts.secret(&skid).is_some_and(|found| found[..] == x), || "other x".to_owned())?;
    encrypts_to(case, (&msk.public_key(), &id, &message), &x, parts)?;
    let key = case.must("skid", IdentityKey::from_bytes(&skid))?;
    let ciphertext = case.must("ciphertext", parts.parse())?;
    let opened = key.decrypt(&id, &ciphertext);
    case.check(opened.is_some_and(|opened| *opened == message), || "does not open".to_owned())?;
    let other = key.decrypt(&[&id[..], b"x"].concat(), &ciphertext);
    case.check(other.is_none(), || "opens under another identity".to_owned())
}

fn does_not_open(case: &Case<'_>, parts: &Parts, context: &Context) -> Checked {
    let id = case.bytes("id")?;
    let (key, ciphertext) = (IdentityKey::from_bytes(&case.bytes("skid")?), parts.parse());
    let opened = match (&key, &ciphertext) {
        (Ok(key), Ok(ciphertext)) => key.decrypt(&id, ciphertext),
        _ => None,
    };
    case.check(opened.is_none(), || "Noren opens it".to_owned())?;
    let reference_opens = match case.text("ts_result")? {
        "opens" => true,
        "undefined" | "throws" => false,
        other => return Err(case.failure(format!("unknown result {other}"))),
    };
    if case.find("peer_opens").is_some() {
        case.same("peer_opens", reference_opens, case.flag("peer_opens")?)?;
    }
    if reference_opens {
        let outside = key.err() == Some(PointError::NotInSubgroup)
            || ciphertext == Err(CiphertextError::Point(PointError::NotInSubgroup));
        case.check(outside, || "the reference opens it, and no rule says why not".to_owned())?;
        context.met.note(Stricter::OutsideSubgroup);
    }
    if case.find("hidden_msg").is_some() { forged_for_identity(case, parts, &id) } else { Ok(()) }
}

/// A ciphertext for the key zero is a good one in all but its key: only the check that no key is the
/// identity refuses it. [IBE-3] [IBE-8]
fn forged_for_identity(case: &Case<'_>, parts: &Parts, id: &[u8]) -> Checked {
    let key = IdentityKey::from_bytes(&case.bytes("skid")?).err();
    case.same("skid", key, Some(PointError::Identity))?;
    let x = case.must("c2", unmask(&parts.c2, &Gt::one()).ok_or("another length"))?;
    let nonce = case.array("nonce")?;
    let message = open_secretbox(&Sha256::digest(x).into(), &nonce, &parts.c3);
    let message = case.must("c3", message.ok_or("does not open"))?;
    case.same_bytes("hidden_msg", message.as_slice())?;
    let r = MasterSecretKey::from_bytes(hash_to_scalar(&[&x, id, &message]).as_slice());
    case.same_bytes("c1", case.must("r", r)?.public_key().to_bytes())
}

/// [PUB-1]
pub(crate) fn secretbox(case: &Case<'_>, _: &Context) -> Checked {
    let (key, nonce) = (case.array("key")?, case.array("nonce")?);
    let (message, sealed) = (case.bytes("msg")?, case.bytes("ctxt")?);
    let computed = seal_secretbox(&key, &nonce, &message);
    case.same("ctxt", computed.map(hex::encode), Some(hex::encode(&sealed)))?;
    let opened = open_secretbox(&key, &nonce, &sealed);
    case.check(opened.is_some_and(|opened| *opened == message), || "does not open".to_owned())?;
    for place in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[place] ^= 1;
        case.check(open_secretbox(&key, &nonce, &altered).is_none(), || {
            format!("opens with byte {place} altered")
        })?;
    }
    Ok(())
}

/// [REV-9]
pub(crate) fn sealed(case: &Case<'_>, _: &Context) -> Checked {
    let secret = SealSecretKey::from_bytes(&case.array("skha")?);
    case.same_bytes("pkha", secret.public_key().as_bytes())?;
    let sealed = case.bytes("ctxt")?;
    let opened = secret.open(&sealed);
    if !case.flag("opens")? {
        return case.check(opened.is_none(), || "Noren opens it".to_owned());
    }
    let message = case.bytes("msg")?;
    case.check(opened.is_some_and(|opened| *opened == message), || "does not open".to_owned())?;
    case.same("overhead", sealed.len() - message.len(), SEAL_OVERHEAD)?;
    let again = secret.public_key().seal(&message, &mut Replay::new(&[&message, &sealed]));
    let reopened = again.and_then(|sealed| secret.open(&sealed));
    case.check(reopened.is_some_and(|opened| *opened == message), || "no round trip".to_owned())
}
