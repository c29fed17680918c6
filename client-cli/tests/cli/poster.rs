//! Posters and the private sheet through the real binary, printed, blurred, tilted and read by
//! foreign readers and by our own.

use crate::support::office::{Keys, Office, now};
use crate::support::paper;
use crate::support::person::Person;
use image::imageops::{self, FilterType};
use noren::time::Hour;

/// 15:00 UTC on the first of April 2026; in Tokyo the second has begun.
const APRIL: [&str; 2] = ["--now", "1775055600"];
const SETUP: &[&str] = &["venue", "setup", "--authority", "health.profile", "--out", "codes"];
const NAMED: &[&str] =
    &["--name", "居酒屋 のれん", "--address", "1-2-3 Minato", "--room", "2F 大広間"];
const POSTER: &[&str] = &["venue", "poster", "--entry", "codes/entry.txt"];
const SHEET: &[&str] = &["venue", "sheet", "--trace", "codes/trace.txt"];
/// The forms, and the names of their files.
const FORMS: [(&str, &str); 4] =
    [("a4", "poster"), ("tent", "tent"), ("screen", "screen"), ("slips", "slips")];

fn owner_named(names: &[&str]) -> Person {
    let owner = Person::new();
    owner.write("health.profile", Keys::new().profile("Health Office", "https://noren.invalid"));
    owner.json(&[&APRIL, SETUP, names].concat(), b"");
    owner
}

fn owner() -> Person {
    owner_named(NAMED)
}

fn text_of(owner: &Person, file: &str) -> String {
    String::from_utf8(owner.read(file)).unwrap().trim().to_owned()
}

#[test]
fn every_form_is_the_same_twice() {
    // [PST-1] [CLI-7]
    let owner = owner();
    for (form, file) in FORMS {
        for out in ["one", "two"] {
            let words = [&APRIL, POSTER, &["--form", form, "--out", out]].concat();
            let data = owner.json(&words, b"");
            assert_eq!(data["form"], form);
            assert_eq!(data["pdf"], format!("{out}/{file}.pdf"));
        }
        for ending in ["pdf", "png"] {
            let [one, two] =
                ["one", "two"].map(|out| owner.read(&format!("{out}/{file}.{ending}")));
            assert!(one == two, "{file}.{ending}");
        }
        owner
            .noren(&[&APRIL, POSTER, &["--form", form, "--out", "one"]].concat(), b"")
            .fails("not overwritten");
    }
}

#[test]
fn a_printed_poster_is_read() {
    // [PST-2]
    let owner = owner();
    let link = text_of(&owner, "codes/entry.txt");
    let expected = owner.json(&["inspect", &link], b"");
    for (form, file) in FORMS.into_iter().filter(|(form, _)| *form != "slips") {
        owner.json(&[&APRIL, POSTER, &["--form", form]].concat(), b"");
        let pdf = owner.path(&format!("codes/{file}.pdf"));
        // The tent has it on both of its sides.
        let all = vec![link.clone(); if form == "tent" { 2 } else { 1 }];
        assert!(paper::read_by_rqrr(&pdf, all.len()) == all, "rqrr: {form}");
        let pages = paper::printed(&pdf, 150);
        // A second angle for one of them: it is the same code.
        let angles = if form == "a4" { &[-4.0, 3.0][..] } else { &[-3.0] };
        for (page, degrees) in pages.iter().flat_map(|page| angles.iter().map(move |by| (page, by)))
        {
            let seen = paper::tilted_and_blurred(page, *degrees);
            seen.save(owner.path("seen.png")).unwrap();
            let read = paper::read_by_zbar(&owner.path("seen.png"));
            assert!(read.is_none_or(|texts| texts == all), "zbar: {form} {degrees}");
            assert_eq!(owner.json(&["inspect", "seen.png"], b""), expected, "{form} {degrees}");
        }
        // The picture, as it is.
        assert_eq!(owner.json(&["inspect", &format!("codes/{file}.png")], b""), expected);
    }
}

/// A page of slips as they are cut: each alone.
fn cut(page: &image::GrayImage, columns: u32, rows: u32) -> Vec<image::GrayImage> {
    let (width, height) = (page.width() / columns, page.height() / rows);
    let places = (0..columns * rows).map(|number| (number % columns, number / columns));
    places
        .map(|(column, row)| {
            imageops::crop_imm(page, column * width, row * height, width, height).to_image()
        })
        .collect()
}

fn every_slip_is_read(owner: &Person, columns: u32, rows: u32) {
    let link = text_of(owner, "codes/entry.txt");
    let expected = owner.json(&["inspect", &link], b"");
    owner.json(&[&APRIL, POSTER, &["--form", "slips"]].concat(), b"");
    let pdf = owner.path("codes/slips.pdf");
    let all = vec![link; (columns * rows) as usize];
    assert!(paper::read_by_rqrr(&pdf, all.len()) == all, "rqrr");
    assert_eq!(owner.json(&["inspect", "codes/slips.png"], b""), expected);
    for page in paper::printed(&pdf, 300) {
        page.save(owner.path("page.png")).unwrap();
        let read = paper::read_by_zbar(&owner.path("page.png"));
        assert!(read.is_none_or(|texts| texts == all), "zbar: the page");
        for (number, slip) in cut(&page, columns, rows).into_iter().enumerate() {
            paper::tilted_and_blurred(&slip, 3.0).save(owner.path("seen.png")).unwrap();
            let read = paper::read_by_zbar(&owner.path("seen.png"));
            assert!(read.is_none_or(|texts| texts == all[..1]), "zbar: {number}");
            // Ours reads all alike: the first and the last will do.
            if number == 0 || number + 1 == all.len() {
                assert_eq!(owner.json(&["inspect", "seen.png"], b""), expected, "{number}");
            }
        }
    }
}

#[test]
fn every_slip_is_read_and_says_where_it_is_from() {
    // [PST-9]
    let owner = owner();
    every_slip_is_read(&owner, 2, 5);
    for text in paper::texts(&owner.path("codes/slips.pdf")) {
        for words in
            ["居酒屋 のれん", "2F 大広間", "Health Office", "Left at", "https://noren.invalid/"]
        {
            assert_eq!(text.matches(words).count(), 10, "{words} in {text}");
        }
        assert!(!text.contains("1-2-3 Minato"), "a slip gets lost: {text}");
    }
}

#[test]
fn a_slip_for_the_longest_names_is_larger() {
    // [PST-9]
    let [long, room] = [("館", 100), ("室", 32)].map(|(text, count)| text.repeat(count));
    every_slip_is_read(&owner_named(&["--name", &long, "--address", &long, "--room", &room]), 1, 3);
}

#[test]
fn pages_name_whoever_warns() {
    // [PST-10] [PST-11]
    let owner = owner();
    let office = Keys::new().profile_with(
        "Minato Health Office",
        "https://other.invalid",
        &[("en", "https://help.invalid"), ("en", "03-1111-2222"), ("ja", "03-3333-4444")],
    );
    owner.write("office.profile", office);
    let texts = |words: &[&str], file: &str| {
        let data = owner.json(&[&APRIL[..], words].concat(), b"");
        (data["authority"].clone(), paper::texts(&owner.path(file)))
    };
    let named = ["--authority", "office.profile"];
    let poster = [POSTER, &["--out", "en", "--languages", "en,ja"], &named].concat();
    let sheet = [SHEET, &["--out", "ja"], &named].concat();
    for (words, file, number) in
        [(poster, "en/poster.pdf", "03-1111-2222"), (sheet, "ja/trace-sheet.pdf", "03-3333-4444")]
    {
        let (authority, texts) = texts(&words, file);
        assert_eq!(authority, "Minato Health Office");
        for words in ["Minato Health Office", number] {
            assert!(texts.iter().all(|text| text.contains(words)), "{words} in {texts:?}");
        }
        assert!(texts.iter().all(|text| !text.contains("help.invalid")), "{texts:?}");
    }
    // Without the option it is the followed one to whose server the code leads, or nobody.
    let (authority, _) = texts(POSTER, "codes/poster.pdf");
    assert_eq!(authority, "Health Office");
    let elsewhere = ["--base", "https://elsewhere.invalid/", "--name", "a", "--address", "b"];
    owner.json(&[&SETUP[..4], &["--out", "elsewhere"], &elsewhere].concat(), b"");
    let poster = ["venue", "poster", "--entry", "elsewhere/entry.txt"];
    let ran = owner.noren(&poster, b"");
    assert!(ran.code == Some(0) && ran.err.contains("--authority"), "{ran:?}");
}

#[test]
fn set_up_warns_of_addresses_that_no_visitor_should_open() {
    // [PST-12]
    let owner = Person::new();
    for (number, (url, base, words)) in [
        ("http://127.0.0.1:8470", None, Some("the phone itself")),
        ("https://noren.invalid", Some("http://localhost/page"), Some("the phone itself")),
        ("https://noren.invalid", Some("https://[::1]/"), Some("the phone itself")),
        ("http://noren.invalid", None, Some("without encryption")),
        ("http://noren.invalid", Some("https://page.invalid/"), None),
        ("https://noren.invalid", None, None),
    ]
    .into_iter()
    .enumerate()
    {
        let (profile, out) = (format!("{number}.profile"), format!("codes-{number}"));
        owner.write(
            &profile,
            Keys::new().profile_of(&format!("{number}.example/log"), "Office", url),
        );
        let base: Vec<&str> = base.iter().flat_map(|base| ["--base", base]).collect();
        let home = format!("home-{number}");
        let words_typed =
            ["--home", &home, "venue", "setup", "--authority", &profile, "--out", &out];
        let ran = owner.noren(&[&words_typed[..], NAMED, &base].concat(), b"");
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(ran.err.contains("warning:"), words.is_some(), "{ran:?}");
        assert!(words.is_none_or(|words| ran.err.contains(words)), "{ran:?}");
    }
}

#[test]
fn the_longest_names_are_read_as_well() {
    // [PST-2]
    let [long, room] = [("館", 100), ("室", 32)].map(|(text, count)| text.repeat(count));
    let owner = owner_named(&["--name", &long, "--address", &long, "--room", &room]);
    owner.json(&[&APRIL, POSTER].concat(), b"");
    owner.json(&[&APRIL, SHEET].concat(), b"");
    for (file, code) in [("poster", "entry"), ("trace-sheet", "trace")] {
        let expected = text_of(&owner, &format!("codes/{code}.txt"));
        let (pdf, all) = (owner.path(&format!("codes/{file}.pdf")), [expected]);
        assert!(paper::read_by_rqrr(&pdf, 1) == all, "rqrr: {file}");
        // A camera shows a code many times, each a little different: one of a few is enough.
        for page in paper::printed(&pdf, 150) {
            let is_read = [3.0, 2.0, 4.0].into_iter().any(|degrees| {
                let seen = owner.path("seen.png");
                paper::tilted_and_blurred(&page, degrees).save(&seen).unwrap();
                paper::read_by_zbar(&seen).is_none_or(|texts| texts == all)
            });
            assert!(is_read, "zbar: {file}");
            assert_eq!(owner.json(&["inspect", "seen.png"], b"")["name"], long);
        }
    }
}

#[test]
fn picture_and_print_look_the_same() {
    // [PST-1] [PST-2]
    let owner = owner();
    for (form, file, size, dots, fonts) in [
        ("a4", "poster", (2_480, 3_508), 300, 4),
        ("tent", "tent", (2_480, 3_508), 300, 4),
        ("screen", "screen", (3_840, 2_160), 288, 4),
        ("slips", "slips", (2_480, 3_508), 300, 2),
    ] {
        owner.json(&[&APRIL, POSTER, &["--form", form]].concat(), b"");
        let path = owner.path(&format!("codes/{file}.pdf"));
        let picture = image::open(path.with_extension("png")).unwrap().into_luma8();
        assert_eq!(picture.dimensions(), size);
        for printed in paper::printed(&path, dots) {
            // They place glyphs to parts of a pixel, each in its way: a coarser look evens that out.
            let printed = imageops::crop_imm(&printed, 0, 0, size.0, size.1).to_image();
            assert_eq!(printed.dimensions(), size);
            let [one, other] = [&picture, &printed]
                .map(|page| imageops::resize(page, size.0 / 4, size.1 / 4, FilterType::Triangle));
            let differ = one
                .pixels()
                .zip(other.pixels())
                .filter(|(one, other)| one.0[0].abs_diff(other.0[0]) > 90);
            assert_eq!(differ.count(), 0, "{form}");
        }
        paper::is_sharp_everywhere(&path, fonts);
    }
}

#[test]
fn a_poster_says_what_it_has_to() {
    // [PST-3]
    let owner = owner();
    owner.json(&[&APRIL, POSTER, &["--time-zone", "Asia/Tokyo"]].concat(), b"");
    let texts = paper::texts(&owner.path("codes/poster.pdf"));
    for words in [
        "居酒屋 のれん",
        "2F 大広間",
        "1-2-3 Minato",
        "Health Office",
        "https://noren.invalid/",
        "発行日 2026年4月2日",
        "2026年4月2日 – 2027年4月1日",
        "Issued 2 April 2026",
        "感染のおそれがあれば、お知らせします",
        "Infection risk here? We warn you.",
        "入店時にQRコードを",
        "Scan the QR code as you come in",
        "들어오실 때 QR코드를 스캔해 주세요",
        "进入时请扫描二维码",
        "No app, no registration.",
        "Your visit is kept on",
        "No name, no phone number.",
        "Check out when you leave.",
        "退出時にチェックアウトを。",
    ] {
        assert!(texts.iter().all(|text| text.contains(words)), "{words} in {texts:?}");
    }
    owner.json(&[&APRIL, POSTER, &["--languages", "vi,pt", "--out", "other"]].concat(), b"");
    for text in paper::texts(&owner.path("other/poster.pdf")) {
        // Lines break where they fit.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            text.contains("Quét mã QR khi vào") && text.contains("1 de abril de 2026"),
            "{text}"
        );
        assert!(!text.contains("Scan"), "{text}");
    }
    let refused = |more: &[&str], words: &str| {
        owner.noren(&[&APRIL, POSTER, &["--out", "none"], more].concat(), b"").fails(words);
        assert!(!owner.path("none").exists());
    };
    refused(&["--languages", "ja,xx"], "zh-Hans");
    refused(&["--time-zone", "Mars"], "Asia/Tokyo");
    refused(&["--now", "1875055600"], "make a new one");
}

#[test]
fn a_character_that_no_font_has_is_named() {
    // [PST-4]
    let owner = owner_named(&["--name", "\u{20bb8}野家 🍜", "--address", "b"]);
    let refused = owner.noren(&[&APRIL, POSTER].concat(), b"");
    refused.fails("U+20BB8");
    assert!(!owner.path("codes/poster.pdf").exists());
    // A font that has the one and not the other: the built-in one, its last character moved by one.
    let mut font = include_bytes!("../../fonts/names-bold.otf").to_vec();
    let entry = [0x00, 0x02, 0x0b, 0xb7, 0x00, 0x02, 0x0b, 0xb7];
    let at = font.windows(8).position(|bytes| bytes == entry).unwrap();
    (font[at + 3], font[at + 7]) = (0xb8, 0xb8);
    owner.write("brought.otf", &font);
    let brought = [&APRIL, POSTER, &["--font", "brought.otf"]].concat();
    owner.noren(&brought, b"").fails("U+1F35C");
    let owner = owner_named(&["--name", "\u{20bb8}野家", "--address", "b"]);
    owner.write("brought.otf", &font);
    owner.json(&brought, b"");
    let texts = paper::texts(&owner.path("codes/poster.pdf"));
    assert!(texts.iter().all(|text| text.contains("\u{20bb8}野家")), "{texts:?}");
    const NONE: &str = "no font that can be embedded";
    for (name, bytes, words) in [
        ("empty.otf", &b""[..], "--font: the file empty.otf is empty"),
        ("text.otf", b"no font", NONE),
        ("cut.otf", &font[..999], NONE),
    ] {
        owner.write(name, bytes);
        let typed = [&APRIL, POSTER, &["--font", name, "--out", "none"]].concat();
        owner.noren(&typed, b"").fails(words);
    }
}

#[test]
fn marks_and_kana_that_were_taken_apart_are_put_together() {
    // [PST-4]
    let owner =
        owner_named(&["--name", "カ\u{3099} cafe\u{301} 葛\u{e0100}城 髙﨑", "--address", "b"]);
    owner.json(&[&APRIL, POSTER].concat(), b"");
}

#[test]
fn the_private_sheet_cannot_be_taken_for_a_poster() {
    // [PST-5] [PST-6] [CLI-2]
    let owner = owner();
    let secret = text_of(&owner, "codes/trace.txt");
    let ran = owner.noren(&[&APRIL, SHEET].concat(), b"");
    assert!(!ran.out.contains(&secret) && !ran.err.contains(&secret));
    #[cfg(unix)]
    for ending in ["pdf", "png"] {
        use std::os::unix::fs::PermissionsExt as _;
        let path = owner.path(&format!("codes/trace-sheet.{ending}"));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    owner.json(&[&APRIL, POSTER].concat(), b"");
    let red = |file: &str| paper::share_of_red(&owner.path(file));
    assert!(red("codes/trace-sheet.png") > 0.1 && red("codes/poster.png") < 0.001);
    let texts = paper::texts(&owner.path("codes/trace-sheet.pdf"));
    for words in [
        "PRIVATE: DO NOT POST",
        "非公開・掲示禁止",
        "비공개",
        "禁止张贴",
        "居酒屋 のれん",
        "2026年4月1日",
        "photograph",
    ] {
        assert!(texts.iter().all(|text| text.contains(words)), "{words} in {texts:?}");
    }
    assert!(texts.iter().all(|text| !text.contains(&secret[..40])), "the code is no text");
    for code in ["codes/trace-sheet.png", "codes/trace.txt"] {
        let scanned = owner.noren(&["visitor", "check-in", code], b"password\n");
        scanned.fails("private trace code");
        assert!(!scanned.err.contains(&secret[..40]));
        owner
            .noren(&["venue", "poster", "--entry", code, "--out", "none"], b"")
            .fails("private trace code");
    }
    owner
        .noren(&["venue", "sheet", "--trace", "codes/entry.png"], b"")
        .fails("a trace code belongs here");
    owner.noren(&[&APRIL, SHEET].concat(), b"").fails("not overwritten");
}

#[test]
fn an_upload_works_from_a_photograph_of_the_private_sheet() {
    // [PST-2] [VEN-2]
    let office = Office::open();
    let owner = Person::new();
    owner.write("health.profile", office.profile());
    owner.json(&[SETUP, NAMED, &["--from", "yesterday"]].concat(), b"");
    owner.json(SHEET, b"");
    let code = text_of(&owner, "codes/trace.txt");
    let (pdf, all) = (owner.path("codes/trace-sheet.pdf"), [code]);
    assert!(paper::read_by_rqrr(&pdf, 1) == all, "rqrr");
    for page in paper::printed(&pdf, 150) {
        for degrees in [-4.0, 3.0] {
            paper::tilted_and_blurred(&page, degrees).save(owner.path("seen.png")).unwrap();
            let read = paper::read_by_zbar(&owner.path("seen.png"));
            assert!(read.is_none_or(|texts| texts == all), "zbar: {degrees}");
        }
    }
    let start = Hour::containing(now()).start();
    let window = noren::time::Window::new(start.minus(7_200), start).unwrap();
    let (codes, case) = office.ask_aloud(window);
    let words =
        ["venue", "upload", "--yes", "--authority", "health.profile", "--trace", "seen.png"];
    owner.json(&words, codes.as_bytes());
    assert_eq!(office.review(&case).pre_traces.len(), 2);
}
