//! Objects by name that the server itself streams to and from the store, of any size.

use std::io;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, ObjectCannedAcl};
use bytes::{Bytes, BytesMut};
use futures::{TryStreamExt, stream};

use super::multipart::part_number;
use super::{R2, patient_reads};
use crate::platform::storage::{ObjectStream, Result, StorageError};

/// Bytes of a part, which is in memory while it is sent.
const PART_SIZE: u64 = 16 * 1024 * 1024;
/// Maximum number of parts of an object in S3. Larger objects have larger parts.
const PARTS_MAX: u64 = 10_000;

/// Cuts a stream into pieces of a given size.
struct Pieces {
    bytes: ObjectStream,
    rest: Bytes,
}

impl Pieces {
    /// Returns the next `size` bytes, or what is left.
    async fn next(&mut self, size: u64) -> io::Result<Bytes> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let mut piece = BytesMut::new();
        while piece.len() < size {
            if self.rest.is_empty() {
                let Some(bytes) = self.bytes.try_next().await? else { break };
                self.rest = bytes;
                continue;
            }
            let taken = self.rest.len().min(size - piece.len());
            piece.extend_from_slice(&self.rest.split_to(taken));
        }
        Ok(piece.freeze())
    }
}

fn wrong_size(size: u64) -> StorageError {
    StorageError::failed(format!("the stream does not have the announced {size} bytes"))
}

impl R2 {
    /// Stores a stream of exactly `size` bytes. Nothing is stored if it has another size or fails.
    pub async fn put_stream(&self, name: &str, content_type: &str, size: u64, bytes: ObjectStream) -> Result<()> {
        let mut pieces = Pieces { bytes, rest: Bytes::new() };
        let part_size = size.div_ceil(PARTS_MAX).max(PART_SIZE);
        if size > part_size {
            return self.put_pieces(name, content_type, size, part_size, pieces).await;
        }
        let piece = pieces.next(size + 1).await?;
        if piece.len() as u64 != size {
            return Err(wrong_size(size));
        }
        self.patient
            .put_object()
            .bucket(&self.bucket)
            .key(name)
            .content_type(content_type)
            .set_acl(self.public_read.then_some(ObjectCannedAcl::PublicRead))
            .body(ByteStream::from(piece))
            .send()
            .await?;
        Ok(())
    }

    async fn put_pieces(
        &self,
        name: &str,
        content_type: &str,
        size: u64,
        part_size: u64,
        pieces: Pieces,
    ) -> Result<()> {
        let created = self
            .patient
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(name)
            .content_type(content_type)
            .set_acl(self.public_read.then_some(ObjectCannedAcl::PublicRead))
            .send()
            .await?;
        let id = created.upload_id.ok_or_else(|| StorageError::failed("the store did not start a multipart upload"))?;
        let stored = self.send_pieces(name, &id, size, part_size, pieces).await;
        if stored.is_err() {
            let aborted = self.abort(name, &id).await;
            if let Err(error) = aborted {
                tracing::warn!(%error, "failed to remove the parts of an interrupted upload");
            }
        }
        stored
    }

    async fn send_pieces(&self, name: &str, id: &str, size: u64, part_size: u64, mut pieces: Pieces) -> Result<()> {
        let (mut joined, mut sent) = (CompletedMultipartUpload::builder(), 0);
        for number in 1.. {
            let piece = pieces.next(part_size).await?;
            if piece.is_empty() {
                break;
            }
            sent += piece.len() as u64;
            if sent > size {
                break;
            }
            let part = self.patient.upload_part().bucket(&self.bucket).key(name).upload_id(id);
            let part = part.part_number(part_number(number)?).body(ByteStream::from(piece)).send().await?;
            let part = CompletedPart::builder().part_number(part_number(number)?).set_e_tag(part.e_tag);
            joined = joined.parts(part.build());
        }
        if sent != size {
            return Err(wrong_size(size));
        }
        let request = self.patient.complete_multipart_upload().bucket(&self.bucket).key(name).upload_id(id);
        request.multipart_upload(joined.build()).send().await?;
        Ok(())
    }

    /// Streams a whole object.
    pub async fn read_whole(&self, name: &str) -> Result<ObjectStream> {
        let answer = self.patient.get_object().bucket(&self.bucket).key(name).customize();
        let answer = answer.config_override(patient_reads()).send().await?;
        Ok(Box::pin(stream::try_unfold(answer.body, async |mut body| {
            Ok(body.try_next().await.map_err(io::Error::other)?.map(|bytes| (bytes, body)))
        })))
    }

    /// Removes an object by its name. Succeeds if there is none.
    pub async fn delete_named(&self, name: &str) -> Result<()> {
        self.brief.delete_object().bucket(&self.bucket).key(name).send().await?;
        Ok(())
    }
}
