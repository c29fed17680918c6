//! The modules of a QR code, for whoever draws it.

use std::ops::Range;

use qrcode::{Color, EcLevel, QrCode};
use zeroize::Zeroizing;

use crate::PosterError;

/// The modules of a QR code.
pub struct Symbol {
    side: usize,
    /// Row by row; of a secret, too.
    dark: Zeroizing<Vec<bool>>,
}

impl Symbol {
    /// The white border that ISO/IEC 18004 asks for, in modules.
    pub const QUIET_ZONE: usize = 4;

    /// The QR code of a text, of which it still shows all when 15 % of it are gone.
    ///
    /// # Errors
    /// [`PosterError::TooLong`] for a text that no QR code can hold.
    pub fn new(text: &str) -> Result<Self, PosterError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M);
        let code = code.map_err(|_| PosterError::TooLong)?;
        let mut colors = code.to_colors();
        let dark = colors.iter().map(|color| *color == Color::Dark).collect();
        colors.fill(Color::Light);
        Ok(Self { side: code.width(), dark: Zeroizing::new(dark) })
    }

    /// Modules a side, without the quiet zone.
    #[must_use]
    pub const fn side(&self) -> usize {
        self.side
    }

    /// Modules a side, with the quiet zone.
    #[must_use]
    pub const fn whole_side(&self) -> usize {
        self.side + 2 * Self::QUIET_ZONE
    }

    /// The dark modules: row, and columns from one to before another.
    pub fn runs(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        self.dark.chunks(self.side.max(1)).enumerate().flat_map(|(row, modules)| {
            let mut end = 0;
            let runs = modules.chunk_by(|one, next| one == next).filter_map(move |run| {
                let start = end;
                end += run.len();
                run.first().is_some_and(|dark| *dark).then_some((row, start..end))
            });
            runs.collect::<Vec<_>>()
        })
    }

    /// Whether a module is dark.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.side && self.dark.get(y * self.side + x).is_some_and(|dark| *dark)
    }
}
