//! Many venues at once: a folder for each, and an index of them all.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use csv::{QuoteStyle, WriterBuilder};
use noren::messages::EntryCode;
use noren::profile::SignedProfile;
use noren::venue::Organisation;
use noren_posters::{Form, Symbol};
use serde::Serialize;

use super::rooms::{self, Room};
use crate::context::Context;
use crate::files::{self, New};
use crate::followed::Followed;
use crate::times;
use crate::venue::{EntryDrawing, Press, draw_poster, poster_paths, read_entry};

/// The name of the index in the folder of all venues.
const INDEX: &str = "index.csv";

/// What was made, for whoever asked.
#[derive(Serialize)]
pub(super) struct Made {
    index: String,
    venues: Vec<Entry>,
}

/// A venue in the index.
#[derive(Serialize)]
struct Entry {
    line: u64,
    folder: String,
    name: String,
    address: String,
    room: Option<String>,
    kind: Option<&'static str>,
    stay_minutes: Option<u16>,
    valid_from: String,
    valid_to: String,
    url: String,
    status: Status,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Status {
    Made,
    Kept,
}

/// A venue that is about to get its folder, or has it from an earlier run.
struct Planned {
    room: Room,
    code: EntryCode,
    link: String,
    status: Status,
}

/// How the folders are filled.
pub(super) struct Batch<'a> {
    pub(super) organisation: &'a Organisation,
    pub(super) base: &'a str,
    pub(super) form: Form,
    pub(super) press: &'a Press,
    /// Whose keys are kept, once nothing can be refused any more.
    pub(super) authority: Option<&'a SignedProfile>,
}

impl Batch<'_> {
    /// Makes what is missing in `out`; a folder that an earlier run completed keeps its code.
    pub(super) fn run(&self, context: &Context, csv: &[u8], out: &Path) -> anyhow::Result<Made> {
        // [PST-7]
        let rooms = rooms::read(csv, context.now()?, &self.press.fonts()?)?;
        let plan = |room| self.plan(context, room, out);
        let planned: Vec<_> = rooms.into_iter().map(plan).collect::<Result<_, _>>()?;
        // [CLI-4] [CLI-23]
        self.authority.iter().try_for_each(|authority| Followed::new(context).keep(authority))?;
        files::make_folder(out)?;
        let _lock = files::lock_public(out)?;
        files::remove_left_aside(out)?;
        let progress = context.output.progress(planned.len() as u64, "drawing");
        for venue in &planned {
            self.make(venue, &out.join(&venue.room.folder))?;
            progress.inc(1);
        }
        progress.finish_and_clear();
        let venues: Vec<_> = planned.iter().map(Planned::entry).collect();
        let index = out.join(INDEX);
        files::replace_public(&index, &self::index(&venues)?)?;
        Ok(Made { index: index.display().to_string(), venues })
    }

    /// Everything that can go wrong with a venue goes wrong here, before anything is written.
    fn plan(&self, context: &Context, room: Room, out: &Path) -> anyhow::Result<Planned> {
        // [VEN-5] [VEN-8]
        let code = self.organisation.add_venue(room.venue.clone(), &mut context.rng())?;
        let link = code.to_url(self.base)?;
        Symbol::new(&link).with_context(|| format!("line {}", room.line))?;
        let folder = out.join(&room.folder);
        if !folder.exists() {
            return Ok(Planned { room, code, link, status: Status::Made });
        }
        let (kept, link) = self.kept(&folder, &code)?;
        if kept.venue().valid().end() <= context.now()? {
            bail!(
                "the code in {} is over; move the folder away and run this again for a new one",
                folder.display()
            );
        }
        Ok(Planned { room, code: kept, link, status: Status::Kept })
    }

    /// The code that an earlier run made for the same venue of the same organisation, and its link.
    fn kept(&self, folder: &Path, new: &EntryCode) -> anyhow::Result<(EntryCode, String)> {
        let text = folder.join("entry.txt");
        let (kept, link) = read_entry(text.as_os_str()).with_context(|| {
            format!("{} is there, and not from here; move it away", folder.display())
        })?;
        let (one, other) = (kept.venue(), new.venue());
        let same = self.organisation.owns(&kept)
            && (one.description(), one.address()) == (other.description(), other.address())
            && one.details() == other.details();
        if !same {
            let folder = folder.display();
            bail!("{folder} holds the code of another venue or organisation; move it away");
        }
        Ok((kept, link))
    }

    fn make(&self, venue: &Planned, folder: &Path) -> anyhow::Result<()> {
        if venue.status == Status::Kept {
            // Another form may be asked for this time.
            return self.write_poster(venue, folder);
        }
        files::create_folder(folder, |aside| {
            files::create_together(&EntryDrawing::draw(&venue.code, self.base)?.files(aside))?;
            self.write_poster(venue, aside)
        })
    }

    fn write_poster(&self, venue: &Planned, folder: &Path) -> anyhow::Result<()> {
        let [pdf, png] = poster_paths(folder, self.form);
        // [CLI-23]
        files::take_back(&[pdf.clone(), png.clone()])?;
        if pdf.exists() && png.exists() {
            return Ok(());
        }
        let drawn = draw_poster(self.press, self.form, venue.code.venue(), &venue.link)?;
        let mut files = vec![New::public(pdf, &drawn.pdf), New::public(png, &drawn.png)];
        files.retain(|file| !file.path().exists());
        files::create_together(&files)
    }
}

impl Planned {
    fn entry(&self) -> Entry {
        let (venue, details) = (self.code.venue(), self.code.venue().details());
        Entry {
            line: self.room.line,
            folder: self.room.folder.clone(),
            name: venue.description().to_owned(),
            address: venue.address().to_owned(),
            room: details.room().map(str::to_owned),
            kind: details.kind().map(|kind| kind.name()),
            stay_minutes: details.stay_minutes(),
            valid_from: times::rfc3339(venue.valid().start()),
            valid_to: times::rfc3339(venue.valid().end()),
            url: self.link.trim().to_owned(),
            status: self.status,
        }
    }
}

impl Made {
    pub(super) fn shown(&self) -> String {
        let mut counts = BTreeMap::from([("made", 0), ("kept", 0)]);
        for venue in &self.venues {
            let status = if venue.status == Status::Made { "made" } else { "kept" };
            *counts.entry(status).or_default() += 1;
        }
        let [kept, made] = ["kept", "made"].map(|status| counts.get(status).copied().unwrap_or(0));
        format!("venues:   {made} made, {kept} kept as they were\nindex:    {}", self.index)
    }
}

/// The index, for a spreadsheet: in UTF-8 with the mark by which spreadsheets know it.
fn index(venues: &[Entry]) -> anyhow::Result<Vec<u8>> {
    let mut writer = WriterBuilder::new().quote_style(QuoteStyle::Always).from_writer(Vec::new());
    writer.write_record([
        "folder",
        "name",
        "address",
        "room",
        "kind",
        "stay_minutes",
        "valid_from",
        "valid_to",
        "link",
    ])?;
    for venue in venues {
        let stay = venue.stay_minutes.map(|stay| stay.to_string()).unwrap_or_default();
        let cells = [
            venue.folder.as_str(),
            &venue.name,
            &venue.address,
            venue.room.as_deref().unwrap_or_default(),
            venue.kind.unwrap_or_default(),
            &stay,
            &venue.valid_from,
            &venue.valid_to,
            &venue.url,
        ];
        writer.write_record(cells.map(cell))?;
    }
    let csv = writer.into_inner().map_err(|error| anyhow::anyhow!("{}", error.error()))?;
    Ok([b"\xef\xbb\xbf", csv.as_slice()].concat())
}

/// A cell that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    // [PST-8]
    let formula = |first| {
        matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    };
    if text.starts_with(formula) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        // [PST-8]
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "＋1", "－1", "＠A"] {
            assert_eq!(cell(text), format!("'{text}"));
        }
        for text in ["", "a=b", "暖簾", "1-2-3", "'=1"] {
            assert_eq!(cell(text), text);
        }
    }
}
