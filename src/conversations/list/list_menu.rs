//! The menu of the list of conversations.

use dioxus::prelude::*;
use lucide_dioxus::CheckCheck;

use crate::channels::api::mark_all_read;
use crate::platform::json::NoBody;
use crate::ui::{Menu, MenuItem, use_toast};

#[component]
pub fn ListMenu() -> Element {
    const MENU: &str = "list-menu";
    let toast = use_toast();
    let mark = move |()| {
        spawn(async move {
            match mark_all_read(NoBody).await {
                Ok(()) => toast.show("All marked as read"),
                Err(error) => toast.show(error.message),
            }
        });
    };
    rsx! {
        Menu { id: MENU, label: "List actions",
            MenuItem { menu: MENU, on_choose: mark,
                CheckCheck { class: "icon" }
                "Mark all read"
            }
        }
    }
}
