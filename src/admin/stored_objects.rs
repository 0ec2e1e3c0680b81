//! Which objects the rows of a database require: for back-ups, and for the comparison with the storage.

use std::collections::HashMap;

use anyhow::{Context, Result};
use uuid::Uuid;

use crate::files::pictures::model::PictureKind;
use crate::files::pictures::store::object_key;
use crate::ids::PictureId;
use crate::platform::db::rows::Named;
use crate::platform::storage::ObjectKey;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnedBy {
    Attachment,
    /// An avatar, a logo or an emoji.
    Picture,
}

/// An object that a row requires.
#[derive(Debug, Clone)]
pub struct StoredObject {
    pub owner: OwnedBy,
    /// The id of its row.
    pub id: Uuid,
    pub key: ObjectKey,
    /// Bytes.
    pub size: u64,
    pub content_type: String,
    /// SHA-256 in base64; of an upload in parts that of their checksums, and their number. `None` if the client sent
    /// none.
    pub checksum: Option<String>,
}

/// A row that can have derived objects.
#[derive(Debug, Clone)]
pub struct DerivedOwner {
    /// The type of the file itself.
    pub content_type: String,
    /// Whether it has at least one.
    pub has_preview: bool,
    /// Whether the file is on another server.
    pub is_remote: bool,
}

#[derive(Debug, Default)]
pub struct StoredObjects {
    pub objects: Vec<StoredObject>,
    /// By the id in the key of derived objects.
    pub derived: HashMap<Uuid, DerivedOwner>,
}

impl StoredObjects {
    /// Adds what a row requires. Rows of uploads that are not complete, and of purged files, require nothing.
    pub fn add(&mut self, table: &str, row: &Named<'_>) -> Result<()> {
        match table {
            "attachments" => self.add_attachment(row),
            "pictures" => self.add_picture(row),
            "message_attachments" => {
                self.add_remote_preview(row);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn add_attachment(&mut self, row: &Named<'_>) -> Result<()> {
        if row.text("status") != Some("complete") || row.integer("purged_at").is_some() {
            return Ok(());
        }
        let id = row.id("id").context("an attachment has no id")?;
        let key = match row.text("object_key") {
            None => ObjectKey::Attachment(id),
            Some(text) => text.parse().map_err(|()| anyhow::anyhow!("the key of the attachment {id} is not valid"))?,
        };
        let content_type = row.text("content_type").unwrap_or_default().to_owned();
        let has_preview = row.text("preview") == Some("ready");
        let owner = DerivedOwner { content_type: content_type.clone(), has_preview, is_remote: false };
        self.derived.insert(id, owner);
        let checksum = row.text("checksum_sha256").map(str::to_owned);
        self.objects.push(StoredObject {
            owner: OwnedBy::Attachment,
            id,
            key,
            size: size(row),
            content_type,
            checksum,
        });
        Ok(())
    }

    fn add_picture(&mut self, row: &Named<'_>) -> Result<()> {
        if row.text("status") != Some("complete") {
            return Ok(());
        }
        let id = row.id("id").context("a picture has no id")?;
        let kind = row
            .text("kind")
            .and_then(PictureKind::from_name)
            .with_context(|| format!("the kind of the picture {id} is not known"))?;
        let key = object_key(kind, row.id("owner_id").context("a picture has no owner")?, PictureId(id));
        let content_type = row.text("content_type").unwrap_or_default().to_owned();
        let size = size(row);
        self.objects.push(StoredObject { owner: OwnedBy::Picture, id, key, size, content_type, checksum: None });
        Ok(())
    }

    fn add_remote_preview(&mut self, row: &Named<'_>) {
        if let Some(id) = row.id("preview_id") {
            let has_preview = row.text("preview") == Some("ready");
            let owner = DerivedOwner { content_type: String::new(), has_preview, is_remote: true };
            self.derived.insert(id, owner);
        }
    }
}

fn size(row: &Named<'_>) -> u64 {
    row.integer("file_size").and_then(|size| u64::try_from(size).ok()).unwrap_or(0)
}
