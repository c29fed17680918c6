//! An authority without a server: its log is in a folder of this machine, which the server's own code
//! extends for the time of one command, and in the bucket that the settings name.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::Context as _;
use noren::profile::SignedProfile;
use noren_server::{Config, Server};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::context::Context;
use crate::{files, http};

/// The folder, open for one command.
pub(super) struct OwnLog {
    config: Config,
    runtime: Runtime,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl OwnLog {
    /// Opens the folder that these settings of a server name; whatever the desk asks its server, it asks
    /// there. `None` before the authority has keys.
    pub(super) fn open(context: &Context, settings: &Path) -> anyhow::Result<Option<Self>> {
        // [API-48]
        let file = context.folder("authority").join("profile");
        let Some(profile) = files::read(&file)? else { return Ok(None) };
        let profile =
            SignedProfile::from_bytes(&profile).context("the desk's profile is damaged")?;
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        });
        let config = Config::load(Some(settings), variables).context("--own-log")?;
        let within = Config {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            ops_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            authority: Some(file),
            tls: None,
            // Without a database a bucket is what the folder is copied to.
            bucket: config.database.as_ref().and(config.bucket.clone()),
            ..config.clone()
        };
        let runtime = Runtime::new().context("cannot start the log's threads")?;
        let server = runtime.block_on(Server::bind(within)).context("the log cannot be opened")?;
        http::answers_for(&profile.profile().url, server.addr)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let task = runtime.spawn(server.serve(async {
            let _ = stopped.await;
        }));
        Ok(Some(Self { config, runtime, stop, task }))
    }

    /// Closes the folder, and brings the bucket, if there is one, to what the folder shows.
    pub(super) fn close(self) -> anyhow::Result<()> {
        drop(self.stop);
        let _ = self.runtime.block_on(self.task);
        if self.config.database.is_none() && self.config.bucket.is_some() {
            let copied = noren_server::copy(&self.config, &self.config.data);
            self.runtime.block_on(copied).context(
                "the log is extended in the folder, and the bucket does not show it yet; any command \
                 with --own-log copies it once more, `noren authority status` for example",
            )?;
        }
        Ok(())
    }
}
