//! The poster for the door: A4, upright. From the top down: why one scans, the venue, the code with
//! what to do, what becomes of the visit, and who warns.

use crate::curtain;
use crate::fonts::Fonts;
use crate::foot::Foot;
use crate::page::{Area, BLACK, INDIGO, Page};
use crate::phone;
use crate::place::Place;
use crate::symbol::Symbol;
use crate::text::{Align, Paragraph};
use crate::texts::Texts;

/// What is read at the door is no smaller, in points.
const SMALLEST: f32 = 18.0;
/// Names so long that a side of the code has more modules than this take room from the text.
const DENSE: (usize, f32) = (101, 14.0);
/// It grows with the room that there is, up to this for one language and for several.
const LARGEST: [f32; 2] = [30.0, 24.0];
/// A code's module is no smaller, in points, and no code smaller than the second.
const MODULE: f32 = 2.2;
const CODE: (f32, f32) = (228.0, 300.0);
const MARGIN: f32 = 34.0;
/// Between sentences, in parts of the size.
const SPACE: f32 = 0.1;

pub(crate) fn page(fonts: &Fonts<'_>, texts: &[Texts], place: &Place<'_>, code: &Symbol) -> Page {
    // [PST-10]
    let mut page = Page::a4();
    let inner = Area::new(MARGIN, 24.0, page.width - 2.0 * MARGIN, page.height - 24.0 - 24.0);
    let smallest = if code.side() > DENSE.0 { DENSE.1 } else { SMALLEST };
    let sizes = [28.0, 22.0, smallest, smallest];
    let y = curtain::hang(&mut page, fonts, texts, inner, (&sizes, smallest));
    let name = Area { y: y + 6.0, ..inner };
    let y = place.head(&mut page, fonts, name, Align::Centre, ((34.0, 14.0), 3)) + 8.0;
    let foot = Foot::set(fonts, texts, place, inner.width, smallest);
    let rest = Area { y, height: inner.bottom() - foot.height() - 10.0 - y, ..inner };
    foot.draw(&mut page, inner);
    let least = (code.whole_side() as f32 * MODULE).max(CODE.0);
    let room = Area { height: rest.height - least - 10.0, ..rest };
    let size = size_that_fits(fonts, texts, room, smallest);
    let blocks = height(fonts, texts, rest.width, size);
    let row = Area { height: rest.height - blocks - 10.0, ..rest };
    scan(&mut page, (fonts, smallest), texts, place, code, row);
    let blocks = Area { y: rest.bottom() - blocks, height: blocks, ..rest };
    explain(&mut page, fonts, texts, blocks, size);
    page
}

/// The code, and beside it a telephone and in every language what to do.
fn scan(
    page: &mut Page,
    (fonts, smallest): (&Fonts<'_>, f32),
    texts: &[Texts],
    place: &Place<'_>,
    code: &Symbol,
    row: Area,
) {
    let side = row.height.min(CODE.1);
    let y = row.y + (row.height - side) / 2.0;
    let square = page.code(code, Area::new(row.x, y, side, side));
    page.frame(square, 1.5, INDIGO);
    let x = square.right() + 20.0;
    let words = Area::new(x, square.y, row.right() - x, square.height);
    let set = |size: f32| -> Vec<Paragraph> {
        let set = |(number, texts): (usize, &Texts)| {
            let size = if number == 0 { size * 1.3 } else { size };
            Paragraph::set(fonts, texts.scan(place.is_hall()), texts.bold(), size, words.width)
        };
        texts.iter().enumerate().map(set).collect()
    };
    let height = |size: f32| set(size).iter().map(|line| line.height() + size * 0.3).sum::<f32>();
    let mut size = 26.0;
    while size > smallest && height(size) > words.height * 0.7 {
        size -= 0.5;
    }
    // A long code leaves no room for the pictogram.
    let free = (words.height - height(size)).min(words.height * 0.34);
    if free > size * 1.5 {
        phone::draw(page, Area { height: free, ..words });
    }
    let mut y = words.bottom() - height(size) + size * 0.3;
    for (number, line) in set(size).into_iter().enumerate() {
        let ink = if number == 0 { INDIGO } else { BLACK };
        y = line.draw(page, Area { y, ..words }, Align::Left, ink) + size * 0.3;
    }
}

/// One column for one language, else two.
fn columns(languages: usize, width: f32) -> (usize, f32) {
    const GAP: f32 = 20.0;
    let columns = languages.clamp(1, 2);
    (columns, (width - GAP * (columns - 1) as f32) / columns as f32)
}

/// The largest size at which all languages fit: all are set alike.
fn size_that_fits(fonts: &Fonts<'_>, texts: &[Texts], area: Area, smallest: f32) -> f32 {
    let [one, several] = LARGEST;
    let mut size = if texts.len() == 1 { one } else { several };
    while size > smallest && height(fonts, texts, area.width, size) > area.height {
        size -= 0.25;
    }
    size
}

fn height(fonts: &Fonts<'_>, texts: &[Texts], width: f32, size: f32) -> f32 {
    let (columns, width) = columns(texts.len(), width);
    let block = |texts: &Texts| height_of(&block(fonts, texts, width, size), size);
    let rows = texts.chunks(columns).map(|row| row.iter().map(block).fold(0.0, f32::max));
    rows.sum::<f32>() + size * 0.5 * (texts.len().div_ceil(columns) - 1) as f32
}

fn height_of(block: &[Paragraph], size: f32) -> f32 {
    block.iter().map(|sentence| sentence.height() + SPACE * size).sum()
}

fn block(fonts: &Fonts<'_>, texts: &Texts, width: f32, size: f32) -> Vec<Paragraph> {
    let first = Paragraph::set(fonts, &texts.easy, texts.bold(), size, width);
    let more = [&texts.stored, &texts.omitted, &texts.leave];
    let more = more.map(|text| Paragraph::set(fonts, text, texts.regular(), size, width));
    std::iter::once(first).chain(more).collect()
}

fn explain(page: &mut Page, fonts: &Fonts<'_>, texts: &[Texts], area: Area, size: f32) {
    let (columns, width) = columns(texts.len(), area.width);
    let mut top = area.y;
    for row in texts.chunks(columns) {
        let mut bottom = top;
        for (column, texts) in row.iter().enumerate() {
            let x = area.right() - width - (columns - 1 - column) as f32 * (area.width - width);
            let mut y = top;
            for (number, sentence) in block(fonts, texts, width, size).into_iter().enumerate() {
                let ink = if number == 0 { INDIGO } else { BLACK };
                y = sentence.draw(page, Area { x, y, width, ..area }, Align::Left, ink)
                    + SPACE * size;
            }
            bottom = bottom.max(y);
        }
        top = bottom + size * 0.5;
    }
}
