//! From the settings to a running server and to its orderly end.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use noren::profile::{ProfileError, ReplaceError, SignedProfile};
use noren::request::ServerAddress;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::app::{Quick, app, ops_app};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::connections::{
    Door, places_for_files, serve_connections, serve_on_workers, spare_files,
};
use crate::database::{Database, DatabaseError};
use crate::disk::Disk;
use crate::failure_budget::FailureBudget;
use crate::feed::Feed;
use crate::inbox::Inbox;
use crate::metrics::Metrics;
use crate::nonces::Nonces;
use crate::page::{Page, PageError};
use crate::pieces::PieceStore;
use crate::published::bucket::Bucket;
use crate::published::folder::{Folder, FolderError};
use crate::published::profile::{decide, decided, signed_the_log, store_profile, stored_profile};
use crate::published::store::Store;
use crate::published::{Published, PublishedError};
use crate::state::{AppState, Parts};
use crate::sweep::Sweeper;
use crate::tls::{self, TlsError};
use crate::turn::Turns;

/// How often what is too old is deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

/// How often what was decided and is not published yet is tried again.
const CATCH_UP_EVERY: Duration = Duration::from_secs(3);

/// Connections of operators at once.
const OPS_PLACES: usize = 64;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// No profile was given, and the data folder holds none.
    #[error(
        "no authority: give the signed profile of the authority to serve \
         (setting `authority`, or --authority FILE)"
    )]
    NoAuthority,
    /// The profile cannot be read.
    #[error("cannot read the authority's profile {path}: {source}")]
    ProfileUnreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file of the profile is empty.
    #[error(
        "the file {path} is empty, which is the setting `authority` ({}, --authority): the \
         authority's profile belongs there",
        config::variable("authority")
    )]
    ProfileEmpty {
        /// The file.
        path: PathBuf,
    },
    /// The profile is not one, or its signature is wrong.
    #[error("the authority's profile was refused: {0}")]
    Profile(#[from] ProfileError),
    /// The profile in the data folder is damaged, and the one that is given, if any, does not go with
    /// the log there.
    #[error(
        "the stored profile {path} is damaged ({source}): start with the authority's own profile \
         (`noren authority profile --out FILE`, then --authority FILE), or restore the file from a \
         backup"
    )]
    ProfileDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ProfileError,
    },
    /// The profile given is of another authority than the one in the data folder.
    #[error("the data folder serves another authority: {0}")]
    OtherAuthority(ReplaceError),
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The stored log is damaged or belongs to another authority.
    #[error(transparent)]
    Published(#[from] PublishedError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A bucket is named and no database: several servers share both.
    #[error(
        "the setting `bucket.name` wants `database.url` beside it ({}): servers of a bucket share a \
         database; to copy a folder's log to the bucket, run `noren-server copy`",
        config::variable("database.url")
    )]
    NoDatabase,
    /// The web page cannot be served.
    #[error(transparent)]
    Page(#[from] PageError),
    /// TLS cannot be offered.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// An address cannot be listened on.
    #[error(
        "cannot listen on {address}, which is the setting `{setting}` ({}): {source}{}",
        config::variable(.setting),
        instead(.source)
    )]
    Listen {
        /// The setting that names the address.
        setting: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
}

/// Opens the data folder and proves what is in it.
///
/// # Errors
/// [`ServerError`] with what stands in the way.
pub async fn open(config: &Config, clock: Clock) -> Result<AppState, ServerError> {
    let page = Page::open(&config.page)?;
    let metrics = Metrics::default();
    let disk = Disk::new(metrics.clone());
    let (bucket, database, profile) = stores(config, &disk).await?;
    let published =
        Published::open(bucket, profile, database.clone(), disk.clone(), clock.clone()).await?;
    let limits = config.limits.clone();
    let pieces = PieceStore::new(limits.cached_bytes());
    Ok(AppState::new(Parts {
        clock,
        address: config.address.as_deref().and_then(ServerAddress::new),
        failures: FailureBudget::new(limits.failure_burst, limits.failures_per_minute, &database),
        limits,
        published,
        inbox: Inbox::new(database.clone()),
        nonces: Nonces::new(database.clone()),
        turns: Turns::new(database),
        metrics,
        page,
        disk,
        feed: Feed::default(),
        pieces,
    }))
}

/// Makes or changes the tables of the database that several servers share, and has pages of other origins
/// read the bucket; the tables of a file are made when it is opened.
///
/// # Errors
/// [`ServerError`] with what stands in the way.
pub async fn migrate(config: &Config) -> Result<(), ServerError> {
    match &config.database {
        Some(shared) => {
            crate::database::migrate(shared.url.as_str()).await?;
            if let Some(bucket) = &config.bucket {
                let bucket = Store::open(bucket).map_err(PublishedError::from)?;
                // Its owner can do the same by hand, and keep the right to do so.
                if let Err(error) = bucket.let_pages_read().await {
                    tracing::warn!(
                        %error,
                        "the bucket's rule for web pages (CORS) could not be looked at or set"
                    );
                }
            }
            Ok(())
        }
        None => {
            let _lock = Folder::open(&config.data)?;
            let disk = Disk::new(Metrics::default());
            let database = Database::open(config.data.join("noren.sqlite"), disk).await?;
            database.read().await?.leave().await?;
            database.close().await;
            Ok(())
        }
    }
}

/// What a server keeps things in, and the authority that it is for.
type Stores = (Arc<dyn Bucket>, Database, SignedProfile);

async fn stores(config: &Config, disk: &Disk) -> Result<Stores, ServerError> {
    if config.bucket.is_some() && config.database.is_none() {
        return Err(ServerError::NoDatabase);
    }
    if let (Some(database), Some(bucket)) = (&config.database, &config.bucket) {
        let database = Database::share(database.url.as_str(), disk.clone()).await?;
        let bucket = Arc::new(Store::open(bucket).map_err(PublishedError::from)?);
        let profile = shared_profile(&bucket, &database, config.authority.as_deref()).await?;
        return Ok((bucket, database, profile));
    }
    let folder = Folder::open(&config.data)?;
    let profile = pinned_profile(&folder, &config.data, config.authority.as_deref())?;
    let database = Database::open(config.data.join("noren.sqlite"), disk.clone()).await?;
    Ok((Arc::new(folder), database, profile))
}

/// Returns the profile of the one authority that several servers serve.
async fn shared_profile(
    bucket: &Arc<Store>,
    database: &Database,
    given: Option<&Path>,
) -> Result<SignedProfile, ServerError> {
    let shows = Arc::clone(bucket);
    let shown = tokio::task::spawn_blocking(move || stored_profile(&*shows)).await;
    let shown = shown.map_err(io::Error::other).and_then(|shown| shown);
    let given = given.map(read_profile).transpose()?;
    let known = decided(database).await?;
    let (shown, is_away) = match shown {
        // [API-44] Uploads are taken all the same, and the profile is in the database.
        Err(error) if known.is_some() => {
            tracing::error!(%error, "the bucket does not answer");
            (None, true)
        }
        shown => (shown.map_err(PublishedError::from)?, false),
    };
    let seen = shown.as_deref().map(SignedProfile::from_bytes).transpose();
    let pinned = match known {
        // [API-42] An older database was restored: what the bucket shows was decided since.
        Some(known) => Some(match seen {
            Ok(Some(seen)) if known.check_replacement(&seen).is_ok() => seen,
            _ => known,
        }),
        // A log that came here from elsewhere brings its profile along.
        None => seen?,
    };
    let profile = match (pinned, given) {
        (None, None) => return Err(ServerError::NoAuthority),
        (None, Some(given)) => given,
        (Some(pinned), None) => pinned,
        // [PRO-2]
        (Some(pinned), Some(given)) => match pinned.check_replacement(&given) {
            Ok(()) => given,
            Err(ReplaceError::Older) => pinned,
            Err(error) => return Err(ServerError::OtherAuthority(error)),
        },
    };
    let profile = match decide(database, profile).await? {
        Ok(profile) => profile,
        // Another server was given a newer one just now.
        Err(ReplaceError::Older) => decided(database).await?.ok_or(ServerError::NoAuthority)?,
        Err(error) => return Err(ServerError::OtherAuthority(error)),
    };
    if !is_away && shown.as_deref() != Some(profile.as_bytes()) {
        let (bucket, copy) = (Arc::clone(bucket), profile.clone());
        let stored = tokio::task::spawn_blocking(move || store_profile(&*bucket, &copy)).await;
        stored.map_err(io::Error::other).and_then(|stored| stored).map_err(PublishedError::from)?;
    }
    Ok(profile)
}

/// Returns the profile of the one authority that this data folder serves.
fn pinned_profile(
    folder: &Folder,
    data: &Path,
    given: Option<&Path>,
) -> Result<SignedProfile, ServerError> {
    let stored = stored_profile(folder).map_err(PublishedError::from)?;
    let stored = match stored.map(|bytes| SignedProfile::from_bytes(&bytes)).transpose() {
        Ok(stored) => stored,
        Err(source) => return in_place_of_damaged(folder, data, given, source),
    };
    let Some(path) = given else { return stored.ok_or(ServerError::NoAuthority) };
    let given = read_profile(path)?;
    // [PRO-2] The keys are pinned by the first profile for as long as the data folder lives.
    match stored.as_ref().map(|stored| stored.check_replacement(&given)) {
        Some(Err(ReplaceError::Older)) => return stored.ok_or(ServerError::NoAuthority),
        Some(Err(error)) => return Err(ServerError::OtherAuthority(error)),
        None | Some(Ok(())) => {}
    }
    // [API-19] The same bytes are not written again: a full disk stops no start.
    if stored.as_ref().is_none_or(|stored| stored.as_bytes() != given.as_bytes()) {
        store_profile(folder, &given).map_err(PublishedError::from)?;
    }
    Ok(given)
}

fn read_profile(path: &Path) -> Result<SignedProfile, ServerError> {
    let bytes = std::fs::read(path)
        .map_err(|source| ServerError::ProfileUnreadable { path: path.to_owned(), source })?;
    if bytes.is_empty() {
        return Err(ServerError::ProfileEmpty { path: path.to_owned() });
    }
    Ok(SignedProfile::from_bytes(&bytes)?)
}

/// Returns the given profile in place of one that is damaged, if the log in the folder is its
/// authority's.
fn in_place_of_damaged(
    folder: &Folder,
    data: &Path,
    given: Option<&Path>,
    source: ProfileError,
) -> Result<SignedProfile, ServerError> {
    // [API-29] [PRO-2] The keys stay pinned by what they have signed.
    let given = given.map(read_profile).transpose()?;
    let Some(given) = given.filter(|given| signed_the_log(folder, given)) else {
        let path = data.join("public/v1/authority");
        return Err(ServerError::ProfileDamaged { path, source });
    };
    tracing::warn!("the stored profile is damaged: the given one takes its place");
    store_profile(folder, &given).map_err(PublishedError::from)?;
    Ok(given)
}

/// A server that listens already and answers once [`Server::serve`] runs.
pub struct Server {
    /// Where the API is, with the real port.
    pub addr: SocketAddr,
    /// Where health and metrics are, with the real port.
    pub ops_addr: SocketAddr,
    state: AppState,
    listener: TcpListener,
    ops_listener: TcpListener,
    tls: Option<TlsAcceptor>,
    retention_days: u32,
    removes_past: bool,
}

impl Server {
    /// Opens the data folder and both addresses.
    ///
    /// # Errors
    /// [`ServerError`] with what stands in the way.
    pub async fn bind(config: Config) -> Result<Self, ServerError> {
        Self::bind_with_clock(config, Clock::system()).await
    }

    /// Does what [`Server::bind`] does, with a clock of the caller's.
    ///
    /// # Errors
    /// [`ServerError`] with what stands in the way.
    pub async fn bind_with_clock(config: Config, clock: Clock) -> Result<Self, ServerError> {
        let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
        let state = open(&config, clock).await?;
        let (listener, addr) = listen("listen", config.listen).await?;
        let (ops_listener, ops_addr) = listen("ops_listen", config.ops_listen).await?;
        if tls.is_none() && !addr.ip().is_loopback() {
            tracing::warn!(
                "no TLS on an address that is not loopback: put a proxy with TLS before it"
            );
        }
        if state.published.has_lost_its_checkpoint().await {
            // [API-15]
            tracing::error!(
                "there are tiles of a log and no checkpoint: nothing is served of it before \
                 `noren authority restore-log` or a backup gives the checkpoint back"
            );
        }
        let (retention_days, removes_past) =
            (config.inbox.retention_days, config.remove_past_entries);
        Ok(Self {
            addr,
            ops_addr,
            state,
            listener,
            ops_listener,
            tls,
            retention_days,
            removes_past,
        })
    }

    /// Returns what the handlers see, for callers that look inside.
    #[must_use]
    pub const fn state(&self) -> &AppState {
        &self.state
    }

    /// Answers until `shutdown` is done; then takes no more requests, lets those under way end, and
    /// returns.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let (stop, stopped) = watch::channel(());
        let limits = Arc::new(self.state.limits.clone());
        let connections = self.state.metrics.connections.clone();
        let places = places_for_files(limits.connections);
        let mut public = Door::new(Arc::clone(&limits), places, connections);
        public.tls = self.tls;
        public.quick = Some(Arc::new(Quick::new(self.state.clone())));
        public.shelf = self.state.pieces.shelf();
        if public.tls.is_none() {
            public.shelf.allow(spare_files(places));
        }
        // [API-15] A listener of its own: no path of the public one leads to it.
        let ops = Door::new(limits, places.min(OPS_PLACES), Default::default());
        tracing::info!(api = %self.addr, operators = %self.ops_addr, "listening");
        let router = app(self.state.clone());
        let public = serve_on_workers(self.listener, public, router, stopped.clone());
        let ops =
            serve_connections(self.ops_listener, ops, ops_app(self.state.clone()), stopped.clone());
        let sweeper = Sweeper::new(&self.state, self.retention_days, Instant::now())
            .removing_past(self.removes_past);
        let sweep = sweep(self.state.clone(), sweeper, stopped.clone());
        let catch_up = catch_up(self.state.clone(), stopped);
        let end = async {
            shutdown.await;
            tracing::info!("stopping");
            // [API-18]
            drop(stop);
        };
        let (public, ..) = tokio::join!(public, ops, sweep, catch_up, end);
        self.state.close().await;
        match public {
            Ok(workers) => workers.end().await,
            Err(error) => tracing::error!(%error, "the API's connections ended"),
        }
        tracing::info!("stopped");
    }
}

async fn listen(
    setting: &'static str,
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), ServerError> {
    let error = |source| ServerError::Listen { setting, address, source };
    let listener = TcpListener::bind(address).await.map_err(error)?;
    let bound = listener.local_addr().map_err(error)?;
    Ok((listener, bound))
}

/// Returns what an operator does where an address cannot be listened on.
fn instead(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "; another program listens there, perhaps this server: stop it, or choose another port"
        }
        io::ErrorKind::AddrNotAvailable => {
            "; no interface of this machine has this address: choose one that it has, or 0.0.0.0 \
             for all of them"
        }
        io::ErrorKind::PermissionDenied => {
            "; ports below 1024 are not for every user: choose a higher one"
        }
        _ => "",
    }
}

/// Publishes what was decided while the published files could not be written, until the server stops.
async fn catch_up(state: AppState, mut stopped: watch::Receiver<()>) {
    let mut ticks = tokio::time::interval(CATCH_UP_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            _ = ticks.tick() => {}
        }
        // Not dropped half way when the server stops. [API-18]
        let published = Arc::clone(&state.published);
        let caught_up = tokio::spawn(async move { published.catch_up().await }).await;
        match caught_up {
            Ok(Err(error)) if !failing => {
                failing = true;
                tracing::error!(%error, "what was decided cannot be published yet");
            }
            Ok(Ok(())) => failing = false,
            _ => {}
        }
    }
}

/// Deletes what is too old, and looks after the published files, at the start and every hour, until
/// the server stops.
async fn sweep(state: AppState, mut sweeper: Sweeper, mut stopped: watch::Receiver<()>) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            _ = ticks.tick() => {
                sweeper.sweep(&state, Instant::now()).await;
                state.published.inspect().await;
            }
        }
    }
}
