//! Files: uploads, stored attachments, previews, location data, the library with its zips, pictures, emoji, share links and file
//! requests.
//! Knows no message.

pub mod attachments;
pub mod emoji;
pub mod library;
#[cfg(feature = "server")]
pub mod link_access;
#[cfg(feature = "server")]
pub mod location;
#[cfg(feature = "server")]
pub mod media;
pub mod pictures;
#[cfg(feature = "server")]
pub mod previews;
pub mod quotas;
pub mod requests;
pub mod sharing;
#[cfg(feature = "server")]
pub mod staged;
#[cfg(feature = "server")]
mod sums;
pub mod uploads;
