//! A picture as bytes of light.

/// The longest side of a picture that is read, in pixels.
const LONGEST_SIDE: u32 = 4_800;

/// A picture in shades of grey: one byte a pixel, row by row, 0 is black.
pub struct Picture {
    pub(crate) luma: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Picture {
    /// From one byte a pixel; `None` if there are more or fewer bytes than pixels, none at all, or a
    /// side is longer than 4,800 pixels.
    #[must_use]
    pub fn new(luma: Vec<u8>, width: u32, height: u32) -> Option<Self> {
        let is_whole = pixels(width, height)? == luma.len();
        is_whole.then_some(Self { luma, width, height })
    }

    /// From four bytes a pixel, red, green, blue and cover, as a canvas gives them. Cover is not looked
    /// at: whoever drew the picture chose its ground.
    #[must_use]
    pub fn from_rgba(rgba: &[u8], width: u32, height: u32) -> Option<Self> {
        if pixels(width, height)?.checked_mul(4)? != rgba.len() {
            return None;
        }
        let luma = rgba.as_chunks::<4>().0.iter().map(|[red, green, blue, _]| {
            // As in ITU-R BT.601, of 256.
            let light = 77 * u32::from(*red) + 150 * u32::from(*green) + 29 * u32::from(*blue);
            u8::try_from(light >> 8).unwrap_or(u8::MAX)
        });
        Some(Self { luma: luma.collect(), width, height })
    }

    /// Light on dark becomes dark on light.
    pub(crate) fn inverted(&self) -> Self {
        let luma = self.luma.iter().map(|light| u8::MAX - light).collect();
        Self { luma, width: self.width, height: self.height }
    }

    /// Half as wide and half as high, each pixel the middle of four: noise and moiré even out.
    pub(crate) fn halved(&self) -> Option<Self> {
        let (width, height) = (self.width / 2, self.height / 2);
        pixels(width, height)?;
        let row = self.width as usize;
        let mut luma = Vec::with_capacity(width as usize * height as usize);
        for rows in self.luma.chunks_exact(2 * row) {
            let (upper, lower) = rows.split_at(row);
            let (upper, lower) = (upper.as_chunks::<2>().0, lower.as_chunks::<2>().0);
            luma.extend(upper.iter().zip(lower).map(|(up, down)| {
                let sum: u16 = up.iter().chain(down).copied().map(u16::from).sum();
                u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX)
            }));
        }
        Some(Self { luma, width, height })
    }
}

fn pixels(width: u32, height: u32) -> Option<usize> {
    let is_possible = |side: u32| (1..=LONGEST_SIDE).contains(&side);
    let pixels = (width as usize).checked_mul(height as usize)?;
    (is_possible(width) && is_possible(height)).then_some(pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_number_of_bytes_is_no_picture() {
        assert!(Picture::new(vec![0; 12], 4, 3).is_some());
        assert!(Picture::new(vec![0; 11], 4, 3).is_none());
        assert!(Picture::new(vec![0; 13], 4, 3).is_none());
        assert!(Picture::from_rgba(&[0; 48], 4, 3).is_some());
        assert!(Picture::from_rgba(&[0; 12], 4, 3).is_none());
        assert!(Picture::new(Vec::new(), 0, 3).is_none());
        assert!(Picture::new(vec![0; 4_801], 4_801, 1).is_none(), "too long");
    }

    #[test]
    fn colours_become_light() {
        let rgba = [255, 255, 255, 255, 0, 0, 0, 255, 0, 255, 0, 0, 0, 0, 255, 255];
        let picture = Picture::from_rgba(&rgba, 2, 2).expect("a picture");
        assert_eq!(picture.luma, [255, 0, 149, 28]);
        assert_eq!(picture.inverted().luma, [0, 255, 106, 227]);
    }

    #[test]
    fn four_pixels_become_one() {
        // The last column and the last row have no partner.
        let luma = vec![0, 100, 9, 200, 100, 9, 1, 2, 3];
        let half = Picture::new(luma, 3, 3).and_then(|picture| picture.halved()).expect("half");
        assert_eq!((half.luma, half.width, half.height), (vec![100], 1, 1));
        assert!(Picture::new(vec![0; 3], 1, 3).expect("a line").halved().is_none());
    }
}
