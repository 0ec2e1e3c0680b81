//! URLs that serve a file without a token, for a limited time. For programs that would send their token on to the store of a
//! redirect.

use uuid::Uuid;

use super::service::{DOWNLOAD_URL_LIFETIME, prepare};
use crate::ids::{AttachmentId, MemberId, OrganizationId};
use crate::people::audit::model::Action;
use crate::people::audit::service as audit;
use crate::people::audit::service::By;
use crate::people::organizations::service::Member;
use crate::people::organizations::store as members;
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::storage::Storage;
use crate::platform::timestamp::Timestamp;

/// A permission to download one file in the name of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    pub organization: OrganizationId,
    pub member: MemberId,
    /// The access token that asked for it. The grant ends with it.
    pub token: Option<Uuid>,
    pub expires_at: Timestamp,
}

/// Where a file can be downloaded.
#[derive(Debug)]
pub enum DownloadUrl {
    /// At the store, by a presigned URL.
    Store { url: String, expires_at: Timestamp },
    /// Here, by a signed grant.
    Server { grant: Grant, signature: String },
}

/// Returns where a member can download a file. A presigned URL is logged as a download, because the store logs none.
pub async fn download_url(platform: &Platform, member: &Member, id: AttachmentId) -> Result<DownloadUrl> {
    let (file, subject) = prepare(platform, member, id, None, true).await?;
    let expires_at = platform.clock.now().plus(DOWNLOAD_URL_LIFETIME);
    match &platform.storage {
        Storage::LocalDisk(_) => {
            let token = member.token.as_ref().map(|token| token.id);
            let grant = Grant { organization: member.organization_id(), member: member.id, token, expires_at };
            Ok(DownloadUrl::Server { grant, signature: platform.secret.sign(&grant.message(id)) })
        }
        Storage::R2(store) => {
            let url = store
                .presign_get_with_response_content_disposition(
                    &file.key,
                    DOWNLOAD_URL_LIFETIME,
                    &file.disposition,
                    &file.content_type,
                )
                .await?;
            audit::note(platform, &By::member(member), Action::Downloaded, &subject).await;
            Ok(DownloadUrl::Store { url, expires_at })
        }
    }
}

impl Grant {
    fn message(&self, id: AttachmentId) -> String {
        let token = self.token.map(|token| token.to_string()).unwrap_or_default();
        format!("GET\n{id}\n{}\n{}\n{token}\n{}", self.organization, self.member, self.expires_at.0)
    }

    /// Returns the member in whose name the file is served, as they are now.
    ///
    /// # Errors
    /// `invalid_signature`, `url_expired`, or `unauthenticated` if the member or the access token is gone.
    pub async fn redeem(&self, platform: &Platform, id: AttachmentId, signature: &str) -> Result<Member> {
        if !platform.secret.verify(&self.message(id), signature) {
            let message = "This download URL was changed. Get a new one with redirect=false.";
            return Err(AppError::new(ErrorKind::InvalidSignature, message));
        }
        let now = platform.clock.now();
        if now > self.expires_at {
            let message = "This download URL has expired. Get a new one with redirect=false.";
            return Err(AppError::new(ErrorKind::UrlExpired, message));
        }
        let row =
            members::acting_member(platform.db.on(), self.organization, self.member, None, self.token, now).await?;
        row.map(Member::from).ok_or_else(AppError::unauthenticated)
    }
}
