//! Padding to a fixed length, so that the length of a ciphertext tells nothing.
//!
//! `u32be(length) ‖ data ‖ zeros`, up to a total that the caller names.

use zeroize::Zeroizing;

const PREFIX: usize = 4;

/// Returns the longest data that fits into `total` bytes.
pub(crate) const fn capacity(total: usize) -> usize {
    total.saturating_sub(PREFIX)
}

/// Pads `data` to `total` bytes; `None` when it does not fit.
pub(crate) fn pad(data: &[u8], total: usize) -> Option<Zeroizing<Vec<u8>>> {
    let mut padded = Zeroizing::new(vec![0; total]);
    pad_into(&mut padded, data)?;
    Some(padded)
}

/// Pads `data` to the length of `zeros`, in their place; `None` when it does not fit.
pub(crate) fn pad_into(zeros: &mut [u8], data: &[u8]) -> Option<()> {
    let (prefix, rest) = zeros.split_first_chunk_mut::<PREFIX>()?;
    *prefix = u32::try_from(data.len()).ok()?.to_be_bytes();
    rest.get_mut(..data.len())?.copy_from_slice(data);
    Some(())
}

/// Returns the data inside, or `None` when the length is too great or a padding byte is not zero.
pub(crate) fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (prefix, rest) = padded.split_first_chunk::<PREFIX>()?;
    let length = usize::try_from(u32::from_be_bytes(*prefix)).ok()?;
    let (data, zeros) = rest.split_at_checked(length)?;
    zeros.iter().all(|byte| *byte == 0).then_some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pads_and_refuses_what_is_not_padding() {
        let padded = pad(b"abc", 10).expect("fits");
        assert_eq!(padded.as_slice(), b"\0\0\0\x03abc\0\0\0");
        assert_eq!(unpad(&padded), Some(&b"abc"[..]));
        assert!(pad(b"abcdefg", 10).is_none(), "longer than the capacity");
        assert_eq!(unpad(b"\0\0\0\x03abc\0\x01\0"), None, "padding that is not zero");
        assert_eq!(unpad(b"\0\0\0\x04abc"), None, "length beyond the end");
        assert_eq!(unpad(b"\0\0\0"), None, "shorter than the prefix");
    }
}
