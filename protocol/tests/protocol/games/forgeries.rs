//! Nobody warns alone: neither the venue, nor the authority, nor who changes an entry code.

use noren::authority::{
    Case, PatientCase, PatientReviewError, ReviewError, review, review_patient, verify,
};
use noren::keys::{MasterSecretKey, SealPublicKey};
use noren::log::{Append, CheckpointError, LogPosition, Origin, SignedCheckpoint};
use noren::messages::{
    ClaimedVisit, CodeBinding, EntryCode, IdentityKey, PartialIdentityKey, PatientUpload, PreTrace,
    PublishedTrace, Upload, UploadCode, UploadTicket,
};
use rand_chacha::ChaCha20Rng;

use super::town::{HOUR, NOON, Town, at, hour, matches, window};

/// The key inside a log entry.
fn published_key(entry: &[u8]) -> IdentityKey {
    PublishedTrace::from_bytes(entry).expect("a trace").key().clone()
}

/// A point of G1 and its negative differ in the sign bit alone.
fn negated(bytes: &[u8; 48]) -> [u8; 48] {
    let mut negated = *bytes;
    negated[47] ^= 0x80;
    negated
}

fn half(bytes: &[u8]) -> PartialIdentityKey {
    PartialIdentityKey::from_bytes(bytes).expect("a point")
}

/// Keys that can be made for `identity` from one half, keys of other hours, and random scalars.
fn guesses(
    identity: &[u8],
    one_half: &[u8; 48],
    others: &[[u8; 48]],
    rng: &mut ChaCha20Rng,
) -> Vec<[u8; 48]> {
    let random = MasterSecretKey::generate(rng);
    let one = MasterSecretKey::from_bytes(&[&[1][..], &[0; 31]].concat()).expect("one");
    let mut guesses = vec![
        *one_half,
        negated(one_half),
        one.identity_key(identity).to_bytes(),
        random.identity_key(identity).to_bytes(),
    ];
    let parts: Vec<[u8; 48]> = others
        .iter()
        .copied()
        .chain([*one_half, *random.partial_identity_key(identity).to_bytes()])
        .collect();
    for other in others.iter().chain([one_half]) {
        for sign in [*other, negated(other)] {
            guesses.push(sign);
            let sums =
                parts.iter().filter_map(|part| IdentityKey::sum(&half(&sign), &half(part)).ok());
            guesses.extend(sums.map(|sum| sum.to_bytes()));
        }
    }
    guesses
}

#[test]
fn venue_alone_cannot_make_a_matching_trace() {
    // [REV-10] [REV-12] [IBE-9]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let records = town.visit(&code, NOON, NOON + 600);
    // The venue knows its half, and the keys of its hours that were published before.
    let earlier = town.publish(&trace_code, window(NOON - 2 * HOUR, NOON));
    let asked = window(NOON, NOON + HOUR);
    let pre_trace =
        noren::venue::pre_traces(&trace_code, asked, asked.over_at()).expect("one").remove(0);
    let (identity, own) = (pre_trace.identity, *pre_trace.partial_identity_key.to_bytes());
    let keys: Vec<[u8; 48]> = earlier.iter().map(|entry| published_key(entry).to_bytes()).collect();
    let secrets = code.secrets();
    for guess in guesses(identity.as_bytes(), &own, &keys, &mut town.rng) {
        let entry = town.forge(&identity, &guess, hour(NOON), secrets.notification_key());
        assert_eq!(matches(&records, &[entry]), 0);
    }
    // The same with the authority's part makes a match: the game can be won with both halves.
    let published = town.publish(&trace_code, asked);
    assert_eq!(matches(&records, &published), 1);
}

/// Puts something of the second pre-trace into the first.
type Swap = fn(&mut PreTrace, &PreTrace);

#[test]
fn a_venue_cannot_bring_the_authority_to_publish_another_key() {
    // [REV-5] [REV-8] [REV-9] [REV-10]
    let mut town = Town::new();
    let (_, victim) = town.venue("The victim");
    let (_, attacker) = town.venue("The attacker");
    let asked = window(NOON, NOON + HOUR);
    let good = noren::venue::pre_traces(&victim, asked, asked.over_at()).expect("one").remove(0);
    let own = noren::venue::pre_traces(&attacker, asked, asked.over_at()).expect("one").remove(0);
    assert!(town.judge(vec![good.clone()], asked).is_ok());
    let swaps: [(Swap, ReviewError); 7] = [
        (|a, b| a.partial_identity_key = b.partial_identity_key.clone(), ReviewError::IdentityKey),
        (|a, b| a.sealed_half = b.sealed_half, ReviewError::IdentityKey),
        (|a, b| a.master_public_key = b.master_public_key, ReviewError::MasterPublicKey),
        (|a, b| a.identity = b.identity, ReviewError::Identity),
        (|a, b| a.notification_key = b.notification_key.clone(), ReviewError::NotificationKey),
        (|a, b| a.time_key_nonce = b.time_key_nonce, ReviewError::Nonces),
        (
            |a, b| {
                a.partial_identity_key = b.partial_identity_key.clone();
                a.sealed_half = b.sealed_half;
            },
            ReviewError::IdentityKey,
        ),
    ];
    for (swap, expected) in swaps {
        let mut swapped = good.clone();
        swap(&mut swapped, &own);
        assert_eq!(town.judge(vec![swapped], asked).err(), Some(expected));
    }
}

#[test]
fn nobody_makes_or_accepts_a_key_for_an_hour_that_is_not_over() {
    // [REV-13]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let (asked, key) = (window(NOON, NOON + 600), town.authority.upload_key().clone());
    for now in [NOON - 1, NOON + 600, NOON + HOUR - 1].map(at) {
        let made = noren::venue::pre_traces(&trace_code, asked, now).map(|hours| hours.len());
        assert_eq!(made, Err(noren::venue::VenueError::HourNotOver));
        let early = noren::venue::pre_traces(&trace_code, asked, asked.over_at()).expect("one");
        let judged = verify(&key, asked, &code, &early[0], now).map(|_| ());
        assert_eq!(judged, Err(ReviewError::HourNotOver));
    }
    let made = noren::venue::pre_traces(&trace_code, asked, at(NOON + HOUR));
    assert_eq!(made.map(|hours| hours.len()), Ok(1));
}

#[test]
fn authority_alone_cannot_make_a_matching_trace() {
    // [IBE-9] [REV-12]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let records = town.visit(&code, NOON, NOON + 600);
    // The authority knows what the venue once uploaded for other hours, and its own half.
    let before = window(NOON - 2 * HOUR, NOON);
    let uploaded = noren::venue::pre_traces(&trace_code, before, before.over_at()).expect("two");
    let opened = town.authority.upload_key().open(&uploaded[0].sealed_half).expect("its half");
    let own_half = MasterSecretKey::from_bytes(&opened).expect("a key");
    let secrets = code.secrets();
    let identity = secrets.identity(hour(NOON));
    let own = *own_half.partial_identity_key(identity.as_bytes()).to_bytes();
    let keys = uploaded.iter().flat_map(|each| {
        let id = each.identity.as_bytes();
        let whole =
            IdentityKey::sum(&each.partial_identity_key, &own_half.partial_identity_key(id));
        [*each.partial_identity_key.to_bytes(), whole.expect("a key").to_bytes()]
    });
    let keys: Vec<[u8; 48]> = keys.collect();
    for guess in guesses(identity.as_bytes(), &own, &keys, &mut town.rng) {
        let entry = town.forge(&identity, &guess, hour(NOON), secrets.notification_key());
        assert_eq!(matches(&records, &[entry]), 0);
    }
    let published = town.publish(&trace_code, window(NOON, NOON + HOUR));
    assert_eq!(matches(&records, &published), 1);
}

#[test]
fn an_outsider_cannot_put_an_entry_into_the_log() {
    // [LOG-5] [LOG-6]
    let mut town = Town::new();
    let (_, trace_code) = town.venue("Kissa Noren");
    let entries = town.publish(&trace_code, window(NOON, NOON + HOUR));
    let origin = Origin::new("health.example/log").expect("an origin");
    let outsider = noren::keys::SignSecretKey::from_bytes(&[9; 32]);
    let forged =
        Append::sign(&LogPosition::start(), entries, &origin, &(&outsider).into(), at(NOON));
    let note = forged.expect("an append").checkpoint;
    let verified =
        SignedCheckpoint::verify(note.as_bytes(), &origin, &town.authority.log_public_keys());
    assert_eq!(verified.err(), Some(CheckpointError::Unsigned));
}

#[test]
fn changed_entry_code_never_matches() {
    // [ID-5] [REV-4]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let asked = window(NOON, NOON + HOUR);
    let entries = town.publish(&trace_code, asked);
    let scanned = town.visit(&code, NOON, NOON + 600);
    assert_eq!(matches(&scanned, &entries), 1, "the code as it was approved");
    let good =
        noren::venue::pre_traces(&trace_code, asked, asked.over_at()).expect("one").remove(0);
    let mut readable = 0;
    for place in 0..code.as_bytes().len() {
        for bit in [0, 5] {
            let mut payload = code.as_bytes().to_vec();
            payload[place] ^= 1 << bit;
            let Ok(changed) = EntryCode::from_bytes(&payload) else { continue };
            if !changed.is_valid_at(at(NOON)) {
                continue;
            }
            readable += 1;
            let records = town.visit(&changed, NOON, NOON + 600);
            assert_eq!(matches(&records, &entries), 0, "byte {place}, bit {bit}");
            let swapped = PreTrace { payload, ..good.clone() };
            assert!(town.judge(vec![swapped], asked).is_err(), "byte {place}, bit {bit}");
        }
    }
    assert!(readable > 50, "most changes of a text or of the seed can be read: {readable}");
}

#[test]
fn a_code_that_says_the_same_in_other_bytes_never_matches() {
    // [ID-5] [MSG-2]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let entries = town.publish(&trace_code, window(NOON, NOON + HOUR));
    // An empty field that was left out, unknown fields, one of them twice.
    for tail in [&[0x22, 0][..], &[0x78, 1], &[0x78, 1, 0x78, 1]] {
        let other = EntryCode::from_bytes(&[code.as_bytes(), tail].concat()).expect("a code");
        assert_eq!(other.venue(), code.venue(), "it reads the same");
        let records = town.visit(&other, NOON, NOON + 600);
        assert_eq!(matches(&records, &entries), 0);
    }
}

#[test]
fn a_pre_trace_is_judged_by_its_own_code_and_window_as_well() {
    // [REV-3] [REV-4] [REV-6]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let (other, _) = town.venue("Another place");
    let asked = window(NOON, NOON + HOUR);
    let good =
        noren::venue::pre_traces(&trace_code, asked, asked.over_at()).expect("one").remove(0);
    let key = town.authority.upload_key();
    let judged = |asked, code, pre_trace: &PreTrace| {
        verify(key, asked, code, pre_trace, asked.over_at()).err()
    };
    assert_eq!(judged(asked, &code, &good), None);
    assert_eq!(judged(asked, &other, &good), Some(ReviewError::DifferentPayloads));
    let less = window(NOON + 1, NOON + HOUR);
    assert_eq!(judged(less, &code, &good), Some(ReviewError::OutsideCase));
    let later = PreTrace { hour: hour(NOON + HOUR), ..good };
    assert_eq!(judged(asked, &code, &later), Some(ReviewError::HourOutsideWindow));
}

#[test]
fn a_half_sealed_to_another_authority_is_refused() {
    // [REV-9]
    let mut town = Town::new();
    let (_, trace_code) = town.venue("Kissa Noren");
    let asked = window(NOON, NOON + HOUR);
    let mut pre_trace =
        noren::venue::pre_traces(&trace_code, asked, asked.over_at()).expect("one").remove(0);
    let half = town.authority.upload_key().open(&pre_trace.sealed_half).expect("its half");
    let elsewhere = SealPublicKey::from_bytes([9; 32]);
    let sealed = elsewhere.seal(&half, &mut town.rng).expect("a box");
    pre_trace.sealed_half = sealed.try_into().expect("80 bytes");
    assert_eq!(town.judge(vec![pre_trace], asked).err(), Some(ReviewError::SealedHalf));
}

/// What a server can make of all that it is shown of a code.
fn bindings_of(ticket: &UploadTicket) -> Vec<CodeBinding> {
    let text = ticket.to_text();
    let as_code = UploadCode::generate(&mut Fixed(ticket_bytes(&text)));
    let mut start = [0; 32];
    start[..10].copy_from_slice(&ticket_bytes(&text));
    vec![
        CodeBinding::from_bytes(*ticket.hash().as_bytes()),
        CodeBinding::from_bytes(*as_code.hash().as_bytes()),
        as_code.binding(),
        CodeBinding::from_bytes(start),
        CodeBinding::from_bytes([0; 32]),
    ]
}

/// The ten bytes of a ticket's first sixteen symbols.
fn ticket_bytes(text: &str) -> [u8; 10] {
    let symbols = text.bytes().filter(|symbol| *symbol != b'-').take(16);
    let place = |symbol| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ".iter().position(|s| *s == symbol);
    let bits =
        symbols.fold(0_u128, |bits, symbol| bits << 5 | place(symbol).expect("a symbol") as u128);
    bits.to_be_bytes()[6..].try_into().expect("ten bytes")
}

/// A generator that gives out what it holds.
struct Fixed([u8; 10]);

impl rand_core::TryRng for Fixed {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.copy_from_slice(&self.0[..bytes.len()]);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Fixed {}

#[test]
fn the_server_alone_has_no_upload_taken_for_a_venues_or_a_visitors() {
    // [VEN-3] [VEN-4] [REV-2] [PAT-5]
    let mut town = Town::new();
    let asked = window(NOON, NOON + HOUR);
    let given = UploadCode::generate(&mut town.rng);
    let case = Case { code: given.binding(), window: asked };
    // A poster with the real venue's name, made for the authority's public key.
    let (entry_code, trace_code) = town.venue("The real venue's name");
    let (upload_key, now) = (town.authority.upload_public_key(), asked.over_at());
    let sent = |code, town: &mut Town| {
        let pre_traces = noren::venue::pre_traces(&trace_code, asked, now).expect("pre-traces");
        let upload = Upload { code, window: asked, pre_traces };
        let sealed = upload.seal(&upload_key, &mut town.rng).expect("a box");
        review(town.authority.upload_key(), &case, &sealed, now).map(|_| ())
    };
    assert_eq!(sent(given.binding(), &mut town), Ok(()), "whoever has the code");
    let keys = town.authority.clone().with_patient_key(MasterSecretKey::generate(&mut town.rng));
    let told = PatientCase { code: given.binding(), earliest: at(NOON - HOUR), latest: now };
    for code in bindings_of(&given.ticket()) {
        assert_eq!(sent(code, &mut town), Err(ReviewError::ForeignCase));
        let payload = entry_code.as_bytes().to_vec();
        let visit = ClaimedVisit { payload, arrival: at(NOON), departure: at(NOON + HOUR) };
        let upload = PatientUpload { code, visits: vec![visit] };
        let sealed = upload.seal(&upload_key, &mut town.rng).expect("a box");
        let judged = review_patient(&keys, &told, &sealed).map(|_| ());
        assert!(matches!(judged, Err(PatientReviewError::ForeignCase)), "{judged:?}");
    }
}
