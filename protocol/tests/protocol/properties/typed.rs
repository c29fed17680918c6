//! What people type, paste and scan: many forms of one code, one link.

use noren::messages::{EntryCode, MessageError, TraceCode, UploadCode, WindowCode, read_codes};
use noren::time::{UnixSeconds, Window};

use super::worlds::{fixed_codes, rng};

/// The full-width forms that a Japanese keyboard gives for letters, digits and the hyphen.
fn wide(text: &str) -> String {
    let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).expect("a full-width form");
    text.chars().map(wide).collect()
}

#[test]
fn a_code_is_read_however_it_was_typed() {
    // [VEN-4] [VEN-6]
    let code = UploadCode::generate(&mut rng(5));
    let text = code.to_text().to_string();
    let at = |seconds| UnixSeconds::new(seconds).expect("a time");
    let window = Window::new(at(1_775_066_400), at(1_775_070_000)).expect("a window");
    let window = WindowCode::within(window).expect("a window code");
    let both = format!("{text} {}", window.to_text(&code));
    let forms: [fn(&str) -> String; 16] = [
        |text| text.to_lowercase(),
        |text| text.replace('-', " "),
        |text| text.replace('-', ""),
        |text| text.replace('-', "\u{3000}"),
        |text| text.replace('-', "\t"),
        |text| text.replace('-', "ー"),
        |text| text.replace('-', "－"),
        |text| text.replace('-', "–"),
        |text| text.replace('-', "−"),
        |text| text.replace('-', "ｰ"),
        |text| format!("\u{feff}{text}\r\n"),
        |text| text.replace('-', "\u{200b}-\u{a0}"),
        |text| wide(&text.replace(' ', "-")),
        |text| wide(&text.replace(' ', "-").to_lowercase()),
        |text| text.replace('0', "O").replace('1', "l"),
        |text| text.replace('0', "ｏ").replace('1', "Ｉ"),
    ];
    for form in forms {
        let typed = form(&text);
        assert_eq!(typed.parse::<UploadCode>().as_ref(), Ok(&code), "{typed:?}");
        let typed = form(&both);
        assert_eq!(read_codes(&typed), Ok((code.clone(), Some(window))), "{typed:?}");
    }
    for other in ["ア", "!", "Ü", "Ｕ", "é"] {
        let typed = format!("{other}{}", text.get(1..).expect("the rest"));
        assert!(typed.parse::<UploadCode>().is_err(), "{typed}");
    }
}

#[test]
fn links_and_codes_are_read_with_what_editors_put_around_them() {
    // [MSG-7]
    let (entry, trace) = fixed_codes();
    let link = entry.to_url("https://noren.example/e").expect("a link");
    for around in ["\u{feff}{}", " {}\r\n", "\u{3000}{}\u{200b}", "\n\n{}\t", "\u{200e}{}\u{2060}"]
    {
        let typed = around.replace("{}", &link);
        assert_eq!(EntryCode::from_url(&typed).as_ref(), Ok(&entry), "{around:?}");
        let typed = around.replace("{}", &trace.to_text());
        let read = TraceCode::from_text(&typed).map(|code| code.to_bytes());
        assert_eq!(read, Ok(trace.to_bytes()), "{around:?}");
    }
    for scheme in ["HTTPS", "Https", "HTTP", "http"] {
        let typed = link.replacen("https", scheme, 1);
        assert_eq!(EntryCode::from_url(&typed).as_ref(), Ok(&entry), "{scheme}");
    }
    for scheme in ["ftp", "httpss", "", "javascript", "https:"] {
        let typed = link.replacen("https", scheme, 1);
        assert!(matches!(EntryCode::from_url(&typed), Err(MessageError::Link(_))), "{scheme}");
    }
}
