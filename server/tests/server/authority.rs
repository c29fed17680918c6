//! An authority as the tests play it.

use noren::authority::AuthorityKeys;
use noren::log::{Append, LogPosition, Origin};
use noren::profile::{Profile, SignedProfile};
use noren::request::{Nonce, RequestTarget, SignedHeaders};
use noren::time::UnixSeconds;

pub(crate) struct Authority {
    pub(crate) keys: AuthorityKeys,
    pub(crate) origin: Origin,
    /// Where the authority believes its log to stand.
    pub(crate) position: LogPosition,
}

pub(crate) fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).unwrap()
}

/// A distinct entry.
pub(crate) fn entry(number: u64) -> Vec<u8> {
    [&b"entry "[..], &number.to_be_bytes()].concat()
}

impl Authority {
    /// The authority with the keys that `seed` gives.
    pub(crate) fn new(seed: u8) -> Self {
        let keys = AuthorityKeys::from_bytes(&[seed; AuthorityKeys::LENGTH]).unwrap();
        let origin = Origin::new("health.example/log").unwrap();
        Self { keys, origin, position: LogPosition::start() }
    }

    /// The authority with the keys that `seed` gives, and a clock key of its own.
    pub(crate) fn with_clock(seed: u8) -> Self {
        let one = Self::new(seed);
        let bytes = [&[2][..], &[seed + 100; 32], &one.keys.to_bytes()].concat();
        Self { keys: AuthorityKeys::from_bytes(&bytes).unwrap(), ..one }
    }

    /// The holder of the clock key alone, who signs requests with it.
    pub(crate) fn clock_alone(&self) -> Self {
        let clock = self.keys.clock_secret_key().unwrap().to_bytes();
        let bytes = [&clock[..], &[9; 32]].concat();
        let (keys, origin) = (AuthorityKeys::from_bytes(&bytes).unwrap(), self.origin.clone());
        Self { keys, origin, position: self.position.clone() }
    }

    pub(crate) fn profile(&self, issued: u64) -> SignedProfile {
        let profile = Profile {
            time_zone: "Asia/Tokyo".to_owned(),
            ..self.keys.profile(
                "Health Office",
                self.origin.clone(),
                "http://127.0.0.1:8470",
                at(issued),
            )
        };
        profile.sign(&self.keys).unwrap()
    }

    /// The signature's header fields for a request to the address in the profile, whose path may hold
    /// a query.
    pub(crate) fn sign(
        &self,
        method: &str,
        uri: &str,
        body: &[u8],
        now: u64,
    ) -> Vec<(String, String)> {
        self.sign_for("127.0.0.1:8470", method, uri, body, now)
    }

    /// The same for another server.
    pub(crate) fn sign_for(
        &self,
        authority: &str,
        method: &str,
        uri: &str,
        body: &[u8],
        now: u64,
    ) -> Vec<(String, String)> {
        let (path, query) = match uri.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (uri, None),
        };
        let target = RequestTarget { method, authority, path, query };
        let nonce = Nonce::generate(&mut rand::rng());
        let key = self.keys.log_key();
        let signed = SignedHeaders::sign(key, &self.origin, &target, body, at(now), nonce).unwrap();
        vec![
            ("content-digest".to_owned(), signed.content_digest),
            ("signature-input".to_owned(), signed.signature_input),
            ("signature".to_owned(), signed.signature),
        ]
    }

    /// An append to where the authority believes its log to stand.
    pub(crate) fn append(&self, entries: Vec<Vec<u8>>, now: u64) -> Append {
        Append::sign(&self.position, entries, &self.origin, &self.keys.log_keys(), at(now)).unwrap()
    }

    /// Believes that the server took `append`.
    pub(crate) fn advance(&mut self, append: &Append) {
        let key = self.keys.log_public_keys();
        self.position = append.verify(&self.position, &self.origin, &key).unwrap().0;
    }
}
