//! Live events in the browser: one connection for all tabs of a session and member, shared by all listening components.
//! `tab` decides which tab has it, `driver` connects that to the browser.

mod driver;
mod history;
#[cfg(test)]
mod simulated_browser;
mod tab;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use dioxus::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::platform::browser;
use crate::platform::timestamp::Timestamp;

/// The event that a stream carries when there is nothing else to carry. It has no data.
pub const HEARTBEAT: &str = "heartbeat";

/// A page may be rendered by one server and an event published by another whose clock is behind. Receiving an event
/// twice does no harm.
pub const MAX_CLOCK_SKEW: Duration = Duration::from_secs(1);

/// How often to check whether a server responds while the stream is lost, in milliseconds.
const CHECK_INTERVAL: i32 = 2500;

/// The events of a stream. Tabs pass them to each other as JSON.
pub trait ServerSent: Clone + PartialEq + Serialize + DeserializeOwned + 'static {
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
    connection: Connection,
}

/// The connection to the server.
#[derive(Clone, Copy)]
pub struct Connection {
    /// Whether a server can be reached.
    pub online: Signal<bool>,
    /// How often the connection was lost. Until it is restored, no events arrive.
    pub gaps: Signal<u32>,
    is_lost: CopyValue<bool>,
    /// Whether this tab has the stream.
    leads: CopyValue<bool>,
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
    let connection = use_context_provider(|| Connection {
        online,
        gaps,
        is_lost: CopyValue::new(false),
        leads: CopyValue::new(false),
        page,
    });
    let live = use_context_provider(|| Live::<E> { listeners: Rc::default(), connection });
    use_effect(move || driver::connect(live.clone()));
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

impl Connection {
    /// Returns whether the stream is lost: no events arrive at the moment.
    pub fn is_lost(self) -> bool {
        *self.is_lost.peek()
    }

    /// Returns whether this tab has the stream that the tabs share. Of all tabs, one has it.
    pub fn leads(self) -> bool {
        *self.leads.peek()
    }

    /// Returns the page that the connection belongs to.
    pub fn page(self) -> OpenedPage {
        self.page
    }

    fn set_leads(mut self, leads: bool) {
        self.leads.set(leads);
    }

    /// Records that events arrive again.
    fn find(mut self) {
        if !*self.online.peek() {
            self.online.set(true);
        }
        self.is_lost.set(false);
    }

    /// Records that the stream is lost. That alone does not mean offline: another server may respond.
    fn lose(mut self) {
        self.gaps += 1;
        self.is_lost.set(true);
        spawn(async move {
            while *self.is_lost.peek() {
                let is_reachable = browser::exists("/healthz").await == Some(true);
                if *self.is_lost.peek() && *self.online.peek() != is_reachable {
                    self.online.set(is_reachable);
                }
                browser::sleep(CHECK_INTERVAL).await;
            }
        });
    }
}

/// Delivers an event to the components of this tab.
fn tell<E: ServerSent>(live: &Live<E>, event: &E) {
    // A copy: a listener may be added or removed during delivery.
    let listeners: Vec<_> = live.listeners.borrow().values().copied().collect();
    for listener in listeners {
        listener(event.clone());
    }
}
