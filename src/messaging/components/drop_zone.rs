//! The conversation as a place to drop files on. The overlay covers the conversation only and names who will get them.

use dioxus::html::HasFileData;
use dioxus::prelude::*;
use lucide_dioxus::Upload;

use crate::uploads::queue::UploadQueue;

#[component]
pub fn DropZone(queue: UploadQueue, recipient: String, enabled: bool, children: Element) -> Element {
    // Entering a child fires before leaving its parent, so entries are counted.
    let mut depth = use_signal(|| 0_i32);
    rsx! {
        main {
            class: "pane conv",
            "data-component": "Conversation",
            "aria-label": "Conversation with {recipient}",
            ondragenter: move |event| {
                if enabled {
                    event.prevent_default();
                    depth += 1;
                }
            },
            ondragover: move |event| {
                if enabled {
                    event.prevent_default();
                }
            },
            ondragleave: move |_| depth.set((depth() - 1).max(0)),
            ondrop: move |event| {
                event.prevent_default();
                depth.set(0);
                if enabled {
                    queue.add(event.files());
                }
            },
            {children}
            if depth() > 0 {
                div { class: "drop", "data-component": "DropOverlay", role: "status",
                    Upload { class: "icon" }
                    b { "Drop files for {recipient}" }
                    span { "They start uploading at once. You send them with the message." }
                }
            }
        }
    }
}
