//! The return to a tab that was hidden.

/// Calls `on_shown` each time the page becomes visible, while the component is mounted.
pub fn use_page_shown(on_shown: impl FnMut() + 'static) {
    #[cfg(feature = "web")]
    {
        use std::rc::Rc;

        use dioxus::prelude::*;
        use futures_channel::mpsc::unbounded;
        use futures_util::StreamExt;

        use crate::platform::browser::ShownListener;

        // Open until the component is unmounted.
        let _listener = use_hook(move || {
            let (sender, mut shown) = unbounded();
            let mut on_shown = on_shown;
            // The browser calls outside of the app; this task runs inside.
            spawn(async move {
                while shown.next().await.is_some() {
                    on_shown();
                }
            });
            Rc::new(ShownListener::open(move || {
                let _ = sender.unbounded_send(());
            }))
        });
    }
    #[cfg(not(feature = "web"))]
    drop(on_shown);
}
