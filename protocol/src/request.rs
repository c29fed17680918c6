//! Signed requests from the authority to its server: a fixed profile of HTTP Message Signatures
//! (RFC 9421) over method, the server's name, path, query and the digest of the body.
//!
//! These are pure functions over the strings of a request, so that sender and receiver run the same
//! code. A profile this narrow needs no parser of structured fields: the verifier takes time and
//! nonce out of the field, writes the one spelling that belongs to them, and compares.

use crate::signing::{Sign, SignError, SignPublicKey, signed};
use base64::{Engine, engine::general_purpose::STANDARD};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};

use crate::{log::Origin, time::UnixSeconds};

/// Seconds by which a request's time may differ from the server's clock, either way.
pub const MAX_AGE: u64 = 60;
/// The name of the header field with the digest of the body (RFC 9530).
pub const CONTENT_DIGEST: &str = "content-digest";
/// The name of the header field that says what is signed.
pub const SIGNATURE_INPUT: &str = "signature-input";
/// The name of the header field with the signature.
pub const SIGNATURE: &str = "signature";

const COMPONENTS: &str = r#"("@method" "@authority" "@path" "@query" "content-digest")"#;

/// Why a signed request was refused. For the server's own eyes: the sender gets one answer for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// `Content-Digest` is not exactly one SHA-256 digest.
    #[error("the content digest is malformed")]
    ContentDigest,
    /// `Signature-Input` is not the one spelling of this profile, or names another key.
    #[error("the signature input is malformed")]
    SignatureInput,
    /// `Signature` is not one Ed25519 signature.
    #[error("the signature is malformed")]
    Malformed,
    /// Signed more than [`MAX_AGE`] seconds before or after now.
    #[error("the request was signed at another time")]
    Time,
    /// The signature does not belong to this key and this request.
    #[error("the signature is wrong")]
    Signature,
    /// The body is not the one that was signed.
    #[error("the body is not the one that was signed")]
    Body,
}

/// Sixteen random bytes that make a request unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// Draws a random nonce.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Returns the 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The address of a server, taken apart: what a signature names. A server whose requests come through
/// a proxy sees neither as the sender did, and goes by the address that the profile states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    authority: String,
    prefix: String,
}

impl ServerAddress {
    /// Takes an `http` or `https` address without user, query and fragment, in ASCII as RFC 3986
    /// has it (a name in other letters in its `xn--` form). Returns `None` for anything else.
    #[must_use]
    pub fn new(url: &str) -> Option<Self> {
        // [API-7]
        let (scheme, rest) = url.split_once("://")?;
        let default_port = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => return None,
        };
        let (authority, prefix) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let strange = |c: char| c.is_whitespace() || c.is_control() || "?#@\\\"".contains(c);
        if authority.is_empty() || !url.is_ascii() || url.contains(strange) {
            return None;
        }
        // RFC 9421 section 2.2.3: lower case, and no port that the scheme implies.
        let authority = authority.to_ascii_lowercase();
        let authority = authority.strip_suffix(default_port).unwrap_or(&authority).to_owned();
        Some(Self { authority, prefix: prefix.trim_end_matches('/').to_owned() })
    }

    /// Returns the host, with the port where it is not the usual one.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Returns the path of a request as its sender sees it, from the path below the address.
    #[must_use]
    pub fn path(&self, below: &str) -> String {
        format!("{}{below}", self.prefix)
    }
}

/// The parts of a request that its signature covers, apart from the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestTarget<'a> {
    /// The method in capitals, for instance `PUT`.
    pub method: &'a str,
    /// The server's host in lower case, with the port where it is not the usual one
    /// ([`ServerAddress::authority`]).
    pub authority: &'a str,
    /// The absolute path, percent-encoding untouched.
    pub path: &'a str,
    /// What follows the question mark, if there is one.
    pub query: Option<&'a str>,
}

/// The three header fields of a signed request, without their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHeaders {
    /// The value of [`CONTENT_DIGEST`].
    pub content_digest: String,
    /// The value of [`SIGNATURE_INPUT`].
    pub signature_input: String,
    /// The value of [`SIGNATURE`].
    pub signature: String,
}

impl SignedHeaders {
    /// Signs a request for the authority. Each needs a nonce of its own, also when it is a
    /// repetition.
    ///
    /// # Errors
    /// [`SignError`] where a key that is kept elsewhere does not sign.
    pub fn sign(
        key: &dyn Sign,
        origin: &Origin,
        target: &RequestTarget<'_>,
        body: &[u8],
        now: UnixSeconds,
        nonce: Nonce,
    ) -> Result<Self, SignError> {
        let content_digest = digest_field(&Sha256::digest(body).into());
        let parameters = parameters(origin, now, nonce);
        let base = signature_base(target, &content_digest, &parameters);
        let signature = STANDARD.encode(signed(key, base.as_bytes())?);
        let signature = format!("noren=:{signature}:");
        Ok(Self { content_digest, signature_input: format!("noren={parameters}"), signature })
    }

    /// Verifies, for the server, everything but the body, so that it need not read a stranger's
    /// body.
    ///
    /// The caller has to remember the nonce: a request whose nonce was seen in the last
    /// `3 * MAX_AGE` seconds is a replay.
    ///
    /// # Errors
    /// [`RequestError`] that names the step.
    pub fn verify(
        &self,
        key: &SignPublicKey,
        origin: &Origin,
        target: &RequestTarget<'_>,
        now: UnixSeconds,
    ) -> Result<VerifiedRequest, RequestError> {
        // [API-7]
        let digest = bytes_field(&self.content_digest, "sha-256=:")
            .filter(|digest| digest_field(digest) == self.content_digest)
            .ok_or(RequestError::ContentDigest)?;
        let (created, nonce) =
            time_and_nonce(&self.signature_input).ok_or(RequestError::SignatureInput)?;
        let parameters = parameters(origin, created, nonce);
        if self.signature_input.strip_prefix("noren=") != Some(&parameters) {
            return Err(RequestError::SignatureInput);
        }
        // [API-8]
        if created.get().abs_diff(now.get()) > MAX_AGE {
            return Err(RequestError::Time);
        }
        let signature =
            bytes_field::<64>(&self.signature, "noren=:").ok_or(RequestError::Malformed)?;
        let base = signature_base(target, &self.content_digest, &parameters);
        if !key.has_signed(base.as_bytes(), &signature) {
            return Err(RequestError::Signature);
        }
        Ok(VerifiedRequest { nonce, digest })
    }
}

/// A request whose head was verified, and whose body still has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct VerifiedRequest {
    nonce: Nonce,
    digest: [u8; 32],
}

impl VerifiedRequest {
    /// Returns the nonce, which must not have been seen before.
    #[must_use]
    pub const fn nonce(&self) -> Nonce {
        self.nonce
    }

    /// Accepts the body that was signed and no other.
    ///
    /// # Errors
    /// [`RequestError::Body`].
    pub fn check_body(&self, body: &[u8]) -> Result<(), RequestError> {
        // [API-7]
        if Sha256::digest(body)[..] == self.digest { Ok(()) } else { Err(RequestError::Body) }
    }
}

/// Returns the signature base of RFC 9421, section 2.5.
fn signature_base(target: &RequestTarget<'_>, content_digest: &str, parameters: &str) -> String {
    let RequestTarget { method, authority, path, query } = target;
    // An absent query is a question mark alone (section 2.2.7).
    let query = query.unwrap_or_default();
    format!(
        "\"@method\": {method}\n\"@authority\": {authority}\n\"@path\": {path}\n\
         \"@query\": ?{query}\n\"content-digest\": {content_digest}\n\"@signature-params\": {parameters}"
    )
}

fn parameters(origin: &Origin, created: UnixSeconds, nonce: Nonce) -> String {
    let nonce = hex::encode(nonce.0);
    format!(r#"{COMPONENTS};created={created};nonce="{nonce}";keyid="{origin}";alg="ed25519""#)
}

fn time_and_nonce(signature_input: &str) -> Option<(UnixSeconds, Nonce)> {
    let rest = signature_input.strip_prefix("noren=")?.strip_prefix(COMPONENTS)?;
    let (created, rest) = rest.strip_prefix(";created=")?.split_once(";nonce=\"")?;
    let (nonce, _) = rest.split_once('"')?;
    let mut bytes = [0; 16];
    hex::decode_to_slice(nonce, &mut bytes).ok()?;
    Some((UnixSeconds::new(created.parse().ok()?).ok()?, Nonce(bytes)))
}

fn digest_field(digest: &[u8; 32]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(digest))
}

/// Returns the bytes of a field that holds one byte sequence, `<name>=:<base64>:`.
fn bytes_field<const N: usize>(field: &str, start: &str) -> Option<[u8; N]> {
    let text = field.strip_prefix(start)?.strip_suffix(':')?;
    STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::SignSecretKey;

    const TARGET: RequestTarget<'_> = RequestTarget {
        method: "PUT",
        authority: "health.example",
        path: "/v1/cases/00",
        query: None,
    };

    fn origin() -> Origin {
        Origin::new("health.example/log").unwrap()
    }

    fn key() -> SignSecretKey {
        SignSecretKey::from_bytes(&[9; 32])
    }

    fn at(seconds: u64) -> UnixSeconds {
        UnixSeconds::new(seconds).unwrap()
    }

    fn signed() -> SignedHeaders {
        let nonce = Nonce([0xab; 16]);
        SignedHeaders::sign(&key(), &origin(), &TARGET, b"body", at(1_000), nonce).expect("signed")
    }

    fn verify(
        headers: &SignedHeaders,
        target: &RequestTarget<'_>,
        now: u64,
    ) -> Result<VerifiedRequest, RequestError> {
        headers.verify(&key().public_key(), &origin(), target, at(now))
    }

    #[test]
    fn the_fields_are_spelt_as_the_specification_says() {
        // [API-7]
        let headers = signed();
        let input = "noren=(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\");created=1000;\
                     nonce=\"abababababababababababababababab\";keyid=\"health.example/log\";\
                     alg=\"ed25519\"";
        assert_eq!(headers.signature_input, input);
        assert_eq!(
            signature_base(&TARGET, &headers.content_digest, &input[6..]),
            format!(
                "\"@method\": PUT\n\"@authority\": health.example\n\"@path\": /v1/cases/00\n\
                 \"@query\": ?\n\"content-digest\": {}\n\"@signature-params\": {}",
                headers.content_digest,
                &input[6..]
            )
        );
    }

    #[test]
    fn a_signed_request_verifies_within_a_minute_either_way() {
        // [API-7] [API-8]
        for now in [940, 1_000, 1_060] {
            let verified = verify(&signed(), &TARGET, now).unwrap();
            assert_eq!(verified.nonce(), Nonce([0xab; 16]));
            verified.check_body(b"body").unwrap();
            assert_eq!(verified.check_body(b"Body"), Err(RequestError::Body));
        }
        for now in [939, 1_061] {
            assert_eq!(verify(&signed(), &TARGET, now), Err(RequestError::Time));
        }
    }

    #[test]
    fn another_target_key_or_origin_is_refused() {
        // [API-7]
        for target in [
            RequestTarget { method: "DELETE", ..TARGET },
            RequestTarget { path: "/v1/cases/01", ..TARGET },
            RequestTarget { authority: "mirror.example", ..TARGET },
            RequestTarget { authority: "health.example:8443", ..TARGET },
            RequestTarget { query: Some("a=b"), ..TARGET },
        ] {
            assert_eq!(verify(&signed(), &target, 1_000), Err(RequestError::Signature));
        }
        let other = SignSecretKey::from_bytes(&[8; 32]).public_key();
        let refused = signed().verify(&other, &origin(), &TARGET, at(1_000));
        assert_eq!(refused, Err(RequestError::Signature));
        let other = Origin::new("other.example/log").unwrap();
        let refused = signed().verify(&key().public_key(), &other, &TARGET, at(1_000));
        assert_eq!(refused, Err(RequestError::SignatureInput));
    }

    #[test]
    fn an_address_is_taken_apart() {
        // [API-7]
        for (url, authority, path) in [
            ("https://health.example", "health.example", "/v1/uploads"),
            ("https://Health.Example:443/", "health.example", "/v1/uploads"),
            ("https://health.example:8443/noren", "health.example:8443", "/noren/v1/uploads"),
            ("http://127.0.0.1:80", "127.0.0.1", "/v1/uploads"),
            ("http://[::1]:8080/a/b/", "[::1]:8080", "/a/b/v1/uploads"),
            ("https://health.example:80", "health.example:80", "/v1/uploads"),
        ] {
            let address = ServerAddress::new(url).unwrap();
            assert_eq!((address.authority(), &*address.path("/v1/uploads")), (authority, path));
        }
        for url in [
            "",
            "health.example",
            "ftp://a",
            "https://",
            "https:///a",
            "https://u@a",
            "https://a?b",
            "https://a#b",
            "https://b\u{fc}cher.example",
            "https://a b",
        ] {
            assert_eq!(ServerAddress::new(url), None, "{url}");
        }
    }

    #[test]
    fn every_other_spelling_is_refused() {
        // [API-7]
        let edits: [(&str, &str); 9] = [
            ("created=1000", "created=+1000"),
            ("created=1000", "created=01000"),
            ("created=1000", "created=99999999999999"),
            ("ababab", "ABABAB"),
            ("ababab", "abab"),
            ("ed25519", "hmac-sha256"),
            ("\"@query\" ", ""),
            ("noren=", "sig1="),
            (";alg=", ";expires=5;alg="),
        ];
        for (from, to) in edits {
            let mut headers = signed();
            headers.signature_input = headers.signature_input.replacen(from, to, 1);
            assert_eq!(
                verify(&headers, &TARGET, 1_000),
                Err(RequestError::SignatureInput),
                "{from} -> {to}"
            );
        }
    }

    #[test]
    fn digest_and_signature_have_one_form() {
        // [API-7]
        let change = |edit: fn(&mut SignedHeaders)| {
            let mut headers = signed();
            edit(&mut headers);
            verify(&headers, &TARGET, 1_000)
        };
        for edit in [
            (|h: &mut SignedHeaders| h.content_digest.clear()) as fn(&mut SignedHeaders),
            |h| h.content_digest = h.content_digest.replace("sha-256", "sha-512"),
            |h| h.content_digest.push_str(", sha-512=:AAAA:"),
            |h| h.content_digest = "sha-256=:AAAA:".to_owned(),
        ] {
            assert_eq!(change(edit), Err(RequestError::ContentDigest));
        }
        assert_eq!(change(|h| h.signature.clear()), Err(RequestError::Malformed));
        assert_eq!(change(|h| h.signature = "noren=:AAAA:".into()), Err(RequestError::Malformed));
        let other = |h: &mut SignedHeaders| h.content_digest = digest_field(&[0; 32]);
        assert_eq!(change(other), Err(RequestError::Signature));
    }
}
