//! An S3-compatible bucket. Others read it directly, or through a CDN that keeps what it once gave out:
//! so a file of the log is never replaced by another, and the checkpoint only by whoever saw the one
//! before.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use noren::log::TilePath;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, S3ConditionalPut};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientOptions, Error, ObjectStore as _,
    ObjectStoreExt as _, PutMode, PutOptions, RetryConfig, UpdateVersion,
};
use tokio::runtime::Handle;

use super::bucket::Bucket;
use super::{CHECKPOINT, PROFILE};
use crate::config::BucketSettings;

mod origins;

/// How long one request may take, and all attempts together.
const PATIENCE: Duration = Duration::from_secs(10);
/// Files that are written at the same time.
const TOGETHER: usize = 8;
const PROBE: &str = "probe";
/// An empty object would find room in a full bucket.
const PROBED: [u8; 4_096] = [0; 4_096];
const NOTE: &str = "text/plain; charset=utf-8";
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The bucket of several servers.
#[derive(Debug)]
pub(crate) struct Store {
    objects: PrefixStore<Arc<AmazonS3>>,
    /// The same without the prefix.
    bucket: Arc<AmazonS3>,
    /// The address of the bucket as a whole, and its region.
    address: String,
    region: String,
    /// Who drives the requests while a call waits for them.
    runtime: Handle,
}

impl Store {
    /// Opens a bucket. Its keys come from the variables that other programs read as well
    /// (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, or a role of the machine).
    ///
    /// # Errors
    /// What is missing in the settings.
    pub(crate) fn open(settings: &BucketSettings) -> Result<Self, io::Error> {
        // The one provider of cryptography; a second call finds it in place.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = client();
        let retry = RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: 2,
            retry_timeout: PATIENCE,
        };
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(&settings.name)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_client_options(client)
            .with_retry(retry);
        if let Some(endpoint) = &settings.endpoint {
            builder =
                builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http:"));
        }
        if let Some(region) = &settings.region {
            builder = builder.with_region(region);
        }
        let region = builder.get_config_value(&AmazonS3ConfigKey::Region);
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());
        let endpoint = builder.get_config_value(&AmazonS3ConfigKey::Endpoint);
        let endpoint = endpoint.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let address = format!("{}/{}", endpoint.trim_end_matches('/'), settings.name);
        let bucket = Arc::new(builder.build().map_err(failed)?);
        let prefix = settings.prefix.as_deref().unwrap_or_default();
        let objects = PrefixStore::new(Arc::clone(&bucket), prefix);
        Ok(Self { objects, bucket, address, region, runtime: Handle::current() })
    }

    /// Returns a file and its version.
    async fn fetch(&self, name: &str) -> io::Result<Option<(Vec<u8>, UpdateVersion)>> {
        let found = match self.objects.get(&Path::from(name)).await {
            Err(Error::NotFound { .. }) => return Ok(None),
            found => found.map_err(failed)?,
        };
        let version = UpdateVersion { e_tag: found.meta.e_tag.clone(), version: None };
        let bytes = found.bytes().await.map_err(failed)?;
        Ok(Some((bytes.to_vec(), version)))
    }

    async fn put(&self, name: &str, bytes: &[u8], mode: PutMode) -> object_store::Result<()> {
        let options = PutOptions { mode, attributes: attributes(name), ..PutOptions::default() };
        self.objects.put_opts(&Path::from(name), bytes.to_vec().into(), options).await.map(drop)
    }

    async fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        // [API-42]
        match self.put(name, bytes, PutMode::Create).await {
            Ok(()) => Ok(()),
            // A lost answer, or another server that publishes the same.
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => {
                match self.fetch(name).await? {
                    Some((there, _)) if there == bytes => Ok(()),
                    _ => Err(io::Error::new(
                        io::ErrorKind::AlreadyExists,
                        format!("the bucket holds another {name} than the log"),
                    )),
                }
            }
            Err(error) => Err(failed(error)),
        }
    }
}

impl Bucket for Store {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.runtime.block_on(self.fetch(name))?.map(|(bytes, _)| bytes))
    }

    fn holds_tiles(&self) -> io::Result<bool> {
        let first = async {
            let mut listed = self.objects.list(Some(&Path::from("tile")));
            listed.try_next().await.map_err(failed)
        };
        Ok(self.runtime.block_on(first)?.is_some())
    }

    fn add(&self, files: &[(String, Vec<u8>)]) -> io::Result<()> {
        let created = stream::iter(files).map(|(name, bytes)| self.create(name, bytes));
        self.runtime.block_on(created.buffer_unordered(TOGETHER).try_collect())
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.runtime.block_on(self.put(name, bytes, PutMode::Overwrite)).map_err(failed)
    }

    fn advance(&self, name: &str, before: Option<&[u8]>, bytes: &[u8]) -> io::Result<()> {
        // [API-42]
        self.runtime.block_on(async {
            let there = self.fetch(name).await?;
            let mode = match there {
                Some((there, _)) if there == bytes => return Ok(()),
                Some((there, version)) if Some(&there[..]) == before => PutMode::Update(version),
                None if before.is_none() => PutMode::Create,
                _ => return Err(moved(name)),
            };
            match self.put(name, bytes, mode).await {
                Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Err(moved(name)),
                put => put.map_err(failed),
            }
        })
    }

    fn list(&self, name: &str) -> io::Result<Vec<String>> {
        let listed = self.objects.list(Some(&Path::from(name))).map_err(failed);
        let names = listed.map_ok(|object| object.location.filename().map(str::to_owned));
        let names: Vec<_> = self.runtime.block_on(names.try_collect())?;
        Ok(names.into_iter().flatten().collect())
    }

    fn remove_bundle(&self, path: &TilePath) -> io::Result<u64> {
        let full = path.to_string();
        let partial = self.list(&format!("{full}.p"))?;
        let names = partial.iter().map(|width| format!("{full}.p/{width}")).chain([full.clone()]);
        let mut removed = 0;
        for name in names {
            match self.runtime.block_on(self.objects.delete(&Path::from(name))) {
                Ok(()) => removed += 1,
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(removed)
    }

    fn probe(&self) -> io::Result<()> {
        self.replace(PROBE, &PROBED)
    }

    fn is_shared(&self) -> bool {
        true
    }
}

fn client() -> ClientOptions {
    ClientOptions::new().with_timeout(PATIENCE).with_connect_timeout(PATIENCE / 4)
}

/// Returns what a reader or a CDN is told of a file.
fn attributes(name: &str) -> Attributes {
    // [API-43]
    let (media_type, caching) = match name {
        CHECKPOINT => (NOTE, "public, max-age=5"),
        name if name.starts_with("archive/") => (NOTE, FOR_EVER),
        PROFILE => ("application/cbor", "public, max-age=300"),
        PROBE => ("application/octet-stream", "no-store"),
        _ => ("application/octet-stream", FOR_EVER),
    };
    Attributes::from_iter([
        (Attribute::ContentType, media_type),
        (Attribute::CacheControl, caching),
    ])
}

fn moved(name: &str) -> io::Error {
    let text = format!("the bucket's {name} was moved by another server");
    io::Error::new(io::ErrorKind::WouldBlock, text)
}

fn failed(error: Error) -> io::Error {
    io::Error::other(error)
}
