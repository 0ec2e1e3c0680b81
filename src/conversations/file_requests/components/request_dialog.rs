//! Requesting files: what for, for how long and how many; then the link, to copy or to scan.

use dioxus::prelude::*;
use lucide_dioxus::{FileInput, KeyRound};

use super::lazy;
use super::qr_code::QrCode;
use crate::channels::model::{Channel, ChannelKind};
use crate::conversations::file_requests::api::create_file_request;
use crate::files::attachments::media_type::FileKind;
use crate::files::requests::model::{FILES_DEFAULT, NewFileRequest};
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::json::Body;
use crate::ui::{Choice, Dialog, Field, FieldError, Secret, SelectField, use_hydrated, use_submit};

/// How long a link can work, in seconds.
const LIVES: [(i64, &str); 4] =
    [(86_400, "1 day"), (604_800, "7 days"), (2_592_000, "30 days"), (31_536_000, "1 year")];
const LIFE_DEFAULT: i64 = 604_800;
/// Sizes of all files together, in bytes.
const SIZES: [(i64, &str); 5] = [
    (100_000_000, "100 MB"),
    (500_000_000, "500 MB"),
    (2_000_000_000, "2 GB"),
    (10_000_000_000, "10 GB"),
    (100_000_000_000, "100 GB"),
];
const SIZE_DEFAULT: i64 = 2_000_000_000;

/// Returns whether this member can request files in a conversation.
fn use_may_request(channel: &Channel) -> bool {
    let session = use_session();
    let may_request = session.may(Permission::FileRequest) && session.may(Permission::MessageSend);
    channel.kind != ChannelKind::Bucket && may_request
}

/// Opens the dialog, for members who may request files here.
#[component]
pub fn RequestFilesButton(channel: Channel) -> Element {
    let may_request = use_may_request(&channel);
    let hydrated = use_hydrated();
    let mut open = use_signal(|| false);
    if !may_request {
        return rsx! {};
    }
    rsx! {
        button {
            class: "icon-btn",
            r#type: "button",
            "aria-label": "Request files",
            title: "Request files",
            disabled: !hydrated,
            onclick: move |_| open.set(true),
            FileInput { class: "icon" }
        }
        if open() {
            lazy::RequestFilesDialog { channel, on_close: move |()| open.set(false) }
        }
    }
}

/// The same as a link in a sentence.
#[component]
pub fn RequestFilesLink(channel: Channel) -> Element {
    let may_request = use_may_request(&channel);
    let hydrated = use_hydrated();
    let mut open = use_signal(|| false);
    if !may_request {
        return rsx! {};
    }
    rsx! {
        button { class: "link", r#type: "button", disabled: !hydrated, onclick: move |_| open.set(true), "Request files instead" }
        if open() {
            lazy::RequestFilesDialog { channel, on_close: move |()| open.set(false) }
        }
    }
}

fn choices(values: &[(i64, &str)]) -> Vec<Choice> {
    let choice =
        |(value, text): &(i64, &str)| Choice { value: value.to_string(), text: (*text).to_owned(), disabled: false };
    values.iter().map(choice).collect()
}

#[component]
pub fn RequestFilesDialog(channel: Channel, on_close: EventHandler<()>) -> Element {
    let note = use_signal(String::new);
    let files = use_signal(|| FILES_DEFAULT.to_string());
    let password = use_signal(String::new);
    let mut life = use_signal(|| LIFE_DEFAULT);
    let mut size = use_signal(|| SIZE_DEFAULT);
    let mut kinds = use_signal(Vec::<FileKind>::new);
    let submit = use_submit();
    let mut made = use_signal(|| None::<String>);
    let id = channel.id;
    let create = move |event: FormEvent| {
        event.prevent_default();
        async move {
            let Ok(max_files) = files().trim().parse() else {
                let message = "Enter a whole number, such as 20.".to_owned();
                return submit.reject(FieldError { field: Some("maxFiles".to_owned()), message });
            };
            let input = NewFileRequest {
                channel_id: id,
                note: note(),
                expires_in: Some(life()),
                max_files: Some(max_files),
                max_bytes: Some(size()),
                kinds: kinds().into_iter().map(|kind| kind.name().to_owned()).collect(),
                password: Some(password()).filter(|password| !password.is_empty()),
            };
            if let Some(created) = submit.run(create_file_request(Body(input))).await {
                made.set(Some(created.url));
            }
        }
    };
    let who = if channel.kind == ChannelKind::Contact { channel.name.clone() } else { format!("#{}", channel.name) };
    rsx! {
        Dialog { class: "dialog dialog-wide", label: "Request files", on_close,
            h3 { class: "break-anywhere", "Request files for {who}" }
            if let Some(url) = made() {
                p { "Send this link to the person who has the files. They need no account." }
                div { class: "notice notice-success mt-4", role: "status", "data-component": "FileRequestNotice",
                    KeyRound { class: "icon" }
                    div { class: "grow",
                        b { class: "font-semibold", "The link is ready." }
                        " Copy it now. It won't be shown again."
                        Secret { key: "{url}", text: url.clone() }
                    }
                }
                QrCode { text: url, label: "QR code of the link" }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Close" }
                }
            } else {
                p { "Creates a link by which anyone who has it can send files to this conversation." }
                form { onsubmit: create,
                    div { class: "dialog-fields",
                        Field {
                            name: "note",
                            label: "Note",
                            autocomplete: "off",
                            value: note,
                            placeholder: "Photos of the tap, please",
                            hint: "Shown on the page that the link opens.",
                            autofocus: true,
                            error: submit.error_on("note"),
                        }
                        SelectField {
                            name: "life",
                            label: "Expires after",
                            value: life().to_string(),
                            choices: choices(&LIVES),
                            on_choose: move |chosen: String| life.set(chosen.parse().unwrap_or(LIFE_DEFAULT)),
                        }
                        Field {
                            name: "maxFiles",
                            label: "Maximum number of files",
                            autocomplete: "off",
                            inputmode: "numeric",
                            value: files,
                            error: submit.error_on("maxFiles"),
                        }
                        SelectField {
                            name: "maxBytes",
                            label: "Maximum total size",
                            value: size().to_string(),
                            choices: choices(&SIZES),
                            on_choose: move |chosen: String| size.set(chosen.parse().unwrap_or(SIZE_DEFAULT)),
                        }
                        fieldset { class: "fieldset",
                            legend { class: "label", "Kinds of files" }
                            for kind in FileKind::ALL.iter().copied() {
                                label { class: "kv", key: "{kind}",
                                    input {
                                        class: "check",
                                        r#type: "checkbox",
                                        checked: kinds.read().contains(&kind),
                                        onchange: move |event| {
                                            kinds.write().retain(|chosen| *chosen != kind);
                                            if event.checked() {
                                                kinds.write().push(kind);
                                            }
                                        },
                                    }
                                    span { {kind.words()} }
                                }
                            }
                            p { class: "hint", "Choose none to accept any file." }
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
                    if let Some(message) = submit.other_error(&["note", "maxFiles", "password"]) {
                        p { class: "hint hint-error mt-2", role: "alert", "{message}" }
                    }
                    div { class: "dialog-foot",
                        button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Cancel" }
                        button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy(), "Create link" }
                    }
                }
            }
        }
    }
}
