//! The reactions under a message.

use dioxus::prelude::*;

use super::feed::Feed;
use crate::conversations::messages::api::set_reaction;
use crate::conversations::messages::model::{Reaction, ReactionChange};
use crate::files::emoji::components::{EmojiButton, EmojiText};
use crate::ids::MessageId;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::json::Body;
use crate::ui::{use_hydrated, use_toast};

/// Sets reactions for the messages of a feed.
#[derive(Clone, Copy)]
struct Reacting {
    set: Callback<(MessageId, ReactionChange)>,
}

/// Provides reacting to the messages of `feed` to the components below the caller.
pub fn use_reacting(feed: Feed) {
    let toast = use_toast();
    let set = use_callback(move |(id, change)| {
        spawn(async move {
            let asked = feed.ask();
            match set_reaction(id, Body(change)).await {
                Ok(message) => feed.receive(asked, vec![message]),
                Err(error) => toast.show(error.message),
            }
        });
    });
    use_context_provider(|| Reacting { set });
}

/// The button among the actions of a message, and after its reactions.
#[component]
pub fn AddReaction(message: MessageId, #[props(default = "icon-btn")] class: &'static str) -> Element {
    let reacting: Reacting = use_context();
    if !use_session().may(Permission::MessageSend) {
        return rsx! {};
    }
    rsx! {
        EmojiButton {
            label: "Add reaction",
            class,
            on_choose: move |emoji| (reacting.set)((message, ReactionChange { emoji, reacted: true })),
        }
    }
}

#[component]
pub fn Reactions(message: MessageId, reactions: Vec<Reaction>) -> Element {
    rsx! {
        ul { class: "reactions", "aria-label": "Reactions",
            for reaction in reactions {
                li { key: "{reaction.emoji}",
                    Pill { message, reaction }
                }
            }
            li {
                AddReaction { message, class: "reaction reaction-add" }
            }
        }
    }
}

#[component]
fn Pill(message: MessageId, reaction: Reaction) -> Element {
    let reacting: Reacting = use_context();
    let session = use_session();
    let hydrated = use_hydrated();
    let who = who(&reaction, &session.user.name);
    let Reaction { emoji, count, mine, .. } = reaction;
    let toggle = {
        let emoji = emoji.clone();
        move |_| (reacting.set)((message, ReactionChange { emoji: emoji.clone(), reacted: !mine }))
    };
    rsx! {
        button {
            class: "reaction",
            r#type: "button",
            "aria-pressed": if mine { "true" } else { "false" },
            "aria-label": "{emoji} {count}: {who}",
            title: "{who}",
            disabled: !hydrated || !session.may(Permission::MessageSend),
            onclick: toggle,
            span { class: "reaction-emoji", "aria-hidden": "true",
                EmojiText { text: emoji.clone() }
            }
            span { class: "num", "{count}" }
        }
    }
}

/// Returns names such as "You, Noor Haddad and 3 others".
fn who(reaction: &Reaction, me: &str) -> String {
    let others = reaction.names.iter().filter(|name| !reaction.mine || *name != me).cloned();
    let mut names: Vec<_> = reaction.mine.then(|| "You".to_owned()).into_iter().chain(others).collect();
    match reaction.count.saturating_sub(names.len()) {
        0 => {}
        1 => names.push("1 other".to_owned()),
        more => names.push(format!("{more} others")),
    }
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reactions_have_names() {
        let who = |names: &[&str], count, mine| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            super::who(&Reaction { emoji: "👍".to_owned(), url: None, count, mine, names }, "Mara")
        };
        assert_eq!(who(&["Mara"], 1, true), "You");
        assert_eq!(who(&["Noor", "Mara"], 2, true), "You and Noor");
        assert_eq!(who(&["Noor", "Tom", "Mara"], 3, true), "You, Noor and Tom");
        assert_eq!(who(&["Mara"], 1, false), "Mara");
        assert_eq!(who(&["Noor", "Tom"], 22, false), "Noor, Tom and 20 others");
        assert_eq!(who(&["Noor"], 3, true), "You, Noor and 1 other");
    }
}
