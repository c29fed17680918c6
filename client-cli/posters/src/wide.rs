//! Posters that are wider than high: the table tent, the screen.

use crate::curtain;
use crate::fonts::Fonts;
use crate::page::{Area, BLACK, INDIGO, Page};
use crate::place::Place;
use crate::text::{Align, Paragraph};
use crate::texts::Texts;
use crate::upright::frame;
use crate::symbol::Symbol;

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
    let (gap, foot) = (area.height * 0.05, area.height * 0.024);
    let head = area.height * 0.2;
    curtain::hang(page, fonts, texts, Area { height: head, ..area });
    let rest =
        Area::new(area.x, area.y + head + gap, area.width, area.height - head - 2.0 * gap - foot);
    let square = page.code(code, Area { width: rest.height, ..rest });
    frame(page, square, 1.5, INDIGO);
    let x = square.right() + gap * 1.4;
    let words = Area::new(x, rest.y, area.right() - x, rest.height);
    place.draw(page, fonts, Area { height: rest.height * 0.28, ..words }, Align::Left, INDIGO);
    let top = rest.y + rest.height * 0.33;
    blocks(page, fonts, texts, Area { y: top, height: rest.bottom() - top, ..words });
    place.dates(
        page,
        fonts,
        texts,
        Area::new(area.x, area.bottom() - foot * 1.2, area.width, foot),
    );
}

/// A heading and a sentence in every language, one below the other, as large as fits.
fn blocks(page: &mut Page, fonts: &Fonts<'_>, texts: &[Texts], area: Area) {
    let set = |size: f32| -> Vec<[Paragraph; 2]> {
        let set = |texts: &Texts| {
            [
                Paragraph::set(fonts, &texts.title, texts.bold(), size * 1.25, area.width),
                Paragraph::set(fonts, &texts.short, texts.regular(), size, area.width),
            ]
        };
        texts.iter().map(set).collect()
    };
    let height =
        |blocks: &[[Paragraph; 2]]| blocks.iter().flatten().map(Paragraph::height).sum::<f32>();
    let mut size = area.height * 0.075;
    let mut set_blocks = set(size);
    while height(&set_blocks) > area.height * 0.94 && size > 5.0 {
        size -= 0.25;
        set_blocks = set(size);
    }
    let spare = (area.height - height(&set_blocks)).max(0.0);
    let space = (spare / texts.len() as f32).min(size);
    let mut y = area.y;
    for [title, short] in set_blocks {
        y = title.draw(page, Area { y, ..area }, Align::Left, INDIGO);
        y = short.draw(page, Area { y, ..area }, Align::Left, BLACK) + space;
    }
}
