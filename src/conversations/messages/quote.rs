//! Quotes of messages in their replies. A quote is never stored: it is the present state of the quoted message.

use serde::{Deserialize, Serialize};

use super::model::Message;
use crate::files::attachments::media_type::MediaType;
use crate::ids::MessageId;
use crate::platform::markdown::plain_beginning;

/// Maximum length of the text of a quote, in characters.
const TEXT_MAX: usize = 140;
/// Number of characters of a text in which its first line is searched: one less than is loaded for quotes, so that both
/// sides know whether there is more.
const BEGINNING: usize = 399;

/// The message that another one replies to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    pub id: MessageId,
    /// The name of its author.
    pub author: String,
    /// The first line of its title or text, else a description of its files. Empty if it is deleted.
    pub text: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

impl Quote {
    /// Quotes a message as it is shown.
    pub fn of(message: &Message) -> Self {
        let stored = message.attachments.iter().map(|file| (file.media_type, file.file_name.as_str().to_owned()));
        let remote = message.remote_files.iter().map(|file| {
            let name = file.name.as_ref().map_or(file.url.as_str(), |name| name.as_str());
            (file.media_type, name.to_owned())
        });
        let files: Vec<_> = stored.chain(remote).collect();
        let hidden = message.hidden_attachments;
        let deleted = message.deleted.is_some();
        let text = if deleted {
            String::new()
        } else {
            first_line(message.title.as_deref(), &message.plain_body()).unwrap_or_else(|| describe(&files, hidden))
        };
        Self { id: message.id, author: message.author.name.clone(), text, deleted }
    }
}

/// Returns the first line with visible characters of the title or the text, without marks, cut to [`TEXT_MAX`].
pub fn first_line(title: Option<&str>, body: &str) -> Option<String> {
    let body = plain_beginning(body, BEGINNING);
    let line = title.into_iter().chain(body.lines()).map(str::trim).find(|line| !line.is_empty())?;
    let mut cut: String = line.chars().take(TEXT_MAX).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    Some(cut)
}

/// Describes the files of a message without text; `hidden` is the number of those that the reader can't view.
pub fn describe(files: &[(MediaType, String)], hidden: usize) -> String {
    let all = |wanted: MediaType| files.iter().all(|(media_type, _)| *media_type == wanted);
    match files {
        [] if hidden > 1 => format!("{hidden} files"),
        [] if hidden == 1 => "File".to_owned(),
        [] => "No text".to_owned(),
        [(MediaType::Image, _)] => "Photo".to_owned(),
        [(MediaType::Video, _)] => "Video".to_owned(),
        [(_, name)] if name.is_empty() => "File".to_owned(),
        [(_, name)] => name.clone(),
        several if all(MediaType::Image) => format!("{} photos", several.len()),
        several => format!("{} files", several.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_one_short_line() {
        assert_eq!(first_line(None, " \n  Hello \nthere").as_deref(), Some("Hello"));
        assert_eq!(first_line(Some("Build 512"), "All passed").as_deref(), Some("Build 512"));
        assert_eq!(first_line(None, "\n \n"), None);
        assert_eq!(first_line(None, "```\nmake **all**\n```").as_deref(), Some("make **all**"));
        assert_eq!(first_line(None, "> **Forwarded**\n\nyes").as_deref(), Some("Forwarded"));
        let long = first_line(None, &"é".repeat(TEXT_MAX + 1)).unwrap();
        assert_eq!((long.chars().count(), long.ends_with('…')), (TEXT_MAX + 1, true));
        assert_eq!(first_line(None, &"é".repeat(TEXT_MAX)).unwrap().chars().count(), TEXT_MAX);
    }

    #[test]
    fn files_are_described_by_kind_or_name() {
        let file = |media_type, name: &str| (media_type, name.to_owned());
        let (photo, plan) = (file(MediaType::Image, "a.jpg"), file(MediaType::Icon, "plan.pdf"));
        assert_eq!(describe(std::slice::from_ref(&photo), 0), "Photo");
        assert_eq!(describe(std::slice::from_ref(&plan), 0), "plan.pdf");
        assert_eq!(describe(&[photo.clone(), photo.clone()], 0), "2 photos");
        assert_eq!(describe(&[photo, plan], 0), "2 files");
        assert_eq!(describe(&[], 1), "File");
        assert_eq!(describe(&[], 3), "3 files");
    }
}
