//! An Ed25519 secret key as other programs and tokens take it: PKCS#8 in PEM (RFC 8410).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use noren::keys::SignSecretKey;
use zeroize::Zeroizing;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
/// What stands before the seed: version 0, the algorithm Ed25519, an octet string in an octet string.
const HEAD: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

/// The key in PEM. It is the secret itself.
pub(crate) fn to_pem(key: &SignSecretKey) -> Zeroizing<String> {
    // [CLI-63]
    let mut der = Zeroizing::new([0; HEAD.len() + SignSecretKey::LENGTH]);
    let (head, seed) = der.split_at_mut(HEAD.len());
    head.copy_from_slice(&HEAD);
    seed.copy_from_slice(key.to_bytes().as_slice());
    let body = Zeroizing::new(STANDARD.encode(der.as_slice()));
    Zeroizing::new(format!("{BEGIN}\n{}\n{END}\n", body.as_str()))
}

/// The key in PEM; `None` where it is none, or one of another kind.
pub(crate) fn from_pem(text: &[u8]) -> Option<SignSecretKey> {
    // [CLI-63]
    let text = std::str::from_utf8(text).ok()?.trim();
    let body = text.strip_prefix(BEGIN)?.strip_suffix(END)?;
    let body: Zeroizing<String> =
        Zeroizing::new(body.chars().filter(|letter| !letter.is_ascii_whitespace()).collect());
    let der = Zeroizing::new(STANDARD.decode(body.as_bytes()).ok()?);
    let seed = der.strip_prefix(&HEAD)?.try_into().ok()?;
    Some(SignSecretKey::from_bytes(seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_and_nothing_else_is_one() {
        // [CLI-63]
        // The example of RFC 8410, section 10.3.
        let example = "-----BEGIN PRIVATE KEY-----\n\
             MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
             -----END PRIVATE KEY-----\n";
        let key = from_pem(example.as_bytes()).expect("a key");
        assert_eq!(to_pem(&key).as_str(), example);
        let public = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
        assert_eq!(hex::encode(key.public_key().as_bytes()), public);
        assert!(from_pem(example.replace('\n', "\r\n").as_bytes()).is_some());
        for (from, to) in
            [("MC4C", "MC4D"), ("VhC", "Vh="), ("PRIVATE", "PUBLIC"), ("BQYDK2Vw", "BQYDK2Vx")]
        {
            assert!(from_pem(example.replace(from, to).as_bytes()).is_none(), "{from}");
        }
        assert!(from_pem(b"").is_none() && from_pem(&[0xff; 48]).is_none());
    }
}
