//! An S3-compatible store: Cloudflare R2, Garage, `MinIO`, S3.

use std::io::{self, Seek};
use std::path::Path;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpRequest;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Region, RequestChecksumCalculation, ResponseChecksumValidation, StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::primitives::{ByteStream, Length};
use aws_sdk_s3::types::{
    ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, ExpirationStatus, ObjectCannedAcl,
};
use futures::{Stream, TryStreamExt, stream};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use super::{
    Listed, ListedUpload, LocalFile, ObjectInfo, ObjectKey, ObjectStream, PutTerms, Result, SignedPut, StorageError,
    StoredPart,
};
use crate::platform::config::S3Config;
use crate::platform::timestamp::Timestamp;

pub struct R2 {
    client: Client,
    bucket: String,
    public_url: Option<String>,
    public_read: bool,
}

impl<E> From<SdkError<E>> for StorageError
where
    E: std::error::Error + 'static,
{
    fn from(error: SdkError<E>) -> Self {
        match error.raw_response().map(|response| response.status().as_u16()) {
            Some(404) => Self::NotFound,
            Some(412) => Self::Changed,
            _ => Self::Failed(DisplayErrorContext(&error).to_string()),
        }
    }
}

fn presigning(expires: Duration) -> Result<PresigningConfig> {
    PresigningConfig::expires_in(expires).map_err(|error| StorageError::Failed(error.to_string()))
}

/// The SDK puts no checksum of ours into a presigned request: it goes in before the signing, so that the signature binds it.
fn with_checksum(terms: &PutTerms) -> impl Fn(&mut HttpRequest) + Send + Sync + 'static {
    let checksum = terms.checksum.clone();
    move |request| {
        if let Some(checksum) = &checksum {
            request.headers_mut().insert("x-amz-checksum-sha256", checksum.clone());
        }
    }
}

fn content_length(terms: &PutTerms) -> Result<i64> {
    i64::try_from(terms.size).map_err(|_| StorageError::Failed("size over 2^63".to_owned()))
}

fn part_number(number: u32) -> Result<i32> {
    i32::try_from(number).map_err(|_| StorageError::Failed("part number over 2^31".to_owned()))
}

fn signed_put(request: &PresignedRequest, terms: &PutTerms) -> SignedPut {
    // The browser sets Content-Length by itself and forbids scripts to; the signature binds it all the same.
    let headers = request
        .headers()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length") && !name.eq_ignore_ascii_case("host"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    SignedPut { url: request.uri().to_owned(), headers, expires_at: terms.now.plus(terms.expires_in) }
}

impl R2 {
    pub fn new(config: &S3Config) -> Self {
        let credentials = Credentials::new(&config.access_key_id, &config.secret_access_key, None, None, "attache");
        let settings = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(config.region.clone()))
            .endpoint_url(&config.endpoint)
            .credentials_provider(credentials)
            .force_path_style(true)
            // Else a presigned PUT carries the checksum of an empty body, which no upload can match.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .operation_attempt_timeout(Duration::from_mins(1))
                    .build(),
            )
            .build();
        Self {
            client: Client::from_conf(settings),
            bucket: config.bucket.clone(),
            public_url: config.public_url.clone(),
            public_read: config.public_read,
        }
    }

    /// A store that takes these settings; else the error names the variable that is at fault.
    pub async fn open(config: &S3Config) -> anyhow::Result<Self> {
        let store = Self::new(config);
        let Err(error) = store.client.head_bucket().bucket(&store.bucket).send().await else { return Ok(store) };
        let (endpoint, bucket) = (&config.endpoint, &config.bucket);
        match error.raw_response().map(|response| response.status().as_u16()) {
            Some(404) => {
                anyhow::bail!("S3_BUCKET: there is no bucket {bucket:?} at {endpoint}. Create it or correct the name.")
            }
            Some(401 | 403) => anyhow::bail!(
                "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY do not open the bucket {bucket:?} (S3_BUCKET). Correct them, or \
                 give this key the right to read and write there."
            ),
            Some(301 | 307 | 400) => anyhow::bail!(
                "S3_REGION={:?} is not the region of the bucket {bucket:?}. Set it to what the store says; R2 has auto.",
                config.region
            ),
            Some(status) => {
                anyhow::bail!("S3_ENDPOINT: {endpoint} answered {status}. Correct it, or start when the store is well.")
            }
            None => anyhow::bail!(
                "S3_ENDPOINT: {endpoint} cannot be reached ({}). Correct it, or start the store.",
                DisplayErrorContext(&error)
            ),
        }
    }

    pub async fn presign_put(&self, key: &ObjectKey, terms: &PutTerms) -> Result<SignedPut> {
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .content_type(&terms.content_type)
            .content_length(content_length(terms)?)
            .customize()
            .mutate_request(with_checksum(terms))
            .presigned(presigning(terms.expires_in)?)
            .await?;
        Ok(signed_put(&request, terms))
    }

    /// The checksum of each part is demanded, so that the store checks every one.
    pub async fn create_multipart(&self, key: &ObjectKey, _fresh: Uuid, content_type: &str) -> Result<String> {
        let created = self
            .client
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(key.to_string())
            .content_type(content_type)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .set_acl(self.public_read.then_some(ObjectCannedAcl::PublicRead))
            .send()
            .await?;
        created.upload_id.ok_or_else(|| StorageError::Failed("the store began no upload in parts".to_owned()))
    }

    pub async fn presign_part(&self, key: &ObjectKey, id: &str, number: u32, terms: &PutTerms) -> Result<SignedPut> {
        let request = self
            .client
            .upload_part()
            .bucket(&self.bucket)
            .key(key.to_string())
            .upload_id(id)
            .part_number(part_number(number)?)
            .content_length(content_length(terms)?)
            .customize()
            .mutate_request(with_checksum(terms))
            .presigned(presigning(terms.expires_in)?)
            .await?;
        Ok(signed_put(&request, terms))
    }

    pub async fn list_parts(&self, key: &ObjectKey, id: &str) -> Result<Vec<StoredPart>> {
        let pages = self.client.list_parts().bucket(&self.bucket).key(key.to_string()).upload_id(id);
        let mut parts = pages.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(part) = parts.try_next().await? {
            found.push(StoredPart {
                number: part.part_number().and_then(|number| u32::try_from(number).ok()).unwrap_or(0),
                size: part.size().and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
                etag: part.e_tag().unwrap_or_default().to_owned(),
                checksum: part.checksum_sha256().map(str::to_owned),
            });
        }
        Ok(found)
    }

    pub async fn complete_multipart(&self, key: &ObjectKey, id: &str, parts: &[StoredPart]) -> Result<()> {
        let mut joined = CompletedMultipartUpload::builder();
        for part in parts {
            let completed = CompletedPart::builder()
                .part_number(part_number(part.number)?)
                .e_tag(&part.etag)
                .set_checksum_sha256(part.checksum.clone());
            joined = joined.parts(completed.build());
        }
        let request = self.client.complete_multipart_upload().bucket(&self.bucket).key(key.to_string()).upload_id(id);
        match request.multipart_upload(joined.build()).send().await {
            Ok(_) => Ok(()),
            // A part was replaced since it was listed.
            Err(error) if matches!(error.code(), Some("InvalidPart" | "InvalidPartOrder")) => {
                Err(StorageError::Changed)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub async fn abort_multipart(&self, key: &ObjectKey, id: &str) -> Result<()> {
        self.abort(&key.to_string(), id).await
    }

    pub async fn abort_listed(&self, upload: &ListedUpload) -> Result<()> {
        self.abort(&upload.key, &upload.id).await
    }

    pub async fn list_multipart(&self) -> Result<Vec<ListedUpload>> {
        let (mut found, mut from) = (Vec::new(), (None, None));
        loop {
            let page = self.client.list_multipart_uploads().bucket(&self.bucket);
            let page = page.set_key_marker(from.0).set_upload_id_marker(from.1).send().await?;
            for upload in page.uploads.unwrap_or_default() {
                let started = upload.initiated.and_then(|at| at.to_millis().ok()).map(Timestamp);
                if let (Some(key), Some(id), Some(started)) = (upload.key, upload.upload_id, started) {
                    found.push(ListedUpload { key, id, started });
                }
            }
            if page.is_truncated != Some(true) {
                return Ok(found);
            }
            from = (page.next_key_marker, page.next_upload_id_marker);
        }
    }

    async fn abort(&self, key: &str, id: &str) -> Result<()> {
        let aborted = self.client.abort_multipart_upload().bucket(&self.bucket).key(key).upload_id(id).send().await;
        match aborted.map_err(StorageError::from) {
            Ok(_) | Err(StorageError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A URL that answers the object for so long, under the disposition and content type given here: the store sends them
    /// with the bytes, so that the file keeps its name after the redirect.
    pub async fn presign_get_with_response_content_disposition(
        &self,
        key: &ObjectKey,
        expires: Duration,
        content_disposition: &str,
        content_type: &str,
    ) -> Result<String> {
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .response_content_disposition(content_disposition)
            .response_content_type(content_type)
            .presigned(presigning(expires)?)
            .await?;
        Ok(request.uri().to_owned())
    }

    pub async fn head(&self, key: &ObjectKey) -> Result<ObjectInfo> {
        let head = self.client.head_object().bucket(&self.bucket).key(key.to_string()).send().await?;
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
        let bytes = answer.body.collect().await.map_err(|error| StorageError::Failed(error.to_string()))?;
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
            .range(format!("bytes={first}-"))
            .customize()
            // A reader that pauses is no stalled store. Who reads decides how long to wait.
            .config_override(
                aws_sdk_s3::Config::builder().stalled_stream_protection(StalledStreamProtectionConfig::disabled()),
            )
            .send()
            .await?;
        Ok(Box::pin(stream::try_unfold(answer.body, async |mut body| {
            Ok(body.try_next().await.map_err(io::Error::other)?.map(|bytes| (bytes, body)))
        })))
    }

    pub async fn promote(&self, staged: &ObjectKey, key: &ObjectKey, version: &str) -> Result<()> {
        let copied = self
            .client
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
            // Already moved by an earlier call whose answer was lost.
            if matches!(error, StorageError::NotFound) && self.head(key).await.is_ok() {
                return Ok(());
            }
            return Err(error);
        }
        self.delete(staged).await
    }

    pub async fn delete(&self, key: &ObjectKey) -> Result<()> {
        self.client.delete_object().bucket(&self.bucket).key(key.to_string()).send().await?;
        Ok(())
    }

    pub async fn put_file(&self, key: &ObjectKey, content_type: &str, file: &Path) -> Result<()> {
        let body = ByteStream::from_path(file).await.map_err(|error| StorageError::Failed(error.to_string()))?;
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
        let body = body.build().await.map_err(|error| StorageError::Failed(error.to_string()))?;
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

    pub fn list(&self, folder: &str) -> impl Stream<Item = Result<Listed>> + Send {
        let pages = self.client.list_objects_v2().bucket(&self.bucket).prefix(folder).into_paginator().send();
        stream::try_unfold(pages, async |mut pages| {
            let page = pages.next().await.transpose()?;
            Ok::<_, StorageError>(page.map(|page| (page, pages)))
        })
        .map_ok(|page| {
            let objects = page.contents.unwrap_or_default().into_iter();
            stream::iter(objects.filter_map(|object| {
                let modified = Timestamp(object.last_modified?.to_millis().ok()?);
                Some(Ok(Listed { key: object.key?, modified }))
            }))
        })
        .try_flatten()
    }

    /// Whether the bucket has a rule that removes the parts of uploads that nobody finished.
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

    pub async fn local_file(&self, key: &ObjectKey) -> Result<LocalFile> {
        let answer = self.client.get_object().bucket(&self.bucket).key(key.to_string()).send().await?;
        let (file, path) = tempfile::NamedTempFile::new()?.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        tokio::io::copy(&mut answer.body.into_async_read(), &mut file).await?;
        file.flush().await?;
        Ok(LocalFile { path: path.to_path_buf(), _temporary: Some(path) })
    }

    pub async fn check(&self) -> Result<()> {
        self.client.head_bucket().bucket(&self.bucket).send().await?;
        Ok(())
    }

    pub fn public_url(&self, key: &ObjectKey) -> Option<String> {
        self.public_url.as_ref().map(|base| format!("{base}/{key}"))
    }
}
