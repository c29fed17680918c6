//! `noren-server`: see `--help`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use noren_server::{
    Config, ConfigError, Level, LogFormat, Logging, Server, ServerError, TransferError,
};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Serve Noren's public log and take sealed uploads for one authority.
///
/// Without a configuration it listens on loopback only. Every key of the file can also be set in the
/// environment: NOREN_SERVER_LISTEN, NOREN_SERVER_TLS_KEY and so on.
#[derive(Parser)]
#[command(
    version,
    after_help = "Example:\n  noren-server --data /var/lib/noren --authority authority.profile"
)]
struct Arguments {
    /// TOML file with the settings.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Folder with everything the server keeps.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// Signed profile of the authority to serve; not needed once the data folder holds it.
    #[arg(long, value_name = "FILE")]
    authority: Option<PathBuf>,
    /// Where the authority reaches this server, if not at the address in its profile.
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Make or change the tables of the database, and let web pages read the bucket.
    ///
    /// Before the first server starts on a PostgreSQL (setting `database.url`), and after each update of
    /// this program. A database file needs it not: its server makes the tables itself. A bucket without
    /// rules for web pages (CORS) gets one: every page may read.
    #[command(after_help = "Example:\n  noren-server migrate --config /etc/noren-server.toml")]
    Migrate,
    /// Read and verify the whole stored log, and the database file.
    ///
    /// The servers may run meanwhile.
    #[command(after_help = "Example:\n  noren-server check --data /var/lib/noren")]
    Check,
    /// Copy the log's public files from a data folder to the bucket, where readers and a CDN find them.
    ///
    /// The folder's server may run meanwhile. Run it again, from a timer for example, and it copies what
    /// was published since. The settings name the bucket; they need no database.
    #[command(after_help = "Example:\n  noren-server copy /var/lib/noren --config bucket.toml")]
    Copy {
        /// The data folder to read.
        folder: PathBuf,
    },
    /// Write a backup: a data folder with the log, its profile and everything in the database.
    ///
    /// The servers may run meanwhile. Whatever keeps the log now, the folder is one that a single server
    /// can run from. It holds the sealed uploads.
    #[command(
        after_help = "Example:\n  noren-server backup /backup/noren-2026-01-31 --data /var/lib/noren"
    )]
    Backup {
        /// The folder to write, which is empty or not there.
        folder: PathBuf,
    },
    /// Fill an empty database and bucket, or an empty data folder, from a data folder.
    ///
    /// The folder is a backup, or that of a server which was stopped: this is how a log moves from one
    /// machine to many. Every entry is verified at its new place. What `copy` has brought before is not
    /// written again. What was interrupted can be run again.
    #[command(after_help = "Example:\n  noren-server restore /var/lib/noren --config many.toml")]
    Restore {
        /// The data folder to read.
        folder: PathBuf,
    },
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Transfer(#[from] TransferError),
    #[error("cannot start: {0}")]
    Start(#[from] std::io::Error),
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = std::io::Write::write_fmt(
                &mut std::io::stderr(),
                format_args!("noren-server: {failure}\n"),
            );
            ExitCode::from(2)
        }
    }
}

#[tokio::main]
async fn run(arguments: Arguments) -> Result<(), Failure> {
    let mut config = Config::load(arguments.config.as_deref(), environment())?;
    if let Some(data) = arguments.data {
        config.data = data;
    }
    config.authority = arguments.authority.or(config.authority);
    config.address = arguments.address.or(config.address);
    config.check()?;
    start_log(&config.log);
    match arguments.verb {
        Some(Verb::Migrate) => return Ok(noren_server::migrate(&config).await?),
        Some(Verb::Check) => {
            let entries = noren_server::check(&config).await?;
            tracing::info!(entries, "the stored log is whole");
            return Ok(());
        }
        Some(Verb::Copy { folder }) => {
            let entries = noren_server::copy(&config, &folder).await?;
            tracing::info!(entries, "the bucket shows what the folder shows");
            return Ok(());
        }
        Some(Verb::Backup { folder }) => {
            let entries = noren_server::backup(&config, &folder).await?;
            tracing::info!(entries, "everything was written to the folder");
            return Ok(());
        }
        Some(Verb::Restore { folder }) => {
            let entries = noren_server::restore(&config, &folder).await?;
            tracing::info!(entries, "everything was written, and verified there");
            return Ok(());
        }
        None => {}
    }
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let server = Server::bind(config).await?;
    server
        .serve(async move {
            // [API-18]
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
        .await;
    Ok(())
}

/// Returns the variables whose names are text; a value that is none is refused where it is read.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| {
        Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
    })
}

/// The time of a line, in whole minutes of UTC. [API-14]
struct Minutes;

impl FormatTime for Minutes {
    fn format_time(&self, line: &mut Writer<'_>) -> std::fmt::Result {
        let mut exact = String::new();
        SystemTime.format_time(&mut Writer::new(&mut exact))?;
        // 2026-01-31T23:59, and nothing of what follows.
        write!(line, "{}Z", exact.get(..16).unwrap_or_default())
    }
}

fn start_log(settings: &Logging) {
    let level = match settings.level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    // [API-14] What other crates have to say below a warning is about connections and statements.
    let filter = Targets::new().with_target("noren_server", level).with_default(LevelFilter::WARN);
    let lines = tracing_subscriber::fmt::layer()
        .with_timer(Minutes)
        .with_writer(std::io::stderr)
        // It would be said on the standard error, and panic where that is what failed. [CLI-43]
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none());
    let log = tracing_subscriber::registry().with(filter);
    match settings.format {
        LogFormat::Json => log.with(lines.json().flatten_event(true)).init(),
        _ => log.with(lines).init(),
    }
}
