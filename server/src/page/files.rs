//! The page's files in memory, by their exact names: nothing else can be asked for.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::list::page_list;
use super::{DIGESTS, PageError};

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

    /// Reads the files that the list in a folder names, and proves each by its digest. A file beside
    /// them is not part of the page.
    pub(super) fn read(folder: &Path) -> Result<Self, PageError> {
        let list = folder.join(DIGESTS);
        let text = read(&list)?;
        let mut files = Self::default();
        let entries = String::from_utf8_lossy(&text);
        let entries =
            page_list(&entries).map_err(|line| PageError::List { path: list.clone(), line })?;
        for (path, sha256) in entries {
            files.0.insert(path.to_owned(), file(folder, path, sha256)?);
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

fn file(folder: &Path, path: &str, sha256: &str) -> Result<File, PageError> {
    let place = folder.join(path);
    let plain = read(&place)?;
    // [API-33]
    if hex::encode(Sha256::digest(&plain)) != sha256 {
        return Err(PageError::Changed { path: place });
    }
    let packed = folder.join(format!("{path}.br"));
    let brotli = if packed.is_file() { Some(read(&packed)?) } else { None };
    let brotli = brotli.filter(|brotli| brotli.len() < plain.len());
    let content_type = noren_page::content_type(path);
    Ok(File { content_type, plain, brotli, sha256: sha256.to_owned() })
}

fn read(path: &Path) -> Result<Bytes, PageError> {
    std::fs::read(path)
        .map(Bytes::from)
        .map_err(|source| PageError::Unreadable { path: path.to_owned(), source })
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
}
