//! One changed byte: where a signature or a seal protects it, it is refused; where a message is
//! one value's only encoding, it is refused or another value.

use noren::authority::{Case, review};
use noren::log::{Append, LogPosition, Origin, SignedCheckpoint};
use noren::messages::{
    CodeBinding, EntryCode, Layout, Notice, SealedNotice, TraceCode, UploadCode,
};
use noren::profile::SignedProfile;
use noren::time::{UnixSeconds, Window};
use noren::venue::Organisation;
use noren::visitor::{DeviceKey, Vault, VaultKey};
use noren_fuzz_bodies::published::signed_profile;
use proptest::prelude::*;
use proptest::sample::Index;

use super::worlds::{authority, cases, codes, rng};

fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).expect("a time")
}

fn changed(bytes: &[u8], place: Index, flip: u8) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[place.index(bytes.len())] ^= flip;
    changed
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn an_entry_code_becomes_another_or_none((code, trace_code) in codes(), place: Index, flip in 1_u8..) {
        // [ID-5] [MSG-3] [MSG-4]
        let bytes = changed(code.as_bytes(), place, flip);
        if let Ok(other) = EntryCode::from_bytes(&bytes) {
            prop_assert_eq!(other.as_bytes(), &bytes[..]);
            let (own, other) = (code.secrets(), other.secrets());
            prop_assert_ne!(own.pre_identity(), other.pre_identity());
        }
        let bytes = changed(&trace_code.to_bytes(), place, flip);
        if let Ok(other) = TraceCode::from_bytes(&bytes) {
            prop_assert_ne!(other.to_bytes(), trace_code.to_bytes());
        }
    }

    #[test]
    fn a_sealed_notice_opens_no_more(place: Index, flip in 1_u8..) {
        // [PUB-1]
        let window = Window::new(at(0), at(60)).ok();
        let notice = Notice { window, message: "x".to_owned(), details: None };
        let key = noren::messages::NotificationKey::from_bytes([1; 32]);
        let sealed = notice.seal(&key, Layout::WithTimes, &mut rng(1)).expect("sealed");
        let altered = SealedNotice::new(*sealed.nonce(), changed(sealed.bytes(), place, flip));
        prop_assert!(altered.open(&key).is_err());
        let mut nonce = *sealed.nonce();
        nonce[place.index(24)] ^= flip;
        prop_assert!(SealedNotice::new(nonce, sealed.bytes().to_vec()).open(&key).is_err());
    }

    #[test]
    fn signed_things_are_refused(place: Index, flip in 1_u8..) {
        // [PRO-1] [LOG-5] [LOG-6] [LOG-9]
        prop_assert!(SignedProfile::from_bytes(&changed(&signed_profile(), place, flip)).is_err());
        let (keys, origin) = (authority(), Origin::new("health.example/log").expect("an origin"));
        let (start, entries) = (LogPosition::start(), vec![b"one".to_vec(), b"two".to_vec()]);
        let append = Append::sign(&start, entries, &origin, &keys.log_keys(), at(1_000)).expect("an append");
        let public = keys.log_public_keys();
        let note = changed(append.checkpoint.as_bytes(), place, flip);
        prop_assert!(SignedCheckpoint::verify(&note, &origin, &public).is_err());
        let bytes = changed(&append.to_bytes().expect("bytes"), place, flip);
        let verified = Append::from_bytes(&bytes).and_then(|append| append.verify(&start, &origin, &public));
        prop_assert!(verified.is_err());
    }

    #[test]
    fn sealed_things_do_not_open(place: Index, flip in 1_u8..) {
        // [REV-1] [VLT-4]
        let sealed = noren::messages::dummy_upload(&authority().upload_public_key(), &mut rng(1)).expect("a box");
        prop_assert!(authority().upload_key().open(&sealed).is_some());
        let altered = changed(&sealed, place, flip);
        prop_assert!(authority().upload_key().open(&altered).is_none());
        let window = Window::new(at(0), at(60)).expect("a window");
        let case = Case { code: CodeBinding::from_bytes([1; 32]), window };
        prop_assert!(review(authority().upload_key(), &case, &altered, case.window.over_at()).is_err());
        let key = VaultKey::device(DeviceKey::from_bytes([3; 32]));
        let sealed = Vault::new().seal(&key, &mut rng(1)).expect("sealed");
        prop_assert!(Vault::open(&changed(&sealed, place, flip), &key).is_err());
    }

    #[test]
    fn an_upload_code_with_one_other_symbol_is_refused(seed: u64, place in 0_usize..20, other in "[0-9A-HJKMNP-TV-Z]") {
        // [VEN-4] Ten check bits find 1,023 of 1,024 mistakes; the rest is another code.
        let code = UploadCode::generate(&mut rng(seed % 64));
        let mut text = code.to_text().to_string();
        prop_assume!(&text[place..=place] != "-" && text[place..=place] != other);
        text.replace_range(place..=place, &other);
        if let Ok(found) = text.parse::<UploadCode>() {
            prop_assert_ne!(found.hash(), code.hash());
        }
    }

    #[test]
    fn an_organisations_record_becomes_another_or_none(place: Index, flip in 1_u8..) {
        // [VEN-5]
        let cost = noren::passphrase::Cost::new(8, 1, 1).expect("a cost");
        let passphrase = noren::passphrase::Passphrase::new("sixteen characters").expect("a passphrase");
        let record = Organisation::set_up(&passphrase, cost, &authority().upload_public_key(), &mut rng(1));
        let record = record.expect("an organisation");
        let bytes = changed(&record.to_bytes().expect("bytes"), place, flip);
        if let Ok(other) = Organisation::from_bytes(&bytes) {
            prop_assert_ne!(&other, &record);
            prop_assert_eq!(other.to_bytes().expect("bytes"), bytes);
        }
    }
}
