//! The page of custom emoji: those in use, and removed ones.

use dioxus::prelude::*;
use lucide_dioxus::{Plus, RotateCcw};

use super::emoji_dialog::EmojiDialog;
use crate::admin::settings::SettingsSection;
use crate::files::emoji::api::{list_emoji, list_removed_emoji, remove_emoji, restore_emoji};
use crate::files::emoji::model::CustomEmoji;
use crate::ids::EmojiId;
use crate::live_event::{LiveEvent, use_live};
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::error::{AppError, Result};
use crate::platform::json::NoBody;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{EmptyState, ErrorState, SectionHead, Smile, When, use_hydrated, use_loaded, use_refresh, use_toast};

#[component]
pub fn EmojiPage() -> Element {
    rsx! {
        SettingsSection { title: "Emoji",
            LoadedEmoji {}
        }
    }
}

/// Emoji in use, and removed ones.
type Loaded = (Vec<CustomEmoji>, Vec<CustomEmoji>);

async fn load(may_manage: bool) -> Result<Loaded, AppError> {
    let removed = if may_manage { list_removed_emoji().await? } else { Vec::new() };
    Ok((list_emoji().await?, removed))
}

#[component]
fn LoadedEmoji() -> Element {
    let may_manage = use_session().may(Permission::EmojiManage);
    let loaded = use_loaded(move || load(may_manage))?;
    match loaded.get::<Loaded>() {
        Some(Ok(first)) => rsx! {
            EmojiSections { first, may_manage }
        },
        Some(Err(error)) => rsx! {
            ErrorState { title: "The emoji could not be loaded", text: error.message, on_retry: move |()| loaded.reload() }
        },
        None => rsx! {},
    }
}

#[component]
fn EmojiSections(first: Loaded, may_manage: bool) -> Element {
    let toast = use_toast();
    let hydrated = use_hydrated();
    let current = use_signal(|| first);
    let mut adding = use_signal(|| false);
    let refresh = use_refresh(current, move || load(may_manage));
    use_live(move |event: LiveEvent| {
        if matches!(event, LiveEvent::Resync {} | LiveEvent::EmojiChanged {}) {
            refresh(());
        }
    });
    let remove = move |id: EmojiId| async move {
        match remove_emoji(id).await {
            Ok(_) => refresh(()),
            Err(error) => toast.show(error.message),
        }
    };
    let restore = move |id: EmojiId| async move {
        match restore_emoji(id, NoBody).await {
            Ok(_) => refresh(()),
            Err(error) => toast.show(error.message),
        }
    };
    let (live, removed) = current();
    rsx! {
        section { class: "sec", "data-component": "Emoji",
            SectionHead { title: "Emoji", text: "Custom emoji for messages and reactions. Type :name: or pick one.",
                if may_manage {
                    button { class: "btn btn-primary", r#type: "button", disabled: !hydrated, onclick: move |_| adding.set(true),
                        Plus { class: "icon" }
                        "Add emoji"
                    }
                }
            }
            if live.is_empty() {
                EmptyState {
                    icon: rsx! {
                        Smile {}
                    },
                    title: "No custom emoji yet",
                    text: "Add one with a small picture and a name.",
                }
            } else {
                ul { class: "emoji-list", "aria-label": "Emoji in use",
                    for emoji in live {
                        EmojiRow { key: "{emoji.id}", emoji: emoji.clone(),
                            if may_manage {
                                button {
                                    class: "btn btn-sm btn-ghost btn-danger-quiet",
                                    r#type: "button",
                                    disabled: !hydrated,
                                    "aria-label": "Remove :{emoji.name}:",
                                    onclick: move |_| remove(emoji.id),
                                    "Remove"
                                }
                            }
                        }
                    }
                }
            }
            if !may_manage {
                p { class: "hint mt-2", "Adding or removing emoji requires “Add and remove emoji”. Ask an admin." }
            }
        }
        if !removed.is_empty() {
            section { class: "sec", "data-component": "RemovedEmoji",
                SectionHead { title: "Removed", text: "Removed emoji show as their :name:. Restore one to bring it back." }
                ul { class: "emoji-list", "aria-label": "Removed emoji",
                    for emoji in removed {
                        EmojiRow { key: "{emoji.id}", emoji: emoji.clone(),
                            button {
                                class: "btn btn-sm",
                                r#type: "button",
                                disabled: !hydrated,
                                "aria-label": "Restore :{emoji.name}:",
                                onclick: move |_| restore(emoji.id),
                                RotateCcw { class: "icon icon-14" }
                                "Restore"
                            }
                        }
                    }
                }
            }
        }
        if adding() {
            EmojiDialog {
                on_close: move |()| adding.set(false),
                on_added: move |()| {
                    adding.set(false);
                    refresh(());
                },
            }
        }
    }
}

#[component]
fn EmojiRow(emoji: CustomEmoji, children: Element) -> Element {
    rsx! {
        li { class: "emoji-row",
            img { class: "emoji-picture", src: "{emoji.url}", alt: "", width: "32", height: "32" }
            div { class: "emoji-text",
                p { class: "mono truncate", ":{emoji.name}:" }
                p { class: "muted text-xs truncate",
                    "{emoji.added_by}, "
                    When { at: emoji.removed_at.unwrap_or(emoji.created_at), style: WhenStyle::Short }
                }
            }
            {children}
        }
    }
}
