//! The dialog for a bot's name, and, after it is created, its picture.

use dioxus::prelude::*;

use super::picture_field::PictureField;
use crate::files::pictures::api::{create_bot, rename_bot};
use crate::files::pictures::model::{Bot, NewBot, PictureKind};
use crate::platform::json::Body;
use crate::ui::{Avatar, AvatarKind, Dialog, Field, use_submit};

/// Creates a bot if there is no `bot`.
#[component]
pub fn BotDialog(bot: Option<Bot>, on_saved: EventHandler<Bot>, on_close: EventHandler<()>) -> Element {
    let name = use_signal(|| bot.as_ref().map(|bot| bot.name.clone()).unwrap_or_default());
    let submit = use_submit();
    let id = bot.as_ref().map(|bot| bot.id);
    let save = move |event: FormEvent| {
        event.prevent_default();
        async move {
            let input = Body(NewBot { name: name() });
            let saved = async {
                match id {
                    Some(id) => rename_bot(id, input).await,
                    None => create_bot(input).await,
                }
            };
            if let Some(bot) = submit.run(saved).await {
                on_saved(bot);
            }
        }
    };
    let title = bot.as_ref().map_or_else(|| "Add bot".to_owned(), |bot| format!("Edit {}", bot.name));
    rsx! {
        Dialog { label: "{title}", on_close,
            h3 { class: "break-anywhere", "{title}" }
            if let Some(bot) = bot {
                PictureField { kind: PictureKind::BotAvatar, id: bot.id.0, bot: bot.id, loaded: bot.avatar_url.clone(),
                    Avatar { kind: AvatarKind::Member, id: bot.id.0, name: bot.name.clone(), picture: bot.avatar_url.clone(), size: 72 }
                }
            }
            form { onsubmit: save,
                div { class: "dialog-fields",
                    Field {
                        name: "name",
                        label: "Name",
                        placeholder: "Door camera",
                        autocomplete: "off",
                        value: name,
                        autofocus: true,
                        error: submit.error_on("name"),
                    }
                }
                if let Some(message) = submit.other_error(&["name"]) {
                    p { class: "hint hint-error mt-2", role: "alert", "{message}" }
                }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", onclick: move |_| on_close(()), if id.is_some() { "Close" } else { "Cancel" } }
                    button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy(), if id.is_some() { "Save" } else { "Add" } }
                }
            }
        }
    }
}
