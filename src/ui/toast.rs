//! A short word in the corner about what has just been done.

use dioxus::prelude::*;
use lucide_dioxus::X;

/// How long a toast stays, in milliseconds.
const LIFE: i32 = 5000;

#[derive(Clone, Copy)]
pub struct Toasts(Signal<Option<(u64, String)>>);

impl Toasts {
    pub fn show(mut self, text: impl Into<String>) {
        let number = self.0.peek().as_ref().map_or(0, |(number, _)| number + 1);
        self.0.set(Some((number, text.into())));
        spawn(async move {
            super::browser::sleep(LIFE).await;
            if self.0.peek().as_ref().is_some_and(|(current, _)| *current == number) {
                self.0.set(None);
            }
        });
    }
}

/// Makes toasts possible below the component that calls this.
pub fn use_toaster() -> Toasts {
    let toasts = use_signal(|| None);
    use_context_provider(|| Toasts(toasts))
}

pub fn use_toast() -> Toasts {
    use_context()
}

/// Where the toasts appear.
#[component]
pub fn Toaster() -> Element {
    let Toasts(mut current) = use_toast();
    rsx! {
        div { class: "toaster", role: "status",
            if let Some((_, text)) = current() {
                div { class: "toast",
                    span { class: "grow", "{text}" }
                    button {
                        class: "icon-btn icon-btn-sm",
                        r#type: "button",
                        "aria-label": "Dismiss",
                        onclick: move |_| current.set(None),
                        X { class: "icon icon-14" }
                    }
                }
            }
        }
    }
}
