//! The dialog of an incoming URL: its latest error, and its template with a try-out.

use dioxus::prelude::*;
use lucide_dioxus::CircleAlert;

use super::try_out::{TextArea, TryOutFields};
use crate::conversations::hooks::api::change_hook;
use crate::conversations::hooks::model::{Hook, HookChanges, HookFailure, Template};
use crate::ids::ChannelId;
use crate::platform::json::Body;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{Dialog, Field, When, use_submit};

/// The texts of a template that is being edited.
#[derive(Clone, Copy, PartialEq)]
pub struct Texts {
    pub title: Signal<String>,
    pub body: Signal<String>,
    pub image_url: Signal<String>,
}

impl Texts {
    /// Returns the template as it is now.
    pub fn template(self) -> Template {
        Template { title: (self.title)(), body: (self.body)(), image_url: (self.image_url)() }
    }
}

#[component]
pub fn EditHookDialog(
    bucket: ChannelId,
    hook: Hook,
    on_changed: EventHandler<Hook>,
    on_revoke: EventHandler<()>,
    on_close: EventHandler<()>,
) -> Element {
    let id = hook.id;
    let template = hook.template.clone().unwrap_or_default();
    let Template { title, body, image_url } = template;
    let texts = Texts { title: use_signal(|| title), body: use_signal(|| body), image_url: use_signal(|| image_url) };
    let submit = use_submit();
    let save = move |event: FormEvent| {
        event.prevent_default();
        async move {
            let changes = HookChanges { template: texts.template() };
            if let Some(changed) = submit.run(change_hook(bucket, id, Body(changes))).await {
                on_changed(changed);
            }
        }
    };
    rsx! {
        Dialog { class: "dialog dialog-wide", label: "Edit incoming URL", on_close,
            form { onsubmit: save,
                h3 { class: "break-anywhere", "{hook.name}" }
                p {
                    "Created by {hook.created_by}, "
                    When { at: hook.created_at, style: WhenStyle::Exact }
                    ". "
                    if let Some(at) = hook.last_used_at {
                        "Last used "
                        When { at, style: WhenStyle::Ago }
                        "."
                    } else {
                        "Never used."
                    }
                }
                if let Some(failure) = hook.last_error.clone() {
                    LastError { failure }
                }
                div { class: "dialog-fields",
                    p { class: "hint",
                        "Slack, Discord, Grafana, Alertmanager, Uptime Kuma and GitHub work without a template. For other JSON, write what to show, with values as "
                        code { "{{{{build.number}}}}" }
                        "."
                    }
                    Field {
                        name: "title",
                        label: "Title",
                        placeholder: "Build {{{{build.number}}}}",
                        autocomplete: "off",
                        value: texts.title,
                        error: submit.error_on("title"),
                    }
                    TextArea {
                        name: "body",
                        label: "Text",
                        placeholder: "{{{{build.status}}}} after {{{{build.minutes}}}} minutes",
                        value: texts.body,
                        error: submit.error_on("body"),
                    }
                    Field {
                        name: "imageUrl",
                        label: "URL of a picture",
                        placeholder: "{{{{build.chart}}}}",
                        autocomplete: "off",
                        value: texts.image_url,
                        error: submit.error_on("imageUrl"),
                    }
                }
                TryOutFields { bucket, texts }
                if let Some(message) = submit.other_error(&["title", "body", "imageUrl"]) {
                    p { class: "hint hint-error", role: "alert", "{message}" }
                }
                div { class: "dialog-foot",
                    button { class: "btn btn-danger-quiet mr-auto", r#type: "button", onclick: move |_| on_revoke(()), "Revoke" }
                    button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Cancel" }
                    button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy(), "Save" }
                }
            }
        }
    }
}

#[component]
fn LastError(failure: HookFailure) -> Element {
    rsx! {
        div { class: "notice notice-warning mt-4", role: "status", "data-component": "HookFailure",
            CircleAlert { class: "icon" }
            div { class: "grow min-w-0",
                b { class: "font-semibold", "A request was rejected " }
                When { at: failure.at, style: WhenStyle::Ago }
                ". "
                span { class: "break-anywhere", "{failure.message}" }
                if !failure.body.is_empty() {
                    pre { class: "code mt-2", tabindex: "0", "aria-label": "Start of the request", "{failure.body}" }
                }
            }
        }
    }
}
