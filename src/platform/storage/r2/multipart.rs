//! Uploads in parts on S3. [`super::signed`] signs the parts.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, ObjectCannedAcl};
use uuid::Uuid;

use super::R2;
use crate::platform::storage::{ListedUpload, ObjectKey, Result, StorageError, StoredPart};
use crate::platform::timestamp::Timestamp;

pub(super) fn part_number(number: u32) -> Result<i32> {
    i32::try_from(number).map_err(|_| StorageError::failed("part number over 2^31"))
}

impl R2 {
    /// Requires a checksum for each part, so that the store checks every one.
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
        created.upload_id.ok_or_else(|| StorageError::failed("the store did not start a multipart upload"))
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
        let request = self.patient.complete_multipart_upload().bucket(&self.bucket).key(key.to_string()).upload_id(id);
        match request.multipart_upload(joined.build()).send().await {
            Ok(_) => Ok(()),
            // A part was replaced after it was listed.
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
            let page = page.set_key_marker(from.0.clone()).set_upload_id_marker(from.1.clone()).send().await?;
            for upload in page.uploads.unwrap_or_default() {
                let started = upload.initiated.and_then(|at| at.to_millis().ok()).map(Timestamp);
                if let (Some(key), Some(id), Some(started)) = (upload.key, upload.upload_id, started) {
                    found.push(ListedUpload { key, id, started });
                }
            }
            let next = (page.next_key_marker, page.next_upload_id_marker);
            // A store that reports more without a marker would be asked forever.
            if page.is_truncated != Some(true) || next == (None, None) || next == from {
                return Ok(found);
            }
            from = next;
        }
    }

    pub(super) async fn abort(&self, key: &str, id: &str) -> Result<()> {
        let aborted = self.client.abort_multipart_upload().bucket(&self.bucket).key(key).upload_id(id).send().await;
        match aborted.map_err(StorageError::from) {
            Ok(_) | Err(StorageError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
