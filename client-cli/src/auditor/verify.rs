//! `noren auditor verify`: everything that a device would read of a log, and the hash tiles.

use noren::log::LogPosition;

use super::audited::{AuditedLog, Extent, audit};
use super::found::Findings;
use super::subject::{Which, subject};
use crate::context::Context;
use crate::errors::whole_number;
use crate::outcome::{Answer, Outcome};

#[derive(clap::Args)]
pub(crate) struct VerifyArguments {
    #[command(flatten)]
    which: Which,
    /// Read no more entries than this
    #[arg(long, value_parser = whole_number::<u64>, value_name = "COUNT", default_value_t = 16_777_216)]
    most_entries: u64,
}

pub(super) fn run(context: &Context, arguments: &VerifyArguments) -> Outcome {
    // [LOG-10] [LOG-13]
    let mut findings = Findings::default();
    let subject = subject(context, &arguments.which, &mut findings)?;
    let most = arguments.most_entries;
    let whole = |_: &_| Extent { from: LogPosition::start(), most };
    let (shown, _) = audit(context, &subject, whole, findings)?;
    context.output.data(&shown, AuditedLog::lines)?;
    Ok(if shown.is_clean() { Answer::Yes } else { Answer::No })
}
