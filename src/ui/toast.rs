//! Toasts: a short confirmation in the corner, with an undo if there is one.

use std::rc::Rc;

use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use lucide_dioxus::X;

/// How long a toast is shown, in milliseconds.
const DURATION: i32 = 5000;
/// The same for a toast with an action.
const ACTION_DURATION: i32 = 10_000;

#[derive(Clone)]
struct Toast {
    number: u64,
    text: String,
    action: Option<Action>,
}

/// The action of a toast. Not a callback of a component, because the component may be unmounted by then.
#[derive(Clone)]
struct Action {
    label: String,
    run: Rc<dyn Fn()>,
}

#[derive(Clone, Copy)]
pub struct Toasts(Signal<Option<Toast>>);

impl Toasts {
    pub fn show(self, text: impl Into<String>) {
        self.put(text.into(), None, DURATION);
    }

    /// Shows a toast with a button that calls `run`.
    pub fn offer(self, text: impl Into<String>, label: &str, run: impl Fn() + 'static) {
        let action = Action { label: label.to_owned(), run: Rc::new(run) };
        self.put(text.into(), Some(action), ACTION_DURATION);
    }

    /// Shows a text unless a toast with an action is visible, which is more important.
    pub fn mention(self, text: &str) {
        let offers = self.0.peek().as_ref().is_some_and(|toast| toast.action.is_some());
        if !offers {
            self.show(text);
        }
    }

    fn put(mut self, text: String, action: Option<Action>, life: i32) {
        let number = self.0.peek().as_ref().map_or(0, |toast| toast.number + 1);
        self.0.set(Some(Toast { number, text, action }));
        // The component that shows a toast may be unmounted at once, such as a dialog.
        spawn_forever(async move {
            crate::platform::browser::sleep(life).await;
            if self.0.peek().as_ref().is_some_and(|toast| toast.number == number) {
                self.0.set(None);
            }
        });
    }
}

/// Provides toasts to the components below the caller.
pub fn use_toaster() -> Toasts {
    let toasts = use_signal(|| None);
    use_context_provider(|| Toasts(toasts))
}

pub fn use_toast() -> Toasts {
    use_context()
}

/// The place of the toasts.
#[component]
pub fn Toaster() -> Element {
    let Toasts(mut current) = use_toast();
    rsx! {
        div { class: "toaster", role: "status",
            if let Some(Toast { text, action, .. }) = current() {
                div { class: "toast",
                    span { class: "grow", "{text}" }
                    if let Some(Action { label, run }) = action {
                        button {
                            class: "btn btn-ghost",
                            r#type: "button",
                            onclick: move |_| {
                                current.set(None);
                                run();
                            },
                            "{label}"
                        }
                    }
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
