//! A message in the making, cut to the limits of messages.

use crate::conversations::messages::model::{BODY_MAX, DeliveryType, LINE_MAX};
use crate::platform::error::{AppError, Result};

/// Maximum number of pictures of a message.
pub const PICTURES_MAX: usize = 10;

/// A message that a body becomes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    pub title: String,
    pub subtitle: String,
    pub body: String,
    pub is_critical: bool,
    /// The URLs of pictures.
    pub pictures: Vec<String>,
}

impl Draft {
    pub fn delivery_type(&self) -> DeliveryType {
        if self.is_critical { DeliveryType::Critical } else { DeliveryType::Normal }
    }

    /// Adds a line to the body. Blank ones are ignored.
    pub fn add(&mut self, line: &str) {
        let line = line.trim();
        if !line.is_empty() {
            if !self.body.is_empty() {
                self.body.push('\n');
            }
            self.body.push_str(line);
        }
    }

    /// Adds a picture once.
    pub fn add_picture(&mut self, url: Option<&str>) {
        if let Some(url) = url.map(str::trim).filter(|url| !url.is_empty())
            && self.pictures.len() < PICTURES_MAX
            && !self.pictures.iter().any(|known| known == url)
        {
            self.pictures.push(url.to_owned());
        }
    }

    /// Sets the title, or adds a line if there is one.
    pub fn add_title(&mut self, title: &str) {
        if self.title.is_empty() { title.trim().clone_into(&mut self.title) } else { self.add(title) }
    }

    /// Cuts all texts to the limits of messages.
    ///
    /// # Errors
    /// `invalid_value` if nothing would be shown.
    pub(super) fn finish(mut self, files: usize) -> Result<Self> {
        let line = |text: &str| cut(&text.split_whitespace().collect::<Vec<_>>().join(" "), LINE_MAX);
        self.title = line(&self.title);
        self.subtitle = line(&self.subtitle);
        self.body = cut(self.body.replace('\0', "").trim(), BODY_MAX);
        if files == 0 && self.title.is_empty() && self.body.is_empty() && self.pictures.is_empty() {
            return Err(AppError::invalid(
                "body",
                "This body has no text and no picture, so there is nothing to show.",
            ));
        }
        Ok(self)
    }
}

/// Cuts a text to so many characters, the last of which is then an ellipsis.
pub fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some(_) => text.chars().take(max - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_the_limits_of_messages() {
        let draft =
            Draft { title: "a\n b".to_owned(), body: "é".repeat(30_000), ..Draft::default() }.finish(0).unwrap();
        assert_eq!((draft.title.as_str(), draft.body.chars().count()), ("a b", BODY_MAX));
        assert!(draft.body.ends_with("é…"));
        assert_eq!(cut("abc", 3), "abc");
        assert!(Draft { body: " \0\n".to_owned(), ..Draft::default() }.finish(0).is_err());
    }

    #[test]
    fn pictures_are_counted_once() {
        let mut draft = Draft::default();
        for number in 0..30 {
            draft.add_picture(Some(&format!("https://example.com/{}.png", number / 2)));
        }
        draft.add_picture(Some(" "));
        draft.add_picture(None);
        assert_eq!(draft.pictures.len(), PICTURES_MAX);
    }
}
