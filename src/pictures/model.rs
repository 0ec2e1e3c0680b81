//! Pictures as both sides see them, and what they may be.

use serde::{Deserialize, Serialize};

use crate::id_type;
use crate::platform::timestamp::Timestamp;

id_type! {
    /// The random part of a picture's key. A new picture has a new one, so what it names never changes.
    PictureId,
    BotId,
}

/// What a picture is for. The names are those of the presign endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PictureKind {
    UserAvatar,
    BotAvatar,
    /// The logo.
    OrganizationAvatar,
    CustomEmoji,
}

impl PictureKind {
    pub const ALL: [Self; 4] = [Self::UserAvatar, Self::BotAvatar, Self::OrganizationAvatar, Self::CustomEmoji];

    pub const fn name(self) -> &'static str {
        match self {
            Self::UserAvatar => "user-avatar",
            Self::BotAvatar => "bot-avatar",
            Self::OrganizationAvatar => "organization-avatar",
            Self::CustomEmoji => "custom-emoji",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Most bytes.
    pub const fn max_size(self) -> u64 {
        match self {
            Self::CustomEmoji => 256 * 1000,
            _ => 5 * 1000 * 1000,
        }
    }
}

/// Most pixels of a side: what a browser has to unpack stays small, however well it was packed.
pub const SIDE_MAX: i32 = 4096;

/// What may be uploaded, by its bytes. An SVG is a document that can hold scripts.
pub fn is_allowed(content_type: &str) -> bool {
    matches!(content_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Picture {
    pub id: PictureId,
    #[serde(rename = "type")]
    pub kind: PictureKind,
    pub content_type: String,
    /// Bytes.
    pub file_size: i64,
    pub width: i32,
    pub height: i32,
    pub url: String,
}

/// A program with a name and a face of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bot {
    pub id: BotId,
    pub name: String,
    pub avatar_url: Option<String>,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewBot {
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_survive_json() {
        for kind in PictureKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(PictureKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(PictureKind::from_name("attachment"), None);
    }
}
