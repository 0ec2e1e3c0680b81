//! Live events in the browser: one connection for the whole app, handed to whichever components listen.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use dioxus::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use crate::platform::timestamp::Timestamp;

/// What a component hears.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveEvent {
    pub name: String,
    pub data: LiveData,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LiveData {
    pub channel_id: Option<Uuid>,
    pub message_id: Option<Uuid>,
    pub contact_id: Option<Uuid>,
    pub member_id: Option<Uuid>,
    pub organization_id: Option<Uuid>,
    pub bot_id: Option<Uuid>,
    pub picture_id: Option<Uuid>,
}

impl LiveEvent {
    /// Something may have been missed: load anew.
    pub fn is_resync(&self) -> bool {
        self.name == "resync"
    }

    /// What this person may see or do may differ from now on.
    pub fn changes_access(&self) -> bool {
        self.is_resync() || self.name == "access.changed"
    }
}

type Listeners = Rc<RefCell<BTreeMap<usize, Callback<LiveEvent>>>>;

#[derive(Clone)]
pub struct Live {
    listeners: Listeners,
    /// Whether the connection stands.
    pub online: Signal<bool>,
    #[cfg_attr(not(feature = "web"), expect(dead_code, reason = "only a browser listens"))]
    page_made_at: Timestamp,
}

/// Opens the connection, for all below. What happened since the page was made is heard too.
pub fn use_live_source(page_made_at: Timestamp) {
    let online = use_signal(|| true);
    let live = use_context_provider(|| Live { listeners: Rc::default(), online, page_made_at });
    use_effect(move || connect(&live));
}

/// Calls `on_event` for each event while the component lives.
pub fn use_live(on_event: impl FnMut(LiveEvent) + 'static) {
    let live: Live = use_context();
    let callback = use_callback(on_event);
    let key = use_hook({
        let listeners = live.listeners.clone();
        move || {
            let mut listeners = listeners.borrow_mut();
            let key = listeners.last_key_value().map_or(0, |(last, _)| last + 1);
            listeners.insert(key, callback);
            key
        }
    });
    use_drop(move || {
        live.listeners.borrow_mut().remove(&key);
    });
}

/// Whether the server can be heard.
pub fn use_online() -> bool {
    let live: Live = use_context();
    (live.online)()
}

#[cfg(not(feature = "web"))]
fn connect(_: &Live) {}

#[cfg(feature = "web")]
fn connect(live: &Live) {
    use futures_channel::mpsc;
    use futures_util::StreamExt;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{EventSource, MessageEvent};

    /// The events that the server sends.
    const NAMES: [&str; 10] = [
        "message.created",
        "message.changed",
        "channel.created",
        "channel.read",
        "contact.created",
        "contact.updated",
        "access.changed",
        "picture.changed",
        "emoji.changed",
        "resync",
    ];

    enum Heard {
        Open,
        Lost,
        Event(LiveEvent),
    }

    let address = format!("/api/events?since={}", live.page_made_at.to_rfc3339());
    let Ok(source) = EventSource::new(&address) else { return };
    let (sender, mut receiver) = mpsc::unbounded::<Heard>();
    for name in NAMES {
        let sender = sender.clone();
        let on_event = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            let data = serde_json::from_slice(text.as_bytes()).unwrap_or_default();
            let _ = sender.unbounded_send(Heard::Event(LiveEvent { name: name.to_owned(), data }));
        });
        let _ = source.add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref());
        // Lives as long as the page, like the connection.
        on_event.forget();
    }
    for (name, heard) in [("open", true), ("error", false)] {
        let sender = sender.clone();
        let on_change = Closure::<dyn FnMut()>::new(move || {
            let _ = sender.unbounded_send(if heard { Heard::Open } else { Heard::Lost });
        });
        let _ = source.add_event_listener_with_callback(name, on_change.as_ref().unchecked_ref());
        on_change.forget();
    }
    let live = live.clone();
    // The callbacks above run outside of the app; this task runs inside, where signals may be set.
    spawn(async move {
        let mut online = live.online;
        let mut was_lost = false;
        while let Some(heard) = receiver.next().await {
            match heard {
                Heard::Lost => {
                    was_lost = true;
                    online.set(false);
                    // The browser connects again by itself, but not after an answer that is no event stream.
                    if source.ready_state() == EventSource::CLOSED {
                        crate::ui::browser::sleep(5000).await;
                        return connect(&live);
                    }
                }
                Heard::Open => {
                    online.set(true);
                    if std::mem::take(&mut was_lost) {
                        tell(&live, &LiveEvent { name: "resync".to_owned(), data: LiveData::default() });
                    }
                }
                Heard::Event(event) => tell(&live, &event),
            }
        }
    });
}

#[cfg(feature = "web")]
fn tell(live: &Live, event: &LiveEvent) {
    // A copy: a listener may come or go while it is told.
    let listeners: Vec<_> = live.listeners.borrow().values().copied().collect();
    for listener in listeners {
        listener(event.clone());
    }
}
