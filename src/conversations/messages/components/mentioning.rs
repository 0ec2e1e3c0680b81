//! Completion of `@name` while typing, in a text area that keeps the focus.

use dioxus::prelude::*;

use crate::channels::api::list_mentionable;
use crate::channels::mentions::{Mention, unfinished};
use crate::ids::{ChannelId, MemberId};
use crate::people::organizations::model::MemberInfo;
use crate::platform::browser;
use crate::ui::{Avatar, AvatarKind, Latest, SuggestionKey, suggestion_key, use_latest};

/// The id of the list.
const LIST: &str = "mention-suggestions";

/// The suggestions of a text area.
#[derive(Clone, Copy, PartialEq)]
pub struct MentionSuggestions {
    channel: ChannelId,
    /// A selector of the text area.
    field: &'static str,
    /// The text after the `@`.
    typed: Signal<Option<String>>,
    /// The last response, and the text that it is for.
    found: Latest<(String, Vec<MemberInfo>)>,
    choices: Memo<Vec<MemberInfo>>,
    /// The selected suggestion; without one, or if it is gone, the first is selected.
    active: Signal<Option<MemberId>>,
    /// Names that were chosen. What follows one is no longer a part of it.
    chosen: Signal<Vec<String>>,
    /// Receives the whole text after an insertion, with the member.
    on_choose: Callback<(String, Mention)>,
}

/// `mentioned` are members whom the text mentions already.
pub fn use_mention_suggestions(
    field: &'static str,
    channel: ChannelId,
    mentioned: &[Mention],
    on_choose: impl FnMut((String, Mention)) + 'static,
) -> MentionSuggestions {
    let typed = use_signal(|| None::<String>);
    let found = use_latest(|| None::<(String, Vec<MemberInfo>)>);
    let choices = use_memo(move || match (&*typed.read(), &*found.value.read()) {
        (Some(typed), Some((search, members))) => shown(typed, search, members),
        _ => Vec::new(),
    });
    let (active, on_choose) = (use_signal(|| None), use_callback(on_choose));
    let chosen = use_signal(|| mentioned.iter().map(|mention| mention.name.clone()).collect());
    MentionSuggestions { channel, field, typed, found, choices, active, chosen, on_choose }
}

/// Returns the members to suggest for a text. A response for another text is still shown where the names contain this one.
fn shown(typed: &str, search: &str, members: &[MemberInfo]) -> Vec<MemberInfo> {
    let part = typed.to_lowercase();
    let matches = |member: &&MemberInfo| search == typed || member.name.to_lowercase().contains(&part);
    members.iter().filter(matches).cloned().collect()
}

impl MentionSuggestions {
    /// Returns the id of the selected suggestion, if there is one.
    pub fn active_id(self) -> Option<String> {
        let choices = self.choices.read();
        (!choices.is_empty()).then(|| format!("person-{}", self.place_in(&choices)))
    }

    /// Returns the id of the list, if it is open.
    pub fn list_id(self) -> Option<&'static str> {
        self.active_id().map(|_| LIST)
    }

    /// Returns the index of the selected suggestion among the choices.
    fn place_in(self, choices: &[MemberInfo]) -> usize {
        let active = *self.active.read();
        choices.iter().position(|choice| Some(choice.id) == active).unwrap_or(0)
    }

    pub fn close(mut self) {
        self.typed.set(None);
    }

    /// Handles input.
    pub fn on_input(mut self) {
        let before = browser::text_before_caret(self.field).unwrap_or_default();
        let is_chosen = |typed: &str| self.chosen.peek().iter().any(|name| typed.starts_with(name.as_str()));
        let typed = unfinished(&before).filter(|typed| !is_chosen(typed)).map(str::to_owned);
        self.active.set(None);
        if *self.typed.peek() == typed {
            return;
        }
        self.typed.set(typed.clone());
        if let Some(search) = typed {
            let channel = self.channel;
            spawn(self.found.reload(async move {
                let members = list_mentionable(channel, search.clone()).await;
                members.map(|members| (search, members))
            }));
        }
    }

    /// Handles a key. Returns whether it was meant for the suggestions.
    pub fn takes(mut self, event: &KeyboardEvent) -> bool {
        let choices = (self.choices)();
        let at = self.place_in(&choices);
        match suggestion_key(event, at, choices.len()) {
            Some(SuggestionKey::Select(place)) => self.active.set(Some(choices[place].id)),
            Some(SuggestionKey::Choose) => self.choose(&choices[at]),
            Some(SuggestionKey::Close) => self.close(),
            Some(SuggestionKey::Leave) => {
                self.close();
                return false;
            }
            None => return false,
        }
        event.prevent_default();
        event.stop_propagation();
        true
    }

    /// Replaces the typed text with a name. Runs after the current event, because it causes another one.
    fn choose(mut self, choice: &MemberInfo) {
        let Some(typed) = self.typed.take() else { return };
        let mention = Mention { id: choice.id, name: choice.name.clone() };
        self.chosen.write().push(mention.name.clone());
        spawn(async move {
            let replaced = typed.encode_utf16().count() + 1;
            if let Some(text) = browser::put_at_caret(self.field, replaced, &format!("@{} ", mention.name)) {
                (self.on_choose)((text, mention));
            }
        });
    }
}

/// The list above the text area.
#[component]
pub fn MentionList(suggestions: MentionSuggestions) -> Element {
    let mut active = suggestions.active;
    let choices = (suggestions.choices)();
    if choices.is_empty() {
        return rsx! {};
    }
    let chosen = suggestions.place_in(&choices);
    rsx! {
        ul { class: "suggestions", id: LIST, role: "listbox", "aria-label": "People",
            for (place, choice) in choices.into_iter().enumerate() {
                li {
                    key: "{choice.id}",
                    id: "person-{place}",
                    class: "menu-item",
                    role: "option",
                    "aria-selected": if place == chosen { "true" } else { "false" },
                    onmouseover: move |_| active.set(Some(choice.id)),
                    // The text area keeps the focus.
                    onmousedown: move |event| event.prevent_default(),
                    onclick: {
                        let choice = choice.clone();
                        move |_| suggestions.choose(&choice)
                    },
                    Avatar { kind: AvatarKind::Member, id: choice.id.0, name: choice.name.clone(), picture: choice.avatar_url.clone(), size: 20 }
                    span { class: "truncate", "{choice.name}" }
                }
            }
        }
    }
}
