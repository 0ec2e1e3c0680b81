//! Live events in the browser: one connection for the whole app, shared by all listening components.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use dioxus::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use crate::platform::timestamp::Timestamp;

/// An event for components.
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
    /// Returns whether events may have been missed: reload.
    pub fn is_resync(&self) -> bool {
        self.name == "resync"
    }

    /// Returns whether this person's permissions may have changed.
    pub fn changes_access(&self) -> bool {
        self.is_resync() || self.name == "access.changed"
    }
}

type Listeners = Rc<RefCell<BTreeMap<usize, Callback<LiveEvent>>>>;

#[derive(Clone)]
pub struct Live {
    listeners: Listeners,
    /// Whether a server can be reached.
    pub online: Signal<bool>,
    /// How often the connection was lost. Until it is restored, no events arrive.
    pub gaps: Signal<u32>,
    #[cfg_attr(not(feature = "web"), expect(dead_code, reason = "only a browser listens"))]
    is_lost: CopyValue<bool>,
    #[cfg_attr(not(feature = "web"), expect(dead_code, reason = "only a browser listens"))]
    page: OpenedPage,
}

/// When a page was rendered, and by which session.
#[derive(Debug, Clone, Copy)]
pub struct OpenedPage {
    pub at: Timestamp,
    pub session: Uuid,
    pub member: Uuid,
}

/// Opens the connection for all components below. It first delivers events since the page was rendered.
pub fn use_live_source(page: OpenedPage) {
    let (online, gaps) = (use_signal(|| true), use_signal(|| 0));
    let live =
        use_context_provider(|| Live { listeners: Rc::default(), online, gaps, is_lost: CopyValue::new(false), page });
    use_effect(move || connect(&live));
}

/// Calls `on_event` for each event while the component is mounted.
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

/// Returns whether the server can be reached.
pub fn use_online() -> bool {
    let live: Live = use_context();
    (live.online)()
}

#[cfg(not(feature = "web"))]
fn connect(_: &Live) {}

#[cfg(feature = "web")]
fn connect(live: &Live) {
    let live = live.clone();
    spawn(async move {
        let OpenedPage { at, session, member } = live.page;
        let who = format!("session={session}&member={member}");
        // Replays events since the page was rendered, once. After a gap everything is reloaded.
        let mut address = format!("/api/events?since={}&{who}", at.to_rfc3339());
        loop {
            if let Some(mut stream) = web::Stream::open(&address) {
                web::listen(&live, &mut stream).await;
            }
            address = format!("/api/events?{who}");
            crate::platform::browser::sleep(web::REOPEN_AFTER).await;
        }
    });
}

#[cfg(feature = "web")]
mod web {
    use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
    use futures_util::StreamExt;
    use futures_util::future::{Either, select};
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{EventSource, MessageEvent};

    use super::{Live, LiveData, LiveEvent, ReadableExt, WritableExt, spawn, tell};
    use crate::platform::browser;

    /// Names of the events that the server sends.
    const NAMES: [&str; 11] = [
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
        HEARTBEAT,
    ];
    const HEARTBEAT: &str = "heartbeat";
    /// A stream without any event for this long, not even one of three heartbeats, is dead. In milliseconds.
    const SILENCE: i32 = 65_000;
    /// Delay before a stream that ended is opened again, in milliseconds.
    pub const REOPEN_AFTER: i32 = 3000;
    /// How often to check whether a server responds while the stream is lost, in milliseconds.
    const LOOK_EVERY: i32 = 2500;

    enum Heard {
        Open,
        Lost,
        Event(LiveEvent),
    }

    /// An event source and its callbacks. Closed when dropped.
    pub struct Stream {
        source: EventSource,
        heard: UnboundedReceiver<Heard>,
        // The callbacks live as long as the source.
        _on_event: Vec<Closure<dyn FnMut(MessageEvent)>>,
        _on_change: Vec<Closure<dyn FnMut()>>,
    }

    impl Stream {
        pub fn open(address: &str) -> Option<Self> {
            let source = EventSource::new(address).ok()?;
            let (sender, heard) = unbounded();
            let on_event = NAMES.map(|name| on_event(&source, name, sender.clone())).into();
            let on_change = vec![
                on_change(&source, "open", || Heard::Open, sender.clone()),
                on_change(&source, "error", || Heard::Lost, sender),
            ];
            Some(Self { source, heard, _on_event: on_event, _on_change: on_change })
        }
    }

    impl Drop for Stream {
        fn drop(&mut self) {
            self.source.close();
        }
    }

    fn on_event(
        source: &EventSource,
        name: &'static str,
        sender: UnboundedSender<Heard>,
    ) -> Closure<dyn FnMut(MessageEvent)> {
        let callback = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            let data = serde_json::from_slice(text.as_bytes()).unwrap_or_default();
            let _ = sender.unbounded_send(Heard::Event(LiveEvent { name: name.to_owned(), data }));
        });
        let _ = source.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        callback
    }

    fn on_change(
        source: &EventSource,
        name: &str,
        heard: fn() -> Heard,
        sender: UnboundedSender<Heard>,
    ) -> Closure<dyn FnMut()> {
        let callback = Closure::<dyn FnMut()>::new(move || {
            let _ = sender.unbounded_send(heard());
        });
        let _ = source.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        callback
    }

    /// Delivers events until the stream must be opened again. The browser reconnects automatically, but not after a
    /// response that is not an event stream, and it does not detect a dead connection.
    pub async fn listen(live: &Live, stream: &mut Stream) {
        loop {
            let silence = std::pin::pin!(browser::sleep(SILENCE));
            let heard = match select(stream.heard.next(), silence).await {
                Either::Left((Some(heard), _)) => heard,
                Either::Left((None, _)) | Either::Right(_) => return lose(live),
            };
            match heard {
                Heard::Lost => {
                    lose(live);
                    if stream.source.ready_state() == EventSource::CLOSED {
                        return;
                    }
                }
                Heard::Open => find(live),
                Heard::Event(event) if event.name == HEARTBEAT => {}
                Heard::Event(event) => tell(live, &event),
            }
        }
    }

    /// Records that the stream is open. Events during the gap are unknown.
    fn find(live: &Live) {
        let (mut online, mut lost) = (live.online, live.is_lost);
        if !*online.peek() {
            online.set(true);
        }
        if lost.replace(false) {
            tell(live, &LiveEvent { name: "resync".to_owned(), data: LiveData::default() });
        }
    }

    /// Records that the stream is lost. That alone does not mean offline: another server may respond.
    fn lose(live: &Live) {
        let (mut gaps, mut lost) = (live.gaps, live.is_lost);
        if lost.replace(true) {
            return;
        }
        gaps += 1;
        let mut online = live.online;
        spawn(async move {
            while *lost.peek() {
                let is_reachable = browser::exists("/healthz").await == Some(true);
                if *lost.peek() && *online.peek() != is_reachable {
                    online.set(is_reachable);
                }
                browser::sleep(LOOK_EVERY).await;
            }
        });
    }
}

#[cfg(feature = "web")]
fn tell(live: &Live, event: &LiveEvent) {
    // A copy: a listener may be added or removed during delivery.
    let listeners: Vec<_> = live.listeners.borrow().values().copied().collect();
    for listener in listeners {
        listener(event.clone());
    }
}
