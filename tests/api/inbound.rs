//! Messages of contacts, delivered by a gateway.

use std::path::Path;

use attache::conversations::messages::model::NewMessage;
use attache::conversations::messages::sending::receive;
use attache::files::attachments::intake::import;
use attache::ids::{AttachmentId, ChannelId};
use attache::people::accounts::service::current;
use attache::people::organizations::service::{Member, load};
use attache::platform::error::{AppError, ErrorKind};
use axum::http::{HeaderMap, HeaderValue, header};
use serde_json::{Value, json};

use crate::support::{TestApp, User, files, on_both_engines, text};

on_both_engines![
    a_contacts_message_is_heard_unread_and_theirs,
    a_contacts_file_is_downloaded_under_their_name,
    a_contact_writes_in_their_own_conversation_only,
    a_file_of_a_member_does_not_go_with_a_contacts_message,
];

/// Returns the person as a service receives them.
async fn member_of(app: &TestApp, user: &User) -> Member {
    let cookie = format!("attache_session={}", user.token().unwrap());
    let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&cookie).unwrap())]);
    let session = current(&app.platform, &headers).await.unwrap().unwrap();
    load(&app.platform, &session).await.unwrap()
}

fn channel_of(contact: &Value) -> ChannelId {
    ChannelId(text(&contact["channelId"]).parse().unwrap())
}

async fn store(app: &TestApp, member: &Member, channel: ChannelId, path: &Path) -> AttachmentId {
    let organization = member.organization_id();
    import(&app.platform, organization, channel, None, "IMG_0231.png", "image/png", path).await.unwrap()
}

fn message(body: &str, attachment_ids: Vec<AttachmentId>) -> NewMessage {
    NewMessage { body: body.to_owned(), attachment_ids, ..NewMessage::default() }
}

async fn a_contacts_message_is_heard_unread_and_theirs(app: TestApp) {
    let owner = app.owner().await;
    let member = member_of(&app, &owner).await;
    let jane = owner.contact("Jane", "Doe", "").await;
    let mut heard = owner.listen().await;
    let id = receive(&app.platform, &member, channel_of(&jane), message(" The tap drips. ", vec![])).await.unwrap();
    let event = heard.next_named("message.created").await;
    assert_eq!(event.data, json!({ "channelId": jane["channelId"], "messageId": id }));
    let list = owner.get("/api/conversations?kind=contact").await.ok();
    assert_eq!((&list[0]["unreadCount"], &list[0]["lastMessage"]["own"]), (&json!(1), &json!(false)));
    let messages = owner.messages(&text(&jane["channelId"])).await;
    assert_eq!(messages[0]["author"], json!({ "kind": "contact", "id": jane["id"], "name": "Jane Doe" }));
    assert_eq!(messages[0]["body"], "The tap drips.");
}

async fn a_contacts_file_is_downloaded_under_their_name(app: TestApp) {
    let owner = app.owner().await;
    let member = member_of(&app, &owner).await;
    let jane = owner.contact("Jane", "Doe", "+1 (555) 123-4567").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, files::png("tap")).unwrap();
    let file = store(&app, &member, channel_of(&jane), &path).await;
    receive(&app.platform, &member, channel_of(&jane), message("", vec![file])).await.unwrap();
    let answer = owner.download(&file.to_string(), "?download=1").await;
    assert_eq!(answer.bytes, files::png("tap"));
    let disposition = answer.header("content-disposition");
    assert!(disposition.contains("Jane_15551234567_IMG_0231.png"), "{disposition}");
    let guest = app.guest().await;
    guest.get(&format!("/api/messages/attachments/{file}")).await.refused(403, "forbidden");
}

async fn a_contact_writes_in_their_own_conversation_only(app: TestApp) {
    let owner = app.owner().await;
    let member = member_of(&app, &owner).await;
    let general = owner.channel("general").await;
    let refused = receive(&app.platform, &member, ChannelId(general.parse().unwrap()), message("hello", vec![])).await;
    assert_eq!(refused.unwrap_err().field.as_deref(), Some("channelId"));
    let theirs = app.other_organization().await.contact("Bob", "", "").await;
    let refused: AppError =
        receive(&app.platform, &member, channel_of(&theirs), message("hello", vec![])).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::NotFound);
    assert_eq!(owner.messages(&general).await, Vec::<Value>::new());
}

async fn a_file_of_a_member_does_not_go_with_a_contacts_message(app: TestApp) {
    let owner = app.owner().await;
    let member = member_of(&app, &owner).await;
    let jane = owner.contact("Jane", "Doe", "").await;
    let own = owner.upload(&text(&jane["channelId"]), "draft.txt", "text/plain", b"draft").await;
    let input = message("Look", vec![AttachmentId(own.parse().unwrap())]);
    let refused = receive(&app.platform, &member, channel_of(&jane), input).await;
    assert_eq!(refused.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(owner.messages(&text(&jane["channelId"])).await, Vec::<Value>::new(), "all or nothing");
}
