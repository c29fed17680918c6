//! The files that people have: kinds of pictures, codes beside others, names of files, dates of
//! spreadsheets.

use std::ffi::OsStr;
use std::io::Cursor;
use std::os::unix::ffi::OsStrExt as _;

use image::{
    DynamicImage, GrayAlphaImage, GrayImage, ImageFormat, Luma, LumaA, RgbaImage, imageops,
};
use qrcode::QrCode;

use crate::support::office::Keys;
use crate::support::person::{Person, Ran};

/// A venue's owner, with the codes of two rooms.
fn owner() -> Person {
    let owner = Person::new();
    owner.write("health.profile", Keys::new().profile("Office", "https://noren.invalid"));
    for name in ["one", "other"] {
        let setup = ["venue", "setup", "--authority", "health.profile", "--address", "Minato"];
        owner.json(&[&setup[..], &["--name", name, "--out", name]].concat(), b"");
    }
    owner
}

fn poster(owner: &Person, name: &str) -> GrayImage {
    image::open(owner.path(&format!("{name}/entry.png"))).unwrap().into_luma8()
}

fn foreign(text: &str) -> GrayImage {
    let code = QrCode::new(text).unwrap();
    let (side, colors) = (u32::try_from(code.width()).unwrap(), code.to_colors());
    GrayImage::from_fn(8 * (side + 8), 8 * (side + 8), |x, y| {
        let module = |at: u32| (at / 8).checked_sub(4).filter(|at| *at < side);
        let dark = module(x)
            .zip(module(y))
            .is_some_and(|(x, y)| colors[(y * side + x) as usize] == qrcode::Color::Dark);
        Luma([if dark { 0 } else { 255 }])
    })
}

fn saved(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.into().write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// Pictures beside each other on white.
fn beside(pictures: &[&GrayImage]) -> GrayImage {
    let width = pictures.iter().map(|picture| picture.width() + 40).sum();
    let height = pictures.iter().map(|picture| picture.height()).max().unwrap();
    let mut all = GrayImage::from_pixel(width, height, Luma([255]));
    let mut x = 0;
    for picture in pictures {
        imageops::overlay(&mut all, *picture, x, 0);
        x += i64::from(picture.width() + 40);
    }
    all
}

/// A PNG with a palette of black, and of white that is transparent or the other way round.
fn with_palette(poster: &GrayImage, cover: [u8; 2]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, poster.width(), poster.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(vec![0, 0, 0, 255, 255, 255]);
    encoder.set_trns(cover.to_vec());
    let indices: Vec<u8> = poster.pixels().map(|pixel| u8::from(pixel.0[0] > 127)).collect();
    encoder.write_header().unwrap().write_image_data(&indices).unwrap();
    bytes
}

/// How dark modules and light ones are drawn: light and cover.
fn drawn(poster: &GrayImage, dark: [u8; 2], light: [u8; 2]) -> GrayAlphaImage {
    GrayAlphaImage::from_fn(poster.width(), poster.height(), |x, y| {
        LumaA(if poster.get_pixel(x, y).0[0] < 128 { dark } else { light })
    })
}

#[test]
fn pictures_on_a_transparent_background_and_in_webp_are_read() {
    // [CLI-40]
    let owner = owner();
    let poster = poster(&owner, "one");
    let expected = owner.json(&["inspect", "one/entry.png"], b"");
    let (ink, light) = ([0, 255], [255, 255]);
    let rgba = RgbaImage::from_fn(poster.width(), poster.height(), |x, y| {
        let is_dark = poster.get_pixel(x, y).0[0] < 128;
        image::Rgba(if is_dark { [20, 0, 60, 255] } else { [0, 0, 0, 0] })
    });
    let deep = DynamicImage::from(drawn(&poster, ink, [0, 0])).into_luma_alpha16();
    for (what, bytes) in [
        ("grey, light is transparent black", saved(drawn(&poster, ink, [0, 0]), ImageFormat::Png)),
        (
            "grey, light is transparent white",
            saved(drawn(&poster, ink, [255, 0]), ImageFormat::Png),
        ),
        ("dark is transparent", saved(drawn(&poster, [255, 0], light), ImageFormat::Png)),
        ("light on nothing, inverted", saved(drawn(&poster, light, [255, 0]), ImageFormat::Png)),
        ("half transparent", saved(drawn(&poster, [0, 160], [0, 0]), ImageFormat::Png)),
        ("colours", saved(rgba.clone(), ImageFormat::Png)),
        ("16 bits", saved(deep, ImageFormat::Png)),
        ("palette, light is transparent", with_palette(&poster, [255, 0])),
        ("palette, dark is transparent", with_palette(&poster, [0, 255])),
        ("WebP", saved(DynamicImage::from(poster.clone()).into_rgb8(), ImageFormat::WebP)),
        ("transparent WebP", saved(rgba, ImageFormat::WebP)),
    ] {
        owner.write("picture", bytes);
        let ran = owner.noren(&["--json", "inspect", "picture"], b"");
        assert_eq!(ran.code, Some(0), "{what}: {ran:?}");
        let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn one_code_of_norens_beside_others_is_taken_and_of_two_none() {
    // [CLI-40]
    let owner = owner();
    let [one, other] = ["one", "other"].map(|name| poster(&owner, name));
    let wifi = foreign("WIFI:S:Guests;T:WPA;P:12345678;;");
    let film = foreign("https://www.youtube.com/watch?v=dQw4w9WgXcQ");
    let expected = owner.json(&["inspect", "one/entry.png"], b"");
    for pictures in [&[&wifi, &one][..], &[&one, &wifi], &[&wifi, &one, &film], &[&one, &one]] {
        owner.write("picture.png", saved(beside(pictures), ImageFormat::Png));
        assert_eq!(owner.json(&["inspect", "picture.png"], b""), expected);
        assert_eq!(owner.noren(&["visitor", "check-in", "picture.png"], b"").code, Some(0));
    }
    let refused = |pictures: &[&GrayImage], words: &str| {
        owner.write("picture.png", saved(beside(pictures), ImageFormat::Png));
        owner.noren(&["inspect", "picture.png"], b"").fails(words);
        owner.noren(&["visitor", "check-in", "picture.png"], b"").fails(words);
    };
    refused(&[&one, &other], "several QR codes of Noren's");
    refused(&[&one, &wifi, &other], "several QR codes of Noren's");
    let menu = foreign("https://menu.example/today");
    refused(&[&wifi, &menu], "2 QR codes");
}

#[test]
fn files_that_hold_no_code_that_can_be_read_are_told_as_what_they_are() {
    // [CLI-40]
    let owner = owner();
    let printed = owner.json(&["venue", "poster", "--entry", "one/entry.txt", "--out", "a4"], b"");
    let pdf = std::fs::read(owner.path(printed["pdf"].as_str().unwrap())).unwrap();
    let files: [(&str, Vec<u8>, &str, &str); 9] = [
        ("a.svg", owner.read("one/entry.svg"), "SVG", "entry.png"),
        ("a.pdf", pdf, "PDF", "entry.png"),
        ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(), "HEIC", "JPEG"),
        ("a.avif", b"\0\0\0\x1cftypavif\0\0\0\0mif1miaf".to_vec(), "AVIF", "PNG or JPEG"),
        ("a.gif", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), "GIF", "PNG or JPEG"),
        ("a.bmp", b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0".to_vec(), "BMP", "PNG or JPEG"),
        ("a.tiff", b"II*\0\x08\0\0\0".to_vec(), "TIFF", "PNG or JPEG"),
        ("a.docx", b"PK\x03\x04\x14\0".to_vec(), "office program", "screenshot"),
        ("a.html", b"<!DOCTYPE html><html></html>".to_vec(), "page of the web", "screenshot"),
    ];
    let commands: [&[&str]; 4] = [
        &["inspect"],
        &["visitor", "check-in"],
        &["venue", "poster", "--out", "p", "--entry"],
        &["venue", "sheet", "--out", "s", "--trace"],
    ];
    for (name, bytes, what, instead) in files {
        owner.write(name, bytes);
        for words in commands {
            let ran = owner.noren(&[words, &[name]].concat(), b"");
            assert!(
                ran.err.contains(what) && ran.err.contains(instead),
                "{words:?} {name}: {ran:?}"
            );
            assert_eq!(ran.code, Some(2), "{words:?} {name}");
        }
    }
}

fn run(owner: &Person, words: &[&str], last: &OsStr) -> Ran {
    let output = owner.command(words).arg(last).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn names_of_files_need_not_be_utf_8_and_are_shown_clean() {
    // [CLI-40] [CLI-5]
    let owner = owner();
    let name = OsStr::from_bytes(b"caf\xe9 \x1b[2J\n.png");
    let path = |name: &OsStr| owner.path("").join(name);
    let reads: [(&[&str], &str); 8] = [
        (&["inspect"], "one/entry.png"),
        (&["visitor", "check-in"], "one/entry.png"),
        (&["venue", "inspect"], "one/entry.png"),
        (&["venue", "poster", "--out", "p", "--entry"], "one/entry.png"),
        (&["venue", "sheet", "--out", "s", "--trace"], "one/trace.txt"),
        (&["visitor", "follow"], "health.profile"),
        (
            &["venue", "setup", "--name", "N", "--address", "A", "--out", "n", "--authority"],
            "health.profile",
        ),
        (&["authority", "policy", "check"], ""),
    ];
    for (words, source) in reads {
        let missing = run(&owner, words, name);
        assert_eq!(missing.code, Some(2), "{words:?}: {missing:?}");
        assert!(missing.err.contains("caf\u{fffd} \\u{1b}[2J\\u{a}.png"), "{words:?}: {missing:?}");
        if source.is_empty() {
            continue;
        }
        std::fs::copy(owner.path(source), path(name)).unwrap();
        let ran = run(&owner, words, name);
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
        // Something else in its place.
        std::fs::write(path(name), b"\xff\xfe nothing").unwrap();
        let ran = run(&owner, words, name);
        assert!(!ran.err.contains('\u{1b}') && !ran.out.contains('\u{1b}'), "{words:?}: {ran:?}");
        assert!(!matches!(ran.code, None | Some(0 | 101)), "{words:?}: {ran:?}");
        std::fs::remove_file(path(name)).unwrap();
    }
}

#[test]
fn dates_that_a_spreadsheet_has_rewritten_are_read() {
    // [TIME-11]
    let owner = owner();
    let year = 2_000 + 1 + jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year() - 2_000;
    owner.json(
        &[
            "organisation",
            "setup",
            "--authority",
            "health.profile",
            "--out",
            "chain",
            "--cost",
            "64,1,1",
        ],
        b"correct horse battery staple\n",
    );
    let add = |from: &str, out: &str| {
        owner.write(
            "rooms.csv",
            format!("\u{feff}name,address,from,to,,\nBar,Minato,{from},{year}/12/02,,\n"),
        );
        let words =
            ["organisation", "add", "--organisation", "chain", "--authority", "health.profile"];
        let rest = ["--csv", "rooms.csv", "--out", out];
        owner.noren(&[&words[..], &rest].concat(), b"correct horse battery staple\n")
    };
    for (number, from) in ["Y/12/01 10:00", "Y/12/1 9:05", "Y-12-01T10:00:00", "Y年12月1日 10:00"]
        .into_iter()
        .enumerate()
    {
        let ran = add(&from.replace('Y', &year.to_string()), &format!("rooms{number}"));
        assert_eq!(ran.code, Some(0), "{from}: {ran:?}");
    }
    add(&format!("12/01/{year}"), "never").fails(&format!("{year}-12-01 or {year}-01-12"));
    add(&format!("1.12.{year}"), "never").fails(&format!("{year}-01-12 or {year}-12-01"));
}
