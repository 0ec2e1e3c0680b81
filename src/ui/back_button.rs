//! The browser's Back button: what it closes before it leaves the page, and whether it led to the current page.
//!
//! A component that Back closes has a marked entry in the history while it is open, with the URL of the page below: the
//! router sees no change. However it is closed, its entry is removed with it; an entry that is met after a reload or by
//! going forward is skipped.

use dioxus::prelude::*;

/// Makes the Back button call `on_close` while the component is mounted. One component at a time.
pub fn use_closed_by_back(on_close: EventHandler<()>) {
    #[cfg(feature = "web")]
    {
        use_hook(|| {
            let mut closed = browser::open();
            // The browser calls outside of the app; this task runs inside.
            spawn(async move {
                while futures_util::StreamExt::next(&mut closed).await.is_some() {
                    on_close(());
                }
            });
        });
        use_drop(browser::close);
    }
    #[cfg(not(feature = "web"))]
    let _ = on_close;
}

/// Returns whether Back or Forward led to the page that opens. Only the first call returns `true`.
pub fn came_back() -> bool {
    #[cfg(feature = "web")]
    return browser::came_back();
    #[cfg(not(feature = "web"))]
    false
}

/// Installs the listener, before the router's: a page that the router opens reads what is recorded here. After a reload
/// it removes the entry of a component that is no longer open.
#[cfg(feature = "web")]
pub fn listen() {
    browser::listen();
    browser::leave();
}

#[cfg(feature = "web")]
mod browser {
    use std::cell::{Cell, RefCell};

    use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
    use wasm_bindgen::prelude::*;
    use web_sys::{History, Window};

    /// The state of a marked entry.
    const ENTRY_STATE: &str = "closed by back";

    thread_local! {
        /// Asks the open component to close.
        static OPEN_COMPONENT: RefCell<Option<UnboundedSender<()>>> = const { RefCell::new(None) };
        /// Whether the app is about to leave a marked entry. The browser does that asynchronously.
        static LEAVING: Cell<bool> = const { Cell::new(false) };
        /// The URL that Back led to.
        static BACK_TARGET: RefCell<Option<String>> = const { RefCell::new(None) };
    }

    fn window() -> Option<Window> {
        web_sys::window()
    }

    fn history() -> Option<History> {
        window()?.history().ok()
    }

    fn is_marked() -> bool {
        history().and_then(|history| history.state().ok()).is_some_and(|state| state == JsValue::from_str(ENTRY_STATE))
    }

    fn add_entry() {
        if let Some(history) = history() {
            let _ = history.push_state(&JsValue::from_str(ENTRY_STATE), "");
        }
    }

    pub fn leave() {
        if is_marked() && !LEAVING.replace(true) {
            let _ = history().map(|history| history.back());
        }
    }

    pub fn open() -> UnboundedReceiver<()> {
        let (sender, receiver) = unbounded();
        OPEN_COMPONENT.set(Some(sender));
        // Otherwise after that was left, or the new entry would be.
        if !LEAVING.get() {
            add_entry();
        }
        receiver
    }

    pub fn close() {
        OPEN_COMPONENT.set(None);
        leave();
    }

    pub fn listen() {
        let listener = Closure::<dyn FnMut()>::new(on_pop);
        if let Some(window) = window() {
            let _ = window.add_event_listener_with_callback("popstate", listener.as_ref().unchecked_ref());
        }
        // Lives as long as the page.
        listener.forget();
    }

    fn on_pop() {
        let open = OPEN_COMPONENT.with_borrow(Clone::clone);
        match (open, LEAVING.take()) {
            (Some(_), true) => add_entry(),
            (Some(open), false) if !is_marked() => {
                let _ = open.unbounded_send(());
            }
            (None, false) if is_marked() => leave(),
            (None, false) => BACK_TARGET.set(address()),
            _ => {}
        }
    }

    fn address() -> Option<String> {
        let location = window()?.location();
        Some(location.pathname().ok()? + &location.search().ok()?)
    }

    pub fn came_back() -> bool {
        BACK_TARGET.take().is_some_and(|went_to| Some(went_to) == address())
    }
}
