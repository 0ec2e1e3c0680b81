//! Presigned requests for browsers, bound to what was announced.

use std::time::Duration;

use aws_sdk_s3::config::http::HttpRequest;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};

use super::R2;
use super::multipart::part_number;
use crate::platform::storage::{ObjectKey, PutTerms, Result, SignedPut, StorageError};

fn presigning(expires: Duration) -> Result<PresigningConfig> {
    PresigningConfig::expires_in(expires).map_err(|error| StorageError::failed(error.to_string()))
}

/// Adds our checksum before signing, because the SDK adds none to a presigned request, so that the signature covers it.
fn with_checksum(terms: &PutTerms) -> impl Fn(&mut HttpRequest) + Send + Sync + 'static {
    let checksum = terms.checksum.clone();
    move |request| {
        if let Some(checksum) = &checksum {
            request.headers_mut().insert("x-amz-checksum-sha256", checksum.clone());
        }
    }
}

fn content_length(terms: &PutTerms) -> Result<i64> {
    i64::try_from(terms.size).map_err(|_| StorageError::failed("size over 2^63"))
}

fn signed_put(request: &PresignedRequest, terms: &PutTerms) -> SignedPut {
    // The browser sets Content-Length itself and forbids scripts to; the signature still covers it.
    let headers = request
        .headers()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length") && !name.eq_ignore_ascii_case("host"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    SignedPut { url: request.uri().to_owned(), headers, expires_at: terms.now.plus(terms.expires_in) }
}

impl R2 {
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

    /// Presigns a GET of the object for a duration, with this disposition and content type: the store sends them with
    /// the bytes, so that the file keeps its name after the redirect.
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
}
