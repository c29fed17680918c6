//! Noren's web page as it was built: its files, their types and their digests.
//!
//! `web/build` makes the files and the table of them, and both stand in the repository: a server
//! that embeds the page needs no tools for WebAssembly or TypeScript. [`DIGESTS`] is the list that an
//! auditor compares with what a server hands out.
//!
//! ```
//! let index = noren_page::file("index.html").ok_or("every page has one")?;
//! assert_eq!(index.content_type, "text/html; charset=utf-8");
//! assert!(noren_page::DIGESTS.contains(index.sha256));
//! # Ok::<(), &str>(())
//! ```

/// A file of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// Its name, relative to the page's address, as in `texts/ja.js`.
    pub path: &'static str,
    /// What `Content-Type` says of it.
    pub content_type: &'static str,
    /// Its bytes.
    pub plain: &'static [u8],
    /// The same packed with brotli, where that is smaller.
    pub brotli: Option<&'static [u8]>,
    /// The SHA-256 digest of [`plain`](Self::plain) in 64 lower-case hexadecimal digits.
    pub sha256: &'static str,
}

/// The page's files, sorted by path; `index.html` is what the page's address itself gives.
// [WEB-10]
pub static FILES: &[File] = &include!("../../built/table.rs");

/// The digests of all files, as `sha256sum` writes them: 64 hexadecimal digits, two spaces, the path.
pub const DIGESTS: &str = include_str!("../../built/SHA256SUMS");

/// The file with this path, letter by letter.
#[must_use]
pub fn file(path: &str) -> Option<&'static File> {
    let found = FILES.binary_search_by(|file| file.path.cmp(path)).ok()?;
    FILES.get(found)
}

/// What a file is, by the ending of its name: for a page that is served from a folder. What nobody
/// said is bytes, which no browser runs or shows.
#[must_use]
pub fn content_type(path: &str) -> &'static str {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "otf" => "font/otf",
        "ttf" => "font/ttf",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use sha2::{Digest as _, Sha256};

    #[test]
    fn the_table_holds_what_the_digests_list() {
        // [WEB-10]
        let listed: Vec<_> =
            DIGESTS.lines().map(|line| line.split_once("  ").expect("two")).collect();
        let held: Vec<_> = FILES.iter().map(|file| (file.sha256, file.path)).collect();
        assert_eq!(listed, held);
        assert!(FILES.is_sorted_by(|one, next| one.path < next.path), "{held:?}");
    }

    #[test]
    fn digests_are_those_of_the_bytes() {
        // [WEB-10]
        for File { path, plain, sha256, .. } in FILES {
            assert_eq!(hex::encode(Sha256::digest(plain)), *sha256, "{path}");
            assert!(!plain.is_empty(), "{path}");
        }
    }

    #[test]
    fn what_is_packed_opens_to_the_same_and_is_smaller() {
        for File { path, plain, brotli, .. } in FILES {
            let Some(packed) = brotli else { continue };
            let mut opened = Vec::new();
            let mut opener = brotli_decompressor::Decompressor::new(*packed, 1 << 16);
            opener.read_to_end(&mut opened).expect("brotli");
            assert!(opened == *plain && packed.len() < plain.len(), "{path}");
        }
    }

    #[test]
    fn a_browser_gets_every_type_that_it_asks_of_a_file() {
        for File { path, content_type, .. } in FILES {
            assert_eq!(*content_type, super::content_type(path), "{path}");
            assert_ne!(*content_type, "application/octet-stream", "{path}");
        }
        assert_eq!(super::content_type("page"), "application/octet-stream");
        for needed in ["index.html", "worker.js", "scanner.js", "service-worker.js", "files.js"] {
            assert_eq!(file(needed).map(|file| file.path), Some(needed));
        }
        for module in ["noren_wasm_bg.wasm", "noren_scanner_bg.wasm"] {
            let module = file(module).expect("the module");
            assert!(module.plain.starts_with(b"\0asm"), "{}", module.path);
        }
        for absent in ["", "Index.html", "index.html/", "../built/index.html", "table.rs"] {
            assert_eq!(file(absent), None, "{absent}");
        }
    }

    #[test]
    fn no_file_names_a_machine() {
        // [WEB-10]
        let of_machines: [&[u8]; 6] =
            [b"/home/", b"/root/", b"/usr/", b"/tmp/", b".cargo/", b"rustlib/"];
        for File { path, plain, .. } in FILES {
            for name in of_machines {
                let is_in = plain.windows(name.len()).any(|bytes| bytes == name);
                assert!(!is_in, "{path} has {}", String::from_utf8_lossy(name));
            }
        }
    }

    #[test]
    fn the_page_loads_nothing_from_elsewhere_and_has_nothing_inline() {
        // [WEB-10]
        for File { path, plain, .. } in FILES.iter().filter(|file| file.path.ends_with(".html")) {
            let text = std::str::from_utf8(plain).expect("text").to_ascii_lowercase();
            for tag in text.split('<').filter(|tag| !tag.starts_with('!')) {
                let tag = tag.split('>').next().unwrap_or_default();
                let is_script = tag.split_ascii_whitespace().next() == Some("script");
                assert!(!is_script || tag.contains(" src=\""), "{path}: <{tag}>");
                assert!(!tag.starts_with("style") && !tag.contains(" style="), "{path}: <{tag}>");
                assert!(!tag.contains(" on"), "{path}: <{tag}>");
                for source in [" src=\"", " href=\""] {
                    let address = tag.split_once(source).map_or("", |(_, rest)| rest);
                    let is_elsewhere = address.starts_with("http") || address.starts_with("//");
                    assert!(!is_elsewhere || tag.starts_with("a "), "{path}: <{tag}>");
                }
            }
        }
    }
}
