//! What a page looks like, whoever draws it: nothing covers anything else, everything is on the paper,
//! and what is read at the door is large enough.

use super::*;
use crate::page::{Area, Ink, Mark};
use crate::text::BREAK;

const TAGS: [&str; 6] = ["ja", "en", "ko", "zh-Hans", "pt", "vi"];

/// Every choice of one to four languages, in the order of [`TAGS`].
fn choices() -> Vec<Vec<Texts>> {
    let chosen = |bits: u32| TAGS.iter().enumerate().filter(move |(tag, _)| bits >> tag & 1 == 1);
    (1..1 << TAGS.len())
        .map(|bits| chosen(bits).map(|(_, tag)| *tag).collect::<Vec<_>>())
        .filter(|tags| tags.len() <= texts::MOST)
        .map(|tags| Texts::select(&tags).expect("texts"))
        .collect()
}

/// A link as long as that of a venue with names of usual length, or of the longest.
fn link(payload: usize) -> String {
    format!("https://health.example/?v=3#{}", "Ab3_".repeat(payload / 4))
}

const USUAL_LINK: usize = 400;
const LONGEST_LINK: usize = 1_100;

fn place<'a>(name: &'a str, room: &'a str, address: &'a str) -> Place<'a> {
    let [from, to] = ["2026-11-26", "2027-11-25"].map(|date| date.parse().expect("a date"));
    Place {
        address,
        room: Some(room),
        authority: Some(Authority {
            name: "みなと保健所 Minato Health Office",
            telephone: Some("+81 3-6400-0081"),
        }),
        page: Some("https://health.example/"),
        ..Place::new(name, from, (from, to))
    }
}

fn usual() -> Place<'static> {
    place("Noren Izakaya Shinagawa", "2F 大広間", "東京都港区芝公園4丁目2-8")
}

/// Where lines of text and the code are, and their sizes.
fn taken(page: &Page) -> Vec<(String, f32, Area)> {
    let mut taken = Vec::new();
    for mark in &page.marks {
        match mark {
            Mark::Text { line, x, baseline, size, .. } => {
                let text = line.runs.iter().map(|run| run.text.as_str()).collect();
                let area = Area::new(*x, baseline - 0.74 * size, line.width(*size), 0.74 * size);
                taken.push((text, *size, area));
            }
            Mark::Area { polygons, ink: Ink(0, 0, 0) } => {
                let corners = || polygons.iter().flatten();
                let least = |of: fn(&[f32; 2]) -> f32| corners().map(of).fold(f32::MAX, f32::min);
                let most = |of: fn(&[f32; 2]) -> f32| corners().map(of).fold(f32::MIN, f32::max);
                let (x, y) = (least(|corner| corner[0]), least(|corner| corner[1]));
                let (right, bottom) = (most(|corner| corner[0]), most(|corner| corner[1]));
                taken.push(("the code".to_owned(), 0.0, Area::new(x, y, right - x, bottom - y)));
            }
            Mark::Area { .. } => {}
        }
    }
    taken
}

fn meet(one: Area, other: Area) -> bool {
    one.x < other.right()
        && other.x < one.right()
        && one.y < other.bottom()
        && other.y < one.bottom()
}

#[track_caller]
fn is_tidy(page: &Page, what: &str) {
    let taken = taken(page);
    let paper = Area::new(0.0, 0.0, page.width, page.height).inset(9.0);
    for (number, (text, _, area)) in taken.iter().enumerate() {
        let inside = area.x >= paper.x && area.right() <= paper.right() && area.y >= paper.y;
        assert!(inside && area.bottom() <= paper.bottom(), "{what}: {text} is off the paper");
        for (other, _, place) in taken.iter().take(number) {
            assert!(!meet(*area, *place), "{what}: {text} covers {other}");
        }
    }
}

fn composed<'a>(
    form: Form,
    fonts: &'a Fonts<'a>,
    texts: &[Texts],
    place: &Place<'_>,
    link: &str,
) -> Page {
    compose(form, fonts, texts, place, link).expect("a page").page
}

#[test]
fn nothing_covers_anything_else_in_any_languages() {
    // [PST-10] [PST-9] [PST-11]
    let fonts = Fonts::built_in(None).expect("fonts");
    for texts in choices() {
        let tags: Vec<_> = texts.iter().map(Texts::tag).collect();
        for form in Form::ALL {
            let page = composed(form, &fonts, &texts, &usual(), &link(USUAL_LINK));
            is_tidy(&page, &format!("{form:?} {tags:?}"));
        }
        let sheet =
            compose_sheet(&fonts, &texts, &usual(), &link(USUAL_LINK)).expect("a page").page;
        is_tidy(&sheet, &format!("sheet {tags:?}"));
    }
}

#[test]
fn the_longest_names_leave_room_for_everything() {
    // [PST-10] [PST-9] [PST-11]
    let fonts = Fonts::built_in(None).expect("fonts");
    let texts = Texts::select(&["ja", "en", "ko", "vi"]).expect("texts");
    for letter in ["館", "W", "Noren "] {
        let long = |count: usize| letter.repeat(count).chars().take(count).collect::<String>();
        let (name, room) = (long(100), long(32));
        let place = place(name.trim(), room.trim(), name.trim());
        let link = link(LONGEST_LINK);
        for form in Form::ALL {
            let page = composed(form, &fonts, &texts, &place, &link);
            is_tidy(&page, &format!("{form:?} {letter}"));
        }
        is_tidy(&compose_sheet(&fonts, &texts, &place, &link).expect("a page").page, letter);
    }
}

/// The sizes at which sentences stand on a page, by their first words.
fn sizes<'a>(page: &Page, sentences: impl Iterator<Item = &'a str>) -> Vec<(String, f32)> {
    let taken = taken(page);
    let begins = |sentence: &str| {
        let sentence = sentence.replace(BREAK, "");
        let mut lines = taken.iter().filter(|(text, _, _)| sentence.starts_with(text.as_str()));
        let (text, size, _) = lines.next().expect("the sentence is on the page");
        (text.clone(), *size)
    };
    sentences.map(begins).collect()
}

#[test]
fn what_is_read_at_the_door_is_large() {
    // [PST-10]
    let fonts = Fonts::built_in(None).expect("fonts");
    for texts in choices() {
        for (payload, least) in [(USUAL_LINK, 18.0), (LONGEST_LINK, 14.0)] {
            let page = composed(Form::A4, &fonts, &texts, &usual(), &link(payload));
            let sentences = texts.iter().flat_map(|texts| {
                let more = [&*texts.easy, &texts.stored, &texts.omitted, &texts.leave];
                [&*texts.warned, texts.scan(false)].into_iter().chain(more)
            });
            for (text, size) in sizes(&page, sentences) {
                assert!(size >= least, "{text} has {size} points");
            }
        }
    }
}

#[test]
fn a_code_on_paper_has_modules_that_a_phone_sees() {
    // [PST-2] [PST-9]
    let fonts = Fonts::built_in(None).expect("fonts");
    for texts in choices() {
        for (payload, least) in [(USUAL_LINK, 1.4), (LONGEST_LINK, 1.25)] {
            let modules = Symbol::new(&link(payload)).expect("a code").side() as f32;
            let pages = [Form::A4, Form::Tent, Form::Slips]
                .map(|form| (form, composed(form, &fonts, &texts, &usual(), &link(payload))));
            for (form, page) in pages {
                for (_, _, code) in taken(&page).iter().filter(|(text, _, _)| text == "the code") {
                    let module = code.width / modules;
                    assert!(module >= least, "{form:?}: {module} points, {modules} modules");
                }
            }
            // The sheet's code is also photographed from a screen, tilted.
            let sheet = compose_sheet(&fonts, &texts, &usual(), &link(payload));
            let sheet = sheet.expect("a page").page;
            for (_, _, code) in taken(&sheet).iter().filter(|(text, _, _)| text == "the code") {
                let module = code.width / modules;
                assert!(module >= 2.4, "sheet: {module} points, {modules} modules");
            }
        }
    }
}

#[test]
fn who_enters_to_eat_and_who_enters_to_look_are_told_in_their_words() {
    let fonts = Fonts::built_in(None).expect("fonts");
    let texts = Texts::select(&["ja"]).expect("texts");
    let says = |kind: Option<&'static str>, words: &str| {
        let page =
            composed(Form::A4, &fonts, &texts, &Place { kind, ..usual() }, &link(USUAL_LINK));
        taken(&page).iter().any(|(text, _, _)| text.contains(words))
    };
    assert!(says(None, "入店時に") && says(Some("bar"), "入店時に"));
    assert!(says(Some("theatre"), "入場時に") && !says(Some("theatre"), "入店時に"));
}

#[test]
fn a_code_for_which_a_slip_has_no_room_is_refused() {
    // [PST-9]
    let fonts = Fonts::built_in(None).expect("fonts");
    let texts = Texts::select(&["ja"]).expect("texts");
    let composed = |link: &str| compose(Form::Slips, &fonts, &texts, &usual(), link).err();
    assert_eq!(composed(&link(2_200)), Some(PosterError::TooDense));
    assert_eq!(composed(&link(3_000)), Some(PosterError::TooLong));
}

/// The page's sentences in a language, as their sources.
fn page_texts(tag: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/src/texts");
    let read = |name: String| std::fs::read_to_string(format!("{folder}/{name}.ts"));
    [read(tag.to_owned()), read(format!("owner-{tag}"))].map(|text| text.expect("texts")).concat()
}

#[test]
fn paper_calls_the_buttons_of_the_page_by_their_names() {
    // [PST-14] [PST-15]
    for tag in TAGS {
        let [texts] = &Texts::select(&[tag]).expect("texts")[..] else { panic!("one language") };
        let page = page_texts(tag);
        let is_one = |key: &str, words: &str| page.contains(&format!("{key}: \"{words}\","));
        assert!(is_one("slip", &texts.slip_check), "{tag}: {}", texts.slip_check);
        let way = texts.answer("ADDRESS");
        let [_, owner, answer] = way.split(" → ").collect::<Vec<_>>()[..] else {
            panic!("{way}")
        };
        assert!(is_one("owner", owner) && is_one("answer", answer), "{tag}: {way}");
        // One checks out by the word that the poster has for it.
        let line = page.lines().find_map(|line| line.trim().strip_prefix("checkOut: \""));
        let pressed = line.expect("a button").trim_end_matches("\",").to_lowercase();
        let leave = texts.leave.replace(BREAK, "").replace('\u{a0}', " ").to_lowercase();
        let word = pressed.split(' ').next_back().filter(|word| word.contains('-'));
        assert!(leave.contains(word.unwrap_or(&pressed)), "{tag}: {leave} is not {pressed}");
    }
}

#[test]
fn a_sheet_says_how_to_answer_and_a_slip_how_to_check() {
    // [PST-14] [PST-15]
    let fonts = Fonts::built_in(None).expect("fonts");
    let texts = Texts::select(&["en", "ja", "ko"]).expect("texts");
    let words = |page: &Page| {
        let lines = taken(page).into_iter().map(|(text, _, _)| text);
        lines.collect::<Vec<_>>().join(" ").replace(BREAK, "")
    };
    let sheet = |place: &Place<'_>| {
        words(&compose_sheet(&fonts, &texts, place, &link(USUAL_LINK)).expect("a page").page)
    };
    let told = "To answer: https://health.example/ → I run a venue → Answer the authority";
    assert!(sheet(&usual()).contains(told), "{}", sheet(&usual()));
    assert!(sheet(&Place { authority: None, ..usual() }).contains(told));
    assert!(!sheet(&Place { page: None, ..usual() }).contains("To answer"));
    // Nobody is told to call a number that is not there.
    let authority = Some(Authority { name: "Minato", telephone: None });
    assert!(sheet(&usual()).contains("Hang up"));
    assert!(!sheet(&Place { authority, ..usual() }).contains("Hang up"));
    let slips = words(&composed(Form::Slips, &fonts, &texts, &usual(), &link(USUAL_LINK)));
    assert!(slips.contains("https://health.example/ → Check a paper slip"), "{slips}");
}

#[test]
fn words_that_vietnamese_writes_apart_stay_together() {
    // [PST-10]
    let fonts = Fonts::built_in(None).expect("fonts");
    for tags in [&["vi"][..], &["ja", "en", "ko", "vi"]] {
        let texts = Texts::select(tags).expect("texts");
        let page = composed(Form::A4, &fonts, &texts, &usual(), &link(USUAL_LINK));
        let lines: Vec<_> = taken(&page).into_iter().map(|(text, _, _)| text).collect();
        for word in ["mã\u{a0}hóa", "điện\u{a0}thoại"] {
            assert!(lines.iter().any(|line| line.contains(word)), "{word}: {lines:?}");
        }
    }
}
