//! URLs of small pictures.

use uuid::Uuid;

/// Returns the path of a picture by its id: of a person, a bot, an organization or an emoji.
pub fn picture_url(id: Uuid) -> String {
    format!("/api/pictures/{id}")
}
