//! Codes: what a camera sees, what people type and keep.

use noren::messages::{
    EntryCode, TraceCode, UploadCode, decode_link, decode_payload, encode_link, read_codes,
};
use noren::text::{is_blank, is_refused, trimmed};
use noren::venue::Organisation;

/// The longest text of a QR code in bytes.
const LONGEST_LINK: usize = 2_953;
const BASE: &str = "https://noren.example";

/// A payload. [MSG-1] [MSG-3] [ID-5]
pub fn entry_code(data: &[u8]) -> bool {
    let Ok(code) = EntryCode::from_bytes(data) else { return false };
    assert_eq!(code.as_bytes(), data);
    let venue = code.venue();
    for text in [venue.description(), venue.address(), venue.details().room().unwrap_or("-")] {
        assert!(!is_blank(text) && text.chars().count() <= 100);
        assert!(!text.chars().any(is_refused));
    }
    assert!(venue.valid().start() < venue.valid().end());
    let written = EntryCode::new(venue.clone(), *code.master_public_key(), &[7; 32]);
    let written = written.expect("what was read can be written");
    assert_eq!(written.venue(), venue);
    assert_eq!(EntryCode::from_bytes(written.as_bytes()), Ok(written));
    let link = code.to_url(BASE).expect("a link");
    assert_eq!(EntryCode::from_url(&link), Ok(code));
    true
}

/// The text of a QR code. [MSG-7]
pub fn qr_url(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    let _ = decode_payload(text);
    let _ = EntryCode::from_url(text);
    let Ok(payload) = decode_link(text) else { return false };
    let (address, fragment) = trimmed(text).split_once('#').expect("only a fragment carries it");
    assert!(address.ends_with("?v=3"));
    assert_eq!(decode_payload(fragment).as_ref(), Ok(&payload));
    let link = encode_link(BASE, &payload).expect("a link");
    if link.len() <= LONGEST_LINK {
        assert_eq!(decode_link(&link), Ok(payload));
    }
    true
}

/// A trace code, as bytes and as text. [MSG-4]
pub fn trace_code(data: &[u8]) -> bool {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = TraceCode::from_text(text);
    }
    let Ok(code) = TraceCode::from_bytes(data) else { return false };
    let bytes = code.to_bytes();
    let again = TraceCode::from_bytes(&bytes).expect("what was written can be read");
    assert_eq!(again.to_bytes(), bytes);
    assert_eq!(again.entry_code(), code.entry_code());
    let text = code.to_text();
    let again = TraceCode::from_text(&text).map(|code| code.to_bytes());
    assert!(again == Ok(bytes) || text.len() > LONGEST_LINK);
    true
}

/// An upload code as people type it. [VEN-4]
pub fn upload_code(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    // [VEN-6] Alone, or with its window code.
    if let Ok((code, Some(window))) = read_codes(text) {
        let again = format!("{} {}", *code.to_text(), window.to_text(&code));
        assert_eq!(read_codes(&again), Ok((code, Some(window))));
        assert!(window.window().is_ok());
    }
    let Ok(code) = text.parse::<UploadCode>() else { return false };
    let written = code.to_text();
    assert_eq!(written.len(), 20);
    let again = written.parse::<UploadCode>().expect("what was written can be read");
    assert_eq!(again.hash(), code.hash());
    true
}

/// An organisation's record, also of the version before. [VEN-5] [VEN-10]
pub fn organisation(data: &[u8]) -> bool {
    let Ok(organisation) = Organisation::from_bytes(data) else { return false };
    let written = organisation.to_bytes().expect("what was read can be written");
    assert_eq!(written == data, !Organisation::is_without_chain_key(data));
    assert_eq!(Organisation::from_bytes(&written), Ok(organisation));
    true
}
