//! The incoming URLs of a bucket in its panel, for those who manage it.

use dioxus::prelude::*;
use lucide_dioxus::{CircleAlert, Link};

use super::edit_dialog::EditHookDialog;
use super::new_dialog::NewHookDialog;
use crate::conversations::buckets::model::BucketContents;
use crate::conversations::hooks::api::revoke_hook;
use crate::conversations::hooks::model::{CreatedHook, Hook};
use crate::ids::{ChannelId, HookId};
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::json::NoBody;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{ConfirmDialog, When, use_hydrated, use_submit, use_toast};

/// The dialog that is open.
#[derive(Debug, Clone, PartialEq)]
enum Open {
    New,
    Edit(Hook),
    Revoke(Hook),
}

#[component]
pub fn IncomingUrls(bucket: ChannelId, contents: Option<BucketContents>) -> Element {
    if !use_session().may(Permission::BucketManage) {
        return rsx! {};
    }
    // They come with the other contents of the bucket.
    let Some(known) = contents.and_then(|contents| contents.hooks) else { return rsx! {} };
    rsx! {
        // Keys only distinguish siblings: in a list of one, another bucket shows its own.
        for id in [bucket] {
            LoadedUrls { key: "{id}", bucket: id, known: known.clone() }
        }
    }
}

#[component]
fn LoadedUrls(bucket: ChannelId, known: Vec<Hook>) -> Element {
    let hydrated = use_hydrated();
    let toast = use_toast();
    let submit = use_submit();
    let mut open = use_signal(|| None::<Open>);
    let mut hooks = use_signal(|| known.clone());
    // The contents are loaded again with each message.
    use_effect(use_reactive!(|known| hooks.set(known)));
    let changed = move |changed: Hook| {
        if let Some(known) = hooks.write().iter_mut().find(|known| known.id == changed.id) {
            *known = changed;
        }
        open.set(None);
    };
    let revoke = move |id: HookId| async move {
        let done = submit.track(revoke_hook(bucket, id, NoBody)).await;
        open.set(None);
        match done {
            Ok(()) => {
                hooks.write().retain(|known| known.id != id);
            }
            Err(error) => toast.show(error.message),
        }
    };
    rsx! {
        section { class: "panel-sec", "data-component": "IncomingUrls",
            h3 { class: "panel-h",
                "Incoming URLs"
                button { class: "btn btn-sm", r#type: "button", disabled: !hydrated, onclick: move |_| open.set(Some(Open::New)), "New URL" }
            }
            for hook in hooks() {
                HookRow { key: "{hook.id}", hook, on_open: move |hook: Hook| open.set(Some(Open::Edit(hook))) }
            }
            if hooks.read().is_empty() {
                p { class: "hint", "For Slack, Discord, Grafana and GitHub webhooks, and any JSON." }
            }
        }
        match open() {
            Some(Open::New) => rsx! {
                NewHookDialog {
                    bucket,
                    on_made: move |made: CreatedHook| {
                        hooks.write().insert(0, made.hook);
                    },
                    on_close: move |()| open.set(None),
                }
            },
            Some(Open::Edit(hook)) => rsx! {
                EditHookDialog {
                    bucket,
                    hook: hook.clone(),
                    on_changed: changed,
                    on_revoke: move |()| open.set(Some(Open::Revoke(hook.clone()))),
                    on_close: move |()| open.set(None),
                }
            },
            Some(Open::Revoke(hook)) => rsx! {
                ConfirmDialog {
                    title: "Revoke {hook.name}?",
                    text: "Programs that use this URL can no longer post. This can't be undone, but you can create a new URL.",
                    confirm: "Revoke",
                    busy: submit.is_busy(),
                    on_confirm: move |()| revoke(hook.id),
                    on_close: move |()| open.set(None),
                }
            },
            None => rsx! {},
        }
    }
}

#[component]
fn HookRow(hook: Hook, on_open: EventHandler<Hook>) -> Element {
    let has_error = hook.last_error.is_some();
    rsx! {
        div { class: "kv", "data-component": "IncomingUrl",
            if has_error {
                CircleAlert { class: "icon" }
            } else {
                Link { class: "icon" }
            }
            button {
                class: "link grow truncate text-left",
                r#type: "button",
                "aria-label": if has_error { "Edit {hook.name}. A request was rejected." } else { "Edit {hook.name}" },
                title: if has_error { "A request was rejected" },
                onclick: {
                    let hook = hook.clone();
                    move |_| on_open(hook.clone())
                },
                "{hook.name}"
            }
            if let Some(at) = hook.last_used_at {
                When { at, style: WhenStyle::Short, class: "muted num" }
            } else {
                span { class: "muted", "Never used" }
            }
        }
    }
}
