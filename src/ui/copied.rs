//! Copying to the clipboard, with a short confirmation at the button.

use dioxus::prelude::*;

use crate::platform::browser;

/// How long the confirmation is shown, in milliseconds.
const CONFIRMATION_TIME: i32 = 2000;

/// The state of a copy button: whether it has just copied.
#[derive(Clone, Copy)]
pub struct Copied(Signal<bool>);

pub fn use_copied() -> Copied {
    Copied(use_signal(|| false))
}

impl Copied {
    pub fn now(self) -> bool {
        (self.0)()
    }

    pub fn copy(mut self, text: &str) {
        browser::copy_text(text);
        self.0.set(true);
        spawn(async move {
            browser::sleep(CONFIRMATION_TIME).await;
            self.0.set(false);
        });
    }
}
