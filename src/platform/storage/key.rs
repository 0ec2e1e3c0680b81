//! Object keys, built only here, from typed ids and never from user input.

use std::fmt;
use std::str::FromStr;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};
use uuid::Uuid;

use crate::platform::file_types;

/// The name of an object in the storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectKey {
    /// A stored attachment: `{attachmentId}`.
    Attachment(Uuid),
    /// A file that passed through the server: `attachments/{userId}/{mediaType}/{attachmentId}/{attachmentId}.{ext}`.
    Filed(FiledKey),
    /// An unfinished upload: `staging/{attachmentId or pictureId}/{try}`. Each attempt has its own key, so that a slow
    /// old one can't overwrite a new one.
    Staging(Uuid, Uuid),
    /// `avatars/{userId}/{randomId}`.
    UserAvatar(Uuid, Uuid),
    /// `avatars/bots/{botId}/{randomId}`.
    BotAvatar(Uuid, Uuid),
    /// `avatars/organizations/{orgId}/{randomId}`.
    OrganizationAvatar(Uuid, Uuid),
    /// `emojis/{organizationId}/{randomId}`.
    Emoji(Uuid, Uuid),
    /// An object derived from a stored attachment: `derived/{attachmentId}/{which}`. Removed with the attachment; can
    /// be created again.
    Derived(Uuid, Derived),
}

/// The parts of a key under `attachments/`. Folder and extension come from fixed lists, never from user input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FiledKey {
    pub user: Uuid,
    pub folder: &'static str,
    pub id: Uuid,
    pub extension: &'static str,
}

impl FiledKey {
    /// Folders by media type.
    pub const FOLDERS: [&'static str; 5] = ["VIDEO", "IMAGE", "GIF", "AUDIO", "ICON"];

    /// Returns the extension of keys for a content type.
    pub fn extension_of(content_type: &str) -> &'static str {
        file_types::extension_of(content_type).unwrap_or(NO_EXTENSION)
    }

    fn parse(parts: [&str; 3], last: &str, id: impl Fn(&str) -> Result<Uuid, ()>) -> Result<Self, ()> {
        let [user, folder, of] = parts;
        let (name, extension) = last.split_once('.').ok_or(())?;
        let folder = Self::FOLDERS.into_iter().find(|known| *known == folder).ok_or(())?;
        let mut extensions = file_types::all().flat_map(|row| row.extensions).copied().chain([NO_EXTENSION]);
        let extension = extensions.find(|known| *known == extension).ok_or(())?;
        if name != of {
            return Err(());
        }
        Ok(Self { user: id(user)?, folder, id: id(of)?, extension })
    }
}

/// Extension of types that have none.
const NO_EXTENSION: &str = "bin";

/// Objects that are derived from a file and shown instead of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derived {
    /// A picture in the size of the feed.
    Feed,
    /// A picture in the size of a screen.
    View,
    /// A frame of a video, or the first page of a document.
    Poster,
    /// One page of a document, from 1.
    Page(u32),
    /// The file itself without its location.
    Placeless,
}

impl fmt::Display for Derived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Feed => f.write_str("feed"),
            Self::View => f.write_str("view"),
            Self::Poster => f.write_str("poster"),
            Self::Page(number) => write!(f, "page-{number}"),
            Self::Placeless => f.write_str("placeless"),
        }
    }
}

impl FromStr for Derived {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let derived = match text {
            "feed" => Self::Feed,
            "view" => Self::View,
            "poster" => Self::Poster,
            "placeless" => Self::Placeless,
            _ => Self::Page(text.strip_prefix("page-").and_then(|number| number.parse().ok()).ok_or(())?),
        };
        // Only the canonical spelling, as for ids.
        if derived.to_string() == text { Ok(derived) } else { Err(()) }
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attachment(id) => write!(f, "{id}"),
            Self::Filed(FiledKey { user, folder, id, extension }) => {
                write!(f, "attachments/{user}/{folder}/{id}/{id}.{extension}")
            }
            Self::Staging(id, attempt) => write!(f, "staging/{id}/{attempt}"),
            Self::Derived(id, derived) => write!(f, "derived/{id}/{derived}"),
            Self::UserAvatar(user, id) => write!(f, "avatars/{user}/{id}"),
            Self::BotAvatar(bot, id) => write!(f, "avatars/bots/{bot}/{id}"),
            Self::OrganizationAvatar(organization, id) => write!(f, "avatars/organizations/{organization}/{id}"),
            Self::Emoji(organization, id) => write!(f, "emojis/{organization}/{id}"),
        }
    }
}

impl FromStr for ObjectKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let id = |part: &str| {
            // Only the canonical spelling: one object has one key.
            Uuid::parse_str(part).ok().filter(|id| id.to_string() == part).ok_or(())
        };
        match text.split('/').collect::<Vec<_>>()[..] {
            [attachment] => Ok(Self::Attachment(id(attachment)?)),
            ["attachments", user, folder, of, last] => FiledKey::parse([user, folder, of], last, id).map(Self::Filed),
            ["staging", upload, attempt] => Ok(Self::Staging(id(upload)?, id(attempt)?)),
            ["derived", attachment, which] => Ok(Self::Derived(id(attachment)?, which.parse()?)),
            ["avatars", user, picture] => Ok(Self::UserAvatar(id(user)?, id(picture)?)),
            ["avatars", "bots", bot, picture] => Ok(Self::BotAvatar(id(bot)?, id(picture)?)),
            ["avatars", "organizations", organization, picture] => {
                Ok(Self::OrganizationAvatar(id(organization)?, id(picture)?))
            }
            ["emojis", organization, picture] => Ok(Self::Emoji(id(organization)?, id(picture)?)),
            _ => Err(()),
        }
    }
}

impl<D: Database> Type<D> for ObjectKey
where
    str: Type<D>,
{
    fn type_info() -> D::TypeInfo {
        <str as Type<D>>::type_info()
    }

    fn compatible(of: &D::TypeInfo) -> bool {
        <str as Type<D>>::compatible(of)
    }
}

impl<'q, D: Database> Encode<'q, D> for ObjectKey
where
    String: Encode<'q, D>,
{
    fn encode_by_ref(&self, buffer: &mut D::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        self.to_string().encode(buffer)
    }
}

impl<'r, D: Database> Decode<'r, D> for ObjectKey
where
    &'r str: Decode<'r, D>,
{
    fn decode(value: D::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let text = <&str as Decode<D>>::decode(value)?;
        text.parse().map_err(|()| format!("{text:?} is not the key of an object").into())
    }
}

/// Where local disk stores a part of an upload: `parts/{attachmentId}/{upload}/{number}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartKey {
    pub attachment: Uuid,
    pub upload: Uuid,
    /// From 1.
    pub number: u32,
}

impl fmt::Display for PartKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "parts/{}/{}/{}", self.attachment, self.upload, self.number)
    }
}

impl FromStr for PartKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let ["parts", attachment, upload, number] = text.split('/').collect::<Vec<_>>()[..] else { return Err(()) };
        let key = Self {
            attachment: Uuid::parse_str(attachment).map_err(|_| ())?,
            upload: Uuid::parse_str(upload).map_err(|_| ())?,
            number: number.parse().map_err(|_| ())?,
        };
        // Only the canonical spelling: one part has one key.
        (key.to_string() == text).then_some(key).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_exactly_its_own_output() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for key in [
            ObjectKey::Attachment(a),
            ObjectKey::Filed(FiledKey { user: a, folder: "IMAGE", id: b, extension: "png" }),
            ObjectKey::Filed(FiledKey { user: a, folder: "ICON", id: b, extension: "bin" }),
            ObjectKey::Staging(a, b),
            ObjectKey::Derived(a, Derived::View),
            ObjectKey::Derived(a, Derived::Placeless),
            ObjectKey::Derived(a, Derived::Page(12)),
            ObjectKey::UserAvatar(a, b),
            ObjectKey::BotAvatar(a, b),
            ObjectKey::OrganizationAvatar(a, b),
            ObjectKey::Emoji(a, b),
        ] {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        let part = PartKey { attachment: a, upload: b, number: 7 };
        assert_eq!(part.to_string().parse(), Ok(part));
        for wrong in [format!("parts/{a}/{b}/07"), format!("parts/{a}/{b}/+7"), format!("parts/{a}/{b}/../7")] {
            assert_eq!(wrong.parse::<PartKey>(), Err(()), "{wrong}");
        }
        for wrong in [
            "",
            ".",
            "..",
            "../x",
            "staging/..",
            &format!("{a}/.."),
            &format!("{a}/"),
            &format!("derived/{a}/page-+1"),
            &a.simple().to_string(),
        ] {
            assert_eq!(wrong.parse::<ObjectKey>(), Err(()), "{wrong}");
        }
    }
}
