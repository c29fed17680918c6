//! What is in a PDF file, read by a crate that did not write it.

use std::path::Path;

use hayro::hayro_interpret::font::Glyph;
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{self as interpret, BlendMode, ClipPath, Device, SoftMask};
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Dict, Name, Object};
use hayro::hayro_syntax::page::Page;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::kurbo::{Affine, BezPath, Rect};
use image::{GrayImage, RgbaImage};

/// The only page of a file as it looks on white paper.
pub(crate) fn printed(path: &Path, dots_an_inch: u32) -> GrayImage {
    let pdf = open(path);
    let scale = dots_an_inch as f32 / 72.0;
    let (width, height) = only_page(&pdf).render_dimensions();
    // Poppler, too, gives a dot that the page has a part of as a whole.
    let [width, height] = [width, height].map(|side| Some((side * scale).ceil() as u16));
    let settings =
        hayro::RenderSettings { x_scale: scale, y_scale: scale, width, height, bg_color: WHITE };
    let cache = hayro::RenderCache::new();
    let drawn = hayro::render(only_page(&pdf), &cache, &Default::default(), &settings);
    let (width, height) = (drawn.width().into(), drawn.height().into());
    let dots = RgbaImage::from_raw(width, height, drawn.data_as_u8_slice().to_vec()).unwrap();
    image::DynamicImage::from(dots).into_luma8()
}

/// The words of the only page, a line for each line of the page.
pub(crate) fn text(path: &Path) -> String {
    shown(path).text
}

/// How many pictures the only page shows.
pub(crate) fn pictures(path: &Path) -> usize {
    shown(path).pictures
}

/// For each font whether its glyphs are in the file, and whether it is a subset that says which
/// characters its glyphs are.
pub(crate) fn fonts(path: &Path) -> Vec<(bool, bool)> {
    let pdf = open(path);
    let fonts = pdf.objects().into_iter().filter_map(|object| match object {
        Object::Dict(dict) if named(&dict, "Subtype").as_deref() == Some("Type0") => {
            let below: hayro::hayro_syntax::object::Array<'_> = dict.get("DescendantFonts")?;
            let descriptor: Dict<'_> = below.iter::<Dict<'_>>().next()?.get("FontDescriptor")?;
            let whole = ["FontFile2", "FontFile3"].iter().any(|key| descriptor.contains_key(key));
            let subset = named(&descriptor, "FontName")?.chars().nth(6) == Some('+');
            Some((whole, subset && dict.contains_key("ToUnicode")))
        }
        _ => None,
    });
    fonts.collect()
}

fn open(path: &Path) -> Pdf {
    Pdf::new(std::fs::read(path).unwrap()).unwrap()
}

fn only_page(pdf: &Pdf) -> &Page<'_> {
    let [page] = &pdf.pages()[..] else { panic!("{} pages", pdf.pages().len()) };
    page
}

fn named(dict: &Dict<'_>, key: &str) -> Option<String> {
    dict.get::<Name<'_>>(key).map(|name| name.as_str().to_owned())
}

fn shown(path: &Path) -> Shown {
    let pdf = open(path);
    let page = only_page(&pdf);
    let (width, height) = page.render_dimensions();
    let all = Rect::new(0.0, 0.0, width.into(), height.into());
    let cache = interpret::InterpreterCache::new();
    let mut context =
        interpret::Context::new(Affine::IDENTITY, all, &cache, page.xref(), Default::default());
    let mut shown = Shown::default();
    interpret::interpret_page(page, &mut context, &mut shown);
    shown
}

/// What a page shows, in the order in which it is drawn.
#[derive(Default)]
struct Shown {
    text: String,
    pictures: usize,
    /// How high the line is that was drawn last.
    line: Option<f64>,
}

impl<'a> Device<'a> for Shown {
    fn draw_glyph(
        &mut self,
        glyph: &Glyph<'a>,
        transform: Affine,
        within: Affine,
        _: &interpret::Paint<'a>,
        _: &interpret::GlyphDrawMode,
    ) {
        let line = (transform * within).translation().y;
        if self.line.is_some_and(|last| (last - line).abs() > 0.1) {
            self.text.push('\n');
        }
        self.line = Some(line);
        match glyph.as_unicode() {
            Some(BfString::Char(character)) => self.text.push(character),
            Some(BfString::String(characters)) => self.text.push_str(&characters),
            None => self.text.push('\u{fffd}'),
        }
    }

    fn draw_image(&mut self, _: interpret::Image<'a, '_>, _: Affine) {
        self.pictures += 1;
    }

    fn draw_path(
        &mut self,
        _: &BezPath,
        _: Affine,
        _: &interpret::Paint<'a>,
        _: &interpret::PathDrawMode,
    ) {
    }

    fn set_soft_mask(&mut self, _: Option<SoftMask<'a>>) {}
    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
