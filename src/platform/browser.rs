//! Browser functions for components. On the server each does nothing.

/// Copies a text to the clipboard.
pub fn copy_text(text: &str) {
    #[cfg(feature = "web")]
    if let Some(window) = web_sys::window() {
        let _ = window.navigator().clipboard().write_text(text);
    }
    #[cfg(not(feature = "web"))]
    let _ = text;
}

/// Returns the page's scheme and host, such as `https://files.example.com`.
pub fn origin() -> String {
    #[cfg(feature = "web")]
    if let Some(origin) = web_sys::window().and_then(|window| window.location().origin().ok()) {
        return origin;
    }
    String::new()
}

/// Returns the path of the page's URL, such as `/inbox`.
pub fn path() -> String {
    #[cfg(feature = "web")]
    if let Some(path) = web_sys::window().and_then(|window| window.location().pathname().ok()) {
        return path;
    }
    String::new()
}

#[cfg(feature = "web")]
thread_local! {
    /// Whether the app itself is about to load another page. Waiting uploads are kept then.
    static LEAVES_BY_ITSELF: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Makes the browser ask for confirmation before closing or leaving the page while `is_busy`.
pub fn ask_before_leaving(is_busy: impl Fn() -> bool + 'static) {
    #[cfg(feature = "web")]
    {
        use wasm_bindgen::JsCast;
        let ask = wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            if !LEAVES_BY_ITSELF.get() && is_busy() {
                event.prevent_default();
            }
        });
        if let Some(window) = web_sys::window() {
            let _ = window.add_event_listener_with_callback("beforeunload", ask.as_ref().unchecked_ref());
        }
        // Lives as long as the page.
        ask.forget();
    }
    #[cfg(not(feature = "web"))]
    let _ = is_busy;
}

/// Loads another page of this site from the server.
pub fn go_to(path: &str) {
    #[cfg(feature = "web")]
    if let Some(window) = web_sys::window() {
        LEAVES_BY_ITSELF.set(true);
        let _ = window.location().assign(path);
    }
    #[cfg(not(feature = "web"))]
    let _ = path;
}

/// Loads the log-in page, which returns to the current page.
pub fn go_to_log_in() {
    #[cfg(feature = "web")]
    if let Some(location) = web_sys::window().map(|window| window.location()) {
        let here = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
        let next = percent_encoding::utf8_percent_encode(&here, percent_encoding::NON_ALPHANUMERIC);
        LEAVES_BY_ITSELF.set(true);
        let _ = location.assign(&format!("/log-in?next={next}"));
    }
}

/// Reloads this page on request of the person. The browser asks for confirmation first if something would be lost.
pub fn reload_by_choice() {
    #[cfg(feature = "web")]
    if let Some(window) = web_sys::window() {
        let _ = window.location().reload();
    }
}

/// Reloads this page.
pub fn reload() {
    #[cfg(feature = "web")]
    if let Some(window) = web_sys::window() {
        LEAVES_BY_ITSELF.set(true);
        let _ = window.location().reload();
    }
}

/// Returns whether the side panel is a drawer or a separate page here (below 1180 px).
pub fn is_narrow() -> bool {
    #[cfg(feature = "web")]
    if let Some(query) = web_sys::window().and_then(|window| window.match_media("(max-width: 1179px)").ok().flatten()) {
        return query.matches();
    }
    false
}

/// Returns whether the page is visible.
pub fn is_visible() -> bool {
    #[cfg(feature = "web")]
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        return !document.hidden();
    }
    true
}

/// Returns whether a selector matches an element.
pub fn shows(selector: &str) -> bool {
    #[cfg(feature = "web")]
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        return document.query_selector(selector).ok().flatten().is_some();
    }
    let _ = selector;
    false
}

/// Focuses the first element that a selector matches.
pub fn focus(selector: &str) {
    #[cfg(feature = "web")]
    {
        use wasm_bindgen::JsCast;
        let found = web_sys::window().and_then(|window| window.document()?.query_selector(selector).ok().flatten());
        if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = element.focus();
        }
    }
    #[cfg(not(feature = "web"))]
    let _ = selector;
}

/// Returns the first element that a selector matches.
#[cfg(feature = "web")]
pub fn find<E: wasm_bindgen::JsCast>(selector: &str) -> Option<E> {
    use wasm_bindgen::JsCast;
    web_sys::window()?.document()?.query_selector(selector).ok()??.dyn_into().ok()
}

/// Clicks the first element that a selector matches, as a button does for a hidden file field.
pub fn click(selector: &str) {
    #[cfg(feature = "web")]
    if let Some(element) = find::<web_sys::HtmlElement>(selector) {
        element.click();
    }
    #[cfg(not(feature = "web"))]
    let _ = selector;
}

/// Clears the picked files, so that the same file can be picked again.
pub fn empty_file_field(selector: &str) {
    #[cfg(feature = "web")]
    if let Some(field) = find::<web_sys::HtmlInputElement>(selector) {
        field.set_value("");
    }
    #[cfg(not(feature = "web"))]
    let _ = selector;
}

/// Scrolls the first element that a selector matches into view, no further than needed.
pub fn show(selector: &str) {
    #[cfg(feature = "web")]
    {
        let found = web_sys::window().and_then(|window| window.document()?.query_selector(selector).ok().flatten());
        if let Some(element) = found {
            let nearest = web_sys::ScrollIntoViewOptions::new();
            nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    }
    #[cfg(not(feature = "web"))]
    let _ = selector;
}

/// Returns the text that this tab stores under a name. It survives a reload.
pub fn kept_in_tab(name: &str) -> Option<String> {
    #[cfg(feature = "web")]
    return web_sys::window()?.session_storage().ok()??.get_item(name).ok()?;
    #[cfg(not(feature = "web"))]
    {
        let _ = name;
        None
    }
}

/// Stores a text in this tab. It survives a reload.
pub fn keep_in_tab(name: &str, text: &str) {
    #[cfg(feature = "web")]
    if let Some(storage) = web_sys::window().and_then(|window| window.session_storage().ok().flatten()) {
        let _ = storage.set_item(name, text);
    }
    #[cfg(not(feature = "web"))]
    let _ = (name, text);
}

/// Returns whether the device is used by touch: Enter is then a new line, and focusing a field opens a keyboard.
pub fn is_touch() -> bool {
    #[cfg(feature = "web")]
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
    #[cfg(feature = "web")]
    {
        use wasm_bindgen::JsCast;
        let refuse =
            wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::DragEvent)>::new(|event: web_sys::DragEvent| {
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
}

/// Scrolls an element, by its id, by a number of pixels.
pub fn scroll_by(id: &str, x: f64, y: f64) {
    #[cfg(feature = "web")]
    if let Some(element) = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id)) {
        element.scroll_by_with_x_and_y(x, y);
        if let Some(inner) = element.query_selector(".lb-page").ok().flatten() {
            inner.scroll_by_with_x_and_y(x, y);
        }
    }
    #[cfg(not(feature = "web"))]
    let _ = (id, x, y);
}

/// Waits, at most until the browser is online again.
pub async fn sleep_or_online(milliseconds: i32) {
    #[cfg(feature = "web")]
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
    #[cfg(not(feature = "web"))]
    sleep(milliseconds).await;
}

/// Scrolls to an element, by its id, focuses it, and marks it with `data-pointed-out` until the page is left.
pub fn point_out(id: &str) {
    #[cfg(feature = "web")]
    {
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
    #[cfg(not(feature = "web"))]
    let _ = id;
}

/// Returns whether less than `distance` pixels are left to scroll in an element, by its id. `false` if it does not
/// exist.
pub fn is_near_end(id: &str, distance: i32) -> bool {
    #[cfg(feature = "web")]
    if let Some(element) = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id)) {
        return element.scroll_height() - element.client_height() - element.scroll_top() < distance;
    }
    let _ = (id, distance);
    false
}

/// Asks the server whether a URL of this site exists. `None` if the server can't be reached.
pub async fn exists(url: &str) -> Option<bool> {
    #[cfg(feature = "web")]
    {
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
    #[cfg(not(feature = "web"))]
    {
        let _ = url;
        std::future::pending().await
    }
}

/// Waits until the browser is idle, at most a second. Without support for that (Safari), waits a fifth of a second.
pub async fn idle() {
    #[cfg(feature = "web")]
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
    #[cfg(not(feature = "web"))]
    std::future::pending::<()>().await;
}

/// Waits until the next frame is about to be drawn.
pub async fn next_frame() {
    #[cfg(feature = "web")]
    {
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            if let Some(window) = web_sys::window() {
                let _ = window.request_animation_frame(&resolve);
            }
        });
        let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
    }
    #[cfg(not(feature = "web"))]
    std::future::pending::<()>().await;
}

/// Waits. On the server it never returns, because nothing waits there.
pub async fn sleep(milliseconds: i32) {
    #[cfg(feature = "web")]
    {
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            if let Some(window) = web_sys::window() {
                let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
            }
        });
        let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
    }
    #[cfg(not(feature = "web"))]
    {
        let _ = milliseconds;
        std::future::pending::<()>().await;
    }
}
