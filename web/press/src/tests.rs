//! The papers of a venue, drawn with the fonts that the page fetches.

use noren_posters::Fonts;

use super::*;

const LINK: &str = "https://health.example/?v=3#CAMQAwEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";

fn fonts() -> [Vec<u8>; 4] {
    // As web/build puts them together: names need more characters here than on the command line.
    const PRESS: &str = env!("CARGO_MANIFEST_DIR");
    Fonts::FILES.map(|name| {
        let [own, common] =
            ["fonts", "../../client-cli/fonts"].map(|f| format!("{PRESS}/{f}/{name}"));
        std::fs::read(own).or_else(|_| std::fs::read(common)).expect("a font")
    })
}

fn place(name: &str, issued: &str) -> String {
    serde_json::json!({
        "name": name, "address": "東京都港区芝公園4丁目2-8", "room": null, "kind": "bar",
        "issued": issued, "validFrom": "2026-11-26", "validTo": "2027-11-25",
        "authority": { "name": "みなと保健所", "telephone": "03-6400-0081" },
        "page": "https://health.example/",
    })
    .to_string()
}

fn drawn(paper: &str, place: &str, code: &str, languages: &str) -> Result<Vec<u8>, Failure> {
    let fonts = fonts();
    let fonts = fonts.each_ref().map(Vec::as_slice);
    draw(paper, place, code, languages, fonts).map(|pdf| pdf.to_vec())
}

#[test]
fn every_paper_is_drawn_and_is_the_same_twice() {
    // [PST-1]
    for paper in ["a4", "tent", "screen", "slips", "sheet"] {
        let draw = || drawn(paper, &place("居酒屋 のれん", "2026-11-26"), LINK, "ja, en,pt,vi");
        let pdf = draw().expect(paper);
        assert!(pdf.starts_with(b"%PDF") && pdf == draw().expect(paper), "{paper}");
    }
}

#[test]
fn what_goes_wrong_has_a_code() {
    // [PST-4]
    let fine = place("のれん", "2026-11-26");
    let code = |paper: &str, place: &str, link: &str, tags: &str| {
        drawn(paper, place, link, tags).expect_err("refused").code.name()
    };
    let missing =
        drawn("a4", &place("🍜", "2026-11-26"), LINK, "ja").expect_err("no such character");
    assert_eq!((missing.code, missing.character), (Code::MissingCharacter, Some('🍜')));
    assert_eq!(code("a4", &fine, LINK, ""), "languages");
    assert_eq!(code("a4", &fine, LINK, "ja,tlh"), "languages");
    assert_eq!(code("a4", &fine, &LINK.repeat(60), "ja"), "code-too-long");
    assert_eq!(code("a4", "{}", LINK, "ja"), "place");
    assert_eq!(code("a4", &place("のれん", "26.11.2026"), LINK, "ja"), "place");
    assert_eq!(code("poster", &fine, LINK, "ja"), "failed");
    let refused = draw("a4", &fine, LINK, "ja", [b"no font"; 4]).expect_err("no font");
    assert_eq!(refused.code.name(), "font");
}

#[test]
fn no_failure_repeats_the_code() {
    // [WEB-9]
    let secret = "trace".repeat(2_000);
    let refused =
        drawn("sheet", &place("のれん", "2026-11-26"), &secret, "ja").expect_err("too long");
    assert!(!format!("{refused:?}").contains("trace"), "{refused:?}");
}
