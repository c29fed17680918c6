//! Pictures and documents that show a code to people and that are not read here.

use super::is_picture;

/// How far into a file its kind is looked for, in bytes.
const BEGINNING: usize = 4_096;

/// What a file is that may show a code and that no code is read from; `None` for all other files.
pub(crate) fn unread_kind(bytes: &[u8]) -> Option<&'static str> {
    // [CLI-32]
    if is_picture(bytes) {
        return None;
    }
    let start = bytes.get(..BEGINNING).unwrap_or(bytes);
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let has = |wanted: &[u8]| start.windows(wanted.len()).any(|part| part == wanted);
    let text = start.trim_ascii_start().to_ascii_lowercase();
    let begins = |wanted: &str| text.starts_with(wanted.as_bytes());
    let is_markup = text.first() == Some(&b'<');
    match start {
        _ if has(b"%PDF-") => Some("a PDF document"),
        _ if is_markup && (has(b"<svg") || has(b"<SVG")) => Some("an SVG drawing"),
        _ if begins("<!doctype html") || begins("<html") => Some("a web page"),
        _ if begins("%!ps") => Some("a PostScript document"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("a WebP picture"),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => of_brand(brand),
        [b'G', b'I', b'F', b'8', ..] => Some("a GIF picture"),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some("a TIFF picture"),
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some("a BMP picture"),
        [0xff, 0x0a, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => Some("a JPEG XL picture"),
        [b'P', b'K', 3, 4, ..] => Some("a packed archive or an office document"),
        [0x1f, 0x8b, ..] => Some("a packed file"),
        _ => None,
    }
}

/// The pictures among what is packed as films are.
fn of_brand(brand: &[u8]) -> Option<&'static str> {
    match brand.get(..4)? {
        b"avif" | b"avis" => Some("an AVIF picture"),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"mif1" | b"msf1" => {
            Some("a HEIC picture")
        }
        _ => Some("a film"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_named() {
        // [CLI-32]
        for (bytes, expected) in [
            (&b"%PDF-1.7\n%\xe2\xe3"[..], Some("PDF")),
            (b"\xef\xbb\xbf%PDF-1.4", Some("PDF")),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", Some("SVG")),
            (b"\n<?xml version=\"1.0\"?>\n<!-- a poster -->\n<svg>", Some("SVG")),
            (b"\xef\xbb\xbf<?xml version='1.0'?><svg>", Some("SVG")),
            (b"<!DOCTYPE html><html>", Some("web page")),
            (b"RIFF\x24\x00\x00\x00WEBPVP8 ", Some("WebP")),
            (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", Some("HEIC")),
            (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00", Some("AVIF")),
            (b"GIF89a", Some("GIF")),
            (b"II*\x00\x08\x00", Some("TIFF")),
            (b"MM\x00*\x00\x00", Some("TIFF")),
            (b"BM\x36\x00\x0c\x00\x00\x00\x00\x00", Some("BMP")),
            (b"%!PS-Adobe-3.0", Some("PostScript")),
            (b"\x89PNG\r\n\x1a\n", None),
            (b"\xff\xd8\xff\xe0", None),
            (b"https://health.example/?v=3#CAMQ", None),
            (b"BM", None),
            (b"", None),
        ] {
            let found = unread_kind(bytes);
            let right = match (found, expected) {
                (Some(found), Some(expected)) => found.contains(expected),
                (found, expected) => found.is_none() && expected.is_none(),
            };
            assert!(right, "{found:?} for {expected:?}");
        }
    }
}
