//! A case that was opened, with the code to read out.

use anyhow::Context as _;
use jiff::tz::TimeZone;
use noren::messages::WindowCode;
use serde::Serialize;

use crate::context::Context;
use crate::desk::{Desk, OpenedCase};
use crate::outcome::{Answer, Outcome};
use crate::times;

/// A case with the code to read out.
#[derive(Serialize)]
pub(super) struct ShownOpened {
    pub(super) case: String,
    code: String,
    /// The window, for the venue's program; absent where it can't be said in whole minutes.
    window_code: Option<String>,
    expires: String,
    from: String,
    to: String,
    #[serde(skip)]
    window: String,
    #[serde(skip)]
    until: String,
}

impl ShownOpened {
    pub(super) fn new(opened: &OpenedCase, zone: &TimeZone) -> Self {
        let OpenedCase { case, code } = opened;
        let until = times::show_at(case.expires, zone);
        Self {
            case: case.id.clone(),
            code: code.to_text().to_string(),
            // [VEN-6]
            window_code: WindowCode::within(case.window).map(|window| window.to_text(code)),
            expires: times::rfc3339(case.expires),
            from: times::rfc3339(case.window.start()),
            to: times::rfc3339(case.window.end()),
            // [CLI-32]
            window: times::show_window_in(case.window, zone),
            until: format!("{until} ({})", times::zone_name(case.expires, zone)),
        }
    }

    pub(super) fn lines(&self) -> String {
        let window_code = self.window_code.as_ref();
        let window_code = window_code.map(|code| format!("\nwindow code: {code}"));
        format!(
            "case {}\nwindow:      {}\nupload code: {}{}\nRead them out to the venue. The code is good for one upload, until {}, and is not kept here.",
            self.case,
            self.window,
            self.code,
            window_code.unwrap_or_default(),
            self.until,
        )
    }
}

/// Shows a case and its code, which is told once.
pub(in crate::authority) fn show(
    context: &Context,
    desk: &mut Desk<'_>,
    opened: &OpenedCase,
) -> Outcome {
    let shown = ShownOpened::new(opened, &desk.zone());
    let told = context.output.told(&shown, ShownOpened::lines);
    told.with_context(|| lost("case", &shown.case))?;
    note_told(desk, &shown.case)?;
    Ok(Answer::Yes)
}

/// Notes that a code was printed.
pub(super) fn note_told(desk: &mut Desk<'_>, id: &str) -> anyhow::Result<()> {
    // [CLI-21]
    desk.note_told(id).with_context(|| {
        format!(
            "{id} is open and its code is printed above, and good; only that it was printed could not be \
             noted, so that `noren authority status` goes on saying that nobody has it"
        )
    })
}

/// What it means that a code could not be printed, and how to get another.
pub(super) fn lost(verb: &str, id: &str) -> String {
    // [CLI-21]
    format!(
        "{id} is open, but its upload code could not be printed and is not kept: \
         `noren authority {verb} reissue {id}` gives out another"
    )
}
