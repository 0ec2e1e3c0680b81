//! What Alertmanager and Grafana have in common: a list of alerts with labels and annotations.

use serde_json::Value;

use super::draft::{Draft, cut};
use super::json::{first_text, items, text};

/// Maximum number of alerts that a message lists.
const ALERTS_MAX: usize = 20;
/// Maximum length of the text of one alert, in characters.
const ALERT_TEXT_MAX: usize = 1000;
/// Labels that tell the alerts of a group apart, in the order in which they are shown.
const PLACES: [&str; 6] = ["instance", "host", "job", "namespace", "pod", "service"];

/// Returns whether an alert is firing with the severity critical.
pub fn is_critical(json: &Value) -> bool {
    let severe =
        |labels: &Value| text(labels, "severity").is_some_and(|level| level.trim().eq_ignore_ascii_case("critical"));
    let mut alerts = items(json, "alerts").peekable();
    if alerts.peek().is_none() {
        return is_firing(json) && severe(&json["commonLabels"]);
    }
    alerts.any(|alert| is_firing(alert) && (severe(&alert["labels"]) || severe(&json["commonLabels"])))
}

pub fn is_firing(value: &Value) -> bool {
    value["status"] == "firing"
}

/// Returns a title such as `[FIRING:2] High load`.
pub fn title(json: &Value) -> String {
    let alerts = || items(json, "alerts");
    let name = |labels: &Value| text(labels, "alertname").map(str::to_owned);
    let first = alerts().next().and_then(|alert| name(&alert["labels"]));
    let name = name(&json["groupLabels"]).or_else(|| name(&json["commonLabels"])).or(first);
    let name = name.or_else(|| text(json, "receiver").map(str::to_owned)).unwrap_or_else(|| "Alert".to_owned());
    if is_firing(json) {
        let count = alerts().filter(|alert| is_firing(alert)).count().max(1);
        format!("[FIRING:{count}] {name}")
    } else {
        format!("[{}] {name}", text(json, "status").unwrap_or("RESOLVED").to_uppercase())
    }
}

/// Adds a paragraph for each alert: state and place, what it says, and links of `links`.
pub fn add_all(draft: &mut Draft, json: &Value, links: &[&str]) {
    let total = json["alerts"].as_array().map_or(0, Vec::len);
    for alert in items(json, "alerts").take(ALERTS_MAX) {
        draft.add(&headline(alert));
        let annotations = &alert["annotations"];
        let summary = text(annotations, "summary");
        let description = first_text(annotations, &["description", "message"]).filter(|text| Some(*text) != summary);
        for said in [summary, description].into_iter().flatten() {
            draft.add(&cut(said.trim(), ALERT_TEXT_MAX));
        }
        draft.add(&values(alert));
        draft.add(first_text(alert, links).unwrap_or_default());
        draft.add_picture(
            text(alert, "imageURL").or_else(|| first_text(annotations, &["image", "image_url", "__screenshot__"])),
        );
    }
    let hidden =
        total.saturating_sub(ALERTS_MAX) + usize::try_from(json["truncatedAlerts"].as_u64().unwrap_or(0)).unwrap_or(0);
    if hidden > 0 {
        draft.add(&format!("{hidden} more alerts"));
    }
}

/// Returns state, name and place of an alert: `Firing: High load (db1:9100)`.
fn headline(alert: &Value) -> String {
    let state = if is_firing(alert) { "Firing" } else { "Resolved" };
    let labels = &alert["labels"];
    let name = text(labels, "alertname").unwrap_or("alert");
    let places: Vec<_> = PLACES.iter().filter_map(|place| text(labels, place)).take(2).collect();
    let line =
        if places.is_empty() { format!("{state}: {name}") } else { format!("{state}: {name} ({})", places.join(", ")) };
    cut(&line, ALERT_TEXT_MAX)
}

/// Returns the values that Grafana evaluated: `B = 44.2, C = 1`.
fn values(alert: &Value) -> String {
    let Some(values) = alert["values"].as_object() else { return String::new() };
    let shown =
        values.iter().filter(|(_, value)| value.is_number()).take(10).map(|(name, value)| format!("{name} = {value}"));
    cut(&shown.collect::<Vec<_>>().join(", "), ALERT_TEXT_MAX)
}
