//! Slips to cut or tear off, for whoever comes without a telephone: each has the code, and room to
//! write down when one came and left.

use crate::PosterError;
use crate::fonts::{Fonts, Style};
use crate::page::{Area, BLACK, GREY, INDIGO, Page};
use crate::place::Place;
use crate::symbol::Symbol;
use crate::text::{Align, Paragraph};
use crate::texts::Texts;

/// Columns and rows on a sheet: the more modules a code has, the fewer slips there are.
const GRIDS: [(usize, usize); 5] = [(2, 5), (2, 4), (2, 3), (1, 4), (1, 3)];
/// A module is no smaller, in points: half a millimetre.
const MODULE: f32 = 1.42;
/// What stands on a slip is no smaller, in points; long names may be.
const SMALLEST: f32 = 7.5;
const MARGIN: f32 = 11.0;
/// The strip to write on.
const STRIP: f32 = 31.0;

pub(crate) fn page(
    fonts: &Fonts<'_>,
    texts: &[Texts],
    place: &Place<'_>,
    code: &Symbol,
) -> Result<Page, PosterError> {
    // [PST-9]
    let mut page = Page::a4();
    let whole = Area::new(0.0, 0.0, page.width, page.height);
    let module = |grid: &(usize, usize)| side(cell(whole, *grid, 0)) / code.whole_side() as f32;
    let grid = GRIDS.into_iter().find(|grid| module(grid) >= MODULE);
    let grid = grid.ok_or(PosterError::TooDense)?;
    let two = texts.get(..texts.len().min(2)).unwrap_or(texts);
    for number in 0..grid.0 * grid.1 {
        slip(&mut page, fonts, two, place, code, cell(whole, grid, number).inset(MARGIN));
    }
    cuts(&mut page, grid);
    Ok(page)
}

fn cell(sheet: Area, (columns, rows): (usize, usize), number: usize) -> Area {
    let (width, height) = (sheet.width / columns as f32, sheet.height / rows as f32);
    Area::new((number % columns) as f32 * width, (number / columns) as f32 * height, width, height)
}

/// The side of the code on a slip.
fn side(cell: Area) -> f32 {
    (cell.height - 2.0 * MARGIN - STRIP).min(cell.width * 0.52)
}

/// Dashes where to cut.
fn cuts(page: &mut Page, (columns, rows): (usize, usize)) {
    const DASH: f32 = 3.0;
    let (width, height) = (page.width, page.height);
    let dashes =
        |length: f32| (0..(length / (2.0 * DASH)) as usize).map(|dash| dash as f32 * 2.0 * DASH);
    let mut bars = Vec::new();
    for row in 1..rows {
        let y = height * row as f32 / rows as f32 - 0.25;
        bars.extend(dashes(width).map(|x| Area::new(x, y, DASH, 0.5).polygon()));
    }
    for column in 1..columns {
        let x = width * column as f32 / columns as f32 - 0.25;
        bars.extend(dashes(height).map(|y| Area::new(x, y, 0.5, DASH).polygon()));
    }
    page.fill_all(bars, GREY);
}

fn slip(
    page: &mut Page,
    fonts: &Fonts<'_>,
    texts: &[Texts],
    place: &Place<'_>,
    code: &Symbol,
    area: Area,
) {
    let side =
        side(Area { height: area.height + 2.0 * MARGIN, width: area.width + 2.0 * MARGIN, ..area });
    let top = Area { height: area.height - STRIP, ..area };
    let y = top.y + (top.height - side) / 2.0;
    let square = page.code(code, Area::new(area.x - 4.0, y - 2.0, side, side));
    let x = square.right() + 4.0;
    words(page, fonts, texts, place, Area::new(x, area.y, area.right() - x, top.height - 2.0));
    strip(page, fonts, texts, Area { y: area.bottom() - STRIP, height: STRIP, ..area });
}

/// Where one was, what the slip is for, and where to ask.
fn words(page: &mut Page, fonts: &Fonts<'_>, texts: &[Texts], place: &Place<'_>, area: Area) {
    let mut size = 11.0;
    while size > SMALLEST && height(fonts, texts, place, area.width, size) > area.height {
        size -= 0.25;
    }
    let ask = ask(fonts, texts, place, area.width, size);
    let asked = ask.iter().map(Paragraph::height).sum::<f32>();
    let named = Place { address: "", authority: None, ..*place };
    let mut y = named.head(page, fonts, area, Align::Left, (names(size), 3)) + 1.0;
    for (number, texts) in texts.iter().enumerate() {
        let text = Paragraph::set(fonts, &texts.slip, texts.regular(), size, area.width);
        // A long name takes the room of the second language.
        if number > 0 && y + text.height() > area.bottom() - asked {
            break;
        }
        y = text.draw(page, Area { y, ..area }, Align::Left, BLACK) + 1.5;
    }
    let mut y = area.bottom() - asked;
    for line in ask {
        y = line.draw(page, Area { y, ..area }, Align::Left, INDIGO);
    }
}

/// The size of the venue's name.
fn names(size: f32) -> (f32, f32) {
    (size * 1.6, SMALLEST * 0.8)
}

/// What all of it takes at a size.
fn height(fonts: &Fonts<'_>, texts: &[Texts], place: &Place<'_>, width: f32, size: f32) -> f32 {
    let name = Paragraph::fit(fonts, place.name, Style::Bold, names(size), (width, 3));
    let room = place.room.map_or(0.0, |_| size * 1.3);
    let ask = ask(fonts, texts, place, width, size);
    let text = |texts: &Texts| Paragraph::set(fonts, &texts.slip, texts.regular(), size, width);
    let texts = texts.iter().map(text).map(|text| text.height() + 1.5).sum::<f32>();
    name.height() + room + 1.0 + texts + ask.iter().map(Paragraph::height).sum::<f32>()
}

fn ask(
    fonts: &Fonts<'_>,
    texts: &[Texts],
    place: &Place<'_>,
    width: f32,
    size: f32,
) -> Vec<Paragraph> {
    let words: Vec<_> = texts.iter().map(|texts| texts.slip_ask.as_str()).collect();
    let authority = place.authority.map(|authority| authority.name.to_owned());
    let number = place.authority.and_then(|authority| authority.telephone);
    let number = number.map(|number| format!("{}: ☎ {number}", words.join(" / ")));
    // [PST-14] The way is that of the page's own words.
    let check: Vec<_> = texts.iter().map(|texts| texts.slip_check.as_str()).collect();
    let address = place.page.map(str::to_owned);
    let way = place.page.map(|_| format!("→ {}", check.join(" / ")));
    let lines = [authority, number, address, way].into_iter().flatten();
    let fit =
        |line: String| Paragraph::fit(fonts, &line, Style::Bold, (size, size * 0.6), (width, 2));
    lines.map(fit).collect()
}

/// Three lines to write on, and below each what belongs there.
fn strip(page: &mut Page, fonts: &Fonts<'_>, texts: &[Texts], area: Area) {
    const GAP: f32 = 12.0;
    let width = (area.width - 2.0 * GAP) / 3.0;
    let words = |word: fn(&Texts) -> &str| texts.iter().map(word).collect::<Vec<_>>().join(" / ");
    let labels =
        [words(|texts| &texts.day), words(|texts| &texts.came), words(|texts| &texts.left)];
    for (number, label) in labels.iter().enumerate() {
        let x = area.x + number as f32 * (width + GAP);
        let y = area.bottom() - SMALLEST * 1.35;
        page.fill(Area::new(x, y, width, 0.6), BLACK);
        let style = texts.first().map_or(Style::Regular, Texts::regular);
        let sizes = (SMALLEST, SMALLEST * 0.8);
        let label = Paragraph::fit(fonts, label, style, sizes, (width, 1));
        label.draw(page, Area { x, y: y + 0.5, width, ..area }, Align::Left, GREY);
    }
}
