//! Noren's server: the public log as static files, and a door for sealed uploads.
//!
//! It is not trusted. It holds no secret of the authority, cannot open an upload, cannot forge an
//! entry, and keeps nothing that tells who was where. `spec/http-api.md` says what it answers; the
//! numbers `[API-n]` in the code are its requirements.
//!
//! | file | is |
//! |---|---|
//! | [`app()`] | the URL tables |
//! | `app/downloads`, `app/trace_keys` | what everybody may read |
//! | `app/uploads` | the venue's door |
//! | `app/signed`, `app/authority`, `app/turns` | the authority's door, and what is behind it |
//! | `app/page`, `page` | the web page for visitors and owners |
//! | `app/origins` | which pages of other origins may read what |
//! | `app/operators`, `app/observe` | what an operator sees |
//! | `app/limits`, `app/strict`, `connections`, `tls` | what a stranger can make the server do |
//! | `state`, `problem` | what every answer draws on, and every refusal |
//! | [`published`] | the log: what the database decides, and the files that show it |
//! | [`inbox`] | cases and sealed uploads |
//! | [`turn`] | which seat of the desk may append now |
//! | `database`, `disk` | where all this is decided, and what the disk said last |
//! | `transfer` | checks, backups, and from one machine to many |
//! | `app/quick` | answers out of memory, before the router is asked |
//! | `pieces`, `shelf` | long answers, for slow readers and for many |
//! | [`Server`] | from the settings to a running server |
//!
//! To run one inside another program:
//!
//! ```no_run
//! # async fn run() -> Result<(), noren_server::ServerError> {
//! let mut config = noren_server::Config::default();
//! config.listen.set_port(0);
//! config.ops_listen.set_port(0);
//! config.data = "noren-data".into();
//! config.authority = Some("authority.profile".into());
//! let server = noren_server::Server::bind(config).await?;
//! let address = server.addr;
//! let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
//! let task = tokio::spawn(server.serve(async { drop(stopped.await) }));
//! // … talk to http://{address} …
//! drop(stop);
//! let _ = task.await;
//! # Ok(()) }
//! ```

mod app;
mod append_times;
mod clock;
mod config;
mod connections;
mod database;
mod disk;
mod failure_budget;
mod feed;
pub mod inbox;
mod metrics;
mod nonces;
mod page;
mod pieces;
mod problem;
pub mod published;
mod serve;
mod shelf;
mod state;
mod sweep;
mod tls;
mod transfer;
pub mod turn;

pub use app::{OPENAPI, app, ops_app};
pub use clock::Clock;
pub use config::{
    BucketSettings, Config, ConfigError, DatabaseSettings, DatabaseUrl, InboxSettings, Level,
    Limits, LogFormat, Logging, PageSettings, Tls,
};
pub use database::DatabaseError;
pub use page::{FIELDS as PAGE_FIELDS, POLICY as PAGE_POLICY, PageError, page_list};
pub use serve::{Server, ServerError, migrate, open};
pub use state::{AppState, Parts};
pub use sweep::Sweeper;
pub use tls::TlsError;
pub use transfer::{TransferError, backup, check, copy, restore};
