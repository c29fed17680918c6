//! Plots of what was measured, as SVG.

use std::path::Path;

use plotters::coord::CoordTranslate;
use plotters::prelude::*;

use crate::Result;

/// Width and height, in pixels.
pub const SIZE: (u32, u32) = (760, 420);
/// Those of the lines, in their order.
pub const COLOURS: [RGBColor; 3] =
    [RGBColor(0, 83, 138), RGBColor(196, 78, 0), RGBColor(90, 120, 60)];
/// The family of all letters.
pub const FONT: &str = "sans-serif";

/// Some points with a name.
pub type Series = (&'static str, Vec<(f64, f64)>);

/// Bars from left to right on a logarithmic scale, the first at the top.
///
/// # Errors
/// When the file cannot be written.
pub fn bars(file: &Path, title: &str, unit: &str, values: &[(String, f64)]) -> Result<()> {
    let most = values.iter().map(|value| value.1).fold(f64::MIN_POSITIVE, f64::max);
    let least = values.iter().map(|value| value.1).fold(most, f64::min);
    let power_below = |value: f64| 10_f64.powf(value.log10().floor());
    let (from, to) = (power_below(least), power_below(most) * 10.0);
    let rows = values.len() as f64;
    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(title, (FONT, 18))
        .margin(12)
        .x_label_area_size(42)
        .build_cartesian_2d((from..to).log_scale(), 0.0..rows)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .x_desc(unit)
        .x_labels(4)
        .x_label_formatter(&|value| format!("{value:.0}"))
        .label_style((FONT, 13))
        .light_line_style(WHITE)
        .bold_line_style(BLACK.mix(0.12))
        .draw()?;
    for (row, (name, value)) in values.iter().rev().enumerate() {
        let (bottom, top) = (row as f64 + 0.1, row as f64 + 0.5);
        let bar = Rectangle::new([(from, bottom), (*value, top)], COLOURS[0].filled());
        let label = format!("{name}: {}", figure(*value));
        let text = Text::new(label, (from * 1.03, row as f64 + 0.85), (FONT, 14));
        chart.draw_series([bar])?;
        chart.draw_series([text])?;
    }
    root.present()?;
    Ok(())
}

/// Lines on a logarithmic horizontal and a linear vertical axis that begins at zero.
///
/// # Errors
/// When the file cannot be written.
pub fn lines(file: &Path, title: &str, (x, y): (&str, &str), series: &[Series]) -> Result<()> {
    let points = || series.iter().flat_map(|(_, points)| points);
    let most = points().map(|point| point.0).fold(1.0, f64::max);
    let highest = points().map(|point| point.1).fold(f64::MIN_POSITIVE, f64::max);
    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(title, (FONT, 18))
        .margin(12)
        .x_label_area_size(42)
        .y_label_area_size(64)
        // Room above the highest line for the names.
        .build_cartesian_2d((1.0..most).log_scale(), 0.0..highest * 1.35)?;
    chart
        .configure_mesh()
        .x_desc(x)
        .y_desc(y)
        .label_style((FONT, 13))
        .light_line_style(WHITE)
        .bold_line_style(BLACK.mix(0.12))
        .draw()?;
    for ((name, points), colour) in series.iter().zip(COLOURS) {
        let line = LineSeries::new(points.iter().copied(), colour.stroke_width(2)).point_size(3);
        chart.draw_series(line)?.label(*name).legend(move |(x, y)| {
            PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(2))
        });
    }
    names(&mut chart, SeriesLabelPosition::UpperRight)?;
    root.present()?;
    Ok(())
}

/// Says which line is which.
///
/// # Errors
/// When it cannot be drawn.
pub fn names<'a, 'b: 'a, T: CoordTranslate>(
    chart: &mut ChartContext<'a, SVGBackend<'b>, T>,
    place: SeriesLabelPosition,
) -> Result<()> {
    chart
        .configure_series_labels()
        .position(place)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.2))
        .label_font((FONT, 13))
        .draw()?;
    Ok(())
}

/// Three significant digits.
fn figure(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_names_what_it_shows() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let (first, second) = (folder.path().join("bars.svg"), folder.path().join("lines.svg"));
        let values = [("here".to_owned(), 4_700.0), ("there".to_owned(), 81.25)];
        bars(&first, "a title", "µs", &values)?;
        lines(&second, "a title", ("x", "y"), &[("here", vec![(1.0, 2.0), (1_800.0, 3.0)])])?;
        let (first, second) = (std::fs::read_to_string(first)?, std::fs::read_to_string(second)?);
        assert!(["a title", "here: 4700", "there: 81.2"].iter().all(|text| first.contains(text)));
        assert!(["a title", "here"].iter().all(|text| second.contains(text)));
        Ok(())
    }
}
