//! Presence tracing without a register of who was where.
//!
//! A venue posts a QR code with a public key. A visitor's device keeps the visit as a ciphertext
//! that even the device cannot read. A health authority and the venue together publish the keys of
//! dangerous hours in a signed log, and every device tries them on its own records: what opens is an
//! exposure, and nobody else learns of it. The scheme is CrowdNotifier, version 3, byte for byte;
//! the log, the sealed upload and the vault are Noren's own. `spec/` says what each has to do.
//!
//! # The tour
//!
//! The table shows the protocol from top to bottom. Sections are those of
//! `spec/presence-tracing.md`, where no other page is named. The numbers are requirements; the code
//! cites each where it keeps it.
//!
//! | step | role | function | section of the specification |
//! |---|---|---|---|
//! | 1. keys and profile | authority | [`AuthorityKeys::generate`], [`Profile::sign`] | "The authority's profile": PRO-1 |
//! | 2. pin the authority | everybody | [`SignedProfile::from_bytes`], [`Pin`], with witnesses by [`Pin::asking_for`] | "The authority's profile": PRO-2, PRO-3, PRO-5; log, "Witnesses": LOG-21, LOG-24 |
//! | 3. set-up | venue | [`venue::set_up`], [`Organisation`] for many venues | "Venue": VEN-1, VEN-5 |
//! | 4. poster | venue | [`EntryCode::to_url`] | "Messages": MSG-7 |
//! | 5. scan | visitor | [`EntryCode::from_url`] | "Messages": MSG-1 to MSG-8 |
//! | 6. check-in, check-out | visitor | [`Vault::check_in`], [`Vault::check_out`] | "Visitor": VIS-1 to VIS-7 |
//! | 7. at rest | visitor | [`Vault::seal`], [`Vault::open`], [`Vault::expire`], [`Vault::forget`] | the vault: VLT-1 to VLT-6 |
//! | 8. case | authority | [`Policy::evaluate`], [`UploadCode::generate`], [`Case`] | the policy: POL-1 to POL-11; "Venue": VEN-4 |
//! | 9. pre-traces, upload | venue | [`venue::upload`], [`Upload::seal`] | "Venue": VEN-2, VEN-3 |
//! | 10. review | authority | [`authority::review`] → [`VerifiedPreTrace`] | "Review": REV-1 to REV-12 |
//! | 11. publish | authority | [`VerifiedPreTrace::trace`] → [`Trace`], [`shuffled_entries`], [`Append::sign`] | "Publication": PUB-1 to PUB-4; log, "Appending": LOG-9 |
//! | 12. accept | server | [`Append::verify`], [`append_tiles`] | log, "Files", "Appending": LOG-2, LOG-3, LOG-9 |
//! | 13. download and verify | visitor | [`sync_all`](visitor::sync_all), or [`LogSync`] by hand, with [`SignedCheckpoint::verify`] and [`LogPosition::advance`] below it | log, "Checkpoint", "Following": LOG-4 to LOG-8 |
//! | 14. match | visitor | [`LogSync`], [`Vault::news`], [`Vault::exposures`] | "Matching": MAT-1 to MAT-11 |
//! | 15. audit | auditor | [`auditor::audit`], [`auditor::compare`] | log, "Auditing": LOG-10 |
//!
//! Two steps are rarer: [`Profile::hand_over`] gives an authority other keys ("Handover": PRO-4 to
//! PRO-7), and [`review_patient`] checks what a diagnosed visitor uploads, at venues that chose it
//! (patient cases: PAT-1 to PAT-13).
//!
//! Below the roles lie [`profile`], [`log`] and [`messages`], then `identity` (which makes of a code
//! and an hour the string to encrypt to), then `ibe`, which knows nothing of venues, and [`time`].
//! Imports only go down. The parts that a program does not need are private; researchers, benches
//! and fuzzing reach them with the feature `hazmat`.
//!
//! # What a caller brings
//!
//! The crate does no input or output, reads no clock and holds no generator. A program hands in the
//! time and a cryptographic generator (`R: CryptoRng` of `rand_core` 0.10), stores the sealed bytes
//! of the [`Vault`], and moves bytes between people. Bytes from outside become a type or an error;
//! a value that exists has passed its checks.
//!
//! # Features
//!
//! The first two are on by default. `parallel` spreads matching over threads, which WebAssembly does
//! not have. `eight-lanes` computes eight pairings at a time where the processor has AVX-512 IFMA
//! and the results agree with blst's; without the feature blst computes all of them. `hazmat` makes
//! the parts below the roles public. `javascript`, for WebAssembly in a browser or in node, takes
//! Unicode's normalization forms from there, and spares a module tables of 35 kB.
//!
//! # Example
//!
//! The example makes a visit, publishes its hour and warns. `examples/` has a visitor's, a venue's
//! and an authority's program; `embed.rs` is all three in one.
//!
//! ```
//! use std::collections::HashMap;
//!
//! use noren::authority::{Case, review};
//! use noren::log::{Append, LogPosition, Origin, encode_bundle};
//! use noren::messages::{Layout, Notice, UploadCode, Venue, VenueDetails};
//! use noren::visitor::{News, Stay, sync_all};
//! use noren::{AuthorityKeys, Pin, UnixSeconds, Vault, Window, venue};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut rng = rand::rng();
//! let evening = UnixSeconds::new(1_775_066_400)?; // 2026-04-01, 18:00 UTC
//! let (year, night) = (evening.plus(365 * 86_400), evening.plus(3_600));
//! let keys = AuthorityKeys::generate(&mut rng);
//! let (origin, url) = (Origin::new("health.example/noren")?, "https://noren.health.example");
//! let profile = keys.profile("Health office", origin.clone(), url, evening).sign(&keys)?;
//!
//! // Venue: the entry code is for the poster, the trace code for the drawer.
//! let izakaya = Venue::new("Izakaya", "1-2-3 Minato", Window::new(evening, year)?, VenueDetails::default())?;
//! let (entry_code, trace_code) = venue::set_up(izakaya, &keys.upload_public_key(), &mut rng)?;
//!
//! // Visitor: half an hour becomes one record, which nothing on the device opens.
//! let mut vault = Vault::new();
//! vault.visit(&entry_code, Stay::new(evening, evening.plus(1_800))?, &mut rng)?;
//!
//! // Authority and venue: a case, an upload for its window, a review, a published key.
//! let code = UploadCode::generate(&mut rng);
//! let window = Window::new(evening, night)?;
//! let sealed = venue::upload(&trace_code, window, code.binding(), night)?
//!     .seal(&keys.upload_public_key(), &mut rng)?;
//! let review = review(keys.upload_key(), &Case { code: code.binding(), window }, &sealed, night)?;
//! let notice = Notice { window: Some(window), message: "Call us.".to_owned(), details: None };
//! let trace = review.pre_traces[0].trace(&notice, Layout::WithTimes, &mut rng)?;
//! let append =
//!     Append::sign(&LogPosition::start(), vec![trace.to_bytes()], &origin, &keys.log_keys(), night)?;
//!
//! // Visitor: what the server hands out is verified and tried, and the record opens.
//! let served = HashMap::from([
//!     (format!("{url}/v1/authority"), profile.as_bytes().to_vec()),
//!     (format!("{url}/checkpoint"), append.checkpoint.clone().into_bytes()),
//!     (format!("{url}/tile/entries/000.p/1"), encode_bundle(&append.entries)?),
//! ]);
//! let mut followed = [Pin::new(profile)];
//! sync_all(&mut vault, &mut followed, night, &mut rng, |address| {
//!     Ok::<_, std::io::Error>(served.get(address).cloned())
//! })?;
//! let (news, exposure) = &vault.news(&followed)[0];
//! assert_eq!((*news, exposure.overlap), (News::New, Window::new(evening, evening.plus(1_800))?));
//! # Ok(()) }
//! ```
//!
//! [`AuthorityKeys::generate`]: authority::AuthorityKeys::generate
//! [`Profile::sign`]: profile::Profile::sign
//! [`Organisation`]: venue::Organisation
//! [`Policy::evaluate`]: authority::Policy::evaluate
//! [`UploadCode::generate`]: messages::UploadCode::generate
//! [`Case`]: authority::Case
//! [`Upload::seal`]: messages::Upload::seal
//! [`authority::review`]: authority::review()
//! [`Profile::hand_over`]: profile::Profile::hand_over
//! [`review_patient`]: authority::review_patient
//! [`Trace`]: authority::Trace
//! [`VerifiedPreTrace`]: authority::VerifiedPreTrace
//! [`VerifiedPreTrace::trace`]: authority::VerifiedPreTrace::trace
//! [`shuffled_entries`]: authority::shuffled_entries
//! [`Append::sign`]: log::Append::sign
//! [`Append::verify`]: log::Append::verify
//! [`append_tiles`]: log::append_tiles
//! [`SignedCheckpoint::verify`]: log::SignedCheckpoint::verify
//! [`LogSync`]: visitor::LogSync
//! [`LogPosition::advance`]: log::LogPosition::advance

#![cfg_attr(
    not(feature = "hazmat"),
    allow(
        dead_code,
        unreachable_pub,
        clippy::wrong_self_convention,
        reason = "what lies below the roles is seen with the feature"
    )
)]

/// A method that apps have no use for: public with the feature `hazmat`, private without it.
macro_rules! behind_hazmat {
    ($(#[$attribute:meta])* pub $($item:tt)*) => {
        #[cfg(feature = "hazmat")]
        $(#[$attribute])*
        pub $($item)*

        #[cfg(not(feature = "hazmat"))]
        $(#[$attribute])*
        pub(crate) $($item)*
    };
}

pub mod auditor;
pub mod authority;
mod cbor;
mod domain;
#[cfg(feature = "hazmat")]
pub mod hazmat;
mod ibe;
mod identity;
pub mod keys;
pub mod log;
pub mod messages;
mod padding;
pub mod passphrase;
pub mod profile;
pub mod request;
mod sealed_box;
mod signing;
pub mod text;
pub mod time;
pub mod venue;
pub mod visitor;
mod wipe;

pub use authority::AuthorityKeys;
pub use messages::{EntryCode, TraceCode};
pub use profile::{Pin, SignedProfile};
pub use time::{UnixSeconds, Window};
pub use visitor::{Exposure, LogSync, Stay, Vault};
