//! What a page says of the venue and of the authority that warns.

use crate::PosterError;
use crate::date::Date;
use crate::fonts::{Fonts, Style};
use crate::page::{Area, BLACK, GREY, INDIGO, Ink, Page};
use crate::text::{Align, Paragraph};
use crate::texts::Texts;

/// What stands on a page beside the code.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The venue's name.
    pub name: &'a str,
    /// Its address; may be empty.
    pub address: &'a str,
    /// Its room.
    pub room: Option<&'a str>,
    /// What kind of venue it is, by its name in Noren's messages, like `live-house`.
    pub kind: Option<&'a str>,
    /// The date of issue.
    pub issued: Date,
    /// The first and the last day on which the code is good.
    pub valid: (Date, Date),
    /// Whoever warns.
    pub authority: Option<Authority<'a>>,
    /// The address of the page, without a code in it.
    pub page: Option<&'a str>,
}

/// The authority that warns of a venue.
#[derive(Debug, Clone, Copy)]
pub struct Authority<'a> {
    /// Its name.
    pub name: &'a str,
    /// The number at which people reach it.
    pub telephone: Option<&'a str>,
}

/// Kinds of venues that one enters for something else than to eat, to drink or to buy.
const HALLS: [&str; 10] = [
    "live-house",
    "sports-club",
    "gym",
    "bowling",
    "dance-hall",
    "theatre",
    "cinema",
    "event",
    "school",
    "office",
];

/// A size and the smallest that it may become for long names, in points.
pub(crate) type Sizes = (f32, f32);

impl<'a> Place<'a> {
    /// A place of which nothing but a name is said.
    #[must_use]
    pub const fn new(name: &'a str, issued: Date, valid: (Date, Date)) -> Self {
        let (room, kind, authority, page) = (None, None, None, None);
        Self { name, address: "", room, kind, issued, valid, authority, page }
    }

    pub(crate) fn is_hall(&self) -> bool {
        self.kind.is_some_and(|kind| HALLS.contains(&kind))
    }

    /// Refuses names that the fonts cannot show.
    pub(crate) fn check(&self, fonts: &Fonts<'_>) -> Result<(), PosterError> {
        let authority = self.authority.map(|authority| [Some(authority.name), authority.telephone]);
        let more = [self.room, self.page].into_iter().chain(authority.into_iter().flatten());
        let names = [self.name, self.address].into_iter().chain(more.flatten());
        names.into_iter().try_for_each(|name| fonts.check(name))
    }

    /// Draws the name and below it room and address, from the top of an area down, and returns where
    /// the next thing can stand. `lines` is the most that the name takes.
    pub(crate) fn head(
        &self,
        page: &mut Page,
        fonts: &Fonts<'_>,
        area: Area,
        align: Align,
        (sizes, lines): (Sizes, usize),
    ) -> f32 {
        let name = Paragraph::fit(fonts, self.name, Style::Bold, sizes, (area.width, lines));
        let below = (sizes.0 * 0.48).max(sizes.1.min(name.size)).min(name.size);
        let y = name.draw(page, area, align, BLACK);
        self.where_it_is(page, fonts, Area { y, ..area }, align, below)
    }

    /// Room and address: beside each other where both fit on a line.
    fn where_it_is(
        &self,
        page: &mut Page,
        fonts: &Fonts<'_>,
        area: Area,
        align: Align,
        size: f32,
    ) -> f32 {
        let room = self.room.map(|room| (room, INDIGO));
        let address = Some((self.address, GREY)).filter(|(address, _)| !address.is_empty());
        let parts: Vec<(&str, Ink)> = room.into_iter().chain(address).collect();
        let width = |text: &str| fonts.shape(text, Style::Bold).width(size);
        let whole = parts.iter().map(|(text, _)| width(text)).sum::<f32>() + size;
        if parts.len() == 2 && whole <= area.width {
            let mut x =
                if align == Align::Centre { area.x + (area.width - whole) / 2.0 } else { area.x };
            let mut bottom = area.y;
            for (text, ink) in parts {
                let line = Paragraph::set(fonts, text, Style::Bold, size, area.width);
                bottom = line.draw(page, Area { x, ..area }, Align::Left, ink);
                x += width(text) + size;
            }
            return bottom;
        }
        parts.into_iter().fold(area.y, |y, (text, ink)| {
            let sizes = (size, size * 0.6);
            let lines = Paragraph::fit(fonts, text, Style::Bold, sizes, (area.width, 2));
            lines.draw(page, Area { y, ..area }, align, ink)
        })
    }

    /// Since when and until when the code is good, as the first two languages write it.
    pub(crate) fn dates(&self, texts: &[Texts]) -> Vec<String> {
        let (from, to) = self.valid;
        let written = texts.iter().take(2).map(|texts| {
            let [issued, from, to] = [self.issued, from, to].map(|date| texts.date(date));
            format!("{} {issued}　{} {from} – {to}", texts.issued, texts.valid)
        });
        written.collect()
    }
}

impl Authority<'_> {
    /// Its name and number on one line.
    pub(crate) fn line(&self) -> String {
        match self.telephone {
            Some(telephone) => format!("{}　☎ {telephone}", self.name),
            None => self.name.to_owned(),
        }
    }
}
