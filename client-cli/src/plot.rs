//! Pages with figures: their look, the axes of their plots, and pictures of bars. All places are whole
//! numbers, so that the same figures always make the same bytes.

mod axis;

use maud::{Markup, html};

pub(crate) use axis::Axis;

/// The look of a page of figures, on a screen and on paper.
pub(crate) const STYLE: &str = include_str!("plot/page.css");

/// The width of every picture, in its own units.
pub(crate) const WIDTH: u64 = 7_200;
/// Room at the right for the last number.
pub(crate) const RIGHT: u64 = 300;
/// Half the height of a letter: text is placed by its baseline.
pub(crate) const HALF_LETTER: u64 = 42;

/// A picture with a name and a description for those who do not see it.
pub(crate) fn picture(
    id: &str,
    height: u64,
    title: &str,
    description: &str,
    content: &Markup,
) -> Markup {
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (height) } role="img"
            aria-labelledby={ (id) "-title " (id) "-desc" } {
            title id={ (id) "-title" } { (title) }
            desc id={ (id) "-desc" } { (description) }
            (content)
        }
    }
}

/// What stands under a bar, and how high it is.
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) count: u64,
}

/// Upright bars on one axis, with what they count below it.
pub(crate) fn bars(id: &str, title: &str, description: &str, below: &str, bars: &[Bar]) -> Markup {
    const TOP: u64 = 150;
    const HEIGHT: u64 = 1_100;
    const LEFT: u64 = 600;
    let axis = Axis::up_to(bars.iter().map(|bar| bar.count).max().unwrap_or(0), 4);
    let (floor, count) = (TOP + HEIGHT, bars.len().max(1) as u64);
    let place = |number: u64| LEFT + (WIDTH - LEFT - RIGHT) * number / count;
    let every = bars.len().div_ceil(14).max(1);
    let content = html! {
        @for tick in axis.ticks() {
            @let y = floor - axis.place(tick, HEIGHT);
            line.grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(y) y2=(y) {}
            text.end x=(LEFT - 60) y=(y + HALF_LETTER) { (tick) }
        }
        @for (number, bar) in (0..).zip(bars) {
            @let (from, to) = (place(number), place(number + 1));
            @let (gap, height) = ((to - from) / 6, axis.place(bar.count, HEIGHT));
            @if height > 0 {
                rect.dark x=(from + gap) y=(floor - height) width=((to - from - 2 * gap).max(1)) height=(height) {
                    title { (bar.name) ": " (bar.count) }
                }
            }
        }
        line.axis x1=(LEFT) x2=(WIDTH - RIGHT) y1=(floor) y2=(floor) {}
        @for (number, bar) in (0..).zip(bars).step_by(every) {
            text.middle x=(u64::midpoint(place(number), place(number + 1))) y=(floor + 190) { (bar.name) }
        }
        text.middle x=(u64::midpoint(LEFT, WIDTH - RIGHT)) y=(floor + 400) { (below) }
    };
    picture(id, floor + 500, title, description, &content)
}
