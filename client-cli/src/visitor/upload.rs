//! `noren visitor upload`: somebody who was diagnosed tells an authority visits of the diary, with a
//! one-time code.

use std::ffi::OsString;

use anyhow::{Context as _, bail, ensure};
use noren::authority::{PatientReviewError, check_visits};
use noren::keys::MasterPublicKey;
use noren::messages::{ClaimedVisit, EntryCode, MAX_VISITS, PatientUpload, UploadCode};
use noren::profile::Profile;
use noren::time::{Day, UnixSeconds};
use noren::visitor::{Diary, DiaryEntry, VisitId};
use serde::Serialize;
use zeroize::Zeroizing;

use super::diary::OFF;
use super::keep::read_diary;
use super::visits::visit_named;
use crate::context::Context;
use crate::followed::Followed;
use crate::outcome::{Answer, Outcome};
use crate::parcel::Parcel;
use crate::secret::{PassphraseSource, UploadCodeSource};
use crate::text::{clean, counted};
use crate::venue::refuse_two_on_stdin;
use crate::{confirm, times};

pub(super) const EXAMPLE: &str = "Example: noren visitor upload 1f3a 77c0\n\n`noren visitor diary \
    show` tells the ids; without any, you are asked for each visit. Send dummies from time to time \
    (`noren visitor upload --dummy`), so that a real upload does not stand out.";

#[derive(clap::Args)]
pub(crate) struct UploadArguments {
    /// The entries of the diary to upload, by their ids or the beginnings of them [default: asks for each]
    #[arg(value_name = "ENTRY")]
    entries: Vec<String>,
    /// Upload every entry that can be uploaded
    #[arg(long, conflicts_with = "entries")]
    all: bool,
    /// Leave out what was before this day of the authority's, like 2026-03-25
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// The authority that asked: its name, the beginning of its fingerprint, its address, or a file
    /// with its profile [default: the only one that is followed]
    #[arg(long)]
    authority: Option<OsString>,
    #[command(flatten)]
    code: UploadCodeSource,
    /// Send a dummy that looks like an upload, so that real ones do not stand out
    #[arg(long, conflicts_with_all = ["entries", "all", "since", "code_file"])]
    dummy: bool,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

#[derive(Serialize)]
struct Sent<'a> {
    status: &'static str,
    dummy: bool,
    authority: &'a str,
    visits: Vec<Told>,
    left_out: Vec<LeftOut>,
    bytes: usize,
}

/// A visit that is told.
#[derive(Serialize)]
struct Told {
    entry: String,
    venue: String,
    arrival: String,
    departure: String,
    #[serde(skip)]
    id: VisitId,
    #[serde(skip)]
    shown: String,
    #[serde(skip)]
    claim: ClaimedVisit,
}

/// A visit that is not, and why.
#[derive(Serialize)]
struct LeftOut {
    entry: String,
    because: &'static str,
}

/// What can be told, and what cannot.
#[derive(Default)]
struct Choice {
    told: Vec<Told>,
    left_out: Vec<LeftOut>,
}

pub(super) fn run(context: &Context, arguments: &UploadArguments) -> Outcome {
    let authority = Followed::new(context).find_and_keep(arguments.authority.as_deref())?;
    let profile = authority.profile();
    if arguments.dummy {
        return hand_in_nothing(context, profile);
    }
    let key = patient_key(profile)?;
    if let Some(file) = &arguments.passphrase.passphrase_file {
        refuse_two_on_stdin(file, arguments.code.is_on_stdin())?;
    }
    let since = arguments.since.as_deref();
    let now = context.now()?;
    let since = since.map(|day| times::parse_start_of_date(day, now, &profile.time_zone));
    let since = since.transpose().context("--since")?;
    // [CLI-30]
    let kept_since = Day::containing(now).minus(profile.retention_days);
    let diary = read_diary(context, &arguments.passphrase)?.context(OFF)?;
    let mut choice = Choice::default();
    for entry in named(&diary, arguments)? {
        choice.sort(entry, &key, since, kept_since);
    }
    choice.say_left_out(context);
    if arguments.entries.is_empty() && !arguments.all {
        choice.ask()?;
    }
    if choice.told.is_empty() {
        context.output.say("no visit to tell; nothing is sent");
        return Ok(Answer::No);
    }
    check(&choice.told, &key, context.now()?)?;
    choice.say_what_it_tells(context, profile);
    let code = arguments.code.ask()?;
    send(context, profile, choice, code)
}

fn patient_key(profile: &Profile) -> anyhow::Result<MasterPublicKey> {
    // [PAT-14]
    profile.patient_master_key.with_context(|| {
        format!(
            "{} takes no visits from visitors, by the profile that this device knows; if it told \
             you otherwise, `noren visitor sync` fetches the newest profile",
            clean(&profile.name)
        )
    })
}

/// The entries that were named, or all of them, in the order of their arrivals.
fn named<'a>(diary: &'a Diary, arguments: &UploadArguments) -> anyhow::Result<Vec<&'a DiaryEntry>> {
    let mut ids = Vec::new();
    for name in &arguments.entries {
        let id =
            visit_named(diary.entries().iter().map(DiaryEntry::id), name).with_context(|| {
                format!("{} names no entry; `noren visitor diary show` shows them", clean(name))
            })?;
        ids.push(id);
    }
    ensure!(
        arguments.all || !ids.is_empty() || confirm::can_ask(),
        "name the entries to tell, or tell every one with --all; `noren visitor diary show` shows them"
    );
    let wanted = |entry: &&DiaryEntry| arguments.entries.is_empty() || ids.contains(&entry.id());
    Ok(diary.entries().iter().filter(wanted).collect())
}

impl Choice {
    /// Puts an entry where it belongs.
    fn sort(
        &mut self,
        entry: &DiaryEntry,
        key: &MasterPublicKey,
        since: Option<UnixSeconds>,
        kept_since: Day,
    ) {
        // [PAT-15]
        let stay = entry.stay();
        let leave_out = |because| LeftOut { entry: entry.id().to_string(), because };
        let Some(payload) = entry.payload() else {
            self.left_out.push(leave_out("it was written down without a code"));
            return;
        };
        let code = EntryCode::from_bytes(payload);
        if !code.is_ok_and(|code| code.master_public_key() == key) {
            self.left_out.push(leave_out(
                "its venue takes no part in this authority's patient cases: only the venue can help",
            ));
            return;
        }
        if since.is_some_and(|since| stay.arrival() < since) {
            self.left_out.push(leave_out("it was before the day that was given"));
            return;
        }
        if Day::containing(stay.departure()) < kept_since {
            self.left_out.push(leave_out(
                "it is longer ago than this authority's devices keep records: nobody could be warned",
            ));
            return;
        }
        let (arrival, departure) = (stay.arrival(), stay.departure());
        let venue = entry.venue().description.clone();
        let span = times::show_span(arrival, departure);
        self.told.push(Told {
            entry: entry.id().to_string(),
            arrival: times::rfc3339(arrival),
            departure: times::rfc3339(departure),
            id: entry.id(),
            shown: format!("{}  {span}  {}", entry.id(), clean(&venue)),
            claim: ClaimedVisit { payload: payload.to_vec(), arrival, departure },
            venue,
        });
    }

    /// Asks of each visit whether it is to be told.
    fn ask(&mut self) -> anyhow::Result<()> {
        let mut chosen = Vec::new();
        for told in self.told.drain(..) {
            if confirm::ask(&format!("{}\nTell this visit?", told.shown))? {
                chosen.push(told);
            }
        }
        self.told = chosen;
        Ok(())
    }

    fn say_left_out(&self, context: &Context) {
        for LeftOut { entry, because } in &self.left_out {
            context.output.say(format!("left out: {entry}: {because}"));
        }
    }

    fn say_what_it_tells(&self, context: &Context, authority: &Profile) {
        let mut lines = vec![format!(
            "{} will learn that the person to whom it gave this code was at",
            clean(&authority.name)
        )];
        lines.extend(self.told.iter().map(|told| format!("  {}", told.shown)));
        lines.push(
            "and nothing else of the diary. It can warn the others who were there, and decides \
             whether to."
                .to_owned(),
        );
        context.output.say(lines.join("\n"));
    }
}

/// Makes the checks that the authority will make: it would refuse all visits for one.
fn check(told: &[Told], key: &MasterPublicKey, now: UnixSeconds) -> anyhow::Result<()> {
    // [PAT-15]
    ensure!(
        told.len() <= MAX_VISITS,
        "one upload holds {MAX_VISITS} visits, and these are {}: tell fewer, as with --since",
        told.len()
    );
    let claims: Vec<ClaimedVisit> = told.iter().map(|told| told.claim.clone()).collect();
    match check_visits(key, (UnixSeconds::default(), now), &claims) {
        Err(PatientReviewError::Visit { number, reason }) => {
            let place = number.checked_sub(1).and_then(|place| told.get(place));
            let shown = place.map_or("", |told| told.shown.as_str());
            let id = place.map(|told| told.id.to_string()).unwrap_or_default();
            bail!(
                "{shown}: {reason}. The authority would refuse all visits for this one: leave it \
                 out, or correct its times with `noren visitor diary edit {id}`"
            )
        }
        other => Ok(other?),
    }
}

fn send(context: &Context, authority: &Profile, choice: Choice, code: UploadCode) -> Outcome {
    // [PAT-3] [PAT-16] [VEN-7]
    let visits = choice.told.iter().map(|told| told.claim.clone()).collect();
    let upload = PatientUpload { code: code.binding(), visits };
    let seal = || Ok(upload.seal(&authority.upload_key, &mut context.rng())?);
    let parcel = Parcel::sealed(context, authority, code, &content(&upload), seal)?;
    parcel.deliver(authority)?;
    let sent = Sent {
        status: "received",
        dummy: false,
        authority: &authority.name,
        visits: choice.told,
        left_out: choice.left_out,
        bytes: parcel.bytes(),
    };
    context.output.done(&sent, |sent| {
        let count = counted(sent.visits.len(), "visit");
        format!("{} has received {count} ({} bytes sealed)", clean(sent.authority), sent.bytes)
    })?;
    parcel.forget()?;
    Ok(Answer::Yes)
}

/// What makes an upload the same as another.
fn content(upload: &PatientUpload) -> Zeroizing<Vec<u8>> {
    let mut content = Vec::new();
    for visit in &upload.visits {
        for time in [visit.arrival, visit.departure] {
            content.extend(time.get().to_be_bytes());
        }
        content.extend((visit.payload.len() as u64).to_be_bytes());
        content.extend(&visit.payload);
    }
    Zeroizing::new(content)
}

fn hand_in_nothing(context: &Context, authority: &Profile) -> Outcome {
    // [PAT-16]
    let bytes = Parcel::deliver_dummy(context, authority)?;
    let sent = Sent {
        status: "received",
        dummy: true,
        authority: &authority.name,
        visits: Vec::new(),
        left_out: Vec::new(),
        bytes,
    };
    context.output.done(&sent, |sent| {
        format!("{} has received {} bytes that mean nothing.", clean(sent.authority), sent.bytes)
    })?;
    Ok(Answer::Yes)
}
