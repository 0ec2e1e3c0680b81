//! An `EventSource`.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use crate::platform::browser::StreamSignal;

/// A stream of server-sent events. The browser reconnects it, but not after a response that is not an event stream.
/// Closed when dropped.
pub struct EventStream {
    source: EventSource,
    // The callbacks live as long as the source.
    _on_event: Vec<Closure<dyn FnMut(MessageEvent)>>,
    _on_change: Vec<Closure<dyn FnMut()>>,
}

impl EventStream {
    /// Opens a stream, and reports its events with these names. `None` if the browser does not open it.
    pub fn open(
        address: &str,
        names: impl Iterator<Item = &'static str>,
        on_signal: impl Fn(StreamSignal) + Clone + 'static,
    ) -> Option<Self> {
        let source = EventSource::new(address).ok()?;
        let on_event = names.map(|name| on_event(&source, name, on_signal.clone())).collect();
        let on_open = on_signal.clone();
        let failing = source.clone();
        let on_change = vec![
            on_change(&source, "open", move || on_open(StreamSignal::Open)),
            on_change(&source, "error", move || {
                on_signal(StreamSignal::Lost { is_closed: failing.ready_state() == EventSource::CLOSED });
            }),
        ];
        Some(Self { source, _on_event: on_event, _on_change: on_change })
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.source.close();
    }
}

fn on_event(
    source: &EventSource,
    name: &'static str,
    on_signal: impl Fn(StreamSignal) + 'static,
) -> Closure<dyn FnMut(MessageEvent)> {
    let callback = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let data = event.data().as_string().unwrap_or_default();
        on_signal(StreamSignal::Event { name, id: event.last_event_id(), data });
    });
    let _ = source.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
    callback
}

fn on_change(source: &EventSource, name: &str, report: impl Fn() + 'static) -> Closure<dyn FnMut()> {
    let callback = Closure::<dyn FnMut()>::new(report);
    let _ = source.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
    callback
}
