//! File requests as rows: what was asked for, how far it is, and the way to revoke it.

use dioxus::prelude::*;

use super::request_card::{state, why_over};
use crate::app::Route;
use crate::conversations::file_requests::api::revoke_file_request;
use crate::files::requests::model::FileRequest;
use crate::platform::json::NoBody;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{Column, ConfirmDialog, NavLink, Table, When, use_hydrated, use_submit, use_toast};

/// A table of file requests. `on_revoked` receives the updated request. With `maker`, each row names who created it.
#[component]
pub fn FileRequestTable(requests: Vec<FileRequest>, maker: bool, on_revoked: EventHandler<FileRequest>) -> Element {
    let hydrated = use_hydrated();
    let toast = use_toast();
    let mut asked = use_signal(|| None::<FileRequest>);
    let submit = use_submit();
    let revoke = move |()| async move {
        let Some(request) = asked() else { return };
        let done = submit.track(revoke_file_request(request.id, NoBody)).await;
        asked.set(None);
        match done {
            Ok(request) => on_revoked(request),
            Err(error) => toast.show(error.message),
        }
    };
    rsx! {
        Table {
            label: "File requests",
            class: "links",
            columns: vec![Column::Text("Request"), Column::Text("State"), Column::Text("Expires"), Column::Actions("Revoke")],
            for request in requests {
                tr { key: "{request.id}", "data-component": "FileRequestRow",
                    td {
                        span { class: "member-text",
                            NavLink { class: "truncate font-medium", to: Route::conversation(request.channel_id).href(), title: title(&request),
                                bdi { {title(&request)} }
                            }
                            span { class: "muted text-xs",
                                if maker {
                                    "{request.created_by}, "
                                }
                                When { at: request.created_at, style: WhenStyle::Ago }
                                if request.has_password {
                                    ", password-protected"
                                }
                            }
                        }
                    }
                    td { {state(&request)} }
                    td { class: if request.active { "muted until" } else { "muted" },
                        if request.active {
                            When { at: request.expires_at, style: WhenStyle::Exact }
                        } else {
                            {why_over(&request)}
                        }
                    }
                    td {
                        if request.active {
                            button {
                                class: "btn btn-sm btn-danger-quiet",
                                r#type: "button",
                                disabled: !hydrated,
                                "aria-label": "Revoke {title(&request)}",
                                onclick: {
                                    let request = request.clone();
                                    move |_| asked.set(Some(request.clone()))
                                },
                                "Revoke"
                            }
                        }
                    }
                }
            }
        }
        if let Some(request) = asked() {
            ConfirmDialog {
                title: "Revoke “{title(&request)}”?",
                text: "The link stops working immediately. Files that were received stay. You can request files again.",
                confirm: "Revoke",
                busy: submit.is_busy(),
                on_confirm: revoke,
                on_close: move |()| asked.set(None),
            }
        }
    }
}

/// The note in one line.
fn title(request: &FileRequest) -> String {
    match request.note.lines().next() {
        Some(line) => line.to_owned(),
        None => "Files requested".to_owned(),
    }
}
