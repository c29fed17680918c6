//! What every command needs: where things are kept, the time, randomness, how to print.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use etcetera::BaseStrategy as _;
use noren::passphrase::Passphrase;
use noren::time::UnixSeconds;
use rand::rngs::SysRng;
use rand_core::UnwrapErr;

use crate::global::Global;
use crate::output::Output;
use crate::secret::PassphraseSource;

/// What every command needs.
pub(crate) struct Context {
    home: PathBuf,
    state: Option<PathBuf>,
    now: Option<UnixSeconds>,
    operator: Option<String>,
    /// Where the passphrase of the desk's keys comes from.
    passphrase: PassphraseSource,
    /// That passphrase, once it was asked for.
    asked: RefCell<Option<Passphrase>>,
    /// How to print.
    pub(crate) output: Output,
}

impl Context {
    pub(crate) fn new(global: &Global) -> anyhow::Result<Self> {
        let home = match &global.home {
            Some(home) => home.clone(),
            None => etcetera::choose_base_strategy()
                .context("there is no home folder; name a folder with --home")?
                .data_dir()
                .join("noren"),
        };
        let output = Output::new(global.json, global.quiet);
        let state = global.state.clone();
        let (passphrase, asked) = (PassphraseSource::default(), RefCell::default());
        Ok(Self { home, state, now: global.now, operator: None, passphrase, asked, output })
    }

    /// The same, with who works at the authority's desk, and where the passphrase of its keys comes
    /// from.
    pub(crate) fn at_desk(&self, operator: Option<String>, passphrase: PassphraseSource) -> Self {
        let (home, state) = (self.home.clone(), self.state.clone());
        let (now, output, asked) = (self.now, self.output, RefCell::default());
        Self { home, state, now, operator, passphrase, asked, output }
    }

    /// The passphrase of the desk's keys, asked for once.
    pub(crate) fn desk_passphrase(&self) -> anyhow::Result<Passphrase> {
        // [CLI-62]
        if let Some(known) = &*self.asked.borrow() {
            return Ok(known.clone());
        }
        let passphrase = self.passphrase.ask("the authority's keys")?;
        Ok(self.asked.borrow_mut().insert(passphrase).clone())
    }

    /// Who works at the authority's desk, where somebody was named.
    pub(crate) fn operator(&self) -> Option<String> {
        self.operator.clone()
    }

    /// The folder of one role, or of what roles share.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// The folder for what this machine remembers apart from the folders of the roles.
    pub(crate) fn state_folder(&self) -> anyhow::Result<PathBuf> {
        if let Some(state) = &self.state {
            return Ok(state.clone());
        }
        let base = etcetera::choose_base_strategy()
            .context("there is no home folder; name a folder in NOREN_STATE")?;
        Ok(base.state_dir().unwrap_or_else(|| base.data_dir()).join("noren"))
    }

    /// The present time.
    pub(crate) fn now(&self) -> anyhow::Result<UnixSeconds> {
        self.clock()()
    }

    /// What tells the time, for a command that runs on.
    pub(crate) fn clock(&self) -> impl Fn() -> anyhow::Result<UnixSeconds> + Send + Sync + 'static {
        let fixed = self.now;
        move || fixed.map_or_else(machine_time, Ok)
    }

    /// The operating system's randomness.
    pub(crate) const fn rng(&self) -> UnwrapErr<SysRng> {
        UnwrapErr(SysRng)
    }
}

/// The time by the machine's clock.
fn machine_time() -> anyhow::Result<UnixSeconds> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since.context("the clock of this machine stands before 1970")?.as_secs();
    UnixSeconds::new(seconds).context("the clock of this machine is wrong")
}
