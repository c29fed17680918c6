//! What everything that is printed has in common: languages, a font, the time zone of its dates.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::tz::TimeZone;
use noren::messages::{Venue, VenueKind};
use noren::profile::SignedProfile;
use noren::text::typed;
use noren::time::UnixSeconds;
use noren_posters::{Authority, Composed, Date, Fonts, Form, Place, PosterError, Texts, USUAL};
use zeroize::Zeroizing;

use super::authority_offline;
use crate::context::Context;
use crate::errors::in_list;
use crate::files::{self, New};
use crate::followed::Followed;
use crate::text::clean;
use crate::times;

/// A date as data.
const DATE: &str = "%Y-%m-%d";

#[derive(clap::Args)]
#[command(next_help_heading = "Printing")]
pub(crate) struct Printing {
    /// Up to four languages, the first of them largest: ja, en, ko, zh-Hans, pt, vi
    #[arg(long, value_name = "TAGS", value_delimiter = ',', default_value = USUAL)]
    languages: Vec<String>,
    /// A font (.otf, .ttf) for characters of the venue's name that the built-in one lacks
    #[arg(long, value_name = "FILE")]
    font: Option<PathBuf>,
    /// The time zone of the dates, like Asia/Tokyo [default: that of this machine]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
}

/// The same, read and checked.
pub(crate) struct Press {
    pub(crate) texts: Vec<Texts>,
    font: Option<Zeroizing<Vec<u8>>>,
    zone: TimeZone,
    now: UnixSeconds,
    authority: Option<(String, Option<String>)>,
}

/// A page as files.
pub(crate) struct Drawn {
    pub(crate) pdf: Zeroizing<Vec<u8>>,
    pub(crate) png: Zeroizing<Vec<u8>>,
}

impl Printing {
    pub(crate) fn press(
        &self,
        now: UnixSeconds,
        authority: Option<&SignedProfile>,
    ) -> anyhow::Result<Press> {
        let font = self.font.as_deref();
        let font = font.map(|path| files::read_input(path, "--font")).transpose()?;
        if let (Some(font), Some(path)) = (&font, &self.font) {
            Fonts::built_in(Some(font)).with_context(|| path.display().to_string())?;
        }
        let zone = times::zone(self.time_zone.as_deref())?;
        let texts = Texts::select(&self.tags())?;
        let authority = authority.map(|authority| {
            let profile = authority.profile();
            let languages: Vec<&str> = texts.iter().map(Texts::tag).collect();
            (profile.name.clone(), profile.telephone(&languages).map(str::to_owned))
        });
        Ok(Press { texts, font, zone, now, authority })
    }

    fn tags(&self) -> Vec<String> {
        // [CLI-47]
        let typed: Vec<String> = self.languages.iter().map(|tags| typed(tags)).collect();
        typed.iter().flat_map(|tags| in_list(tags)).map(str::to_owned).collect()
    }
}

impl Press {
    pub(crate) fn fonts(&self) -> anyhow::Result<Fonts<'_>> {
        Ok(Fonts::built_in(self.font.as_deref().map(Vec::as_slice))?)
    }

    /// What a page says of a venue today; `link` is that of its entry code.
    pub(crate) fn place<'a>(
        &'a self,
        venue: &'a Venue,
        link: Option<&'a str>,
    ) -> anyhow::Result<Place<'a>> {
        let date = |time: UnixSeconds| -> anyhow::Result<Date> {
            let written = times::show_in(time, &self.zone, DATE);
            written.parse().with_context(|| written.clone())
        };
        let valid = venue.valid();
        // The end of a window is the first instant that is outside.
        let last = UnixSeconds::from_i64(valid.end().as_i64() - 1)?;
        let authority = self.authority.as_ref();
        Ok(Place {
            address: venue.address(),
            room: venue.details().room(),
            kind: venue.details().kind().map(VenueKind::name),
            authority: authority
                .map(|(name, telephone)| Authority { name, telephone: telephone.as_deref() }),
            page: link.and_then(|link| link.split(['?', '#']).next()),
            ..Place::new(venue.description(), date(self.now)?, (date(valid.start())?, date(last)?))
        })
    }

    /// The date of issue, as data.
    pub(crate) fn issued(&self) -> String {
        times::show_in(self.now, &self.zone, DATE)
    }
}

impl Drawn {
    pub(crate) fn of(page: Result<Composed<'_>, PosterError>) -> anyhow::Result<Self> {
        let page = page.map_err(in_words)?;
        Ok(Self { pdf: page.pdf()?, png: page.png()? })
    }
}

/// What is wrong with a page, and what its owner can do.
pub(crate) fn in_words(error: PosterError) -> anyhow::Error {
    // [PST-4]
    let PosterError::MissingCharacter { character, text } = error else { return error.into() };
    anyhow::anyhow!(
        "the built-in font has no {} (U+{:04X}), which is in {:?}; bring a font that has it with --font \
         FILE, or name the venue without it",
        clean(&character.to_string()),
        u32::from(character),
        clean(&text)
    )
}

/// Reads a form by its name.
pub(crate) fn form_parser() -> impl TypedValueParser<Value = Form> {
    PossibleValuesParser::new(Form::ALL.map(Form::name)).try_map(|name| {
        let form = Form::ALL.into_iter().find(|form| form.name() == name);
        form.ok_or("there is no such form")
    })
}

/// Whoever warns of a venue: the authority that was named; else the followed one to whose server the
/// code's link leads; else, without a link, the only one that is followed.
pub(crate) fn whose(
    context: &Context,
    named: Option<&OsStr>,
    link: Option<&str>,
) -> anyhow::Result<Option<SignedProfile>> {
    // [PST-10]
    if named.is_some() {
        return authority_offline(context, named).map(Some);
    }
    let mut followed = Followed::new(context).all();
    if let Some(link) = link {
        let leads_to =
            |url: &str| link.strip_prefix(url).is_some_and(|rest| rest.starts_with(['/', '?']));
        followed.retain(|authority| leads_to(&authority.profile().url));
    }
    Ok(followed.pop().filter(|_| followed.is_empty()))
}

/// Takes back what a command that was killed has left of these pages, and refuses to replace what
/// somebody may have hung up, before anything is drawn. Whether there was such a command.
pub(super) fn take_back_or_refuse(paths: &[PathBuf]) -> anyhow::Result<bool> {
    // [CLI-23]
    let was_cut_off = files::take_back(paths)?;
    match paths.iter().find(|path| path.exists()) {
        Some(path) if !was_cut_off => bail!(
            "{} is there already and is not overwritten; name another folder with --out, or remove \
             it first",
            path.display()
        ),
        _ => Ok(was_cut_off),
    }
}

/// Writes pages into a folder. Where a command was killed behind the last of them, they stand.
pub(super) fn print(folder: &Path, pages: &[New<'_>], was_cut_off: bool) -> anyhow::Result<()> {
    // [CLI-23] [PST-1]
    if was_cut_off && pages.iter().all(New::is_there) {
        return Ok(());
    }
    files::make_folder(folder)?;
    files::create_together(pages)
}

/// Where files go: the folder that was named, or the one with the code.
pub(super) fn folder_for(out: Option<&Path>, code: Option<&Path>) -> PathBuf {
    let beside = code.filter(|code| *code != Path::new("-")).and_then(Path::parent);
    let folder = out.or(beside).unwrap_or(Path::new(""));
    if folder == Path::new("") { PathBuf::from(".") } else { folder.to_owned() }
}
