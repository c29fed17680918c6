//! QR codes: as PNG, SVG and terminal text, and read back from pictures.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::ops::Range;

use anyhow::{Context as _, bail};
use image::imageops::{self, FilterType};
use image::{GrayImage, ImageFormat, ImageReader, Limits, Luma};
use qrcode::render::{svg, unicode};
use qrcode::{Color, EcLevel, QrCode};
use rxing::common::{GlobalHistogramBinarizer, HybridBinarizer};
use rxing::multi::MultipleBarcodeReader as _;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{BarcodeFormat, Binarizer, BinaryBitmap, DecodeHints, Luma8LuminanceSource};
use zeroize::Zeroizing;

/// Pixels a module: printed small or photographed from afar, the code stays sharp.
const MODULE: u32 = 10;
/// The longest side of a picture that is read, in pixels.
const LONGEST_SIDE: u32 = 12_000;
/// The most memory that a picture may take while it is decoded.
const MOST_MEMORY: u64 = 512 << 20;

/// The modules of a QR code, for whoever draws it.
pub(crate) struct Symbol {
    side: usize,
    /// Row by row; of a secret, too.
    dark: Zeroizing<Vec<bool>>,
}

impl Symbol {
    /// The white border that ISO/IEC 18004 asks for, in modules.
    pub(crate) const QUIET_ZONE: usize = 4;

    pub(crate) fn new(text: &str) -> anyhow::Result<Self> {
        let code = encode(text)?;
        let mut colors = code.to_colors();
        let dark = colors.iter().map(|color| *color == Color::Dark).collect();
        colors.fill(Color::Light);
        Ok(Self { side: code.width(), dark: Zeroizing::new(dark) })
    }

    /// Modules a side, without the quiet zone.
    pub(crate) const fn side(&self) -> usize {
        self.side
    }

    /// The dark modules: row, and columns from one to before another.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
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

    fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.side && self.dark.get(y * self.side + x).is_some_and(|dark| *dark)
    }
}

/// A QR code as a PNG picture.
pub(crate) fn png(text: &str) -> anyhow::Result<Vec<u8>> {
    let symbol = Symbol::new(text)?;
    let side = (symbol.side() + 2 * Symbol::QUIET_ZONE) * MODULE as usize;
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

fn encode(text: &str) -> anyhow::Result<QrCode> {
    QrCode::with_error_correction_level(text, EcLevel::M)
        .context("the text is too long for a QR code")
}

/// Whether the bytes are a picture of a kind that can be read.
pub(crate) fn is_picture(bytes: &[u8]) -> bool {
    matches!(image::guess_format(bytes), Ok(ImageFormat::Png | ImageFormat::Jpeg))
}

/// The text of the one QR code in a PNG or JPEG picture.
pub(crate) fn read_image(bytes: &[u8]) -> anyhow::Result<String> {
    let picture = load(bytes)?;
    let longest = picture.width().max(picture.height());
    // Shrinking evens out noise and moiré, enlarging helps where a module is a pixel or two; large
    // pictures are read in full only when nothing else helped, because that takes seconds.
    let sides = [2_400.min(longest), 1_200, 600, longest.saturating_mul(2).min(2_400), longest];
    let mut tried = BTreeSet::new();
    for side in sides {
        if !tried.insert(side) || (side > longest && longest > 1_200) {
            continue;
        }
        let mut found = codes_in(&resized(&picture, side));
        if let Some(text) = found.pop_first() {
            if !found.is_empty() {
                bail!("there are several QR codes in the picture; crop it to the one you mean");
            }
            return Ok(text);
        }
    }
    bail!(
        "no QR code was found in the picture; crop it to the code, or take it again closer, \
         straight from the front and in better light"
    )
}

fn load(bytes: &[u8]) -> anyhow::Result<GrayImage> {
    if !is_picture(bytes) {
        bail!("this is not a PNG or JPEG picture");
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    reader.limits(limits);
    let picture = reader.decode().context("the picture is damaged or too large")?;
    Ok(picture.into_luma8())
}

fn resized(picture: &GrayImage, side: u32) -> GrayImage {
    let (width, height) = picture.dimensions();
    let longest = u64::from(width.max(height).max(1));
    if longest == u64::from(side) {
        return picture.clone();
    }
    let scale = |length: u32| {
        u32::try_from(u64::from(length) * u64::from(side) / longest).unwrap_or(side).max(1)
    };
    imageops::resize(picture, scale(width), scale(height), FilterType::Triangle)
}

/// The texts of all codes that one look at the picture finds: first for uneven light, then with one
/// threshold for the whole; first dark on light, then light on dark.
fn codes_in(picture: &GrayImage) -> BTreeSet<String> {
    let mut inverted = picture.clone();
    imageops::invert(&mut inverted);
    for picture in [picture, &inverted] {
        for found in [
            source(picture).map(|source| read(HybridBinarizer::new(source))),
            source(picture).map(|source| read(GlobalHistogramBinarizer::new(source))),
        ] {
            if let Some(found) = found.filter(|found| !found.is_empty()) {
                return found;
            }
        }
    }
    BTreeSet::new()
}

fn source(picture: &GrayImage) -> Option<Luma8LuminanceSource> {
    let (width, height) = picture.dimensions();
    Luma8LuminanceSource::new(picture.as_raw().clone(), width, height).ok()
}

fn read(binarizer: impl Binarizer) -> BTreeSet<String> {
    let hints = DecodeHints {
        TryHarder: Some(true),
        PossibleFormats: Some([BarcodeFormat::QR_CODE].into()),
        ..DecodeHints::default()
    };
    let found = QrReader.decode_multiple_with_hints(&mut BinaryBitmap::new(binarizer), &hints);
    let found = found.unwrap_or_default();
    found.iter().map(|code| code.getText().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::jpeg::JpegEncoder;

    const TEXT: &str = "https://health.example/?v=3#CAMQAwEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\
        AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";

    fn picture(text: &str) -> GrayImage {
        load(&png(text).expect("a code")).expect("a picture")
    }

    fn as_png(picture: &GrayImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("a picture");
        bytes
    }

    fn read_back(picture: &GrayImage) -> anyhow::Result<String> {
        read_image(&as_png(picture))
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
            assert_eq!(read_image(&png(text).expect("a code")).expect("read"), text);
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
        assert_eq!(read_image(&jpeg).expect("compressed"), TEXT);
        let mut inverted = plain.clone();
        imageops::invert(&mut inverted);
        assert_eq!(read_back(&inverted).expect("inverted"), TEXT);
        let shaded = GrayImage::from_fn(plain.width(), plain.height(), |x, y| {
            let light = 1.0 - 0.7 * x as f32 / plain.width() as f32;
            Luma([(f32::from(plain.get_pixel(x, y).0[0]) * light) as u8])
        });
        assert_eq!(read_back(&shaded).expect("half in the shade"), TEXT);
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
        assert!(read_image(&bytes[..bytes.len() / 2]).is_err(), "cut short");
        assert!(read_image(b"").is_err() && read_image(b"BM......").is_err(), "no picture");
        let long = GrayImage::new(LONGEST_SIDE + 1, 1);
        assert!(read_image(&as_png(&long)).is_err(), "too wide");
    }
}
