//! A file request in the feed: what was asked, whether the link was opened, and how many files came.

use dioxus::prelude::*;
use lucide_dioxus::FileInput;

use crate::files::requests::model::FileRequest;
use crate::ui::When;
use crate::ui::relative_time::WhenStyle;

/// The note is the text of the message above.
#[component]
pub fn FileRequestCard(request: FileRequest) -> Element {
    rsx! {
        div { class: "request-card", "data-component": "FileRequestCard", "data-active": if request.active { "" },
            FileInput { class: "icon icon-20" }
            div { class: "request-card-text",
                b { class: "font-medium", "File request" }
                p { class: "muted text-xs",
                    span { {state(&request)} }
                    span {
                        if request.active {
                            "Expires "
                            When { at: request.expires_at, style: WhenStyle::Exact }
                        } else {
                            {why_over(&request)}
                        }
                    }
                }
            }
        }
    }
}

/// How far it is, such as `3 files received`.
pub fn state(request: &FileRequest) -> String {
    match (request.received_files, request.opened_at) {
        (0, None) => "Not opened yet".to_owned(),
        (0, Some(_)) => "Opened".to_owned(),
        (1, _) => "1 file received".to_owned(),
        (count, _) => format!("{count} files received"),
    }
}

/// Why the link of a request no longer works.
pub fn why_over(request: &FileRequest) -> &'static str {
    if request.revoked_at.is_some() { "Revoked" } else { "Expired" }
}
