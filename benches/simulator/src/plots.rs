//! Plots of a run, as SVG.

use std::path::Path;

use noren_benches::Result;
use noren_benches::plot::{COLOURS, FONT, SIZE, Series, names};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use crate::Run;
use crate::device::Sync;
use crate::report::downloads;

/// More points than this make a plot no clearer.
const MOST_POINTS: usize = 500;

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Writes every plot into a folder: those named `time-…` are of measured times.
///
/// # Errors
/// When a file cannot be written.
pub fn write(run: &Run, folder: &Path) -> Result<()> {
    let title = |what: &str| format!("{}: {what}", run.scenario.title);
    let lines = |name: &str, what: &str, y: &str, series: Vec<Series>| {
        plot(&folder.join(name), &title(what), ("day", y), &series, false)
    };
    lines("keys.svg", "what is published", "entries a day", keys(run))?;
    lines("download.svg", "a device's download", "kB a day", traffic(run)?)?;
    lines("server.svg", "the log's files", "MB", storage(run))?;
    lines("vault.svg", "vaults of the sample", "kB", vaults(run))?;
    let syncs: Vec<&Sync> = run.lives.iter().flat_map(|life| &life.syncs).collect();
    let shown = syncs.iter().step_by(1 + syncs.len() / MOST_POINTS);
    let point = |sync: &&Sync| (sync.trials as f64, sync.times.matching.as_secs_f64());
    let points = vec![("a device's sync", shown.map(point).collect())];
    let axes = ("trials: keys × records of their day", "s");
    plot(&folder.join("time-matching.svg"), &title("matching, measured"), axes, &points, true)
}

fn keys(run: &Run) -> Vec<Series> {
    let of = |count: fn(&crate::office::Batch) -> usize| {
        by_day(run, |day| {
            run.batches.iter().filter(|b| b.day == day).map(|b| count(b) as f64).sum()
        })
    };
    vec![
        ("keys with a notice", of(|batch| batch.keys)),
        ("cover entries", of(|batch| batch.cover)),
        ("venues warned of", of(|batch| batch.venues)),
    ]
}

fn traffic(run: &Run) -> Result<Vec<Series>> {
    let of = |polls| -> Result<Vec<(f64, f64)>> {
        let days = downloads(run, polls)?;
        Ok((0..).zip(days).map(|(day, sum)| (f64::from(day), sum.bytes as f64 / 1e3)).collect())
    };
    Ok(vec![("one sync a day", of(1)?), ("a sync every two hours", of(12)?)])
}

fn storage(run: &Run) -> Vec<Series> {
    let heads = run.server.heads();
    let first = heads.first().map_or(0, |head| head.time);
    let day = |time: u64| (time - first) as f64 / 86_400.0;
    let stored = heads.iter().map(|head| (day(head.time), head.stored as f64 / 1e6)).collect();
    vec![("all files, outgrown ones included", stored)]
}

fn vaults(run: &Run) -> Vec<Series> {
    let most = |of: fn(&Sync) -> usize| {
        by_day(run, |day| {
            let syncs = run.lives.iter().flat_map(|life| &life.syncs);
            syncs.filter(|sync| sync.day == day).map(of).max().unwrap_or(0) as f64 / 1e3
        })
    };
    vec![
        ("sealed file, the longest", most(|sync| sync.vault_bytes)),
        ("records, the most", most(|sync| sync.record_bytes)),
    ]
}

fn by_day(run: &Run, of: impl Fn(u32) -> f64) -> Vec<(f64, f64)> {
    (0..run.scenario.days).map(|day| (f64::from(day), of(day))).collect()
}

/// Lines, or points only, with axes that begin at zero.
fn plot(
    file: &Path,
    title: &str,
    (x, y): (&str, &str),
    series: &[Series],
    points: bool,
) -> Result<()> {
    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = chart(&root, title, series)?;
    let days = series.iter().map(|(_, values)| values.len()).max().unwrap_or(0).min(15);
    chart
        .configure_mesh()
        .x_desc(x)
        .y_desc(y)
        .x_label_formatter(&|value| match value.fract() {
            0.0 => format!("{value:.0}"),
            // Days have no halves.
            _ => String::new(),
        })
        .x_labels(if points { 10 } else { days })
        .label_style((FONT, 13))
        .light_line_style(WHITE)
        .bold_line_style(BLACK.mix(0.12))
        .draw()?;
    for ((name, values), colour) in series.iter().zip(COLOURS) {
        draw(&mut chart, name, values, colour, points)?;
    }
    names(&mut chart, SeriesLabelPosition::UpperLeft)?;
    root.present()?;
    Ok(())
}

fn chart<'a, 'b>(
    root: &'a DrawingArea<SVGBackend<'b>, Shift>,
    title: &str,
    series: &[Series],
) -> Result<Chart<'a, 'b>> {
    let values = || series.iter().flat_map(|(_, values)| values);
    let x = values().map(|point| point.0).fold(1e-3, f64::max);
    let y = values().map(|point| point.1).fold(1e-3, f64::max);
    Ok(ChartBuilder::on(root)
        .caption(title, (FONT, 18))
        .margin(12)
        .x_label_area_size(42)
        .y_label_area_size(64)
        // Room above the highest line for the names.
        .build_cartesian_2d(0.0..x * 1.02, 0.0..y * 1.35)?)
}

fn draw(
    chart: &mut Chart<'_, '_>,
    name: &str,
    values: &[(f64, f64)],
    colour: RGBColor,
    points: bool,
) -> Result<()> {
    if points {
        let dots = values.iter().map(|point| Circle::new(*point, 2, colour.mix(0.5).filled()));
        let mark = move |(x, y)| Circle::new((x + 9, y), 3, colour.filled());
        chart.draw_series(dots)?.label(name).legend(mark);
    } else {
        let line = LineSeries::new(values.iter().copied(), colour.stroke_width(2));
        let mark =
            move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(2));
        chart.draw_series(line)?.label(name).legend(mark);
    }
    Ok(())
}
