//! An archive under a prefix of a bucket.

use futures::{Stream, TryStreamExt, future};

use super::Listed;
use crate::platform::config::S3Config;
use crate::platform::storage::{ObjectStream, R2, Result};

pub struct Bucket {
    store: R2,
    /// Ends with a slash, or is empty.
    prefix: String,
}

impl Bucket {
    pub async fn open(config: &S3Config, prefix: &str) -> anyhow::Result<Self> {
        Ok(Self { store: R2::open(config).await?, prefix: prefix.to_owned() })
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub async fn put(&self, name: &str, size: u64, bytes: ObjectStream) -> Result<()> {
        self.store.put_stream(&self.key(name), "application/octet-stream", size, bytes).await
    }

    pub async fn read(&self, name: &str) -> Result<ObjectStream> {
        self.store.read_whole(&self.key(name)).await
    }

    pub fn list<'a>(&'a self, folder: &str) -> impl Stream<Item = Result<Listed>> + Send + use<'a> {
        self.store.list(&self.key(folder)).try_filter_map(|found| {
            let name = found.key.strip_prefix(&self.prefix).map(str::to_owned);
            future::ready(Ok(name.map(|name| Listed { name, size: found.size, modified: found.modified })))
        })
    }

    pub async fn delete(&self, name: &str) -> Result<()> {
        self.store.delete_named(&self.key(name)).await
    }

    pub async fn sweep(&self) -> Result<()> {
        for upload in self.store.list_multipart().await? {
            if upload.key.starts_with(&self.prefix) {
                self.store.abort_listed(&upload).await?;
            }
        }
        Ok(())
    }
}
