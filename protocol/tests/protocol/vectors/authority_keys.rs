//! An authority's secret keys, sealed with a passphrase.

use noren::authority::AuthorityKeys;
use noren::passphrase::Passphrase;

use super::case::{Case, Checked};
use crate::vectors::Context;

/// [CLI-62] [PRO-8]
pub(crate) fn sealed(case: &Case<'_>, _: &Context) -> Checked {
    let bytes = case.bytes("sealed")?;
    let passphrase = case.must("passphrase", Passphrase::new(case.text("passphrase")?))?;
    let Some(keys) = case.judge(AuthorityKeys::unseal(&bytes, &passphrase))? else {
        return Ok(());
    };
    case.same_bytes("keys", keys.to_bytes().as_slice())
}
