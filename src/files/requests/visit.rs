//! Permissions of a visitor with the link of a file request.

use super::store::{self, OpenRow, Used};
use crate::files::attachments::media_type::FileKind;
use crate::files::requests::model::kinds_in_words;
use crate::people::audit::service::By;
use crate::platform::Platform;
use crate::platform::byte_size::format_size;
use crate::platform::db::{Lockable, On, Tx};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::file_types::OCTET_STREAM;
use crate::platform::secret::Token;

/// A visitor with a link that works.
#[derive(Debug, Clone)]
pub struct Visit {
    pub request: OpenRow,
    /// The visitor's network, for the audit log.
    pub network: Option<String>,
}

/// The error for every link that doesn't work, for any reason.
pub fn not_found() -> AppError {
    AppError::new(
        ErrorKind::NotFound,
        "This link doesn't work. It may have expired or been revoked. Ask for a new one.",
    )
}

impl Visit {
    /// Returns the visit by a token, if its link works.
    pub async fn of(platform: &Platform, token: &str, network: Option<String>) -> Result<Option<Self>> {
        let request = store::open(platform.db.on(), &Token::hash_of(token), platform.clock.now()).await?;
        Ok(request.map(|request| Self { request, network }))
    }

    /// Begins a transaction in which the link keeps working until the end. Transactions of the same link run one after the
    /// other, so that concurrent requests can't exceed its limits.
    ///
    /// # Errors
    /// `not_found` if the link has expired or was revoked.
    pub async fn begin(&self, platform: &Platform) -> Result<(Tx, Self)> {
        let mut tx = platform.db.begin().await?;
        tx.keep_rights(self.request.organization_id.0).await?;
        tx.lock(Lockable::FileRequest, self.request.id.0).await?;
        let request = store::still_open(tx.on(), self.request.id, platform.clock.now()).await?;
        let request = request.ok_or_else(not_found)?;
        Ok((tx, Self { request, network: self.network.clone() }))
    }

    pub fn by(&self) -> By {
        By::anybody(self.request.organization_id, self.network.clone())
    }

    /// Returns the remaining limits. Uploads in progress count too.
    pub async fn room(&self, on: On<'_>) -> Result<Room> {
        let Used { files, bytes } = store::used(on, self.request.id).await?;
        Ok(Room { files: (self.request.max_files - files).max(0), bytes: (self.request.max_bytes - bytes).max(0) })
    }

    /// Rejects a file of `size` bytes that was just counted in this transaction if it exceeds a limit. The caller rolls back.
    pub async fn check_counted(&self, tx: &mut Tx, size: u64) -> Result<()> {
        let Used { files, bytes } = store::used(tx.on(), self.request.id).await?;
        if files > self.request.max_files {
            return Err(self.too_many());
        }
        if bytes > self.request.max_bytes {
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            return Err(self.too_large(self.request.max_bytes - (bytes - size)));
        }
        Ok(())
    }

    pub fn too_many(&self) -> AppError {
        let message = match self.request.max_files {
            1 => "This link accepts only one file.".to_owned(),
            max => format!("This link accepts at most {max} files. Remove some files."),
        };
        AppError::new(ErrorKind::TooLarge, message).on("file")
    }

    /// `left` is the number of bytes that remain.
    pub fn too_large(&self, left: i64) -> AppError {
        let max = format_size(u64::try_from(self.request.max_bytes).unwrap_or(0));
        let left = format_size(u64::try_from(left).unwrap_or(0));
        let message = format!("This link accepts {max} in total, and {left} is left. Choose a smaller file.");
        AppError::new(ErrorKind::TooLarge, message).on("file")
    }

    /// Rejects a declared type that isn't accepted. For an unknown type the bytes decide later.
    pub fn check_announced_kind(&self, content_type: &str) -> Result<()> {
        if content_type == OCTET_STREAM { Ok(()) } else { self.check_kind(content_type) }
    }

    /// Rejects a type of file that isn't accepted.
    pub fn check_kind(&self, content_type: &str) -> Result<()> {
        let kinds = self.request.kinds();
        if kinds.is_empty() || kinds.contains(&FileKind::of(content_type)) {
            return Ok(());
        }
        let asked = kinds_in_words(kinds).unwrap_or_default();
        Err(AppError::new(ErrorKind::InvalidValue, format!("This link accepts only {asked}. Choose another file."))
            .on("file"))
    }
}

/// The remaining limits of a link.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    pub files: i64,
    pub bytes: i64,
}
