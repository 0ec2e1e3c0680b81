//! Browser functions, in the browser.

mod event_stream;
mod keys;
mod locks;
mod notifications;
mod selection;
mod tab_channel;

pub use event_stream::EventStream;
pub use keys::{KeyListener, is_apple};
pub use locks::{Lock, LockEnd, LockRequest, request_lock};
pub use notifications::{notification_permission, notify, play_sound, request_notifications};
pub use selection::toggle_mark;
pub use tab_channel::TabChannel;

use super::Scroll;

/// Copies a text to the clipboard.
pub fn copy_text(text: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.navigator().clipboard().write_text(text);
    }
}

/// Returns the page's scheme and host, such as `https://files.example.com`.
pub fn origin() -> String {
    if let Some(origin) = web_sys::window().and_then(|window| window.location().origin().ok()) {
        return origin;
    }
    String::new()
}

/// Returns the path of the page's URL, such as `/inbox`.
pub fn path() -> String {
    if let Some(path) = web_sys::window().and_then(|window| window.location().pathname().ok()) {
        return path;
    }
    String::new()
}

thread_local! {
    /// Whether the app itself is about to load another page. Waiting uploads are kept then.
    static IS_NAVIGATING: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Makes the browser ask for confirmation before closing or leaving the page while `is_busy`.
pub fn ask_before_leaving(is_busy: impl Fn() -> bool + 'static) {
    use wasm_bindgen::JsCast;
    let ask = wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
        if !IS_NAVIGATING.get() && is_busy() {
            event.prevent_default();
        }
    });
    if let Some(window) = web_sys::window() {
        let _ = window.add_event_listener_with_callback("beforeunload", ask.as_ref().unchecked_ref());
    }
    // Lives as long as the page.
    ask.forget();
}

/// Loads another page of this site from the server.
pub fn go_to(path: &str) {
    if let Some(window) = web_sys::window() {
        IS_NAVIGATING.set(true);
        let _ = window.location().assign(path);
    }
}

/// Loads the log-in page, which returns to the current page.
pub fn go_to_log_in() {
    if let Some(location) = web_sys::window().map(|window| window.location()) {
        let here = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
        let next = percent_encoding::utf8_percent_encode(&here, percent_encoding::NON_ALPHANUMERIC);
        IS_NAVIGATING.set(true);
        let _ = location.assign(&format!("/log-in?next={next}"));
    }
}

/// Reloads this page on request of the person. The browser asks for confirmation first if something would be lost.
pub fn reload_by_choice() {
    if let Some(window) = web_sys::window() {
        let _ = window.location().reload();
    }
}

/// Reloads this page.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        IS_NAVIGATING.set(true);
        let _ = window.location().reload();
    }
}

/// Returns whether the side panel is a drawer or a separate page here (below 1180 px).
pub fn is_narrow() -> bool {
    if let Some(query) = web_sys::window().and_then(|window| window.match_media("(max-width: 1179px)").ok().flatten()) {
        return query.matches();
    }
    false
}

/// Sets the title of the tab.
pub fn set_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// Sets the icon of the tab.
pub fn set_icon(address: &str) {
    if let Some(icon) = find::<web_sys::Element>("link[rel=icon]") {
        let _ = icon.set_attribute("href", address);
    }
}

/// Returns whether the page is visible.
pub fn is_visible() -> bool {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        return !document.hidden();
    }
    true
}

/// Calls a function each time the page becomes visible, until it is dropped.
pub struct ShownListener(wasm_bindgen::closure::Closure<dyn FnMut()>);

impl ShownListener {
    pub fn open(on_shown: impl Fn() + 'static) -> Self {
        use wasm_bindgen::JsCast;
        let listener = wasm_bindgen::closure::Closure::<dyn FnMut()>::new(move || {
            if is_visible() {
                on_shown();
            }
        });
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            let callback = listener.as_ref().unchecked_ref();
            let _ = document.add_event_listener_with_callback("visibilitychange", callback);
        }
        Self(listener)
    }
}

impl Drop for ShownListener {
    fn drop(&mut self) {
        use wasm_bindgen::JsCast;
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            let callback = self.0.as_ref().unchecked_ref();
            let _ = document.remove_event_listener_with_callback("visibilitychange", callback);
        }
    }
}

/// Returns a random number below a limit. Not for secrets.
pub fn random(limit: u32) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the limit")]
    let number = (js_sys::Math::random() * f64::from(limit)) as u32;
    number
}

/// Returns whether a selector matches an element.
pub fn shows(selector: &str) -> bool {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        return document.query_selector(selector).ok().flatten().is_some();
    }
    false
}

/// Focuses the first element that a selector matches.
pub fn focus(selector: &str) {
    use wasm_bindgen::JsCast;
    let found = web_sys::window().and_then(|window| window.document()?.query_selector(selector).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Returns the first element that a selector matches.
pub fn find<E: wasm_bindgen::JsCast>(selector: &str) -> Option<E> {
    use wasm_bindgen::JsCast;
    web_sys::window()?.document()?.query_selector(selector).ok()??.dyn_into().ok()
}

/// Clicks the first element that a selector matches, as a button does for a hidden file field.
pub fn click(selector: &str) {
    if let Some(element) = find::<web_sys::HtmlElement>(selector) {
        element.click();
    }
}

/// Clears the picked files, so that the same file can be picked again.
pub fn empty_file_field(selector: &str) {
    if let Some(field) = find::<web_sys::HtmlInputElement>(selector) {
        field.set_value("");
    }
}

/// Scrolls the first element that a selector matches into view, no further than needed.
pub fn show(selector: &str) {
    let found = web_sys::window().and_then(|window| window.document()?.query_selector(selector).ok().flatten());
    if let Some(element) = found {
        let nearest = web_sys::ScrollIntoViewOptions::new();
        nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&nearest);
    }
}

/// Returns the text that this tab stores under a name. It survives a reload.
pub fn kept_in_tab(name: &str) -> Option<String> {
    web_sys::window()?.session_storage().ok()??.get_item(name).ok()?
}

/// Stores a text in this tab. It survives a reload.
pub fn keep_in_tab(name: &str, text: &str) {
    if let Some(storage) = web_sys::window().and_then(|window| window.session_storage().ok().flatten()) {
        let _ = storage.set_item(name, text);
    }
}

/// Returns the text that this browser stores under a name, for this site. Empty if there is none.
pub fn kept_in_browser(name: &str) -> String {
    let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
    storage.and_then(|storage| storage.get_item(name).ok().flatten()).unwrap_or_default()
}

/// Stores a text in this browser, for this site. A browser without storage forgets it.
pub fn keep_in_browser(name: &str, text: &str) {
    if let Some(storage) = web_sys::window().and_then(|window| window.local_storage().ok().flatten()) {
        let _ = storage.set_item(name, text);
    }
}

/// Returns whether the device is used by touch: Enter is then a new line, and focusing a field opens a keyboard.
pub fn is_touch() -> bool {
    if let Some(window) = web_sys::window() {
        let query = window.match_media("(hover: none) and (pointer: coarse)").ok().flatten();
        return query.is_some_and(|query| query.matches());
    }
    false
}

/// Focuses the element that a selector matches, unless another field has the focus or a dialog is open.
pub fn focus_unless_busy(selector: &str) {
    if !shows("dialog[open], [popover]:popover-open, :is(input, textarea, select, [contenteditable]):focus") {
        focus(selector);
    }
}

/// Keeps files that are dropped outside all targets from replacing the page.
pub fn refuse_dropped_files() {
    use wasm_bindgen::JsCast;
    let refuse = wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::DragEvent)>::new(|event: web_sys::DragEvent| {
        let transfer = event.data_transfer().filter(|transfer| transfer.types().includes(&"Files".into(), 0));
        if let (Some(transfer), false) = (transfer, event.default_prevented()) {
            event.prevent_default();
            transfer.set_drop_effect("none");
        }
    });
    if let Some(window) = web_sys::window() {
        for name in ["dragover", "drop"] {
            let _ = window.add_event_listener_with_callback(name, refuse.as_ref().unchecked_ref());
        }
    }
    // Lives as long as the page.
    refuse.forget();
}

/// Scrolls an element, by its id, by a number of pixels.
pub fn scroll_by(id: &str, x: f64, y: f64) {
    if let Some(element) = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id)) {
        element.scroll_by_with_x_and_y(x, y);
        if let Some(inner) = element.query_selector(".lb-page").ok().flatten() {
            inner.scroll_by_with_x_and_y(x, y);
        }
    }
}

/// Returns how far an element, by its id, is scrolled. `None` if it does not exist.
pub fn scroll_of(id: &str) -> Option<Scroll> {
    let element = web_sys::window()?.document()?.get_element_by_id(id)?;
    Some(Scroll { top: element.scroll_top(), height: element.scroll_height(), view: element.client_height() })
}

/// Scrolls an element, by its id, to a position in pixels.
pub fn scroll_to(id: &str, top: i32) {
    if let Some(element) = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id)) {
        element.set_scroll_top(top);
    }
}

/// Returns whether at least `shown` pixels of a row are at or above the lower edge of its list. Both are given by their
/// ids. `false` if one does not exist.
pub fn begins_in_view(list: &str, row: &str, shown: f64) -> bool {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return false };
    let edges = document.get_element_by_id(list).zip(document.get_element_by_id(row));
    edges.is_some_and(|(list, row)| {
        row.get_bounding_client_rect().top() + shown <= list.get_bounding_client_rect().bottom()
    })
}

/// Waits, at most until the browser is online again.
pub async fn sleep_or_online(milliseconds: i32) {
    if let Some(window) = web_sys::window() {
        let mut wake = None;
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
            let _ = window.add_event_listener_with_callback("online", &resolve);
            wake = Some(resolve);
        });
        let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
        if let Some(wake) = wake {
            let _ = window.remove_event_listener_with_callback("online", &wake);
        }
    }
}

/// Scrolls to an element, by its id, focuses it, and marks it with `data-pointed-out` until another page opens.
pub fn point_out(id: &str) {
    use wasm_bindgen::JsCast;
    let found = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id));
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let middle = web_sys::ScrollIntoViewOptions::new();
        middle.set_block(web_sys::ScrollLogicalPosition::Center);
        element.scroll_into_view_with_scroll_into_view_options(&middle);
        let _ = element.set_attribute("data-pointed-out", "");
        element.set_tab_index(-1);
        let _ = element.focus();
    }
}

/// Returns whether less than `distance` pixels are left to scroll in an element, by its id. `false` if it does not
/// exist.
pub fn is_near_end(id: &str, distance: i32) -> bool {
    if let Some(element) = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id)) {
        return element.scroll_height() - element.client_height() - element.scroll_top() < distance;
    }
    false
}

/// Asks the server whether a URL of this site exists. `None` if the server can't be reached.
pub async fn exists(url: &str) -> Option<bool> {
    use wasm_bindgen::JsCast;
    let init = web_sys::RequestInit::new();
    init.set_method("HEAD");
    // A redirect goes to a store, which can't be asked from here.
    let _ = js_sys::Reflect::set(&init, &"redirect".into(), &"manual".into());
    let asked = web_sys::window()?.fetch_with_str_and_init(url, &init);
    let answer: web_sys::Response = wasm_bindgen_futures::JsFuture::from(asked).await.ok()?.dyn_into().ok()?;
    match answer.status() {
        404 | 410 => Some(false),
        // The status of a redirect is hidden.
        0 | 200..400 => Some(true),
        _ => None,
    }
}

/// Waits until the browser is idle, at most a second. Without support for that (Safari), waits a fifth of a second.
pub async fn idle() {
    if let Some(window) = web_sys::window() {
        use wasm_bindgen::JsCast;
        let tells = js_sys::Reflect::get(&window, &"requestIdleCallback".into());
        let Some(request) = tells.ok().and_then(|tells| tells.dyn_into::<js_sys::Function>().ok()) else {
            return sleep(200).await;
        };
        let options = js_sys::Object::new();
        let _ = js_sys::Reflect::set(&options, &"timeout".into(), &1000.into());
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            let _ = request.call2(&window, &resolve, &options);
        });
        let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
    }
}

/// Waits until the next frame is about to be drawn.
pub async fn next_frame() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _ = window.request_animation_frame(&resolve);
        }
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

/// Waits. On the server it never returns, because nothing waits there.
pub async fn sleep(milliseconds: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        }
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

fn text_area(selector: &str) -> Option<web_sys::HtmlTextAreaElement> {
    find(selector)
}

/// Returns the text before the caret in a text area.
pub fn text_before_caret(selector: &str) -> Option<String> {
    let field = text_area(selector)?;
    // Positions are in UTF-16 units, as in JavaScript.
    let caret = field.selection_start().ok().flatten()?;
    let text: Vec<_> = field.value().encode_utf16().take(caret as usize).collect();
    Some(String::from_utf16_lossy(&text))
}

/// Inserts a text into a text area, replacing the selection and this many UTF-16 units before it, so that Ctrl+Z undoes
/// it. Returns the whole text.
pub fn put_at_caret(selector: &str, replaced: usize, text: &str) -> Option<String> {
    let field = text_area(selector)?;
    let start = field.selection_start().ok().flatten()?;
    let end = field.selection_end().ok().flatten()?;
    let start = start.checked_sub(u32::try_from(replaced).ok()?)?;
    field.set_selection_range(start, end).ok()?;
    if !focus_to_type(selector) || !insert_text(text) {
        let units: Vec<_> = field.value().encode_utf16().collect();
        let (before, after) = (units.get(..start as usize)?, units.get(end as usize..)?);
        let put: Vec<_> = before.iter().copied().chain(text.encode_utf16()).collect();
        let caret = u32::try_from(put.len()).ok()?;
        field.set_value(&String::from_utf16_lossy(&[&put, after].concat()));
        field.set_selection_range(caret, caret).ok()?;
    }
    Some(field.value())
}

/// Focuses a field. Returns whether typed text goes there: not while a dialog is open.
pub fn focus_to_type(selector: &str) -> bool {
    focus(selector);
    let active = web_sys::window().and_then(|window| window.document()?.active_element());
    active.is_some_and(|active| active.matches(selector).unwrap_or(false))
}

/// Makes the browser itself type a text at the focus. Nothing else keeps the history of Ctrl+Z.
fn insert_text(text: &str) -> bool {
    use wasm_bindgen::{JsCast, JsValue};
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return false };
    let command = js_sys::Reflect::get(&document, &"execCommand".into());
    let command = command.ok().and_then(|command| command.dyn_into::<js_sys::Function>().ok());
    let done =
        command.and_then(|command| command.call3(&document, &"insertText".into(), &JsValue::FALSE, &text.into()).ok());
    done.is_some_and(|done| done.is_truthy())
}

/// Selects a file's name in a field, without its extension.
pub fn select_stem(selector: &str) {
    if let Some(field) = find::<web_sys::HtmlInputElement>(selector) {
        let name = field.value();
        let stem = name.rfind('.').filter(|place| *place > 0).unwrap_or(name.len());
        let stem = u32::try_from(name[..stem].encode_utf16().count()).unwrap_or(0);
        let _ = field.set_selection_range(0, stem);
    }
}
