//! QR codes through the real binary: what `venue setup` prints, `inspect` reads from photographs.

use crate::support::office::Keys;
use crate::support::person::Person;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};

const SETUP: &[&str] = &["venue", "setup", "--authority", "health.profile", "--address", "Minato"];

fn owner() -> Person {
    let owner = Person::new();
    owner.write("health.profile", Keys::new().profile("Office", "https://noren.invalid"));
    owner
}

fn poster(owner: &Person, name: &str, out: &str) -> GrayImage {
    owner.json(&[SETUP, &["--name", name, "--out", out]].concat(), b"");
    image::open(owner.path(&format!("{out}/entry.png"))).unwrap().into_luma8()
}

/// As a telephone sees a poster: at an angle, smaller, out of focus, in the evening, compressed.
fn photograph(poster: &GrayImage) -> Vec<u8> {
    let (width, height) = (poster.width() as f32, poster.height() as f32);
    let side = poster.width() * 2;
    let scene = GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = (x as f32 - side as f32 / 2.0, y as f32 - side as f32 / 2.0);
        // Turned by some seven degrees, and further away at the top.
        let away = 1.0 - 0.15 * y / side as f32;
        let (x, y) = (away * (x + 0.12 * y) + width / 2.0, away * (y - 0.12 * x) + height / 2.0);
        let inside = x >= 0.0 && y >= 0.0;
        let pixel = inside.then(|| poster.get_pixel_checked(x as u32, y as u32)).flatten();
        let light = 0.35 + 0.5 * x.max(0.0) / side as f32;
        Luma([(f32::from(pixel.map_or(140, |pixel| pixel.0[0])) * light) as u8])
    });
    let scene = imageops::resize(&scene, side * 2 / 3, side * 2 / 3, FilterType::Triangle);
    let mut jpeg = Vec::new();
    let blurred = imageops::fast_blur(&scene, 1.5);
    JpegEncoder::new_with_quality(&mut jpeg, 40).encode_image(&blurred).unwrap();
    jpeg
}

#[test]
fn a_poster_is_read_from_a_photograph() {
    let owner = owner();
    let poster = poster(&owner, "暖簾 Izakaya", "codes");
    let link = String::from_utf8(owner.read("codes/entry.txt")).unwrap();
    let expected = owner.json(&["inspect", link.trim()], b"");
    owner.write("photograph.jpg", photograph(&poster));
    assert_eq!(owner.json(&["inspect", "photograph.jpg"], b""), expected);
    assert_eq!(owner.json(&["inspect", "-"], &owner.read("codes/entry.png")), expected);
}

#[test]
fn a_picture_of_two_codes_or_of_none_says_what_to_do() {
    // [CLI-3]
    let owner = owner();
    let [one, other] = ["one", "other"].map(|name| poster(&owner, name, name));
    let mut both = GrayImage::from_pixel(one.width() * 2, one.height(), Luma([255]));
    imageops::overlay(&mut both, &one, 0, 0);
    imageops::overlay(&mut both, &other, i64::from(one.width()), 0);
    both.save(owner.path("both.png")).unwrap();
    owner.noren(&["inspect", "both.png"], b"").fails("several QR codes");
    GrayImage::from_pixel(300, 200, Luma([128])).save(owner.path("grey.png")).unwrap();
    owner.noren(&["inspect", "grey.png"], b"").fails("better light");
}

#[test]
fn a_picture_that_would_fill_the_memory_is_refused() {
    let owner = owner();
    GrayImage::new(12_001, 2).save(owner.path("wide.png")).unwrap();
    owner.noren(&["inspect", "wide.png"], b"").fails("too large");
    let mut png = owner.read("wide.png");
    png.truncate(60);
    owner.noren(&["inspect", "-"], &png).fails("damaged");
}

/// A PNG whose header says so many pixels; there is hardly anything in it.
fn png_that_says(width: u32, height: u32) -> Vec<u8> {
    let mut png = Vec::new();
    GrayImage::new(8, 8)
        .write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)
        .unwrap();
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = png[12..29].iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    });
    png[29..33].copy_from_slice(&(!crc).to_be_bytes());
    png
}

/// A JPEG whose header says so many pixels.
fn jpeg_that_says(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 40).encode_image(&GrayImage::new(8, 8)).unwrap();
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

#[test]
fn pictures_that_say_much_and_hold_little_are_refused_by_every_command() {
    // [CLI-27]
    let owner = owner();
    let pictures = [
        png_that_says(50_000, 50_000),
        png_that_says(11_000, 11_000),
        png_that_says(u32::MAX >> 1, 1),
        jpeg_that_says(50_000, 50_000),
        jpeg_that_says(u16::MAX, 1),
    ];
    let commands: [&[&str]; 4] = [
        &["inspect", "bomb"],
        &["visitor", "check-in", "bomb"],
        &["venue", "poster", "--entry", "bomb", "--out", "poster"],
        &["venue", "sheet", "--trace", "bomb", "--out", "sheet"],
    ];
    for picture in pictures {
        owner.write("bomb", picture);
        for words in commands {
            owner.noren(words, b"").fails("too large");
        }
    }
}

#[test]
fn a_wall_of_finder_patterns_is_no_code_and_some_hide_none() {
    // [CLI-27]
    let owner = owner();
    let wall = |side: u32, module: u32| {
        GrayImage::from_fn(side, side, |x, y| {
            let (x, y) = (x / module % 9, y / module % 9);
            let ring = x.abs_diff(3).max(y.abs_diff(3));
            Luma([if x < 7 && y < 7 && ring != 2 { 0 } else { 255 }])
        })
    };
    for (side, module) in [(1_200, 3), (2_400, 2)] {
        wall(side, module).save(owner.path("wall.png")).unwrap();
        // There is none, or it takes too long to say so on a slow machine.
        owner.noren(&["inspect", "wall.png"], b"").fails("crop it to the code");
    }
    let poster = poster(&owner, "Bar", "codes");
    // Some of them beside a code are not in its way.
    let mut both = wall(1_600, 60);
    imageops::overlay(&mut both, &poster, 100, 100);
    both.save(owner.path("both.png")).unwrap();
    let expected = owner.json(&["inspect", "codes/entry.png"], b"");
    assert_eq!(owner.json(&["inspect", "both.png"], b""), expected);
}
