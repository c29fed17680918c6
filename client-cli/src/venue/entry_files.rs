//! The public files of a venue: its entry code as picture, drawing and text.

use std::io::IsTerminal as _;
use std::path::Path;

use anyhow::bail;
use noren::messages::EntryCode;
use noren::profile::Profile;
use serde::Serialize;
use terminal_size::Width;
use url::{Host, Url};

use crate::context::Context;
use crate::files::{self, New};
use crate::qr;

const PNG: &str = "entry.png";
const SVG: &str = "entry.svg";
const TEXT: &str = "entry.txt";

/// An entry code, drawn.
pub(crate) struct EntryDrawing {
    url: String,
    text: String,
    png: Vec<u8>,
    svg: String,
}

/// Where the files of an entry code were written.
#[derive(Serialize)]
pub(crate) struct EntryFiles {
    png: String,
    svg: String,
    text: String,
}

impl EntryDrawing {
    /// Draws everything before anything is written, so that a text too long for a QR code leaves
    /// nothing behind.
    pub(crate) fn draw(entry_code: &EntryCode, base: &str) -> anyhow::Result<Self> {
        let url = entry_code.to_url(base)?;
        Ok(Self { png: qr::png(&url)?, svg: qr::svg(&url)?, text: format!("{url}\n"), url })
    }

    /// Where a link leads unless its owner says otherwise: to the authority's server, which never
    /// sees what stands behind the `#`.
    pub(crate) fn base_of(authority: &Profile) -> String {
        format!("{}/", authority.url)
    }

    /// Refuses a folder that holds an entry code already, and takes back what a command that was
    /// killed has left of one.
    pub(crate) fn check_none_in(folder: &Path) -> anyhow::Result<()> {
        // [CLI-23]
        files::take_back(&[TEXT, SVG, PNG].map(|name| folder.join(name)))?;
        for name in [TEXT, SVG, PNG] {
            if folder.join(name).exists() {
                bail!(
                    "{} holds the codes of a venue already, and nothing is overwritten; name \
                     another folder",
                    folder.display()
                );
            }
        }
        Ok(())
    }

    /// The public files, to be written into a folder.
    pub(crate) fn files(&self, folder: &Path) -> [New<'_>; 3] {
        [(TEXT, self.text.as_bytes()), (SVG, self.svg.as_bytes()), (PNG, &self.png)]
            .map(|(name, bytes)| New::public(folder.join(name), bytes))
    }

    /// Shows the code to whoever sits at the terminal; it is talk, not data.
    pub(crate) fn show(&self, context: &Context) -> anyhow::Result<()> {
        let stderr = std::io::stderr();
        if !stderr.is_terminal() {
            return Ok(());
        }
        let drawing = qr::terminal(&self.url)?;
        let (needed, width) = (qr::columns(&drawing), terminal_size::terminal_size_of(stderr));
        match width {
            // [CLI-32] A terminal that does not know its width says 0.
            Some((Width(width), _)) if width > 0 && usize::from(width) < needed => {
                context.output.say(format!(
                    "the code is not drawn here: it is {needed} columns wide, and this terminal has \
                     {width}; look at {PNG}"
                ));
            }
            _ => context.output.draw(&drawing),
        }
        Ok(())
    }

    /// The text of the QR code.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// Says, before anything is written, when a link leads where visitors' phones cannot go or should not.
pub(crate) fn warn_of_base(context: &Context, base: &str) {
    // [PST-12]
    let Ok(address) = Url::parse(base) else { return };
    if is_this_machine(&address) {
        context.output.say(format!(
            "warning: the link in the code leads to {base}, which on a visitor's phone is the phone \
             itself. That will do for a trial; for a code that is posted, name a public address with \
             --base"
        ));
    } else if address.scheme() == "http" {
        context.output.say(format!(
            "warning: the link in the code leads to {base}, without encryption: whoever is on the \
             visitor's network can put another page in its place. For a code that is posted, name an \
             https address with --base"
        ));
    }
}

fn is_this_machine(address: &Url) -> bool {
    match address.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => {
            let mapped = address.to_ipv4_mapped();
            address.is_loopback()
                || address.is_unspecified()
                || mapped.is_some_and(|address| address.is_loopback())
        }
        None => false,
    }
}

impl EntryFiles {
    /// Where they are in a folder.
    pub(crate) fn of(folder: &Path) -> Self {
        let [text, svg, png] = [TEXT, SVG, PNG].map(|name| folder.join(name).display().to_string());
        Self { png, svg, text }
    }

    /// The file with the link.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn shown(&self) -> String {
        format!("print:    {}\n          {}\ntext:     {}", self.png, self.svg, self.text)
    }
}
