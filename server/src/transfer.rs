//! A log with everything that belongs to it, looked through, or taken from one kind of keeping to another:
//! a backup is a data folder, from which one server can run, or which fills a database and a bucket.
//! [API-46]

use std::path::Path;
use std::sync::Arc;

use crate::config::Config;
use crate::database::{Database, DatabaseError};
use crate::disk::Disk;
use crate::metrics::Metrics;
use crate::published::bucket::Bucket;
use crate::published::folder::{Folder, FolderError};
use crate::published::store::Store;
use crate::published::{Care, Files, PublishedError};

/// Why nothing, or not everything, was copied. It can be done again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// A folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The files of the log cannot be read, verified or written.
    #[error(transparent)]
    Published(#[from] PublishedError),
    /// A database cannot be read or written.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// There is no log where one was to be copied from.
    #[error("there is no log in {0}")]
    Nothing(String),
    /// What is there already is not an earlier state of what was to be copied.
    #[error(
        "where the log was to be copied to there is another authority's, or one that this one did not \
         grow out of; nothing there was changed"
    )]
    Other,
    /// The settings name no bucket.
    #[error("the settings name no bucket (`bucket.name`) to copy the log to")]
    NoBucket,
}

/// Reads and verifies the whole log, and looks through the database, while servers run. Returns the number
/// of entries.
///
/// # Errors
/// [`TransferError`] with the first thing that is wrong.
pub async fn check(config: &Config) -> Result<u64, TransferError> {
    let (bucket, database) = from_stores(config).await?;
    let looked = database.check().await;
    database.close().await;
    looked?;
    Files::new(bucket, "the log that the settings name").check().await
}

/// Copies the files that everybody may read from a data folder, whose server may run, to the bucket:
/// for the first time, or what was published since. Returns the number of entries.
///
/// # Errors
/// [`TransferError`] with what stands in the way.
pub async fn copy(config: &Config, folder: &Path) -> Result<u64, TransferError> {
    let bucket = config.bucket.as_ref().ok_or(TransferError::NoBucket)?;
    let target = Store::open(bucket).map_err(PublishedError::from)?;
    let source = Arc::new(Folder::read_only(folder));
    let files = Files::new(source, &folder.display().to_string());
    files.copy_into(Arc::new(target), Care::Head).await
}

/// Writes a data folder with the log, its profile and everything in the database, while servers run.
/// Returns the number of entries, which were verified.
///
/// # Errors
/// [`TransferError`] with what stands in the way.
pub async fn backup(config: &Config, folder: &Path) -> Result<u64, TransferError> {
    let (bucket, database) = from_stores(config).await?;
    let target: Arc<dyn Bucket> = Arc::new(Folder::open(folder)?);
    let copy = Database::open(folder.join("noren.sqlite"), disk()).await?;
    // The database first: the files may be ahead of it, and then it follows them.
    database.copy_into(&copy).await?;
    let files = Files::new(bucket, "the log that the settings name");
    let entries = files.copy_into(target, Care::Everything).await;
    copy.close().await;
    database.close().await;
    entries
}

/// Fills what the settings name from a data folder that no server uses. The database has to be empty;
/// files may be there that [`copy`] has brought. Returns the number of entries, which were verified.
///
/// # Errors
/// [`TransferError`] with what stands in the way.
pub async fn restore(config: &Config, folder: &Path) -> Result<u64, TransferError> {
    if !folder.join("public").is_dir() {
        return Err(TransferError::Nothing(folder.display().to_string()));
    }
    let source: Arc<dyn Bucket> = Arc::new(Folder::open(folder)?);
    let database = Database::open(folder.join("noren.sqlite"), disk()).await?;
    let (target, copy) = into_stores(config).await?;
    copy.refuse_occupied().await?;
    let files = Files::new(source, &folder.display().to_string());
    let entries = files.copy_into(target, Care::Everything).await?;
    // Last, so that what was interrupted can be done again.
    database.copy_into(&copy).await?;
    copy.close().await;
    database.close().await;
    Ok(entries)
}

async fn from_stores(config: &Config) -> Result<(Arc<dyn Bucket>, Database), TransferError> {
    match (&config.database, &config.bucket) {
        (Some(_), Some(_)) => into_stores(config).await,
        _ => {
            if !config.data.join("noren.sqlite").exists() {
                return Err(TransferError::Nothing(config.data.display().to_string()));
            }
            let database = Database::open(config.data.join("noren.sqlite"), disk()).await?;
            Ok((Arc::new(Folder::read_only(&config.data)), database))
        }
    }
}

async fn into_stores(config: &Config) -> Result<(Arc<dyn Bucket>, Database), TransferError> {
    if let (Some(database), Some(bucket)) = (&config.database, &config.bucket) {
        let database = Database::share(database.url.as_str(), disk()).await?;
        let bucket = Store::open(bucket).map_err(PublishedError::from)?;
        return Ok((Arc::new(bucket), database));
    }
    let folder = Folder::open(&config.data)?;
    let database = Database::open(config.data.join("noren.sqlite"), disk()).await?;
    Ok((Arc::new(folder), database))
}

fn disk() -> Disk {
    Disk::new(Metrics::default())
}
