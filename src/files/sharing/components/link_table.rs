//! A table of share links: their files, their use, and Revoke.

use dioxus::prelude::*;

use crate::files::sharing::api::revoke_share_link;
use crate::files::sharing::model::ShareLink;
use crate::platform::json::NoBody;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{Column, ConfirmDialog, Table, When, use_hydrated, use_submit, use_toast};

/// `on_revoked` receives the changed link. With `maker` the rows show who created them.
#[component]
pub fn LinkTable(links: Vec<ShareLink>, maker: bool, on_revoked: EventHandler<ShareLink>) -> Element {
    let hydrated = use_hydrated();
    let toast = use_toast();
    let mut asked = use_signal(|| None::<ShareLink>);
    let submit = use_submit();
    let revoke = move |()| async move {
        let Some(link) = asked() else { return };
        let done = submit.track(revoke_share_link(link.id, NoBody)).await;
        asked.set(None);
        match done {
            Ok(link) => on_revoked(link),
            Err(error) => toast.show(error.message),
        }
    };
    rsx! {
        Table {
            label: "Share links",
            class: "links",
            columns: vec![Column::Text("Link to"), Column::Text("Downloads"), Column::Text("Expires"), Column::Actions("Revoke")],
            for link in links {
                tr { key: "{link.id}", "data-component": "ShareLinkRow",
                    td {
                        span { class: "member-text",
                            bdi { class: "truncate font-medium", title: "{link.subject()}", "{link.subject()}" }
                            span { class: "muted text-xs",
                                if maker {
                                    "{link.created_by}, "
                                }
                                When { at: link.created_at, style: WhenStyle::Ago }
                                if link.has_password {
                                    ", password-protected"
                                }
                            }
                        }
                    }
                    td { class: "num downloads", {downloads(&link)} }
                    td { class: if link.active { "muted until" } else { "muted" },
                        if link.active {
                            When { at: link.expires_at, style: WhenStyle::Exact }
                        } else {
                            {why_over(&link)}
                        }
                    }
                    td {
                        if link.active {
                            button {
                                class: "btn btn-sm btn-danger-quiet",
                                r#type: "button",
                                disabled: !hydrated,
                                "aria-label": "Revoke the link to {link.subject()}",
                                onclick: {
                                    let link = link.clone();
                                    move |_| asked.set(Some(link.clone()))
                                },
                                "Revoke"
                            }
                        }
                    }
                }
            }
        }
        if let Some(link) = asked() {
            ConfirmDialog {
                title: "Revoke the link to {link.subject()}?",
                text: "It stops working immediately, for everyone. This can't be undone, but you can create a new link.",
                confirm: "Revoke",
                busy: submit.is_busy(),
                on_confirm: revoke,
                on_close: move |()| asked.set(None),
            }
        }
    }
}

fn downloads(link: &ShareLink) -> String {
    match link.max_downloads {
        Some(max) => format!("{} of {max}", link.download_count),
        None => link.download_count.to_string(),
    }
}

fn why_over(link: &ShareLink) -> &'static str {
    if link.revoked_at.is_some() {
        "Revoked"
    } else if link.max_downloads.is_some_and(|max| link.download_count >= max) {
        "Used up"
    } else if link.file_count == 0 {
        "Deleted"
    } else {
        "Expired"
    }
}
