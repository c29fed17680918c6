//! The processor's instructions on eight lanes of 64 bits, under the names of what they do.
//!
//! They are safe to call because a vector is made only behind [`super::available`], and every one
//! but the first few takes a vector. All are inlined into functions that are compiled for AVX-512.

use core::arch::x86_64 as x86;
use core::arch::x86_64::{__m256i, __m512i, __mmask8};

macro_rules! instructions {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),*) -> $result:ty = $call:expr;)+) => {
        $($(#[$doc])*
        #[inline(always)]
        pub(super) fn $name($($argument: $type),*) -> $result {
            // SAFETY: these functions are private to `lanes`, whose entries are behind a check
            // that the processor has the instructions.
            unsafe { $call }
        })+
    };
}

instructions! {
    /// Zero in every lane.
    zero() -> __m512i = x86::_mm512_setzero_si512();
    /// One word in every lane.
    splat(word: u64) -> __m512i = x86::_mm512_set1_epi64(word.cast_signed());
    /// A word for each lane.
    vector(words: [u64; 8]) -> __m512i = core::mem::transmute::<[u64; 8], __m512i>(words);
    /// The word of each lane.
    words(vector: __m512i) -> [u64; 8] = core::mem::transmute::<__m512i, [u64; 8]>(vector);
    /// a + b.
    add(a: __m512i, b: __m512i) -> __m512i = x86::_mm512_add_epi64(a, b);
    /// a − b.
    subtract(a: __m512i, b: __m512i) -> __m512i = x86::_mm512_sub_epi64(a, b);
    /// The bits that are in both.
    and(a: __m512i, b: __m512i) -> __m512i = x86::_mm512_and_si512(a, b);
    /// `sum` and the lower 52 bits of the product of the lower 52 bits of a and b.
    low_product(sum: __m512i, a: __m512i, b: __m512i) -> __m512i =
        x86::_mm512_madd52lo_epu64(sum, a, b);
    /// `sum` and the upper 52 bits of the product of the lower 52 bits of a and b.
    high_product(sum: __m512i, a: __m512i, b: __m512i) -> __m512i =
        x86::_mm512_madd52hi_epu64(sum, a, b);
    /// The product of the lower 32 bits.
    product_32(a: __m512i, b: __m512i) -> __m512i = x86::_mm512_mul_epu32(a, b);
    /// In each lane the word of `table` that the lowest three bits of `index` name.
    permute(index: __m512i, table: __m512i) -> __m512i =
        x86::_mm512_permutexvar_epi64(index, table);
    /// A bit for each lane: whether it is negative.
    mask_of_signs(a: __m512i) -> __mmask8 = x86::_mm512_movepi64_mask(a);
    /// In each lane b where the mask's bit is set, and a where not.
    select(mask: __mmask8, a: __m512i, b: __m512i) -> __m512i =
        x86::_mm512_mask_mov_epi64(a, mask, b);
}

/// ⌊a / 2^BITS⌋ for signed lanes.
#[inline(always)]
pub(super) fn shift_right_signed<const BITS: u32>(a: __m512i) -> __m512i {
    // SAFETY: as above.
    unsafe { x86::_mm512_srai_epi64::<BITS>(a) }
}

/// ⌊a / 2^BITS⌋ for lanes without a sign.
#[inline(always)]
pub(super) fn shift_right<const BITS: u32>(a: __m512i) -> __m512i {
    // SAFETY: as above.
    unsafe { x86::_mm512_srli_epi64::<BITS>(a) }
}

/// Writes vectors in halves.
///
/// On a processor that works on a vector in halves, writing a whole one takes the place of a
/// multiplication, and writing halves takes none. But what is read again within some hundred
/// instructions waits for both of them: this is for results.
#[inline(always)]
pub(super) fn write_halves<const N: usize>(vectors: [__m512i; N], to: &mut [__m512i; N]) {
    for (vector, to) in vectors.into_iter().zip(to) {
        let to = (&raw mut *to).cast::<__m256i>();
        // SAFETY: a vector has two halves, and more than their alignment. Volatile, lest the compiler
        // write a whole one.
        unsafe {
            to.write_volatile(x86::_mm512_castsi512_si256(vector));
            to.add(1).write_volatile(x86::_mm512_extracti64x4_epi64::<1>(vector));
        }
    }
}
