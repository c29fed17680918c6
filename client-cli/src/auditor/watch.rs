//! `noren auditor watch`: reads what is new of logs on a schedule, keeps every head, and tells each
//! alarm once.

use std::ffi::OsString;
use std::thread::sleep;
use std::time::Duration;

use noren::log::{LogPosition, SignedCheckpoint};
use rand_core::Rng as _;

use super::audited::{AuditedLog, Extent, audit};
use super::found::Findings;
use super::history;
use super::subject::{Which, subject};
use crate::context::Context;
use crate::errors::{whole_number, words};
use crate::followed::Followed;
use crate::hand_over::hand_over;
use crate::outcome::{Answer, Outcome};
use crate::{output, times};

#[derive(clap::Args)]
pub(crate) struct WatchArguments {
    /// What to watch: addresses, each of which is read itself, profile files, or followed authorities'
    /// names or fingerprints [default: every followed authority]
    logs: Vec<OsString>,
    /// Whose log all of them have to be: a profile file, or a followed authority's name or fingerprint
    #[arg(long, value_name = "AUTHORITY")]
    authority: Option<OsString>,
    /// How often; each wait is up to a tenth longer
    #[arg(long, default_value = "1h", value_name = "LENGTH")]
    every: String,
    /// Run this with `sh -c` for each alarm, which is on its standard input as JSON
    #[arg(long, value_name = "COMMAND")]
    run: Option<String>,
    /// Stop after so many rounds
    #[arg(long, value_parser = whole_number::<u64>, value_name = "N")]
    rounds: Option<u64>,
}

/// What was found of a log, and handed over.
type Alarms = Vec<(&'static str, Option<String>)>;

/// One log, and what was told of it.
struct Watched {
    which: Which,
    told: Alarms,
    head: Option<(u64, String)>,
}

/// How a round went.
#[derive(Default)]
struct Round {
    alarmed: bool,
    failed: bool,
}

pub(super) fn run(context: &Context, arguments: &WatchArguments) -> Outcome {
    // [CLI-54]
    let every = times::parse_length(&arguments.every)?;
    let mut watched = watched(context, arguments)?;
    let mut number = 0;
    loop {
        let mut round = Round::default();
        for log in &mut watched {
            look(context, arguments, log, &mut round)?;
        }
        number += 1;
        if arguments.rounds.is_some_and(|rounds| number >= rounds) {
            return Ok(match round {
                Round { alarmed: true, .. } => Answer::No,
                Round { failed: true, .. } => Answer::Failed,
                Round { .. } => Answer::Yes,
            });
        }
        sleep(Duration::from_secs(every + context.rng().next_u64() % (every / 10 + 1)));
    }
}

fn watched(context: &Context, arguments: &WatchArguments) -> anyhow::Result<Vec<Watched>> {
    let watched = |log: Option<OsString>, authority: Option<OsString>| Watched {
        which: Which { log, authority },
        told: Vec::new(),
        head: None,
    };
    if !arguments.logs.is_empty() {
        let of_all = || arguments.authority.clone();
        return Ok(arguments.logs.iter().map(|log| watched(Some(log.clone()), of_all())).collect());
    }
    if let Some(authority) = &arguments.authority {
        return Ok(vec![watched(None, Some(authority.clone()))]);
    }
    let followed = Followed::new(context).all();
    anyhow::ensure!(!followed.is_empty(), "no authority is followed yet; name a log to watch");
    let name = |fingerprint: noren::profile::Fingerprint| fingerprint.to_string().into();
    let all = followed.iter().map(|profile| profile.profile().fingerprint());
    Ok(all.map(|fingerprint| watched(Some(name(fingerprint)), None)).collect())
}

/// Reads what is new of one log, and tells what has changed. An error where nobody can be told.
fn look(
    context: &Context,
    arguments: &WatchArguments,
    log: &mut Watched,
    round: &mut Round,
) -> anyhow::Result<()> {
    let shown = match read(context, &log.which) {
        Ok(shown) => shown,
        Err(error) => {
            // One that cannot be read keeps none of the others from being watched.
            output::error(&words(&error));
            round.failed = true;
            return Ok(());
        }
    };
    let alarms = shown.alarms();
    round.alarmed |= !alarms.is_empty();
    let head = Some(shown.head());
    if log.head != head || log.told != alarms {
        context.output.event(&shown, AuditedLog::lines)?;
    }
    let is_new = alarms.iter().any(|alarm| !log.told.contains(alarm));
    let given = match &arguments.run {
        // [CLI-21] What was not handed over is handed over again.
        Some(command) if is_new => hand_over(command, &shown),
        _ => Ok(()),
    };
    if let Err(error) = given {
        output::error(&format!("{}; it will be handed over again", words(&error)));
        round.failed = true;
        return Ok(());
    }
    (log.told, log.head) = (alarms, head);
    Ok(())
}

fn read(context: &Context, which: &Which) -> anyhow::Result<AuditedLog> {
    let mut findings = Findings::default();
    let subject = subject(context, which, &mut findings)?;
    let folder = context.folder("auditor");
    let kept = history::position(&folder, &subject.profile);
    // A smaller tree than the one that was verified is read from its beginning, whosever fault it is.
    let extent = |head: &SignedCheckpoint| {
        let goes_on = head.checkpoint().size >= kept.range.size();
        Extent { from: if goes_on { kept.clone() } else { LogPosition::start() }, most: u64::MAX }
    };
    let (shown, reached) = audit(context, &subject, extent, findings)?;
    if let Some(reached) = reached
        && reached.range.size() >= kept.range.size()
    {
        history::keep_position(&folder, &subject.profile, reached)?;
    }
    Ok(shown)
}
