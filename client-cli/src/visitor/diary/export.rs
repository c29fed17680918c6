//! The diary as a file for other programs.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use noren::visitor::{Diary, DiaryEntry};
use serde::Serialize;

use super::{Entry, OFF};
use crate::context::Context;
use crate::files;
use crate::outcome::{Answer, Outcome};
use crate::secret::PassphraseSource;
use crate::spreadsheet::cell;
use crate::visitor::keep::read_diary;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// JSON has everything; CSV, for spreadsheets, leaves the codes out
    #[arg(long, default_value = "json")]
    format: Format,
    /// The file; "-" is the standard output
    #[arg(long, default_value = "-", value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Json,
    Csv,
}

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    entry: Entry,
    /// The payload of the code, base64url.
    entry_code: Option<String>,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let diary = read_diary(context, &arguments.passphrase)?.context(OFF)?;
    let bytes = match arguments.format {
        Format::Json => json(&diary)?,
        Format::Csv => csv(&diary)?,
    };
    if arguments.out == Path::new("-") {
        context.output.raw(&bytes)?;
        return Ok(Answer::Yes);
    }
    // [CLI-2]
    files::create_secret(&arguments.out, &bytes)?;
    context.output.say(format!("{} is readable by whoever has it", arguments.out.display()));
    Ok(Answer::Yes)
}

fn json(diary: &Diary) -> anyhow::Result<Vec<u8>> {
    let whole = |entry: &DiaryEntry| Whole {
        entry: Entry::new(entry),
        entry_code: entry.payload().map(|payload| URL_SAFE_NO_PAD.encode(payload)),
    };
    let entries: Vec<_> = diary.entries().iter().map(whole).collect();
    let mut bytes = serde_json::to_vec_pretty(&entries)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn csv(diary: &Diary) -> anyhow::Result<Vec<u8>> {
    let mut writer =
        csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    writer.write_record(["entry", "venue", "address", "room", "arrival", "departure", "note"])?;
    for entry in diary.entries().iter().map(Entry::new) {
        let text = |text: Option<String>| text.unwrap_or_default();
        let cells = [
            entry.entry,
            entry.venue,
            text(entry.address),
            text(entry.room),
            entry.arrival,
            entry.departure,
            text(entry.note),
        ];
        // [CLI-5]
        writer.write_record(cells.map(|text| cell(&text)))?;
    }
    writer.into_inner().map_err(|error| error.into_error()).context("cannot write the table")
}
