//! What is written can be read.

use noren::authority::{Case, review};
use noren::hazmat::match_entries;
use noren::keys::MasterSecretKey;
use noren::log::{Append, LogPosition, Origin, TileWidth, decode_bundle, encode_bundle};
use noren::messages::{
    CodeBinding, EntryCode, Layout, Level, Notice, NoticeDetails, PreTrace, PublishedTrace,
    TraceCode, UploadCode, more_events, unwrap_events, wrap_events,
};
use noren::profile::{Contact, LevelText, Profile, SignedProfile};
use noren::time::{Day, Hour, UnixSeconds, Window};
use noren::visitor::{DeviceKey, Stay, Vault, VaultKey, VisitId, to_the_end};
use proptest::prelude::*;

use super::worlds::{authority, cases, codes, fixed_codes, notice, rng, text, window};

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn codes_come_back_from_bytes_and_texts((code, trace_code) in codes()) {
        // [MSG-3] [MSG-4] [MSG-7] [MSG-8] [VEN-1]
        prop_assert_eq!(EntryCode::from_bytes(code.as_bytes()), Ok(code.clone()));
        let link = code.to_url("https://noren.example/in").expect("a link");
        prop_assert_eq!(EntryCode::from_url(&link), Ok(code.clone()));
        let bytes = trace_code.to_bytes();
        prop_assert_eq!(TraceCode::from_bytes(&bytes).expect("read").to_bytes(), bytes.clone());
        let text = trace_code.to_text();
        prop_assert_eq!(TraceCode::from_text(&text).expect("read").to_bytes(), bytes);
        prop_assert_eq!(trace_code.entry_code(), &code);
    }

    #[test]
    fn notices_come_back_in_either_layout(notice in notice(), seed: u64) {
        // [MSG-6] [MSG-9]
        let (code, _) = fixed_codes();
        let secrets = code.secrets();
        for layout in [Layout::WithTimes, Layout::WithoutTimes] {
            let sealed = notice.seal(secrets.notification_key(), layout, &mut rng(seed));
            let Ok(sealed) = sealed else {
                prop_assert!(notice.message.len() > 200);
                continue;
            };
            prop_assert!(notice.details.is_none() || sealed.bytes().len() == 512 + 16);
            let opened = sealed.open(secrets.notification_key()).expect("it opens");
            let times = layout == Layout::WithTimes;
            let expected = Notice { window: notice.window.filter(|_| times), ..notice.clone() };
            prop_assert_eq!(opened, expected);
        }
    }

    #[test]
    fn upload_codes_come_back_however_they_are_typed(seed: u64, spaces in 0_usize..20) {
        // [VEN-4]
        let code = UploadCode::generate(&mut rng(seed));
        let mut text = code.to_text().to_lowercase();
        text.insert(spaces, ' ');
        let typed = text.replace('0', "o").replace('1', "l").parse::<UploadCode>();
        prop_assert_eq!(typed.map(|typed| typed.hash()), Ok(code.hash()));
    }

    #[test]
    fn bundles_come_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 1..=256)) {
        // [LOG-3]
        let width = TileWidth::new(u16::try_from(entries.len()).expect("fits")).expect("a width");
        let bytes = encode_bundle(&entries).expect("a bundle");
        prop_assert_eq!(decode_bundle(&bytes, width), Ok(entries));
    }

    #[test]
    fn lists_of_events_come_back(events in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..20)) {
        // [MSG-11]
        let (first, rest) = events.split_at(events.len() / 2);
        let pieces = [wrap_events(first), more_events(rest)].concat();
        prop_assert_eq!(&pieces, &wrap_events(&events));
        prop_assert_eq!(unwrap_events(&pieces), Ok(events));
    }

    #[test]
    fn appends_come_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..9), now in 0..UnixSeconds::MAX.get()) {
        // [LOG-9]
        let origin = Origin::new("health.example/log").expect("an origin");
        let keys = authority();
        let now = UnixSeconds::new(now).expect("a time");
        let append = Append::sign(&LogPosition::start(), entries, &origin, &keys.log_keys(), now);
        let append = append.expect("an append");
        let again = Append::from_bytes(&append.to_bytes().expect("bytes")).expect("read");
        prop_assert_eq!(&again, &append);
        prop_assert!(again.verify(&LogPosition::start(), &origin, &keys.log_public_keys()).is_ok());
    }

    #[test]
    fn profiles_come_back(name in text(100), texts in prop::collection::vec((0_u8..3, text(5), text(60)), 0..5), index: bool, issued in 0..UnixSeconds::MAX.get()) {
        // [PRO-1]
        let keys = authority();
        let contacts = texts.iter().map(|(_, language, value)| Contact { level: None, hours: String::new(), language: language.clone(), label: language.clone(), value: value.clone() });
        let profile = Profile {
time_zone: "Asia/Tokyo".to_owned(),
contacts: contacts.collect(),
patient_master_key: index.then(|| MasterSecretKey::from_bytes(&[5; 32]).expect("a key").public_key()),
texts: texts.iter().map(|(level, language, text)| LevelText { advice: String::new(), level: Level::try_from(*level).expect("a level"), language: language.clone(), text: text.clone() }).collect(),
..keys.profile(&name, Origin::new("health.example/log").expect("an origin"), "https://health.example", UnixSeconds::new(issued).expect("a time"))
};
        let signed = profile.sign(&keys).expect("signed");
        let again = SignedProfile::from_bytes(signed.as_bytes());
        prop_assert_eq!(again.as_ref().map(SignedProfile::profile), Ok(&profile));
    }

    #[test]
    fn hours_and_days_agree_with_the_seconds_in_them(window in window(), second in 0_u64..86_400) {
        // [TIME-2] [TIME-3] [TIME-4] [TIME-5]
        let hours: Vec<Hour> = window.hours().take(100).collect();
        for hour in &hours {
            prop_assert_eq!(hour.day(), Day::containing(hour.start()));
            prop_assert_eq!(Hour::starting_at(hour.start()), Ok(*hour));
            let touched = Window::new(hour.start(), hour.start().plus(3_600));
            prop_assert!(touched.is_err() || touched.expect("an hour").overlap(window).is_some());
        }
        let time = window.start().plus(second);
        prop_assert_eq!(window.hours().any(|hour| hour == Hour::containing(time)), time < window.end() || Hour::containing(time) == *hours.last().expect("one"));
    }
}

proptest! {
    #![proptest_config(cases(6))]

    #[test]
    fn what_a_venue_uploads_is_published_and_found(start in 0_u64..2_000_000_000, length in 1_u64..10_000, notice in notice(), seed: u64) {
        // [VEN-2] [VEN-3] [REV-1] [REV-11] [PUB-1] [MAT-1]
        prop_assume!(notice.message.len() <= 200);
        let (code, trace_code) = fixed_codes();
        let at = |seconds| UnixSeconds::new(seconds).expect("a time");
        let window = Window::new(at(start), at(start + length)).expect("a window");
        let (keys, mut rng) = (authority(), rng(seed));
        let case = Case { code: CodeBinding::from_bytes([1; 32]), window };
        let upload = noren::venue::upload(&trace_code, window, case.code, window.over_at()).expect("an upload");
        for pre_trace in &upload.pre_traces {
            let bytes = pre_trace.to_bytes();
            prop_assert_eq!(PreTrace::from_bytes(&bytes).expect("read").to_bytes(), bytes);
        }
        // What says no level is published as what it is read as. [PUB-1]
        let unsaid = NoticeDetails { level: Level::Attention, names_venue: false, names_date: true };
        let details = notice.details.or(Some(unsaid));
        let said = Notice { window: Some(window), details, ..notice.clone() };
        let notice = Notice { window: Some(window), ..notice };
        let sealed = upload.seal(&keys.upload_public_key(), &mut rng).expect("a box");
        let reviewed = review(keys.upload_key(), &case, &sealed, window.over_at()).expect("accepted");
        prop_assert_eq!(reviewed.pre_traces.len(), window.hours().count());
        let stay = Stay::new(at(start), at(start + length)).expect("a stay");
        let visit = VisitId::generate(&mut rng);
        let records = noren::hazmat::seal_visit(&code, stay, visit, &mut rng).expect("records");
        for verified in &reviewed.pre_traces {
            let trace = verified.trace(&notice, Layout::WithTimes, &mut rng).expect("a trace");
            let bytes = trace.to_bytes();
            let read = PublishedTrace::from_bytes(&bytes).expect("read");
            prop_assert_eq!(read.to_bytes(), bytes.clone());
            let entries = [(0, &bytes[..])];
            let found = match_entries(&records, entries, to_the_end).expect("not cancelled");
            prop_assert_eq!(found.matches.len(), 1);
            prop_assert_eq!(found.matches[0].record.stay, stay);
            prop_assert_eq!(&found.matches[0].notice, &said);
            prop_assert_eq!(found.matches[0].visit, visit);
        }
    }

    #[test]
    fn vaults_come_back(visits in prop::collection::vec((0_u64..1_000_000, 0_u64..20_000, any::<bool>()), 0..4), seed: u64) {
        // [VLT-1] [VLT-3]
        let (code, _) = fixed_codes();
        let (mut vault, mut rng) = (Vault::new(), rng(seed));
        for (arrival, length, close) in visits {
            let at = |seconds| UnixSeconds::new(seconds).expect("a time");
            let visit = vault.check_in(&code, at(arrival), &mut rng).expect("checked in");
            if let (noren::visitor::CheckIn::Opened(id), true) = (visit, close) {
                vault.check_out(id, at(arrival + length), &mut rng).expect("checked out");
            }
        }
        let key = VaultKey::device(DeviceKey::generate(&mut rng));
        let sealed = vault.seal(&key, &mut rng).expect("sealed");
        prop_assert!((sealed.len() - 45 - 16).is_power_of_two());
        // Open visits come back in the order of their arrivals. [VLT-8]
        let opened = Vault::open(&sealed, &key).expect("opened");
        prop_assert_eq!(opened.closed_visits(), vault.closed_visits());
        prop_assert!(vault.records().eq(opened.records()));
        let mut open = vault.open_visits().to_vec();
        open.sort_by_key(|visit| (visit.arrival(), visit.id()));
        prop_assert_eq!(opened.open_visits(), &open[..]);
    }
}
