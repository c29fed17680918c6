//! `noren organisation`: many venues under one passphrase, the managed variant.

mod batch;
mod rooms;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use noren::messages::Venue;
use noren::passphrase::Cost;
use noren::venue::Organisation;
use noren_posters::Form;
use serde::Serialize;

use self::batch::Batch;
use crate::context::Context;
use crate::files::{self, New};
use crate::followed::Followed;
use crate::outcome::{Answer, Outcome};
use crate::secret::PassphraseSource;
use crate::text::clean;
use crate::venue::{
    Asked, Description, EntryDrawing, EntryFiles, Press, Printing, authority_offline, draw_poster,
    form_parser, poster_paths, read_entry, refuse_two_on_stdin, warn_of_base,
};
use crate::{identify, times};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make the organisation's record from a passphrase. Works offline
    #[command(
        alias = "init",
        after_help = "Example: noren organisation setup \
        --authority health.profile --out chain.organisation"
    )]
    Setup(Setup),
    /// Make the entry code and the poster of one more venue, or of every row of a spreadsheet;
    /// needs the record and no passphrase. Works offline
    #[command(
        alias = "add-venue",
        after_help = times::help("Examples: noren organisation add \
        --organisation chain.organisation --authority health.profile --name \"Noren Shibuya\" \
        --address \"3-4-5 Shibuya\" --out shibuya\n          noren organisation add \
        --organisation chain.organisation --authority health.profile --csv rooms.csv --out rooms")
    )]
    Add(Add),
    /// Hand the keys of a window to the authority that asks one of the venues for them
    #[command(after_help = "Example: noren organisation upload \
        --organisation chain.organisation --entry shibuya/entry.txt")]
    Upload(Upload),
}

#[derive(clap::Args)]
pub(crate) struct Setup {
    /// The authority that will be asked to warn visitors: one that is followed (its name or
    /// fingerprint), or a file with its profile [default: the only one that is followed]
    #[arg(long, value_name = "NAME|FILE")]
    authority: Option<OsString>,
    /// The file for the record. Keep it private: whoever has it can tell which rooms are the
    /// organisation's, and can try passphrases
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Memory in KiB, passes and lanes of one try at the passphrase
    #[arg(long, value_name = "M,T,P", hide = true, value_parser = parse_cost)]
    cost: Option<Cost>,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

#[derive(clap::Args)]
pub(crate) struct Add {
    /// The organisation's record
    #[arg(long, value_name = "FILE")]
    organisation: PathBuf,
    /// The authority that the record was made for: one that is followed, or a file with its
    /// profile; its server is where the link leads [default: the only one that is followed]
    #[arg(long, value_name = "NAME|FILE", conflicts_with = "base")]
    authority: Option<OsString>,
    /// A spreadsheet of venues, as CSV in UTF-8 ("-": the standard input). Its first line names the
    /// columns: name, address, and those of room, kind, stay, from, to that are wanted
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "Description",
        required_unless_present = "name"
    )]
    csv: Option<PathBuf>,
    #[command(flatten)]
    description: Option<Description>,
    /// Where the link in the code leads [default: the authority's server]
    #[arg(long, value_name = "URL")]
    base: Option<String>,
    /// The folder for entry.png, entry.svg, entry.txt and the poster; with --csv, for a folder of
    /// these for every row. What an interrupted run has made is kept, with its codes
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A poster for the door, a table tent to fold, a picture for a display, or slips to tear off for
    /// whoever comes without a phone
    #[arg(long, value_parser = form_parser(), default_value = "a4")]
    form: Form,
    /// Do not draw the code on the terminal
    #[arg(long)]
    no_terminal: bool,
    #[command(flatten)]
    printing: Printing,
}

#[derive(clap::Args)]
pub(crate) struct Upload {
    /// The organisation's record
    #[arg(long, value_name = "FILE")]
    organisation: PathBuf,
    /// The venue's entry code: a link, or a file with its text or picture
    #[arg(long, value_name = "FILE|URL")]
    entry: OsString,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

pub(crate) fn run(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Setup(arguments) => setup(context, &arguments),
        Command::Add(arguments) => add(context, &arguments),
        Command::Upload(arguments) => upload(context, &arguments),
    }
}

#[derive(Serialize)]
struct Made<'a> {
    record: String,
    authority: &'a str,
    fingerprint: String,
}

fn setup(context: &Context, arguments: &Setup) -> Outcome {
    let authority = authority_offline(context, arguments.authority.as_deref())?;
    let profile = authority.profile();
    if files::is_there(&arguments.out) {
        bail!("{} is there already and is not overwritten", arguments.out.display());
    }
    context.output.say(format!(
        "Choose a passphrase of at least {} characters, better six words by \
         dice. Nobody can recover it.",
        Organisation::PASSPHRASE_CHARACTERS
    ));
    let passphrase = arguments.passphrase.choose("the organisation")?;
    let cost = arguments.cost.unwrap_or(Cost::RECOMMENDED);
    // [VEN-5] [VEN-9]
    let organisation =
        Organisation::set_up(&passphrase, cost, &profile.upload_key, &mut context.rng())?;
    // [CLI-4] [CLI-23]
    Followed::new(context).keep(&authority)?;
    files::create_secret(&arguments.out, &organisation.to_bytes()?)?;
    let data = Made {
        record: arguments.out.display().to_string(),
        authority: &profile.name,
        fingerprint: profile.fingerprint().to_string(),
    };
    context.output.done(&data, |data| {
        let authority = clean(data.authority);
        format!("record:   {}\nfor:      {authority} ({})", data.record, data.fingerprint)
    })?;
    context.output.say(
        "Keep copies of the record, and keep them private: without it the passphrase opens nothing, \
         and with it anybody can tell which rooms are yours.",
    );
    Ok(Answer::Yes)
}

#[derive(Serialize)]
struct Added<'a> {
    url: &'a str,
    entry: EntryFiles,
    poster: [String; 2],
    name: &'a str,
    address: &'a str,
    valid_from: String,
    valid_to: String,
}

fn add(context: &Context, arguments: &Add) -> Outcome {
    let organisation = read_to_add(context, &arguments.organisation)?;
    let (base, authority) = match &arguments.base {
        Some(base) => (base.clone(), None),
        None => {
            let authority = authority_offline(context, arguments.authority.as_deref())?;
            // [VEN-5]
            if organisation.is_made_for(&authority.upload_keys()) == Some(false) {
                bail!(
                    "the record was made for another authority than {}, which could never warn \
                     anybody of these rooms: name the one that it was made for, or set up an \
                     organisation for this one",
                    clean(&authority.profile().name)
                );
            }
            (EntryDrawing::base_of(authority.profile()), Some(authority))
        }
    };
    let press = arguments.printing.press(context.now()?, authority.as_ref())?;
    // [PST-12]
    warn_of_base(context, &base);
    match (&arguments.csv, &arguments.description) {
        (Some(csv), _) => {
            refuse_two_on_stdin(&arguments.organisation, csv == Path::new("-"))?;
            let (base, form) = (base.as_str(), arguments.form);
            let (organisation, press, authority) = (&organisation, &press, authority.as_ref());
            let batch = Batch { organisation, base, form, press, authority };
            let csv = files::read_input(csv, "--csv")
                .and_then(|bytes| batch.run(context, &bytes, &arguments.out))
                .with_context(|| csv.display().to_string())?;
            context.output.done(&csv, batch::Made::shown)?;
            Ok(Answer::Yes)
        }
        (None, Some(description)) => {
            let venue = description.venue(context.now()?)?;
            // [CLI-4] [CLI-23]
            authority.iter().try_for_each(|authority| Followed::new(context).keep(authority))?;
            add_one(context, arguments, &organisation, venue, &base, &press)
        }
        (None, None) => bail!("name the venue with --name and --address, or many with --csv"),
    }
}

fn add_one(
    context: &Context,
    arguments: &Add,
    organisation: &Organisation,
    venue: Venue,
    base: &str,
    press: &Press,
) -> Outcome {
    // [VEN-5]
    let entry_code = organisation.add_venue(venue, &mut context.rng())?;
    let venue = entry_code.venue();
    let drawing = EntryDrawing::draw(&entry_code, base)?;
    let poster = draw_poster(press, arguments.form, venue, drawing.url())?;
    let fill = |folder: &Path| {
        let [pdf, png] = poster_paths(folder, arguments.form);
        let poster = [New::public(pdf, &poster.pdf), New::public(png, &poster.png)];
        let all: Vec<_> = poster.into_iter().chain(drawing.files(folder)).collect();
        files::create_together(&all)
    };
    // [CLI-23]
    if files::is_there(&arguments.out) {
        files::make_folder(&arguments.out)?;
        EntryDrawing::check_none_in(&arguments.out)?;
        fill(&arguments.out)?;
    } else {
        files::create_folder(&arguments.out, fill)?;
    }
    let [pdf, png] = poster_paths(&arguments.out, arguments.form);
    let entry = EntryFiles::of(&arguments.out);
    if !arguments.no_terminal {
        drawing.show(context)?;
    }
    let data = Added {
        url: drawing.url(),
        entry,
        poster: [pdf, png].map(|path| path.display().to_string()),
        name: venue.description(),
        address: venue.address(),
        valid_from: times::rfc3339(venue.valid().start()),
        valid_to: times::rfc3339(venue.valid().end()),
    };
    context.output.done(&data, |data| {
        let valid = times::show_window(venue.valid());
        let (name, address) = (clean(data.name), clean(data.address));
        format!("{name}, {address}\nvalid:    {valid}\n{}", data.entry.shown())
    })?;
    context.output.say("Keep the entry code as well: uploads for this venue need it.");
    Ok(Answer::Yes)
}

fn upload(context: &Context, arguments: &Upload) -> Outcome {
    let authority = arguments.asked.authority(context)?;
    let organisation = read_record(&arguments.organisation)?;
    if organisation.is_made_for(&authority.upload_keys()) == Some(false) {
        bail!(
            "the record was made for another authority than {}, which could not open the upload; name \
             the one that it was made for",
            clean(&authority.profile().name)
        );
    }
    let (entry_code, _) = read_entry(&arguments.entry)?;
    if let Some(file) = &arguments.passphrase.passphrase_file {
        refuse_two_on_stdin(file, arguments.asked.code_on_stdin())?;
    }
    let passphrase = arguments.passphrase.ask("the organisation")?;
    let (code, window) = arguments.asked.code_and_window(context, &entry_code)?;
    // [VEN-5]
    let upload =
        organisation.upload(&passphrase, &entry_code, window, code.binding(), context.now()?)?;
    let venue = entry_code.venue();
    arguments.asked.hand_in(context, authority.profile(), &upload, code, venue)
}

fn read_record(path: &Path) -> anyhow::Result<Organisation> {
    record_from(path, &files::read_input(path, "--organisation")?)
}

fn record_from(path: &Path, bytes: &[u8]) -> anyhow::Result<Organisation> {
    let otherwise = "this is no organisation's record";
    Organisation::from_bytes(bytes).map_err(|error| {
        identify::misplaced("an organisation record", otherwise, Some(path), bytes, error)
    })
}

/// The record, for new rooms. One of the version before is replaced by the same with its chain key,
/// readable by its owner only; where that fails, it goes on working as it is.
fn read_to_add(context: &Context, path: &Path) -> anyhow::Result<Organisation> {
    // [VEN-10]
    let bytes = files::read_input(path, "--organisation")?;
    let organisation = record_from(path, &bytes)?;
    if Organisation::is_without_chain_key(&bytes) {
        if path != Path::new("-") && files::replace(path, &organisation.to_bytes()?).is_ok() {
            context.output.say("The record has the form of this version now.");
        }
        context.output.say(
            "Rooms have keys of their own from now on, and codes that hang already go on working. \
             Keep every copy of the record private, also older ones: with it anybody can tell which \
             rooms are yours.",
        );
    }
    Ok(organisation)
}

fn parse_cost(text: &str) -> Result<Cost, String> {
    let parts: Vec<u32> = text
        .split(',')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| "three numbers are expected".to_owned())?;
    match parts.as_slice() {
        [memory, passes, lanes] => {
            Cost::new(*memory, *passes, *lanes).map_err(|error| error.to_string())
        }
        _ => Err("three numbers are expected".to_owned()),
    }
}
