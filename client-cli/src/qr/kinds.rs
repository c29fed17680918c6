//! Files in which people have codes and which are not read: what each is, and what to use instead.

/// Says what bytes are that hold no code that can be read, and what to use instead; `None` where
/// they are none of those.
pub(crate) fn unreadable(bytes: &[u8]) -> Option<String> {
    // [CLI-40]
    let (what, instead) = kind(bytes)?;
    Some(format!("this is {what}; {instead}"))
}

const AS_PNG: &str = "save or export it as PNG or JPEG, or take a screenshot of it";
const PHOTOGRAPH: &str = "in the camera's settings choose \"Most Compatible\" or JPEG, or export the \
    photograph as JPEG, or take a screenshot of it";
const BESIDE: &str = "use the picture that lies beside it (entry.png, or trace-sheet.png), a \
    photograph of it or a screenshot";
const DOCUMENT: &str = "take a photograph or a screenshot of the code, and use that";

fn kind(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    binary(bytes).or_else(|| marked_up(bytes))
}

fn binary(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if let Some(brand) = bytes.get(8..12).filter(|_| bytes.get(4..8) == Some(b"ftyp")) {
        return Some(match brand {
            b"avif" | b"avis" => ("a picture of the kind AVIF", AS_PNG),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
                ("a photograph of the kind HEIC", PHOTOGRAPH)
            }
            _ => ("a film", "take a photograph of the code, or a screenshot of the film"),
        });
    }
    // Some programs write a few bytes before a PDF.
    let first = bytes.get(..1_024).unwrap_or(bytes);
    if first.windows(5).any(|found| found == b"%PDF-") {
        return Some(("a PDF", BESIDE));
    }
    let magics: [(&[u8], &str, &str); 14] = [
        (b"GIF87a", "a picture of the kind GIF", AS_PNG),
        (b"GIF89a", "a picture of the kind GIF", AS_PNG),
        (b"II*\0", "a picture of the kind TIFF", AS_PNG),
        (b"MM\0*", "a picture of the kind TIFF", AS_PNG),
        (b"II+\0", "a picture of the kind TIFF", AS_PNG),
        (b"MM\0+", "a picture of the kind TIFF", AS_PNG),
        (b"\0\0\x01\0", "an icon", AS_PNG),
        (b"8BPS", "a picture of the kind PSD", AS_PNG),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a picture of the kind JPEG XL", AS_PNG),
        (b"\xff\x0a", "a picture of the kind JPEG XL", AS_PNG),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a picture of the kind JPEG 2000", AS_PNG),
        (b"%!PS", "PostScript", BESIDE),
        (b"PK\x03\x04", "a ZIP file or a document of an office program", DOCUMENT),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of an office program", DOCUMENT),
    ];
    let found = magics.iter().find(|(magic, ..)| starts(magic));
    found.map(|(_, what, instead)| (*what, *instead)).or_else(|| {
        // "BM" begins many a text: what follows is the length of the file, and four zeros.
        (starts(b"BM") && bytes.get(6..10) == Some(&[0; 4]))
            .then_some(("a picture of the kind BMP", AS_PNG))
    })
}

/// Pictures and pages that are text.
fn marked_up(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let first = String::from_utf8_lossy(bytes.get(..4_096).unwrap_or(bytes)).to_lowercase();
    let first = noren::text::trimmed(&first);
    if !first.starts_with('<') {
        return None;
    }
    if first.starts_with("<!doctype html") || first.contains("<html") {
        return Some(("a page of the web", DOCUMENT));
    }
    first.contains("<svg").then_some(("a drawing of the kind SVG", BESIDE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_told_as_what_it_is() {
        // [CLI-40]
        for (bytes, word) in [
            (&b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], "HEIC"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0", "HEIC"),
            (b"\0\0\0\x1cftypavif\0\0\0\0", "AVIF"),
            (b"\0\0\0\x14ftypqt  \0\0\0\0", "film"),
            (b"GIF89a\x01\0\x01\0", "GIF"),
            (b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0", "BMP"),
            (b"II*\0\x08\0\0\0", "TIFF"),
            (b"MM\0*\0\0\0\x08", "TIFF"),
            (b"\xff\x0a\0\0", "JPEG XL"),
            (b"%PDF-1.7\n", "PDF"),
            (b"\r\n%PDF-1.4\n", "PDF"),
            (b"%!PS-Adobe-3.0", "PostScript"),
            (b"PK\x03\x04\x14\0", "office"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", "SVG"),
            (b"\xef\xbb\xbf <?xml version='1.0'?>\n<!-- x -->\n<SVG>", "SVG"),
            (b"<!DOCTYPE html><html><svg></svg>", "page of the web"),
        ] {
            let said = unreadable(bytes).unwrap_or_else(|| panic!("{word}"));
            assert!(said.contains(word), "{word}: {said}");
        }
        for bytes in [&b""[..], b"BMW", b"https://health.example/?v=3#CAMQ", b"<", b"ftyp", b"II*"]
        {
            assert_eq!(unreadable(bytes), None, "{bytes:?}");
        }
    }
}
