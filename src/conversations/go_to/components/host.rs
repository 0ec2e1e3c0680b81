//! Opens the dialogs, by keys or a button, and does what was chosen.

use dioxus::prelude::*;
use lucide_dioxus::Search;

use super::entries::of_channel;
use super::lazy::{GoToDialog, ShortcutsDialog};
use super::recent::{keep, kept};
use crate::app::Route;
use crate::channels::conversations::Conversations;
use crate::conversations::go_to::model::{Act, Action, Entry, note_recent};
use crate::conversations::list::NewChannelDialog;
use crate::people::accounts::api::log_out;
use crate::people::organizations::components::use_session;
use crate::platform::browser;
use crate::platform::json::NoBody;
use crate::ui::{Shortcut, Theme, dialogs_closed, use_hydrated, use_shortcuts, use_theme_choice, use_toast};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    GoTo,
    Shortcuts,
    NewChannel,
}

/// The dialog that is open.
#[derive(Clone, Copy)]
pub struct GoTo(Signal<Option<Shown>>);

impl GoTo {
    pub fn is_open(self) -> bool {
        self.0.read().is_some()
    }
}

/// Provides the dialogs to [`GoToButton`] and [`GoToHost`], and listens to the keys that open them.
pub fn use_go_to() -> GoTo {
    let mut shown = use_signal(|| None);
    let go_to = use_context_provider(|| GoTo(shown));
    use_shortcuts(move |shortcut| match shortcut {
        Shortcut::GoTo => shown.set(Some(Shown::GoTo)),
        Shortcut::List => shown.set(Some(Shown::Shortcuts)),
        _ => {}
    });
    go_to
}

/// Opens the dialog "Go to".
#[component]
pub fn GoToButton() -> Element {
    let GoTo(mut shown) = use_context();
    let hydrated = use_hydrated();
    rsx! {
        button {
            class: "icon-btn",
            r#type: "button",
            "aria-label": "Go to",
            "aria-haspopup": "dialog",
            "aria-keyshortcuts": "Control+K Meta+K",
            title: "Go to (Ctrl+K or ⌘K)",
            disabled: !hydrated,
            onclick: move |_| shown.set(Some(Shown::GoTo)),
            Search { class: "icon" }
        }
    }
}

/// The open dialog.
#[component]
pub fn GoToHost() -> Element {
    let GoTo(mut shown) = use_context();
    let conversations: Conversations = use_context();
    let session = use_session();
    let toast = use_toast();
    let theme = use_theme_choice();
    let mut recent = use_signal(Vec::<Entry>::new);
    let mut note = {
        let session = session.clone();
        move |entry: Entry| {
            let mut recent = recent.write();
            note_recent(&mut recent, entry);
            keep(&session, &recent);
        }
    };
    use_effect({
        let session = session.clone();
        // After hydration, because the server does not know it.
        move || recent.set(kept(&session))
    });
    let opened = match use_route::<Route>() {
        Route::ConversationPage { channel, .. } => Some(channel),
        _ => None,
    };
    use_effect({
        let mut note = note.clone();
        use_reactive!(|opened| {
            if let Some(channel) = opened.and_then(|id| conversations.channel(id)) {
                note(of_channel(&channel));
            }
        })
    });
    let choose = move |entry: Entry| {
        shown.set(None);
        note(entry.clone());
        // A task of the page, because the dialog is removed.
        spawn(async move {
            dialogs_closed().await;
            match entry.act {
                Act::Open(path) => {
                    navigator().push(path);
                    // In a conversation that was open before, nothing else moves the focus there.
                    if !browser::is_touch() {
                        browser::focus("#composer-text");
                    }
                }
                Act::Do(Action::NewChannel) => shown.set(Some(Shown::NewChannel)),
                Act::Do(Action::Shortcuts) => shown.set(Some(Shown::Shortcuts)),
                Act::Do(Action::Light) => theme(Theme::Light),
                Act::Do(Action::Dark) => theme(Theme::Dark),
                Act::Do(Action::System) => theme(Theme::System),
                Act::Do(Action::LogOut) => match log_out(NoBody).await {
                    Ok(()) => browser::go_to("/log-in"),
                    Err(error) => toast.show(error.message),
                },
            }
        });
    };
    let close = move |()| shown.set(None);
    match shown() {
        Some(Shown::GoTo) => rsx! {
            GoToDialog { recent: recent(), on_choose: choose, on_close: close }
        },
        Some(Shown::Shortcuts) => rsx! {
            ShortcutsDialog { on_close: close }
        },
        Some(Shown::NewChannel) => rsx! {
            NewChannelDialog { on_close: close }
        },
        None => rsx! {},
    }
}
