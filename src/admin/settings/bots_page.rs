//! The page of the organization's bots.

use dioxus::prelude::*;
use lucide_dioxus::{Bot as BotIcon, Plus};

use super::bot_dialog::BotDialog;
use crate::admin::settings::SettingsSection;
use crate::files::pictures::api::{list_bots, remove_bot};
use crate::files::pictures::model::Bot;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{
    Avatar, AvatarKind, ConfirmDialog, EmptyState, LoadMore, SectionHead, When, use_hydrated, use_loaded, use_submit,
    use_toast,
};

/// Page size.
const PAGE: usize = 100;

#[component]
pub fn BotsPage() -> Element {
    rsx! {
        SettingsSection { title: "Bots", LoadedBots {} }
    }
}

#[component]
fn LoadedBots() -> Element {
    use_loaded(|| list_bots(None))?.show("Bots", |first: Vec<Bot>| {
        rsx! {
            Bots { first }
        }
    })
}

#[component]
fn Bots(first: Vec<Bot>) -> Element {
    let toast = use_toast();
    let hydrated = use_hydrated();
    let mut has_more = use_signal(|| first.len() == PAGE);
    let mut bots = use_signal(|| first);
    // The edited bot; an inner `None`: a new one.
    let mut edited = use_signal(|| None::<Option<Bot>>);
    let mut doomed = use_signal(|| None::<Bot>);
    let submit = use_submit();
    let load_more = move |()| async move {
        let last = bots.peek().last().map(|bot| bot.id);
        if let Ok(page) = list_bots(last).await {
            has_more.set(page.len() == PAGE);
            bots.write().extend(page);
        }
    };
    let remove = move |()| async move {
        let Some(bot) = doomed() else { return };
        let done = submit.track(remove_bot(bot.id)).await;
        doomed.set(None);
        match done {
            Ok(()) => bots.write().retain(|known| known.id != bot.id),
            Err(error) => toast.show(error.message),
        }
    };
    let mut saved = move |bot: Bot| {
        let mut bots = bots.write();
        match bots.iter_mut().find(|known| known.id == bot.id) {
            Some(known) => *known = bot,
            None => bots.push(bot),
        }
    };
    rsx! {
        section { class: "sec", "data-component": "Bots",
            SectionHead { title: "Bots", text: "Names and pictures for programs. Tokens that post as a bot use its name and picture.",
                button { class: "btn btn-primary", r#type: "button", disabled: !hydrated, onclick: move |_| edited.set(Some(None)),
                    Plus { class: "icon" }
                    "Add bot"
                }
            }
            if bots.read().is_empty() {
                EmptyState {
                    icon: rsx! {
                        BotIcon { class: "icon" }
                    },
                    title: "No bots yet",
                    text: "Add one, give it a picture, then create an access token that posts as it.",
                }
            } else {
                ul { class: "emoji-list", "aria-label": "Bots",
                    for bot in bots() {
                        BotRow {
                            key: "{bot.id}",
                            bot: bot.clone(),
                            on_edit: move |bot| edited.set(Some(Some(bot))),
                            on_remove: move |bot| doomed.set(Some(bot)),
                        }
                    }
                }
                if has_more() {
                    LoadMore { on_more: load_more }
                }
            }
        }
        if let Some(bot) = edited() {
            BotDialog {
                bot,
                on_saved: move |bot: Bot| {
                    // A new one gets its picture next.
                    let is_new = edited.peek().as_ref().is_some_and(Option::is_none);
                    saved(bot.clone());
                    edited.set(is_new.then_some(Some(bot)));
                },
                on_close: move |()| edited.set(None),
            }
        }
        if let Some(bot) = doomed() {
            ConfirmDialog {
                title: "Remove {bot.name}?",
                text: "Access tokens that post as this bot stop working immediately. Its messages stay, under its name.",
                confirm: "Remove",
                busy: submit.is_busy(),
                on_confirm: remove,
                on_close: move |()| doomed.set(None),
            }
        }
    }
}

#[component]
fn BotRow(bot: Bot, on_edit: EventHandler<Bot>, on_remove: EventHandler<Bot>) -> Element {
    let hydrated = use_hydrated();
    let (to_edit, to_remove) = (bot.clone(), bot.clone());
    rsx! {
        li { class: "emoji-row",
            Avatar { kind: AvatarKind::Member, id: bot.id.0, name: bot.name.clone(), picture: bot.avatar_url.clone() }
            div { class: "emoji-text",
                bdi { class: "truncate font-medium", title: "{bot.name}", "{bot.name}" }
                p { class: "muted text-xs truncate",
                    "Added "
                    When { at: bot.created_at, style: WhenStyle::Short }
                }
            }
            button {
                class: "btn btn-sm",
                r#type: "button",
                disabled: !hydrated,
                "aria-label": "Edit {bot.name}",
                onclick: move |_| on_edit(to_edit.clone()),
                "Edit"
            }
            button {
                class: "btn btn-sm btn-ghost btn-danger-quiet",
                r#type: "button",
                disabled: !hydrated,
                "aria-label": "Remove {bot.name}",
                onclick: move |_| on_remove(to_remove.clone()),
                "Remove"
            }
        }
    }
}
