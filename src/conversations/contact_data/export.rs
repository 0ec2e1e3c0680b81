//! `GET /api/contacts/{id}/export.zip`: all that is stored of a contact, as `contact.json`, `messages.json` and files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::channels::access::Visible;
use crate::channels::model::Channel;
use crate::channels::service as channels;
use crate::conversations::messages::service as messages;
use crate::files::attachments::file_name::FileName;
use crate::files::library::entry_names::EntryNames;
use crate::files::library::zip::entries_of_channel;
use crate::files::library::zip_stream::{Content, Noted, ZipEntry, headers, zip};
use crate::ids::{AttachmentId, ContactId, MessageId};
use crate::people::audit::model::Action;
use crate::people::audit::service::{self as audit, By, Subject};
use crate::people::contacts::service as contacts;
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::platform::prefetch::reject_prefetch;

const FOLDER: &str = "files";

/// The names of the files in the zip, by their ids. Complete when `messages.json` is written, after all files.
type Paths = Arc<Mutex<HashMap<AttachmentId, String>>>;

/// Streams the zip.
pub async fn export_contact(
    platform: Platform,
    member: Member,
    Path(id): Path<ContactId>,
    parts: Parts,
) -> Result<Response> {
    let contact = contacts::find(&platform, &member, id).await?;
    member.require(Permission::ContactEdit)?;
    member.require(Permission::MessageViewAttachment)?;
    reject_prefetch(&parts.headers)?;
    let channel = channels::find(&platform, &member, contact.channel_id).await?;
    let name = FileName::new(&format!("{} data.zip", contact.display_name()));
    if parts.method == Method::HEAD {
        return Ok(headers(&name).into_response());
    }
    let by = By::member(&member);
    let subject = Subject { channel: Some(channel.id), ..Subject::words(contact.display_name()) };
    audit::note(&platform, &by, Action::ContactExported, &subject).await;
    let now = platform.clock.now();
    let json = |name: &str, bytes: BoxStream<'static, Result<Bytes>>, size: u64| ZipEntry {
        name: FileName::new(name),
        folder: None,
        content: Content::Created(bytes),
        size,
        modified: now,
        subject: Subject::default(),
    };
    let text = pretty(&contact)?;
    let size = text.len() as u64;
    let about = json("contact.json", stream::iter([Ok(Bytes::from(text))]).boxed(), size);
    let paths = Paths::default();
    let texts = texts(platform.clone(), member.clone(), channel, paths.clone());
    // The size is not known before.
    let texts = json("messages.json", texts, u64::MAX);
    let mut names = EntryNames::default();
    let files = entries_of_channel(platform.clone(), member, contact.channel_id).map_ok(move |(id, entry)| {
        let name = names.take(&entry.name);
        paths.lock().unwrap_or_else(PoisonError::into_inner).insert(id, format!("{FOLDER}/{name}"));
        ZipEntry { name, folder: Some(FOLDER), ..entry }
    });
    let entries = stream::iter([Ok(about)]).chain(files).chain(stream::iter([Ok(texts)]));
    Ok(zip(platform, Some(Noted { by, action: Action::Downloaded }), &name, entries))
}

fn pretty(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(|error| AppError::unexpected("failed to write JSON", error))
}

/// Where the list of messages is.
enum Next {
    /// The messages after this one; nil: all.
    After(MessageId),
    End,
}

/// Returns the messages as a JSON list, oldest first, a page at a time. Each file has its path in the zip.
fn texts(
    platform: Platform,
    member: Member,
    channel: Visible<Channel>,
    paths: Paths,
) -> BoxStream<'static, Result<Bytes>> {
    let step = move |next: Next| {
        let (platform, member, channel, paths) = (platform.clone(), member.clone(), channel.clone(), paths.clone());
        async move {
            let Next::After(after) = next else { return Ok::<_, AppError>(None) };
            let page = messages::list_after(&platform, &member, &channel, after).await?;
            let mut text = Vec::new();
            let mut separator: &[u8] = if after.0.is_nil() { b"[\n" } else { b",\n" };
            let Some(last) = page.last().map(|message| message.id) else {
                text.extend_from_slice(if after.0.is_nil() { b"[]\n" } else { b"\n]\n" });
                return Ok(Some((Bytes::from(text), Next::End)));
            };
            for message in page {
                let mut value = serde_json::to_value(&message)
                    .map_err(|error| AppError::unexpected("failed to write a message", error))?;
                add_paths(&mut value, &paths);
                text.extend_from_slice(std::mem::replace(&mut separator, b",\n".as_slice()));
                text.extend(pretty(&value)?);
            }
            Ok(Some((Bytes::from(text), Next::After(last))))
        }
    };
    stream::try_unfold(Next::After(MessageId(Uuid::nil())), step).boxed()
}

/// Adds to each file of a message where it is in the zip.
fn add_paths(message: &mut Value, paths: &Paths) {
    let paths = paths.lock().unwrap_or_else(PoisonError::into_inner);
    for file in message["attachments"].as_array_mut().into_iter().flatten() {
        let id = file["id"].as_str().and_then(|id| id.parse().ok());
        if let Some(path) = id.and_then(|id| paths.get(&id)) {
            file["path"] = Value::from(path.as_str());
        }
    }
}
