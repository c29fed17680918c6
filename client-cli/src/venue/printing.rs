//! What everything that is printed has in common: languages, a font, the time zone of its dates.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use jiff::tz::TimeZone;
use noren::messages::Venue;
use noren::text::typed;
use noren::time::UnixSeconds;
use zeroize::Zeroizing;

use crate::errors::in_list;
use crate::files::{self, New};
use crate::poster::{Fonts, Place, Texts, USUAL};
use crate::times;

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
}

impl Printing {
    pub(crate) fn press(&self, now: UnixSeconds) -> anyhow::Result<Press> {
        let font = self.font.as_deref();
        let font = font.map(|path| files::read_input(path, "--font")).transpose()?;
        if let (Some(font), Some(path)) = (&font, &self.font) {
            Fonts::new(Some(font)).with_context(|| path.display().to_string())?;
        }
        let zone = times::zone(self.time_zone.as_deref())?;
        Ok(Press { texts: Texts::select(&self.tags())?, font, zone, now })
    }

    fn tags(&self) -> Vec<String> {
        // [CLI-47]
        let typed: Vec<String> = self.languages.iter().map(|tags| typed(tags)).collect();
        typed.iter().flat_map(|tags| in_list(tags)).map(str::to_owned).collect()
    }
}

impl Press {
    pub(crate) fn fonts(&self) -> anyhow::Result<Fonts<'_>> {
        Fonts::new(self.font.as_deref().map(Vec::as_slice))
    }

    /// What a page says of a venue today.
    pub(crate) fn place<'a>(&self, venue: &'a Venue) -> anyhow::Result<Place<'a>> {
        let date = |time| times::show_in(time, &self.zone, "%Y-%m-%d");
        let valid = venue.valid();
        // The end of a window is the first instant that is outside.
        let last = UnixSeconds::from_i64(valid.end().as_i64() - 1)?;
        Ok(Place {
            name: venue.description(),
            room: venue.details().room(),
            issued: date(self.now),
            valid: (date(valid.start()), date(last)),
        })
    }
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
