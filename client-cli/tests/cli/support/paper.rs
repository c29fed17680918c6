//! What becomes of a page: printed, photographed, read by crates and programs that are not ours.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use image::imageops;
use image::{GrayImage, Luma};
use noren_skipped::skipped;

use super::pdf;

/// Runs a foreign program, and returns what it prints; `None` where it is not installed. No test may
/// need one: what it says of a page comes on top of what crates say.
pub(crate) fn foreign_program(name: &str, words: &[&OsStr]) -> Option<String> {
    let output = match Command::new(name).args(words).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            skipped(name);
            return None;
        }
        output => output.unwrap(),
    };
    // With 4, zbarimg says that a picture has no code that it can read.
    let has_no_code = name == "zbarimg" && output.status.code() == Some(4);
    assert!(output.status.success() || has_no_code, "{name}: {output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The page of a PDF file as a printer would put it on paper, once for each renderer that there is.
pub(crate) fn printed(pdf: &Path, dots_an_inch: u32) -> Vec<GrayImage> {
    let mut pages = vec![pdf::printed(pdf, dots_an_inch)];
    let (out, dots) = (pdf.with_extension("printed"), dots_an_inch.to_string());
    let words = ["-singlefile", "-gray", "-png", "-r", &dots].map(OsStr::new);
    if foreign_program("pdftoppm", &[&words[..], &[pdf.as_os_str(), out.as_os_str()]].concat())
        .is_some()
    {
        pages.push(image::open(out.with_extension("printed.png")).unwrap().into_luma8());
    }
    pages
}

/// The words of a PDF file, once for each reader that there is.
pub(crate) fn texts(pdf: &Path) -> Vec<String> {
    let more = foreign_program("pdftotext", &["-layout".as_ref(), pdf.as_os_str(), "-".as_ref()]);
    [pdf::text(pdf)].into_iter().chain(more).collect()
}

/// All fonts are in the file, as subsets that say what their glyphs mean, and no part of the page is
/// a bitmap.
pub(crate) fn is_sharp_everywhere(pdf: &Path, fonts: usize) {
    assert_eq!(pdf::fonts(pdf), vec![(true, true); fonts]);
    assert_eq!(pdf::pictures(pdf), 0, "the code is no bitmap");
    if let Some(listed) = foreign_program("pdffonts", &[pdf.as_os_str()]) {
        let listed: Vec<_> = listed.lines().skip(2).collect();
        assert_eq!(listed.len(), fonts, "{listed:?}");
        assert!(listed.iter().all(|font| font.contains(" yes yes yes ")), "embedded: {listed:?}");
    }
    if let Some(images) = foreign_program("pdfimages", &["-list".as_ref(), pdf.as_os_str()]) {
        assert_eq!(images.lines().count(), 2, "the code is no bitmap: {images}");
    }
}

/// A photograph that was not held straight and is not sharp.
pub(crate) fn tilted_and_blurred(page: &GrayImage, degrees: f32) -> GrayImage {
    let (width, height) = (page.width() as f32, page.height() as f32);
    let (sin, cos) = degrees.to_radians().sin_cos();
    let turned = GrayImage::from_fn(page.width(), page.height(), |x, y| {
        let (x, y) = (x as f32 - width / 2.0, y as f32 - height / 2.0);
        let (x, y) = (cos * x + sin * y + width / 2.0, cos * y - sin * x + height / 2.0);
        imageops::interpolate_bilinear(page, x, y).unwrap_or(Luma([200]))
    });
    imageops::fast_blur(&turned, 1.2)
}

/// The texts of all QR codes on the page of a PDF file that lies straight, as a crate finds them that is
/// not ours. It wants more dots for a module than others do, and at some sizes takes a letter for a
/// corner of a code: the print in which it sees most counts. What a coarse print still says is for
/// our own reader and zbar. It stops looking once it has seen so many codes.
pub(crate) fn read_by_rqrr(pdf: &Path, codes: usize) -> Vec<String> {
    let mut most = Vec::new();
    for dots_an_inch in [300, 240, 200, 360] {
        let read = seen_by_rqrr(&pdf::printed(pdf, dots_an_inch));
        if read.len() > most.len() {
            most = read;
        }
        if most.len() >= codes {
            break;
        }
    }
    most
}

fn seen_by_rqrr(page: &GrayImage) -> Vec<String> {
    let (width, height) = (page.width() as usize, page.height() as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        page.get_pixel(x as u32, y as u32).0[0]
    });
    let codes = prepared.detect_grids();
    codes.iter().filter_map(|code| Some(code.decode().ok()?.1)).collect()
}

/// The same in a photograph by zbar, which copes with more than rqrr, and may find nothing; `None` where it
/// is not installed.
pub(crate) fn read_by_zbar(picture: &Path) -> Option<Vec<String>> {
    let words = ["--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable"].map(OsStr::new);
    let read = foreign_program("zbarimg", &[&words[..], &[picture.as_os_str()]].concat())?;
    Some(read.lines().map(str::to_owned).collect())
}

/// How much of a picture is red.
pub(crate) fn share_of_red(picture: &Path) -> f64 {
    let picture = image::open(picture).unwrap().into_rgb8();
    let red = |pixel: &&image::Rgb<u8>| pixel.0[0] > 150 && pixel.0[1] < 80 && pixel.0[2] < 80;
    let count = picture.pixels().filter(red).count();
    count as f64 / f64::from(picture.width() * picture.height())
}
