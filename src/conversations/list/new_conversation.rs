//! The menu of new conversations, behind the pen at the head of the list.

use dioxus::prelude::*;
use lucide_dioxus::{ContactRound, Hash, Inbox, UserRoundPlus};

use crate::app::Route;
use crate::people::contacts::model::Search;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::ui::{Menu, MenuItem};

/// Shows the kinds that this member may create.
#[component]
pub fn NewConversation(on_channel: EventHandler<()>) -> Element {
    const MENU: &str = "new-conversation";
    let session = use_session();
    let go = |to: Route| {
        move |()| {
            navigator().push(to.href());
        }
    };
    rsx! {
        Menu {
            id: MENU,
            label: "New conversation",
            icon: rsx! {
                // Lucide's `square-pen`: its category would add too many others.
                svg { class: "icon", view_box: "0 0 24 24", fill: "none", stroke: "currentColor", stroke_width: "2", stroke_linecap: "round", stroke_linejoin: "round",
                    path { d: "M12 3H5a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2v-7" }
                    path { d: "M18.375 2.625a1 1 0 0 1 3 3l-9.013 9.014a2 2 0 0 1-.853.505l-2.873.84a.5.5 0 0 1-.62-.62l.84-2.873a2 2 0 0 1 .506-.852z" }
                }
            },
            MenuItem { menu: MENU, on_choose: go(Route::ContactsPage { search: Search::default() }),
                ContactRound { class: "icon" }
                "Write to a contact"
            }
            if session.may(Permission::ContactEdit) {
                MenuItem { menu: MENU, on_choose: go(Route::NewContactPage {}),
                    UserRoundPlus { class: "icon" }
                    "New contact"
                }
            }
            if session.may(Permission::ChannelCreate) {
                MenuItem { menu: MENU, on_choose: on_channel,
                    Hash { class: "icon" }
                    "New channel"
                }
            }
            if session.may(Permission::BucketManage) {
                MenuItem { menu: MENU, on_choose: go(Route::NewBucketPage {}),
                    Inbox { class: "icon" }
                    "New bucket"
                }
            }
        }
    }
}
