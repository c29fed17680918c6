//! `noren venue poster`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::bail;
use noren::messages::Venue;
use serde::Serialize;

use super::printing::{
    Drawn, Press, Printing, folder_for, form_parser, print, take_back_or_refuse, whose,
};
use super::read_entry;
use crate::context::Context;
use crate::files::New;
use crate::outcome::{Answer, Outcome};
use crate::text::clean;
use crate::{http, times};
use noren_posters::{Form, Place};

pub(super) const EXAMPLE: &str = "Examples:\n  noren venue poster --entry codes/entry.txt --form tent --time-zone Asia/Tokyo\n  \
    noren venue poster --entry codes/entry.txt --form slips --languages ja,en";

#[derive(clap::Args)]
pub(crate) struct PosterArguments {
    /// The venue's entry code: its link, or a file with its text or picture
    #[arg(long, value_name = "FILE|URL")]
    entry: OsString,
    /// A poster for the door, a table tent to fold, a picture for a display, or slips to tear off for
    /// whoever comes without a phone
    #[arg(long, value_parser = form_parser(), default_value = "a4")]
    form: Form,
    /// The authority whose name and number stand on it: one that is followed (its name or
    /// fingerprint), or a file with its profile [default: the followed one to whose server the code
    /// leads]
    #[arg(long, value_name = "NAME|FILE")]
    authority: Option<OsString>,
    /// The folder for the PDF file and the PNG picture [default: that of the entry code]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    printing: Printing,
}

#[derive(Serialize)]
struct Made<'a> {
    form: &'static str,
    pdf: String,
    png: String,
    name: &'a str,
    room: Option<&'a str>,
    authority: Option<&'a str>,
    issued: String,
    valid_from: String,
    valid_to: String,
}

pub(super) fn run(context: &Context, arguments: &PosterArguments) -> Outcome {
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
    let authority = whose(context, arguments.authority.as_deref(), Some(&link))?;
    let press = arguments.printing.press(now, authority.as_ref())?;
    let drawn = draw(&press, arguments.form, venue, &link)?;
    let pages = [New::public(&pdf, &drawn.pdf), New::public(&png, &drawn.png)];
    print(&folder, &pages, was_cut_off)?;
    let place = press.place(venue, Some(&link))?;
    let data = Made::new(arguments.form, venue, &place, press.issued(), [pdf, png]);
    context.output.done(&data, Made::shown)?;
    if authority.is_none() {
        context.output.say(
            "It names no authority, since none is followed to whose server the code leads: name one \
             with --authority, so that people can ask.",
        );
    }
    Ok(Answer::Yes)
}

/// Draws the poster of a venue.
pub(crate) fn draw(press: &Press, form: Form, venue: &Venue, link: &str) -> anyhow::Result<Drawn> {
    let (fonts, place) = (press.fonts()?, press.place(venue, Some(link))?);
    Drawn::of(noren_posters::compose(form, &fonts, &press.texts, &place, link))
}

/// Where the files of a poster stand.
pub(crate) fn paths(folder: &Path, form: Form) -> [PathBuf; 2] {
    ["pdf", "png"].map(|ending| folder.join(format!("{}.{ending}", form.file_name())))
}

impl PosterArguments {
    fn folder(&self) -> PathBuf {
        let is_link = self.entry.to_str().is_some_and(http::is_address);
        let code = Some(Path::new(&self.entry)).filter(|_| !is_link);
        folder_for(self.out.as_deref(), code)
    }
}

impl<'a> Made<'a> {
    fn new(
        form: Form,
        venue: &Venue,
        place: &Place<'a>,
        issued: String,
        files: [PathBuf; 2],
    ) -> Self {
        let [pdf, png] = files.map(|path| path.display().to_string());
        Self {
            form: form.name(),
            pdf,
            png,
            name: place.name,
            room: place.room,
            authority: place.authority.map(|authority| authority.name),
            issued,
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
