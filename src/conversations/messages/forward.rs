//! Forwarding of messages and files: the text of the new message. Files are passed on by their ids.

use super::model::{BODY_MAX, Message};
use crate::files::attachments::model::Attachment;
use crate::ids::AttachmentId;

/// A message or a file to forward.
#[derive(Debug, Clone, PartialEq)]
pub enum Forwarded {
    Message(Box<Message>),
    File(Box<Attachment>),
}

impl Forwarded {
    pub fn attachment_ids(&self) -> Vec<AttachmentId> {
        match self {
            Self::Message(message) => message.attachments.iter().map(|file| file.id).collect(),
            Self::File(file) => vec![file.id],
        }
    }

    /// Returns the text of the new message: the note, then the text of the forwarded message as a quote, which is cut if
    /// both are longer than a message can be.
    pub fn text(&self, note: &str) -> String {
        let quote = match self {
            Self::Message(message) => quote(message),
            Self::File(_) => String::new(),
        };
        let parts = [note.trim(), quote.as_str()].into_iter().filter(|part| !part.is_empty());
        let text = parts.collect::<Vec<_>>().join("\n\n");
        if text.chars().count() <= BODY_MAX {
            return text;
        }
        text.chars().take(BODY_MAX - 1).chain(['…']).collect()
    }
}

/// Returns whether a message has something to forward: a text or files that the person can view.
pub fn can_forward(message: &Message) -> bool {
    let has_text = !text_of(message).is_empty();
    message.deleted.is_none() && message.file_request.is_none() && (has_text || !message.attachments.is_empty())
}

fn quote(message: &Message) -> String {
    let author = &message.author.name;
    let text = text_of(message);
    if text.is_empty() {
        return format!("Forwarded from {author}");
    }
    let lines: Vec<_> = text.lines().map(|line| format!("> {line}")).collect();
    format!("Forwarded from {author}:\n{}", lines.join("\n"))
}

/// Returns title, subtitle, text and URLs of a message, a line each.
fn text_of(message: &Message) -> String {
    let body = message.plain_body();
    let body = Some(body.as_str()).filter(|body| !body.is_empty());
    let urls = message.remote_files.iter().map(|file| file.url.as_str());
    let parts = message.title.as_deref().into_iter().chain(message.subtitle.as_deref()).chain(body).chain(urls);
    parts.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::mentions::{Mention, token};
    use crate::conversations::messages::model::{Author, AuthorKind, DeliveryType};
    use crate::ids::{ChannelId, MemberId, MessageId};
    use crate::platform::timestamp::Timestamp;

    fn message(title: Option<&str>, body: &str) -> Message {
        let id = uuid::Uuid::nil();
        Message {
            id: MessageId(id),
            channel_id: ChannelId(id),
            contact_id: None,
            author: Author { kind: AuthorKind::Contact, id, name: "Jane Doe".to_owned(), avatar_url: None },
            title: title.map(str::to_owned),
            subtitle: None,
            body: body.to_owned(),
            mentions: Vec::new(),
            delivery_type: DeliveryType::Normal,
            created_at: Timestamp(0),
            edited_at: None,
            attachments: Vec::new(),
            remote_files: Vec::new(),
            hidden_attachments: 0,
            reactions: Vec::new(),
            deleted_attachments: Vec::new(),
            file_request: None,
            delivery: None,
            external_id: None,
            reply_to: None,
            deleted: None,
        }
    }

    fn text(message: Message, note: &str) -> String {
        Forwarded::Message(Box::new(message)).text(note)
    }

    #[test]
    fn the_text_is_quoted_below_the_note() {
        assert_eq!(text(message(None, "one\n\ntwo"), " see \n"), "see\n\nForwarded from Jane Doe:\n> one\n> \n> two");
        assert_eq!(text(message(Some("Build"), "ok"), ""), "Forwarded from Jane Doe:\n> Build\n> ok");
        assert_eq!(text(message(None, ""), ""), "Forwarded from Jane Doe");
    }

    #[test]
    fn mentions_are_forwarded_as_names() {
        let mention = Mention { id: MemberId(uuid::Uuid::nil()), name: "Mara Ellis".to_owned() };
        let body = format!("Ask {}", token(mention.id));
        let mentioning = Message { mentions: vec![mention], ..message(None, &body) };
        assert_eq!(text(mentioning, ""), "Forwarded from Jane Doe:\n> Ask @Mara Ellis");
    }

    #[test]
    fn a_long_text_is_cut_to_a_message() {
        let long = text(message(None, &"é\n".repeat(BODY_MAX / 2)), "note");
        assert_eq!(long.chars().count(), BODY_MAX);
        assert!(long.starts_with("note\n\nForwarded") && long.ends_with('…'));
    }

    #[test]
    fn only_messages_with_content_can_be_forwarded() {
        assert!(can_forward(&message(None, "hello")));
        assert!(can_forward(&message(Some("Build"), "")));
        assert!(!can_forward(&message(None, "")));
    }
}
