//! Every field of every message, one by one: given twice, with another version, with a version that
//! only its low bits make a 3.

use noren::authority::{Case, review};
use noren::messages::{
    EntryCode, Layout, Level, MessageError, Notice, NoticeDetails, Part, PreTrace, PublishedTrace,
    TraceCode, UploadCode, Venue, VenueDetails, unwrap_events, wrap_events,
};
use noren::time::{UnixSeconds, Window};
use noren::venue;

use super::worlds::{authority, rng};

/// A field as it stands on the wire: its number, and all its bytes.
type Field = (u64, Vec<u8>);

fn number(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for place in 0.. {
        let (first, rest) = bytes.split_first().expect("a whole number");
        *bytes = rest;
        value |= u64::from(first & 0x7f) << (7 * place);
        if *first < 0x80 {
            break;
        }
    }
    value
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn fields(mut bytes: &[u8]) -> Vec<Field> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let whole = bytes;
        let key = number(&mut bytes);
        let length = number(&mut bytes);
        if key & 7 == 2 {
            bytes = bytes.get(usize::try_from(length).expect("a length")..).expect("the bytes");
        }
        found.push((key >> 3, whole[..whole.len() - bytes.len()].to_vec()));
    }
    found
}

fn joined(fields: &[Field]) -> Vec<u8> {
    fields.iter().flat_map(|(_, bytes)| bytes.clone()).collect()
}

fn embedded(field: u64, bytes: &[u8]) -> Field {
    (field, [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat())
}

/// What stands inside an embedded message.
fn inside((_, bytes): &Field) -> Vec<u8> {
    let mut rest = &bytes[..];
    number(&mut rest);
    number(&mut rest);
    rest.to_vec()
}

type Parse = fn(&[u8]) -> Result<(), MessageError>;

/// A message that is sound: its name, how it is read, its bytes, which of its fields are messages
/// themselves, and which have a version.
struct Sound {
    name: &'static str,
    parse: Parse,
    bytes: Vec<u8>,
    embedded: &'static [u64],
    versioned: bool,
    repeated: &'static [u64],
}

fn messages() -> Vec<Sound> {
    let rng = &mut rng(7);
    let at = |seconds| UnixSeconds::new(seconds).expect("a time");
    let valid = Window::new(at(3_600), at(86_400 * 400)).expect("a window");
    let details = VenueDetails::new(None, Some("2F".to_owned()), Some(60)).expect("details");
    let shop = Venue::new("Izakaya", "1-2-3 Minato", valid, details).expect("a venue");
    let keys = authority();
    let (entry, trace) = venue::set_up(shop, &keys.upload_public_key(), rng).expect("codes");
    let (window, code) =
        (Window::new(at(7_200), at(9_000)).expect("a window"), UploadCode::generate(rng));
    let upload =
        venue::upload(&trace, window, code.binding(), window.over_at()).expect("an upload");
    let sealed = upload.seal(&keys.upload_public_key(), rng).expect("sealed");
    let case = Case { code: code.binding(), window };
    let review = review(keys.upload_key(), &case, &sealed, window.over_at()).expect("a review");
    let details = NoticeDetails { level: Level::Cluster, names_venue: true, names_date: true };
    let notice =
        Notice { window: Some(window), message: "Call us.".to_owned(), details: Some(details) };
    let published =
        review.pre_traces[0].trace(&notice, Layout::WithTimes, rng).expect("a trace").to_bytes();
    let with_times = notice.to_bytes(Layout::WithTimes).expect("a notice").to_vec();
    let without_times = notice.to_bytes(Layout::WithoutTimes).expect("a notice").to_vec();
    let sound = |name, parse, bytes, embedded, versioned| Sound {
        name,
        parse,
        bytes,
        embedded,
        versioned,
        repeated: &[],
    };
    vec![
        sound(
            "entry code",
            |bytes| EntryCode::from_bytes(bytes).map(drop),
            entry.as_bytes().to_vec(),
            &[2, 3],
            true,
        ),
        sound(
            "trace code",
            |bytes| TraceCode::from_bytes(bytes).map(drop),
            trace.to_bytes().to_vec(),
            &[],
            true,
        ),
        sound(
            "pre-trace",
            |bytes| PreTrace::from_bytes(bytes).map(drop),
            upload.pre_traces[0].to_bytes().to_vec(),
            &[1, 2],
            false,
        ),
        sound(
            "trace",
            |bytes| PublishedTrace::from_bytes(bytes).map(drop),
            published.clone(),
            &[],
            true,
        ),
        sound(
            "notice with times",
            |bytes| Notice::from_bytes(bytes).map(drop),
            with_times,
            &[],
            true,
        ),
        sound(
            "notice without times",
            |bytes| Notice::from_bytes(bytes).map(drop),
            without_times,
            &[],
            true,
        ),
        Sound {
            repeated: &[2],
            ..sound(
                "list of traces",
                |bytes| unwrap_events(bytes).map(drop),
                wrap_events(&[published]),
                &[],
                true,
            )
        },
    ]
}

/// Every message in which one field was changed, in the message itself or in one inside it.
fn changed(sound: &Sound, change: impl Fn(&[Field]) -> Vec<Vec<Field>>) -> Vec<Vec<u8>> {
    let outer = fields(&sound.bytes);
    let mut made: Vec<_> = change(&outer).iter().map(|fields| joined(fields)).collect();
    for (place, field) in
        outer.iter().enumerate().filter(|(_, field)| sound.embedded.contains(&field.0))
    {
        for inner in change(&fields(&inside(field))) {
            let mut outer = outer.clone();
            outer[place] = embedded(field.0, &joined(&inner));
            made.push(joined(&outer));
        }
    }
    made
}

#[test]
fn a_field_that_stands_twice_is_refused() {
    // [MSG-12]
    for sound in messages() {
        (sound.parse)(&sound.bytes).expect("a sound message");
        let twice = |fields: &[Field]| {
            let singular = fields.iter().filter(|field| !sound.repeated.contains(&field.0));
            singular.map(|field| [fields, std::slice::from_ref(field)].concat()).collect()
        };
        let made = changed(&sound, twice);
        assert!(made.len() >= if sound.repeated.is_empty() { 3 } else { 1 }, "{}", sound.name);
        for bytes in made {
            let refused = (sound.parse)(&bytes).expect_err(sound.name);
            assert!(
                matches!(refused, MessageError::FieldTwice { .. }),
                "{}: {refused}",
                sound.name
            );
        }
    }
}

#[test]
fn another_message_beside_the_first_is_refused() {
    // [MSG-12] What programs differ in: one joins the two, another takes the last.
    let [first, ..] = &messages()[..] else { panic!("no message") };
    let other_name = embedded(2, &embedded(2, "Another".as_bytes()).1);
    let bytes = joined(&[fields(&first.bytes), vec![other_name]].concat());
    let refused = EntryCode::from_bytes(&bytes).expect_err("two venues");
    assert_eq!(refused, MessageError::FieldTwice { message: Part::EntryCode, field: 2 });
}

#[test]
fn fields_of_unknown_number_may_stand_twice() {
    // [MSG-2]
    for sound in messages() {
        let unknown = (99, [varint(99 << 3), varint(5)].concat());
        let more = |fields: &[Field]| vec![[fields, &[unknown.clone(), unknown.clone()]].concat()];
        for bytes in changed(&sound, more) {
            (sound.parse)(&bytes).expect(sound.name);
        }
    }
}

#[test]
fn every_version_but_3_is_refused() {
    // [MSG-1]
    for sound in messages().into_iter().filter(|sound| sound.versioned) {
        for version in [0, 1, 2, 4, 1 << 7, (1 << 32) + 3, (1 << 35) | 3, (1 << 63) | 3, u64::MAX] {
            let other = |fields: &[Field]| {
                let at = fields.iter().position(|field| field.0 == 1).expect("a version");
                let mut fields = fields.to_vec();
                fields[at].1 = [varint(1 << 3), varint(version)].concat();
                vec![fields]
            };
            let absent = |fields: &[Field]| {
                vec![fields.iter().filter(|field| field.0 != 1).cloned().collect::<Vec<_>>()]
            };
            for (bytes, found) in changed(&sound, other)
                .into_iter()
                .map(|bytes| (bytes, version))
                .chain(changed(&sound, absent).into_iter().map(|bytes| (bytes, 0)))
            {
                let refused = (sound.parse)(&bytes).expect_err(sound.name);
                let known = matches!(refused, MessageError::UnknownVersion { found: said, .. } if said == found);
                assert!(known, "{} of version {found}: {refused}", sound.name);
            }
        }
    }
}
