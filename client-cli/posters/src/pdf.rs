//! A page as PDF: text as text with the fonts' subsets embedded, the code as rectangles.

use std::collections::BTreeMap;

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Transform};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};

use crate::PosterError;
use crate::fonts::Fonts;
use crate::line::{Line, Run};
use crate::page::{Ink, Mark, Page, Polygon};

/// The page as a PDF file. The same page makes the same bytes: nothing in it tells time or machine.
pub(crate) fn draw<'a>(page: &Page, fonts: &'a Fonts<'a>) -> Result<Vec<u8>, PosterError> {
    // [PST-1]
    let mut document = krilla::Document::new();
    document
        .set_metadata(Metadata::new().title(page.title.clone()).language(page.language.clone()));
    let size = PageSettings::from_wh(page.width, page.height);
    let size = size.ok_or(PosterError::Drawing("it has no size"))?;
    let mut sheet = document.start_page_with(size);
    draw_on(sheet.surface(), page, fonts);
    sheet.finish();
    document.finish().map_err(|_| PosterError::Drawing("a font cannot be embedded"))
}

fn draw_on<'a>(surface: Surface<'_>, page: &Page, fonts: &'a Fonts<'a>) {
    let mut pen = Pen { surface, fonts, embedded: BTreeMap::new() };
    pen.draw(page);
    if page.both_ways {
        let turn = Transform::from_row(-1.0, 0.0, 0.0, -1.0, page.width, page.height);
        pen.surface.push_transform(&turn);
        pen.draw(page);
        pen.surface.pop();
    }
    pen.surface.finish();
}

struct Pen<'page, 'fonts> {
    surface: Surface<'page>,
    fonts: &'fonts Fonts<'fonts>,
    embedded: BTreeMap<usize, Option<Font>>,
}

impl Pen<'_, '_> {
    fn draw(&mut self, page: &Page) {
        for mark in &page.marks {
            match mark {
                Mark::Area { polygons, ink } => self.area(polygons, *ink),
                Mark::Text { line, x, baseline, size, ink } => {
                    self.text(line, Point::from_xy(*x, *baseline), *size, *ink);
                }
            }
        }
    }

    fn area(&mut self, polygons: &[Polygon], ink: Ink) {
        let mut path = PathBuilder::new();
        for polygon in polygons {
            let Some(([x, y], others)) = polygon.split_first() else { continue };
            path.move_to(*x, *y);
            others.iter().for_each(|[x, y]| path.line_to(*x, *y));
            path.close();
        }
        self.surface.set_fill(Some(fill(ink)));
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }

    fn text(&mut self, line: &Line, mut start: Point, size: f32, ink: Ink) {
        self.surface.set_fill(Some(fill(ink)));
        for run in &line.runs {
            let Some(font) = self.font(run.face) else { continue };
            self.surface.draw_glyphs(start, &glyphs(run), font, &run.text, size, false);
            start.x += run.width() * size;
        }
    }

    fn font(&mut self, face: usize) -> Option<Font> {
        let load = || Font::new(self.fonts.face(face)?.bytes.to_vec().into(), 0);
        self.embedded.entry(face).or_insert_with(load).clone()
    }
}

fn fill(Ink(red, green, blue): Ink) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }
}

fn glyphs(run: &Run) -> Vec<KrillaGlyph> {
    let glyph = |glyph: &crate::line::Glyph| {
        let (id, text) = (GlyphId::new(glyph.id), glyph.text.clone());
        KrillaGlyph::new(id, glyph.advance, glyph.right, glyph.up, 0.0, text, None)
    };
    run.glyphs.iter().map(glyph).collect()
}
