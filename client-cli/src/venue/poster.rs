//! `noren venue poster`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::bail;
use noren::messages::Venue;
use serde::Serialize;

use super::printing::{Press, Printing, folder_for, print, take_back_or_refuse};
use super::read_entry;
use crate::context::Context;
use crate::files::New;
use crate::outcome::{Answer, Outcome};
use crate::poster::{self, Drawn, Form, Place};
use crate::text::clean;
use crate::times;

pub(super) const EXAMPLE: &str =
    "Example: noren venue poster --entry codes/entry.txt --form tent --time-zone Asia/Tokyo";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The venue's entry code: its link, or a file with its text or picture
    #[arg(long, value_name = "FILE|URL")]
    entry: OsString,
    /// A poster for the door, a table tent to fold, or a picture for a display
    #[arg(long, value_enum, default_value_t = Form::A4)]
    form: Form,
    /// The folder for the PDF file and the PNG picture [default: that of the entry code]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    printing: Printing,
}

#[derive(Serialize)]
struct Made<'a> {
    form: Form,
    pdf: String,
    png: String,
    name: &'a str,
    room: Option<&'a str>,
    issued: &'a str,
    valid_from: String,
    valid_to: String,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    // [CLI-7]
    let (entry_code, link) = read_entry(&arguments.entry)?;
    let (venue, now) = (entry_code.venue(), context.now()?);
    // [PST-3]
    if venue.valid().end() <= now {
        bail!(
            "this code was good until {}; make a new one with `noren venue setup`",
            times::show(venue.valid().end())
        );
    }
    let folder = arguments.folder();
    let [pdf, png] = paths(&folder, arguments.form);
    let was_cut_off = take_back_or_refuse(&[pdf.clone(), png.clone()])?;
    let press = arguments.printing.press(now)?;
    let drawn = draw(&press, arguments.form, venue, &link)?;
    let pages = [New::public(&pdf, &drawn.pdf), New::public(&png, &drawn.png)];
    print(&folder, &pages, was_cut_off)?;
    let place = press.place(venue)?;
    let data = Made::new(arguments.form, venue, &place, [pdf, png]);
    context.output.done(&data, Made::shown)?;
    Ok(Answer::Yes)
}

/// Draws the poster of a venue.
pub(crate) fn draw(press: &Press, form: Form, venue: &Venue, link: &str) -> anyhow::Result<Drawn> {
    poster::draw(form, &press.fonts()?, &press.texts, &press.place(venue)?, link)
}

/// Where the files of a poster stand.
pub(crate) fn paths(folder: &Path, form: Form) -> [PathBuf; 2] {
    ["pdf", "png"].map(|ending| folder.join(format!("{}.{ending}", form.file_name())))
}

impl Arguments {
    fn folder(&self) -> PathBuf {
        let code =
            Some(Path::new(&self.entry)).filter(|_| !self.entry.to_string_lossy().contains("://"));
        folder_for(self.out.as_deref(), code)
    }
}

impl<'a> Made<'a> {
    fn new(form: Form, venue: &Venue, place: &'a Place<'a>, files: [PathBuf; 2]) -> Self {
        let [pdf, png] = files.map(|path| path.display().to_string());
        Self {
            form,
            pdf,
            png,
            name: place.name,
            room: place.room,
            issued: &place.issued,
            valid_from: times::rfc3339(venue.valid().start()),
            valid_to: times::rfc3339(venue.valid().end()),
        }
    }

    fn shown(&self) -> String {
        let room = self.room.map(|room| format!(", {}", clean(room))).unwrap_or_default();
        format!(
            "{}{room}\nissued:   {}\nprint:    {}\npicture:  {}",
            clean(self.name),
            self.issued,
            self.pdf,
            self.png
        )
    }
}
