//! The poster for the door: A4, upright.

use crate::curtain;
use crate::fonts::{Fonts, Style};
use crate::page::{Area, BLACK, INDIGO, Ink, Page};
use crate::place::Place;
use crate::text::{Align, Paragraph};
use crate::texts::Texts;
use crate::symbol::Symbol;

/// What the text may be no larger and no smaller than, in points.
const SIZES: (f32, f32) = (15.0, 8.0);
/// Modules a side from which on a code is dense.
const DENSE: usize = 101;
/// Between sentences, in parts of the size.
const SPACE: f32 = 0.22;

pub(crate) fn page(fonts: &Fonts<'_>, texts: &[Texts], place: &Place<'_>, code: &Symbol) -> Page {
    let mut page = Page::a4();
    let width = page.width;
    curtain::hang(&mut page, fonts, texts, Area::new(34.0, 26.0, width - 68.0, 104.0));
    place.draw(&mut page, fonts, Area::new(44.0, 138.0, width - 88.0, 74.0), Align::Centre, INDIGO);
    // A long name makes small modules: the code takes room from the text then.
    let side = if code.side() > DENSE { 316.0 } else { 276.0 };
    let square = Area::new((width - side) / 2.0, 219.0, side, side);
    let square = page.code(code, square);
    frame(&mut page, square, 1.5, INDIGO);
    let blocks = Area::new(36.0, 236.0 + side, width - 72.0, 568.0 - side);
    let size = size_that_fits(fonts, texts, blocks);
    for (texts, cell) in texts.iter().zip(cells(texts.len(), blocks)) {
        block(&mut page, fonts, texts, cell, size);
    }
    let foot = Area::new(44.0, page.height - 32.0, width - 88.0, 9.0);
    place.dates(&mut page, fonts, texts, foot);
    page
}

/// A thin line around an area.
pub(crate) fn frame(page: &mut Page, area: Area, line: f32, ink: Ink) {
    let outer = area.inset(-line);
    let bars = [
        Area::new(outer.x, outer.y, outer.width, line),
        Area::new(outer.x, area.bottom(), outer.width, line),
        Area::new(outer.x, area.y, line, area.height),
        Area::new(area.right(), area.y, line, area.height),
    ];
    page.fill_all(bars.map(Area::polygon).to_vec(), ink);
}

/// One column for one language, else two.
fn cells(languages: usize, area: Area) -> Vec<Area> {
    let gap = 18.0;
    let (columns, rows) = (languages.clamp(1, 2), languages.div_ceil(2).max(1));
    let width = (area.width - gap * (columns - 1) as f32) / columns as f32;
    let height = area.height / rows as f32;
    let cell = |number: usize| {
        let (row, column) = (number / columns, number % columns);
        let x = area.x + column as f32 * (width + gap);
        Area::new(x, area.y + row as f32 * height, width, height - 8.0)
    };
    (0..languages).map(cell).collect()
}

/// The largest size at which every language fits into its cell: all are set alike.
fn size_that_fits(fonts: &Fonts<'_>, texts: &[Texts], area: Area) -> f32 {
    let mut size = SIZES.0;
    let cells = cells(texts.len(), area);
    let fits = |size: f32| {
        let mut blocks = texts.iter().zip(&cells);
        blocks.all(|(texts, cell)| {
            let paragraphs = paragraphs(fonts, texts, cell.width, size);
            let height = |paragraph: &Paragraph| paragraph.height() + SPACE * size;
            paragraphs.iter().map(height).sum::<f32>() <= cell.height
        })
    };
    while size > SIZES.1 && !fits(size) {
        size -= 0.25;
    }
    size
}

fn paragraphs(fonts: &Fonts<'_>, texts: &Texts, width: f32, size: f32) -> Vec<Paragraph> {
    let set = |text: &str, style: Style, size: f32| Paragraph::set(fonts, text, style, size, width);
    let lines = [&texts.scan, &texts.stored, &texts.omitted, &texts.warned];
    let title = set(&texts.title, texts.bold(), size * 1.12);
    let lines = lines.into_iter().map(|line| set(line, texts.regular(), size));
    std::iter::once(title).chain(lines).collect()
}

fn block(page: &mut Page, fonts: &Fonts<'_>, texts: &Texts, cell: Area, size: f32) {
    let mut y = cell.y;
    for (number, paragraph) in paragraphs(fonts, texts, cell.width, size).into_iter().enumerate() {
        let ink = if number == 0 { INDIGO } else { BLACK };
        y = paragraph.draw(page, Area { y, ..cell }, Align::Left, ink) + SPACE * size;
    }
}
