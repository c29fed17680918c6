//! `noren auditor`: recompute what an authority published, and hold it against what was seen before;
//! hold the web page that servers hand out against the published one.

mod audited;
mod compare;
mod entries;
mod export;
mod found;
mod history;
mod keys;
mod malformed;
mod page;
mod past;
mod profiles;
mod prove;
mod seen;
mod stats;
mod subject;
mod tiles;
mod verify;
mod vkey;
mod watch;
mod witness;

pub(crate) use vkey::show as show_verifier_keys;

use crate::context::Context;
use crate::outcome::Outcome;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Download the whole log and check it. Exit code 1: it has faults
    #[command(after_help = "Example: noren auditor verify https://noren.pref.example\n\
        Example: noren auditor verify https://mirror.example --authority noren.pref.example.profile")]
    Verify(verify::VerifyArguments),
    /// Check what is new, again and again, and keep every signed head. Exit code 1: the last round
    /// found faults
    #[command(after_help = "Example: noren auditor watch https://noren.pref.example --every 1h \
        --run 'mail -s ALARM me'\n\
        Example: noren auditor watch --rounds 1\n\n\
        For timers, --rounds 1 looks once: 0 nothing is wrong, 1 something was found, 2 something \
        could not be read. Hash tiles are read in the first round alone; `verify` reads all of them.")]
    Watch(watch::WatchArguments),
    /// Compare signed heads of a log, from files and servers. Exit code 1: they contradict each other
    #[command(after_help = "Example: noren auditor compare mine.checkpoint yours.checkpoint \
        --authority noren.pref.example.profile\n\
        Example: noren auditor compare https://noren.pref.example https://mirror.example \
        from-another-network.checkpoint")]
    Compare(compare::CompareArguments),
    /// Print every entry of the log as CSV, or as lines of JSON with --json
    #[command(
        after_help = "Example: noren auditor export https://noren.pref.example --out log.csv"
    )]
    Export(export::ExportArguments),
    /// Write a proof that the log has an entry, as C2SP tlog-proof
    #[command(after_help = "Example: noren auditor prove https://noren.pref.example --entry 4711 \
        --out 4711.tlog-proof")]
    Prove(prove::ProveArguments),
    /// Check a proof that a log has an entry. Exit code 1: it does not hold
    #[command(after_help = "Example: noren auditor check 4711.tlog-proof \
        --authority noren.pref.example.profile")]
    Check(prove::CheckArguments),
    /// Draw a page about the log: how much, how fast, how regularly
    #[command(
        after_help = "Example: noren auditor stats https://noren.pref.example --out log.html\n\n\
        When something was published is known by the heads that `watch` and `verify` kept: let `watch` \
        run for a while first."
    )]
    Stats(stats::StatsArguments),
    /// Print an authority's public keys as tools for signed notes take them: that of the log, and that
    /// of the signed time
    #[command(after_help = "Example: noren auditor vkey https://noren.pref.example")]
    Vkey(vkey::VkeyArguments),
    /// Be a witness: cosign heads of logs that only grow, for whoever asks (C2SP tlog-witness)
    #[command(after_help = "Example: noren auditor witness --name witness.example/noren --vkey\n\
        Example: noren auditor witness https://noren.pref.example --listen 127.0.0.1:8090\n\n\
        Keep what it remembers (witness/ in the home folder) out of backups: a witness that is put \
        back to an earlier day cosigns what it has refused.")]
    Witness(witness::WitnessArguments),
    /// Compare the web page that servers hand out with the published one. Exit code 1: it differs
    #[command(after_help = "Example: noren auditor page https://noren.pref.example\n\
        Example: noren auditor page https://noren.pref.example https://page.example --digests SHA256SUMS\n\n\
        A server can answer one person otherwise than another: run this from several networks.")]
    Page(page::PageArguments),
}

pub(crate) fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Verify(arguments) => verify::run(context, &arguments),
        Command::Watch(arguments) => watch::run(context, &arguments),
        Command::Compare(arguments) => compare::run(context, &arguments),
        Command::Export(arguments) => export::run(context, &arguments),
        Command::Prove(arguments) => prove::prove(context, &arguments),
        Command::Check(arguments) => prove::check(context, &arguments),
        Command::Stats(arguments) => stats::run(context, &arguments),
        Command::Vkey(arguments) => vkey::run(context, &arguments),
        Command::Witness(arguments) => witness::run(context, &arguments),
        Command::Page(arguments) => page::run(context, &arguments),
    }
}
