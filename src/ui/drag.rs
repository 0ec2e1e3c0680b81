//! Files that are dragged over a page.

use dioxus::prelude::*;

/// Returns the number of dragged files, 0 if the browser does not say before the drop; `None` if something else is
/// dragged.
pub fn dragged_files(event: &DragEvent) -> Option<u32> {
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

/// Rejects files where they can't be dropped. The browser would open them instead of the page, and abort uploads.
pub fn refuse_files(event: &DragEvent) {
    if dragged_files(event).is_some() {
        event.prevent_default();
        event.data_transfer().set_drop_effect("none");
    }
}
