//! URLs of small pictures.

/// Returns the path of a picture by its id: of a person, a bot, an organization or an emoji.
pub fn picture_url(id: impl std::fmt::Display) -> String {
    format!("/api/pictures/{id}")
}
