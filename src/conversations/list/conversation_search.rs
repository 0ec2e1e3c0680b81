//! The search of the lists of conversations: by name in the loaded rows, by name and phone among all contacts. Other
//! components search by the same text.

use dioxus::prelude::*;
use lucide_dioxus::Search;

use crate::channels::model::Conversation;
use crate::people::contacts::api::list_contacts;
use crate::people::contacts::model::Contact;
use crate::platform::browser;
use crate::platform::search::fold;
use crate::ui::SearchField;

/// Maximum number of contacts that a search adds.
const FOUND_MAX: i64 = 50;

/// The search. Without a text everything is shown.
#[derive(Clone, Copy, PartialEq)]
pub struct ConversationSearch {
    open: Signal<bool>,
    text: Signal<String>,
    found: Signal<Vec<Contact>>,
}

/// Provides the search to the frame around the list and other searched components.
pub fn use_conversation_search() {
    use_context_provider(|| ConversationSearch {
        open: Signal::new(false),
        text: Signal::new(String::new()),
        found: Signal::new(Vec::new()),
    });
}

impl ConversationSearch {
    pub fn text(self) -> String {
        (self.text)()
    }

    pub fn is_on(self) -> bool {
        !self.text.read().is_empty()
    }

    pub fn takes(self, row: &Conversation) -> bool {
        let name = fold(&row.channel.name);
        fold(&self.text.read()).split_whitespace().all(|word| name.contains(word))
            || self.found.read().iter().any(|contact| contact.channel_id == row.channel.id)
    }

    /// Returns matching contacts that are not among `rows`, which contain the latest conversations only.
    pub fn further(self, rows: &[Conversation]) -> Vec<Contact> {
        let found = self.found.read();
        found.iter().filter(|contact| rows.iter().all(|row| row.channel.id != contact.channel_id)).cloned().collect()
    }

    fn search(mut self, text: String) {
        self.text.set(text.clone());
        if text.is_empty() {
            self.found.set(Vec::new());
            return;
        }
        spawn(async move {
            let answer = list_contacts(Some(text.clone()), None, Some(FOUND_MAX)).await;
            // A late response for an outdated text is ignored; an error keeps the current rows.
            if let (Ok(contacts), true) = (answer, *self.text.peek() == text) {
                self.found.set(contacts);
            }
        });
    }

    fn close(mut self) {
        self.open.set(false);
        self.search(String::new());
    }
}

/// Opens and closes the field.
#[component]
pub fn SearchButton(search: ConversationSearch) -> Element {
    let mut open = search.open;
    rsx! {
        button {
            id: "search-conversations",
            class: "icon-btn",
            r#type: "button",
            "aria-label": "Search all conversations",
            title: "Search all conversations",
            "aria-expanded": if open() { "true" } else { "false" },
            onclick: move |_| if open() { search.close() } else { open.set(true) },
            Search { class: "icon" }
        }
    }
}

#[component]
pub fn SearchLine(search: ConversationSearch) -> Element {
    use_effect(move || {
        if (search.open)() {
            browser::focus(".list-search input");
        }
    });
    if !(search.open)() {
        return rsx! {};
    }
    rsx! {
        div {
            class: "list-search",
            onkeydown: move |event| {
                if event.key() == Key::Escape {
                    search.close();
                    browser::focus("#search-conversations");
                }
            },
            SearchField { label: "Name, phone or words", action: "/inbox", value: search.text, on_search: move |text| search.search(text) }
        }
    }
}
