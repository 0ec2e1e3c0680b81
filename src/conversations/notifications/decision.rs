//! Decides whether a message notifies a member, and what the notification says. Pure rules.

use crate::channels::model::{Channel, ChannelKind, DeliveryType, Preview};
use crate::people::organizations::model::NotifyAbout;
use crate::platform::browser::DesktopNotification;

/// What decides besides the message itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listener {
    pub about: NotifyAbout,
    /// Whether the conversation is muted.
    pub muted: bool,
    /// Whether its contact is assigned to the member.
    pub assigned: bool,
}

/// A notification, and whether it may have a sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub notification: DesktopNotification,
    pub has_sound: bool,
}

impl Listener {
    /// Returns whether a message notifies the member.
    fn wants(self, message: &Preview) -> bool {
        if message.own || message.deleted {
            return false;
        }
        match message.delivery_type {
            DeliveryType::NoPush => return false,
            DeliveryType::Critical => return true,
            DeliveryType::Normal | DeliveryType::Silent => {}
        }
        !self.muted
            && match self.about {
                NotifyAbout::All => true,
                NotifyAbout::Mentions => message.mentioned || self.assigned,
                NotifyAbout::Nothing => false,
            }
    }

    /// Returns the notification of a message; `None` if it does not notify the member.
    pub fn notice(self, channel: &Channel, message: &Preview) -> Option<Notice> {
        if !self.wants(message) {
            return None;
        }
        let is_critical = message.delivery_type == DeliveryType::Critical;
        let place = if channel.kind == ChannelKind::Team { format!("#{}", channel.name) } else { channel.name.clone() };
        let from = match &message.author {
            Some(author) => format!("{author} in {place}"),
            None => place,
        };
        let notification = DesktopNotification {
            title: if is_critical { format!("Critical: {from}") } else { from },
            body: body(message),
            tag: message.id.to_string(),
            stays: is_critical,
        };
        Some(Notice { notification, has_sound: message.delivery_type != DeliveryType::Silent })
    }
}

/// Returns title and text of a message, or the names of its files.
fn body(message: &Preview) -> String {
    let lines = [message.title.clone().unwrap_or_default(), message.text.clone()];
    let text = lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    if !text.is_empty() {
        return text;
    }
    let name = message.file_name.as_ref().filter(|name| !name.is_empty());
    match (name, message.attachment_count) {
        (Some(name), ..=1) => name.clone(),
        (Some(name), count) => format!("{name} and {} more", count - 1),
        (None, _) => message.files().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{ChannelId, MessageId};
    use crate::platform::timestamp::Timestamp;

    const ALL: Listener = Listener { about: NotifyAbout::All, muted: false, assigned: false };

    fn channel(kind: ChannelKind) -> Channel {
        Channel {
            id: ChannelId(Uuid::nil()),
            kind,
            name: "dispatch".to_owned(),
            private: false,
            contact_id: None,
            bucket: None,
            closed: false,
            muted: false,
            created_at: Timestamp(0),
        }
    }

    fn message(delivery_type: DeliveryType) -> Preview {
        Preview {
            id: MessageId(Uuid::nil()),
            text: "The van is loaded".to_owned(),
            own: false,
            author: Some("Mara".to_owned()),
            created_at: Timestamp(0),
            deleted: false,
            title: None,
            delivery_type,
            mentioned: false,
            attachment_count: 0,
            content_type: None,
            file_name: None,
        }
    }

    #[test]
    fn settings_and_urgency_decide() {
        use DeliveryType::{Critical, NoPush, Normal, Silent};
        let (mentions, nothing) =
            (Listener { about: NotifyAbout::Mentions, ..ALL }, Listener { about: NotifyAbout::Nothing, ..ALL });
        let assigned = Listener { assigned: true, ..mentions };
        for (listener, urgency, expected) in [
            (ALL, Normal, true),
            (ALL, Silent, true),
            (ALL, NoPush, false),
            (ALL, Critical, true),
            (mentions, Normal, false),
            (mentions, Critical, true),
            (assigned, Normal, true),
            (nothing, Normal, false),
            (nothing, Critical, true),
            (Listener { assigned: true, ..nothing }, Normal, false),
            (Listener { muted: true, ..ALL }, Normal, false),
            (Listener { muted: true, ..ALL }, Critical, true),
            (Listener { muted: true, ..ALL }, NoPush, false),
        ] {
            assert_eq!(listener.wants(&message(urgency)), expected, "{listener:?} {urgency}");
        }
        assert!(mentions.wants(&Preview { mentioned: true, ..message(Normal) }));
        assert!(!nothing.wants(&Preview { mentioned: true, ..message(Normal) }));
        assert!(!Listener { muted: true, ..ALL }.wants(&Preview { mentioned: true, ..message(Normal) }));
        assert!(!ALL.wants(&Preview { own: true, ..message(Critical) }));
        assert!(!ALL.wants(&Preview { deleted: true, ..message(Normal) }));
    }

    #[test]
    fn a_silent_message_has_no_sound() {
        let has_sound =
            |urgency| ALL.notice(&channel(ChannelKind::Team), &message(urgency)).map(|notice| notice.has_sound);
        assert_eq!(has_sound(DeliveryType::Normal), Some(true));
        assert_eq!(has_sound(DeliveryType::Silent), Some(false));
        assert_eq!(has_sound(DeliveryType::NoPush), None);
    }

    #[test]
    fn it_says_who_wrote_what_and_where() {
        let said = |kind, message: Preview| {
            let notice = ALL.notice(&channel(kind), &message).expect("it notifies").notification;
            (notice.title, notice.body)
        };
        let words = |title: &str, body: &str| (title.to_owned(), body.to_owned());
        let normal = message(DeliveryType::Normal);
        assert_eq!(said(ChannelKind::Team, normal.clone()), words("Mara in #dispatch", "The van is loaded"));
        let of_contact = Preview { author: None, ..normal.clone() };
        assert_eq!(said(ChannelKind::Contact, of_contact), words("dispatch", "The van is loaded"));
        let of_program = Preview { title: Some("Door".to_owned()), ..message(DeliveryType::Critical) };
        let expected = words("Critical: Mara in dispatch", "Door\nThe van is loaded");
        assert_eq!(said(ChannelKind::Bucket, of_program), expected);
        let file = Preview {
            text: String::new(),
            attachment_count: 1,
            content_type: Some("image/png".to_owned()),
            file_name: Some("van.png".to_owned()),
            ..normal
        };
        assert_eq!(said(ChannelKind::Team, file.clone()).1, "van.png");
        assert_eq!(said(ChannelKind::Team, Preview { attachment_count: 3, ..file.clone() }).1, "van.png and 2 more");
        let hidden = Preview { content_type: None, file_name: None, ..file };
        assert_eq!(said(ChannelKind::Team, hidden).1, "File");
    }
}
