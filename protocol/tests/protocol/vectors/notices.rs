//! Notices: what Noren writes, and what it reads of others'.

use noren::messages::{Layout, Level, Notice, NoticeDetails, NotificationKey, SealedNotice};

use super::case::{Case, Checked};
use super::ciphertexts::Replay;
use super::flows::window_of;
use crate::vectors::Context;

/// [MSG-6] [MSG-9]
pub(crate) fn notice(case: &Case<'_>, _: &Context) -> Checked {
    if case.find("plaintext").is_none() {
        return case.judge(expected(case)?.to_bytes(layout(case)?)).map(|_| ());
    }
    let key = NotificationKey::from_bytes(case.array("key")?);
    let sealed = SealedNotice::new(case.array("nonce")?, case.bytes("sealed")?);
    let opened = sealed.open(&key);
    if case.find("fails").is_none() || case.text("fails")? != "DoesNotOpen notice" {
        case.same("unsealed", Notice::from_bytes(&case.bytes("plaintext")?), opened.clone())?;
    }
    let Some(notice) = case.judge(opened)? else { return Ok(()) };
    case.same("notice", &notice, &expected(case)?)?;
    let layout = layout(case)?;
    let plaintext = case.bytes("plaintext")?;
    let same = notice.to_bytes(layout).is_ok_and(|written| *written == plaintext);
    case.same("written", same, case.flag("written")?)?;
    if !same {
        return Ok(());
    }
    let again = notice.seal(&key, layout, &mut Replay::new(&[sealed.nonce()]));
    case.same("sealed", again, Ok(sealed))
}

fn layout(case: &Case<'_>) -> Checked<Layout> {
    match case.text("layout")? {
        "with_times" => Ok(Layout::WithTimes),
        "without_times" => Ok(Layout::WithoutTimes),
        other => Err(case.failure(format!("unknown layout {other}"))),
    }
}

fn expected(case: &Case<'_>) -> Checked<Notice> {
    layout(case)?;
    let details = case.find("level").is_some().then(|| {
        let level = u8::try_from(case.unsigned("level")?).map_err(|error| error.to_string())?;
        let level = case.must("level", Level::try_from(level))?;
        Checked::Ok(NoticeDetails {
            level,
            names_venue: case.flag("names_venue")?,
            names_date: case.flag("names_date")?,
        })
    });
    let window = match case.find("window") {
        Some(window) if !window.is_null() => Some(window_of(case, "window")?),
        _ => None,
    };
    let message = case.text("message")?.to_owned();
    Ok(Notice { window, message, details: details.transpose()? })
}
