//! The rooms of one organisation: told apart with the organisation's record, and with nothing else.

use noren::authority::{Review, Trace};
use noren::hazmat::PreparedMasterPublicKey;
use noren::keys::{MasterPublicKey, MasterSecretKey};
use noren::messages::{
    EntryCode, Layout, Notice, PublishedTrace, Upload, UploadCode, Venue, VenueDetails,
};
use noren::passphrase::{Cost, Passphrase};
use noren::venue::{Organisation, VenueError};

use super::town::{DAY, HOUR, NOON, Town, matches, share, window};

const WORDS: &str = "correct horse battery staple";

fn organisation(town: &mut Town) -> Organisation {
    let (cost, key) = (Cost::new(8, 1, 1).expect("a cost"), town.authority.upload_public_key());
    let made = Organisation::set_up(
        &Passphrase::new(WORDS).expect("a passphrase"),
        cost,
        &key,
        &mut town.rng,
    );
    made.expect("an organisation")
}

/// A room. All have different texts and times, since those are there to be read.
fn room(town: &mut Town, organisation: &Organisation, number: u64) -> EntryCode {
    let valid = window(NOON - 30 * DAY - number, NOON + 30 * DAY + 7 * number);
    let (name, address) = (["暖簾", "Sakura", "Room"], ["Naka", "渋谷", "Umeda"]);
    let place = usize::try_from(number).expect("fits") % 3;
    let venue = Venue::new(name[place], address[place], valid, VenueDetails::default());
    organisation.add_venue(venue.expect("a venue"), &mut town.rng).expect("a code")
}

fn review(town: &mut Town, organisation: &Organisation, code: &EntryCode) -> Review {
    let asked = window(NOON, NOON + 2 * HOUR);
    let made = organisation.pre_traces(
        &Passphrase::new(WORDS).expect("a passphrase"),
        code,
        asked,
        asked.over_at(),
    );
    town.judge(made.expect("pre-traces"), asked).expect("a good upload")
}

fn traces(town: &mut Town, organisation: &Organisation, code: &EntryCode) -> Vec<Trace> {
    let review = review(town, organisation, code);
    let notice = Notice { window: Some(review.window), message: String::new(), details: None };
    let trace = |each: &noren::authority::VerifiedPreTrace| {
        each.trace(&notice, Layout::WithTimes, &mut town.rng).expect("a trace")
    };
    review.pre_traces.iter().map(trace).collect()
}

fn is_under(mpk: &PreparedMasterPublicKey, trace: &PublishedTrace) -> bool {
    mpk.is_master_of(trace.key(), trace.identity().as_bytes())
}

/// A point and its negative differ in the sign bit alone.
fn negated(key: &MasterPublicKey) -> MasterPublicKey {
    let mut bytes = key.to_bytes();
    bytes[95] ^= 0x80;
    MasterPublicKey::from_bytes(&bytes).expect("a point")
}

/// Keys that somebody without the record can make of codes: each, sums and differences of any two,
/// and what a public number makes of either.
fn derivable(codes: &[&EntryCode]) -> Vec<PreparedMasterPublicKey> {
    let keys: Vec<MasterPublicKey> = codes.iter().map(|code| *code.master_public_key()).collect();
    let one = MasterSecretKey::from_bytes(&[&[1][..], &[0; 31]].concat()).expect("one");
    let mut all = keys.clone();
    for (i, key) in keys.iter().enumerate() {
        for other in keys[i + 1..].iter().chain([&one.public_key()]) {
            all.extend(key.sum(other).ok());
            all.extend(key.sum(&negated(other)).ok());
        }
    }
    all.iter().map(MasterPublicKey::prepare).collect()
}

#[test]
fn every_room_of_an_organisation_warns_its_own_visitors() {
    // [VEN-5] [VEN-8] [VEN-9] [REV-10] [MAT-1]
    let mut town = Town::new();
    let organisation = organisation(&mut town);
    let codes = [0, 1, 2].map(|number| room(&mut town, &organisation, number));
    let records: Vec<_> =
        codes.iter().map(|code| town.visit(code, NOON, NOON + HOUR + 60)).collect();
    for (i, code) in codes.iter().enumerate() {
        let traces = traces(&mut town, &organisation, code);
        let entries: Vec<Vec<u8>> = traces.iter().map(Trace::to_bytes).collect();
        for (j, records) in records.iter().enumerate() {
            assert_eq!(matches(records, &entries), if i == j { 2 } else { 0 }, "{i} and {j}");
        }
    }
}

#[test]
fn who_has_the_codes_of_some_rooms_recognises_no_other_room_in_the_log() {
    // [VEN-8] Codes that are under one master key lose this game at the first equation.
    let mut town = Town::new();
    let organisation = organisation(&mut town);
    let [a, b, other] = [0, 1, 2].map(|number| room(&mut town, &organisation, number));
    let published = traces(&mut town, &organisation, &other);
    let own = traces(&mut town, &organisation, &a);
    for key in derivable(&[&a, &b]) {
        assert!(!published.iter().any(|trace| is_under(&key, trace.published())));
    }
    // A visitor of the room itself does: that is PL2. And with one key for all, all would.
    let key = other.master_public_key().prepare();
    assert!(published.iter().all(|trace| is_under(&key, trace.published())));
    assert!(own.iter().all(|trace| is_under(&a.master_public_key().prepare(), trace.published())));
    assert!(!own.iter().any(|trace| is_under(&key, trace.published())));
}

#[test]
fn codes_of_one_organisation_look_like_codes_of_two() {
    // [VEN-8]
    let mut town = Town::new();
    let (one, two) = (organisation(&mut town), organisation(&mut town));
    let [a, b] = [0, 1].map(|number| room(&mut town, &one, number));
    let stranger = room(&mut town, &two, 2);
    let old_key =
        |organisation: &Organisation| organisation.to_bytes().expect("a record")[4..100].to_vec();
    for (this, that) in [(&a, &b), (&a, &stranger), (&b, &stranger)] {
        let [this_key, that_key] = [this, that].map(|code| code.master_public_key().to_bytes());
        assert!(!share(&this_key, &that_key, 6));
        let [this, that] = [this, that].map(EntryCode::secrets);
        assert!(!share(this.pre_identity_nonce(), that.pre_identity_nonce(), 6));
        assert!(!share(this.notification_key().as_bytes(), that.notification_key().as_bytes(), 6));
    }
    for code in [&a, &b] {
        assert!(!share(code.as_bytes(), &old_key(&one), 6), "nor the organisation's own key");
    }
    // With the record they are told apart, and with another organisation's they are not.
    assert_eq!([&a, &b, &stranger].map(|code| one.owns(code)), [true, true, false]);
    assert_eq!([&a, &b, &stranger].map(|code| two.owns(code)), [false, false, true]);
}

#[test]
fn uploads_of_two_rooms_have_nothing_in_common_for_the_server() {
    // [VEN-3] [VEN-9]
    let mut town = Town::new();
    let organisation = organisation(&mut town);
    let codes = [0, 1].map(|number| room(&mut town, &organisation, number));
    let asked = window(NOON, NOON + HOUR);
    let uploads: Vec<Upload> = codes
        .iter()
        .map(|code| {
            let binding = UploadCode::generate(&mut town.rng).binding();
            let made = organisation.upload(
                &Passphrase::new(WORDS).expect("a passphrase"),
                code,
                asked,
                binding,
                asked.over_at(),
            );
            made.expect("an upload")
        })
        .collect();
    let key = town.authority.upload_public_key();
    let sealed: Vec<Vec<u8>> = uploads
        .iter()
        .map(|upload| upload.seal(&key, &mut town.rng).expect("a box")[..2_000].to_vec())
        .collect();
    assert!(!share(&sealed[0], &sealed[1], 6));
    // Inside, for the authority, the halves of the venue differ; its own half is one for all rooms.
    let [a, b] = [&uploads[0].pre_traces[0], &uploads[1].pre_traces[0]];
    assert!(!share(&*a.partial_identity_key.to_bytes(), &*b.partial_identity_key.to_bytes(), 6));
    assert_eq!(a.sealed_half, b.sealed_half);
    let half = town.authority.upload_key().open(&a.sealed_half).expect("its half");
    let half = MasterSecretKey::from_bytes(&half).expect("a key").public_key();
    // What the authority takes its half from tells no more than the codes: no common rest.
    let rest = codes.each_ref().map(|code| code.master_public_key().sum(&negated(&half)));
    assert_ne!(rest[0], rest[1]);
}

#[test]
fn the_chain_key_and_the_keys_of_one_room_open_no_other() {
    // [VEN-8] [VEN-9] Whoever has the record and a room's traces, but not the passphrase.
    let mut town = Town::new();
    let organisation = organisation(&mut town);
    let [a, b] = [0, 1].map(|number| room(&mut town, &organisation, number));
    let records = town.visit(&b, NOON, NOON + 60);
    let published = traces(&mut town, &organisation, &a);
    let entries: Vec<Vec<u8>> = published.iter().map(Trace::to_bytes).collect();
    assert_eq!(matches(&records, &entries), 0);
    let wrong = Passphrase::new("another passphrase altogether").expect("a passphrase");
    let asked = window(NOON, NOON + HOUR);
    let refused = organisation.pre_traces(&wrong, &b, asked, asked.over_at()).err();
    assert_eq!(refused, Some(VenueError::WrongPassphrase));
    // Without the right record the passphrase is worth nothing either.
    let other = self::organisation(&mut town);
    let words = Passphrase::new(WORDS).expect("a passphrase");
    let refused = other.pre_traces(&words, &b, asked, asked.over_at()).err();
    assert_eq!(refused, Some(VenueError::ForeignEntryCode));
}

#[test]
fn a_record_shows_its_chain_key_to_nobody_who_only_looks() {
    // [IBE-10]
    let mut town = Town::new();
    let organisation = organisation(&mut town);
    let bytes = organisation.to_bytes().expect("a record");
    let shown = format!("{organisation:?}");
    assert!(shown.contains("ChainKey(redacted)"), "{shown}");
    assert!(!shown.contains(&hex::encode(&bytes[bytes.len() - 32..])));
}
