//! Copying to the clipboard, and saying so for a moment in the place where it was asked for.

use dioxus::prelude::*;

use crate::platform::browser;

/// How long it says that it has copied, in milliseconds.
const SAID: i32 = 2000;

/// What a copy button needs: whether it has just copied, and how to copy.
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
            browser::sleep(SAID).await;
            self.0.set(false);
        });
    }
}
