//! Browser functions, on the server, where each does nothing. Waiting never ends, because no component waits there.

use std::future::{Pending, pending};

use super::{DesktopNotification, LockMode, NotificationPermission, Scroll, StreamSignal};

pub struct EventStream;

impl EventStream {
    pub fn open(
        _address: &str,
        _names: impl Iterator<Item = &'static str>,
        _on_signal: impl Fn(StreamSignal) + Clone + 'static,
    ) -> Option<Self> {
        None
    }
}

pub struct TabChannel;

impl TabChannel {
    pub fn open(_name: &str, _on_message: impl Fn(String) + 'static) -> Option<Self> {
        None
    }

    pub fn post(&self, _text: &str) {}
}

pub struct Lock;

pub struct LockEnd;

impl LockEnd {
    pub async fn wait(self) {
        pending::<()>().await;
    }
}

pub type LockRequest = Pending<Option<(Lock, LockEnd)>>;

pub fn request_lock(_name: &str, _mode: LockMode) -> Option<LockRequest> {
    None
}

pub struct ShownListener;

impl ShownListener {
    pub fn open(_on_shown: impl Fn() + 'static) -> Self {
        Self
    }
}

pub fn random(_limit: u32) -> u32 {
    0
}

pub fn copy_text(_text: &str) {}

pub fn origin() -> String {
    String::new()
}

pub fn path() -> String {
    String::new()
}

pub fn ask_before_leaving(_is_busy: impl Fn() -> bool + 'static) {}

pub fn go_to(_path: &str) {}

pub fn go_to_log_in() {}

pub fn reload_by_choice() {}

pub fn reload() {}

pub fn is_narrow() -> bool {
    false
}

pub fn set_title(_title: &str) {}

pub fn set_icon(_address: &str) {}

pub fn notification_permission() -> NotificationPermission {
    NotificationPermission::Unsupported
}

pub async fn request_notifications() -> NotificationPermission {
    pending().await
}

pub fn notify(_notification: &DesktopNotification, _on_click: impl FnOnce() + 'static) {}

pub fn play_sound() {}

pub fn is_visible() -> bool {
    true
}

pub fn shows(_selector: &str) -> bool {
    false
}

pub fn focus(_selector: &str) {}

pub fn click(_selector: &str) {}

pub fn empty_file_field(_selector: &str) {}

pub fn show(_selector: &str) {}

pub fn kept_in_tab(_name: &str) -> Option<String> {
    None
}

pub fn keep_in_tab(_name: &str, _text: &str) {}

pub fn kept_in_browser(_name: &str) -> String {
    String::new()
}

pub fn keep_in_browser(_name: &str, _text: &str) {}

pub fn is_touch() -> bool {
    false
}

pub fn focus_unless_busy(_selector: &str) {}

pub fn refuse_dropped_files() {}

pub fn scroll_by(_id: &str, _x: f64, _y: f64) {}

pub fn scroll_of(_id: &str) -> Option<Scroll> {
    None
}

pub fn scroll_to(_id: &str, _top: i32) {}

pub fn begins_in_view(_list: &str, _row: &str, _shown: f64) -> bool {
    false
}

pub async fn sleep_or_online(milliseconds: i32) {
    sleep(milliseconds).await;
}

pub fn point_out(_id: &str) {}

pub fn is_near_end(_id: &str, _distance: i32) -> bool {
    false
}

pub async fn exists(_url: &str) -> Option<bool> {
    pending().await
}

pub async fn idle() {
    pending::<()>().await;
}

pub async fn next_frame() {
    pending::<()>().await;
}

pub async fn sleep(_milliseconds: i32) {
    pending::<()>().await;
}

pub fn text_before_caret(_selector: &str) -> Option<String> {
    None
}

pub fn put_at_caret(_selector: &str, _replaced: usize, _text: &str) -> Option<String> {
    None
}

pub fn is_apple() -> bool {
    false
}

pub fn toggle_mark(_selector: &str, _mark: &str) -> Option<String> {
    None
}

pub fn focus_to_type(_selector: &str) -> bool {
    true
}

pub fn select_stem(_selector: &str) {}
