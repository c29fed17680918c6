//! The fonts that are built in, one more that the owner brings, and text shaped with them.

use std::ops::Range;

use anyhow::{Context as _, bail};
use harfrust::{FontRef, ShapeOptions, ShaperData, UnicodeBuffer};
use skrifa::MetadataProvider as _;

use super::line::{Glyph, Line, Run};
use crate::text::clean;

const NAMES_BOLD: &[u8] = include_bytes!("../../fonts/names-bold.otf");
const TEXTS_REGULAR: &[u8] = include_bytes!("../../fonts/texts-regular.otf");
const CHINESE_BOLD: &[u8] = include_bytes!("../../fonts/chinese-bold.otf");
const CHINESE_REGULAR: &[u8] = include_bytes!("../../fonts/chinese-regular.otf");

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Bold,
    Regular,
    ChineseBold,
    ChineseRegular,
}

/// Fonts, in the order in which a character is looked up.
pub(crate) struct Fonts<'a> {
    faces: Vec<Face<'a>>,
}

pub(super) struct Face<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) font: FontRef<'a>,
    shaper: ShaperData,
}

impl<'a> Fonts<'a> {
    /// The fonts that are built in, and `brought` for what they lack.
    pub(crate) fn new(brought: Option<&'a [u8]>) -> anyhow::Result<Self> {
        let built_in = [NAMES_BOLD, TEXTS_REGULAR, CHINESE_BOLD, CHINESE_REGULAR];
        let mut faces = Vec::new();
        for bytes in built_in {
            faces.push(Face::new(bytes).context("a font that is built in is damaged")?);
        }
        if let Some(bytes) = brought {
            faces.push(Face::new(bytes).context(
                "this is no font that can be embedded; bring a file in the format OpenType or \
                 TrueType (.otf, .ttf)",
            )?);
        }
        Ok(Self { faces })
    }

    pub(super) fn face(&self, index: usize) -> Option<&Face<'a>> {
        self.faces.get(index)
    }

    /// Refuses a text with a character that none of the fonts has.
    pub(crate) fn check(&self, text: &str) -> anyhow::Result<()> {
        // [PST-4]
        let line = self.shape(text, Style::Bold);
        let Some(missing) = line.missing() else { return Ok(()) };
        bail!(
            "the built-in font has no {} (U+{:04X}), which is in {:?}; bring a font that has it \
             with --font FILE, or name the venue without it",
            clean(&missing.to_string()),
            u32::from(missing),
            clean(text)
        )
    }

    /// Sets a text as one line.
    pub(super) fn shape(&self, text: &str, style: Style) -> Line {
        let mut parts: Vec<(usize, Range<usize>)> = Vec::new();
        for (start, character) in text.char_indices() {
            let end = start + character.len_utf8();
            let before = parts.last().map(|(face, _)| *face);
            let face = self.face_for(character, style, before);
            match parts.last_mut() {
                Some((last, range)) if *last == face => range.end = end,
                _ => parts.push((face, start..end)),
            }
        }
        let runs = parts.into_iter().filter_map(|(face, range)| {
            let text = text.get(range)?;
            Some(self.faces.get(face)?.shape(face, text))
        });
        Line::new(runs.collect())
    }

    /// The first font that has a character. One that no font has, such as a combining mark, stays
    /// with what it follows: shaping may still join the two.
    fn face_for(&self, character: char, style: Style, before: Option<usize>) -> usize {
        let first: &[usize] = match style {
            Style::Bold => &[0],
            Style::Regular => &[1, 0],
            Style::ChineseBold => &[2, 0],
            Style::ChineseRegular => &[3, 1, 0],
        };
        let chain = || first.iter().copied().chain(4..self.faces.len());
        let has = |face: &usize| {
            self.faces.get(*face).is_some_and(|face| face.font.charmap().map(character).is_some())
        };
        chain().find(has).or(before).or_else(|| chain().next()).unwrap_or_default()
    }
}

impl<'a> Face<'a> {
    fn new(bytes: &'a [u8]) -> anyhow::Result<Self> {
        let font = FontRef::new(bytes)?;
        if font
            .metrics(skrifa::instance::Size::unscaled(), skrifa::instance::LocationRef::default())
            .units_per_em
            == 0
            || font.outline_glyphs().format().is_none()
        {
            bail!("it has no outlines");
        }
        Ok(Self { bytes, shaper: ShaperData::new(&font), font })
    }

    fn shape(&self, face: usize, text: &str) -> Run {
        let shaper = self.shaper.shaper(&self.font).build();
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        let em = shaper.units_per_em() as f32;
        let shaped = shaper.shape(buffer, ShapeOptions::new());
        let (infos, positions) = (shaped.glyph_infos(), shaped.glyph_positions());
        let mut starts: Vec<usize> = infos.iter().map(|info| info.cluster as usize).collect();
        starts.push(text.len());
        starts.sort_unstable();
        let glyphs = infos.iter().zip(positions).map(|(info, position)| {
            let start = info.cluster as usize;
            let end = starts.iter().copied().find(|end| *end > start).unwrap_or(text.len());
            Glyph {
                id: info.glyph_id,
                text: start..end,
                advance: position.x_advance as f32 / em,
                right: position.x_offset as f32 / em,
                up: position.y_offset as f32 / em,
            }
        });
        Run { face, text: text.to_owned(), glyphs: glyphs.collect() }
    }
}
