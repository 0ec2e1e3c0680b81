//! Lists that are one tab stop: arrows, Home and End move among the rows, Tab enters the focused row and then leaves
//! the list.
//!
//! A row is an element with `data-row`. All of this changes the page itself and not the rendering, so that no control
//! within a row needs to know of it, and without script every row is an ordinary tab stop.

use dioxus::prelude::*;

/// The row that Tab reaches first before the list was visited: the current one, else the one at this end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    First,
    Last,
}

/// Turns the element that is passed to `start` into such a list.
#[derive(Clone, Copy)]
pub struct Roving {
    entry: Entry,
    #[cfg(feature = "web")]
    list: CopyValue<Option<browser::List>>,
}

/// Returns whether a key was pressed on a row itself, and not on a control within it.
pub fn is_on_row(event: &KeyboardEvent) -> bool {
    #[cfg(feature = "web")]
    {
        use dioxus::web::WebEventExt;
        use wasm_bindgen::JsCast;
        let target = event.try_as_web_event().and_then(|event| event.target());
        let target = target.and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        target.is_some_and(|target| target.has_attribute("data-row"))
    }
    #[cfg(not(feature = "web"))]
    {
        let _ = event;
        false
    }
}

#[cfg(feature = "web")]
pub fn use_roving(entry: Entry) -> Roving {
    Roving { entry, list: use_hook(|| CopyValue::new(None)) }
}

#[cfg(not(feature = "web"))]
pub fn use_roving(entry: Entry) -> Roving {
    Roving { entry }
}

impl Roving {
    /// Handles `onmounted` of the element around the rows.
    pub fn start(self, mounted: &MountedEvent) {
        #[cfg(feature = "web")]
        {
            use dioxus::web::WebEventExt;
            let mut list = self.list;
            list.set(mounted.try_as_web_event().and_then(|element| browser::List::start(element, self.entry)));
        }
        #[cfg(not(feature = "web"))]
        let _ = (mounted, self.entry);
    }
}

#[cfg(feature = "web")]
mod browser {
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;

    use dioxus::prelude::Modifiers;
    use js_sys::Array;
    use wasm_bindgen::prelude::*;
    use web_sys::{
        Element, Event, HtmlElement, KeyboardEvent, MutationObserver, MutationObserverInit, MutationRecord, Node,
    };

    use super::Entry;
    use crate::ui::{Shortcut, ShortcutGroup};

    /// Tab stops within a row.
    const CONTROLS: &str = ":is(a[href], button, input, select, textarea)";

    /// Listens until dropped, with the component that has the list.
    pub struct List {
        observer: MutationObserver,
        _on_change: Closure<dyn FnMut(Array)>,
        _on_key: Closure<dyn FnMut(KeyboardEvent)>,
        _on_focus: Closure<dyn FnMut(Event)>,
    }

    impl Drop for List {
        fn drop(&mut self) {
            self.observer.disconnect();
        }
    }

    impl List {
        pub fn start(list: Element, entry: Entry) -> Option<Self> {
            let rows = Rc::new(Rows { list: list.clone(), entry, stop: RefCell::default(), visited: Cell::default() });
            rows.settle(std::slice::from_ref(&list));
            let on_change = Closure::<dyn FnMut(Array)>::new({
                let rows = rows.clone();
                move |changes| rows.settle(&added(&changes))
            });
            let observer = MutationObserver::new(on_change.as_ref().unchecked_ref()).ok()?;
            let rows_come_and_go = MutationObserverInit::new();
            rows_come_and_go.set_child_list(true);
            rows_come_and_go.set_subtree(true);
            observer.observe_with_options(&list, &rows_come_and_go).ok()?;

            let on_key = Closure::<dyn FnMut(KeyboardEvent)>::new({
                let list = list.clone();
                move |event| on_key(&list, &event)
            });
            let on_focus = Closure::<dyn FnMut(Event)>::new(move |event: Event| rows.visit(&event));
            list.add_event_listener_with_callback("keydown", on_key.as_ref().unchecked_ref()).ok()?;
            list.add_event_listener_with_callback("focusin", on_focus.as_ref().unchecked_ref()).ok()?;
            Some(Self { observer, _on_change: on_change, _on_key: on_key, _on_focus: on_focus })
        }
    }

    fn added(changes: &Array) -> Vec<Element> {
        let changes = changes.iter().filter_map(|change| change.dyn_into::<MutationRecord>().ok());
        let nodes = changes.flat_map(|change| {
            let nodes = change.added_nodes();
            (0..nodes.length()).filter_map(move |place| nodes.get(place)?.dyn_into().ok())
        });
        nodes.collect()
    }

    /// The rows. A list may be long and changes while it is scrolled: only added rows are processed.
    struct Rows {
        list: Element,
        entry: Entry,
        stop: RefCell<Option<HtmlElement>>,
        /// The index of the tab stop after the list was visited: it then stays the stop when rows are added.
        visited: Cell<Option<usize>>,
    }

    impl Rows {
        fn all(&self) -> Vec<HtmlElement> {
            all(&self.list, "[data-row]")
        }

        /// Updates the tab stops after rows were added or removed: one row is the stop, and no control of the others
        /// is. If the focused row was removed, the one in its place gets the focus.
        fn settle(&self, added: &[Element]) {
            for element in added {
                self.quiet(element);
            }
            if self.visited.get().is_none() && self.is_before_stop(added) {
                return;
            }
            let rows = self.all();
            let stop = self.stop.borrow().clone();
            if let Some(before) = self.visited.get() {
                let place = stop.and_then(|row| place_of(&rows, &row));
                self.visited.set(place);
                if place.is_some() {
                    return;
                }
                if is_focus_lost() {
                    if let Some(heir) = rows.get(before).or(rows.last()) {
                        self.stop_at(heir);
                        let _ = heir.focus();
                    }
                    return;
                }
            }
            let current = rows.iter().find(|row| row.has_attribute("aria-current"));
            let end = if self.entry == Entry::Last { rows.last() } else { rows.first() };
            if let Some(row) = current.or(end) {
                self.stop_at(row);
            }
        }

        /// Returns whether all added rows are on the inner side of the stop, which so stays at its end.
        fn is_before_stop(&self, added: &[Element]) -> bool {
            let inner = match self.entry {
                Entry::First => Node::DOCUMENT_POSITION_FOLLOWING,
                Entry::Last => Node::DOCUMENT_POSITION_PRECEDING,
            };
            let stop = self.stop.borrow();
            let Some(stop) = stop.as_ref().filter(|stop| self.list.contains(Some(stop))) else { return false };
            added.iter().all(|element| stop.compare_document_position(element) == inner)
        }

        /// Makes the row that received the focus the stop.
        fn visit(&self, event: &Event) {
            if let Some(row) = row_of(event) {
                self.stop_at(&row);
                self.visited.set(place_of(&self.all(), &row));
            }
        }

        fn stop_at(&self, row: &HtmlElement) {
            let before = self.stop.replace(Some(row.clone()));
            if let Some(before) = before.filter(|before| before != row) {
                let _ = before.remove_attribute("data-stop");
                self.quiet(&before);
            }
            let _ = row.set_attribute("data-stop", "");
            row.set_tab_index(0);
            for control in all(row, &format!("{CONTROLS}[tabindex]")) {
                let _ = control.remove_attribute("tabindex");
            }
        }

        /// Removes rows and their controls from the tab order, except the stop and its own.
        fn quiet(&self, element: &Element) {
            let stop = self.stop.borrow();
            let stops = format!("[data-row], {CONTROLS}:not([tabindex])");
            let itself = element.dyn_ref::<HtmlElement>().filter(|itself| itself.matches(&stops).unwrap_or(false));
            for one in itself.cloned().into_iter().chain(all(element, &stops)) {
                let row = one.closest("[data-row]").ok().flatten();
                if row.is_some() && row.as_ref() != stop.as_deref() {
                    one.set_tab_index(-1);
                }
            }
        }
    }

    fn place_of(rows: &[HtmlElement], row: &HtmlElement) -> Option<usize> {
        rows.iter().position(|known| known == row)
    }

    fn is_focus_lost() -> bool {
        let document = web_sys::window().and_then(|window| window.document());
        document.is_some_and(|document| document.active_element().is_none_or(|active| active.tag_name() == "BODY"))
    }

    fn on_key(list: &Element, event: &KeyboardEvent) {
        if event.ctrl_key()
            || event.alt_key()
            || event.meta_key()
            || event.shift_key()
            || moves_something_else(list, event)
        {
            return;
        }
        let Some(row) = row_of(event) else { return };
        let rows = all(list, "[data-row]");
        let Some(place) = place_of(&rows, &row) else { return };
        let end = rows.len() - 1;
        let key = event.key();
        let to = match ShortcutGroup::Lists.find(&key, Modifiers::empty(), false) {
            Some(Shortcut::Up) => above(&rows, place),
            Some(Shortcut::Down) => below(&rows, place),
            Some(Shortcut::First) => 0,
            Some(Shortcut::Last) => end,
            _ if key == "ArrowLeft" && is_beside(&rows, place, place.wrapping_sub(1)) => place - 1,
            _ if key == "ArrowRight" && is_beside(&rows, place, place + 1) => place + 1,
            _ => return,
        };
        event.prevent_default();
        let _ = rows[to].focus();
    }

    /// Returns the row below. In a grid, up and down stay in the visual column, if there is one.
    fn below(rows: &[HtmlElement], place: usize) -> usize {
        let (top, left) = position(&rows[place]);
        let under = (place + 1..rows.len()).find(|other| position(&rows[*other]).0 > top);
        let Some(first) = under else { return place };
        let line = position(&rows[first]).0;
        let line = (first..rows.len()).take_while(|other| position(&rows[*other]).0 == line);
        line.take_while(|other| *other == first || position(&rows[*other]).1 <= left).last().unwrap_or(first)
    }

    fn above(rows: &[HtmlElement], place: usize) -> usize {
        let (top, left) = position(&rows[place]);
        let over = (0..place).rev().find(|other| position(&rows[*other]).0 < top);
        let Some(last) = over else { return place };
        let line = position(&rows[last]).0;
        let mut line = (0..=last).rev().take_while(|other| position(&rows[*other]).0 == line);
        line.find(|other| position(&rows[*other]).1 <= left).unwrap_or(last)
    }

    fn is_beside(rows: &[HtmlElement], place: usize, other: usize) -> bool {
        rows.get(other).is_some_and(|other| position(other).0 == position(&rows[place]).0)
    }

    /// Returns top and left, in window pixels.
    fn position(row: &HtmlElement) -> (i32, i32) {
        let place = row.get_bounding_client_rect();
        #[expect(clippy::cast_possible_truncation, reason = "pixels")]
        (place.top().round() as i32, place.left().round() as i32)
    }

    /// Returns whether the keys have another meaning, in a field, a slider, or a popover over a row.
    fn moves_something_else(list: &Element, event: &Event) -> bool {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return false };
        let over = target.closest("[popover], dialog").ok().flatten();
        over.is_some_and(|over| over != *list && list.contains(Some(&over)))
            || target.matches("input:not([type=checkbox]), select, textarea").unwrap_or(false)
    }

    fn row_of(event: &Event) -> Option<HtmlElement> {
        let target = event.target()?.dyn_into::<Element>().ok()?;
        target.closest("[data-row]").ok()??.dyn_into().ok()
    }

    fn all(list: &Element, selector: &str) -> Vec<HtmlElement> {
        let Ok(found) = list.query_selector_all(selector) else { return Vec::new() };
        (0..found.length()).filter_map(|place| found.get(place)?.dyn_into().ok()).collect()
    }
}
