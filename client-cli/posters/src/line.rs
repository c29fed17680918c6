//! A line of text as glyphs of its fonts.

use std::ops::Range;

/// A glyph; lengths are in parts of the font's size.
#[derive(Debug, Clone)]
pub(crate) struct Glyph {
    pub(crate) id: u32,
    /// What of the run's text it stands for.
    pub(crate) text: Range<usize>,
    pub(crate) advance: f32,
    pub(crate) right: f32,
    pub(crate) up: f32,
}

/// Glyphs of one font, from left to right.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) face: usize,
    pub(crate) text: String,
    pub(crate) glyphs: Vec<Glyph>,
}

/// A line of text.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) runs: Vec<Run>,
    width: f32,
}

impl Run {
    pub(crate) fn width(&self) -> f32 {
        self.glyphs.iter().map(|glyph| glyph.advance).sum()
    }
}

impl Line {
    pub(crate) fn new(runs: Vec<Run>) -> Self {
        let width = runs.iter().map(Run::width).sum();
        Self { runs, width }
    }

    /// Its width at a size.
    pub(crate) fn width(&self, size: f32) -> f32 {
        self.width * size
    }

    /// The first character for which there is no glyph.
    pub(crate) fn missing(&self) -> Option<char> {
        self.runs.iter().find_map(|run| {
            let none = run.glyphs.iter().find(|glyph| glyph.id == 0)?;
            run.text.get(none.text.clone())?.chars().next()
        })
    }
}
