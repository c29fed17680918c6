//! `noren venue sheet`: the trace code on paper, for the drawer.

use std::path::PathBuf;

use serde::Serialize;

use super::printing::{Printing, folder_for, print, take_back_or_refuse};
use super::read_trace;
use crate::context::Context;
use crate::files::New;
use crate::outcome::{Answer, Outcome};
use crate::poster;
use crate::text::clean;

pub(super) const EXAMPLE: &str = "Example: noren venue sheet --trace codes/trace.txt";

const PDF: &str = "trace-sheet.pdf";
const PNG: &str = "trace-sheet.png";

#[derive(clap::Args)]
pub(crate) struct SheetArguments {
    /// The venue's trace code: its text, or a PNG, JPEG or WebP picture of it ("-": the standard input)
    #[arg(long, value_name = "FILE")]
    trace: PathBuf,
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
    issued: &'a str,
}

pub(super) fn run(context: &Context, arguments: &SheetArguments) -> Outcome {
    // [CLI-7]
    let path = &arguments.trace;
    let trace_code = read_trace(path)?;
    let folder = folder_for(arguments.out.as_deref(), Some(path));
    let [pdf, png] = [PDF, PNG].map(|name| folder.join(name));
    let was_cut_off = take_back_or_refuse(&[pdf.clone(), png.clone()])?;
    let press = arguments.printing.press(context.now()?)?;
    let place = press.place(trace_code.entry_code().venue())?;
    let drawn = poster::draw_sheet(&press.fonts()?, &press.texts, &place, &trace_code.to_text())?;
    // [CLI-2] [PST-5]
    let pages = [New::secret(&pdf, &drawn.pdf), New::secret(&png, &drawn.png)];
    print(&folder, &pages, was_cut_off)?;
    let [pdf, png] = [pdf, png].map(|path| path.display().to_string());
    let data = Made { pdf, png, name: place.name, room: place.room, issued: &place.issued };
    context.output.done(&data, Made::shown)?;
    context.output.say(
        "Print one copy on your own printer and lock it away; whoever sees it can answer for this \
         venue.",
    );
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
