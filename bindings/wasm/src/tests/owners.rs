//! An owner's form and answer.

use super::world::{DAY, HOUR, NOON, World, at, document, follower, text};
use crate::failure::Code;
use crate::{Device, Parcel, read_sheet, set_up_venue};

const GOOD: &str = r#"{"name":"Bar Noren","address":"1-2-3 Umeda","room":"","kind":null,
    "typicalStayMinutes":null,"validFrom":null,"validUntil":null}"#;

#[test]
fn a_form_becomes_two_codes_or_a_refusal() {
    // [VEN-1] [CLI-30]
    let world = World::new();
    let profile = world.signed_profile();
    let set_up = |form: &str| set_up_venue(form, &profile, vec!["ja".to_owned()], NOON);
    let made = document(&set_up(GOOD).expect("a venue"));
    assert!(text(&made["entryLink"]).starts_with("https://health.example/?v=3#"));
    assert_eq!(made["validUntil"], 1_700_049_600 + 365 * 86_400);
    assert_eq!(made["authority"]["name"], "Health office");
    // [PST-13]
    assert_eq!(made["telephone"], "+81 6 0000 0000");
    let again = document(&set_up(GOOD).expect("a venue"));
    assert_ne!(made["traceText"], again["traceText"], "keys of their own");
    for (from, to) in [
        ("Bar Noren", ""),
        ("Bar Noren", &*"x".repeat(101)),
        (r#""room":"""#, r#""room":"a room whose name is a good deal longer""#),
        (r#""kind":null"#, r#""kind":"palace""#),
        (r#"Minutes":null"#, r#"Minutes":721"#),
        (r#""validUntil":null"#, r#""validUntil":1700000000"#),
        ("{", "["),
    ] {
        let failure = set_up(&GOOD.replacen(from, to, 1)).expect_err(to);
        assert_eq!(failure.code, Code::BadForm, "{to}: {}", failure.detail);
    }
}

#[test]
fn an_owner_goes_by_the_pinned_profile_until_its_keys_lead_to_others() {
    // [WEB-13] [PRO-3] [PRO-5]
    let mut world = World::new();
    let old = world.signed_profile();
    let device = follower(&world);
    let owner = |own: Option<&Vec<u8>>| {
        let mut device = Device { followed: device.followed.clone(), ..Device::new() };
        device.profile_for_owner(own.cloned()).map_err(|failure| failure.code)
    };
    assert_eq!(owner(None), Ok(Some(old.clone())));
    assert_eq!(Device::new().profile_for_owner(None), Ok(None));
    assert_eq!(Device::new().profile_for_owner(Some(old.clone())), Ok(Some(old.clone())));
    // Keys of nobody knows whom at the same address, and what is no profile at all.
    let stranger = World::of(8).signed_profile();
    assert_eq!(owner(Some(&stranger)), Err(Code::RefusedLog));
    assert_eq!(owner(Some(&vec![7; 40])), Err(Code::RefusedLog));
    // A server that is behind, and one that hands out the keys that took over.
    world.profile.issued = at(NOON - 2.0 * DAY);
    assert_eq!(owner(Some(&world.signed_profile())), Ok(Some(old)));
    world.profile.issued = at(NOON - DAY);
    world.rotate();
    assert_eq!(owner(Some(&world.signed_profile())), Ok(Some(world.signed_profile())));
    // [PRO-13] What has a place in the log waits for the next reading.
    world.profile.log_index = Some(7);
    assert_eq!(owner(Some(&world.signed_profile())), owner(None));
    assert_eq!(
        Device::new().profile_for_owner(Some(world.signed_profile())),
        Ok(Some(world.signed_profile()))
    );
}

#[test]
fn an_answer_is_shown_before_it_is_sealed_and_the_same_answer_has_one_name() {
    // [VEN-6] [VEN-7]
    let mut world = World::new();
    let (link, trace) = world.venue("Bar Noren");
    let (codes, _) = world.codes(NOON + 600.0, NOON + 2.0 * HOUR);
    let profile = world.signed_profile();
    let new = |trace: &str, codes: &str, now| {
        Parcel::new(trace.to_owned(), codes.to_owned(), &profile, now)
    };
    let parcel = new(&trace, &codes, NOON + DAY).expect("the right codes");
    let shown = document(&parcel.handover().expect("JSON"));
    assert_eq!((&shown["venue"]["description"], &shown["keys"]), (&"Bar Noren".into(), &2.into()));
    assert_eq!(shown["authority"]["timeZone"], "Asia/Tokyo");
    // [WEB-14] The sheet says whose it is before a code is typed.
    let of_sheet = |text: &str| read_sheet(text.to_owned());
    assert_eq!(document(&of_sheet(&format!(" {trace}\n")).expect("a sheet")), shown["venue"]);
    for wrong in [&*link, "", &trace[1..]] {
        assert_eq!(of_sheet(wrong).expect_err(wrong).code, Code::NotAPrivateCode);
    }
    assert_eq!((&shown["from"], &shown["to"]), (&1_700_050_200.into(), &1_700_056_800.into()));
    let again = new(&trace, &codes.to_lowercase(), NOON + DAY).expect("the same codes");
    assert_eq!((parcel.name(), parcel.content()), (again.name(), again.content()));
    assert_ne!(parcel.seal(), again.seal(), "sealing is random");
    let (_, other) = world.venue("Another bar");
    let other = new(&other, &codes, NOON + DAY).expect("the right codes");
    assert_eq!(parcel.name(), other.name());
    assert_ne!(parcel.content(), other.content());
    assert_eq!(parcel.ticket().len(), 20, "three groups of six");
    assert!(!codes.contains(&parcel.ticket()), "the server sees no code");
    assert_eq!(parcel.seal().map(|sealed| sealed.len()), Ok(65_536));
}

#[test]
fn a_wrong_sheet_or_code_is_found_before_anything_is_sealed() {
    // [VEN-6] [REV-4] [REV-13]
    let mut world = World::new();
    let (link, trace) = world.venue("Bar Noren");
    let profile = world.signed_profile();
    let (codes, _) = world.codes(NOON, NOON + HOUR);
    let code_alone = codes.split(' ').next().unwrap_or_default().to_owned();
    let (other_codes, _) = world.codes(NOON, NOON + HOUR);
    let other_window = other_codes.split(' ').next_back().unwrap_or_default();
    let mixed = format!("{code_alone} {other_window}");
    let (before, _) = world.codes(NOON - 9.0 * DAY, NOON - 9.0 * DAY + HOUR);
    let (after, _) = world.codes(NOON + 400.0 * DAY, NOON + 400.0 * DAY + HOUR);
    for (trace, codes, now, code) in [
        (&*link, &*codes, NOON + DAY, Code::NotAPrivateCode),
        ("", &codes, NOON + DAY, Code::NotAPrivateCode),
        (&trace, "ABC", NOON + DAY, Code::WrongCodes),
        (&trace, &code_alone, NOON + DAY, Code::WrongCodes),
        (&trace, &mixed, NOON + DAY, Code::WrongCodes),
        (&trace, &codes, NOON + 60.0, Code::WrongTime),
        (&trace, &before, NOON + DAY, Code::NotYetValid),
        (&trace, &after, NOON + 500.0 * DAY, Code::NoLongerValid),
    ] {
        let failure = Parcel::new(trace.to_owned(), codes.to_owned(), &profile, now);
        let failure = failure.err().expect("refused");
        assert_eq!(failure.code, code, "{}", failure.detail);
        assert!(!failure.detail.contains(&code_alone), "no secret in an error");
    }
}
