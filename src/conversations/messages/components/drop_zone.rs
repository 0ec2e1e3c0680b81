//! The drop zone of a conversation. The overlay covers the conversation only and names who will get the files.

use dioxus::prelude::*;
use lucide_dioxus::Upload;

use crate::files::uploads::queue::UploadQueue;
use crate::platform::browser;
use crate::ui::{dragged_files, use_toast};

#[component]
pub fn DropZone(queue: UploadQueue, recipient: String, enabled: bool, children: Element) -> Element {
    // Entering a child fires before leaving its parent, so entries are counted.
    let mut depth = use_signal(|| 0_i32);
    let mut count = use_signal(|| 0);
    let toasts = use_toast();
    let files = match count() {
        0 => "files".to_owned(),
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    };
    rsx! {
        main {
            class: "pane conv",
            "data-component": "Conversation",
            "aria-label": "Conversation with {recipient}",
            ondragenter: move |event| {
                if let Some(files) = dragged_files(&event).filter(|_| enabled) {
                    event.prevent_default();
                    depth += 1;
                    count.set(files);
                }
            },
            ondragover: move |event| {
                if enabled && dragged_files(&event).is_some() {
                    event.prevent_default();
                    event.stop_propagation();
                }
            },
            ondragleave: move |_| depth.set((depth() - 1).max(0)),
            ondrop: move |event| {
                depth.set(0);
                if enabled && dragged_files(&event).is_some() {
                    event.prevent_default();
                    queue.add_dropped(&event, toasts);
                    browser::focus("#composer-text");
                }
            },
            {children}
            if depth() > 0 {
                div { class: "drop", "data-component": "DropOverlay", role: "status",
                    Upload { class: "icon" }
                    b { "Drop to add {files} to {recipient}" }
                    span { "They'll be sent with your message." }
                }
            }
        }
    }
}
