//! Tests look here for what a computation with secrets, or a dropped secret, leaves in memory.
#![expect(unsafe_code, reason = "reads memory that belongs to nobody any more")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::mem::ManuallyDrop;

use super::field::Fp;
use super::group::{G1, Gt};

/// How much of the stack is looked at, in words: more than is ever wiped.
const WORDS: usize = 16_384;
/// What untouched stack is painted with.
const PAINT: u64 = 0x5a5a_a5a5_5a5a_a5a5;

/// Returns the bytes that the storage of a value has after it was dropped.
pub(crate) fn of_dropped<T>(value: T) -> Vec<u8> {
    let mut storage = Box::new(ManuallyDrop::new(value));
    // SAFETY: the value is dropped once, and not used as a value again.
    unsafe { ManuallyDrop::drop(&mut storage) };
    let bytes: *const u8 = (&raw const *storage).cast();
    // SAFETY: the box is alive, and has as many bytes. A volatile read takes them as they are.
    (0..size_of::<T>()).map(|i| unsafe { bytes.add(i).read_volatile() }).collect()
}

/// Returns what a computation leaves on the stack: the bytes below the frame that called it.
/// Everything that the closure itself keeps is among it; what it returns is dropped where it was
/// made.
pub(crate) fn on_stack<T>(compute: impl FnOnce() -> T + Send) -> Vec<u8> {
    std::thread::scope(|scope| {
        scope.spawn(|| watched(compute)).join().expect("the computation ends")
    })
}

/// The blocks of memory that a thread freed while `freed` watched it, as they were at that moment.
struct Watching;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static FREED: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

// SAFETY: all work is the system's allocator's. Moving a block goes the default way, through a new
// block and the freeing of the old one, which is seen here.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // Taken away meanwhile: the copy is a block too.
        if WATCHED.try_with(|watched| watched.replace(false)).unwrap_or(false) {
            // SAFETY: the block is its owner's until it is freed below. A volatile read takes it as
            // it is, whether or not all of it was ever written.
            let byte = |i| unsafe { block.add(i).read_volatile() };
            let copy: Vec<u8> = (0..layout.size()).map(byte).collect();
            FREED.with_borrow_mut(|freed| freed.push(copy));
            WATCHED.set(true);
        }
        // SAFETY: the caller's promises are the same.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Returns what a computation leaves in the heap: the blocks that it freed, and those of its
/// result.
pub(crate) fn freed<T>(compute: impl FnOnce() -> T) -> Vec<Vec<u8>> {
    WATCHED.set(true);
    drop(black_box(compute()));
    WATCHED.set(false);
    FREED.take()
}

#[inline(never)]
fn watched<T>(compute: impl FnOnce() -> T) -> Vec<u8> {
    let mut words = vec![0_u64; WORDS];
    let mut here = 0_u64;
    let top: *const u64 = black_box(&raw mut here);
    paint();
    run(compute);
    for (i, word) in words.iter_mut().enumerate() {
        // SAFETY: the stack of a thread has two megabytes, of which hardly any are in use, and
        // `paint` has just written to these.
        *word = unsafe { top.sub(i + 1).read_volatile() };
    }
    words.iter().rev().flat_map(|word| word.to_ne_bytes()).collect()
}

#[inline(never)]
fn run<T>(compute: impl FnOnce() -> T) {
    black_box(&compute());
}

#[inline(never)]
fn paint() {
    black_box(&mut [black_box(PAINT); WORDS + 512]);
}

/// Returns how many bytes of the stack a computation touched.
pub(crate) fn depth(remains: &[u8]) -> usize {
    let paint = PAINT.to_ne_bytes();
    let untouched = remains.chunks_exact(8).take_while(|word| *word == paint).count();
    remains.len() - 8 * untouched
}

/// Returns whether some 12 bytes of a secret, at either end or in the middle, are among what
/// remains.
pub(crate) fn has(remains: &[u8], secret: &[u8]) -> bool {
    let at = |start: usize| secret.get(start..start + 12).expect("a secret of 12 bytes or more");
    [0, (secret.len() - 12) / 2, secret.len() - 12]
        .into_iter()
        .any(|start| remains.windows(12).any(|window| window == at(start)))
}

/// Returns a field element as blst keeps it, and as it is encoded.
fn forms(element: Fp) -> [Vec<u8>; 2] {
    let words = element.0.l.iter().flat_map(|word| word.to_ne_bytes()).collect();
    [words, element.to_le_bytes().to_vec()]
}

/// Returns every form of a point's coordinates.
pub(super) fn of_point(point: &G1) -> Vec<Vec<u8>> {
    let (x, y) = point.coordinates();
    [forms(x), forms(y)].concat()
}

/// Returns every form of a pairing's coordinates.
pub(super) fn of_pairing(pairing: &Gt) -> Vec<Vec<u8>> {
    let coordinates = (0..6).map(|k| pairing.0.coefficient(k));
    coordinates.flat_map(|c| [forms(c.real()), forms(c.imaginary())].concat()).collect()
}

mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};
    use sha2::{Digest, Sha256};
    use zeroize::{Zeroize as _, Zeroizing};

    use super::*;
    use crate::ibe::group::{G2, pairing};
    use crate::ibe::hash::{hash_gt, mask_to_scalar, point_of, scalar_of};
    use crate::ibe::{IdentityKey, MasterSecretKey, PartialIdentityKey};
    use crate::wipe;

    const ID: &[u8] = b"an hour of a venue";
    const MESSAGE: &[u8] = b"a message of more than a dozen bytes";

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(11)
    }

    /// Those of the secrets that are among what remains.
    fn left<'a>(remains: &[u8], secrets: &'a [(&str, Vec<Vec<u8>>)]) -> Vec<&'a str> {
        let left = secrets.iter().filter(|(_, forms)| forms.iter().any(|form| has(remains, form)));
        left.map(|(name, _)| *name).collect()
    }

    #[test]
    fn what_is_not_wiped_is_seen() {
        let secret: Vec<u8> = (100..132).collect();
        let copy = |bytes: &[u8]| {
            let mut copy = [0; 32];
            copy.copy_from_slice(bytes);
            black_box(&copy);
        };
        assert!(has(&on_stack(|| copy(&secret)), &secret));
        let remains = on_stack(|| wipe::apart(|| copy(&secret)));
        assert!(!has(&remains, &secret));
        assert!(has(&of_dropped([7_u8; 32]), &[7; 32]));
    }

    #[test]
    fn encryption_leaves_nothing_on_the_stack() {
        // [IBE-10]
        let msk = MasterSecretKey::generate(&mut rng());
        let mpk = msk.public_key();
        let prepared = mpk.prepare();
        let mut x = [0; 32];
        rng().fill_bytes(&mut x);
        let r = scalar_of(&[&x, ID, MESSAGE]);
        let hashed = point_of(ID);
        let multiple = hashed.mul(&r);
        let value = prepared.lines().pairing(&multiple);
        let secrets = [
            ("x", vec![x.to_vec()]),
            ("the message's key", vec![Sha256::digest(x).to_vec()]),
            ("r", vec![r.as_bytes().to_vec()]),
            ("H1(id)", of_point(&hashed)),
            ("r·H1(id)", of_point(&multiple)),
            ("the pairing", of_pairing(&value)),
            ("the mask", vec![hash_gt(&value).to_vec()]),
            ("the message", vec![MESSAGE.to_vec()]),
            ("the identity", vec![ID.to_vec()]),
        ];
        let mut rng = Box::new(rng());
        let remains = on_stack(|| prepared.encrypt(ID, MESSAGE, &mut *rng));
        assert_eq!(left(&remains, &secrets), [""; 0], "encryption");
        let ciphertext = prepared.encrypt(ID, MESSAGE, &mut self::rng()).expect("encrypts");
        let key = msk.identity_key(ID);
        let remains = on_stack(|| key.decrypt(ID, &ciphertext));
        assert_eq!(left(&remains, &secrets), [""; 0], "decryption");
    }

    #[test]
    fn making_keys_leaves_nothing_on_the_stack_but_what_it_returns() {
        // [IBE-10]
        let mut drawn = [0; 32];
        rng().fill_bytes(&mut drawn);
        let bytes = *mask_to_scalar(&drawn);
        let msk = MasterSecretKey::from_bytes(&bytes).expect("a key");
        let other = MasterSecretKey::generate(&mut ChaCha20Rng::seed_from_u64(12));
        let sum = msk.sum(&other).expect("a key").to_bytes().to_vec();
        let (half, key) = (msk.partial_identity_key(ID), msk.identity_key(ID));
        let half_bytes = half.to_bytes();
        let mpk = msk.sum(&other).expect("a key").public_key().prepare();
        let whole = IdentityKey::sum(&half, &other.partial_identity_key(ID)).expect("a key");
        let secrets = [
            ("the bytes drawn", vec![drawn.to_vec()]),
            ("the key", vec![bytes.to_vec()]),
            ("the other key", vec![other.to_bytes().to_vec()]),
            ("their sum", vec![sum]),
            ("H1(id)", of_point(&point_of(ID))),
            ("the identity key", of_point(key.point())),
            ("the encoded half", vec![half_bytes.to_vec()]),
            ("the whole identity key", of_point(whole.point())),
        ];
        let mut wide = Box::new([0; 64]);
        wide[..32].copy_from_slice(&bytes);
        let mut rng = Box::new(rng());
        // What a step returns is moved to its caller, and may leave a copy on the way: only what it
        // computed besides is looked for. The bytes drawn are the key's, but for two bits.
        let (key, id_key) = (&["the bytes drawn", "the key"][..], &["the identity key"][..]);
        let (sum, whole_key) = (&["their sum"][..], &["the whole identity key"][..]);
        let half_key = &["the identity key", "the encoded half"][..];
        let from_half = || PartialIdentityKey::from_bytes(&*half_bytes);
        let steps: [(&str, &[&str], Vec<u8>); 12] = [
            ("generate", key, on_stack(|| MasterSecretKey::generate(&mut *rng))),
            ("from_uniform", key, on_stack(|| MasterSecretKey::from_uniform(&wide))),
            ("from_bytes", key, on_stack(|| MasterSecretKey::from_bytes(&bytes))),
            ("to_bytes", key, on_stack(|| msk.to_bytes())),
            ("public_key", &[], on_stack(|| msk.public_key())),
            ("sum", sum, on_stack(|| msk.sum(&other))),
            ("identity_key", id_key, on_stack(|| msk.identity_key(ID))),
            ("partial_identity_key", id_key, on_stack(|| msk.partial_identity_key(ID))),
            ("half's to_bytes", half_key, on_stack(|| half.to_bytes())),
            ("half's from_bytes", half_key, on_stack(from_half)),
            ("complete", whole_key, on_stack(|| IdentityKey::complete(&half, &other, ID, &mpk))),
            ("is_master_of", &[], on_stack(|| mpk.is_master_of(&whole, ID))),
        ];
        for (step, returned, remains) in &steps {
            let mut left = left(remains, &secrets);
            left.retain(|name| !returned.contains(name));
            assert_eq!(left, [""; 0], "{step}");
        }
    }

    #[test]
    fn no_computation_goes_deeper_than_the_stack_is_wiped() {
        // [IBE-10]
        let msk = MasterSecretKey::generate(&mut rng());
        let (hashed, scalar) = (point_of(ID), scalar_of(&[ID]));
        let mpk = msk.public_key();
        let steps = [
            on_stack(|| pairing(&hashed, &G2::generator())),
            on_stack(|| mpk.prepare().lines().pairing(&hashed)),
            on_stack(|| point_of(ID)),
            on_stack(|| hashed.mul(&scalar)),
            on_stack(|| G2::generator().mul(&scalar)),
        ];
        let deepest = steps.iter().map(|remains| depth(remains)).max();
        let deepest = deepest.expect("some steps");
        assert!(deepest > 1_000, "nothing is measured");
        assert!(4 * deepest <= 3 * wipe::BYTES, "{deepest} bytes");
    }

    #[test]
    fn what_is_freed_is_seen() {
        let secret: Vec<u8> = (100..132).collect();
        let grown = || {
            let mut grown = secret.clone();
            grown.reserve_exact(1_000);
            grown.zeroize();
        };
        assert!(freed(|| secret.clone()).iter().any(|block| has(block, &secret)));
        assert!(freed(grown).iter().any(|block| has(block, &secret)), "the block before it grew");
        let wiped = freed(|| Zeroizing::new(secret.clone()));
        assert!(!wiped.is_empty() && wiped.iter().all(|block| !has(block, &secret)));
    }

    #[test]
    fn decrypted_messages_are_overwritten() {
        // [IBE-10]
        let msk = MasterSecretKey::generate(&mut rng());
        let ciphertext = msk.public_key().encrypt(ID, MESSAGE, &mut rng()).expect("encrypts");
        let key = msk.identity_key(ID);
        let blocks = freed(|| key.decrypt(ID, &ciphertext).expect("decrypts"));
        assert!(blocks.iter().any(|block| block.len() >= MESSAGE.len()), "nothing is seen");
        assert!(blocks.iter().all(|block| !has(block, MESSAGE)));
        // Where the box opens and the identity is wrong, too.
        let blocks = freed(|| assert!(key.decrypt(b"another hour", &ciphertext).is_none()));
        assert!(blocks.iter().any(|block| block.len() >= MESSAGE.len()), "nothing is seen");
        assert!(blocks.iter().all(|block| !has(block, MESSAGE)));
    }

    #[test]
    fn dropped_keys_are_overwritten() {
        // [IBE-10]
        let msk = MasterSecretKey::generate(&mut rng());
        let half = msk.partial_identity_key(ID);
        let key = msk.identity_key(ID);
        let bytes = msk.to_bytes();
        let point = of_point(key.point());
        assert!(!has(&of_dropped(msk), bytes.as_slice()));
        for remains in [of_dropped(half), of_dropped(key)] {
            assert!(point.iter().all(|form| !has(&remains, form)));
            assert!(remains.iter().all(|byte| *byte == 0));
        }
        let r = scalar_of(&[ID]);
        let bytes = *r.as_bytes();
        assert!(!has(&of_dropped(r), &bytes));
    }
}
