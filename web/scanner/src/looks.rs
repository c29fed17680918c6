//! How often, and in which light, a picture is looked at.

use rxing::common::{GlobalHistogramBinarizer, HybridBinarizer};
use rxing::{Binarizer, BinaryBitmap, Luma8LuminanceSource};

use crate::Picture;
use crate::finder::{Work, codes_in_matrix};

/// What black is in a picture.
#[derive(Clone, Copy)]
enum Threshold {
    /// Darker than what is around it, for uneven light.
    Local,
    /// Darker than one shade, for the whole picture.
    Global,
}

/// Reads one of many frames of a camera: the texts of its codes, each once, the largest code first.
///
/// The first look is the one that reads nearly every frame. A second one, if that showed nothing, is
/// another for each number of the frame, so that no frame takes long and each way has its turn.
#[must_use]
pub fn in_frame(frame: &Picture, number: u32) -> Vec<String> {
    let mut work = Work::for_frame();
    let mut found = look(frame, Threshold::Local, &mut work);
    if found.is_empty() {
        found = match number % 4 {
            0 => frame
                .halved()
                .map(|half| look(&half, Threshold::Local, &mut work))
                .unwrap_or_default(),
            1 => look(frame, Threshold::Global, &mut work),
            2 => look(&frame.inverted(), Threshold::Local, &mut work),
            _ => frame
                .halved()
                .map(|half| look(&half, Threshold::Global, &mut work))
                .unwrap_or_default(),
        };
    }
    found
}

/// Reads a picture in every light, as far as the work allows: dark on light and light on dark, with
/// uneven light and with one threshold for the whole. A second code may show in another light than the
/// first. Returns the texts of its codes, each once.
#[must_use]
pub fn in_picture(picture: &Picture, work: &mut Work) -> Vec<String> {
    // [CLI-40]
    let inverted = picture.inverted();
    let mut found: Vec<String> = Vec::new();
    for picture in [picture, &inverted] {
        for threshold in [Threshold::Local, Threshold::Global] {
            for text in look(picture, threshold, work) {
                if !found.contains(&text) {
                    found.push(text);
                }
            }
        }
    }
    found
}

fn look(picture: &Picture, threshold: Threshold, work: &mut Work) -> Vec<String> {
    let Picture { luma, width, height } = picture;
    let Ok(source) = Luma8LuminanceSource::new(luma.clone(), *width, *height) else {
        return Vec::new();
    };
    match threshold {
        Threshold::Local => codes(HybridBinarizer::new(source), work),
        Threshold::Global => codes(GlobalHistogramBinarizer::new(source), work),
    }
}

fn codes(binarizer: impl Binarizer, work: &mut Work) -> Vec<String> {
    codes_in_matrix(BinaryBitmap::new(binarizer).get_black_matrix(), work)
}

#[cfg(test)]
mod tests {
    use super::*;
    use qrcode::{Color, EcLevel, QrCode};

    const TEXT: &str = "https://health.example/?v=3#CAMQAwEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\
        AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";
    const FRAME: (u32, u32) = (1_280, 720);

    /// A poster as a camera sees it: so many pixels a module, turned, with a light for each place.
    struct Poster {
        dark: Vec<bool>,
        side: usize,
    }

    impl Poster {
        fn new(text: &str) -> Self {
            let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("a code");
            let dark = code.to_colors().iter().map(|color| *color == Color::Dark).collect();
            Self { dark, side: code.width() }
        }

        fn light(&self, x: f32, y: f32) -> f32 {
            let at = |position: f32| (0.0..self.side as f32).contains(&position);
            let is_dark = at(x) && at(y) && self.dark[y as usize * self.side + x as usize];
            if is_dark { 20.0 } else { 235.0 }
        }

        fn frame(&self, module: f32, degrees: f32, shade: impl Fn(f32, f32) -> f32) -> Picture {
            let (width, height) = FRAME;
            let (sin, cos) = degrees.to_radians().sin_cos();
            let middle = self.side as f32 / 2.0;
            let mut luma = Vec::new();
            for pixel in 0..width * height {
                let (px, py) = ((pixel % width) as f32, (pixel / width) as f32);
                // Four rays a pixel: edges are grey, as a lens makes them.
                let rays = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)];
                let light: f32 = rays
                    .iter()
                    .map(|(dx, dy)| {
                        let x = (px + dx - width as f32 / 2.0) / module;
                        let y = (py + dy - height as f32 / 2.0) / module;
                        self.light(cos * x + sin * y + middle, cos * y - sin * x + middle)
                    })
                    .sum();
                luma.push((light / 4.0 * shade(px / width as f32, py / height as f32)) as u8);
            }
            Picture::new(luma, width, height).expect("a frame")
        }
    }

    /// Whether one of the turns reads it.
    fn reads(frame: &Picture, text: &str) -> bool {
        (0..4).any(|number| in_frame(frame, number) == [text])
    }

    #[test]
    fn frames_are_read_straight_turned_and_half_in_the_shade() {
        let poster = Poster::new(TEXT);
        for degrees in [0.0, 7.0, -20.0, 45.0, 180.0] {
            assert!(reads(&poster.frame(8.0, degrees, |_, _| 1.0), TEXT), "{degrees}");
        }
        for module in [2.5, 4.0, 9.0] {
            assert!(reads(&poster.frame(module, 3.0, |_, _| 1.0), TEXT), "{module}");
        }
        assert!(reads(&poster.frame(8.0, 5.0, |x, _| 1.0 - 0.75 * x), TEXT), "half in the shade");
        assert!(reads(&poster.frame(8.0, 5.0, |_, _| 0.15), TEXT), "in the dark");
    }

    #[test]
    fn light_on_dark_is_read() {
        let inverted = Poster::new(TEXT).frame(8.0, 3.0, |_, _| 1.0).inverted();
        assert!(reads(&inverted, TEXT));
        assert_eq!(in_picture(&inverted, &mut Work::for_picture()), [TEXT]);
    }

    #[test]
    fn a_picture_with_several_codes_gives_each_once() {
        let (one, other) = (Poster::new("one"), Poster::new("another"));
        let (one, other) = (one.frame(8.0, 0.0, |_, _| 1.0), other.frame(8.0, 10.0, |_, _| 1.0));
        let luma = [one.luma, other.luma].concat();
        let both = Picture::new(luma, FRAME.0, 2 * FRAME.1).expect("a picture");
        let mut found = in_picture(&both, &mut Work::for_picture());
        found.sort();
        assert_eq!(found, ["another", "one"]);
    }

    #[test]
    fn pictures_without_a_code_show_none() {
        for side in [1, 2, 3, 39, 40, 200] {
            let blank = Picture::new(vec![128; side * side], side as u32, side as u32);
            let blank = blank.expect("a picture");
            assert!(in_picture(&blank, &mut Work::for_picture()).is_empty(), "{side}");
            (0..4).for_each(|number| assert!(in_frame(&blank, number).is_empty(), "{side}"));
        }
        let noise: Vec<u8> =
            (0..640_u32 * 480).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let noise = Picture::new(noise, 640, 480).expect("a picture");
        assert!(in_picture(&noise, &mut Work::for_picture()).is_empty());
    }
}
