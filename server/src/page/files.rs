//! The page's files in memory, by their exact names: nothing else can be asked for.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::list::page_list;
use super::{DIGESTS, PageError};

/// The longest file of a page.
const LONGEST: u64 = 64 << 20;

/// One file, as it is handed out.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) content_type: &'static str,
    pub(crate) plain: Bytes,
    /// The same packed with brotli, where that is smaller.
    pub(crate) brotli: Option<Bytes>,
    /// The digest of the plain bytes, in hexadecimal digits.
    pub(crate) sha256: String,
}

/// All files of a page.
#[derive(Debug, Default)]
pub(super) struct Files(BTreeMap<String, File>);

impl Files {
    /// The page that this program was built with.
    pub(super) fn embedded() -> Self {
        let mut files = Self::default();
        for file in noren_page::FILES {
            let brotli = file.brotli.map(Bytes::from_static);
            let (plain, sha256) = (Bytes::from_static(file.plain), file.sha256.to_owned());
            let name = file.path.to_owned();
            let file = File { content_type: file.content_type, plain, brotli, sha256 };
            files.0.insert(name, file);
        }
        files.list(Bytes::from_static(noren_page::DIGESTS.as_bytes()));
        files
    }

    /// Reads the files that the list in a folder names, and proves each by its digest, also as it is
    /// packed. A file beside them is not part of the page; what changes later is not handed out.
    pub(super) fn read(folder: &Path) -> Result<Self, PageError> {
        let list = folder.join(DIGESTS);
        let folder = Folder::open(folder).map_err(|source| unreadable(&list, source))?;
        let text = folder.read(DIGESTS)?;
        let mut files = Self::default();
        let entries = String::from_utf8_lossy(&text);
        let entries =
            page_list(&entries).map_err(|line| PageError::List { path: list.clone(), line })?;
        for (path, sha256) in entries {
            files.0.insert(path.to_owned(), file(&folder, path, sha256)?);
        }
        if files.get("index.html").is_none() {
            return Err(PageError::NoIndex { path: list });
        }
        files.list(text);
        Ok(files)
    }

    pub(super) fn get(&self, path: &str) -> Option<&File> {
        self.0.get(path)
    }

    /// Adds the list of digests, which does not name itself.
    fn list(&mut self, text: Bytes) {
        let sha256 = hex::encode(Sha256::digest(&text));
        let content_type = "text/plain; charset=utf-8";
        self.0.insert(DIGESTS.to_owned(), File { content_type, plain: text, brotli: None, sha256 });
    }
}

fn file(folder: &Folder<'_>, path: &str, sha256: &str) -> Result<File, PageError> {
    let plain = folder.read(path)?;
    // [API-33]
    if hex::encode(Sha256::digest(&plain)) != sha256 {
        return Err(PageError::Changed { path: folder.place(path) });
    }
    let packed = format!("{path}.br");
    let brotli = if folder.has(&packed) { Some(folder.read(&packed)?) } else { None };
    // [API-33] It is what browsers get.
    if brotli.as_ref().is_some_and(|brotli| !opens_to(brotli, &plain)) {
        return Err(PageError::Packed { path: folder.place(&packed) });
    }
    let brotli = brotli.filter(|brotli| brotli.len() < plain.len());
    let content_type = noren_page::content_type(path);
    Ok(File { content_type, plain, brotli, sha256: sha256.to_owned() })
}

/// Whether what is packed is this, all of it and nothing else. It costs no more than this is long.
fn opens_to(packed: &[u8], plain: &[u8]) -> bool {
    let opener = brotli_decompressor::Decompressor::new(packed, 1 << 16);
    let mut opened = Vec::with_capacity(plain.len());
    let read = opener.take(plain.len() as u64 + 1).read_to_end(&mut opened);
    read.is_ok() && opened == plain
}

/// The folder that somebody named, out of which no link leads.
struct Folder<'a> {
    named: &'a Path,
    real: PathBuf,
}

impl<'a> Folder<'a> {
    fn open(named: &'a Path) -> io::Result<Self> {
        Ok(Self { named, real: named.canonicalize()? })
    }

    fn place(&self, path: &str) -> PathBuf {
        self.named.join(path)
    }

    /// Whether there is anything of this name, of whatever kind.
    fn has(&self, path: &str) -> bool {
        self.real.join(path).symlink_metadata().is_ok()
    }

    fn read(&self, path: &str) -> Result<Bytes, PageError> {
        let failed = |source| unreadable(&self.place(path), source);
        let real = self.real.join(path).canonicalize().map_err(failed)?;
        // [API-33] A link within the folder is a file of it; one that leads elsewhere is not.
        if !real.starts_with(&self.real) {
            return Err(PageError::Outside { path: self.place(path) });
        }
        // Whoever opened a pipe would wait for ever.
        if !real.is_file() {
            return Err(failed(io::Error::other("it is no file")));
        }
        let mut bytes = vec![];
        let file = std::fs::File::open(&real).map_err(failed)?;
        file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > LONGEST {
            return Err(failed(io::Error::other("it is longer than any file of a page")));
        }
        Ok(bytes.into())
    }
}

fn unreadable(path: &Path, source: io::Error) -> PageError {
    PageError::Unreadable { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(list: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("texts")).unwrap();
        std::fs::write(folder.path().join("index.html"), "<title>x</title>").unwrap();
        std::fs::write(folder.path().join("texts/ja.js"), "0").unwrap();
        std::fs::write(folder.path().join("other.txt"), "not listed").unwrap();
        std::fs::write(folder.path().join(DIGESTS), list).unwrap();
        folder
    }

    fn line(content: &str, path: &str) -> String {
        format!("{}  {path}\n", hex::encode(Sha256::digest(content)))
    }

    #[test]
    fn what_the_list_names_is_the_page() {
        // [API-33]
        let list = line("<title>x</title>", "index.html") + &line("0", "texts/ja.js");
        let files = Files::read(folder(&list).path()).unwrap();
        assert_eq!(files.0.keys().collect::<Vec<_>>(), [DIGESTS, "index.html", "texts/ja.js"]);
        assert_eq!(
            files.get("texts/ja.js").unwrap().content_type,
            "text/javascript; charset=utf-8"
        );
        assert_eq!(files.get(DIGESTS).unwrap().plain, list);
    }

    #[test]
    fn a_folder_that_is_no_page_is_refused_by_its_file() {
        // [API-33]
        let index = line("<title>x</title>", "index.html");
        for (list, expected) in [
            (String::new(), "lists no index.html"),
            (line("0", "texts/ja.js"), "lists no index.html"),
            (index.clone() + &line("1", "texts/ja.js"), "ja.js is not the file whose digest"),
            (index.clone() + &line("1", "absent.js"), "cannot read"),
            (index.clone() + &line("1", "../secret"), "(line 2)"),
            (index.clone() + &line("1", "/etc/passwd"), "(line 2)"),
            (index.clone() + &line("1", ".hidden"), "(line 2)"),
            (index.clone() + &line("1", "texts//ja.js"), "(line 2)"),
            (index.to_uppercase(), "(line 1)"),
            (index.replace("  ", " "), "(line 1)"),
            (format!("{index}\n"), "(line 2)"),
        ] {
            let error = Files::read(folder(&list).path()).unwrap_err().to_string();
            assert!(error.contains(expected), "{list}: {error}");
        }
        let error = Files::read(Path::new("/nonexistent")).unwrap_err().to_string();
        assert!(error.contains("page.folder") && error.contains(DIGESTS), "{error}");
    }

    /// "0" as brotli packs it: as it is, between a head and an empty end (RFC 7932, section 9.2).
    const PACKED: [u8; 5] = [0x0b, 0, 0x80, b'0', 3];

    fn said_of(change: impl FnOnce(&Path)) -> Result<Files, String> {
        let list = line("<title>x</title>", "index.html") + &line("0", "texts/ja.js");
        let folder = folder(&list);
        change(folder.path());
        Files::read(folder.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_packed_is_proved_as_well() {
        // [API-33]
        let packed = |bytes: &[u8]| {
            let bytes = bytes.to_owned();
            said_of(move |folder| std::fs::write(folder.join("texts/ja.js.br"), bytes).unwrap())
        };
        assert!(packed(&PACKED).is_ok());
        let mut other = PACKED;
        other[3] = b'1';
        // Two bytes where one should be, a megabyte of zeros, nothing, half, and what nothing opens.
        let longer = [0x8b, 0, 0x80, b'0', b'0', 3];
        let bomb =
            [0x59, 0xff, 0xff, 0x8f, 0x7f, 0x02, 0x20, 0x1e, 0x0b, 0x04, 0x72, 0xef, 0x1f, 0x00];
        for wrong in [&other[..], &longer, &bomb, &[], &PACKED[..4], b"not packed"] {
            let error = packed(wrong).unwrap_err();
            assert!(error.contains("ja.js.br does not open to"), "{wrong:?}: {error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn no_link_leads_out_of_the_folder() {
        // [API-33]
        let outside = tempfile::tempdir().unwrap();
        let secret = outside.path().join("secret");
        let linked = |to: &Path, name: &str| {
            let (to, name) = (to.to_owned(), name.to_owned());
            said_of(move |folder| {
                let place = folder.join(name);
                let _ = std::fs::remove_file(&place);
                std::os::unix::fs::symlink(to, place).unwrap();
            })
        };
        // The same bytes elsewhere could be others tomorrow.
        for (bytes, name) in [(&b"0"[..], "texts/ja.js"), (&PACKED, "texts/ja.js.br")] {
            std::fs::write(&secret, bytes).unwrap();
            let error = linked(&secret, name).unwrap_err();
            assert!(error.contains("leads out of the folder"), "{name}: {error}");
        }
        std::fs::write(&secret, line("<title>x</title>", "index.html")).unwrap();
        assert!(linked(&secret, DIGESTS).unwrap_err().contains("leads out of the folder"));
        let error = linked(&outside.path().join("absent"), "texts/ja.js.br").unwrap_err();
        assert!(error.contains("cannot read"), "{error}");
        // As a volume lays its files out: a link that stays within.
        let inside = said_of(|folder| {
            std::fs::rename(folder.join("texts/ja.js"), folder.join("real")).unwrap();
            std::os::unix::fs::symlink("../real", folder.join("texts/ja.js")).unwrap();
        });
        assert!(inside.is_ok());
        // The folder itself may be one: an operator names it.
        let list = line("<title>x</title>", "index.html");
        let (folder, link) = (folder(&list), outside.path().join("page"));
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        assert!(Files::read(&link).is_ok());
    }

    #[test]
    fn what_is_no_file_is_not_waited_for() {
        // [API-33]
        let error = said_of(|folder| {
            std::fs::create_dir(folder.join("texts/ja.js.br")).unwrap();
        });
        assert!(error.unwrap_err().contains("it is no file"));
    }

    #[test]
    fn what_changes_after_the_start_is_not_handed_out() {
        // [API-33]
        let list = line("<title>x</title>", "index.html");
        let folder = folder(&list);
        let files = Files::read(folder.path()).unwrap();
        std::fs::write(folder.path().join("index.html"), "<title>y</title>").unwrap();
        assert_eq!(files.get("index.html").unwrap().plain, "<title>x</title>");
    }
}
