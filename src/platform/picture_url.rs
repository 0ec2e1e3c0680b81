//! Where small pictures are served, for all who name one.

use uuid::Uuid;

/// The path of the picture with this id: of a person, a bot, an organization or an emoji.
pub fn picture_url(id: Uuid) -> String {
    format!("/api/pictures/{id}")
}
