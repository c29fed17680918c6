//! The curtain at the head of a poster: panels that hang from a rod, sewn together at the top and
//! open below.

use crate::fonts::Fonts;
use crate::page::{Area, INDIGO, Ink, Page, WHITE};
use crate::text::{Align, Paragraph};
use crate::texts::Texts;

const WOOD: Ink = Ink(0x7a, 0x5c, 0x3e);
const PANELS: usize = 5;
/// How much of the cloth is sewn together.
const SEWN: f32 = 0.85;
/// Lines may shrink to so much of their size before they break.
const SHRUNK: f32 = 0.7;

/// Hangs a curtain from the top of an area that says why one scans, each language at its size, no
/// smaller than `smallest`, and returns where the next thing can stand.
pub(crate) fn hang(
    page: &mut Page,
    fonts: &Fonts<'_>,
    texts: &[Texts],
    area: Area,
    (sizes, smallest): (&[f32], f32),
) -> f32 {
    let largest = sizes.first().copied().unwrap_or_default();
    let (rod, space) = (largest * 0.26, largest * 0.34);
    let lines: Vec<_> = texts
        .iter()
        .zip(sizes)
        .map(|(texts, size)| {
            let sizes = (*size, (size * SHRUNK).max(smallest));
            Paragraph::fit(fonts, &texts.warned, texts.bold(), sizes, (area.width * 0.94, 2))
        })
        .collect();
    let words = lines.iter().map(Paragraph::height).sum::<f32>();
    let sewn = rod / 2.0 + space * 2.0 + words;
    let cloth = Area::new(area.x + rod, area.y + rod / 2.0, area.width - 2.0 * rod, sewn / SEWN);
    panels(page, cloth, sewn);
    page.fill(Area::new(area.x, area.y, area.width, rod), WOOD);
    let mut y = area.y + rod + space;
    for line in lines {
        y = line.draw(page, Area { y, ..cloth }, Align::Centre, WHITE);
    }
    cloth.bottom()
}

fn panels(page: &mut Page, cloth: Area, sewn: f32) {
    let gap = cloth.width * 0.006;
    let width = (cloth.width - gap * (PANELS - 1) as f32) / PANELS as f32;
    // One shape: between two that touch, a printer or a screen may show a hair of paper.
    let sewn = Area { height: sewn, ..cloth };
    let panels = (0..PANELS).map(|panel| {
        let x = cloth.x + panel as f32 * (width + gap);
        Area::new(x, cloth.y, width, cloth.height)
    });
    let shapes = std::iter::once(sewn).chain(panels).map(Area::polygon);
    page.fill_all(shapes.collect(), INDIGO);
}
