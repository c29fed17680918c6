//! The web page for visitors and owners, as this server hands it out: the one that it was built with,
//! one from a folder, or none but a few words without scripts.

mod files;
mod list;
mod policy;
mod words;

use std::path::PathBuf;

use axum::http::HeaderValue;

use crate::config::PageSettings;
pub(crate) use files::File;
use files::Files;
pub use list::page_list;
pub use policy::{FIELDS, POLICY};
pub(crate) use words::words;

/// The name under which the list of digests is handed out, as an auditor asks for it.
pub(crate) const DIGESTS: &str = "SHA256SUMS";

/// Why a folder cannot be served as the page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// A file is missing or cannot be read.
    #[error("cannot read {path}, which the page in the setting page.folder needs: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The list of digests is not one.
    #[error(
        "{path} is no list of a page's digests (line {line}); the setting page.folder names a folder \
         that `web/build` wrote"
    )]
    List {
        /// The list.
        path: PathBuf,
        /// The first line that is wrong, counted from one.
        line: usize,
    },
    /// A file is not the one that the list names.
    #[error("{path} is not the file whose digest stands in {DIGESTS}; build the page again")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A packed copy, which browsers get, is not the listed file.
    #[error("{path} does not open to the file that it is the packed copy of; build the page again")]
    Packed {
        /// The packed copy.
        path: PathBuf,
    },
    /// A file lies elsewhere.
    #[error("{path} leads out of the folder in the setting page.folder; copy what it leads to")]
    Outside {
        /// The link.
        path: PathBuf,
    },
    /// There is nothing to show first.
    #[error(
        "{path} lists no index.html; the setting page.folder names a folder that `web/build` wrote"
    )]
    NoIndex {
        /// The list.
        path: PathBuf,
    },
}

/// What is handed out at `/`, and below it.
#[derive(Debug)]
pub(crate) struct Page {
    /// The page's files; none where the page stands elsewhere or nowhere.
    files: Files,
    /// The policy under which browsers run them.
    policy: HeaderValue,
    /// Where the page stands instead.
    origin: Option<HeaderValue>,
}

impl Page {
    pub(crate) fn open(settings: &PageSettings) -> Result<Self, PageError> {
        // [API-33] [API-34]
        let is_elsewhere = settings.off || settings.origin.is_some();
        let files = match &settings.folder {
            _ if is_elsewhere => Files::default(),
            Some(folder) => Files::read(folder)?,
            None => Files::embedded(),
        };
        let origin = settings.origin.as_deref();
        Ok(Self {
            files,
            policy: policy::policy(&settings.connect),
            origin: origin.and_then(|origin| HeaderValue::from_str(origin).ok()),
        })
    }

    /// The file of this path, letter by letter.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    pub(crate) const fn policy(&self) -> &HeaderValue {
        &self.policy
    }

    /// Where the page stands, if not here: uploads are taken from there.
    pub(crate) const fn origin(&self) -> Option<&HeaderValue> {
        self.origin.as_ref()
    }
}
