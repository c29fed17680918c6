//! The private sheet with the trace code. Nothing of it looks like a poster: no curtain, a red
//! hatched frame, and a warning before everything else.

use crate::fonts::{Fonts, Style};
use crate::page::{Area, BLACK, GREY, Ink, Page, Polygon, WHITE};
use crate::place::Place;
use crate::text::{Align, Paragraph};
use crate::texts::Texts;
use crate::upright::frame;
use crate::symbol::Symbol;

const RED: Ink = Ink(0xb3, 0x12, 0x1d);
/// The width of the frame, in points.
const FRAME: f32 = 20.0;

pub(crate) fn page(fonts: &Fonts<'_>, texts: &[Texts], place: &Place<'_>, code: &Symbol) -> Page {
    let mut page = Page::a4();
    let sheet = Area::new(0.0, 0.0, page.width, page.height).inset(18.0);
    page.fill_all(hatching(sheet), RED);
    let inner = sheet.inset(FRAME + 14.0);
    let warning = Area { height: 150.0, ..inner };
    page.fill(warning, RED);
    warn(&mut page, fonts, texts, warning.inset(12.0));
    let name = Area::new(inner.x, warning.bottom() + 8.0, inner.width, 60.0);
    place.draw(&mut page, fonts, name, Align::Centre, BLACK);
    let side = 332.0;
    let square = Area::new((page.width - side) / 2.0, name.bottom() + 12.0, side, side);
    let square = page.code(code, square);
    frame(&mut page, square, 3.0, RED);
    let text = Area::new(
        inner.x,
        square.bottom() + 10.0,
        inner.width,
        inner.bottom() - square.bottom() - 36.0,
    );
    explain(&mut page, fonts, texts, text);
    place.dates(
        &mut page,
        fonts,
        texts,
        Area::new(inner.x, inner.bottom() - 12.0, inner.width, 9.0),
    );
    page
}

/// Slanted bars along the four sides.
fn hatching(area: Area) -> Vec<Polygon> {
    let (bar, slant) = (FRAME * 0.7, FRAME);
    let mut bars = Vec::new();
    let across = ((area.width - slant) / (2.0 * bar)) as usize;
    let step = (area.width - slant - bar) / across as f32;
    for number in 0..=across {
        let x = area.x + number as f32 * step;
        for y in [area.y, area.bottom() - FRAME] {
            let bottom = y + FRAME;
            bars.push(vec![[x + slant, y], [x + slant + bar, y], [x + bar, bottom], [x, bottom]]);
        }
    }
    let (top, height) = (area.y + FRAME + bar, area.height - 2.0 * (FRAME + bar));
    let down = ((height - slant) / (2.0 * bar)) as usize;
    let step = (height - slant - bar) / down as f32;
    for number in 0..=down {
        let y = top + number as f32 * step;
        for x in [area.x, area.right() - FRAME] {
            let right = x + FRAME;
            bars.push(vec![[x, y + slant], [x, y + slant + bar], [right, y + bar], [right, y]]);
        }
    }
    bars
}

/// The warning, in the first language largest.
fn warn(page: &mut Page, fonts: &Fonts<'_>, texts: &[Texts], area: Area) {
    // [PST-5]
    let shares: f32 = (0..texts.len()).map(share).sum();
    let mut y = area.y;
    for (number, texts) in texts.iter().enumerate() {
        let size = area.height / shares * share(number) / 1.25;
        let sizes = (size, size / 2.0);
        let line = Paragraph::fit(fonts, &texts.private, texts.bold(), sizes, (area.width, 1));
        y = line.draw(page, Area { y, ..area }, Align::Centre, WHITE);
    }
}

fn share(number: usize) -> f32 {
    if number < 2 { 1.6 } else { 1.0 }
}

/// What the sheet is for and how to keep it.
fn explain(page: &mut Page, fonts: &Fonts<'_>, texts: &[Texts], area: Area) {
    let set = |size: f32| -> Vec<Paragraph> {
        let set = |texts: &Texts| {
            Paragraph::set(fonts, &texts.private_text, texts.regular(), size, area.width)
        };
        texts.iter().map(set).collect()
    };
    let mut size = 11.5;
    let how = "noren venue upload --trace trace-sheet.png";
    let gap = 4.0;
    let height = |set: &[Paragraph]| {
        set.iter().map(|paragraph| paragraph.height() + gap).sum::<f32>() + 16.0
    };
    while height(&set(size)) > area.height && size > 7.0 {
        size -= 0.25;
    }
    let mut y = area.y;
    for paragraph in set(size) {
        y = paragraph.draw(page, Area { y, ..area }, Align::Left, BLACK) + gap;
    }
    let how = Paragraph::set(fonts, how, Style::Regular, size * 0.9, area.width);
    how.draw(page, Area { y, ..area }, Align::Left, GREY);
}
