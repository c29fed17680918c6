//! Opens the desk for a command: its folder is in the home, and the command line is its surroundings.

use noren::passphrase::Passphrase;
use noren::time::UnixSeconds;
use rand_core::CryptoRng;

use crate::context::Context;
use crate::desk::{Desk, Place, Remark, Surroundings};

impl Surroundings for Context {
    fn now(&self) -> anyhow::Result<UnixSeconds> {
        Self::now(self)
    }

    fn rng(&self) -> Box<dyn CryptoRng> {
        Box::new(Self::rng(self))
    }

    fn passphrase(&self) -> anyhow::Result<Passphrase> {
        Self::desk_passphrase(self)
    }

    fn state_folder(&self) -> anyhow::Result<std::path::PathBuf> {
        Self::state_folder(self)
    }

    fn hear(&self, remark: &Remark) {
        self.output.say(remark.to_string());
    }
}

/// Where the desk of this home stands.
pub(super) fn place(context: &Context) -> Place<'_> {
    Place { folder: context.folder("authority"), operator: context.operator(), around: context }
}

/// The desk, for a command that needs nothing else of it.
pub(super) fn open(context: &Context) -> anyhow::Result<Desk<'_>> {
    Desk::open(place(context))
}

/// The desk, for a command that only reads: also in the middle of a handover of keys.
pub(super) fn open_to_read(context: &Context) -> anyhow::Result<Desk<'_>> {
    // [CLI-14]
    Desk::open_in_handover(place(context))
}
