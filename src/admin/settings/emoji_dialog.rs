//! The dialog that adds an emoji: a picture, its name, and a preview in text.

use dioxus::prelude::*;
use lucide_dioxus::{CircleAlert, Upload};

use crate::files::emoji::model::suggest_emoji_name;
use crate::files::pictures::model::PictureKind;
use crate::files::uploads::image_file::{Cut, ImageFile};
use crate::files::uploads::model::PresignRequest;
use crate::platform::browser;
use crate::ui::{Dialog, Field, use_submit, use_toast};

/// Pixels of the longer side when stored: twice the largest use.
const STORED: u32 = 128;

const FILE_FIELD: &str = "#pick-emoji";

#[component]
pub fn EmojiDialog(on_close: EventHandler<()>, on_added: EventHandler<()>) -> Element {
    let toast = use_toast();
    let mut name = use_signal(String::new);
    let mut image = use_signal(|| None::<ImageFile>);
    let submit = use_submit();
    use_drop(move || {
        if let Some(image) = image.peek().as_ref() {
            image.forget();
        }
    });
    let pick = move |event: FormEvent| async move {
        let files = event.files();
        browser::empty_file_field(FILE_FIELD);
        match ImageFile::open(files).await {
            Ok(picked) => {
                if name.peek().is_empty() {
                    name.set(suggest_emoji_name(&picked.name));
                }
                if let Some(before) = image.replace(Some(picked)) {
                    before.forget();
                }
            }
            Err(refused) => toast.show(refused.message),
        }
    };
    let save = move |event: FormEvent| {
        event.prevent_default();
        async move {
            let Some(picked) = image() else { return };
            let cut = if picked.is_gif() { Cut::Untouched } else { Cut::Fit(STORED) };
            let request = PresignRequest { name: Some(name()), ..PresignRequest::picture(PictureKind::CustomEmoji) };
            if submit.run(picked.send(cut, request)).await.is_some() {
                on_added(());
            }
        }
    };
    rsx! {
        Dialog { label: "Add emoji", on_close,
            form { onsubmit: save,
                h3 { "Add emoji" }
                p { "PNG, JPEG, GIF or WebP, up to 256 kB." }
                div { class: "dialog-fields",
                    div { class: "row-gap",
                        span { class: "emoji-well",
                            if let Some(image) = image() {
                                img { src: "{image.url}", alt: "The chosen picture" }
                            }
                        }
                        button {
                            class: "btn",
                            r#type: "button",
                            "data-autofocus": "",
                            onclick: move |_| browser::click(FILE_FIELD),
                            Upload { class: "icon" }
                            if image().is_some() { "Choose another" } else { "Choose picture" }
                        }
                        input {
                            id: "pick-emoji",
                            r#type: "file",
                            accept: "image/png,image/jpeg,image/gif,image/webp",
                            hidden: true,
                            "aria-label": "Picture",
                            onchange: pick,
                        }
                    }
                    Field {
                        name: "emoji-name",
                        label: "Name",
                        placeholder: "party_parrot",
                        autocomplete: "off",
                        value: name,
                        hint: "2–32 characters: a–z, 0–9, _ + -",
                        error: submit.error_on("name"),
                    }
                    if let Some(image) = image() {
                        p { class: "emoji-sample",
                            "Preview: "
                            img { class: "emoji", src: "{image.url}", alt: "" }
                        }
                    }
                }
                if let Some(message) = submit.other_error(&["name"]) {
                    p { class: "hint hint-error", role: "alert",
                        CircleAlert { class: "icon" }
                        "{message}"
                    }
                }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Cancel" }
                    button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy() || image().is_none(), if submit.is_busy() { "Adding…" } else { "Add" } }
                }
            }
        }
    }
}
