//! File requests, shared by browser and server.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::files::attachments::media_type::FileKind;
use crate::files::sharing::model::check_link_password;
use crate::ids::{ChannelId, FileRequestId};
use crate::platform::error::{AppError, Result, quoted};
use crate::platform::timestamp::Timestamp;
use crate::platform::visible::trim_invisible;
use crate::platform::{lists, omitted};

/// Default lifetime of a link.
pub const LIFE_DEFAULT: Duration = Duration::from_hours(7 * 24);
/// Maximum lifetime of a link.
const LIFE_MAX: Duration = Duration::from_hours(365 * 24);
/// Maximum length of a note, in characters.
const NOTE_MAX: usize = 2000;
/// Default maximum number of files per link.
pub const FILES_DEFAULT: i64 = 20;
/// Largest maximum number of files per link.
const FILES_MAX: i64 = 1000;
/// Default maximum size of all files of a link together, in bytes.
pub const BYTES_DEFAULT: i64 = 2_000_000_000;
/// Largest maximum size of all files of a link together, in bytes: that of one object in S3.
const BYTES_MAX: i64 = 5 * 1024 * 1024 * 1024 * 1024;

/// A request for files, to be created.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewFileRequest {
    /// The ID of the contact's conversation or team channel that the files go to.
    pub channel_id: ChannelId,
    /// What to send. The page of the link shows it.
    #[serde(default, deserialize_with = "omitted::or_default", skip_serializing_if = "String::is_empty")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, max_length = 2000, example = "Photos of the tap, please"))]
    pub note: String,
    /// Seconds until the link expires. Defaults to 7 days.
    #[serde(default, deserialize_with = "omitted::or_none", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(minimum = 1, maximum = 31_536_000, example = 604_800))]
    pub expires_in: Option<i64>,
    /// The maximum number of files. Defaults to 20.
    #[serde(default, deserialize_with = "omitted::or_none", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(minimum = 1, maximum = 1000))]
    pub max_files: Option<i64>,
    /// The maximum size of all files together, in bytes. Defaults to 2 GB.
    #[serde(default, deserialize_with = "omitted::or_none", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(minimum = 1, maximum = 5_497_558_138_880_i64))]
    pub max_bytes: Option<i64>,
    /// The kinds of files that are accepted: `image`, `video`, `audio`, `document` and `other`. Defaults to all.
    #[serde(
        default,
        deserialize_with = "omitted::or_empty::<{ lists::VALUES_MAX }, _, _>",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[cfg_attr(
        feature = "server",
        schema(max_items = 1000, value_type = Option<Vec<FileKind>>, example = json!(["image", "video"]))
    )]
    pub kinds: Vec<String>,
    /// Visitors must enter it before they see the page.
    #[serde(default, deserialize_with = "omitted::or_none", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(min_length = 6, max_length = 200))]
    pub password: Option<String>,
}

/// The checked fields of a new request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub channel: ChannelId,
    pub note: String,
    pub expires_at: Timestamp,
    pub max_files: i64,
    pub max_bytes: i64,
    /// Empty if all kinds are accepted.
    pub kinds: Vec<FileKind>,
    pub password: Option<String>,
}

impl NewFileRequest {
    pub fn check(self, now: Timestamp) -> Result<Terms> {
        let note = trim_invisible(&self.note.replace('\0', "")).trim().to_owned();
        if note.chars().count() > NOTE_MAX {
            return Err(AppError::invalid("note", format!("Use at most {NOTE_MAX} characters.")));
        }
        let life_max = i64::try_from(LIFE_MAX.as_secs()).unwrap_or(i64::MAX);
        let life_default = i64::try_from(LIFE_DEFAULT.as_secs()).unwrap_or(i64::MAX);
        let seconds = within("expiresIn", self.expires_in, life_default, life_max)?;
        let mut kinds = Vec::new();
        for name in lists::once(self.kinds) {
            let unknown = || {
                let known: Vec<_> = FileKind::ALL.iter().map(|kind| kind.name()).collect();
                AppError::invalid(
                    "kinds",
                    format!("{} is not a kind of file. Kinds: {}.", quoted(&name), known.join(", ")),
                )
            };
            kinds.push(FileKind::from_name(&name).ok_or_else(unknown)?);
        }
        check_link_password(self.password.as_deref())?;
        Ok(Terms {
            channel: self.channel_id,
            note,
            expires_at: Timestamp(now.0.saturating_add(seconds * 1000)),
            max_files: within("maxFiles", self.max_files, FILES_DEFAULT, FILES_MAX)?,
            max_bytes: within("maxBytes", self.max_bytes, BYTES_DEFAULT, BYTES_MAX)?,
            kinds,
            password: self.password,
        })
    }
}

/// A number from 1 to `max`.
fn within(field: &str, number: Option<i64>, default: i64, max: i64) -> Result<i64> {
    match number.unwrap_or(default) {
        number if (1..=max).contains(&number) => Ok(number),
        _ => Err(AppError::invalid(field, format!("Must be 1 to {max}."))),
    }
}

/// A file request. Its URL is returned only when it is created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FileRequest {
    pub id: FileRequestId,
    pub channel_id: ChannelId,
    #[cfg_attr(feature = "server", schema(example = "Photos of the tap, please"))]
    pub note: String,
    /// The name of the member who asked.
    pub created_by: String,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub revoked_at: Option<Timestamp>,
    /// When the page was first opened. Null if it was not.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub opened_at: Option<Timestamp>,
    pub has_password: bool,
    pub max_files: i64,
    /// Bytes, all files together.
    pub max_bytes: i64,
    /// The kinds of files that are accepted. Empty if all are.
    pub kinds: Vec<FileKind>,
    /// How many files were received.
    pub received_files: i64,
    /// Whether the link works.
    pub active: bool,
}

/// A new file request with its URL.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedFileRequest {
    /// The URL of the link. It is not shown again.
    #[cfg_attr(
        feature = "server",
        schema(example = "https://files.example.com/r/Q7mXaTqkzv0yA9dTsmq1LxV6n4hD3cRzPpYgk2bWfE8")
    )]
    pub url: String,
    #[serde(flatten)]
    pub request: FileRequest,
}

/// Returns the kinds in words, such as `images and videos`. `None` if all kinds are accepted.
pub fn kinds_in_words(kinds: &[FileKind]) -> Option<String> {
    let plural = |kind: &FileKind| match kind {
        FileKind::Image => "images",
        FileKind::Video => "videos",
        FileKind::Audio => "audio",
        FileKind::Document => "documents",
        FileKind::Other => "other files",
    };
    let words: Vec<_> = kinds.iter().map(plural).collect();
    match &words[..] {
        [] => None,
        [only] => Some((*only).to_owned()),
        [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn request() -> NewFileRequest {
        NewFileRequest {
            channel_id: ChannelId(uuid::Uuid::nil()),
            note: String::new(),
            expires_in: None,
            max_files: None,
            max_bytes: None,
            kinds: Vec::new(),
            password: None,
        }
    }

    #[test]
    fn what_is_omitted_has_a_default() {
        let terms = request().check(NOW).unwrap();
        assert_eq!((terms.max_files, terms.max_bytes, terms.kinds.len()), (20, 2_000_000_000, 0));
        assert_eq!((terms.expires_at, &terms.password), (NOW.plus(LIFE_DEFAULT), &None));
        let sent = r#"{"channelId":"00000000-0000-0000-0000-000000000000","note":null,"kinds":null,"password":""}"#;
        let read: NewFileRequest = serde_json::from_str(sent).unwrap();
        assert_eq!(read.check(NOW).unwrap(), terms);
    }

    #[test]
    fn each_limit_is_checked_by_name() {
        let wrong = |field: &str, change: fn(&mut NewFileRequest)| {
            let mut request = request();
            change(&mut request);
            assert_eq!(request.check(NOW).unwrap_err().field.as_deref(), Some(field));
        };
        wrong("note", |request| request.note = "x".repeat(2001));
        for number in [0, -1, i64::MIN, i64::MAX] {
            let request = NewFileRequest { expires_in: Some(number), ..request() };
            assert_eq!(request.check(NOW).unwrap_err().field.as_deref(), Some("expiresIn"), "{number}");
        }
        wrong("maxFiles", |request| request.max_files = Some(0));
        wrong("maxFiles", |request| request.max_files = Some(1001));
        wrong("maxBytes", |request| request.max_bytes = Some(0));
        wrong("kinds", |request| request.kinds = vec!["image".to_owned(), "picture".to_owned()]);
        wrong("password", |request| request.password = Some("short".to_owned()));
    }

    #[test]
    fn kinds_are_listed_in_words() {
        let words = |kinds: &[FileKind]| kinds_in_words(kinds);
        assert_eq!(words(&[]), None);
        assert_eq!(words(&[FileKind::Image]).as_deref(), Some("images"));
        let three = words(&[FileKind::Image, FileKind::Video, FileKind::Document]);
        assert_eq!(three.as_deref(), Some("images, videos and documents"));
    }
}
