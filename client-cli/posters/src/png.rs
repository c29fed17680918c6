//! A page as a picture, drawn from the same marks as the PDF file.

use ::png::{BitDepth, ColorType, Compression, Encoder, PixelDimensions, Unit};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{GlyphId, MetadataProvider as _};
use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, Transform};
use zeroize::{Zeroize as _, Zeroizing};

use crate::PosterError;
use crate::fonts::Fonts;
use crate::line::{Line, Run};
use crate::page::{Ink, Mark, Page, Polygon};

const INCHES_A_METRE: f32 = 39.370_08;

/// The page as a PNG picture, which knows how large it is on paper.
pub(crate) fn draw(page: &Page, fonts: &Fonts<'_>) -> Result<Zeroizing<Vec<u8>>, PosterError> {
    // [PST-1]
    let pixels = |points: f32| (points * page.scale).round() as u32;
    let (width, height) = (pixels(page.width), pixels(page.height));
    let pixmap = Pixmap::new(width, height);
    let mut pixmap = pixmap.ok_or(PosterError::Drawing("it has no size"))?;
    pixmap.fill(Color::WHITE);
    let mut pen = Pen {
        pixmap: &mut pixmap,
        fonts,
        transform: Transform::from_scale(page.scale, page.scale),
    };
    pen.draw(page);
    if page.both_ways {
        let (right, bottom) = (width as f32, height as f32);
        pen.transform = Transform::from_row(-page.scale, 0.0, 0.0, -page.scale, right, bottom);
        pen.draw(page);
    }
    let bytes = encode(&pixmap, page.scale);
    pixmap.data_mut().zeroize();
    bytes
}

/// Every pixel is opaque, so that its colours are not scaled by its opacity.
fn encode(pixmap: &Pixmap, scale: f32) -> Result<Zeroizing<Vec<u8>>, PosterError> {
    let mut bytes = Zeroizing::new(Vec::new());
    let mut encoder = Encoder::new(&mut *bytes, pixmap.width(), pixmap.height());
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    let density = (scale * 72.0 * INCHES_A_METRE).round() as u32;
    let density = PixelDimensions { xppu: density, yppu: density, unit: Unit::Meter };
    encoder.set_pixel_dims(Some(density));
    let mut writer = encoder.write_header().map_err(unwritten)?;
    writer.write_image_data(pixmap.data()).map_err(unwritten)?;
    writer.finish().map_err(unwritten)?;
    Ok(bytes)
}

fn unwritten(_: ::png::EncodingError) -> PosterError {
    PosterError::Drawing("the picture cannot be written")
}

struct Pen<'a> {
    pixmap: &'a mut Pixmap,
    fonts: &'a Fonts<'a>,
    transform: Transform,
}

impl Pen<'_> {
    fn draw(&mut self, page: &Page) {
        for mark in &page.marks {
            match mark {
                Mark::Area { polygons, ink } => self.area(polygons, *ink),
                Mark::Text { line, x, baseline, size, ink } => {
                    self.text(line, (*x, *baseline), *size, *ink);
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
        self.fill(path, ink);
    }

    fn text(&mut self, line: &Line, (mut x, baseline): (f32, f32), size: f32, ink: Ink) {
        let mut outline = Outline(PathBuilder::new(), [0.0; 2]);
        for run in &line.runs {
            self.run(run, (x, baseline), size, &mut outline);
            x += run.width() * size;
        }
        self.fill(outline.0, ink);
    }

    fn run(&self, run: &Run, (mut x, baseline): (f32, f32), size: f32, outline: &mut Outline) {
        let Some(face) = self.fonts.face(run.face) else { return };
        let outlines = face.font.outline_glyphs();
        for glyph in &run.glyphs {
            outline.1 = [x + glyph.right * size, baseline - glyph.up * size];
            if let Some(shape) = outlines.get(GlyphId::new(glyph.id)) {
                let unhinted = DrawSettings::unhinted(Size::new(size), LocationRef::default());
                // What has no outline, such as a space, leaves nothing to fill.
                let _ = shape.draw(unhinted, outline);
            }
            x += glyph.advance * size;
        }
    }

    fn fill(&mut self, path: PathBuilder, Ink(red, green, blue): Ink) {
        let mut paint = Paint::default();
        paint.set_color_rgba8(red, green, blue, u8::MAX);
        if let Some(path) = path.finish() {
            self.pixmap.fill_path(&path, &paint, FillRule::Winding, self.transform, None);
        }
    }
}

/// Collects the outlines of glyphs, each at its place; fonts count upwards, pages downwards.
struct Outline(PathBuilder, [f32; 2]);

impl Outline {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.1[0] + x, self.1[1] - y)
    }
}

impl OutlinePen for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let ((cx, cy), (x, y)) = (self.at(cx, cy), self.at(x, y));
        self.0.quad_to(cx, cy, x, y);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let ((ax, ay), (bx, by), (x, y)) = (self.at(ax, ay), self.at(bx, by), self.at(x, y));
        self.0.cubic_to(ax, ay, bx, by, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}
