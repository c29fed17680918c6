//! `noren venue sheet`: the trace code on paper, for the drawer.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::Serialize;

use super::printing::{Drawn, Printing, folder_for, print, take_back_or_refuse, whose};
use super::read_trace;
use crate::context::Context;
use crate::files::New;
use crate::outcome::{Answer, Outcome};
use crate::text::clean;

pub(super) const EXAMPLE: &str = "Example: noren venue sheet --trace codes/trace.txt";

const PDF: &str = "trace-sheet.pdf";
const PNG: &str = "trace-sheet.png";

#[derive(clap::Args)]
pub(crate) struct SheetArguments {
    /// The venue's trace code: its text, or a PNG, JPEG or WebP picture of it ("-": the standard input)
    #[arg(long, value_name = "FILE")]
    trace: PathBuf,
    /// The authority whose name and number stand on it: one that is followed (its name or
    /// fingerprint), or a file with its profile [default: the only one that is followed]
    #[arg(long, value_name = "NAME|FILE")]
    authority: Option<OsString>,
    /// The folder for trace-sheet.pdf and trace-sheet.png [default: that of the trace code]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    printing: Printing,
}

#[derive(Serialize)]
struct Made<'a> {
    pdf: String,
    png: String,
    name: &'a str,
    room: Option<&'a str>,
    authority: Option<&'a str>,
    issued: String,
}

pub(super) fn run(context: &Context, arguments: &SheetArguments) -> Outcome {
    // [CLI-7]
    let path = &arguments.trace;
    let trace_code = read_trace(path)?;
    let folder = folder_for(arguments.out.as_deref(), Some(path));
    let [pdf, png] = [PDF, PNG].map(|name| folder.join(name));
    let was_cut_off = take_back_or_refuse(&[pdf.clone(), png.clone()])?;
    let authority = whose(context, arguments.authority.as_deref(), None)?;
    let press = arguments.printing.press(context.now()?, authority.as_ref())?;
    // [PST-15]
    let page = authority.as_ref().map(|authority| format!("{}/", authority.profile().url));
    let place = press.place(trace_code.entry_code().venue(), page.as_deref())?;
    let (fonts, text) = (press.fonts()?, trace_code.to_text());
    let drawn = Drawn::of(noren_posters::compose_sheet(&fonts, &press.texts, &place, &text))?;
    // [CLI-2] [PST-5]
    let pages = [New::secret(&pdf, &drawn.pdf), New::secret(&png, &drawn.png)];
    print(&folder, &pages, was_cut_off)?;
    let [pdf, png] = [pdf, png].map(|path| path.display().to_string());
    let authority = place.authority.map(|authority| authority.name);
    let issued = press.issued();
    let data = Made { pdf, png, name: place.name, room: place.room, authority, issued };
    context.output.done(&data, Made::shown)?;
    context.output.say(
        "Print one copy on your own printer and lock it away; whoever sees it can answer for this \
         venue.",
    );
    if place.authority.is_none_or(|authority| authority.telephone.is_none()) {
        context.output.say(if authority.is_none() {
            "It has no number at which to ask whether a call is the office's: name the authority with \
             --authority."
        } else {
            "It has no number at which to ask whether a call is the office's, since the authority names \
             none: write one on it by hand."
        });
    }
    Ok(Answer::Yes)
}

impl Made<'_> {
    fn shown(&self) -> String {
        let room = self.room.map(|room| format!(", {}", clean(room))).unwrap_or_default();
        format!(
            "{}{room}\nissued:   {}\nprivate:  {}\n          {}",
            clean(self.name),
            self.issued,
            self.pdf,
            self.png
        )
    }
}
