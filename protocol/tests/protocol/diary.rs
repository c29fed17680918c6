//! The readable diary: what is in it, in which order, for how long, and that only its key opens it.

use noren::messages::{EntryCode, Venue, VenueDetails};
use noren::time::{Day, UnixSeconds, Window};
use noren::visitor::{
    CheckIn, DeviceKey, Diary, DiaryError, EndedVisit, NOTE_CHARACTERS, Stay, Vault, VaultError,
    VaultKey, VenueText, VisitId,
};
use noren::{AuthorityKeys, venue};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

const NOON: u64 = 1_775_044_800;

fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).unwrap()
}

fn stay(from: u64, to: u64) -> Stay {
    Stay::new(at(NOON + from), at(NOON + to)).unwrap()
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([5; 32])
}

fn key(byte: u8) -> VaultKey {
    VaultKey::device(DeviceKey::from_bytes([byte; 32]))
}

fn code(stay_minutes: Option<u16>) -> EntryCode {
    let mut rng = rng();
    let authority = AuthorityKeys::generate(&mut rng).upload_public_key();
    let valid = Window::new(at(NOON - 86_400), at(NOON + 86_400)).unwrap();
    let details = VenueDetails::new(None, Some("Room 2".to_owned()), stay_minutes).unwrap();
    let venue = Venue::new("Bar Noren", "1-2-3 Minato", valid, details).unwrap();
    venue::set_up(venue, &authority, &mut rng).unwrap().0
}

/// Anything that a text may have, with something in it that can be seen.
const NAMES: &str = "[^\\p{Cc}\\p{Zl}\\p{Zp}\u{202a}-\u{202e}\u{2066}-\u{2069}]{0,99}a";
const NOTES: &str = "([^\\p{Cc}\\p{Zl}\\p{Zp}\u{202a}-\u{202e}\u{2066}-\u{2069}]{0,199}a)?";

fn text(description: &str) -> VenueText {
    let (address, room) = (String::new(), None);
    VenueText { description: description.to_owned(), address, room, kind: None }
}

/// A visit of so many seconds that has just ended, and the vault without it.
fn ended(seconds: u64) -> (EndedVisit, Vault) {
    let (mut vault, mut rng) = (Vault::new(), rng());
    let CheckIn::Opened(id) = vault.check_in(&code(None), at(NOON), &mut rng).unwrap() else {
        panic!("opened")
    };
    (vault.check_out(id, at(NOON + seconds), &mut rng).unwrap(), vault)
}

#[test]
fn a_visit_is_kept_with_the_code_that_was_scanned() {
    // [DIA-1]
    let (visit, _) = ended(600);
    let mut diary = Diary::new();
    diary.keep(&visit).unwrap();
    let entry = &diary.entries()[0];
    assert_eq!((entry.id(), entry.stay()), (visit.id(), stay(0, 600)));
    assert_eq!(entry.payload(), Some(code(None).as_bytes()));
    assert_eq!((entry.venue().description.as_str(), entry.note()), ("Bar Noren", ""));
    assert_eq!(entry.venue().room.as_deref(), Some("Room 2"));
    let shown = format!("{diary:?}{visit:?}");
    assert!(!shown.contains("Bar Noren") && !shown.contains("Room 2"), "{shown}");
}

#[test]
fn a_diary_that_is_stopped_takes_nothing_and_keeps_what_it_has() {
    // [DIA-2]
    let mut diary = Diary::new();
    diary.keep(&ended(600).0).unwrap();
    diary.set_recording(false);
    diary.forget(ended(600).0.id());
    diary.keep(&ended(600).0).unwrap();
    assert_eq!(diary.entries(), []);
}

#[test]
fn a_visit_that_is_closed_once_more_keeps_one_entry_and_its_note() {
    // [DIA-3]
    let mut diary = Diary::new();
    diary.keep(&ended(600).0).unwrap();
    diary.set_note(ended(600).0.id(), "at the window").unwrap();
    diary.keep(&ended(900).0).unwrap();
    assert_eq!(diary.entries().len(), 1);
    assert_eq!(diary.entries()[0].stay(), stay(0, 900));
    assert_eq!(diary.entries()[0].note(), "at the window");
}

#[test]
fn nothing_of_a_diary_is_in_the_vault() {
    // [DIA-2] [VIS-3]
    let (visit, vault) = ended(600);
    let without = serde_cbor::to_vec(&vault).unwrap();
    let mut diary = Diary::new();
    diary.keep(&visit).unwrap();
    assert_eq!(serde_cbor::to_vec(&vault).unwrap(), without);
    let holds = |needle: &[u8]| without.windows(needle.len()).any(|window| window == needle);
    assert!(!holds(b"Bar Noren") && !holds(&code(None).as_bytes()[8..40]));
}

#[test]
fn entries_expire_by_the_day_of_departure() {
    // [DIA-4]
    let day = Day::containing(at(NOON));
    let days_later = |days: u64| Day::containing(at(NOON + days * 86_400));
    let mut diary = Diary::new();
    diary.add(text("before midnight"), stay(0, 43_199), "", &mut rng()).unwrap();
    diary.set_recording(false);
    let mut over = diary.clone();
    over.add(text("after midnight"), stay(43_100, 43_200), "", &mut rand::rng()).unwrap();
    over.expire(days_later(14), 14);
    assert_eq!(over.entries().len(), 2);
    over.expire(days_later(15), 14);
    assert_eq!(over.entries().len(), 1);
    assert_eq!(over.entries()[0].venue().description, "after midnight");
    over.expire(days_later(16), 14);
    assert!(over.entries().is_empty());
    diary.expire(day, 14);
    assert_eq!(diary.entries().len(), 1, "a clock that went back");
}

#[test]
fn what_is_no_entry_is_refused() {
    // [DIA-1]
    let (mut diary, mut rng) = (Diary::new(), rng());
    let long = "x".repeat(NOTE_CHARACTERS + 1);
    for (name, note) in
        [("", ""), ("a\u{7}", ""), (&"x".repeat(101), ""), ("N", &long), ("N", "\n")]
    {
        let added = diary.add(text(name), stay(0, 60), note, &mut rng);
        assert!(matches!(added, Err(DiaryError::Message(_))), "{name} {note}");
    }
    let id = VisitId::generate(&mut rng);
    assert_eq!(diary.set_stay(id, stay(0, 60)), Err(DiaryError::NoSuchEntry));
    assert_eq!(diary.set_note(id, "x"), Err(DiaryError::NoSuchEntry));
    assert!(!diary.forget(id) && diary.entries().is_empty());
}

#[test]
fn a_diary_that_cannot_be_opened_says_why() {
    // [DIA-5] [VLT-4]
    let mut diary = Diary::new();
    diary.keep(&ended(600).0).unwrap();
    let sealed = diary.seal(&key(1), &mut rng()).unwrap();
    assert_eq!(Diary::required_key(&sealed), Ok(false));
    let open = |bytes: &[u8]| Diary::open(bytes, &key(1)).unwrap_err();
    assert_eq!(Diary::open(&sealed, &key(2)), Err(VaultError::WrongKeyOrAltered));
    assert_eq!(open(&sealed[..sealed.len() - 1]), VaultError::Truncated);
    for place in [13, 44, 45, sealed.len() / 2, sealed.len() - 1] {
        let mut altered = sealed.clone();
        altered[place] ^= 1;
        assert_eq!(open(&altered), VaultError::WrongKeyOrAltered, "{place}");
    }
}

#[test]
fn neither_a_vault_nor_a_diary_opens_as_the_other() {
    // [DIA-5]
    let vault = Vault::new().seal(&key(1), &mut rng()).unwrap();
    let diary = Diary::new().seal(&key(1), &mut rng()).unwrap();
    assert_eq!(vault.len(), diary.len());
    assert_eq!(Diary::open(&vault, &key(1)), Err(VaultError::NotADiary));
    assert_eq!(Vault::open(&diary, &key(1)), Err(VaultError::NotAVault));
    assert_eq!(Diary::required_key(&vault), Err(VaultError::NotADiary));
    // Under the other's name, too: the name is authenticated, and each has a key of its own.
    let renamed = |name: &[u8], file: &[u8]| [name, &file[11..]].concat();
    let renamed_vault = renamed(b"NOREN-DIARY", &vault);
    assert_eq!(Diary::open(&renamed_vault, &key(1)), Err(VaultError::WrongKeyOrAltered));
    let renamed_diary = renamed(b"NOREN-VAULT", &diary);
    assert_eq!(Vault::open(&renamed_diary, &key(1)), Err(VaultError::WrongKeyOrAltered));
}

#[test]
fn the_reminder_is_due_after_the_typical_stay_or_two_hours_and_given_once() {
    // [VIS-7]
    for (minutes, seconds) in [(None, 7_200), (Some(30), 1_800)] {
        let (mut vault, mut rng) = (Vault::new(), rng());
        let CheckIn::Opened(id) = vault.check_in(&code(minutes), at(NOON), &mut rng).unwrap()
        else {
            panic!("opened")
        };
        let visit = |vault: &Vault| vault.open_visits()[0].clone();
        assert_eq!(visit(&vault).reminder_due(), at(NOON + seconds));
        vault.remind(VisitId::generate(&mut rng));
        assert!(!visit(&vault).is_reminded());
        vault.remind(id);
        let sealed = vault.seal(&key(1), &mut rng).unwrap();
        let mut vault = Vault::open(&sealed, &key(1)).unwrap();
        assert!(visit(&vault).is_reminded(), "it is in the vault");
        vault.check_in(&code(minutes), at(NOON + 600), &mut rng).unwrap();
        assert!(!visit(&vault).is_reminded(), "whoever scans again is there");
        assert_eq!(visit(&vault).reminder_due(), at(NOON + 600 + seconds));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn diaries_come_back_in_order_whatever_is_done_to_them(
        steps in prop::collection::vec((0_u64..50_000, 0_u64..43_200, NAMES, NOTES, 0..5_u8), 0..20),
    ) {
        // [DIA-5] [VLT-3]
        let (mut diary, mut rng) = (Diary::new(), rng());
        let mut ids = vec![];
        for (from, length, name, note, step) in steps {
            let stay = stay(from, from + length);
            match (step, ids.pop()) {
                (0, Some(id)) => prop_assert!(diary.forget(id)),
                (1, Some(id)) => {
                    diary.set_stay(id, stay).unwrap();
                    ids.insert(0, id);
                }
                (2, Some(id)) => {
                    diary.set_note(id, &note).unwrap();
                    ids.insert(0, id);
                }
                (_, last) => {
                    ids.extend(last);
                    ids.push(diary.add(text(&name), stay, &note, &mut rng).unwrap());
                }
            }
        }
        prop_assert_eq!(diary.entries().len(), ids.len());
        prop_assert!(diary.entries().is_sorted_by_key(|entry| entry.stay().arrival()));
        let sealed = diary.seal(&key(1), &mut rng).unwrap();
        prop_assert!((sealed.len() - 45 - 16).is_power_of_two());
        prop_assert_eq!(Diary::open(&sealed, &key(1)), Ok(diary));
    }

    #[test]
    fn a_flipped_bit_is_noticed_wherever_it_is(place in 0_usize..262_205, bit in 0..8_u8) {
        // [DIA-5]
        let mut sealed = Diary::new().seal(&key(1), &mut rng()).unwrap();
        sealed[place] ^= 1 << bit;
        prop_assert!(Diary::open(&sealed, &key(1)).is_err());
    }
}
