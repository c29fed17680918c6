//! `noren authority`: from an interview to a warning.

mod approvals;
mod case_document;
mod cases;
mod codes;
mod desk;
mod journal;
mod mirror;
mod patient;
mod policy;
mod profile;
mod publish;
mod recognise;
mod release;
mod report_page;
mod reports;
mod restore_log;
mod retention;
mod review;
mod rotate;
mod standing;
mod status;
mod take_over;

pub(crate) use case_document::is_case_document;

use std::path::PathBuf;

use clap::Subcommand;

use crate::context::Context;
use crate::outcome::Outcome;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Who works at the desk, for its journal [default: the operator named at `init`]
    #[arg(
        long,
        global = true,
        env = "NOREN_OPERATOR",
        hide_env_values = true,
        value_name = "NAME"
    )]
    operator: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the authority's keys and its public profile
    #[command(
        after_help = "Example: noren authority init --name \"Health office\" --origin noren.pref.example/log --url https://noren.pref.example"
    )]
    Init(profile::Init),
    /// Show the public profile, write it to a file, or change it
    #[command(after_help = "Example: noren authority profile --out health-office.profile")]
    Profile(profile::Show),
    /// The warning policy: shipped ones, your own, the one in force
    #[command(subcommand)]
    Policy(policy::Command),
    /// Record that an interview named a venue; opens a case when the policy's threshold is reached
    #[command(
        after_help = crate::times::help("Example: noren authority report --venue \"Live house Hibiki\" --kind live-house --seats 120 --from \"yesterday 19:00\" --to \"yesterday 21:30\"")
    )]
    Report(reports::Arguments),
    /// Take a report back that was a mistake
    #[command(after_help = "Example: noren authority take-back r-3f9a21")]
    TakeBack {
        /// The report's id
        report: String,
    },
    /// Show every reported venue and day against its threshold, what looks like a cluster, and all
    /// that waits for somebody, with the next command. Exit code 1: there is nothing
    #[command(after_help = "Example: noren authority status")]
    Status,
    /// Open, list, remind of, reissue and close cases
    #[command(subcommand)]
    Case(cases::Command),
    /// Patient cases: diagnosed visitors tell their visits themselves. Off unless you enable it
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
    /// Turn an upload down and delete it
    #[command(after_help = "Example: noren authority reject c-3f9a21 --reason \"another venue\"")]
    Reject {
        /// The case's id
        case: String,
        /// Why, for the journal
        #[arg(long)]
        reason: String,
    },
    /// Publish a case's keys with a notice; again to correct or to raise the level. Exit code 1: the
    /// upload is refused, or just this stands already
    #[command(after_help = crate::times::help("Example: noren authority publish c-3f9a21 --level cluster"))]
    Publish(publish::Publish),
    /// Take a notice back; reaches those who were warned. Exit code 1: it is taken back already
    #[command(after_help = "Example: noren authority withdraw c-3f9a21")]
    Withdraw(publish::Withdraw),
    /// Evaluate a case's document again. Exit code 1: the answer is another one
    #[command(after_help = "Example: noren authority replay c-3f9a21.json")]
    Replay {
        /// The document, as `case show --out` writes it
        file: PathBuf,
    },
    /// Show who decided what when, and check that nothing is missing
    #[command(after_help = "Example: noren authority journal")]
    Journal,
    /// Draw the desk's work for a meeting: one page of HTML with plots and tables of reports, cases
    /// and waiting times. Nothing in it is about visitors
    #[command(after_help = "Example: noren authority report-page --out april.html")]
    ReportPage(report_page::Arguments),
    /// The operators whose approval a publication needs
    #[command(subcommand)]
    Operator(approvals::Command),
    /// Approve a proposal with an operator's key, or drop it
    #[command(after_help = "Example: noren authority approve p-3f9a21 --key /media/sato/noren.key")]
    Approve(approvals::Approve),
    /// Publish what waits for the policy's last release time, filled up with cover, or cover alone:
    /// once for each release time, for a timer. Signs the log anew as well. Exit code 1: it went out
    /// already, or something was left out
    #[command(
        after_help = "Example: noren authority release\n\nRun it a minute after each release time, from a timer that catches up after the machine was off. A late run sends what was missed, once."
    )]
    Release(release::Arguments),
    /// Sign the log anew, so that devices know that nothing is held back from them
    #[command(after_help = "Example: noren authority heartbeat")]
    Heartbeat {
        /// Sign although the log was last signed later than this machine's clock says: it was a
        /// clock that was wrong, and all are right now
        #[arg(long)]
        clock_is_right: bool,
    },
    /// Make new keys and hand over to them: those who follow take them over by themselves
    #[command(
        name = "rotate-keys",
        after_help = "Example: noren authority rotate-keys\n\nRun it again if it was cut off. It does not help against a stolen key: the thief can hand over as well."
    )]
    RotateKeys(rotate::Arguments),
    /// Where else the log is looked at before anything is signed
    #[command(subcommand)]
    Mirror(mirror::Command),
    /// Make this the desk that signs, after it was moved, copied or restored from a backup. Reads
    /// the whole published log first
    #[command(
        name = "take-over",
        after_help = "Example: noren authority take-over\n\nA desk signs from one folder on one machine. What was signed last is kept a second time in the user's state folder (noren/desks; NOREN_STATE names another), which belongs into no backup of the desk."
    )]
    TakeOver(take_over::Arguments),
    /// Give the log back to a server that has lost it, from the desk's own copy. Exit code 1: the
    /// server has it all
    #[command(
        name = "restore-log",
        after_help = "Example: noren authority restore-log --to https://noren2.pref.example\n\nStart the new server with the profile first (`noren authority profile --out FILE`)."
    )]
    RestoreLog(restore_log::Arguments),
}

pub(crate) fn run(context: &Context, arguments: Arguments) -> Outcome {
    let operator = arguments.operator.as_deref().map(approvals::operator_name).transpose()?;
    let context = &context.with_operator(operator);
    match arguments.command {
        Command::Init(arguments) => profile::init(context, &arguments),
        Command::Profile(arguments) => profile::show(context, &arguments),
        Command::Policy(command) => policy::run(context, command),
        Command::Report(arguments) => reports::report(context, &arguments),
        Command::TakeBack { report } => reports::take_back(context, &report),
        Command::Status => status::run(context),
        Command::Case(command) => cases::run(context, command),
        Command::Patient(command) => patient::run(context, command),
        Command::Uploads => cases::uploads(context),
        Command::Review { case } => review::run(context, &case),
        Command::Reject { case, reason } => review::reject(context, &case, &reason),
        Command::Publish(arguments) => publish::publish(context, &arguments),
        Command::Withdraw(arguments) => publish::withdraw(context, &arguments),
        Command::Replay { file } => case_document::replay(context, &file),
        Command::Journal => journal::run(context),
        Command::ReportPage(arguments) => report_page::run(context, &arguments),
        Command::Operator(command) => approvals::run(context, &command),
        Command::Approve(arguments) => approvals::approve(context, &arguments),
        Command::Release(arguments) => release::run(context, &arguments),
        Command::Heartbeat { clock_is_right } => publish::heartbeat(context, clock_is_right),
        Command::RotateKeys(arguments) => rotate::run(context, &arguments),
        Command::Mirror(command) => mirror::run(context, &command),
        Command::TakeOver(arguments) => take_over::run(context, &arguments),
        Command::RestoreLog(arguments) => restore_log::run(context, &arguments),
    }
}
