//! A file request that was answered: what a customer has sent by its link.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;

use crate::conversations::file_requests::{service, submission};
use crate::conversations::messages::model::NewMessage;
use crate::files::attachments::intake;
use crate::files::requests::model::NewFileRequest;
use crate::files::requests::visit::Visit;
use crate::ids::ChannelId;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::AppError;

const NOTE: &str = "Could you send two photos of the radiator, one of the valve?";
const ANSWER: &str = "Here they are. It hisses at night.";
const FILES: [(&str, &[u8]); 2] = [
    ("IMG_3301.jpg", include_bytes!("../../../demo/IMG_0236.jpg")),
    ("IMG_3302.jpg", include_bytes!("../../../demo/IMG_0237.jpg")),
];

/// Asks in a contact's conversation and answers by the link.
pub async fn fill(platform: &Platform, member: &Member, channel: ChannelId) -> anyhow::Result<()> {
    platform.clock.advance(Duration::from_mins(2));
    let request = NewFileRequest {
        channel_id: channel,
        note: NOTE.to_owned(),
        expires_in: None,
        max_files: None,
        max_bytes: None,
        kinds: vec!["image".to_owned()],
        password: None,
    };
    let created = service::create(platform, member, "", request).await?;
    platform.clock.advance(Duration::from_mins(3));
    let token = created.url.trim_start_matches("/r/");
    let visit = Visit::of(platform, token, None).await?.ok_or_else(AppError::internal)?;
    submission::note_opened(platform, &visit).await?;
    let mut attachment_ids = Vec::new();
    for (name, bytes) in FILES {
        let content = stream::iter([Ok::<_, Infallible>(Bytes::from_static(bytes))]);
        let size = u64::try_from(bytes.len())?;
        let organization = visit.request.organization_id;
        let spooled = intake::spool(platform, organization, content, size, |never| match never {}).await?;
        attachment_ids.push(intake::store_by_link(platform, &visit, spooled, name, "image/jpeg").await?);
    }
    let key = platform.clock.new_id().to_string();
    let message =
        NewMessage { body: ANSWER.to_owned(), attachment_ids, idempotency_key: Some(key), ..NewMessage::default() };
    submission::submit(platform, &visit, message).await?;
    Ok(())
}
