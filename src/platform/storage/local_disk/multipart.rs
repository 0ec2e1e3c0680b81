//! Uploads in parts on local disk, the counterpart of [`super::super::Storage`].

use bytes::Bytes;
use futures::Stream;
use uuid::Uuid;

use super::parts::PartPlace;
use super::{LocalDisk, ReceiveError};
use crate::platform::storage::{
    ListedUpload, ObjectKey, PartKey, PutTerms, Result, SignedPut, StorageError, StoredPart, signed_url,
};

impl LocalDisk {
    pub async fn create_multipart(&self, _key: &ObjectKey, fresh: Uuid, _content_type: &str) -> Result<String> {
        self.parts.create(fresh).await?;
        Ok(fresh.to_string())
    }

    #[expect(clippy::unused_async, reason = "awaited by `Storage` like that of the store")]
    pub async fn presign_part(&self, key: &ObjectKey, id: &str, number: u32, terms: &PutTerms) -> Result<SignedPut> {
        let ObjectKey::Attachment(attachment) = *key else { return Err(StorageError::NotFound) };
        let (url, expires_at) =
            signed_url::sign(&self.secret, &PartKey { attachment, upload: upload_id(id)?, number }, terms);
        Ok(SignedPut { url, headers: Vec::new(), expires_at })
    }

    pub async fn list_multipart(&self) -> Result<Vec<ListedUpload>> {
        self.parts.list_uploads().await
    }

    pub async fn abort_listed(&self, upload: &ListedUpload) -> Result<()> {
        self.parts.abort(upload_id(&upload.id)?).await
    }

    pub async fn list_parts(&self, _key: &ObjectKey, id: &str) -> Result<Vec<StoredPart>> {
        self.parts.list(upload_id(id)?).await
    }

    pub async fn complete_multipart(&self, key: &ObjectKey, id: &str, parts: &[StoredPart]) -> Result<()> {
        self.parts.join(upload_id(id)?, parts, self.path(key)).await
    }

    pub async fn abort_multipart(&self, _key: &ObjectKey, id: &str) -> Result<()> {
        self.parts.abort(upload_id(id)?).await
    }

    /// Streams a part to its offset in the joined file.
    pub async fn receive_part<S, E>(&self, place: PartPlace, bytes: S) -> Result<(), ReceiveError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        self.parts.receive(place, bytes).await
    }
}

/// Parses the id of an upload in parts that this back end created.
fn upload_id(id: &str) -> Result<Uuid> {
    Uuid::parse_str(id).map_err(|_| StorageError::NotFound)
}
