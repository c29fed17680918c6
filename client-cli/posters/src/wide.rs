//! Posters that are wider than high: the table tent, the screen.

use crate::curtain;
use crate::fonts::Fonts;
use crate::foot::Foot;
use crate::page::{Area, BLACK, INDIGO, Page};
use crate::phone;
use crate::place::Place;
use crate::symbol::Symbol;
use crate::text::{Align, Paragraph};
use crate::texts::Texts;

/// The code's part of the width; a module is no smaller than the second, in points.
const CODE: f32 = 0.34;
const MODULE: f32 = 1.9;

/// A sheet of A4 that is folded in the middle and stands as a roof: the same on both sides, and on
/// the flat sheet one of the two upside down.
pub(crate) fn tent(fonts: &Fonts<'_>, texts: &[Texts], place: &Place<'_>, code: &Symbol) -> Page {
    let mut page = Page::a4();
    page.both_ways = true;
    let fold = page.height / 2.0;
    let face = Area::new(0.0, fold, page.width, fold);
    face_in(&mut page, fonts, texts, place, code, face.inset(22.0));
    // Where to fold: short lines at the edges, which do not show on the tent.
    for x in [0.0, page.width - 14.0] {
        page.fill(Area::new(x, fold - 0.25, 14.0, 0.5), BLACK);
    }
    page
}

/// A picture of 3840 by 2160 pixels for a display.
pub(crate) fn screen(fonts: &Fonts<'_>, texts: &[Texts], place: &Place<'_>, code: &Symbol) -> Page {
    let mut page = Page::new(960.0, 540.0, 4.0);
    face_in(&mut page, fonts, texts, place, code, Area::new(0.0, 0.0, 960.0, 540.0).inset(24.0));
    page
}

fn face_in(
    page: &mut Page,
    fonts: &Fonts<'_>,
    texts: &[Texts],
    place: &Place<'_>,
    code: &Symbol,
    area: Area,
) {
    // [PST-10]
    let unit = area.height / 100.0;
    let two = texts.get(..texts.len().min(2)).unwrap_or(texts);
    let sizes = [unit * 7.0, unit * 4.6];
    let y = curtain::hang(page, fonts, two, area, (&sizes, unit * 3.5)) + unit * 2.0;
    let foot = Foot::set(fonts, texts, place, area.width, unit * 3.4);
    let rest = Area { y, height: area.bottom() - foot.height() - unit * 3.0 - y, ..area };
    foot.draw(page, area);
    let side = (area.width * CODE).max(code.whole_side() as f32 * MODULE).min(rest.height);
    let middle = rest.y + (rest.height - side) / 2.0;
    let square = page.code(code, Area::new(rest.x + unit * 0.35, middle, side, side));
    page.frame(square, unit * 0.35, INDIGO);
    let x = square.right() + unit * 4.0;
    let words = Area::new(x, rest.y, area.right() - x, rest.height);
    let lines = if place.name.chars().count() > 40 { 4 } else { 2 };
    let sizes = (unit * 7.0, unit * 2.8);
    let y = place.head(page, fonts, words, Align::Left, (sizes, lines)) + unit * 2.0;
    blocks(page, fonts, texts, place, Area { y, height: words.bottom() - y, ..words });
}

/// In every language what to do, and below it what becomes of the visit, as large as fits.
fn blocks(page: &mut Page, fonts: &Fonts<'_>, texts: &[Texts], place: &Place<'_>, area: Area) {
    let phone = area.height * 0.27;
    let indent = phone * 0.75;
    let set = |size: f32| -> Vec<[Paragraph; 2]> {
        let set = |(number, texts): (usize, &Texts)| {
            let (share, left) = if number == 0 { (1.4, indent) } else { (1.1, 0.0) };
            let scan = texts.scan(place.is_hall());
            let more = [&*texts.easy, &texts.stored, &texts.omitted, &texts.leave];
            [
                Paragraph::set(fonts, scan, texts.bold(), size * share, area.width - left),
                Paragraph::set(
                    fonts,
                    &texts.joined(&more),
                    texts.regular(),
                    size,
                    area.width - left,
                ),
            ]
        };
        texts.iter().enumerate().map(set).collect()
    };
    let height = |size: f32| {
        let blocks = set(size);
        let first = blocks.iter().take(1).flatten().map(Paragraph::height).sum::<f32>().max(phone);
        let more = blocks.iter().skip(1).flatten().map(Paragraph::height).sum::<f32>();
        first + more
    };
    let mut size = area.height * 0.13;
    while height(size) > area.height * 0.97 && size > 5.0 {
        size -= 0.1;
    }
    let spare = (area.height - height(size)).max(0.0);
    let space = (spare / texts.len().saturating_sub(1).max(1) as f32).min(size * 1.5);
    phone::draw(page, Area { height: phone, ..area });
    let mut y = area.y;
    for (number, [scan, more]) in set(size).into_iter().enumerate() {
        let left = if number == 0 { indent } else { 0.0 };
        let at = |y: f32| Area { x: area.x + left, y, width: area.width - left, ..area };
        let middle = scan.draw(page, at(y), Align::Left, INDIGO);
        y = more.draw(page, at(middle), Align::Left, BLACK);
        if number == 0 {
            y = y.max(area.y + phone);
        }
        y += space;
    }
}
