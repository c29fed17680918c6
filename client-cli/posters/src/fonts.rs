//! The fonts of the pages, one more that the owner brings, and text shaped with them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use harfrust::{FontRef, ShapeOptions, ShaperData, UnicodeBuffer};
use skrifa::MetadataProvider as _;

use crate::PosterError;
use crate::line::{Glyph, Line, Run};

#[cfg(feature = "built-in-fonts")]
const BUILT_IN: [&[u8]; 4] = [
    include_bytes!("../../fonts/names-bold.otf"),
    include_bytes!("../../fonts/texts-regular.otf"),
    include_bytes!("../../fonts/chinese-bold.otf"),
    include_bytes!("../../fonts/chinese-regular.otf"),
];

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Style {
    Bold,
    Regular,
    ChineseBold,
    ChineseRegular,
}

/// Fonts, in the order in which a character is looked up.
pub struct Fonts<'a> {
    faces: Vec<Face<'a>>,
    /// Lines that were set before: a page tries the same words at many sizes.
    lines: RefCell<HashMap<Style, HashMap<String, Rc<Line>>>>,
}

pub(crate) struct Face<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) font: FontRef<'a>,
    shaper: ShaperData,
}

impl<'a> Fonts<'a> {
    /// The files of the fonts, in the order in which [`Fonts::new`] takes them.
    pub const FILES: [&'static str; 4] =
        ["names-bold.otf", "texts-regular.otf", "chinese-bold.otf", "chinese-regular.otf"];

    /// The fonts that are built in, and `brought` for what they lack.
    ///
    /// # Errors
    /// [`PosterError::Font`] when `brought` is no font.
    #[cfg(feature = "built-in-fonts")]
    pub fn built_in(brought: Option<&'a [u8]>) -> Result<Self, PosterError> {
        Self::new(BUILT_IN, brought)
    }

    /// The fonts of [`Fonts::FILES`], and `brought` for what they lack.
    ///
    /// # Errors
    /// [`PosterError::OwnFont`] and [`PosterError::Font`] for bytes that are no font.
    pub fn new(own: [&'a [u8]; 4], brought: Option<&'a [u8]>) -> Result<Self, PosterError> {
        let mut faces = Vec::new();
        for bytes in own {
            faces.push(Face::new(bytes).ok_or(PosterError::OwnFont)?);
        }
        if let Some(bytes) = brought {
            faces.push(Face::new(bytes).ok_or(PosterError::Font)?);
        }
        Ok(Self { faces, lines: RefCell::default() })
    }

    pub(crate) fn face(&self, index: usize) -> Option<&Face<'a>> {
        self.faces.get(index)
    }

    /// Refuses a text with a character that none of the fonts has.
    ///
    /// # Errors
    /// [`PosterError::MissingCharacter`] with the first of them.
    pub fn check(&self, text: &str) -> Result<(), PosterError> {
        // [PST-4]
        let line = self.shape(text, Style::Bold);
        let missing = line.missing();
        missing.map_or(Ok(()), |character| {
            Err(PosterError::MissingCharacter { character, text: text.to_owned() })
        })
    }

    /// Sets a text as one line.
    pub(crate) fn shape(&self, text: &str, style: Style) -> Rc<Line> {
        let known =
            |lines: &HashMap<_, HashMap<String, Rc<Line>>>| lines.get(&style)?.get(text).cloned();
        if let Some(line) = known(&self.lines.borrow()) {
            return line;
        }
        let line = Rc::new(self.set(text, style));
        let mut lines = self.lines.borrow_mut();
        lines.entry(style).or_default().insert(text.to_owned(), Rc::clone(&line));
        line
    }

    fn set(&self, text: &str, style: Style) -> Line {
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
    /// `None` for bytes that are no font, or one without outlines.
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let font = FontRef::new(bytes).ok()?;
        if font
            .metrics(skrifa::instance::Size::unscaled(), skrifa::instance::LocationRef::default())
            .units_per_em
            == 0
            || font.outline_glyphs().format().is_none()
        {
            return None;
        }
        Some(Self { bytes, shaper: ShaperData::new(&font), font })
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
