//! `noren authority`: from an interview to a warning.

mod approvals;
mod case_document;
mod cases;
mod clock;
mod consent;
mod done;
mod journal;
mod key;
mod mirror;
mod own_log;
mod patient;
mod place;
mod policy;
mod profile;
mod protect;
mod publish;
mod release;
mod reports;
mod restore_log;
mod rotate;
mod shown;
mod status;
mod summary;
mod take_over;
mod vkey;
mod witness;

pub(crate) use cases::ids as case_ids;

use std::path::PathBuf;

use clap::Subcommand;
use own_log::OwnLog;

use crate::context::Context;
use crate::desk::Action;
use crate::outcome::Outcome;
use crate::secret::PassphraseSource;

#[derive(clap::Args)]
pub(crate) struct AuthorityArguments {
    /// Who works at the desk, for its journal [default: the operator named at `init`]
    #[arg(
        long,
        global = true,
        env = "NOREN_OPERATOR",
        hide_env_values = true,
        value_name = "NAME"
    )]
    operator: Option<String>,
    /// Read the passphrase of the desk's keys, where they have one, from this file instead of asking
    /// ("-": the standard input)
    #[arg(
        long,
        global = true,
        env = "NOREN_PASSPHRASE_FILE",
        hide_env_values = true,
        value_name = "FILE"
    )]
    passphrase_file: Option<PathBuf>,
    /// Work without a server: keep the log in the folder `data` that these settings of noren-server's
    /// name, and copy its public files to the bucket, if they name one
    #[arg(long, global = true, env = "NOREN_OWN_LOG", hide_env_values = true, value_name = "FILE")]
    own_log: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the authority's keys and its public profile
    #[command(
        after_help = "Example: noren authority init --name \"Health office\" --origin noren.pref.example/log --url https://noren.pref.example"
    )]
    Init(profile::InitArguments),
    /// Show the public profile, write it to a file, or change it
    #[command(after_help = "Example: noren authority profile --out health-office.profile")]
    Profile(profile::ProfileArguments),
    /// List, show, check and set warning policies: shipped ones and your own
    #[command(subcommand)]
    Policy(policy::Command),
    /// Record that an interview named a venue; opens a case when the policy's threshold is reached
    #[command(
        after_help = crate::times::help("Example: noren authority report --venue \"Live house Hibiki\" --kind live-house --seats 120 --from \"yesterday 19:00\" --to \"yesterday 21:30\"")
    )]
    Report(reports::ReportArguments),
    /// Show every reported venue and day against its threshold, what looks like a cluster, and all
    /// that waits for somebody, with the next command. Exit code 1: there is nothing
    #[command(after_help = "Example: noren authority status")]
    Status,
    /// Open, list, remind of, reissue and close cases
    #[command(subcommand)]
    Case(cases::Command),
    /// Let diagnosed visitors upload their visits themselves (patient cases); off until you enable it
    #[command(subcommand)]
    Patient(patient::Command),
    /// List the uploads that wait on the server. Exit code 1: there is none
    #[command(after_help = "Example: noren authority uploads")]
    Uploads,
    /// Fetch a case's upload and make every check. Exit code 1: it is refused
    #[command(after_help = "Example: noren authority review c-3f9a21")]
    Review {
        /// The case's id
        case: String,
    },
    /// Reject an upload and delete it
    #[command(after_help = "Example: noren authority reject c-3f9a21 --reason \"another venue\"")]
    Reject {
        /// The case's id
        case: String,
        /// Why, for the journal
        #[arg(long)]
        reason: String,
    },
    /// Publish a case's keys with a notice; publish again to correct or raise the notice. Exit code 1:
    /// the upload is refused, or nothing would change
    #[command(after_help = crate::times::help("Example: noren authority publish c-3f9a21 --level cluster"))]
    Publish(publish::PublishArguments),
    /// Withdraw a notice and tell those who were warned, or withdraw a report that was a mistake. Exit
    /// code 1: the notice is withdrawn already
    #[command(
        after_help = "Example: noren authority withdraw c-3f9a21\n         noren authority withdraw r-77c0e1"
    )]
    Withdraw(publish::WithdrawArguments),
    /// Evaluate a case's document again. Exit code 1: the answer is another one
    #[command(after_help = "Example: noren authority replay c-3f9a21.json")]
    Replay {
        /// The document, as `case show --out` writes it
        file: PathBuf,
    },
    /// Show who decided what when, and check that nothing is missing
    #[command(after_help = "Example: noren authority journal")]
    Journal,
    /// Draw a summary of the desk's work for a meeting: one page of HTML with plots and tables of
    /// reports, cases and waiting times. It holds nothing about visitors
    #[command(after_help = "Example: noren authority summary --out april.html")]
    Summary(summary::PageArguments),
    /// Add, remove and list operators, and say how many have to approve a publication
    #[command(subcommand)]
    Operator(approvals::Command),
    /// Approve a proposal with an operator's key, or reject it
    #[command(after_help = "Example: noren authority approve p-3f9a21 --key /media/sato/noren.key")]
    Approve(approvals::ApproveArguments),
    /// Publish everything that waits for the policy's last release time, filled up with cover entries.
    /// Where nothing waits, publish cover entries alone, so that nobody sees which day had a case. Also
    /// signs the log anew. Meant for a timer. Exit code 1: that release is out already, or something was
    /// left out of it
    #[command(
        after_help = "Example: noren authority release\n\nRun it a minute after each release time, from a timer that catches up after the machine was off. A late run sends what was missed, once."
    )]
    Release(release::ReleaseArguments),
    /// Sign the log anew, so that devices know that they see all of it. Meant for a timer
    #[command(
        after_help = "Example: noren authority heartbeat\n         noren authority heartbeat --clock /etc/noren.clock"
    )]
    Heartbeat {
        /// Sign although the last signature is later than this machine's time: some clock was wrong,
        /// and all are right now
        #[arg(long)]
        clock_is_right: bool,
        /// Sign with this clock's file alone, on a machine without a desk: see `clock export`
        #[arg(long, value_name = "FILE", conflicts_with = "clock_is_right")]
        clock: Option<PathBuf>,
    },
    /// Give another machine the key that keeps the log's date new, and nothing else
    #[command(subcommand)]
    Clock(clock::Command),
    /// Seal the desk's keys with a passphrase, or with another one. Every command at the desk then asks
    /// for it
    #[command(
        after_help = "Example: noren authority protect\n\nWhat was on the disk before can stay there, and in backups: for a key that nobody ever read, protect the desk right after `init`."
    )]
    Protect(protect::ProtectArguments),
    /// Let commands sign with the keys of log and clock, so that a token or another machine can hold them
    #[command(subcommand)]
    Key(key::Command),
    /// Make new keys and hand over to them; devices that follow the authority accept them by
    /// themselves
    #[command(
        name = "rotate-keys",
        after_help = "Example: noren authority rotate-keys\n\nRun it again if it was cut off. It does not help against a stolen key: the thief can hand over as well."
    )]
    RotateKeys(rotate::RotateArguments),
    /// Name copies of the log that the desk reads before it signs
    #[command(subcommand)]
    Mirror(mirror::Command),
    /// Name witnesses, whom the desk asks to cosign every head before it publishes it
    #[command(subcommand)]
    Witness(witness::Command),
    /// Print the log's public keys as tools for signed notes take them: that of the log, and that of
    /// the signed time
    #[command(after_help = "Example: noren authority vkey")]
    Vkey,
    /// Make this the desk that signs, after it was moved, copied or restored from a backup. Reads
    /// the whole published log first
    #[command(
        name = "take-over",
        after_help = "Example: noren authority take-over\n\nA desk signs from one folder on one machine. What was signed last is kept a second time in the user's state folder (noren/desks; NOREN_STATE names another), which belongs into no backup of the desk."
    )]
    TakeOver(take_over::TakeOverArguments),
    /// Give the log back to a server that has lost it, from the desk's own copy. Exit code 1: the
    /// server has it all
    #[command(
        name = "restore-log",
        after_help = "Example: noren authority restore-log --to https://noren2.pref.example\n\nStart the new server with the profile first (`noren authority profile --out FILE`)."
    )]
    RestoreLog(restore_log::RestoreArguments),
}

pub(crate) fn run(context: &Context, arguments: AuthorityArguments) -> Outcome {
    let operator = arguments.operator.as_deref().map(approvals::operator_name).transpose()?;
    let context = &context.at_desk(operator, PassphraseSource::of(arguments.passphrase_file));
    let own_log = arguments.own_log.map(|settings| OwnLog::open(context, &settings));
    let own_log = own_log.transpose()?.flatten();
    let outcome = run_alone(context, arguments.command);
    let closed = own_log.map_or(Ok(()), OwnLog::close);
    let answer = outcome?;
    closed.map(|()| answer)
}

fn run_alone(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Init(arguments) => profile::init(context, &arguments),
        Command::Profile(arguments) => profile::show(context, &arguments),
        Command::Policy(command) => policy::run(context, command),
        Command::Report(arguments) => reports::report(context, &arguments),
        Command::Status => status::run(context),
        Command::Case(command) => cases::run(context, command),
        Command::Patient(command) => patient::run(context, command),
        Command::Uploads => cases::uploads(context),
        Command::Review { case } => act(context, Action::Review(case)),
        Command::Reject { case, reason } => act(context, Action::RejectUpload { case, reason }),
        Command::Publish(arguments) => publish::publish(context, &arguments),
        Command::Withdraw(arguments) => publish::withdraw(context, &arguments),
        Command::Replay { file } => case_document::replay(context, &file),
        Command::Journal => journal::run(context),
        Command::Summary(arguments) => summary::run(context, &arguments),
        Command::Operator(command) => approvals::run(context, &command),
        Command::Approve(arguments) => approvals::approve(context, &arguments),
        Command::Release(arguments) => release::run(context, &arguments),
        Command::Heartbeat { clock: Some(file), .. } => clock::heartbeat(context, &file),
        Command::Heartbeat { clock_is_right, .. } => {
            act(context, Action::Heartbeat { clock_is_right })
        }
        Command::Clock(command) => clock::run(context, command),
        Command::Protect(arguments) => protect::run(context, arguments),
        Command::Key(command) => key::run(context, command),
        Command::RotateKeys(arguments) => rotate::run(context, &arguments),
        Command::Mirror(command) => mirror::run(context, command),
        Command::Witness(command) => witness::run(context, command),
        Command::Vkey => vkey::run(context),
        Command::TakeOver(arguments) => take_over::run(context, &arguments),
        Command::RestoreLog(arguments) => restore_log::run(context, arguments),
    }
}

/// Has the desk do something that needs no question.
fn act(context: &Context, action: Action) -> Outcome {
    done::act(context, &mut place::open(context)?, action)
}
