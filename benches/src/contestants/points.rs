//! Points of the workload as other libraries read them: from mcl's encoding to ZCash's.
//!
//! Both write x and one bit of y, mcl little-endian with the parity of y, ZCash big-endian with
//! whether y is the larger of the two. Which of the two it is shows only when y is there: blst
//! computes it.

use blst::BLST_ERROR;
use blst::min_pk::{PublicKey, Signature};
use noren::hazmat::CheckInRecord;
use noren::messages::PublishedTrace;

use crate::Result;

const C1_LENGTH: usize = 96;
const ODD: u8 = 0x80;
const COMPRESSED: u8 = 0x80;
const LARGER: u8 = 0x20;

/// A trace's key. blst has a public key where others have a point of G1.
pub(super) fn key(trace: &PublishedTrace) -> Result<PublicKey> {
    let key = trace.key().to_bytes();
    let point = decode(&key, PublicKey::uncompress, |point| point.serialize()[95])?;
    point.validate().map_err(refused)?;
    Ok(point)
}

/// A record's c1. blst has a signature where others have a point of G2.
pub(super) fn c1(record: &CheckInRecord) -> Result<Signature> {
    let c1 = &record.sealed()[..C1_LENGTH];
    let point = decode(c1, Signature::uncompress, |point| point.serialize()[191])?;
    point.validate(true).map_err(refused)?;
    Ok(point)
}

/// `last` is the last byte of y's (real part's) big-endian bytes.
fn decode<P>(
    bytes: &[u8],
    uncompress: impl Fn(&[u8]) -> std::result::Result<P, BLST_ERROR>,
    last: impl Fn(&P) -> u8,
) -> Result<P> {
    let mut bytes: Vec<u8> = bytes.iter().rev().copied().collect();
    let odd = bytes[0] & ODD != 0;
    bytes[0] = bytes[0] & !ODD | COMPRESSED;
    let point = uncompress(&bytes).map_err(refused)?;
    if (last(&point) & 1 != 0) == odd {
        return Ok(point);
    }
    bytes[0] |= LARGER;
    Ok(uncompress(&bytes).map_err(refused)?)
}

fn refused(error: BLST_ERROR) -> String {
    format!("blst refuses a point: {error:?}")
}
