//! Every call of blst: one function for each of its functions, with the types that blst declares.
//! Nothing else in this crate calls it.
//!
//! blst keeps no pointer of what it is given, reads its inputs and writes all of its result.
#![expect(unsafe_code, reason = "blst is a C library, and this is its only caller")]

use std::mem::MaybeUninit;

use blst::{
    blst_final_exp, blst_fp, blst_fp_add, blst_fp_cneg, blst_fp_from_lendian, blst_fp_inverse,
    blst_fp_is_square, blst_fp_mul, blst_fp_sqr, blst_fp_sqrt, blst_fp_sub, blst_fp2, blst_fp2_add,
    blst_fp2_inverse, blst_fp2_mul, blst_fp2_mul_by_3, blst_fp2_sqr, blst_fp2_sqrt, blst_fp2_sub,
    blst_fp6, blst_fp12, blst_fp12_conjugate, blst_fp12_cyclotomic_sqr, blst_fp12_frobenius_map,
    blst_fp12_inverse, blst_fp12_is_equal, blst_fp12_mul, blst_fp12_sqr, blst_lendian_from_fp,
    blst_lendian_from_scalar, blst_miller_loop, blst_miller_loop_lines, blst_p1,
    blst_p1_add_or_double, blst_p1_add_or_double_affine, blst_p1_affine, blst_p1_affine_generator,
    blst_p1_affine_in_g1, blst_p1_affine_is_equal, blst_p1_affine_is_inf, blst_p1_cneg,
    blst_p1_double, blst_p1_from_affine, blst_p1_mult, blst_p1_to_affine, blst_p2,
    blst_p2_add_or_double_affine, blst_p2_affine, blst_p2_affine_generator, blst_p2_affine_in_g2,
    blst_p2_affine_is_equal, blst_p2_affine_is_inf, blst_p2_from_affine, blst_p2_mult,
    blst_p2_to_affine, blst_precompute_lines, blst_scalar, blst_scalar_fr_check,
    blst_scalar_from_le_bytes, blst_scalar_from_lendian, blst_sk_add_n_check,
};

/// The length of a field element in bytes.
pub(super) const FP_LENGTH: usize = 48;
/// The length of a scalar in bytes.
pub(super) const SCALAR_LENGTH: usize = 32;

// The base field.

pub(super) fn fp_from_lendian(bytes: &[u8; FP_LENGTH]) -> blst_fp {
    let mut result = MaybeUninit::uninit();
    // SAFETY: blst reads 48 bytes, which is what `bytes` has, and `result` has the room of an element.
    unsafe {
        blst_fp_from_lendian(result.as_mut_ptr(), bytes.as_ptr());
        result.assume_init()
    }
}

pub(super) fn lendian_from_fp(a: &blst_fp) -> [u8; FP_LENGTH] {
    let mut bytes = [0; FP_LENGTH];
    // SAFETY: blst writes 48 bytes, which is what `bytes` has, and `a` is an element.
    unsafe { blst_lendian_from_fp(bytes.as_mut_ptr(), a) };
    bytes
}

pub(super) fn fp_add(a: &blst_fp, b: &blst_fp) -> blst_fp {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` and `b` are elements, and `result` has the room of an element.
    unsafe {
        blst_fp_add(result.as_mut_ptr(), a, b);
        result.assume_init()
    }
}

pub(super) fn fp_sub(a: &blst_fp, b: &blst_fp) -> blst_fp {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` and `b` are elements, and `result` has the room of an element.
    unsafe {
        blst_fp_sub(result.as_mut_ptr(), a, b);
        result.assume_init()
    }
}

pub(super) fn fp_mul(a: &blst_fp, b: &blst_fp) -> blst_fp {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` and `b` are elements, and `result` has the room of an element.
    unsafe {
        blst_fp_mul(result.as_mut_ptr(), a, b);
        result.assume_init()
    }
}

pub(super) fn fp_sqr(a: &blst_fp) -> blst_fp {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is an element, and `result` has the room of another.
    unsafe {
        blst_fp_sqr(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn fp_inverse(a: &blst_fp) -> blst_fp {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is an element, and `result` has the room of another.
    unsafe {
        blst_fp_inverse(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn fp_sqrt(a: &blst_fp) -> blst_fp {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is an element, and `result` has the room of another.
    unsafe {
        blst_fp_sqrt(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn fp_neg(a: &blst_fp) -> blst_fp {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is an element, and `result` has the room of another.
    unsafe {
        blst_fp_cneg(result.as_mut_ptr(), a, true);
        result.assume_init()
    }
}

pub(super) fn fp_is_square(a: &blst_fp) -> bool {
    // SAFETY: `a` is an element, and blst only reads it.
    unsafe { blst_fp_is_square(a) }
}

// The quadratic extension.

pub(super) fn fp2_add(a: &blst_fp2, b: &blst_fp2) -> blst_fp2 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` and `b` are elements, and `result` has the room of an element.
    unsafe {
        blst_fp2_add(result.as_mut_ptr(), a, b);
        result.assume_init()
    }
}

pub(super) fn fp2_sub(a: &blst_fp2, b: &blst_fp2) -> blst_fp2 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` and `b` are elements, and `result` has the room of an element.
    unsafe {
        blst_fp2_sub(result.as_mut_ptr(), a, b);
        result.assume_init()
    }
}

pub(super) fn fp2_mul(a: &blst_fp2, b: &blst_fp2) -> blst_fp2 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` and `b` are elements, and `result` has the room of an element.
    unsafe {
        blst_fp2_mul(result.as_mut_ptr(), a, b);
        result.assume_init()
    }
}

pub(super) fn fp2_sqr(a: &blst_fp2) -> blst_fp2 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is an element, and `result` has the room of another.
    unsafe {
        blst_fp2_sqr(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn fp2_mul_by_3(a: &blst_fp2) -> blst_fp2 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is an element, and `result` has the room of another.
    unsafe {
        blst_fp2_mul_by_3(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn fp2_inverse(a: &blst_fp2) -> blst_fp2 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is an element, and `result` has the room of another.
    unsafe {
        blst_fp2_inverse(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn fp2_sqrt(a: &blst_fp2) -> blst_fp2 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is an element, and `result` has the room of another.
    unsafe {
        blst_fp2_sqrt(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn fp2_add_assign(a: &mut blst_fp2, b: &blst_fp2) {
    // SAFETY: both are elements, and blst lets its result be its first input.
    unsafe { blst_fp2_add(a, a, b) };
}

pub(super) fn fp2_sub_assign(a: &mut blst_fp2, b: &blst_fp2) {
    // SAFETY: both are elements, and blst lets its result be its first input.
    unsafe { blst_fp2_sub(a, a, b) };
}

/// Makes `b − a` of `a`.
pub(super) fn fp2_subtract_from(a: &mut blst_fp2, b: &blst_fp2) {
    // SAFETY: both are elements, and blst lets its result be its second input.
    unsafe { blst_fp2_sub(a, b, a) };
}

pub(super) fn fp2_double_assign(a: &mut blst_fp2) {
    // SAFETY: `a` is an element, and blst lets its result be both of its inputs.
    unsafe { blst_fp2_add(a, a, a) };
}

pub(super) fn fp2_sqr_assign(a: &mut blst_fp2) {
    // SAFETY: `a` is an element, and blst lets its result be its input.
    unsafe { blst_fp2_sqr(a, a) };
}

// The extension of degree twelve.

pub(super) fn fp12_mul(a: &blst_fp12, b: &blst_fp12) -> blst_fp12 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` and `b` are elements, and `result` has the room of an element.
    unsafe {
        blst_fp12_mul(result.as_mut_ptr(), a, b);
        result.assume_init()
    }
}

pub(super) fn fp12_sqr(a: &blst_fp12) -> blst_fp12 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is an element, and `result` has the room of another.
    unsafe {
        blst_fp12_sqr(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn fp12_cyclotomic_sqr(a: &blst_fp12) -> blst_fp12 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is an element, and `result` has the room of another.
    unsafe {
        blst_fp12_cyclotomic_sqr(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn fp12_inverse(a: &blst_fp12) -> blst_fp12 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is an element, and `result` has the room of another.
    unsafe {
        blst_fp12_inverse(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn final_exp(a: &blst_fp12) -> blst_fp12 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is an element, and `result` has the room of another.
    unsafe {
        blst_final_exp(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn fp12_conjugate(a: &mut blst_fp12) {
    // SAFETY: `a` is an element, which blst conjugates in its place.
    unsafe { blst_fp12_conjugate(a) };
}

/// Returns the power of p to the N-th, for N from one to three.
pub(super) fn fp12_frobenius_map<const N: usize>(a: &blst_fp12) -> blst_fp12 {
    const { assert!(1 <= N && N <= 3, "blst has constants for three powers, and does not check") };
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is an element, `result` has the room of another, and blst has constants for N.
    unsafe {
        blst_fp12_frobenius_map(result.as_mut_ptr(), a, N);
        result.assume_init()
    }
}

pub(super) fn fp12_is_equal(a: &blst_fp12, b: &blst_fp12) -> bool {
    // SAFETY: both are elements, and blst only reads them.
    unsafe { blst_fp12_is_equal(a, b) }
}

// Scalars.

pub(super) fn scalar_from_lendian(bytes: &[u8; SCALAR_LENGTH]) -> blst_scalar {
    let mut result = MaybeUninit::uninit();
    // SAFETY: blst reads 32 bytes, which is what `bytes` has, and `result` has the room of a scalar.
    unsafe {
        blst_scalar_from_lendian(result.as_mut_ptr(), bytes.as_ptr());
        result.assume_init()
    }
}

pub(super) fn scalar_from_le_bytes(bytes: &[u8]) -> blst_scalar {
    let mut result = MaybeUninit::uninit();
    // SAFETY: blst reads as many bytes as it is told that `bytes` has, and `result` has the room of a scalar. What it answers, whether the scalar is zero, is in the scalar as well.
    unsafe {
        let _ = blst_scalar_from_le_bytes(result.as_mut_ptr(), bytes.as_ptr(), bytes.len());
        result.assume_init()
    }
}

pub(super) fn scalar_fr_check(a: &blst_scalar) -> bool {
    // SAFETY: `a` is a scalar, and blst only reads it.
    unsafe { blst_scalar_fr_check(a) }
}

pub(super) fn lendian_from_scalar(bytes: &mut [u8; SCALAR_LENGTH], a: &blst_scalar) {
    // SAFETY: blst writes 32 bytes, which is what `bytes` has, and `a` is a scalar.
    unsafe { blst_lendian_from_scalar(bytes.as_mut_ptr(), a) };
}

/// Returns the sum, and whether it is not zero.
pub(super) fn sk_add_n_check(sum: &mut blst_scalar, a: &blst_scalar, b: &blst_scalar) -> bool {
    // SAFETY: all three are scalars, of which blst writes the first and reads the others.
    unsafe { blst_sk_add_n_check(sum, a, b) }
}

// G1.

pub(super) fn p1_affine_generator() -> blst_p1_affine {
    // SAFETY: blst answers with a pointer to a point that is a constant.
    unsafe { *blst_p1_affine_generator() }
}

pub(super) fn p1_from_affine(a: &blst_p1_affine) -> blst_p1 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is a point, and `result` has the room of one in other coordinates.
    unsafe {
        blst_p1_from_affine(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn p1_to_affine(a: &blst_p1) -> blst_p1_affine {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is a point, and `result` has the room of one in other coordinates.
    unsafe {
        blst_p1_to_affine(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn p1_add_or_double_affine(a: &blst_p1, b: &blst_p1_affine) -> blst_p1 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` and `b` are points, the same or not, and `result` has the room of a third.
    unsafe {
        blst_p1_add_or_double_affine(result.as_mut_ptr(), a, b);
        result.assume_init()
    }
}

pub(super) fn p1_add_or_double(a: &blst_p1, b: &blst_p1) -> blst_p1 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` and `b` are points, the same or not, and `result` has the room of a third.
    unsafe {
        blst_p1_add_or_double(result.as_mut_ptr(), a, b);
        result.assume_init()
    }
}

pub(super) fn p1_double(a: &blst_p1) -> blst_p1 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is a point, and `result` has the room of another.
    unsafe {
        blst_p1_double(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn p1_negate(a: &mut blst_p1) {
    // SAFETY: `a` is a point, which blst negates in its place.
    unsafe { blst_p1_cneg(a, true) };
}

pub(super) fn p1_mult(a: &blst_p1, scalar: &[u8; SCALAR_LENGTH]) -> blst_p1 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is a point, blst reads 255 bits of the 256 that `scalar` has, and `result` has the room of a point.
    unsafe {
        blst_p1_mult(result.as_mut_ptr(), a, scalar.as_ptr(), 255);
        result.assume_init()
    }
}

pub(super) fn p1_affine_in_g1(a: &blst_p1_affine) -> bool {
    // SAFETY: `a` is a point, and blst only reads it.
    unsafe { blst_p1_affine_in_g1(a) }
}

pub(super) fn p1_affine_is_inf(a: &blst_p1_affine) -> bool {
    // SAFETY: `a` is a point, and blst only reads it.
    unsafe { blst_p1_affine_is_inf(a) }
}

pub(super) fn p1_affine_is_equal(a: &blst_p1_affine, b: &blst_p1_affine) -> bool {
    // SAFETY: both are points, and blst only reads them.
    unsafe { blst_p1_affine_is_equal(a, b) }
}

// G2.

pub(super) fn p2_affine_generator() -> blst_p2_affine {
    // SAFETY: blst answers with a pointer to a point that is a constant.
    unsafe { *blst_p2_affine_generator() }
}

pub(super) fn p2_from_affine(a: &blst_p2_affine) -> blst_p2 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is a point, and `result` has the room of one in other coordinates.
    unsafe {
        blst_p2_from_affine(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn p2_to_affine(a: &blst_p2) -> blst_p2_affine {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is a point, and `result` has the room of one in other coordinates.
    unsafe {
        blst_p2_to_affine(result.as_mut_ptr(), a);
        result.assume_init()
    }
}

pub(super) fn p2_add_or_double_affine(a: &blst_p2, b: &blst_p2_affine) -> blst_p2 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` and `b` are points, the same or not, and `result` has the room of a third.
    unsafe {
        blst_p2_add_or_double_affine(result.as_mut_ptr(), a, b);
        result.assume_init()
    }
}

pub(super) fn p2_mult(a: &blst_p2, scalar: &[u8; SCALAR_LENGTH]) -> blst_p2 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: `a` is a point, blst reads 255 bits of the 256 that `scalar` has, and `result` has the room of a point.
    unsafe {
        blst_p2_mult(result.as_mut_ptr(), a, scalar.as_ptr(), 255);
        result.assume_init()
    }
}

pub(super) fn p2_affine_in_g2(a: &blst_p2_affine) -> bool {
    // SAFETY: `a` is a point, and blst only reads it.
    unsafe { blst_p2_affine_in_g2(a) }
}

pub(super) fn p2_affine_is_inf(a: &blst_p2_affine) -> bool {
    // SAFETY: `a` is a point, and blst only reads it.
    unsafe { blst_p2_affine_is_inf(a) }
}

pub(super) fn p2_affine_is_equal(a: &blst_p2_affine, b: &blst_p2_affine) -> bool {
    // SAFETY: both are points, and blst only reads them.
    unsafe { blst_p2_affine_is_equal(a, b) }
}

// Pairings.

/// How many lines the Miller loop of BLS12-381 evaluates: 63 doublings and 5 additions.
pub(super) const LINES: usize = 68;

pub(super) fn precompute_lines(lines: &mut [blst_fp6; LINES], q: &blst_p2_affine) {
    // SAFETY: blst writes 68 lines, which is what `lines` has, and `q` is a point.
    unsafe { blst_precompute_lines(lines.as_mut_ptr(), q) };
}

pub(super) fn miller_loop_lines(lines: &[blst_fp6; LINES], p: &blst_p1_affine) -> blst_fp12 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: blst reads 68 lines, which is what `lines` has; `p` is a point, and `result` has the room of an element.
    unsafe {
        blst_miller_loop_lines(result.as_mut_ptr(), lines.as_ptr(), p);
        result.assume_init()
    }
}

pub(super) fn miller_loop(q: &blst_p2_affine, p: &blst_p1_affine) -> blst_fp12 {
    let mut result = MaybeUninit::uninit();
    // SAFETY: both are points, and `result` has the room of an element.
    unsafe {
        blst_miller_loop(result.as_mut_ptr(), q, p);
        result.assume_init()
    }
}
