//! The conversation as a place to drop files on. The overlay covers the conversation only and names who will get them.

use dioxus::prelude::*;
use lucide_dioxus::Upload;

use crate::uploads::queue::UploadQueue;

#[component]
pub fn DropZone(queue: UploadQueue, recipient: String, enabled: bool, children: Element) -> Element {
    // Entering a child fires before leaving its parent, so entries are counted.
    let mut depth = use_signal(|| 0_i32);
    let mut count = use_signal(|| 0);
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
                // Where nobody may upload the browser must not open the file instead of the page.
                if dragged_files(&event).is_some() {
                    event.prevent_default();
                    if !enabled {
                        event.data_transfer().set_drop_effect("none");
                    }
                }
            },
            ondragleave: move |_| depth.set((depth() - 1).max(0)),
            ondrop: move |event| {
                depth.set(0);
                if dragged_files(&event).is_some() {
                    event.prevent_default();
                    if enabled {
                        queue.add_dropped(&event);
                    }
                }
            },
            {children}
            if depth() > 0 {
                div { class: "drop", "data-component": "DropOverlay", role: "status",
                    Upload { class: "icon" }
                    b { "Drop {files} for {recipient}" }
                    span { "They start uploading at once. You send them with the message." }
                }
            }
        }
    }
}

/// How many files are dragged, 0 where the browser does not say it before the drop; `None` if something else is dragged.
fn dragged_files(event: &DragEvent) -> Option<u32> {
    #[cfg(feature = "web")]
    {
        use dioxus::web::WebEventExt;
        let transfer = event.try_as_web_event()?.data_transfer()?;
        if !transfer.types().includes(&"Files".into(), 0) {
            return None;
        }
        let items = transfer.items();
        let is_file = |place: &u32| items.get(*place).is_some_and(|item| item.kind() == "file");
        u32::try_from((0..items.length()).filter(is_file).count()).ok()
    }
    #[cfg(not(feature = "web"))]
    {
        let _ = event;
        None
    }
}
