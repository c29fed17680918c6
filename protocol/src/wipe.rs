//! Wiping what a computation leaves behind.
//!
//! A secret's own type wipes its storage when it is dropped. On its way it was copied: to where it
//! was computed, into the frames of the functions that it passed, into blst's own variables. All of
//! that lies on the stack below whoever asked, and stays there until something else happens to be
//! written over it.

use std::hint::black_box;

use zeroize::Zeroize;

/// How many bytes of the stack are wiped: a third more than the deepest computation with a secret
/// touches. A test measures it.
pub(crate) const BYTES: usize = 32 * 1_024;
const WORDS: usize = BYTES / 8;

/// Computes with secrets, and then wipes the part of the stack that the computation used. What it
/// returns has to wipe itself. A copy of it may stay where it was moved from, above
/// what is wiped here.
#[inline(never)]
pub(crate) fn apart<T>(compute: impl FnOnce() -> T) -> T {
    // [IBE-10]
    let result = in_a_frame_of_its_own(compute);
    wipe_stack();
    result
}

/// Never inlined, so that all of its variables lie below the caller's frame.
#[inline(never)]
fn in_a_frame_of_its_own<T>(compute: impl FnOnce() -> T) -> T {
    compute()
}

/// Never inlined, so that its words lie where those of the computation lay.
#[inline(never)]
fn wipe_stack() {
    let mut words = [0_u64; WORDS];
    words.zeroize();
    black_box(&words);
}
