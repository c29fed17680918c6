//! The pictogram of a telephone that looks at a code.

use crate::page::{Area, INDIGO, Page, Polygon, WHITE};

/// Steps of a rounded corner.
const STEPS: usize = 8;
/// A telephone's width in parts of its height.
const SLIM: f32 = 0.56;

/// Draws the telephone as high as an area, at its left side, and returns its width.
pub(crate) fn draw(page: &mut Page, area: Area) -> f32 {
    let height = area.height;
    let body = Area { width: height * SLIM, ..area };
    let edge = height * 0.05;
    page.fill_all(vec![rounded(body, height * 0.09)], INDIGO);
    let screen = Area {
        y: body.y + edge * 1.6,
        height: height - edge * 3.2,
        x: body.x + edge,
        width: body.width - 2.0 * edge,
    };
    page.fill_all(vec![rounded(screen, height * 0.03)], WHITE);
    let side = screen.width * 0.78;
    let middle = Area::new(
        screen.x + (screen.width - side) / 2.0,
        screen.y + (screen.height - side) / 2.0,
        side,
        side,
    );
    corners(page, middle);
    code(page, middle.inset(side * 0.2));
    body.width
}

/// The corners of a viewfinder.
fn corners(page: &mut Page, area: Area) {
    let (line, arm) = (area.width * 0.075, area.width * 0.24);
    let mut bars = Vec::new();
    for (x, inner_x) in [(area.x, area.x), (area.right() - arm, area.right() - line)] {
        for (y, inner_y) in [(area.y, area.y), (area.bottom() - arm, area.bottom() - line)] {
            bars.push(Area::new(x, inner_y, arm, line).polygon());
            bars.push(Area::new(inner_x, y, line, arm).polygon());
        }
    }
    page.fill_all(bars, INDIGO);
}

/// What makes people think of a QR code, and no reader: three corners and some modules.
fn code(page: &mut Page, area: Area) {
    let part = area.width / 7.0;
    let at = |x: f32, y: f32, side: f32| {
        Area::new(area.x + x * part, area.y + y * part, side * part, side * part)
    };
    let corners = [at(0.0, 0.0, 3.0), at(4.0, 0.0, 3.0), at(0.0, 4.0, 3.0)];
    page.fill_all(corners.map(Area::polygon).to_vec(), INDIGO);
    page.fill_all(corners.map(|corner| corner.inset(part).polygon()).to_vec(), WHITE);
    let modules = [(4.0, 4.0), (6.0, 4.0), (5.0, 5.0), (4.0, 6.0), (6.0, 6.0)];
    page.fill_all(modules.map(|(x, y)| at(x, y, 1.0).polygon()).to_vec(), INDIGO);
}

/// A rectangle with rounded corners.
fn rounded(area: Area, radius: f32) -> Polygon {
    let middles = [
        (area.right() - radius, area.bottom() - radius),
        (area.x + radius, area.bottom() - radius),
        (area.x + radius, area.y + radius),
        (area.right() - radius, area.y + radius),
    ];
    let mut corners = Vec::new();
    for (number, (x, y)) in middles.into_iter().enumerate() {
        for step in 0..=STEPS {
            let turn = number as f32 + step as f32 / STEPS as f32;
            let (sin, cos) = (turn * std::f32::consts::FRAC_PI_2).sin_cos();
            corners.push([x + radius * cos, y + radius * sin]);
        }
    }
    corners
}
