//! The files of a message for the lightbox.

use crate::conversations::messages::model::Message;
use crate::files::attachments::components::{lightbox_kind, shown_order};
use crate::files::attachments::file_name::{FileName, Owner};
use crate::files::attachments::model::{Attachment, Location};
use crate::ids::AttachmentId;
use crate::people::contacts::model::{Contact, PhoneNumber};
use crate::ui::LightboxImage;

/// Returns the files in the order of the feed. `said` is the sender and time.
pub fn lightbox_files(message: &Message, said: &str, contact: Option<&Contact>) -> Vec<(AttachmentId, LightboxImage)> {
    let owner = contact.map(|contact| Owner {
        first_name: contact.first_name.clone(),
        phone_digits: contact.main_phone().map(PhoneNumber::digits).unwrap_or_default(),
    });
    let shown = |file: &Attachment| {
        let size = file.width.zip(file.height);
        let pixels = size.map(|(width, height)| format!(" · {width} × {height}")).unwrap_or_default();
        let bytes = file.file_size;
        let place = file.location.map(|location| format!(" · {}", Location::words(location))).unwrap_or_default();
        let saved_as: FileName = file.file_name.for_download(owner.as_ref(), &file.content_type);
        let image = LightboxImage {
            id: file.id.to_string(),
            url: file.link(),
            alt: file.label().to_owned(),
            file_name: Some(file.label().to_owned()),
            size,
            caption: format!("{said}{pixels} · {bytes}{place}"),
            saved_as: Some(saved_as.to_string()),
            said_at: None,
            kind: lightbox_kind(file)?,
            preview: file.view_url().or_else(|| file.poster_url()),
            thumbnail: file.feed_url().or_else(|| file.poster_url()),
            thumbhash: file.thumbhash.clone(),
        };
        Some((file.id, image))
    };
    shown_order(&message.attachments).iter().filter_map(shown).collect()
}
