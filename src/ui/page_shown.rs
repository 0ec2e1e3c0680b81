//! The return to a tab that was hidden.

/// Calls `on_shown` each time the page becomes visible, while the component is mounted.
pub fn use_page_shown(on_shown: impl FnMut() + 'static) {
    #[cfg(feature = "web")]
    {
        use dioxus::prelude::*;
        use futures_util::StreamExt;

        let listener = use_hook(move || {
            let (listener, mut shown) = browser::Listener::open();
            let mut on_shown = on_shown;
            // The browser calls outside of the app; this task runs inside.
            spawn(async move {
                while shown.next().await.is_some() {
                    on_shown();
                }
            });
            listener
        });
        use_drop(move || listener.close());
    }
    #[cfg(not(feature = "web"))]
    drop(on_shown);
}

#[cfg(feature = "web")]
mod browser {
    use std::rc::Rc;

    use futures_channel::mpsc::{UnboundedReceiver, unbounded};
    use wasm_bindgen::prelude::*;

    #[derive(Clone)]
    pub struct Listener(Rc<Closure<dyn FnMut()>>);

    impl Listener {
        pub fn open() -> (Self, UnboundedReceiver<()>) {
            let (sender, receiver) = unbounded();
            let listener = Closure::<dyn FnMut()>::new(move || {
                if crate::platform::browser::is_visible() {
                    let _ = sender.unbounded_send(());
                }
            });
            if let Some(document) = web_sys::window().and_then(|window| window.document()) {
                let _ =
                    document.add_event_listener_with_callback("visibilitychange", listener.as_ref().unchecked_ref());
            }
            (Self(Rc::new(listener)), receiver)
        }

        pub fn close(&self) {
            if let Some(document) = web_sys::window().and_then(|window| window.document()) {
                let listener = (*self.0).as_ref().unchecked_ref();
                let _ = document.remove_event_listener_with_callback("visibilitychange", listener);
            }
        }
    }
}
