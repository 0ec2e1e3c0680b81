//! The dialog that creates a link to a file or to the files of a message, and lists existing ones.

use dioxus::prelude::*;
use lucide_dioxus::{KeyRound, Share2, TriangleAlert};

use super::lazy;
use super::link_table::LinkTable;
use crate::files::attachments::media_type::may_keep_place;
use crate::files::attachments::model::Attachment;
use crate::files::sharing::api::{create_share_link, list_share_links};
use crate::files::sharing::model::{NewShareLink, ShareLink};
use crate::ids::{AttachmentId, MessageId};
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::json::Body;
use crate::ui::{Choice, Dialog, Field, FieldError, Secret, SelectField, use_hydrated, use_submit};

/// Choices for the lifetime of a link, in seconds.
const LIFETIMES: [(i64, &str); 5] =
    [(3600, "1 hour"), (86_400, "1 day"), (604_800, "7 days"), (2_592_000, "30 days"), (31_536_000, "1 year")];
const DEFAULT_LIFETIME: i64 = 604_800;

/// What is shared.
#[derive(Clone, PartialEq)]
pub struct Subject {
    attachment: Option<AttachmentId>,
    message: Option<MessageId>,
    /// A description, such as `photo.jpg` or `3 files`.
    words: String,
    /// Names of the files whose location visitors of the link can see.
    placed: Vec<String>,
}

impl Subject {
    fn of(attachment: Option<AttachmentId>, message: Option<MessageId>, files: &[Attachment]) -> Self {
        let words = match files {
            [only] => only.label().to_owned(),
            all => format!("{} files", all.len()),
        };
        let placed = files.iter().filter(|file| may_keep_place(&file.content_type));
        let placed = placed.map(|file| file.label().to_owned()).collect();
        Self { attachment, message, words, placed }
    }
}

/// Opens the dialog.
#[derive(Clone, Copy)]
pub struct Sharing(Signal<Option<Subject>>);

impl Sharing {
    pub fn share_file(mut self, file: &Attachment) {
        self.0.set(Some(Subject::of(Some(file.id), None, std::slice::from_ref(file))));
    }

    fn share_message(mut self, id: MessageId, files: &[Attachment]) {
        self.0.set(Some(Subject::of(None, Some(id), files)));
    }
}

/// Provides sharing to the components below the caller, which renders the [`SharingDialog`].
pub fn use_sharing() -> Sharing {
    use_context_provider(|| Sharing(Signal::new(None)))
}

/// An action of a message: shares its files.
#[component]
pub fn ShareMessage(id: MessageId, files: Vec<Attachment>) -> Element {
    let sharing: Sharing = use_context();
    let hydrated = use_hydrated();
    if files.is_empty() || !use_session().may(Permission::AttachmentShare) {
        return rsx! {};
    }
    rsx! {
        button {
            class: "icon-btn",
            r#type: "button",
            "aria-label": "Share the files",
            title: "Share",
            disabled: !hydrated,
            onclick: move |_| sharing.share_message(id, &files),
            Share2 { class: "icon" }
        }
    }
}

#[component]
pub fn SharingDialog() -> Element {
    let Sharing(mut subject) = use_context();
    match subject() {
        Some(shared) => rsx! {
            lazy::ShareDialog { shared, on_close: move |()| subject.set(None) }
        },
        None => rsx! {},
    }
}

/// Warns, before a link is created, about files whose location can't be removed.
#[component]
fn PlaceNotice(names: Vec<String>) -> Element {
    let which = match &names[..] {
        [only] => only.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        [] => return rsx! {},
    };
    rsx! {
        div { class: "notice notice-warning mt-4", role: "note", "data-component": "PlaceNotice",
            TriangleAlert { class: "icon" }
            p { class: "grow break-anywhere",
                b { class: "font-semibold", "May still contain a location: {which}." }
                " Attaché can't remove locations from videos and from HEIC, AVIF and TIFF photos."
            }
        }
    }
}

/// Parses the limit of downloads. Empty: no limit.
fn read_limit(typed: &str) -> Result<Option<i64>, FieldError> {
    match typed.trim() {
        "" => Ok(None),
        typed => typed.parse().map(Some).map_err(|_| FieldError {
            field: Some("maxDownloads".to_owned()),
            message: "Enter a whole number, such as 10, or leave this empty.".to_owned(),
        }),
    }
}

#[component]
pub fn ShareDialog(shared: Subject, on_close: EventHandler<()>) -> Element {
    let mut life = use_signal(|| DEFAULT_LIFETIME);
    let password = use_signal(String::new);
    let most = use_signal(String::new);
    let submit = use_submit();
    let mut made = use_signal(|| None::<String>);
    let (attachment, message) = (shared.attachment, shared.message);
    let mut links = use_signal(Vec::<ShareLink>::new);
    use_hook(move || {
        spawn(async move {
            if let Ok(known) = list_share_links(attachment, message, None).await {
                links.set(known);
            }
        });
    });
    let create = move |event: FormEvent| {
        event.prevent_default();
        async move {
            let max_downloads = match read_limit(&most()) {
                Ok(limit) => limit,
                Err(wrong) => return submit.reject(wrong),
            };
            let input = NewShareLink {
                attachment_id: attachment,
                message_id: message,
                expires_in: Some(life()),
                password: Some(password()).filter(|password| !password.is_empty()),
                max_downloads,
                ..Default::default()
            };
            if let Some(created) = submit.run(create_share_link(Body(input))).await {
                links.write().insert(0, created.link);
                made.set(Some(created.url));
            }
        }
    };
    let revoked = move |link: ShareLink| {
        if let Some(row) = links.write().iter_mut().find(|row| row.id == link.id) {
            *row = link;
        }
    };
    rsx! {
        Dialog { class: "dialog dialog-wide", label: "Share {shared.words}", on_close,
            h3 { class: "break-anywhere", "Share {shared.words}" }
            p { "Anyone with the link can view and download, no account needed. Photo locations are removed." }
            if !shared.placed.is_empty() {
                PlaceNotice { names: shared.placed.clone() }
            }
            if let Some(url) = made() {
                div { class: "notice notice-success mt-4", role: "status", "data-component": "ShareLinkNotice",
                    KeyRound { class: "icon" }
                    div { class: "grow",
                        b { class: "font-semibold", "The link is ready." }
                        " Copy it now. It won't be shown again."
                        Secret { key: "{url}", text: url.clone() }
                    }
                }
            } else {
                form { onsubmit: create,
                    div { class: "dialog-fields",
                        SelectField {
                            name: "life",
                            label: "Expires after",
                            value: life().to_string(),
                            choices: LIFETIMES.iter().map(|(seconds, text)| Choice { value: seconds.to_string(), text: (*text).to_owned(), disabled: false }).collect::<Vec<_>>(),
                            on_choose: move |chosen: String| life.set(chosen.parse().unwrap_or(DEFAULT_LIFETIME)),
                        }
                        Field {
                            name: "maxDownloads",
                            label: "Download limit",
                            autocomplete: "off",
                            inputmode: "numeric",
                            value: most,
                            hint: "The link stops working after this many downloads.",
                            placeholder: "No limit",
                            error: submit.error_on("maxDownloads"),
                        }
                        Field {
                            name: "password",
                            label: "Password",
                            r#type: "password",
                            autocomplete: "new-password",
                            value: password,
                            hint: "Send the password separately from the link.",
                            placeholder: "None",
                            error: submit.error_on("password"),
                        }
                    }
                    if let Some(message) = submit.other_error(&["password", "maxDownloads"]) {
                        p { class: "hint hint-error mt-2", role: "alert", "{message}" }
                    }
                    div { class: "dialog-foot",
                        button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy(), "data-autofocus": "", "Create link" }
                    }
                }
            }
            if !links.read().is_empty() {
                h4 { class: "label mt-4", "Existing links" }
                LinkTable { links: links(), maker: true, on_revoked: revoked }
            }
            div { class: "dialog-foot",
                button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Close" }
            }
        }
    }
}
