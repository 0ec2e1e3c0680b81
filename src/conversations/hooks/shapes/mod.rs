//! The formats of other programs, each in its file: pure functions that make a message of a body. None of them trusts
//! the body: any field may be missing or have any type.

mod alertmanager;
mod alerts;
mod discord;
mod draft;
mod fields;
mod github;
mod grafana;
mod json;
mod slack;
mod template;
mod uptime_kuma;

use serde_json::Value;

use super::model::Template;
use crate::platform::error::{AppError, ErrorKind, Result};
pub use draft::Draft;
pub use json::parse;
pub use template::check as check_template;

/// Whose format a body has. The response depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Slack,
    Discord,
    Other,
}

/// A body that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub format: Format,
    /// `None` for a request that becomes no message, such as a test of the connection.
    pub draft: Option<Draft>,
}

impl Reading {
    fn of(format: Format, draft: Draft) -> Self {
        Self { format, draft: Some(draft) }
    }

    /// Returns the reading of a form that has files alone.
    pub fn only_files() -> Self {
        Self::of(Format::Other, Draft::default())
    }

    /// Cuts the texts to the limits of messages.
    ///
    /// # Errors
    /// `invalid_value` if nothing would be shown, and there are no files.
    pub fn finish(self, files: usize) -> Result<Self> {
        let draft = self.draft.map(|draft| draft.finish(files)).transpose()?;
        Ok(Self { draft, ..self })
    }
}

/// What decides the format of a body, beside the body.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// The template of the URL, which is used for all JSON.
    pub template: Option<&'a Template>,
    /// The event that a request of GitHub names in a header.
    pub github_event: Option<&'a str>,
}

/// Reads a body by its type.
///
/// # Errors
/// `unsupported_media_type` for other types than JSON, forms and text, and the errors of each.
pub fn read_body(content_type: &str, bytes: &[u8], context: &Context<'_>) -> Result<Reading> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let looks_like_json = bytes.trim_ascii_start().starts_with(b"{");
    match essence.as_str() {
        "application/json" | "text/json" => read_json(&parse(bytes)?, context),
        _ if essence.starts_with("application/") && essence.ends_with("+json") => read_json(&parse(bytes)?, context),
        // The default type of curl is a form, also where the body is JSON or text.
        "" | "application/x-www-form-urlencoded" | "text/plain" if looks_like_json => {
            read_json(&parse(bytes)?, context)
        }
        "application/x-www-form-urlencoded" => match fields::pairs(bytes) {
            Some(pairs) => read_fields(&pairs, context),
            None => read_text(bytes),
        },
        "" | "text/plain" | "text/markdown" => read_text(bytes),
        _ => {
            let message = "Send JSON (Content-Type: application/json), a form or plain text.";
            Err(AppError::new(ErrorKind::UnsupportedMediaType, message))
        }
    }
}

fn read_text(bytes: &[u8]) -> Result<Reading> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| AppError::new(ErrorKind::MalformedRequest, "The text is not UTF-8."))?;
    Ok(Reading::of(Format::Other, Draft { body: text.trim_start_matches('\u{feff}').to_owned(), ..Draft::default() }))
}

/// Reads the fields of a form. One with JSON decides alone.
pub fn read_fields(pairs: &[(String, String)], context: &Context<'_>) -> Result<Reading> {
    let Some((name, text)) = fields::json(pairs) else {
        return Ok(Reading::of(Format::Other, fields::read(pairs)?));
    };
    let json = parse(text.as_bytes()).map_err(|error| error.on(name))?;
    // Discord's own field. It may be an empty object beside files.
    if name == "payload_json" {
        return Ok(Reading::of(Format::Discord, discord::read(&json)));
    }
    read_json(&json, context)
}

/// Reads JSON of any known format.
///
/// # Errors
/// `invalid_value` for another one.
pub fn read_json(json: &Value, context: &Context<'_>) -> Result<Reading> {
    if context.github_event == Some(github::PING) {
        return Ok(Reading { format: Format::Other, draft: None });
    }
    if let Some(template) = context.template {
        return Ok(Reading::of(Format::Other, template::read(template, json)));
    }
    if let Some(event) = context.github_event {
        return Ok(Reading { format: Format::Other, draft: github::read(event, json) });
    }
    let other = |draft| Ok(Reading::of(Format::Other, draft));
    match json {
        _ if uptime_kuma::is_uptime_kuma(json) => other(uptime_kuma::read(json)),
        _ if grafana::is_grafana(json) => other(grafana::read(json)),
        _ if alertmanager::is_alertmanager(json) => other(alertmanager::read(json)),
        _ if discord::is_discord(json) => Ok(Reading::of(Format::Discord, discord::read(json))),
        _ if slack::is_slack(json) => Ok(Reading::of(Format::Slack, slack::read(json))),
        _ => match fields::of_json(json) {
            Some(pairs) => other(fields::read(&pairs)?),
            None => Err(unknown()),
        },
    }
}

fn unknown() -> AppError {
    let message = "This JSON has none of the known formats: Slack, Discord, Grafana, Alertmanager, Uptime Kuma, GitHub, \
        or an object with title, text or message. Set a template for this URL, which says what to show.";
    AppError::invalid("body", message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Names of fields of all formats.
    const NAMES: [&str; 40] = [
        "text",
        "blocks",
        "attachments",
        "type",
        "elements",
        "fields",
        "title",
        "accessory",
        "image_url",
        "content",
        "embeds",
        "author",
        "image",
        "url",
        "alerts",
        "labels",
        "annotations",
        "status",
        "severity",
        "alertname",
        "orgId",
        "state",
        "version",
        "values",
        "truncatedAlerts",
        "heartbeat",
        "monitor",
        "name",
        "msg",
        "commits",
        "ref",
        "id",
        "message",
        "pull_request",
        "issue",
        "number",
        "action",
        "repository",
        "evalMatches",
        "ruleName",
    ];
    const EVENTS: [&str; 9] = [
        "push",
        "issues",
        "pull_request",
        "issue_comment",
        "pull_request_review",
        "release",
        "workflow_run",
        "star",
        "\u{0}é",
    ];
    /// Texts that a format looks for.
    const TEXTS: [&str; 14] = [
        "",
        " ",
        "firing",
        "critical",
        "4",
        "header",
        "rich_text",
        "<https://a.example|b> &amp; <",
        "refs/heads/é",
        "closed",
        "opened",
        "section",
        "image",
        "\0",
    ];

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            prop::sample::select(&TEXTS[..]).prop_map(Value::from),
            "\\PC{0,20}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 80, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::vec((prop::sample::select(&NAMES[..]), inner), 0..8)
                    .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// With fields of any type, a body is rejected or becomes a message within the limits.
        #[test]
        fn any_body_is_read_or_rejected(json in any_json(), event in prop::option::of(prop::sample::select(&EVENTS[..]))) {
            let context = Context { template: None, github_event: event };
            let Ok(Reading { draft: Some(draft), .. }) = read_json(&json, &context).and_then(|reading| reading.finish(0)) else {
                return Ok(());
            };
            prop_assert!(draft.title.chars().count() <= 200 && draft.subtitle.chars().count() <= 200);
            prop_assert!(draft.body.chars().count() <= 20_000 && !draft.body.contains('\0'));
            prop_assert!(draft.pictures.len() <= 10);
        }

        #[test]
        fn any_bytes_are_read_or_rejected(bytes in prop::collection::vec(any::<u8>(), 0..300), content_type in "(application/json|text/plain|application/x-www-form-urlencoded|\\PC{0,10})") {
            let _ = read_body(&content_type, &bytes, &Context::default()).and_then(|reading| reading.finish(0));
        }
    }

    #[test]
    fn each_format_is_recognized() {
        let alerts = json!([{ "status": "firing", "labels": { "alertname": "A" } }]);
        for (body, title, format) in [
            (json!({ "text": "x" }), "", Format::Slack),
            (json!({ "attachments": [{ "title": "x" }] }), "", Format::Slack),
            (json!({ "content": "x" }), "", Format::Discord),
            (json!({ "embeds": [{ "title": "T" }] }), "T", Format::Discord),
            (
                json!({ "alerts": alerts, "orgId": 1, "title": "G", "version": "1", "groupKey": "k" }),
                "G",
                Format::Other,
            ),
            (
                json!({ "alerts": alerts, "version": "4", "groupKey": "k", "status": "firing" }),
                "[FIRING:1] A",
                Format::Other,
            ),
            (json!({ "heartbeat": null, "monitor": null, "msg": "x" }), "Uptime Kuma", Format::Other),
            (json!({ "title": "F", "message": "x" }), "F", Format::Other),
        ] {
            let reading = read_json(&body, &Context::default()).unwrap();
            assert_eq!((reading.format, reading.draft.unwrap().title.as_str()), (format, title), "{body}");
        }
        for unknown in [json!({}), json!([]), json!({ "a": 1 }), json!("text"), json!(null), json!({ "alerts": [] })] {
            assert!(read_json(&unknown, &Context::default()).is_err(), "{unknown}");
        }
    }

    #[test]
    fn a_template_is_used_for_all_json_but_a_ping() {
        let template = Template { title: "{{text}}!".to_owned(), ..Template::default() };
        let context = Context { template: Some(&template), github_event: None };
        assert_eq!(read_json(&json!({ "text": "x" }), &context).unwrap().draft.unwrap().title, "x!");
        let ping = Context { github_event: Some("ping"), ..context };
        assert_eq!(read_json(&json!({ "text": "x" }), &ping).unwrap().draft, None);
    }

    #[test]
    fn large_bodies_are_read() {
        let marks = "<".repeat(1_000_000);
        let escapes = "&lt;".repeat(250_000);
        let braces = "{{".repeat(500_000);
        for text in [marks, escapes, braces] {
            let body = json!({ "text": text }).to_string();
            read_body("application/json", body.as_bytes(), &Context::default()).unwrap().finish(0).unwrap();
        }
    }
}
