//! The state of the files page when it was left, to be restored by Back. Kept as long as the browser's page lives.

use std::cell::RefCell;
use std::rc::Rc;

use dioxus::prelude::*;

use super::file_results::{FileResults, Query};
use crate::files::library::model::FileHit;
use crate::ui::{ScrollPosition, restore_scroll, scroll_position_in};

/// The loaded files, and the scroll position.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedFiles {
    query: Query,
    pub files: Vec<FileHit>,
    pub next: Option<String>,
    position: ScrollPosition,
}

#[derive(Clone, Default)]
struct SavedState(Rc<RefCell<Option<SavedFiles>>>);

/// Provides the state, in the frame around all pages.
pub fn use_saved_files_source() {
    use_context_provider(SavedState::default);
}

/// Returns the saved state, if Back opened the page with the same query.
pub fn use_saved_files(query: Memo<Query>, came_back: bool) -> Option<SavedFiles> {
    let SavedState(left) = use_context();
    use_hook(|| left.borrow().clone().filter(|left| came_back && left.query == *query.peek()))
}

/// Restores the scroll position in a list, by its id, and saves the state when the page closes.
pub fn use_saved_scroll(found: &FileResults, list: &'static str, before: Option<SavedFiles>) {
    let found = *found;
    let SavedState(left) = use_context();
    let position = use_hook(|| before.map(|before| before.position));
    use_effect(move || {
        if let Some(position) = position.clone() {
            spawn(async move { restore_scroll(list, &position).await });
        }
    });
    use_drop(move || {
        // A view that was never shown saves nothing.
        let Some(position) = scroll_position_in(list) else { return };
        let (query, files, next) = (found.answered.peek(), found.files.peek(), found.next.peek());
        left.replace(Some(SavedFiles { query: query.clone(), files: files.clone(), next: next.clone(), position }));
    });
}
