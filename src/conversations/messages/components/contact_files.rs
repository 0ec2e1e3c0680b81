//! The files of a conversation, in its panel.

use dioxus::prelude::*;
use lucide_dioxus::{Download, FolderDown};

use crate::app::Route;
use crate::channels::conversations::Conversations;
use crate::files::attachments::components::lightbox_kind;
use crate::files::attachments::file_name::{FileName, Owner};
use crate::files::attachments::model::Attachment;
use crate::files::library::api::{list_files, total_files};
use crate::files::library::components::{FilesLightbox, joined};
use crate::files::library::model::{FILES_LATEST, FileFilter, FilePage, FilesOverview};
use crate::ids::{AttachmentId, ChannelId};
use crate::live_event::{LiveEvent, use_live};
use crate::people::contacts::model::{Contact, PhoneNumber};
use crate::platform::error::AppError;
use crate::ui::{FileLabel, FileType, Latest, NavLink, download_url, use_first_load, use_moments};

/// Maximum number of files that are loaded again at once, by the server's limit.
const RELOADED_MAX: i64 = 200;
const PICTURES: usize = 6;
const OTHERS: usize = 4;

/// The latest files of the conversation, and all of them in one zip.
#[component]
pub fn FilesSection(channel: ChannelId, contact: Option<Contact>, overview: Latest<FilesOverview>) -> Element {
    let mut loaded = overview.value;
    let moments = use_moments();
    let mut shown = use_signal(|| None::<AttachmentId>);
    let mut loading = use_signal(|| false);
    use_first_load(overview, move || load(channel, overview));
    // Loads the next files, for the lightbox.
    let load_more = move || async move {
        let after = loaded.peek().as_ref().and_then(|known| known.latest.next.clone());
        let Some(after) = after.filter(|_| !*loading.peek()) else { return };
        loading.set(true);
        let more = page(channel, Some(after.clone()), FILES_LATEST).await;
        loading.set(false);
        let Ok(more) = more else { return };
        if let Some(known) = loaded.write().as_mut().filter(|known| known.latest.next.as_ref() == Some(&after)) {
            known.latest.files.extend(more.files);
            known.latest.next = more.next;
        }
    };
    let conversations: Conversations = use_context();
    use_live(move |event: LiveEvent| {
        let concerns_files = match event {
            LiveEvent::MessageCreated { channel_id, .. } | LiveEvent::MessageChanged { channel_id, .. } => {
                channel_id == channel && !conversations.is_without_files(&event)
            }
            _ => event.is_resync(),
        };
        if concerns_files {
            spawn(overview.reload(load(channel, overview)));
        }
    });
    let Some(FilesOverview { latest: FilePage { files: latest, next }, totals }) = loaded() else { return rsx! {} };
    let (pictures, others): (Vec<_>, Vec<_>) = latest.iter().cloned().partition(|file| file.attachment.is_picture());
    // A link, so that a click with Ctrl opens the file itself.
    let mut show = move |event: Event<MouseData>, file: &Attachment| {
        if lightbox_kind(file).is_some() && event.modifiers().is_empty() {
            event.prevent_default();
            shown.set(Some(file.id));
        }
    };
    let prefix = contact.as_ref().map(prefix).filter(|prefix| !prefix.is_empty());
    rsx! {
        section { class: "panel-sec", "data-component": "ContactFiles",
            h3 { class: "panel-h",
                "Files"
                span { class: "muted num", "{totals.count}" }
                NavLink { class: "link", to: Route::FilesPage { filter: FileFilter::of_channel(channel) }.href(), "Show all" }
            }
            if totals.count == 0 {
                p { class: "muted text-sm", "No files yet." }
            }
            if !pictures.is_empty() {
                ul { class: "thumbs",
                    for picture in pictures.into_iter().take(PICTURES).map(|file| file.attachment) {
                        li { key: "{picture.id}",
                            a {
                                class: "thumb",
                                href: "{picture.url}",
                                target: "_blank",
                                rel: "noopener",
                                title: "{picture.label()}",
                                "aria-label": "Show {picture.label()}",
                                onclick: {
                                    let picture = picture.clone();
                                    move |event| show(event, &picture)
                                },
                                if let Some(src) = picture.feed_url() {
                                    img { src, alt: "", loading: "lazy" }
                                }
                            }
                        }
                    }
                }
            }
            if !others.is_empty() {
                ul { class: "file-rows",
                    for (day, file) in others.into_iter().take(OTHERS).map(|file| (moments(file.sent_at).day_name(), file.attachment)) {
                        li { class: "file-row", key: "{file.id}",
                            FileType { content_type: file.content_type.clone(), extension: file.file_name.extension() }
                            div { class: "grow",
                                a {
                                    class: "file-name",
                                    href: "{file.url}",
                                    target: "_blank",
                                    rel: "noopener",
                                    onclick: {
                                        let file = file.clone();
                                        move |event| show(event, &file)
                                    },
                                    FileLabel { name: file.label() }
                                }
                                p { class: "file-meta num", "{file.file_size}, {day}" }
                            }
                            a { class: "icon-btn", href: download_url(&file.link()), download: "", "aria-label": "Download {file.label()}", title: "Download",
                                Download { class: "icon" }
                            }
                        }
                    }
                }
            }
            if totals.count > 0 {
                a { class: "btn btn-wide mt-3", href: "/api/channels/{channel}/zip", download: "",
                    FolderDown { class: "icon" }
                    "Download all, {totals.size}"
                }
            }
            if let Some(prefix) = prefix {
                p { class: "hint", "Downloads are named " span { class: "mono", "{prefix}" } }
            }
            if let Some(id) = shown() {
                FilesLightbox {
                    files: latest,
                    start: id,
                    has_more: next.is_some(),
                    on_near_end: move |()| { spawn(load_more()); },
                    on_close: move |()| shown.set(None),
                }
            }
        }
    }
}

/// Loads all files again that are known, because any of them may have been deleted.
async fn load(channel: ChannelId, overview: Latest<FilesOverview>) -> Result<FilesOverview, AppError> {
    let count = overview.value.peek().as_ref().map_or(0, |known| known.latest.files.len());
    let count = i64::try_from(count).unwrap_or(i64::MAX).clamp(FILES_LATEST, RELOADED_MAX);
    let latest = page(channel, None, count).await?;
    let totals = total_files(None, None, Some(channel), None, None, None).await?;
    let latest = match overview.value.peek().as_ref() {
        Some(FilesOverview { latest: known, .. }) => joined(latest, &known.files, known.next.clone()),
        None => latest,
    };
    Ok(FilesOverview { latest, totals })
}

async fn page(channel: ChannelId, after: Option<String>, count: i64) -> Result<FilePage, AppError> {
    list_files(None, None, Some(channel), None, None, None, None, after, Some(count)).await
}

/// Returns the prefix of this contact's downloads.
fn prefix(contact: &Contact) -> String {
    let owner = Owner {
        first_name: contact.first_name.clone(),
        phone_digits: contact.main_phone().map(PhoneNumber::digits).unwrap_or_default(),
    };
    let name = FileName::new("x").for_download(Some(&owner), "").to_string();
    name.strip_suffix('x').unwrap_or_default().to_owned()
}
