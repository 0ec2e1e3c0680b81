//! The navigation of the settings beside the open section.

use dioxus::prelude::*;
use lucide_dioxus::{
    Archive, Bell, Bot, Building, CircleUserRound, FileClock, FileInput, KeyRound, Share2, ShieldCheck, Trash,
    UsersRound, Webhook,
};

use crate::admin::audit_log::filter::AuditFilter;
use crate::app::Route;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::ui::{NavLink, Smile};

/// On a phone one of the two: the navigation at `/settings`, a section at its own URL.
#[component]
pub fn SettingsLayout() -> Element {
    let route = use_route::<Route>();
    let pane = if matches!(route, Route::SettingsPage {}) { "nav" } else { "page" };
    rsx! {
        main { class: "settings", "data-pane": pane,
            SettingsNav {}
            Outlet::<Route> {}
        }
    }
}

#[component]
fn SettingsNav() -> Element {
    let session = use_session();
    let manages = session.may(Permission::OrganizationManage);
    let (shares, deletes) = (session.may(Permission::AttachmentShare), session.may(Permission::AttachmentDeleteAny));
    let requests = session.may(Permission::FileRequest);
    let organization = session.organization.name.clone();
    let route = use_route::<Route>();
    let in_profile = matches!(route, Route::SettingsPage {} | Route::ProfilePage {});
    rsx! {
        nav { class: "pane nav", "aria-label": "Settings", "data-component": "SettingsNav",
            header { class: "pane-head",
                h1 { class: "pane-title", "Settings" }
            }
            div { class: "scroll",
                p { class: "nav-sec", "You" }
                NavLink { class: "nav-item", to: Route::ProfilePage {}.href(), current: in_profile,
                    CircleUserRound { class: "icon" }
                    "Profile"
                }
                NavLink { class: "nav-item", to: Route::NotificationsPage {}.href(), current: route == Route::NotificationsPage {},
                    Bell { class: "icon" }
                    "Notifications"
                }
                NavLink { class: "nav-item", to: Route::AccessTokensPage {}.href(), current: route == Route::AccessTokensPage {},
                    KeyRound { class: "icon" }
                    "Access tokens"
                }
                p { class: "nav-sec truncate", "{organization}" }
                NavLink { class: "nav-item", to: Route::OrganizationPage {}.href(), current: route == Route::OrganizationPage {},
                    Building { class: "icon" }
                    "General"
                }
                NavLink { class: "nav-item", to: Route::MembersPage {}.href(), current: route == Route::MembersPage {},
                    UsersRound { class: "icon" }
                    "Members"
                }
                NavLink { class: "nav-item", to: Route::RolesPage {}.href(), current: route == Route::RolesPage {},
                    ShieldCheck { class: "icon" }
                    "Roles"
                }
                NavLink { class: "nav-item", to: Route::EmojiPage {}.href(), current: route == Route::EmojiPage {},
                    Smile {}
                    "Emoji"
                }
                if manages {
                    NavLink { class: "nav-item", to: Route::BotsPage {}.href(), current: route == Route::BotsPage {},
                        Bot { class: "icon" }
                        "Bots"
                    }
                    NavLink { class: "nav-item", to: Route::WebhooksPage {}.href(), current: route == Route::WebhooksPage {},
                        Webhook { class: "icon" }
                        "Webhooks"
                    }
                    NavLink { class: "nav-item", to: Route::StoragePage {}.href(), current: route == Route::StoragePage {},
                        Archive { class: "icon" }
                        "Storage"
                    }
                }
                if shares {
                    NavLink { class: "nav-item", to: Route::ShareLinksPage {}.href(), current: route == Route::ShareLinksPage {},
                        Share2 { class: "icon" }
                        "Share links"
                    }
                }
                if requests {
                    NavLink { class: "nav-item", to: Route::FileRequestsPage {}.href(), current: route == Route::FileRequestsPage {},
                        FileInput { class: "icon" }
                        "File requests"
                    }
                }
                if deletes {
                    NavLink { class: "nav-item", to: Route::DeletedFilesPage {}.href(), current: route == Route::DeletedFilesPage {},
                        Trash { class: "icon" }
                        "Deleted files"
                    }
                }
                if manages {
                    NavLink { class: "nav-item", to: Route::AuditLogPage { filter: AuditFilter::default() }.href(), current: matches!(route, Route::AuditLogPage { .. }),
                        FileClock { class: "icon" }
                        "Audit log"
                    }
                }
            }
        }
    }
}
