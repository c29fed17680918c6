//! A page as it will look, whoever draws it: areas of one colour and lines of text, in points from
//! the upper left corner.

use std::rc::Rc;

use zeroize::Zeroize as _;

use crate::line::Line;
use crate::symbol::Symbol;

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ink(pub(crate) u8, pub(crate) u8, pub(crate) u8);

pub(crate) const BLACK: Ink = Ink(0x1b, 0x1b, 0x1b);
pub(crate) const GREY: Ink = Ink(0x63, 0x66, 0x6a);
pub(crate) const WHITE: Ink = Ink(0xff, 0xff, 0xff);
/// What noren are dyed with.
pub(crate) const INDIGO: Ink = Ink(0x1f, 0x38, 0x62);

/// The corners of an area.
pub(crate) type Polygon = Vec<[f32; 2]>;

/// Something on a page.
pub(crate) enum Mark {
    Area { polygons: Vec<Polygon>, ink: Ink },
    Text { line: Rc<Line>, x: f32, baseline: f32, size: f32, ink: Ink },
}

/// A rectangle on a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

/// A page.
pub(crate) struct Page {
    pub(crate) width: f32,
    pub(crate) height: f32,
    /// Pixels a point, where the page becomes a picture.
    pub(crate) scale: f32,
    /// Whether everything is drawn a second time, turned about the middle of the page.
    pub(crate) both_ways: bool,
    pub(crate) title: String,
    pub(crate) language: String,
    pub(crate) marks: Vec<Mark>,
}

impl Area {
    pub(crate) const fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self { x, y, width, height }
    }

    pub(crate) const fn right(self) -> f32 {
        self.x + self.width
    }

    pub(crate) const fn bottom(self) -> f32 {
        self.y + self.height
    }

    pub(crate) fn inset(self, by: f32) -> Self {
        Self::new(self.x + by, self.y + by, self.width - 2.0 * by, self.height - 2.0 * by)
    }

    pub(crate) fn polygon(self) -> Polygon {
        vec![
            [self.x, self.y],
            [self.right(), self.y],
            [self.right(), self.bottom()],
            [self.x, self.bottom()],
        ]
    }
}

impl Page {
    pub(crate) fn new(width: f32, height: f32, scale: f32) -> Self {
        let (title, language) = (String::new(), String::new());
        Self { width, height, scale, both_ways: false, title, language, marks: Vec::new() }
    }

    /// A4, upright; a picture of it has 300 pixels an inch.
    pub(crate) fn a4() -> Self {
        Self::new(595.28, 841.89, 300.0 / 72.0)
    }

    pub(crate) fn fill(&mut self, area: Area, ink: Ink) {
        self.marks.push(Mark::Area { polygons: vec![area.polygon()], ink });
    }

    pub(crate) fn fill_all(&mut self, polygons: Vec<Polygon>, ink: Ink) {
        self.marks.push(Mark::Area { polygons, ink });
    }

    pub(crate) fn text(&mut self, line: Rc<Line>, x: f32, baseline: f32, size: f32, ink: Ink) {
        self.marks.push(Mark::Text { line, x, baseline, size, ink });
    }

    /// A line from left to right.
    pub(crate) fn rule(&mut self, x: f32, y: f32, width: f32, ink: Ink) {
        self.fill(Area::new(x, y, width, 0.8), ink);
    }

    /// A thin line around an area.
    pub(crate) fn frame(&mut self, area: Area, line: f32, ink: Ink) {
        let outer = area.inset(-line);
        let bars = [
            Area::new(outer.x, outer.y, outer.width, line),
            Area::new(outer.x, area.bottom(), outer.width, line),
            Area::new(outer.x, area.y, line, area.height),
            Area::new(area.right(), area.y, line, area.height),
        ];
        self.fill_all(bars.map(Area::polygon).to_vec(), ink);
    }

    /// Draws a QR code with its quiet zone as large as fits into the middle of a square, each module
    /// a whole number of pixels, and returns where it stands.
    pub(crate) fn code(&mut self, symbol: &Symbol, square: Area) -> Area {
        // [PST-2]
        let modules = symbol.whole_side();
        let module = (square.width * self.scale / modules as f32).floor().max(1.0) / self.scale;
        let side = module * modules as f32;
        let x = self.to_pixel(square.x + (square.width - side) / 2.0);
        let y = self.to_pixel(square.y + (square.height - side) / 2.0);
        let at = |row: usize| (row + Symbol::QUIET_ZONE) as f32 * module;
        let runs = symbol.runs();
        let bars = runs.map(|(row, columns)| {
            let width = columns.len() as f32 * module;
            Area::new(x + at(columns.start), y + at(row), width, module).polygon()
        });
        self.fill_all(bars.collect(), Ink(0, 0, 0));
        Area::new(x, y, side, side)
    }

    fn to_pixel(&self, at: f32) -> f32 {
        (at * self.scale).round() / self.scale
    }
}

impl Drop for Page {
    /// A page may show a venue's secret.
    fn drop(&mut self) {
        for mark in &mut self.marks {
            if let Mark::Area { polygons, .. } = mark {
                polygons.zeroize();
            }
        }
    }
}
