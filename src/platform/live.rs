//! Live events in the browser: one connection for the whole app, shared by all listening components.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use dioxus::prelude::*;
use uuid::Uuid;

use crate::platform::timestamp::Timestamp;

/// The event that a stream carries when there is nothing else to carry. It has no data.
pub const HEARTBEAT: &str = "heartbeat";

/// The events of a stream.
pub trait ServerSent: Clone + PartialEq + 'static {
    /// The names of all.
    fn names() -> &'static [&'static str];

    /// An event of this name; `None` if it cannot be read.
    fn read(name: &str, data: &str) -> Option<Self>;

    /// The event after which a component loads everything again.
    fn resync() -> Self;
}

type Listeners<E> = Rc<RefCell<BTreeMap<usize, Callback<E>>>>;

#[derive(Clone)]
struct Live<E: ServerSent> {
    listeners: Listeners<E>,
    #[cfg_attr(not(feature = "web"), expect(dead_code, reason = "only a browser listens"))]
    connection: Connection,
}

/// The connection to the server.
#[derive(Clone, Copy)]
pub struct Connection {
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
pub fn use_live_source<E: ServerSent>(page: OpenedPage) {
    let (online, gaps) = (use_signal(|| true), use_signal(|| 0));
    let connection = use_context_provider(|| Connection { online, gaps, is_lost: CopyValue::new(false), page });
    let live = use_context_provider(|| Live::<E> { listeners: Rc::default(), connection });
    use_effect(move || connect(&live));
}

/// Calls `on_event` for each event while the component is mounted.
pub fn use_live<E: ServerSent>(on_event: impl FnMut(E) + 'static) {
    let live: Live<E> = use_context();
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
    let connection: Connection = use_context();
    (connection.online)()
}

#[cfg(not(feature = "web"))]
fn connect<E: ServerSent>(_: &Live<E>) {}

#[cfg(feature = "web")]
fn connect<E: ServerSent>(live: &Live<E>) {
    let live = live.clone();
    spawn(async move {
        let OpenedPage { at, session, member } = live.connection.page;
        let who = format!("session={session}&member={member}");
        // Replays events since the page was rendered, once. After a gap everything is reloaded.
        let mut address = format!("/api/events?since={}&{who}", at.to_rfc3339());
        loop {
            if let Some(mut stream) = web::Stream::open(&address) {
                web::listen(&live, &mut stream).await;
            }
            address = format!("/api/events?{who}");
            crate::platform::browser::sleep(web::REOPEN_DELAY).await;
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

    use super::{Connection, HEARTBEAT, Live, ReadableExt, ServerSent, WritableExt, spawn, tell};
    use crate::platform::browser;

    /// A stream without any event for this long, not even one of three heartbeats, is dead. In milliseconds.
    const STREAM_TIMEOUT: i32 = 65_000;
    /// Delay before a stream that ended is opened again, in milliseconds.
    pub const REOPEN_DELAY: i32 = 3000;
    /// How often to check whether a server responds while the stream is lost, in milliseconds.
    const CHECK_INTERVAL: i32 = 2500;

    enum StreamSignal<E> {
        Open,
        Lost,
        Heartbeat,
        Event(E),
    }

    /// An event source and its callbacks. Closed when dropped.
    pub struct Stream<E> {
        source: EventSource,
        signals: UnboundedReceiver<StreamSignal<E>>,
        // The callbacks live as long as the source.
        _on_event: Vec<Closure<dyn FnMut(MessageEvent)>>,
        _on_change: Vec<Closure<dyn FnMut()>>,
    }

    impl<E: ServerSent> Stream<E> {
        pub fn open(address: &str) -> Option<Self> {
            let source = EventSource::new(address).ok()?;
            let (sender, signals) = unbounded();
            let names = E::names().iter().copied().chain([HEARTBEAT]);
            let on_event = names.map(|name| on_event(&source, name, sender.clone())).collect();
            let on_change = vec![
                on_change(&source, "open", || StreamSignal::Open, sender.clone()),
                on_change(&source, "error", || StreamSignal::Lost, sender),
            ];
            Some(Self { source, signals, _on_event: on_event, _on_change: on_change })
        }
    }

    impl<E> Drop for Stream<E> {
        fn drop(&mut self) {
            self.source.close();
        }
    }

    fn on_event<E: ServerSent>(
        source: &EventSource,
        name: &'static str,
        sender: UnboundedSender<StreamSignal<E>>,
    ) -> Closure<dyn FnMut(MessageEvent)> {
        let callback = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let signal = if name == HEARTBEAT {
                StreamSignal::Heartbeat
            } else {
                // An event of another version of the server can have any meaning.
                let text = event.data().as_string().unwrap_or_default();
                StreamSignal::Event(E::read(name, &text).unwrap_or_else(E::resync))
            };
            let _ = sender.unbounded_send(signal);
        });
        let _ = source.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        callback
    }

    fn on_change<E: 'static>(
        source: &EventSource,
        name: &str,
        signal: fn() -> StreamSignal<E>,
        sender: UnboundedSender<StreamSignal<E>>,
    ) -> Closure<dyn FnMut()> {
        let callback = Closure::<dyn FnMut()>::new(move || {
            let _ = sender.unbounded_send(signal());
        });
        let _ = source.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        callback
    }

    /// Delivers events until the stream must be opened again. The browser reconnects automatically, but not after a
    /// response that is not an event stream, and it does not detect a dead connection.
    pub async fn listen<E: ServerSent>(live: &Live<E>, stream: &mut Stream<E>) {
        loop {
            let silence = std::pin::pin!(browser::sleep(STREAM_TIMEOUT));
            let signal = match select(stream.signals.next(), silence).await {
                Either::Left((Some(signal), _)) => signal,
                Either::Left((None, _)) | Either::Right(_) => return lose(live.connection),
            };
            match signal {
                StreamSignal::Lost => {
                    lose(live.connection);
                    if stream.source.ready_state() == EventSource::CLOSED {
                        return;
                    }
                }
                StreamSignal::Open => find(live),
                StreamSignal::Heartbeat => {}
                StreamSignal::Event(event) => tell(live, &event),
            }
        }
    }

    /// Records that the stream is open. Events during the gap are unknown.
    fn find<E: ServerSent>(live: &Live<E>) {
        let (mut online, mut lost) = (live.connection.online, live.connection.is_lost);
        if !*online.peek() {
            online.set(true);
        }
        if lost.replace(false) {
            tell(live, &E::resync());
        }
    }

    /// Records that the stream is lost. That alone does not mean offline: another server may respond.
    fn lose(connection: Connection) {
        let (mut gaps, mut lost) = (connection.gaps, connection.is_lost);
        if lost.replace(true) {
            return;
        }
        gaps += 1;
        let mut online = connection.online;
        spawn(async move {
            while *lost.peek() {
                let is_reachable = browser::exists("/healthz").await == Some(true);
                if *lost.peek() && *online.peek() != is_reachable {
                    online.set(is_reachable);
                }
                browser::sleep(CHECK_INTERVAL).await;
            }
        });
    }
}

#[cfg(feature = "web")]
fn tell<E: ServerSent>(live: &Live<E>, event: &E) {
    // A copy: a listener may be added or removed during delivery.
    let listeners: Vec<_> = live.listeners.borrow().values().copied().collect();
    for listener in listeners {
        listener(event.clone());
    }
}
