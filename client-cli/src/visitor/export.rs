//! Everything that the vault keeps, as a file of its owner's.

use std::path::Path;

use serde::Serialize;

use super::keep::read;
use super::notices;
use super::visits::{Places, Visits};
use crate::context::Context;
use crate::followed::Followed;
use crate::outcome::{Answer, Outcome};
use crate::secret::PassphraseSource;
use crate::{files, times};

/// Everything that is kept, for its owner.
#[derive(Serialize)]
struct Export {
    visits: Visits,
    records: Vec<Record>,
    notices: Vec<notices::ShownNotice>,
}

#[derive(Serialize)]
struct Record {
    visit: String,
    day: String,
    sealed: String,
}

pub(super) fn run(context: &Context, out: &Path, passphrase: &PassphraseSource) -> Outcome {
    let profiles = Followed::new(context).all();
    let export = read(context, passphrase, |device, now| {
        let vault = &device.vault;
        let records = vault.sealed_records().map(|(visit, day, sealed)| Record {
            visit: visit.to_string(),
            day: times::show_day(day),
            sealed: hex::encode(sealed),
        });
        let notices = notices::shown(&vault.exposures_told_of(&profiles), &profiles, &[]);
        let visits = Visits::new(vault, Places::SHOWN, now)?;
        Ok(Export { visits, records: records.collect(), notices })
    })?;
    let mut bytes = serde_json::to_vec_pretty(&export)?;
    bytes.push(b'\n');
    if out == Path::new("-") {
        context.output.raw(&bytes)?;
    } else {
        files::create_secret(out, &bytes)?;
        context.output.say(format!("{} is readable: keep it as you keep a diary", out.display()));
    }
    Ok(Answer::Yes)
}
