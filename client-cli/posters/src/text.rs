//! Text in lines: where it may break, and how large it can be.

use std::rc::Rc;

use unicode_linebreak::{BreakOpportunity, linebreaks};

use crate::fonts::{Fonts, Style};
use crate::line::Line;
use crate::page::{Area, Ink, Page};

/// A place where a text may break; a text with such places breaks nowhere else.
pub(crate) const BREAK: &str = "\u{200b}";
/// A last line is no shorter, in parts of the full width, where that costs no further line.
const SHORTEST: f32 = 0.4;
const NARROWER: [f32; 6] = [0.95, 0.9, 0.85, 0.8, 0.75, 0.7];

/// How a paragraph stands in its area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Centre,
}

/// Lines of one size.
pub(crate) struct Paragraph {
    lines: Vec<Rc<Line>>,
    pub(crate) size: f32,
    /// From one line to the next, in parts of the size.
    leading: f32,
}

impl Paragraph {
    /// A text at one size, in lines no wider than `width`, and narrower where the last line would
    /// hold a syllable only.
    pub(crate) fn set(fonts: &Fonts<'_>, text: &str, style: Style, size: f32, width: f32) -> Self {
        let widest = Self::broken(fonts, text, style, size, width);
        let short =
            |set: &Self| set.lines.last().is_some_and(|line| line.width(size) < SHORTEST * width);
        if widest.lines.len() < 2 || !short(&widest) {
            return widest;
        }
        let narrower = NARROWER.map(|share| Self::broken(fonts, text, style, size, share * width));
        let narrower = narrower.into_iter().filter(|set| set.lines.len() == widest.lines.len());
        let narrower: Vec<_> = narrower.collect();
        let best = narrower.iter().position(|set| !short(set));
        let best = best.or_else(|| narrower.len().checked_sub(1));
        best.and_then(|best| narrower.into_iter().nth(best)).unwrap_or(widest)
    }

    fn broken(fonts: &Fonts<'_>, text: &str, style: Style, size: f32, width: f32) -> Self {
        let mut lines = Vec::new();
        let mut line = String::new();
        for piece in pieces(fonts, text, style, width / size) {
            let longer = format!("{line}{piece}");
            let fits = fonts.shape(longer.trim_end(), style).width(size) <= width;
            if fits || line.is_empty() {
                line = longer;
            } else {
                lines.push(fonts.shape(line.trim_end(), style));
                line = piece;
            }
        }
        lines.push(fonts.shape(line.trim_end(), style));
        Self { lines, size, leading: 1.34 }
    }

    /// A text as large as it can be between two sizes, in at most `lines` lines; at the smaller size
    /// it takes the lines that it needs.
    pub(crate) fn fit(
        fonts: &Fonts<'_>,
        text: &str,
        style: Style,
        (largest, smallest): (f32, f32),
        (width, lines): (f32, usize),
    ) -> Self {
        let mut size = largest;
        loop {
            // More lines only where the text has become small for fewer.
            let allowed = if size > 0.7 * largest { lines.min(1) } else { lines };
            let set = Self::set(fonts, text, style, size, width);
            if set.lines.len() <= allowed || size <= smallest {
                return Self { leading: 1.22, ..set };
            }
            size = (size - 0.5).max(smallest);
        }
    }

    pub(crate) fn height(&self) -> f32 {
        self.lines.len() as f32 * self.size * self.leading
    }

    /// Draws the lines from the top of an area down, and returns where the next thing can stand.
    pub(crate) fn draw(self, page: &mut Page, area: Area, align: Align, ink: Ink) -> f32 {
        let (size, step, bottom) = (self.size, self.size * self.leading, area.y + self.height());
        for (number, line) in self.lines.into_iter().enumerate() {
            let free = area.width - line.width(size);
            let x = if align == Align::Centre { area.x + free / 2.0 } else { area.x };
            // Ideographs reach from 0.88 above the baseline to 0.12 below it.
            let baseline = area.y + number as f32 * step + (step - size) / 2.0 + 0.88 * size;
            page.text(line, x, baseline, size, ink);
        }
        bottom
    }
}

/// The text in pieces between which it may break. A piece wider than a line is cut to single
/// characters.
fn pieces(fonts: &Fonts<'_>, text: &str, style: Style, width: f32) -> Vec<String> {
    let mut pieces = Vec::new();
    for piece in breakable(text) {
        if fonts.shape(piece.trim_end(), style).width(1.0) <= width {
            pieces.push(piece.to_owned());
        } else {
            pieces.extend(piece.chars().map(String::from));
        }
    }
    pieces
}

/// What may stand on a line of its own.
fn breakable(text: &str) -> Vec<&str> {
    if text.contains(BREAK) {
        return text.split(BREAK).collect();
    }
    let mut start = 0;
    let allowed = linebreaks(text)
        .filter(|(end, kind)| *kind == BreakOpportunity::Mandatory || !in_hangul_word(text, *end));
    allowed.filter_map(|(end, _)| text.get(std::mem::replace(&mut start, end)..end)).collect()
}

/// Korean has spaces between words and is easier to read when it breaks there only.
fn in_hangul_word(text: &str, at: usize) -> bool {
    let is_hangul =
        |character: char| matches!(character, '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}');
    let before = text.get(..at).and_then(|text| text.chars().next_back());
    let after = text.get(at..).and_then(|text| text.chars().next());
    before.zip(after).is_some_and(|(before, after)| is_hangul(before) && is_hangul(after))
}
