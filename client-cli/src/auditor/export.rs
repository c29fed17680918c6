//! `noren auditor export`: every entry of a log as a table or as JSON, for other programs.

use std::io::{Read as _, Seek as _, Write as _};
use std::path::PathBuf;

use anyhow::Context as _;
use noren::log::{SignedCheckpoint, leaf_hash};
use noren::messages::PublishedTrace;
use noren::profile::logged_profile;
use serde::Serialize;

use super::subject::{Shown, Which, shown};
use super::{entries, history};
use crate::context::Context;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean_json, clean_path, counted};
use crate::times;

#[derive(clap::Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    which: Which,
    /// Write to this file, which must not be there yet [default: the standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// An entry as other programs read it.
#[derive(Serialize)]
struct Row {
    index: u64,
    leaf_hash: String,
    bytes: usize,
    /// When the first head that was seen with it was signed: it was published by then.
    published_by: Option<String>,
    /// The UTC day of the warned hour.
    day: Option<String>,
    identity: Option<String>,
    identity_key: Option<String>,
    notice_bytes: Option<usize>,
    /// Why devices pass over it, where they do.
    malformed: Option<String>,
    /// The SHA-256 of the authority's profile that it tells of, where it does.
    profile: Option<String>,
}

pub(super) fn run(context: &Context, arguments: &ExportArguments) -> Outcome {
    // [CLI-56]
    let shown = shown(context, &arguments.which)?;
    let folder = context.folder("auditor");
    let heads = history::read(&folder, &shown.subject.profile)?;
    match &arguments.out {
        None => {
            let mut aside = tempfile::tempfile().context("there is no room for the entries")?;
            write(context, &shown, &heads, &mut aside)?;
            aside.rewind()?;
            let mut part = vec![0; 1 << 16];
            loop {
                match aside.read(&mut part)? {
                    0 => break,
                    read => context.output.raw(part.get(..read).unwrap_or_default())?,
                }
            }
        }
        Some(out) => {
            let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or_else(|| std::path::Path::new("."));
            let failed = || format!("cannot write {}", clean_path(out));
            anyhow::ensure!(!out.exists(), "{} is there already", clean_path(out));
            let mut aside = tempfile::Builder::new()
                .prefix(".noren-")
                .tempfile_in(folder)
                .with_context(failed)?;
            write(context, &shown, &heads, aside.as_file_mut())?;
            aside.as_file().sync_all().with_context(failed)?;
            aside.persist_noclobber(out).map_err(|error| error.error).with_context(failed)?;
            let entries = counted(shown.head.checkpoint().size, "entry");
            context.output.say(format!("{entries} in {}", clean_path(out)));
        }
    }
    Ok(Answer::Yes)
}

/// Writes every entry. Nobody sees any of it before all of them were verified.
fn write(
    context: &Context,
    shown: &Shown,
    heads: &[SignedCheckpoint],
    file: &mut std::fs::File,
) -> anyhow::Result<()> {
    let mut file = std::io::BufWriter::new(file);
    if context.output.is_json() {
        entries::read(shown, context.output, |index, entry| {
            let row = clean_json(&serde_json::to_string(&Row::new(index, entry, heads))?);
            Ok(writeln!(file, "{row}")?)
        })?;
    } else {
        let mut table = csv::Writer::from_writer(&mut file);
        if shown.head.checkpoint().size == 0 {
            table.write_record(COLUMNS)?;
        }
        entries::read(shown, context.output, |index, entry| {
            Ok(table.serialize(Row::new(index, entry, heads))?)
        })?;
        table.flush()?;
    }
    Ok(file.flush()?)
}

/// The columns of a table without rows.
const COLUMNS: [&str; 10] = [
    "index",
    "leaf_hash",
    "bytes",
    "published_by",
    "day",
    "identity",
    "identity_key",
    "notice_bytes",
    "malformed",
    "profile",
];

impl Row {
    fn new(index: u64, entry: &[u8], heads: &[SignedCheckpoint]) -> Self {
        let read = PublishedTrace::from_bytes(entry);
        let (trace, profile) = (read.as_ref().ok(), logged_profile(entry));
        let malformed = read.as_ref().err().filter(|_| profile.is_none());
        Self {
            index,
            leaf_hash: leaf_hash(entry).to_string(),
            bytes: entry.len(),
            published_by: published_by(index, heads).map(times::rfc3339),
            day: trace.map(|trace| times::show_day(trace.day())),
            identity: trace.map(|trace| hex::encode(trace.identity().as_bytes())),
            identity_key: trace.map(|trace| hex::encode(trace.key().to_bytes())),
            notice_bytes: trace.map(|trace| trace.notice().bytes().len()),
            malformed: malformed.map(ToString::to_string),
            profile: profile.map(hex::encode),
        }
    }
}

/// When the first of these heads that has an entry was signed.
pub(super) fn published_by(
    index: u64,
    heads: &[SignedCheckpoint],
) -> Option<noren::time::UnixSeconds> {
    let with = heads.iter().filter(|head| head.checkpoint().size > index);
    with.map(SignedCheckpoint::timestamp).min()
}
