//! Colour on the standard output, where it is wanted: at a terminal that has it, and as `NO_COLOR`,
//! `CLICOLOR` and `CLICOLOR_FORCE` say.

use std::io;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

/// How loudly something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Somebody has to act.
    Alarm,
    /// Somebody has to know.
    Attention,
    /// It is over.
    Calm,
    /// As everything else.
    Plain,
}

/// Words of our own in the colour of their tone. The words alone say everything.
pub(crate) fn paint(tone: Tone, words: &str) -> String {
    // [CLI-32]
    if AutoStream::choice(&io::stdout()) == ColorChoice::Never {
        return words.to_owned();
    }
    let colour = match tone {
        Tone::Alarm => AnsiColor::Red,
        Tone::Attention => AnsiColor::Yellow,
        Tone::Calm => AnsiColor::Green,
        Tone::Plain => return words.to_owned(),
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    format!("{style}{words}{style:#}")
}
