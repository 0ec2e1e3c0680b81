//! Files: uploads, stored attachments, previews, location data, the library with its zips, pictures, emoji and share links.
//! Knows no message.

pub mod attachments;
pub mod emoji;
pub mod library;
#[cfg(feature = "server")]
pub mod location;
#[cfg(feature = "server")]
pub mod media;
pub mod pictures;
#[cfg(feature = "server")]
pub mod previews;
pub mod quotas;
pub mod sharing;
pub mod uploads;
