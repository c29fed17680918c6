//! What becomes of a page: printed, photographed, read by programs that are not ours.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use image::imageops;
use image::{GrayImage, Luma};

/// Runs a foreign program, and returns what it prints.
pub(crate) fn tool(name: &str, words: &[&OsStr]) -> String {
    let output = match Command::new(name).args(words).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("{name} is missing: apt-get install poppler-utils zbar-tools")
        }
        output => output.unwrap(),
    };
    assert!(output.status.success(), "{name}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The page of a PDF file as a printer would put it on paper.
pub(crate) fn printed(pdf: &Path, dots_an_inch: u32) -> GrayImage {
    let (out, dots) = (pdf.with_extension("printed"), dots_an_inch.to_string());
    let words = ["-singlefile", "-gray", "-png", "-r", &dots].map(OsStr::new);
    tool("pdftoppm", &[&words[..], &[pdf.as_os_str(), out.as_os_str()]].concat());
    image::open(out.with_extension("printed.png")).unwrap().into_luma8()
}

/// The words of a PDF file.
pub(crate) fn text(pdf: &Path) -> String {
    tool("pdftotext", &["-layout".as_ref(), pdf.as_os_str(), "-".as_ref()])
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

/// The texts of all QR codes that a foreign reader finds in a picture.
pub(crate) fn read_by_zbar(picture: &Path) -> Vec<String> {
    let words = ["--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable"].map(OsStr::new);
    let read = tool("zbarimg", &[&words[..], &[picture.as_os_str()]].concat());
    read.lines().map(str::to_owned).collect()
}

/// How much of a picture is red.
pub(crate) fn share_of_red(picture: &Path) -> f64 {
    let picture = image::open(picture).unwrap().into_rgb8();
    let red = |pixel: &&image::Rgb<u8>| pixel.0[0] > 150 && pixel.0[1] < 80 && pixel.0[2] < 80;
    let count = picture.pixels().filter(red).count();
    count as f64 / f64::from(picture.width() * picture.height())
}
