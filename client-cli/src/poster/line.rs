//! A line of text as glyphs of its fonts.

use std::ops::Range;

/// A glyph; lengths are in parts of the font's size.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    pub(super) id: u32,
    /// What of the run's text it stands for.
    pub(super) text: Range<usize>,
    pub(super) advance: f32,
    pub(super) right: f32,
    pub(super) up: f32,
}

/// Glyphs of one font, from left to right.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) face: usize,
    pub(super) text: String,
    pub(super) glyphs: Vec<Glyph>,
}

/// A line of text.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) runs: Vec<Run>,
    width: f32,
}

impl Run {
    pub(super) fn width(&self) -> f32 {
        self.glyphs.iter().map(|glyph| glyph.advance).sum()
    }
}

impl Line {
    pub(super) fn new(runs: Vec<Run>) -> Self {
        let width = runs.iter().map(Run::width).sum();
        Self { runs, width }
    }

    /// Its width at a size.
    pub(super) fn width(&self, size: f32) -> f32 {
        self.width * size
    }

    /// The first character for which there is no glyph.
    pub(super) fn missing(&self) -> Option<char> {
        self.runs.iter().find_map(|run| {
            let none = run.glyphs.iter().find(|glyph| glyph.id == 0)?;
            run.text.get(none.text.clone())?.chars().next()
        })
    }
}
