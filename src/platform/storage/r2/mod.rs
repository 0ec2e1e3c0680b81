//! The back end for an S3-compatible store: Cloudflare R2, Garage, `MinIO`, S3.

mod multipart;
pub mod remedy;
mod signed;
mod whole_objects;

use std::error::Error;
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Region, RequestChecksumCalculation, ResponseChecksumValidation, StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::{ByteStream, Length};
use aws_sdk_s3::types::{ExpirationStatus, ObjectCannedAcl};
use futures::{Stream, TryStreamExt, stream};
use tokio::io::AsyncWriteExt;

use remedy::Rejection;

use super::{Failure, Listed, LocalFile, ObjectInfo, ObjectKey, ObjectStream, Result, StorageError, is_error_code};
use crate::platform::clock::Clock;
use crate::platform::config::S3Config;
use crate::platform::private_folder::create_private_folder;
use crate::platform::timestamp::Timestamp;

/// Timeout of one attempt of a transfer.
const TRANSFER_ATTEMPT_TIMEOUT: Duration = Duration::from_mins(1);
/// Timeout of one attempt in which the store joins parts or copies an object.
const COPY_ATTEMPT_TIMEOUT: Duration = Duration::from_mins(10);
/// Timeout of one attempt of other requests, and of all its attempts together.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
const SHORT: Duration = Duration::from_secs(10);

pub struct R2 {
    client: Client,
    /// For requests without bytes, because somebody waits for the response.
    brief: Client,
    /// For work within the store.
    patient: Client,
    bucket: String,
    public_url: Option<String>,
    public_read: bool,
    temporary: PathBuf,
    settings: S3Config,
}

/// How long a bucket keeps objects that were deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptVersions {
    /// It has no versions.
    None,
    Days(i32),
    Forever,
}

impl<E> From<SdkError<E>> for StorageError
where
    E: Error + ProvideErrorMetadata + 'static,
{
    fn from(error: SdkError<E>) -> Self {
        match error.raw_response().map(|response| response.status().as_u16()) {
            Some(404) if error.code() != Some("NoSuchBucket") => Self::NotFound,
            Some(412) => Self::Changed,
            status => Self::Failed(Failure { reason: with_causes(&error), code: Some(code(&error, status)) }),
        }
    }
}

/// The store's own code for an error, or the status where an answer has no body, or that there was no answer.
fn code<E>(error: &SdkError<E>, status: Option<u16>) -> String
where
    E: ProvideErrorMetadata,
{
    let named = error.code().filter(|code| is_error_code(code)).map(str::to_owned);
    named.or(status.map(|status| status.to_string())).unwrap_or_else(|| "NoAnswer".to_owned())
}

/// A reader that pauses is not a stalled store. The reader decides how long to wait.
fn patient_reads() -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::Config::builder().stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

/// Formats an error with its causes.
fn with_causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl R2 {
    pub fn new(config: &S3Config) -> Self {
        let credentials = Credentials::new(&config.access_key_id, &config.secret_access_key, None, None, "attache");
        let times = TimeoutConfig::builder().connect_timeout(ATTEMPT_TIMEOUT);
        let settings = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(config.region.clone()))
            .endpoint_url(&config.endpoint)
            .credentials_provider(credentials)
            .force_path_style(true)
            // Otherwise a presigned PUT carries the checksum of an empty body, which no upload can match.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .timeout_config(times.clone().operation_attempt_timeout(TRANSFER_ATTEMPT_TIMEOUT).build())
            .build();
        let patient = times.clone().operation_attempt_timeout(COPY_ATTEMPT_TIMEOUT).build();
        let brief = times.operation_attempt_timeout(ATTEMPT_TIMEOUT).operation_timeout(SHORT).build();
        Self {
            brief: Client::from_conf(settings.to_builder().timeout_config(brief).build()),
            patient: Client::from_conf(settings.to_builder().timeout_config(patient).build()),
            client: Client::from_conf(settings),
            bucket: config.bucket.clone(),
            public_url: config.public_url.clone(),
            public_read: config.public_read,
            temporary: config.temporary.clone(),
            settings: config.clone(),
        }
    }

    /// Opens the store with these settings. Errors name the variable at fault.
    pub async fn open(config: &S3Config) -> anyhow::Result<Self> {
        create_private_folder(&config.temporary).await.map_err(|error| {
            let folder = config.temporary.display();
            anyhow::anyhow!(
                "DATA_DIR: cannot create {folder} ({error}). Set it to a folder that this user can write \
                to."
            )
        })?;
        let store = Self::new(config);
        let Err(error) = store.brief.head_bucket().bucket(&store.bucket).send().await else { return Ok(store) };
        // A response to HEAD has no body, so it does not say why. That to a write does.
        match store.write_problem().await {
            Some(problem) => anyhow::bail!(problem),
            None => anyhow::bail!(store.remedy(&error)),
        }
    }

    /// Writes a small object and deletes it. Returns what prevents that, and what to do.
    pub async fn write_problem(&self) -> Option<String> {
        let clock = Clock::default();
        // A staged upload without an owner: the clean-up removes it after a crash.
        let key = ObjectKey::Staging(clock.new_id(), clock.new_id()).to_string();
        let body = ByteStream::from_static(b"attache");
        let acl = self.public_read.then_some(ObjectCannedAcl::PublicRead);
        let put = self.brief.put_object().bucket(&self.bucket).key(&key).set_acl(acl).body(body).send().await;
        if let Err(error) = put {
            return Some(self.remedy(&error));
        }
        let deleted = self.brief.delete_object().bucket(&self.bucket).key(&key).send().await;
        deleted.err().map(|error| self.remedy(&error))
    }

    fn remedy<E>(&self, error: &SdkError<E>) -> String
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = error.code().filter(|code| is_error_code(code)).unwrap_or_default();
        remedy::remedy(&self.settings, Rejection { status, code, detail: &with_causes(error) })
    }

    pub async fn head(&self, key: &ObjectKey) -> Result<ObjectInfo> {
        let head = self.brief.head_object().bucket(&self.bucket).key(key.to_string()).send().await?;
        Ok(ObjectInfo {
            size: head.content_length().and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
            version: head.e_tag().unwrap_or_default().to_owned(),
        })
    }

    pub async fn read_start(&self, key: &ObjectKey, limit: u64) -> Result<Vec<u8>> {
        if limit == 0 || self.head(key).await?.size == 0 {
            return Ok(Vec::new());
        }
        let answer = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .range(format!("bytes=0-{}", limit - 1))
            .send()
            .await?;
        let bytes = answer.body.collect().await.map_err(|error| StorageError::failed(error.to_string()))?;
        Ok(bytes.to_vec())
    }

    pub async fn read(&self, key: &ObjectKey, first: u64, size: u64) -> Result<ObjectStream> {
        if first >= size {
            self.head(key).await?;
            return Ok(Box::pin(stream::empty()));
        }
        let answer = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .range(format!("bytes={first}-{}", size - 1))
            .customize()
            .config_override(patient_reads())
            .send()
            .await?;
        Ok(Box::pin(stream::try_unfold(answer.body, async |mut body| {
            Ok(body.try_next().await.map_err(io::Error::other)?.map(|bytes| (bytes, body)))
        })))
    }

    pub async fn promote(&self, staged: &ObjectKey, key: &ObjectKey, version: &str) -> Result<()> {
        let copied = self
            .patient
            .copy_object()
            .bucket(&self.bucket)
            .copy_source(format!("{}/{staged}", self.bucket))
            .copy_source_if_match(version)
            .key(key.to_string())
            .set_acl(self.public_read.then_some(ObjectCannedAcl::PublicRead))
            .send()
            .await;
        if let Err(error) = copied {
            let error = StorageError::from(error);
            match (&error, self.head(key).await) {
                // Already moved by an earlier call whose response was lost.
                (StorageError::NotFound, Ok(_)) => return Ok(()),
                // Copied, and the response was lost.
                (StorageError::Failed(_), Ok(info)) if info.version == version => {}
                _ => return Err(error),
            }
        }
        self.delete(staged).await
    }

    pub async fn delete(&self, key: &ObjectKey) -> Result<()> {
        self.brief.delete_object().bucket(&self.bucket).key(key.to_string()).send().await?;
        Ok(())
    }

    pub async fn put_file(&self, key: &ObjectKey, content_type: &str, file: &Path) -> Result<()> {
        let body = ByteStream::from_path(file).await.map_err(|error| StorageError::failed(error.to_string()))?;
        self.put(key, content_type, body).await
    }

    pub async fn put_open_file(
        &self,
        key: &ObjectKey,
        content_type: &str,
        mut file: std::fs::File,
        size: u64,
    ) -> Result<()> {
        file.rewind()?;
        let body = ByteStream::read_from().file(tokio::fs::File::from_std(file)).length(Length::Exact(size));
        let body = body.build().await.map_err(|error| StorageError::failed(error.to_string()))?;
        self.put(key, content_type, body).await
    }

    pub async fn put_bytes(&self, key: &ObjectKey, content_type: &str, bytes: Vec<u8>) -> Result<()> {
        self.put(key, content_type, ByteStream::from(bytes)).await
    }

    async fn put(&self, key: &ObjectKey, content_type: &str, body: ByteStream) -> Result<()> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .content_type(content_type)
            .set_acl(self.public_read.then_some(ObjectCannedAcl::PublicRead))
            .body(body)
            .send()
            .await?;
        Ok(())
    }

    pub fn list<'a>(&'a self, folder: &str) -> impl Stream<Item = Result<Listed>> + Send + use<'a> {
        let pages = self.client.list_objects_v2().bucket(&self.bucket).prefix(folder).into_paginator().send();
        stream::try_unfold(pages, async |mut pages| {
            let page = pages.next().await.transpose()?;
            Ok::<_, StorageError>(page.map(|page| (page, pages)))
        })
        .map_ok(|page| {
            let objects = page.contents.unwrap_or_default().into_iter();
            stream::iter(objects.filter_map(|object| {
                let modified = Timestamp(object.last_modified?.to_millis().ok()?);
                let size = object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
                Some(Ok(Listed { key: object.key?, size, modified }))
            }))
        })
        .try_flatten()
    }

    /// Returns whether the bucket has a rule that removes the parts of unfinished uploads.
    pub async fn aborts_unfinished_uploads(&self) -> Result<bool> {
        let rules = self.client.get_bucket_lifecycle_configuration().bucket(&self.bucket).send().await;
        let rules = match rules.map_err(StorageError::from) {
            Ok(answer) => answer.rules.unwrap_or_default(),
            Err(StorageError::NotFound) => return Ok(false),
            Err(error) => return Err(error),
        };
        let enabled = rules.iter().filter(|rule| rule.status == ExpirationStatus::Enabled);
        Ok(enabled.into_iter().any(|rule| rule.abort_incomplete_multipart_upload.is_some()))
    }

    /// Returns whether the bucket keeps objects that were deleted, and for how many days.
    pub async fn kept_versions(&self) -> Result<KeptVersions> {
        let versioning = self.client.get_bucket_versioning().bucket(&self.bucket).send().await?;
        // A suspended bucket still has the versions from before.
        if versioning.status.is_none() {
            return Ok(KeptVersions::None);
        }
        let rules = self.client.get_bucket_lifecycle_configuration().bucket(&self.bucket).send().await;
        let rules = match rules.map_err(StorageError::from) {
            Ok(answer) => answer.rules.unwrap_or_default(),
            Err(StorageError::NotFound) => return Ok(KeptVersions::Forever),
            Err(error) => return Err(error),
        };
        let enabled = rules.into_iter().filter(|rule| rule.status == ExpirationStatus::Enabled);
        let expirations = enabled.filter_map(|rule| rule.noncurrent_version_expiration?.noncurrent_days);
        Ok(expirations.min().map_or(KeptVersions::Forever, KeptVersions::Days))
    }

    pub async fn local_file(&self, key: &ObjectKey) -> Result<LocalFile> {
        let answer = self.client.get_object().bucket(&self.bucket).key(key.to_string()).send().await?;
        let (file, path) = tempfile::NamedTempFile::new_in(&self.temporary)?.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        tokio::io::copy(&mut answer.body.into_async_read(), &mut file).await?;
        file.flush().await?;
        Ok(LocalFile { path: path.to_path_buf(), _temporary: Some(path) })
    }

    pub(super) fn temporary(&self) -> &Path {
        &self.temporary
    }

    pub async fn check(&self) -> Result<()> {
        self.brief.head_bucket().bucket(&self.bucket).send().await?;
        Ok(())
    }

    pub fn public_url(&self, key: &ObjectKey) -> Option<String> {
        self.public_url.as_ref().map(|base| format!("{base}/{key}"))
    }
}
