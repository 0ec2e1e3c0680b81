//! The panel beside a bucket's feed: contents, how to post, who posts, and whether its files are public.

use dioxus::prelude::*;
use lucide_dioxus::{Check, KeyRound};

use crate::app::Route;
use crate::channels::model::{BucketLook, Channel};
use crate::conversations::buckets::api::{bucket_contents, change_bucket};
use crate::conversations::buckets::model::{BucketChanges, BucketContents};
use crate::conversations::hooks::components::IncomingUrls;
use crate::live_event::{LiveEvent, use_live};
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::browser;
use crate::platform::byte_size::format_size;
use crate::platform::json::Body;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{GlyphTile, Latest, NavLink, When, use_copied, use_first_load, use_hydrated, use_toast};

#[component]
pub fn BucketSections(channel: Channel, look: BucketLook, contents: Latest<BucketContents>) -> Element {
    let id = channel.id;
    use_first_load(contents, move || bucket_contents(id));
    use_live(move |event: LiveEvent| {
        if event.is_resync() || event.channel() == Some(id) {
            spawn(contents.reload(bucket_contents(id)));
        }
    });
    let loaded = (contents.value)();
    rsx! {
        section { class: "panel-sec",
            div { class: "panel-id",
                GlyphTile { name: channel.name.clone(), tint: look.color, picture: look.picture_url(), size: 48 }
                div {
                    p { class: "pane-title", "{channel.name}" }
                    if let Some(BucketContents { files, bytes, .. }) = &loaded {
                        p { class: "muted num",
                            if *files == 1 { "1 file" } else { "{files} files" }
                            ", {bytes}"
                        }
                    }
                }
            }
        }
        HowToPost { name: channel.name.clone(), contents: loaded.clone() }
        IncomingUrls { bucket: id, contents: loaded.clone() }
        if let Some(contents) = loaded.filter(|contents| !contents.posters.is_empty()) {
            section { class: "panel-sec", "data-component": "BucketPosters",
                h3 { class: "panel-h",
                    "Tokens"
                    NavLink { class: "link", to: Route::AccessTokensPage {}.href(), label: "Manage access tokens", "Manage" }
                }
                for poster in contents.posters {
                    p { class: "kv",
                        KeyRound { class: "icon" }
                        span { class: "grow truncate", "{poster.name}" }
                        When { at: poster.last_posted_at, style: WhenStyle::Short, class: "muted num" }
                    }
                }
            }
        }
        PublicFiles { channel, on: look.public_files }
    }
}

/// A command that can be pasted into a shell.
#[component]
fn HowToPost(name: String, contents: Option<BucketContents>) -> Element {
    let copied = use_copied();
    // Only the browser knows the page's origin.
    let origin = if use_hydrated() { browser::origin() } else { String::new() };
    // In single quotes a shell treats everything literally except these.
    let name = name.replace('\'', "'\\''");
    let call = [
        format!("curl {origin}/api/v1/messages/with-attachment"),
        "-H \"Authorization: Bearer $TOKEN\"".to_owned(),
        format!("-F 'bucketId={name}'"),
        "-F 'title=Person at the door'".to_owned(),
        "-F deliveryType=NORMAL".to_owned(),
        "-F file=@front.jpg".to_owned(),
    ]
    .join(" \\\n  ");
    let shown = call.clone();
    rsx! {
        section { class: "panel-sec", id: "how-to-post", "data-component": "HowToPost",
            h3 { class: "panel-h",
                "Post with curl"
                button { class: "btn btn-sm", r#type: "button", onclick: move |_| copied.copy(&call),
                    if copied.now() {
                        Check { class: "icon icon-14" }
                        "Copied"
                    } else {
                        "Copy"
                    }
                }
            }
            pre { class: "code", tabindex: "0", "{shown}" }
            if let Some(contents) = contents {
                p { class: "hint", "Up to {format_size(contents.max_file_size)}: {kinds(&contents.allowed_types)}" }
            }
        }
    }
}

/// Returns names for people, for types such as `image/jpeg`.
fn kinds(types: &[String]) -> String {
    let name = |content_type: &String| match content_type.as_str() {
        "image/webp" => "WebP".to_owned(),
        "video/webm" => "WebM".to_owned(),
        "audio/mpeg" => "MP3".to_owned(),
        "text/plain" => "text".to_owned(),
        other => other.rsplit('/').next().unwrap_or(other).to_uppercase(),
    };
    types.iter().map(name).collect::<Vec<_>>().join(", ")
}

#[component]
fn PublicFiles(channel: Channel, on: bool) -> Element {
    let session = use_session();
    let toast = use_toast();
    let hydrated = use_hydrated();
    let mut on = use_signal(|| on);
    let id = channel.id;
    let turn = move |wanted: bool| async move {
        on.set(wanted);
        let changes = BucketChanges { public_downloads: Some(wanted), ..BucketChanges::default() };
        if let Err(refused) = change_bucket(id, Body(changes)).await {
            on.set(!wanted);
            toast.show(refused.message);
        }
    };
    rsx! {
        section { class: "panel-sec",
            label { class: "setting",
                span {
                    "Public files"
                    span { class: "muted block", "Anyone with the link can open files posted here" }
                }
                input {
                    class: "switch",
                    r#type: "checkbox",
                    role: "switch",
                    checked: on(),
                    disabled: !hydrated || !session.may(Permission::BucketManage) || !(on() || session.may(Permission::AttachmentShare)),
                    onchange: move |event| turn(event.checked()),
                }
            }
        }
    }
}
