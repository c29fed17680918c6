//! What waits by what the server says: the log's date, the profile that it hands out, the uploads it holds.

use noren::log::SignedCheckpoint;
use noren::time::UnixSeconds;

use super::Waiting;
use crate::desk::heads::Seen;
use crate::desk::profile::is_unfinished;
use crate::desk::served::Served;
use crate::desk::{Desk, codes};
use crate::errors::words;
use crate::log_files::fetch_profile;
use crate::text::counted;
use crate::times;

/// What the server says: the age of the log, its profile, and the codes of the uploads it holds;
/// `None` where that is not known.
pub(super) fn of_server(desk: &Desk<'_>, now: UnixSeconds) -> (Vec<Waiting>, Option<Vec<String>>) {
    let mut waiting = Vec::new();
    let uploads = match codes::waiting(desk) {
        Ok(uploads) => Some(uploads.into_iter().map(|upload| upload.case).collect()),
        // The server may know the next keys already, and takes a request by these for a stranger's.
        Err(_) if desk.is_handing_over() => return (waiting, None),
        Err(error) => {
            let text = format!("whether uploads wait is not known: {}", words(&error));
            let next = "noren authority uploads".to_owned();
            waiting.push(Waiting::new("server", "whoever runs it", text, next));
            None
        }
    };
    if desk.is_handing_over() {
        return (waiting, uploads);
    }
    let profile = desk.profile.profile();
    let mut next = format!("noren authority profile --name {:?}", profile.name);
    let text = match fetch_profile(&profile.url) {
        // [CLI-19]
        Ok(_) if is_unfinished(desk) => {
            "noren authority heartbeat".clone_into(&mut next);
            Some("a change of the profile was cut off, and devices do not have it yet".to_owned())
        }
        Ok(served) if served.as_bytes() == desk.profile.as_bytes() => None,
        Ok(served) => Some(match desk.judge_profile(served) {
            Served::NoLater => "the server hands out another profile than this desk's".to_owned(),
            // [CLI-15]
            Served::Later(_) => {
                "noren authority take-over".clone_into(&mut next);
                "the server hands out a later profile than this desk's, which was restored from a backup"
                    .to_owned()
            }
            Served::NotOfOurKeys => format!(
                "the server hands out a later profile, with a patient master key that is not in {}: put the \
                 newest copy of that file back; the next command takes the profile back",
                desk.keys_path().display()
            ),
        }),
        // That has been told.
        Err(_) if uploads.is_none() => None,
        Err(error) => {
            Some(format!("devices cannot read the profile at the server: {}", words(&error)))
        }
    };
    waiting.extend(text.map(|text| Waiting::new("profile", "you", text, next)));
    waiting.extend(of_log(desk, now, uploads.is_some()));
    (waiting, uploads)
}

/// What is wrong with the log that the server shows, held against what this desk has signed.
/// `answers`: whether the server has answered before.
fn of_log(desk: &Desk<'_>, now: UnixSeconds, answers: bool) -> Option<Waiting> {
    // [CLI-46]
    let seen = desk.head_at(&desk.profile.profile().url);
    let seen = seen.and_then(|head| Ok((desk.judge(&head)?, head)));
    let (seen, head) = match seen {
        Ok(seen) => seen,
        // That has been told.
        Err(_) if !answers => return None,
        Err(error) => {
            let text = format!("the head of the log cannot be read: {}", words(&error));
            let next = "noren authority heartbeat".to_owned();
            return Some(Waiting::new("heartbeat", "you", text, next));
        }
    };
    let ours = counted(desk.log_size(), "entry");
    let size = head.signed.as_ref().map_or(0, |signed| signed.checkpoint().size);
    let item = |who, text, verb: &str| {
        Some(Waiting::new("log", who, text, format!("noren authority {verb}")))
    };
    match seen {
        Seen::Fork => {
            let text = format!(
                "the server shows a log of {} that is not this desk's, under this authority's \
                 signature: sign nothing, stop every copy of this desk, and call whoever runs this \
                 authority's keys; the next command keeps both notes and signs nothing",
                counted(size, "entry")
            );
            item("whoever runs the keys", text, "heartbeat")
        }
        Seen::Ahead => {
            let text = format!(
                "the server shows a log of {} that goes beyond what this desk has signed ({ours}): \
                 another copy of it is at work, or it was restored from a backup",
                counted(size, "entry")
            );
            item("you", text, "take-over")
        }
        Seen::Nothing | Seen::Behind if desk.note().is_some() => {
            let text = format!(
                "the log at the server went back: it has {}, of the {ours} that this desk has signed; \
                 devices refuse it",
                counted(size, "entry")
            );
            item("you", text, "restore-log")
        }
        // A server that refuses this desk may do so for its clock, by which no age can be told.
        _ if !answers => None,
        _ => heartbeat(desk, head.signed.as_ref(), now),
    }
}

/// Devices refuse a log that was signed too long ago; half of that time is time to sign it anew.
fn heartbeat(
    desk: &Desk<'_>,
    signed: Option<&SignedCheckpoint>,
    now: UnixSeconds,
) -> Option<Waiting> {
    let longest = desk.profile.profile().checkpoint_max_age;
    let text = match signed {
        Some(signed) => {
            let at = times::show(signed.timestamp());
            match signed.check_fresh(now, longest / 2) {
                Ok(()) => return None,
                Err(_) if signed.check_fresh(now, longest).is_ok() => {
                    format!("the log was signed last at {at}; its date is due to be renewed")
                }
                Err(error) => format!("devices refuse the log, signed last at {at}: {error}"),
            }
        }
        None => "the log was never signed; devices cannot read it".to_owned(),
    };
    Some(Waiting::new("heartbeat", "you", text, "noren authority heartbeat".to_owned()))
}
