//! A diagnosed visitor's upload warns the others without the venue, and warns nobody else.

use noren::authority::{
    AuthorityKeys, PatientCase, PatientReview, PatientReviewError, Trace, VisitRefusal,
    review_patient,
};
use noren::keys::MasterSecretKey;
use noren::messages::{
    ClaimedVisit, EntryCode, Layout, MessageError, Notice, PatientUpload, RangeError,
    SEALED_UPLOAD_LENGTH, Upload, UploadCode, Venue, VenueDetails, dummy_upload,
};
use noren::time::Window;

use super::town::{DAY, HOUR, NOON, Town, at, matches, window};

/// A town whose authority takes patient cases.
pub(crate) fn town() -> Town {
    let mut town = Town::new();
    let key = MasterSecretKey::generate(&mut town.rng);
    town.authority = town.authority.with_patient_key(key);
    town
}

pub(crate) fn venue(town: &mut Town, name: &str) -> EntryCode {
    let valid = window(NOON - 30 * DAY, NOON + 30 * DAY);
    let venue = Venue::new(name, "1-2-3 Naka", valid, VenueDetails::default()).expect("a venue");
    let key = town.authority.patient_public_key().expect("a key");
    noren::venue::set_up_for_patient_cases(venue, &key, &mut town.rng).expect("a code")
}

fn claim(code: &EntryCode, arrival: u64, departure: u64) -> ClaimedVisit {
    let payload = code.as_bytes().to_vec();
    ClaimedVisit { payload, arrival: at(arrival), departure: at(departure) }
}

fn judge(town: &mut Town, visits: Vec<ClaimedVisit>) -> Result<PatientReview, PatientReviewError> {
    let code = UploadCode::generate(&mut town.rng).binding();
    let key = town.authority.upload_public_key();
    let sealed = PatientUpload { code, visits }.seal(&key, &mut town.rng).expect("a box");
    let case = PatientCase { code, earliest: at(NOON - 10 * DAY), latest: at(NOON + 10 * DAY) };
    review_patient(&town.authority, &case, &sealed)
}

fn publish(town: &mut Town, review: &PatientReview, chosen: &[usize]) -> Vec<Vec<u8>> {
    traces(town, review, chosen).iter().map(Trace::to_bytes).collect()
}

/// The traces of one visit from `start`, of `hours` hours, that a diagnosed visitor told.
pub(crate) fn told(town: &mut Town, code: &EntryCode, start: u64, hours: u64) -> Vec<Trace> {
    let claims = vec![claim(code, start, start + hours * HOUR)];
    let review = judge(town, claims).expect("a good visit");
    traces(town, &review, &[0])
}

fn traces(town: &mut Town, review: &PatientReview, chosen: &[usize]) -> Vec<Trace> {
    let mut traces = vec![];
    for visit in chosen.iter().map(|place| &review.visits[*place]) {
        let window = visit.stay();
        let notice = Notice { window: Some(window), message: String::new(), details: None };
        for hour in visit.pre_traces(&town.authority, window, window.over_at()).expect("keys") {
            let trace = hour.trace(&notice, Layout::WithTimes, &mut town.rng);
            traces.push(trace.expect("a trace"));
        }
    }
    traces
}

#[test]
fn the_others_of_a_chosen_visit_are_warned_and_nobody_else() {
    // [PAT-2] [PAT-3] [PAT-13] [MAT-1]
    let mut town = town();
    let (cafe, bar) = (venue(&mut town, "Kissa"), venue(&mut town, "Bar"));
    let (ordinary, _) = town.venue("Kissa");
    let others = [
        town.visit(&cafe, NOON, NOON + 600),
        town.visit(&bar, NOON + 2 * HOUR, NOON + 2 * HOUR + 600),
        town.visit(&cafe, NOON + 2 * HOUR, NOON + 2 * HOUR + 600),
        town.visit(&ordinary, NOON, NOON + 600),
    ];
    let claims = vec![
        claim(&cafe, NOON, NOON + HOUR),
        claim(&bar, NOON + 2 * HOUR, NOON + 3 * HOUR),
        claim(&cafe, NOON + 4 * HOUR, NOON + 5 * HOUR),
    ];
    let review = judge(&mut town, claims).expect("three good visits");
    let warned = |entries: &[Vec<u8>]| others.each_ref().map(|records| matches(records, entries));
    let all = publish(&mut town, &review, &[0, 1, 2]);
    assert_eq!(warned(&all), [1, 1, 0, 0], "cafe at noon, bar; not cafe later, not next door");
    let some = publish(&mut town, &review, &[1]);
    assert_eq!(warned(&some), [0, 1, 0, 0], "the authority may publish a part");
}

#[test]
fn a_window_may_be_wider_than_the_stay_and_a_notice_lies_inside_of_it() {
    // [PAT-12] [PUB-1]
    let mut town = town();
    let cafe = venue(&mut town, "Kissa");
    let stay = window(NOON, NOON + HOUR);
    let review = judge(&mut town, vec![claim(&cafe, NOON, NOON + HOUR)]).expect("a good visit");
    let keys = town.authority.clone();
    let made = |window| {
        review.visits[0].pre_traces(&keys, window, noren::UnixSeconds::MAX).map(|hours| hours.len())
    };
    assert_eq!(made(stay), Ok(1));
    assert_eq!(made(window(NOON - 12 * HOUR, NOON + 12 * HOUR)), Ok(24));
    assert_eq!(made(window(NOON - 25 * HOUR, NOON + 26 * HOUR)), Ok(51));
    let refused =
        Err(PatientReviewError::Upload(MessageError::OutOfRange(RangeError::VisitWindow)));
    for other in [
        window(NOON + 1, NOON + HOUR),
        window(NOON, NOON + HOUR - 1),
        window(NOON - 25 * HOUR - 1, NOON + HOUR),
        window(NOON, NOON + 26 * HOUR + 1),
    ] {
        assert_eq!(made(other), refused, "{other:?}");
    }
    let wide = window(NOON - 1, NOON + HOUR);
    let hours = review.visits[0].pre_traces(&keys, stay, stay.over_at()).expect("keys");
    let trace = |window: Window, town: &mut Town| {
        let notice = Notice { window: Some(window), message: String::new(), details: None };
        hours[0].trace(&notice, Layout::WithTimes, &mut town.rng).map(|_| ())
    };
    assert_eq!(trace(stay, &mut town), Ok(()));
    assert_eq!(trace(wide, &mut town), Err(MessageError::OutOfRange(RangeError::NoticeWindow)));
}

#[test]
fn an_hour_that_is_not_over_has_no_key() {
    // [REV-13]
    let mut town = town();
    let cafe = venue(&mut town, "Kissa");
    let stay = window(NOON, NOON + 1_800);
    let review = judge(&mut town, vec![claim(&cafe, NOON, NOON + 1_800)]).expect("a good visit");
    let keys = town.authority.clone();
    let made = |now| review.visits[0].pre_traces(&keys, stay, at(now)).map(|hours| hours.len());
    for now in [NOON, NOON + 1_800, NOON + HOUR - 1] {
        assert_eq!(made(now), Err(PatientReviewError::HourNotOver), "{now}");
    }
    assert_eq!(made(NOON + HOUR), Ok(1));
}

#[test]
fn keys_are_made_only_with_the_index_key_of_the_venue() {
    // [PAT-1] [PAT-13]
    let mut town = town();
    let cafe = venue(&mut town, "Kissa");
    let review = judge(&mut town, vec![claim(&cafe, NOON, NOON + HOUR)]).expect("a good visit");
    let without = AuthorityKeys::generate(&mut town.rng);
    let other = without.clone().with_patient_key(MasterSecretKey::generate(&mut town.rng));
    let made = |keys: &AuthorityKeys| {
        review.visits[0]
            .pre_traces(keys, review.visits[0].stay(), noren::UnixSeconds::MAX)
            .map(|_| ())
    };
    assert_eq!(made(&without), Err(PatientReviewError::NotEnabled));
    assert_eq!(made(&other), Err(PatientReviewError::OtherKeys));
    assert_eq!(made(&town.authority), Ok(()));
    town.authority = without;
    let refused = judge(&mut town, vec![claim(&cafe, NOON, NOON + HOUR)]);
    assert_eq!(refused.err(), Some(PatientReviewError::NotEnabled));
}

#[test]
fn outwardly_every_upload_is_the_same_and_inside_none_is_another() {
    // [PAT-3] [VEN-3] [API-5]
    let mut town = town();
    let (cafe, (_, trace_code)) = (venue(&mut town, "Kissa"), town.venue("Bar"));
    let key = town.authority.upload_public_key();
    let code = UploadCode::generate(&mut town.rng).binding();
    let visits = vec![claim(&cafe, NOON, NOON + HOUR)];
    let visitors = PatientUpload { code, visits }.seal(&key, &mut town.rng).expect("a box");
    let asked = window(NOON, NOON + HOUR);
    let venues =
        noren::venue::upload(&trace_code, asked, code, asked.over_at()).expect("an upload");
    let venues = venues.seal(&key, &mut town.rng).expect("a box");
    let dummy = dummy_upload(&key, &mut town.rng).expect("a box");
    let lengths = [&visitors, &venues, &dummy].map(Vec::len);
    assert_eq!(lengths, [SEALED_UPLOAD_LENGTH; 3]);
    let opens = town.authority.upload_key();
    let read = |sealed: &[u8]| {
        (PatientUpload::open(opens, sealed).is_ok(), Upload::open(opens, sealed).is_ok())
    };
    assert_eq!(read(&visitors), (true, false));
    assert_eq!(read(&venues), (false, true));
    assert_eq!(read(&dummy), (false, false));
}

#[test]
fn nothing_of_a_visit_is_shown() {
    // [IBE-10]
    let mut town = town();
    let cafe = venue(&mut town, "Kissa");
    let visit = claim(&cafe, NOON, NOON + HOUR);
    assert_eq!(format!("{visit:?}"), "ClaimedVisit(redacted)");
    let review = judge(&mut town, vec![visit]).expect("a good visit");
    assert_eq!(format!("{:?}", review.visits), "[ReviewedVisit(redacted)]");
}

#[test]
fn a_writer_refuses_what_no_reader_takes() {
    // [PAT-3]
    let mut town = town();
    let (cafe, key) = (venue(&mut town, "Kissa"), town.authority.upload_public_key());
    let code = UploadCode::generate(&mut town.rng).binding();
    for (count, good) in [(0, false), (1, true), (40, true), (41, false)] {
        let visits = vec![claim(&cafe, NOON, NOON + HOUR); count];
        let sealed = PatientUpload { code, visits }.seal(&key, &mut town.rng);
        assert_eq!(sealed.is_ok(), good, "{count}");
    }
    let payload = vec![0; SEALED_UPLOAD_LENGTH];
    let visit = ClaimedVisit { payload, ..claim(&cafe, NOON, NOON + HOUR) };
    let long = PatientUpload { code, visits: vec![visit] }.seal(&key, &mut town.rng);
    assert!(matches!(long, Err(MessageError::TooLong { .. })), "{long:?}");
    let shrunk = vec![claim(&cafe, NOON, NOON + 1)];
    let reason = VisitRefusal::TooShort;
    assert_eq!(
        judge(&mut town, shrunk).err(),
        Some(PatientReviewError::Visit { number: 1, reason })
    );
}
