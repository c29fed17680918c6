//! `noren authority vkey`: the log's public keys, as tools for signed notes take them.

use super::place::open;
use crate::auditor::show_verifier_keys;
use crate::context::Context;
use crate::outcome::Outcome;

pub(super) fn run(context: &Context) -> Outcome {
    // [CLI-59]
    show_verifier_keys(context, open(context)?.profile())
}
