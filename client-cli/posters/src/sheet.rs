//! The private sheet with the trace code. Nothing of it looks like a poster: no curtain, a red
//! hatched frame, and a warning before everything else.

use crate::fonts::{Fonts, Style};
use crate::page::{Area, BLACK, GREY, Ink, Page, Polygon, WHITE};
use crate::place::Place;
use crate::symbol::Symbol;
use crate::text::{Align, Paragraph};
use crate::texts::Texts;

const RED: Ink = Ink(0xb3, 0x12, 0x1d);
/// The width of the frame, in points.
const FRAME: f32 = 20.0;
/// The height of the warning; what the text may be no larger and no smaller than; the largest name. In
/// points.
const USUAL: (f32, (f32, f32), f32) = (118.0, (14.0, 10.0), 24.0);
/// The same where names are so long that a side of the code has more modules than this: it takes their
/// room.
const DENSE: (usize, (f32, (f32, f32), f32)) = (101, (78.0, (10.0, 8.0), 16.0));
/// The side of the code; a module is no smaller.
const CODE: (f32, f32) = (206.0, 320.0);
const MODULE: f32 = 2.4;
/// Between paragraphs.
const GAP: f32 = 4.0;

pub(crate) fn page(fonts: &Fonts<'_>, texts: &[Texts], place: &Place<'_>, code: &Symbol) -> Page {
    let mut page = Page::a4();
    let sheet = Area::new(0.0, 0.0, page.width, page.height).inset(18.0);
    page.fill_all(hatching(sheet), RED);
    let inner = sheet.inset(FRAME + 12.0);
    let (height_of_warning, sizes, largest) = if code.side() > DENSE.0 { DENSE.1 } else { USUAL };
    let warning = Area { height: height_of_warning, ..inner };
    page.fill(warning, RED);
    warn(&mut page, fonts, texts, warning.inset(10.0));
    let name = Area { y: warning.bottom() + 8.0, ..inner };
    let y = place.head(&mut page, fonts, name, Align::Centre, ((largest, 11.0), 3)) + 6.0;
    let dates = Paragraph::fit(
        fonts,
        &place.dates(texts).join("　"),
        Style::Bold,
        (10.0, 6.0),
        (inner.width, 1),
    );
    // In the first language alone, where there is little room.
    let ways = if code.side() > DENSE.0 { (1, 9.0) } else { (2, 10.5) };
    let calls = calls(fonts, texts, place, inner.width - 24.0, ways);
    let called = calls.iter().map(Paragraph::height).sum::<f32>();
    let bottom = inner.bottom() - dates.height() - 4.0;
    dates.draw(&mut page, Area { y: bottom + 4.0, ..inner }, Align::Centre, GREY);
    let least = code.whole_side() as f32 * MODULE;
    let free = bottom - y - called - if calls.is_empty() { 14.0 } else { 34.0 };
    let mut size = sizes.0;
    while size > sizes.1 && height(fonts, texts, inner.width, size) > free - least.max(CODE.0) {
        size -= 0.25;
    }
    let explained = height(fonts, texts, inner.width, size);
    let side = (free - explained).min(CODE.1.max(least));
    let square = Area::new((page.width - side) / 2.0, y, side, side);
    let square = page.code(code, square);
    page.frame(square, 3.0, RED);
    explain(&mut page, fonts, texts, Area { y: square.bottom() + 12.0, ..inner }, size);
    if !calls.is_empty() {
        let frame = Area::new(inner.x, bottom - called - 14.0, inner.width, called + 10.0);
        page.frame(frame.inset(2.0), 2.0, RED);
        calls.into_iter().fold(frame.y + 5.0, |y, line| {
            line.draw(&mut page, Area { y, ..inner }, Align::Centre, BLACK)
        });
    }
    page
}

/// How to answer, and, since whoever asks may not be the office, its own number, if there is one.
/// `languages` and `size` are those of the former.
fn calls(
    fonts: &Fonts<'_>,
    texts: &[Texts],
    place: &Place<'_>,
    width: f32,
    (languages, size): (usize, f32),
) -> Vec<Paragraph> {
    // [PST-11] [PST-15]
    let fit = |text: &str, style: Style, size: f32| {
        Paragraph::fit(fonts, text, style, (size, size * 0.6), (width, 2))
    };
    let way =
        |texts: &Texts| place.page.map(|page| fit(&texts.answer(page), texts.regular(), size));
    let ways: Vec<_> = texts.iter().take(languages).filter_map(way).collect();
    let Some(authority) = place.authority else { return ways };
    let words = texts.iter().take(2).filter(|_| authority.telephone.is_some());
    let words = words.map(|texts| fit(&texts.call, texts.regular(), 12.0));
    words.chain([fit(&authority.line(), Style::Bold, 18.0)]).chain(ways).collect()
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

/// One column for one language, else two.
fn columns(languages: usize, width: f32) -> (usize, f32) {
    const GAP: f32 = 18.0;
    let columns = languages.clamp(1, 2);
    (columns, (width - GAP * (columns - 1) as f32) / columns as f32)
}

fn block(fonts: &Fonts<'_>, texts: &Texts, width: f32, size: f32) -> [Paragraph; 2] {
    [&texts.private_keep, &texts.private_use]
        .map(|text| Paragraph::set(fonts, text, texts.regular(), size, width))
}

fn height(fonts: &Fonts<'_>, texts: &[Texts], width: f32, size: f32) -> f32 {
    let (columns, width) = columns(texts.len(), width);
    let block = |texts: &Texts| {
        block(fonts, texts, width, size).iter().map(|text| text.height() + GAP).sum::<f32>()
    };
    let rows = texts.chunks(columns).map(|row| row.iter().map(block).fold(0.0, f32::max));
    rows.sum::<f32>() + 12.0
}

/// How to keep the sheet, and when it is used.
fn explain(page: &mut Page, fonts: &Fonts<'_>, texts: &[Texts], area: Area, size: f32) {
    let (columns, width) = columns(texts.len(), area.width);
    let mut top = area.y;
    for row in texts.chunks(columns) {
        let mut bottom = top;
        for (column, texts) in row.iter().enumerate() {
            let x = area.x + column as f32 * (area.width - width);
            let block = block(fonts, texts, width, size);
            let y = block.into_iter().fold(top, |y, text| {
                text.draw(page, Area { x, y, width, ..area }, Align::Left, BLACK) + GAP
            });
            bottom = bottom.max(y);
        }
        top = bottom;
    }
}
