//! What a page says of the venue: its name, its room, and the dates.

use crate::fonts::{Fonts, Style};
use crate::page::{Area, BLACK, GREY, Ink, Page};
use crate::text::{Align, Paragraph};
use crate::texts::Texts;

/// What stands on a poster beside the code.
pub(crate) struct Place<'a> {
    pub(crate) name: &'a str,
    pub(crate) room: Option<&'a str>,
    /// The date of issue.
    pub(crate) issued: String,
    /// The first and the last day on which the code is good.
    pub(crate) valid: (String, String),
}

impl Place<'_> {
    /// Refuses names that the fonts cannot show.
    pub(crate) fn check(&self, fonts: &Fonts<'_>) -> anyhow::Result<()> {
        fonts.check(self.name)?;
        self.room.map_or(Ok(()), |room| fonts.check(room))
    }

    /// The name and, in the colour of the page, the room in the middle of an area.
    pub(crate) fn draw(
        &self,
        page: &mut Page,
        fonts: &Fonts<'_>,
        area: Area,
        align: Align,
        ink: Ink,
    ) {
        let share = if self.room.is_some() { 0.72 } else { 1.0 };
        let largest = (area.height * 0.5).min(area.width * 0.075);
        let mut size = largest;
        let name = loop {
            let sizes = (size, area.height * 0.14);
            let name = Paragraph::fit(fonts, self.name, Style::Bold, sizes, (area.width, 3));
            if name.height() <= area.height * share || size <= area.height * 0.14 {
                break name;
            }
            size -= 0.5;
        };
        let room = self.room.map(|room| {
            let size = (area.height * 0.2).min(largest * 0.6).min(name.size);
            Paragraph::fit(fonts, room, Style::Bold, (size, size / 3.0), (area.width, 1))
        });
        let height = name.height() + room.as_ref().map_or(0.0, Paragraph::height);
        let y = area.y + (area.height - height).max(0.0) / 2.0;
        let y = name.draw(page, Area { y, ..area }, align, BLACK);
        if let Some(room) = room {
            room.draw(page, Area { y, ..area }, align, ink);
        }
    }

    /// The dates, on one line at the foot of an area.
    pub(crate) fn dates(&self, page: &mut Page, fonts: &Fonts<'_>, texts: &[Texts], area: Area) {
        let words = |word: fn(&Texts) -> &str| {
            texts.iter().take(2).map(word).collect::<Vec<_>>().join(" / ")
        };
        let (from, to) = &self.valid;
        let text = format!(
            "{} {}　　{} {from} – {to}",
            words(|texts| &texts.issued),
            self.issued,
            words(|texts| &texts.valid),
        );
        let sizes = (area.height, area.height * 0.5);
        let line = Paragraph::fit(fonts, &text, Style::Bold, sizes, (area.width, 1));
        line.draw(page, area, Align::Centre, GREY);
    }
}
