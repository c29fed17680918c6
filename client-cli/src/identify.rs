//! Tells what bytes are: by their first bytes where a format has such, else by the first strict
//! parser that takes them.

mod checkpoint;
mod found;
mod messages;
mod surroundings;

use std::path::Path;

use anyhow::bail;
use noren::log::{TilePath, decode_bundle};
use noren::messages::{
    EntryCode, MessageError, Part, PreTrace, PublishedTrace, RangeError, SEALED_UPLOAD_LENGTH,
    TraceCode, decode_payload, read_codes, unwrap_events,
};
use noren::profile::{ProfileError, SignedProfile};
use noren::venue::{Organisation, VenueError};
use noren::visitor::VaultError;
use zeroize::Zeroizing;

use crate::qr::{self, Fit};
use crate::text::clean_path;

pub(crate) use found::Found;
pub(crate) use surroundings::Surroundings;

/// What the bytes are; `None` where they are nothing that Noren knows.
pub(crate) fn identify(bytes: &[u8], around: &Surroundings<'_>) -> anyhow::Result<Option<Found>> {
    if qr::is_picture(bytes) {
        let text = Zeroizing::new(qr::read_image(bytes, fit)?);
        return Ok(Some(of_text(&text, around).unwrap_or_else(|| {
            Found::damaged("QR code", "it holds nothing that Noren knows").text("text", &*text)
        })));
    }
    let text = std::str::from_utf8(bytes).ok();
    let found = of_tile_path(bytes, around)
        .or_else(|| of_vault(bytes))
        .or_else(|| of_diary(bytes))
        .or_else(|| of_clock(bytes))
        .or_else(|| of_bytes(bytes, around))
        .or_else(|| of_text(text?, around));
    match qr::unreadable(bytes) {
        // [CLI-40] Somebody means the code that is drawn in it.
        Some(instead) if found.is_none() => bail!(instead),
        _ => Ok(found),
    }
}

/// Whether the text of a QR code is something of Noren's.
pub(crate) fn fit(text: &str) -> Fit {
    // [CLI-40]
    match of_text(text, &Surroundings::none()) {
        Some(found) if found.is_sound() => Fit::Ours,
        Some(_) => Fit::Damaged,
        None => Fit::Foreign,
    }
}

/// What the bytes are that were given where `wanted` belongs, for an error; `None` where they are
/// nothing that Noren knows.
fn instead_of(wanted: &str, bytes: &[u8]) -> Option<String> {
    // [VEN-6]
    let found = identify(bytes, &Surroundings::none()).ok()??;
    // Damaged as it is, it is what was asked for: its own reason says more.
    let same = wanted.ends_with(found.what()) && !found.is_sound();
    (!same).then(|| format!("this is {}; {wanted} belongs here", found.named()))
}

/// Why bytes are refused where something else is wanted: by what they are, where that is known, and
/// else by the parser's own reason.
pub(crate) fn misplaced(
    wanted: &str,
    otherwise: &str,
    path: Option<&Path>,
    bytes: &[u8],
    error: impl Into<anyhow::Error>,
) -> anyhow::Error {
    let place = path.map_or_else(String::new, |path| format!("{}: ", clean_path(path)));
    match instead_of(wanted, bytes) {
        Some(instead) => anyhow::anyhow!("{place}{instead}"),
        None => error.into().context(format!("{place}{otherwise}")),
    }
}

fn of_text(text: &str, around: &Surroundings<'_>) -> Option<Found> {
    let trimmed = noren::text::trimmed(text);
    if crate::http::is_address(trimmed) {
        return match EntryCode::from_url(trimmed) {
            Ok(code) => Some(messages::entry_code(&code, around).text("link", base(trimmed))),
            // Some other address.
            Err(_) if !trimmed.contains("?v=") => None,
            Err(error) => Some(Found::damaged("check-in link", error)),
        };
    }
    if let Some(found) = checkpoint::describe(text, around) {
        return Some(found);
    }
    of_upload_code(trimmed)
        .or_else(|| of_operators_key(trimmed))
        .or_else(|| of_case_document(trimmed))
        .or_else(|| of_bytes(&Zeroizing::new(decode_payload(trimmed).ok()?), around))
}

fn base(link: &str) -> &str {
    link.split_once('?').map_or(link, |(base, _)| base)
}

fn of_upload_code(text: &str) -> Option<Found> {
    match read_codes(text) {
        // [VEN-4] [VEN-6]
        Ok((_, window)) => {
            let found = Found::secret(
                "upload code",
                "Secret, and good for one upload: give it to the venue that is asked, to nobody else.",
            );
            Some(match window.and_then(|window| window.window().ok()) {
                Some(window) => found.window(["from", "to"], window),
                None => found,
            })
        }
        Err(MessageError::OutOfRange(RangeError::CheckSymbols(_))) => Some(
            Found::damaged("upload code", "its check symbols do not fit: it is mistyped")
                .kept_secret(),
        ),
        Err(_) => None,
    }
}

fn of_operators_key(text: &str) -> Option<Found> {
    let is_key = text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_key.then(|| {
        let note = "Secret, if it is one: its operator alone approves with it.";
        Found::secret("operator's key", note)
    })
}

fn of_case_document(text: &str) -> Option<Found> {
    crate::desk::is_case_document(text).then(|| {
        Found::public(
            "case document",
            "`noren authority replay` evaluates it again, or says that staff decided it.",
        )
    })
}

/// A file of a log says what it is only by its path.
fn of_tile_path(bytes: &[u8], around: &Surroundings<'_>) -> Option<Found> {
    let path = around.path?.to_str()?.replace('\\', "/");
    let tile: TilePath = path.get(path.rfind("tile/")?..)?.parse().ok()?;
    Some(messages::tile(bytes, &tile))
}

fn of_vault(bytes: &[u8]) -> Option<Found> {
    match noren::visitor::Vault::required_key(bytes) {
        Ok(passphrase) => Some(messages::vault(bytes, passphrase)),
        Err(VaultError::NotAVault) => None,
        Err(error) => Some(Found::damaged("vault", error)),
    }
}

fn of_diary(bytes: &[u8]) -> Option<Found> {
    match noren::visitor::Diary::required_key(bytes) {
        Ok(passphrase) => Some(messages::diary(bytes, passphrase)),
        Err(VaultError::NotADiary) => None,
        Err(error) => Some(Found::damaged("diary", error)),
    }
}

fn of_clock(bytes: &[u8]) -> Option<Found> {
    crate::desk::Clock::from_bytes(bytes).map(|clock| {
        let note = if clock.holds_key() {
            "Secret: whoever has it can renew the date of the log's head, and publish nothing."
        } else {
            "It names the command that signs with the clock key, and does not hold the key."
        };
        Found::secret("clock's file", note)
    })
}

fn of_bytes(bytes: &[u8], around: &Surroundings<'_>) -> Option<Found> {
    let mut refusals = Refusals(None);
    let found = refusals
        .take("authority profile", SignedProfile::from_bytes(bytes))
        .map(|profile| messages::profile(&profile, around))
        .or_else(|| {
            let record = Organisation::from_bytes(bytes).map_err(|error| match error {
                VenueError::Message(error) => error,
                // Something else than its form, which says that it is a record.
                _ => MessageError::DoesNotOpen(Part::OrganisationRecord),
            });
            refusals.take("organisation record", record).map(|_| messages::organisation(bytes))
        })
        .or_else(|| {
            let code = refusals.take("trace code", TraceCode::from_bytes(bytes));
            code.map(|code| messages::trace_code(&code, around))
        })
        .or_else(|| {
            let code = refusals.take("entry code", EntryCode::from_bytes(bytes));
            code.map(|code| messages::entry_code(&code, around))
        })
        .or_else(|| {
            let trace = refusals.take("trace", PublishedTrace::from_bytes(bytes));
            trace.map(|trace| messages::trace(&trace))
        })
        .or_else(|| {
            let pre_trace = refusals.take("pre-trace", PreTrace::from_bytes(bytes));
            pre_trace.map(|pre_trace| messages::pre_trace(&pre_trace))
        });
    found
        .or_else(|| of_several(bytes))
        .or_else(|| (bytes.len() == SEALED_UPLOAD_LENGTH).then(messages::sealed_upload))
        .or(refusals.0)
}

/// Lists of traces: a feed's, or a log's bundle. Both need one sound trace, since their own form
/// says too little.
fn of_several(bytes: &[u8]) -> Option<Found> {
    let has_trace = |events: &Vec<Vec<u8>>| {
        events.is_empty() || events.iter().any(|each| PublishedTrace::from_bytes(each).is_ok())
    };
    if let Some(events) = unwrap_events(bytes).ok().filter(has_trace) {
        return Some(messages::traces("list of traces", &events));
    }
    let entries = messages::bundle_width(bytes)
        .and_then(|width| decode_bundle(bytes, width).ok())
        .filter(has_trace)?;
    Some(messages::traces("entry bundle", &entries))
}

/// The first refusal that could only come after a message's form was right: the bytes were meant to
/// be that message.
struct Refusals(Option<Found>);

impl Refusals {
    fn take<T, E: Into<ProfileError>>(
        &mut self,
        what: &'static str,
        parsed: Result<T, E>,
    ) -> Option<T> {
        match parsed.map_err(Into::into) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                if !lacks_form(&error) {
                    self.0.get_or_insert_with(|| Found::damaged(what, error));
                }
                None
            }
        }
    }
}

/// Whether the bytes do not have the form of the message, so that they may be anything.
const fn lacks_form(error: &ProfileError) -> bool {
    use MessageError::{
        ControlCharacter, DoesNotOpen, OutOfRange, Point, Scalar, TextTooLong, Time, TooMany,
    };
    match error {
        ProfileError::Message(error) => !matches!(
            error,
            ControlCharacter(_)
                | DoesNotOpen(_)
                | OutOfRange(_)
                | Point { .. }
                | Scalar { .. }
                | TextTooLong { .. }
                | TooMany { .. }
                | Time { .. }
        ),
        _ => false,
    }
}
