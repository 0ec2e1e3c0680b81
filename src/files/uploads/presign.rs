//! Presigned uploads: permissions, and the signed URL.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use super::model::{MultipartPlan, PresignRequest, PresignedUpload};
use super::uploader::Uploader;
use crate::files::attachments::file_name::FileName;
use crate::files::attachments::media_type::check_content_type;
use crate::files::attachments::model::attachment_url;
use crate::files::attachments::store;
use crate::files::attachments::store::NewAttachment;
use crate::files::attachments::upload_failure::{Failed, Step, noted};
use crate::files::pictures::model::PictureKind;
use crate::files::pictures::presign as pictures;
use crate::files::pictures::presign::NewUpload;
use crate::files::staged::object;
use crate::files::staged::object::terms;
use crate::ids::{AttachmentId, AttemptId, ChannelId};
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::byte_size::{ByteSize, format_size};
use crate::platform::error::{AppError, ErrorKind, Result, quoted};
use crate::platform::picture_url::picture_url;
use crate::platform::storage::{ObjectKey, PutTerms, SignedPut, Storage};

/// Maximum bytes of one PUT to an S3-compatible store: 5 GiB, by S3's own limits.
const S3_PUT_MAX: u64 = 5 * 1024 * 1024 * 1024;
/// Maximum bytes of one object there: 5 TiB. On local disk too, so that sums of sizes don't overflow.
const OBJECT_MAX: u64 = 1024 * S3_PUT_MAX;

/// Creates the attachment or the picture and a URL for its bytes. Requires permission to upload, and for an attachment
/// to view the channel.
pub async fn presign(
    platform: &Platform,
    member: Member,
    base_url: &str,
    request: PresignRequest,
) -> Result<PresignedUpload> {
    match PictureKind::from_name(&request.upload_type) {
        Some(kind) => presign_picture(platform, &member, base_url, kind, request).await,
        None if request.upload_type == "attachment" => {
            presign_attachment(platform, &member.into(), base_url, request).await
        }
        None => {
            let types: Vec<_> = PictureKind::ALL.iter().map(|kind| kind.name()).collect();
            let message = format!(
                "{} is not an upload type. Types: attachment, {}.",
                quoted(&request.upload_type),
                types.join(", ")
            );
            Err(AppError::invalid("type", message))
        }
    }
}

async fn presign_picture(
    platform: &Platform,
    member: &Member,
    base_url: &str,
    kind: PictureKind,
    request: PresignRequest,
) -> Result<PresignedUpload> {
    let upload = NewUpload {
        kind,
        bot: request.bot_id,
        name: request.name,
        file_size: request.file_size,
        content_type: check_content_type(&request.content_type)?,
    };
    let signed = pictures::presign(platform, member, upload).await?;
    Ok(presigned(platform, base_url, signed.id.0, &signed.key, picture_url(signed.id.0), signed.put))
}

async fn presign_attachment(
    platform: &Platform,
    uploader: &Uploader,
    base_url: &str,
    request: PresignRequest,
) -> Result<PresignedUpload> {
    let missing = || AppError::invalid("channelId", "Enter the ID of the channel that the file is for.");
    let channel = request.channel_id.ok_or_else(missing)?;
    presign_file(platform, uploader, base_url, Some(channel), request).await
}

/// Does the same for any uploader. Without a channel, as for programs that upload in advance, the first message that
/// names the file can use it.
#[tracing::instrument(skip_all)]
pub async fn presign_file(
    platform: &Platform,
    uploader: &Uploader,
    base_url: &str,
    channel: Option<ChannelId>,
    request: PresignRequest,
) -> Result<PresignedUpload> {
    let failed = Failed { size: Some(request.file_size), ..Failed::default() };
    noted(platform, Step::Presign, failed, begin(platform, uploader, base_url, channel, request).await)
}

async fn begin(
    platform: &Platform,
    uploader: &Uploader,
    base_url: &str,
    channel: Option<ChannelId>,
    request: PresignRequest,
) -> Result<PresignedUpload> {
    let (mut tx, uploader) = uploader.begin_in(platform, channel).await?;
    let size = check_size(platform, request.file_size)?;
    let declared_type = check_content_type(&request.content_type)?;
    uploader.check_announced_kind(&declared_type)?;
    let checksum = request.checksum_sha256.as_deref().map(|text| check_checksum("checksumSha256", text)).transpose()?;
    let file_name = FileName::new(&request.file_name);
    let (id, attempt_id) = (AttachmentId(platform.clock.new_id()), AttemptId(platform.clock.new_id()));
    let new = NewAttachment {
        id,
        organization: uploader.organization(),
        channel,
        uploaded_by: uploader.member_id(),
        file_request: uploader.file_request(),
        file_name: &file_name,
        file_size: ByteSize(size),
        declared_type: &declared_type,
        checksum_sha256: checksum,
        attempt_id,
        object_key: None,
        media_type: None,
        is_icon: false,
        now: platform.clock.now(),
    };
    store::insert(tx.on(), new).await?;
    uploader.check_counted(platform, &mut tx, size).await?;
    tx.commit().await?;
    let checksum = checksum.map(str::to_owned);
    sign(platform, base_url, id, attempt_id, terms(platform, size, declared_type, checksum)).await
}

/// Checks a SHA-256 in base64, as in `x-amz-checksum-sha256`.
pub fn check_checksum<'a>(field: &str, text: &'a str) -> Result<&'a str> {
    match STANDARD.decode(text) {
        // Only the canonical spelling, because the text is compared later.
        Ok(digest) if digest.len() == 32 && STANDARD.encode(&digest) == text => Ok(text),
        _ => Err(AppError::invalid(field, "Must be a base64 SHA-256 checksum with 44 characters.")),
    }
}

fn check_size(platform: &Platform, size: i64) -> Result<u64> {
    let Some(size) = u64::try_from(size).ok().filter(|size| *size > 0) else {
        return Err(AppError::invalid("fileSize", "This file is empty. Choose another file."));
    };
    let limit = platform.config.max_upload_size.map_or(OBJECT_MAX, |limit| limit.min(OBJECT_MAX));
    if size > limit {
        let (has, most) = (format_size(size), format_size(limit));
        let message = if has == most {
            format!("This file has {size} bytes. The limit is {limit}.")
        } else {
            format!("This file is {has}. The limit is {most}.")
        };
        return Err(AppError::new(ErrorKind::TooLarge, message).on("fileSize"));
    }
    Ok(size)
}

/// Most bytes of one file that comes through the server in one piece.
pub fn size_limit(platform: &Platform) -> u64 {
    platform.config.max_upload_size.map_or(S3_PUT_MAX, |limit| limit.min(S3_PUT_MAX))
}

/// Returns whether the storage accepts this many bytes in one request.
pub fn fits_one_put(platform: &Platform, size: u64) -> bool {
    matches!(platform.storage, Storage::LocalDisk(_)) || size <= S3_PUT_MAX
}

pub(super) async fn sign(
    platform: &Platform,
    base_url: &str,
    id: AttachmentId,
    attempt: AttemptId,
    terms: PutTerms,
) -> Result<PresignedUpload> {
    let signed = object::sign(platform, &ObjectKey::Staging(id.0, attempt.0), &terms).await?;
    let one_put = fits_one_put(platform, terms.size);
    let plan = Some(MultipartPlan::of(terms.size)).filter(|plan| plan.part_count > 1);
    let whole = presigned(platform, base_url, id.0, &ObjectKey::Attachment(id.0), attachment_url(id), signed);
    Ok(PresignedUpload { upload_url: whole.upload_url.filter(|_| one_put), multipart: plan, ..whole })
}

/// Returns an upload by one PUT. `served_at` is this server's path of the uploaded file.
fn presigned(
    platform: &Platform,
    base_url: &str,
    id: Uuid,
    key: &ObjectKey,
    served_at: String,
    signed: SignedPut,
) -> PresignedUpload {
    PresignedUpload {
        upload_url: Some(absolute(base_url, signed.url)),
        method: "PUT".to_owned(),
        headers: signed.headers.into_iter().collect(),
        public_url: platform.storage.public_url(key).unwrap_or_else(|| absolute(base_url, served_at)),
        key: key.to_string(),
        resource_id: id,
        expires_at: signed.expires_at,
        multipart: None,
    }
}

/// Adds scheme and host, for clients outside of the page.
pub fn absolute(base_url: &str, url: String) -> String {
    if url.starts_with('/') { format!("{base_url}{url}") } else { url }
}
