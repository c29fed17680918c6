//! What may be shown of each message and file.

use noren::log::{TilePath, TileWidth, decode_bundle};
use noren::messages::{EntryCode, PreTrace, PublishedTrace, TraceCode};
use noren::profile::SignedProfile;

use super::found::{Found, Value};
use super::recognise::Surroundings;
use crate::times;

pub(super) fn entry_code(code: &EntryCode, around: &Surroundings<'_>) -> Found {
    let found = Found::public(
        "entry code",
        "What a venue posts. Anyone can make a code that says anything: nothing of it is checked.",
    );
    of_venue(found, code, around)
        .text("master_public_key", hex::encode(code.master_public_key().to_bytes()))
        .number("bytes", code.as_bytes().len())
}

pub(super) fn trace_code(code: &TraceCode, around: &Surroundings<'_>) -> Found {
    // [CLI-2]
    let found = Found::secret(
        "trace code",
        "The private half of a venue: keep it safe. Lost, nobody can be warned of this venue.",
    );
    of_venue(found, code.entry_code(), around)
}

fn of_venue(found: Found, code: &EntryCode, around: &Surroundings<'_>) -> Found {
    let venue = code.venue();
    let mut found = found
        .text("name", venue.description())
        .text("address", venue.address())
        .window(["valid_from", "valid_to"], venue.valid())
        .with("valid_now", Value::Is(code.is_valid_at(around.now)));
    if let Some(kind) = venue.details().kind() {
        found = found.text("kind", kind.name());
    }
    if let Some(room) = venue.details().room() {
        found = found.text("room", room);
    }
    if let Some(minutes) = venue.details().stay_minutes() {
        found = found.number("stay_minutes", minutes);
    }
    found
}

pub(super) fn profile(signed: &SignedProfile, around: &Surroundings<'_>) -> Found {
    let profile = signed.profile();
    let fingerprint = profile.fingerprint();
    let followed = around.followed.iter().any(|known| known.profile().fingerprint() == fingerprint);
    let texts = profile.texts.iter();
    let texts =
        texts.map(|text| format!("{} ({}): {}", text.level.name(), text.language, text.text));
    let contacts = profile.contacts.iter();
    let contacts =
        contacts.map(|each| format!("{} ({}): {}", each.label, each.language, each.value));
    let handed_over_from = signed.predecessors().into_iter().map(|before| before.to_string());
    Found::public(
        "authority profile",
        "Signed by its own key, which anyone can make: compare the fingerprint with what the \
         authority prints.",
    )
    .text("name", &profile.name)
    .text("fingerprint", fingerprint)
    .with("followed", Value::Is(followed))
    .text("origin", &profile.origin)
    .text("url", &profile.url)
    .time("issued", profile.issued)
    .number("retention_days", profile.retention_days)
    .number("checkpoint_max_age", profile.checkpoint_max_age)
    .with("texts", Value::Lines(texts.collect()))
    .with("contacts", Value::Lines(contacts.collect()))
    .with("patient_cases", Value::Is(profile.patient_master_key.is_some()))
    .with("handed_over_from", Value::Lines(handed_over_from.collect()))
}

pub(super) fn organisation(bytes: &[u8]) -> Found {
    let note = "Keep it private: who has it tells which rooms are the organisation's, and can try \
        passphrases. Together with the passphrase it makes the keys of all rooms.";
    Found::secret("organisation record", note).number("bytes", bytes.len())
}

pub(super) fn vault(bytes: &[u8], passphrase: bool) -> Found {
    // [VLT-1]
    let key = if passphrase { "a passphrase" } else { "a key file beside it" };
    let note =
        "What a visitor keeps, sealed: `noren visitor visits`, in its home, shows what is inside.";
    Found::public("vault", note)
        .number("version", 1_u8)
        .text("opens_with", key)
        .number("bytes", bytes.len())
}

pub(super) fn diary(bytes: &[u8], passphrase: bool) -> Found {
    // [DIA-5]
    let key = if passphrase { "a passphrase" } else { "a key file beside it" };
    let note =
        "A visitor's readable diary, sealed: `noren visitor diary show`, in its home, shows it.";
    Found::public("diary", note)
        .number("version", 1_u8)
        .text("opens_with", key)
        .number("bytes", bytes.len())
}

pub(super) fn sealed_upload() -> Found {
    let note = "Its length says so. Whether it is a dummy, only the authority can tell.";
    Found::public("sealed upload", note).number("bytes", noren::messages::SEALED_UPLOAD_LENGTH)
}

pub(super) fn trace(trace: &PublishedTrace) -> Found {
    let note = "The published key of one hour at one venue. Which hour and where, it tells only those \
        who were there; its notice opens for them alone.";
    Found::public("trace", note)
        .text("day", times::show_day(trace.day()))
        .text("identity", hex::encode(trace.identity().as_bytes()))
        .number("notice_bytes", trace.notice().bytes().len())
}

pub(super) fn pre_trace(pre_trace: &PreTrace) -> Found {
    let note = "What a venue hands to its authority, sealed. The proof is not checked here.";
    let found = Found::secret("pre-trace", note);
    let found = match EntryCode::from_bytes(&pre_trace.payload) {
        Ok(code) => found.text("venue", code.venue().description()),
        Err(error) => found.text("venue", format!("refused: {error}")),
    };
    found
        .window(["from", "to"], pre_trace.window)
        .time("hour", pre_trace.hour.start())
        .text("identity", hex::encode(pre_trace.identity.as_bytes()))
}

pub(super) fn traces(what: &'static str, events: &[Vec<u8>]) -> Found {
    // [MSG-11]
    let parsed: Vec<_> =
        events.iter().filter_map(|event| PublishedTrace::from_bytes(event).ok()).collect();
    let mut days: Vec<_> = parsed.iter().map(PublishedTrace::day).collect();
    days.sort_unstable();
    days.dedup();
    Found::public(what, "`noren visitor sync` tries each on the visits of this device.")
        .number("traces", parsed.len())
        .number("malformed", events.len() - parsed.len())
        .with("days", Value::Lines(days.into_iter().map(times::show_day).collect()))
}

/// A file of a log, which its path names.
pub(super) fn tile(bytes: &[u8], path: &TilePath) -> Found {
    const HASH: usize = 32;
    let width = usize::from(path.width().get());
    match path {
        TilePath::Entries { width, .. } => match decode_bundle(bytes, *width) {
            Ok(entries) => traces("entry bundle", &entries),
            Err(error) => Found::damaged("entry bundle", error),
        },
        // [LOG-2]
        TilePath::Hash { .. } if bytes.len() != width * HASH => {
            Found::damaged("hash tile", format!("{} bytes are not {width} hashes", bytes.len()))
        }
        TilePath::Hash { .. } => {
            let note = "Whether the hashes are right, `noren auditor verify` tells.";
            Found::public("hash tile", note)
                .number("level", path.level())
                .number("index", path.index())
                .number("hashes", width)
        }
    }
}

/// The width of which the bytes would be a bundle.
pub(super) fn bundle_width(bytes: &[u8]) -> Option<TileWidth> {
    let (mut rest, mut count) = (bytes, 0_u16);
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        rest = after.get(usize::from(u16::from_be_bytes(*length))..)?;
        count += 1;
        if count > 256 {
            return None;
        }
    }
    if rest.is_empty() { TileWidth::new(count).ok() } else { None }
}
