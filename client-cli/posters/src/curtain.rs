//! The curtain at the head of a poster: panels that hang from a rod, sewn together at the top and
//! open below.

use crate::fonts::Fonts;
use crate::page::{Area, INDIGO, Ink, Page, WHITE};
use crate::text::{Align, Paragraph};
use crate::texts::Texts;

const WOOD: Ink = Ink(0x7a, 0x5c, 0x3e);
const PANELS: usize = 5;
/// How much of the height is sewn together.
const SEWN: f32 = 0.66;

/// Hangs a curtain that says in the first two languages what to do.
pub(crate) fn hang(page: &mut Page, fonts: &Fonts<'_>, texts: &[Texts], area: Area) {
    let rod = area.height * 0.06;
    let cloth = Area::new(
        area.x + rod,
        area.y + rod / 2.0,
        area.width - 2.0 * rod,
        area.height - rod / 2.0,
    );
    panels(page, cloth);
    page.fill(Area::new(area.x, area.y, area.width, rod), WOOD);
    let sewn = Area::new(cloth.x, area.y + rod, cloth.width, cloth.height * SEWN - rod / 2.0);
    titles(page, fonts, texts, sewn);
}

fn panels(page: &mut Page, cloth: Area) {
    let gap = cloth.height * 0.03;
    let width = (cloth.width - gap * (PANELS - 1) as f32) / PANELS as f32;
    // One shape: between two that touch, a printer or a screen may show a hair of paper.
    let sewn = Area { height: cloth.height * SEWN, ..cloth };
    let panels = (0..PANELS).map(|panel| {
        let x = cloth.x + panel as f32 * (width + gap);
        Area::new(x, cloth.y, width, cloth.height)
    });
    let shapes = std::iter::once(sewn).chain(panels).map(Area::polygon);
    page.fill_all(shapes.collect(), INDIGO);
}

fn titles(page: &mut Page, fonts: &Fonts<'_>, texts: &[Texts], area: Area) {
    let width = area.width * 0.94;
    let mut lines = texts.iter().take(2).zip([0.44, 0.24]).map(|(texts, share)| {
        let size = area.height * share;
        Paragraph::fit(fonts, &texts.title, texts.bold(), (size, size / 2.0), (width, 1))
    });
    let lines: Vec<_> = lines.by_ref().collect();
    let height: f32 = lines.iter().map(Paragraph::height).sum();
    let mut y = area.y + (area.height - height) / 2.0;
    for line in lines {
        y = line.draw(page, Area { y, ..area }, Align::Centre, WHITE);
    }
}
