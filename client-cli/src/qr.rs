//! QR codes: as PNG, SVG and terminal text, and read back from pictures.

mod kinds;
mod reading;

use std::io::Cursor;

use anyhow::Context as _;
use image::{GrayImage, ImageFormat, Luma};
use noren_posters::Symbol;
use qrcode::render::{svg, unicode};
use qrcode::{EcLevel, QrCode};

pub(crate) use kinds::unreadable;
pub(crate) use reading::{Fit, is_picture, read_image};

/// Pixels a module: printed small or photographed from afar, the code stays sharp.
const MODULE: u32 = 10;

/// A QR code as a PNG picture.
pub(crate) fn png(text: &str) -> anyhow::Result<Vec<u8>> {
    let symbol = Symbol::new(text)?;
    let side = symbol.whole_side() * MODULE as usize;
    let side = u32::try_from(side).context("the QR code is too large")?;
    let inside = |at: u32| ((at / MODULE) as usize).checked_sub(Symbol::QUIET_ZONE);
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let dark = inside(x).zip(inside(y)).is_some_and(|(x, y)| symbol.is_dark(x, y));
        Luma([if dark { 0 } else { u8::MAX }])
    });
    let mut bytes = Vec::new();
    picture
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .context("cannot write the picture")?;
    Ok(bytes)
}

/// A QR code as an SVG picture.
pub(crate) fn svg(text: &str) -> anyhow::Result<String> {
    Ok(encode(text)?.render::<svg::Color<'_>>().module_dimensions(MODULE, MODULE).build())
}

/// A QR code for a terminal: two modules a character, black on white whatever the colours of the
/// terminal; where `NO_COLOR` is set, for a dark one.
pub(crate) fn terminal(text: &str) -> anyhow::Result<String> {
    use unicode::Dense1x2::{Dark, Light};
    let code = encode(text)?;
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        let inverse =
            code.render::<unicode::Dense1x2>().dark_color(Light).light_color(Dark).build();
        return Ok(format!("{inverse}\n"));
    }
    let lines = code.render::<unicode::Dense1x2>().build();
    Ok(lines.lines().map(|line| format!("\u{1b}[30;107m{line}\u{1b}[0m\n")).collect())
}

/// The columns that a drawing of [`terminal`] takes.
pub(crate) fn columns(drawing: &str) -> usize {
    let block = |c: &char| matches!(c, ' ' | '\u{2580}' | '\u{2584}' | '\u{2588}');
    drawing.lines().map(|line| line.chars().filter(block).count()).max().unwrap_or_default()
}

fn encode(text: &str) -> anyhow::Result<QrCode> {
    QrCode::with_error_correction_level(text, EcLevel::M)
        .context("the text is too long for a QR code")
}

#[cfg(test)]
mod tests {
    use super::reading::{LONGEST_SIDE, load, on, resized};
    use super::*;
    use image::codecs::jpeg::JpegEncoder;
    use image::imageops;

    const TEXT: &str = "https://health.example/?v=3#CAMQAwEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\
        AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";

    fn picture(text: &str) -> GrayImage {
        on(&load(&png(text).expect("a code")).expect("a picture"), 255)
    }

    fn as_png(picture: &GrayImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("a picture");
        bytes
    }

    /// Every text is one that is looked for.
    fn read_any(bytes: &[u8]) -> anyhow::Result<String> {
        read_image(bytes, |_| Fit::Ours)
    }

    fn read_back(picture: &GrayImage) -> anyhow::Result<String> {
        read_any(&as_png(picture))
    }

    /// Turned about the middle, on a grey ground.
    fn turned(picture: &GrayImage, degrees: f32) -> GrayImage {
        let side = picture.width() * 3 / 2;
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (middle, old_middle) = (side as f32 / 2.0, picture.width() as f32 / 2.0);
        GrayImage::from_fn(side, side, |x, y| {
            let (x, y) = (x as f32 - middle, y as f32 - middle);
            let (x, y) = (cos * x + sin * y + old_middle, cos * y - sin * x + old_middle);
            let inside = x >= 0.0 && y >= 0.0;
            let pixel = inside.then(|| picture.get_pixel_checked(x as u32, y as u32)).flatten();
            pixel.copied().unwrap_or(Luma([210]))
        })
    }

    #[test]
    fn what_is_written_is_read() {
        for text in [TEXT, "a", &"0123456789abcdef".repeat(120)] {
            assert_eq!(read_any(&png(text).expect("a code")).expect("read"), text);
        }
        assert!(svg(TEXT).expect("a code").contains("<svg"));
        assert!(terminal(TEXT).expect("a code").lines().count() > 20);
        assert!(png(&"a".repeat(3_000)).is_err(), "too long");
    }

    #[test]
    fn photographs_are_read() {
        let plain = picture(TEXT);
        for degrees in [3.0, -8.0, 45.0, 90.0, 200.0] {
            assert_eq!(read_back(&turned(&plain, degrees)).expect("turned"), TEXT, "{degrees}");
        }
        let tilted = imageops::blur(&turned(&plain, 5.0), 3.0);
        assert_eq!(read_back(&tilted).expect("blurred"), TEXT);
        for side in [250, 900, 1_700] {
            assert_eq!(read_back(&resized(&tilted, side)).expect("scaled"), TEXT, "{side}");
        }
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, 30).encode_image(&tilted).expect("a picture");
        assert_eq!(read_any(&jpeg).expect("compressed"), TEXT);
        let mut inverted = plain.clone();
        imageops::invert(&mut inverted);
        assert_eq!(read_back(&inverted).expect("inverted"), TEXT);
        let shaded = GrayImage::from_fn(plain.width(), plain.height(), |x, y| {
            let light = 1.0 - 0.7 * x as f32 / plain.width() as f32;
            Luma([(f32::from(plain.get_pixel(x, y).0[0]) * light) as u8])
        });
        assert_eq!(read_back(&shaded).expect("half in the shade"), TEXT);
    }

    fn is_ours(text: &str) -> Fit {
        if text == TEXT { Fit::Ours } else { Fit::Foreign }
    }

    /// A sheet of codes in so many columns, each in a square of its own.
    fn sheet(columns: u32, square: u32, codes: &[GrayImage]) -> GrayImage {
        let rows = u32::try_from(codes.len()).expect("a sheet").div_ceil(columns);
        let mut sheet = GrayImage::from_pixel(columns * square, rows * square, Luma([255]));
        for (number, code) in (0..).zip(codes) {
            let code = imageops::resize(code, square, square, imageops::FilterType::Triangle);
            let (x, y) = (number % columns * square, number / columns * square);
            imageops::overlay(&mut sheet, &code, x.into(), y.into());
        }
        sheet
    }

    #[test]
    fn a_code_among_a_dozen_foreign_ones_is_read() {
        // [CLI-40]
        for (foreign, square, place) in [
            ("https://menu.example/", 250, 12),
            ("WIFI:T:WPA;S:Guests of the house;P:secret words;;", 250, 5),
        ] {
            let others = (0..12).map(|number| picture(&format!("{foreign}{number}")));
            let mut codes: Vec<_> = others.collect();
            codes.insert(place, picture(TEXT));
            let sheet = sheet(4, square, &codes);
            let read = |picture: &GrayImage| read_image(&as_png(picture), is_ours);
            assert_eq!(read(&sheet).expect(foreign), TEXT, "{foreign}");
            let tilted = imageops::blur(&turned(&sheet, 6.0), 0.8);
            assert_eq!(read(&tilted).expect(foreign), TEXT, "{foreign}, tilted");
        }
    }

    #[test]
    fn a_dozen_of_ours_are_told_as_several_or_are_one() {
        // [CLI-40]
        let several: Vec<_> =
            (0..12).map(|number| picture(&format!("{TEXT}{number:02}"))).collect();
        let refused = read_any(&as_png(&sheet(4, 250, &several))).expect_err("twelve");
        assert!(refused.to_string().contains("several"), "{refused}");
        let one = vec![picture(TEXT); 12];
        assert_eq!(read_any(&as_png(&sheet(4, 250, &one))).expect("the same"), TEXT);
    }

    #[test]
    fn a_picture_with_none_or_several_is_refused_with_advice() {
        let (one, other) = (picture("one"), picture("other"));
        let side_by_side = |other: &GrayImage| {
            let mut both = GrayImage::from_pixel(1_200, 600, Luma([255]));
            imageops::overlay(&mut both, &one, 20, 20);
            imageops::overlay(&mut both, other, 620, 20);
            read_back(&both)
        };
        let refused = side_by_side(&other).expect_err("two codes").to_string();
        assert!(refused.contains("several"), "{refused}");
        assert_eq!(side_by_side(&one).expect("the same twice"), "one");
        let blank = read_back(&GrayImage::from_pixel(200, 100, Luma([255])));
        assert!(blank.expect_err("none").to_string().contains("crop"));
        let tiny = read_back(&GrayImage::from_pixel(1, 1, Luma([0])));
        assert!(tiny.is_err());
    }

    #[test]
    fn damaged_and_oversized_pictures_are_refused() {
        let bytes = png(TEXT).expect("a code");
        assert!(read_any(&bytes[..bytes.len() / 2]).is_err(), "cut short");
        assert!(read_any(b"").is_err() && read_any(b"BM......").is_err(), "no picture");
        let long = GrayImage::new(LONGEST_SIDE + 1, 1);
        assert!(read_any(&as_png(&long)).is_err(), "too wide");
        let many = GrayImage::new(10_001, 10_000);
        let refused = read_any(&as_png(&many)).expect_err("too many pixels").to_string();
        assert!(refused.contains("too large"), "{refused}");
    }
}
