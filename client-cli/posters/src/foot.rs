//! The foot of a poster: who warns and at which number, where one can scan as well, and the dates.

use crate::fonts::{Fonts, Style};
use crate::page::{Area, BLACK, GREY, INDIGO, Ink, Page};
use crate::place::Place;
use crate::text::{Align, Paragraph};
use crate::texts::Texts;

/// The lines of the foot, from the top down.
pub(crate) struct Foot(Vec<(Paragraph, Ink)>);

impl Foot {
    /// Sets the foot for a width; `size` is that of the authority's name.
    pub(crate) fn set(
        fonts: &Fonts<'_>,
        texts: &[Texts],
        place: &Place<'_>,
        width: f32,
        size: f32,
    ) -> Self {
        let fit = |text: &str, size: f32, lines: usize| {
            Paragraph::fit(fonts, text, Style::Bold, (size, size * 0.6), (width, lines))
        };
        let mut lines = Vec::new();
        if let Some(authority) = place.authority {
            lines.push((fit(&authority.line(), size, 2), INDIGO));
        }
        if let Some(page) = place.page {
            let words: Vec<_> = texts.iter().take(2).map(|texts| texts.page.as_str()).collect();
            lines.push((fit(&format!("{}: {page}", words.join(" / ")), size * 0.62, 2), BLACK));
        }
        for dates in place.dates(texts) {
            lines.push((fit(&dates, size * 0.54, 1), GREY));
        }
        Self(lines)
    }

    pub(crate) fn height(&self) -> f32 {
        self.0.iter().map(|(line, _)| line.height()).sum()
    }

    /// Draws it above the lower end of an area, below a rule.
    pub(crate) fn draw(self, page: &mut Page, area: Area) {
        let mut y = area.bottom() - self.height();
        page.rule(area.x, y - 3.0, area.width, INDIGO);
        for (line, ink) in self.0 {
            y = line.draw(page, Area { y, ..area }, Align::Centre, ink);
        }
    }
}
