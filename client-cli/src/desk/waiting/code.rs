//! What waits for an upload with a code.

use noren::time::UnixSeconds;

use super::Waiting;
use crate::desk::case_file::{Coded, Status};
use crate::times;

/// The codes of the uploads that the server holds, where that is known, and the records whose code nobody
/// has been told.
pub(super) type Codes<'w> = (Option<&'w [String]>, &'w [String]);

/// What waits for an upload with a code, or for a look at it.
pub(super) fn of_code<T: Coded>(
    record: &T,
    whom: &'static str,
    text: &str,
    ask_again: &str,
    (expires, now): (UnixSeconds, UnixSeconds),
    (uploads, untold): Codes<'_>,
) -> Option<Waiting> {
    let (id, verbs) = (record.id(), T::VERBS);
    let uploaded = uploads.is_some_and(|codes| codes.contains(&record.code_hash_hex()));
    let review = if verbs == "case" { "review".to_owned() } else { format!("{verbs} review") };
    let item = |what, who, text: String, verb: &str| {
        let next = format!("noren authority {verb} {id}");
        Some(Waiting::of(id, what, who, text, next))
    };
    match record.status() {
        Status::Registering => {
            let text = format!("{text}: its opening was cut off, and nobody has its code");
            item("cut-off", "you", text, &format!("{verbs} close"))
        }
        Status::Open if uploaded => {
            item("upload", "you", format!("{text}: an upload waits for review"), &review)
        }
        // [CLI-21]
        Status::Open if untold.iter().any(|each| each == id) => {
            let text = format!("{text}: its code was never printed, and nobody has it");
            item("cut-off", "you", text, &format!("{verbs} reissue"))
        }
        // [CLI-46] Nobody is asked again for what may be there.
        Status::Open if uploads.is_none() => {
            let until = times::show(expires);
            let code = if expires <= now { "had expired by" } else { "is good until" };
            let text = format!(
                "{text}: whether anything was uploaded is not known; the code {code} {until}"
            );
            let next = "noren authority uploads".to_owned();
            Some(Waiting::of(id, "unknown", "you", text, next))
        }
        Status::Open if expires <= now => {
            let text = format!("{text}: nothing was uploaded, and the code has expired");
            item("expired", "you", text, &format!("{verbs} reissue"))
        }
        Status::Open => {
            let text =
                format!("{text}: no upload yet; the code is good until {}", times::show(expires));
            item("unanswered", whom, text, &format!("{verbs} {ask_again}"))
        }
        Status::Rejected => {
            let text = format!("{text}: its upload was rejected, and it has no new code");
            item("rejected", "you", text, &format!("{verbs} reissue"))
        }
        Status::Reviewed | Status::Published | Status::Withdrawn | Status::Closed => None,
    }
}
