//! The form that creates, changes and deletes a bucket.

use dioxus::prelude::*;
use lucide_dioxus::{CircleAlert, Upload};

use crate::app::Route;
use crate::channels::conversations::Conversations;
use crate::channels::model::{BucketLook, Channel};
use crate::conversations::buckets::api::{change_bucket, create_bucket, delete_bucket};
use crate::conversations::buckets::model::{Bucket, BucketChanges, NewBucket};
use crate::files::uploads::crop::Crop;
use crate::files::uploads::image_file::{Cut, ImageFile};
use crate::ids::ChannelId;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::browser;
use crate::platform::error::Result;
use crate::platform::json::Body;
use crate::ui::{ConfirmDialog, Field, GlyphTile, NavLink, Tint, use_hydrated, use_submit, use_toast};

/// Pixels of a side when stored.
const ICON_SIDE: u32 = 256;

const FILE_FIELD: &str = "#bucket-picture";

/// Creates a bucket if there is no `channel`, and opens its feed when done.
#[component]
pub fn BucketForm(channel: Option<Channel>) -> Element {
    let conversations: Conversations = use_context();
    let look = channel.as_ref().and_then(|channel| channel.bucket.clone());
    let name = use_signal(|| channel.as_ref().map(|channel| channel.name.clone()).unwrap_or_default());
    let color = use_signal(|| look.as_ref().map_or(Tint::Iris, |look| look.color));
    let mut public = use_signal(|| look.as_ref().is_some_and(|look| look.public_files));
    let may_share = use_session().may(Permission::AttachmentShare);
    let drawn = use_signal(|| look.as_ref().is_none_or(|look| look.icon.is_none()));
    let picked = use_signal(|| None::<ImageFile>);
    let picture = look.as_ref().and_then(BucketLook::picture_url);
    let submit = use_submit();
    let hydrated = use_hydrated();
    let toast = use_toast();
    let known = channel.as_ref().map(|channel| channel.id);
    let had_picture = picture.is_some();
    let save = move |event: FormEvent| {
        event.prevent_default();
        async move {
            let saved = async {
                if let Some(id) = known {
                    let changes = BucketChanges {
                        name: Some(name()),
                        color: Some(color()),
                        icon_attachment_uuid: (had_picture && drawn()).then_some(None),
                        public_downloads: Some(public()),
                    };
                    change_bucket(id, Body(changes)).await
                } else {
                    let new = NewBucket {
                        name: name(),
                        color: Some(color()),
                        icon_attachment_uuid: None,
                        public_downloads: Some(public()),
                    };
                    create_bucket(Body(new)).await
                }
            };
            let Some(Bucket { id, .. }) = submit.run(saved).await else { return };
            let image = picked.peek().clone().filter(|_| !drawn());
            // The bucket exists by now, so a picture that fails does not undo it. It can be tried again.
            if let Some(image) = image
                && let Err(refused) = submit.track(set_picture(id, &image)).await
            {
                toast.show(refused.message);
            }
            conversations.reload();
            navigator().push(Route::conversation(id).href());
        }
    };
    let back = known.map_or(Route::InboxPage {}, Route::conversation);
    rsx! {
        form { class: "page-in form", "data-component": "BucketForm", method: "post", novalidate: true, onsubmit: save,
            IconField { name, color, picture, picked, drawn }
            Field { name: "name", label: "Name", autocomplete: "off", placeholder: "Door camera", value: name, error: submit.error_on("name"), autofocus: known.is_none() }
            Swatches { color }
            label { class: "setting",
                span {
                    "Public files"
                    span { class: "hint block", "Anyone with the link can open files posted here." }
                }
                input { class: "switch", r#type: "checkbox", role: "switch", checked: public(), disabled: !hydrated || !(public() || may_share), onchange: move |event| public.set(event.checked()) }
            }
            if let Some(message) = submit.other_error(&["name"]) {
                p { class: "notice notice-danger", role: "alert",
                    CircleAlert { class: "icon" }
                    span { class: "grow", "{message}" }
                }
            }
            div { class: "form-foot",
                button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy() || !hydrated, if known.is_none() { "Create bucket" } else { "Save" } }
                NavLink { class: "btn", to: back.href(), "Cancel" }
                if let Some(channel) = channel {
                    DeleteButton { channel }
                }
            }
        }
    }
}

/// Sets a picture as the icon of a bucket, cropped to a centered square.
async fn set_picture(bucket: ChannelId, image: &ImageFile) -> Result<()> {
    let cut = if image.is_gif() { Cut::Untouched } else { Cut::Square(Crop::of(image.width, image.height), ICON_SIDE) };
    let icon = image.send_to(cut, bucket).await?;
    let changes = BucketChanges { icon_attachment_uuid: Some(Some(icon)), ..BucketChanges::default() };
    change_bucket(bucket, Body(changes)).await?;
    image.forget();
    Ok(())
}

/// A preview of the icon: a picked or existing picture, or the icon drawn from name and color.
#[component]
fn IconField(
    name: Signal<String>,
    color: Signal<Tint>,
    picture: Option<String>,
    picked: Signal<Option<ImageFile>>,
    drawn: Signal<bool>,
) -> Element {
    let (mut picked, mut drawn) = (picked, drawn);
    let hydrated = use_hydrated();
    let toast = use_toast();
    let shown = picked.read().as_ref().map(|image| image.url.clone()).or(picture).filter(|_| !drawn());
    let pick = move |event: FormEvent| async move {
        let files = event.files();
        browser::empty_file_field(FILE_FIELD);
        match ImageFile::open(files).await {
            Ok(image) => {
                picked.set(Some(image));
                drawn.set(false);
            }
            Err(error) => toast.show(error.message),
        }
    };
    rsx! {
        div { class: "panel-id", "data-component": "IconField",
            GlyphTile { name: name(), tint: color(), picture: shown.clone(), size: 48 }
            div {
                div { class: "picture-buttons",
                    button { class: "btn", r#type: "button", disabled: !hydrated, onclick: move |_| browser::click(FILE_FIELD),
                        Upload { class: "icon" }
                        "Upload picture"
                    }
                    input {
                        id: "bucket-picture",
                        r#type: "file",
                        accept: "image/png,image/jpeg,image/gif,image/webp",
                        hidden: true,
                        "aria-label": "Picture",
                        onchange: pick,
                    }
                    if shown.is_some() {
                        button { class: "btn btn-ghost", r#type: "button", onclick: move |_| drawn.set(true), "Use default icon" }
                    }
                }
                p { class: "hint mt-2",
                    if shown.is_some() { "The center square is shown." } else { "Optional. Otherwise an icon is chosen from name and color." }
                }
            }
        }
    }
}

#[component]
fn Swatches(color: Signal<Tint>) -> Element {
    let mut color = color;
    let hydrated = use_hydrated();
    rsx! {
        fieldset { class: "fieldset",
            legend { class: "label", "Color" }
            div { class: "swatches",
                for tint in Tint::ALL.iter().copied() {
                    label { class: "swatch", key: "{tint.name()}", title: tint.name(),
                        span { class: "avatar avatar-28 id-{tint.name()}", "aria-hidden": "true", if color() == tint { "✓" } }
                        input { r#type: "radio", name: "color", value: tint.name(), "aria-label": tint.name(), checked: color() == tint, disabled: !hydrated, onchange: move |_| color.set(tint) }
                    }
                }
            }
        }
    }
}

/// For members who may delete messages of others.
#[component]
fn DeleteButton(channel: Channel) -> Element {
    let session = use_session();
    let conversations: Conversations = use_context();
    let toast = use_toast();
    let mut asking = use_signal(|| false);
    let submit = use_submit();
    if !session.may(Permission::MessageDeleteAny) {
        return rsx! {};
    }
    let (id, name) = (channel.id, channel.name);
    let gone = format!("{name} was deleted.");
    let confirm = move |()| {
        let gone = gone.clone();
        async move {
            match submit.track(delete_bucket(id)).await {
                Ok(()) => {
                    conversations.reload();
                    toast.show(gone);
                    navigator().push(Route::InboxPage {});
                }
                Err(refused) => {
                    asking.set(false);
                    toast.show(refused.message);
                }
            }
        }
    };
    rsx! {
        button { class: "btn btn-danger ml-auto", r#type: "button", onclick: move |_| asking.set(true), "Delete bucket" }
        if asking() {
            ConfirmDialog {
                title: "Delete {name}?",
                text: "This permanently deletes its messages and files. Programs can no longer post here.",
                confirm: "Delete bucket",
                busy: submit.is_busy(),
                on_confirm: confirm,
                on_close: move |()| asking.set(false),
            }
        }
    }
}
