//! Every refusal of a message reads as a sentence, with the bound that it was held against.

use noren::keys::SignError;
use noren::keys::{PointError, ScalarError};
use noren::log::OriginError;
use noren::messages::{LinkError, MessageError, Part, RangeError, Unit};
use noren::profile::ProfileError;
use noren::time::TimeError;

/// Every refusal, with what its sentence has to say.
fn refusals() -> Vec<(MessageError, &'static str)> {
    use MessageError::{
        CodeLength, ControlCharacter, DoesNotOpen, FieldTwice, Length, Link, Malformed, Missing,
        Point, Scalar, TextTooLong, Time, TooLong, TooMany, TrailingBytes, UnknownVersion,
    };
    let mut all = vec![
        (Malformed(Part::TraceCode), "trace code"),
        (TrailingBytes(Part::Trace), "followed by"),
        (FieldTwice { message: Part::Notice, field: 2 }, "field 2 twice"),
        (UnknownVersion { message: Part::Notice, found: 9 }, "version 9"),
        (Missing(Part::VenueName), "missing, or blank"),
        (TextTooLong { field: Part::Room, found: 33, limit: 32 }, "33 characters, the limit is 32"),
        (ControlCharacter(Part::Room), "line break"),
        (Length { field: Part::Seed, found: 1, expected: 32 }, "1 byte instead of 32"),
        (Length { field: Part::Seed, found: 31, expected: 32 }, "31 bytes instead of 32"),
        (Point { field: Part::IdentityKey, source: PointError::Identity }, "the identity"),
        (Scalar { field: Part::IdentityKey, source: ScalarError::Zero }, "is zero"),
        (Time { field: Part::Day, source: TimeError::NotADay }, "start of a UTC day"),
        (Link(LinkError::Base), "without ? and #"),
        (Link(LinkError::Scheme), "https://"),
        (Link(LinkError::NoVersion), "has no ?v=3"),
        (Link(LinkError::NoPayload), "behind the #"),
        (Link(LinkError::Query), "more than the version"),
        (Link(LinkError::NoVersionQuery), "is not v=3"),
        (Link(LinkError::Encoding), "not base64url"),
        (
            TooLong { field: Part::Link, found: 9_000, limit: 8_192 },
            "9000 bytes, the limit is 8192",
        ),
        (DoesNotOpen(Part::Upload), "another key, or altered"),
        (
            TooMany { field: Part::Window, unit: Unit::Hours, found: 37, limit: 36 },
            "37 hours, the limit is 36",
        ),
        (
            CodeLength { code: Part::UploadCode, found: 1, expected: 18 },
            "1 character instead of 18; spaces and hyphens do not count",
        ),
    ];
    all.extend(ranges().into_iter().map(|(range, told)| (range.into(), told)));
    all
}

/// Every range.
fn ranges() -> Vec<(RangeError, &'static str)> {
    use RangeError::{
        CheckSymbols, CodeSymbol, Level, NoticeLength, NoticeWindow, TypicalStay, VenueKind,
        VisitWindow, Visits, WindowMinutes,
    };
    vec![
        (CodeSymbol(Part::UploadCode), "digits and the letters but U"),
        (CheckSymbols(Part::UploadCode), "mistyped or misheard"),
        (WindowMinutes(2_161), "2161 minutes; a window has 1 to 2160"),
        (Visits(41), "41 visits; it has to be 1 to 40"),
        (VisitWindow, "25 hours"),
        (NoticeWindow, "beyond the window"),
        (NoticeLength, "512 bytes"),
        (Level(3), "the level 3; there are 0 to 2"),
        (VenueKind, "there are restaurant, bar"),
        (TypicalStay(721), "721 minutes; it has to be 1 to 720"),
    ]
}

/// Every refusal of a profile.
fn profiles() -> Vec<(ProfileError, &'static str)> {
    use ProfileError::{
        CheckpointAge, ClockKey, HandoverKeys, HandoverOrder, HandoverRepeats, Key, LogIndex,
        Message, MinimumOverlap, Origin, RetentionDays, ServerAddress, TimeZone, Unsigned,
    };
    vec![
        (Message(MessageError::Malformed(Part::AuthorityProfile)), "no authority profile"),
        (HandoverKeys, "not those of the profile"),
        (HandoverOrder, "order of their times"),
        (HandoverRepeats, "have to be new"),
        (Origin(OriginError::Length), "1 to 255 bytes"),
        (ServerAddress, "https://health.example"),
        (RetentionDays(61), "61 days; it has to be 1 to 60"),
        (CheckpointAge(0), "it has to be 1 to 604800"),
        (MinimumOverlap(43_201), "0 to 43200"),
        (TimeZone, "like Asia/Tokyo"),
        (Key(Part::LogKey), "log key is no valid"),
        (ClockKey, "has to be one of its own"),
        (LogIndex(u64::MAX), "no log has so many"),
        (Unsigned(SignError::WrongSignature), "no signature by the key"),
    ]
}

#[test]
fn every_refusal_is_a_sentence_with_its_bound() {
    // [MSG-13]
    let refusals = refusals().into_iter().map(|(error, told)| (error.to_string(), told));
    let profiles = profiles().into_iter().map(|(error, told)| (error.to_string(), told));
    for (sentence, told) in refusals.chain(profiles) {
        assert!(sentence.contains(told), "{told:?} in {sentence:?}");
        assert!(!sentence.contains("out of range"), "{sentence}");
        assert!(!sentence.ends_with('.') && !sentence.contains("  "), "{sentence}");
        assert!(sentence.starts_with(|c: char| c.is_lowercase()), "{sentence}");
        assert!(sentence.contains(' ') && !sentence.contains(" 1 bytes"), "{sentence}");
    }
}

#[test]
fn no_refusal_was_forgotten_here() {
    // [MSG-13] The names of the variants, as they stand in the code.
    for (file, name, shown) in [
        (include_str!("../../src/messages.rs"), "pub enum MessageError", debugs(&refusals())),
        (include_str!("../../src/messages/range.rs"), "pub enum RangeError", debugs(&ranges())),
        (include_str!("../../src/profile/error.rs"), "pub enum ProfileError", debugs(&profiles())),
    ] {
        let body = file.split_once(name).and_then(|(_, rest)| rest.split_once("\n}")).unwrap().0;
        let variants = body.lines().filter_map(|line| {
            let name = line.strip_prefix("    ")?;
            let is_variant = name.starts_with(|c: char| c.is_ascii_uppercase());
            is_variant.then(|| name.split(['(', '{', ',', ' ']).next().unwrap())
        });
        for variant in variants {
            assert!(
                shown.iter().any(|each| each.starts_with(variant)),
                "{variant} has no sentence"
            );
        }
    }
}

fn debugs<T: std::fmt::Debug>(all: &[(T, &str)]) -> Vec<String> {
    all.iter().map(|(error, _)| format!("{error:?}")).collect()
}
