//! Numbers that the lanes compute with, derived from the modulus by the compiler.

/// Bits of a limb.
pub(super) const LIMB_BITS: usize = 52;
/// Limbs of a field element: 8 · 52 = 416 bits, 35 more than the modulus has.
pub(super) const LIMBS: usize = 8;
/// The lowest 52 bits.
pub(super) const LIMB_MASK: u64 = (1 << LIMB_BITS) - 1;

/// A number in limbs of 52 bits, the lowest first.
pub(super) type Limbs = [u64; LIMBS];

/// The modulus p in words of 64 bits, the lowest first.
pub(super) const MODULUS_WORDS: [u64; 6] = [
    0xb9fe_ffff_ffff_aaab,
    0x1eab_fffe_b153_ffff,
    0x6730_d2a0_f6b0_f624,
    0x6477_4b84_f385_12bf,
    0x4b1b_a7b6_434b_acd7,
    0x1a01_11ea_397f_e69a,
];

/// p.
pub(super) const P: Limbs = multiple_of_modulus(1);
/// −p⁻¹ mod 2⁵².
pub(super) const NEGATIVE_INVERSE: u64 = negative_inverse();
/// (kp + 1) / 2⁵² for the k = −p⁻¹ mod 2⁵² that makes kp ≡ −1 mod 2⁵²: a step of the reduction with
/// kp takes the lowest limb itself as its quotient and needs no product for it.
pub(super) const Q: Limbs = friendly_quotient();
/// ⌊2⁴⁰ / (p₇ + 1)⌋, where p₇ is the modulus's highest limb: times a highest limb, shifted by 40
/// bits, it is how often p goes into a number, or one less.
pub(super) const QUOTIENT_FACTOR: u64 = (1 << QUOTIENT_BITS) / (P[LIMBS - 1] + 1);
/// See [`QUOTIENT_FACTOR`].
pub(super) const QUOTIENT_BITS: u32 = 40;
/// For each limb, that limb of 0, p, 2p … 7p.
pub(super) const MULTIPLES: [[u64; 8]; LIMBS] = limbs_of_multiples();

/// `words` cut into limbs.
pub(super) const fn limbs_of_words(words: &[u64; 6]) -> Limbs {
    let mut limbs = [0; LIMBS];
    let mut i = 0;
    while i < LIMBS {
        let (word, shift) = (LIMB_BITS * i / 64, LIMB_BITS * i % 64);
        let mut limb = words[word] >> shift;
        if shift > 64 - LIMB_BITS && word + 1 < words.len() {
            limb |= words[word + 1] << (64 - shift);
        }
        limbs[i] = limb & LIMB_MASK;
        i += 1;
    }
    limbs
}

/// `limbs` of a number below 2³⁸⁴, put into words.
pub(super) const fn words_of_limbs(limbs: &Limbs) -> [u64; 6] {
    let mut words = [0; 6];
    let mut i = 0;
    while i < LIMBS {
        let (word, shift) = (LIMB_BITS * i / 64, LIMB_BITS * i % 64);
        words[word] |= limbs[i] << shift;
        if shift > 64 - LIMB_BITS && word + 1 < words.len() {
            words[word + 1] |= limbs[i] >> (64 - shift);
        }
        i += 1;
    }
    words
}

/// `factor · p` for a factor that keeps it below 2⁴¹⁶.
pub(super) const fn multiple_of_modulus(factor: u64) -> Limbs {
    let p = limbs_of_words(&MODULUS_WORDS);
    let mut product = [0; LIMBS];
    let (mut i, mut carry) = (0, 0);
    while i < LIMBS {
        let sum = p[i] as u128 * factor as u128 + carry;
        product[i] = (sum as u64) & LIMB_MASK;
        carry = sum >> LIMB_BITS;
        i += 1;
    }
    product
}

/// By Newton's iteration: each step doubles the number of bits that are right.
const fn negative_inverse() -> u64 {
    let p = MODULUS_WORDS[0];
    let (mut inverse, mut bits) = (1_u64, 1);
    while bits < 64 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(p.wrapping_mul(inverse)));
        bits *= 2;
    }
    inverse.wrapping_neg() & LIMB_MASK
}

const fn friendly_quotient() -> Limbs {
    let p = limbs_of_words(&MODULUS_WORDS);
    let mut quotient = [0; LIMBS];
    // kp + 1 has a lowest limb of zero, which falls away; its carry is that of kp₀ + 1.
    let mut carry = (p[0] as u128 * NEGATIVE_INVERSE as u128 + 1) >> LIMB_BITS;
    let mut i = 1;
    while i < LIMBS {
        let sum = p[i] as u128 * NEGATIVE_INVERSE as u128 + carry;
        quotient[i - 1] = (sum as u64) & LIMB_MASK;
        carry = sum >> LIMB_BITS;
        i += 1;
    }
    quotient[LIMBS - 1] = carry as u64;
    quotient
}

const fn limbs_of_multiples() -> [[u64; 8]; LIMBS] {
    let mut limbs = [[0; 8]; LIMBS];
    let mut k = 0;
    while k < 8 {
        let multiple = multiple_of_modulus(k as u64);
        let mut i = 0;
        while i < LIMBS {
            limbs[i][k] = multiple[i];
            i += 1;
        }
        k += 1;
    }
    limbs
}
