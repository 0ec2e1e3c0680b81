//! Grafana's webhooks: of alerting, which extend Alertmanager's, and of the alerts before Grafana 9.

use serde_json::Value;

use super::alerts;
use super::draft::Draft;
use super::json::{items, text};

/// How the text begins that Grafana writes where no template is set. It repeats all labels.
const DEFAULT_MESSAGES: [&str; 2] = ["**Firing**", "**Resolved**"];

pub fn is_grafana(json: &Value) -> bool {
    let is_legacy = json["ruleName"].is_string() && json["state"].is_string();
    is_legacy || (json["alerts"].is_array() && (json["orgId"].is_number() || json["state"].is_string()))
}

pub fn read(json: &Value) -> Draft {
    if json["ruleName"].is_string() {
        return read_legacy(json);
    }
    let title = text(json, "title").map_or_else(|| alerts::title(json), str::to_owned);
    let mut draft = Draft { title, is_critical: alerts::is_critical(json), ..Draft::default() };
    let message = text(json, "message").map(str::trim).unwrap_or_default();
    if message.is_empty() || DEFAULT_MESSAGES.iter().any(|start| message.starts_with(start)) {
        alerts::add_all(&mut draft, json, &["panelURL", "dashboardURL", "generatorURL"]);
    } else {
        draft.add(message);
        for alert in items(json, "alerts") {
            draft.add_picture(text(alert, "imageURL"));
        }
    }
    draft.add(text(json, "externalURL").unwrap_or_default());
    draft
}

fn read_legacy(json: &Value) -> Draft {
    let name = text(json, "ruleName").unwrap_or_default();
    let title = text(json, "title").map_or_else(|| name.to_owned(), str::to_owned);
    let mut draft = Draft { title, ..Draft::default() };
    draft.add(text(json, "message").unwrap_or_default());
    for value in items(json, "evalMatches").take(10) {
        draft.add(&format!("{} = {}", text(value, "metric").unwrap_or("value"), value["value"]));
    }
    draft.add(text(json, "ruleUrl").unwrap_or_default());
    draft.add_picture(text(json, "imageUrl"));
    draft
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn notification() -> Value {
        json!({
            "receiver": "attache",
            "status": "firing",
            "orgId": 1,
            "alerts": [{
                "status": "firing",
                "labels": { "alertname": "High memory", "severity": "Critical", "instance": "db1" },
                "annotations": { "summary": "Memory is at 97 %" },
                "startsAt": "2026-01-05T09:30:00Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "https://grafana.example/alerting/1/edit",
                "fingerprint": "c6eadffa33fcdf37",
                "silenceURL": "https://grafana.example/alerting/silence/new",
                "dashboardURL": "",
                "panelURL": "https://grafana.example/d/1?viewPanel=2",
                "values": { "B": 97.25, "C": 1 },
                "valueString": "[ var='B' value=97.25 ]",
                "imageURL": "https://images.grafana.example/1.png",
            }],
            "groupLabels": { "alertname": "High memory" },
            "commonLabels": { "alertname": "High memory" },
            "commonAnnotations": {},
            "externalURL": "https://grafana.example/",
            "version": "1",
            "groupKey": "{}:{alertname=\"High memory\"}",
            "truncatedAlerts": 0,
            "title": "[FIRING:1] High memory (db1 Critical)",
            "state": "alerting",
            "message": "**Firing**\n\nValue: B=97.25\nLabels:\n - alertname = High memory\n",
        })
    }

    #[test]
    fn an_alert_has_its_title_values_link_and_picture() {
        let draft = read(&notification());
        assert_eq!((draft.title.as_str(), draft.is_critical), ("[FIRING:1] High memory (db1 Critical)", true));
        let body = "Firing: High memory (db1)\nMemory is at 97 %\nB = 97.25, C = 1\nhttps://grafana.example/d/1?viewPanel=2\n\
            https://grafana.example/";
        assert_eq!(draft.body, body);
        assert_eq!(draft.pictures, ["https://images.grafana.example/1.png"]);
    }

    #[test]
    fn a_message_of_a_template_is_the_body() {
        let mut templated = notification();
        templated["message"] = json!("Memory is high. Call Ana.");
        templated["status"] = json!("resolved");
        templated["alerts"][0]["status"] = json!("resolved");
        let draft = read(&templated);
        assert_eq!(draft.body, "Memory is high. Call Ana.\nhttps://grafana.example/");
        assert_eq!((draft.is_critical, draft.pictures.len()), (false, 1));
    }

    #[test]
    fn alerts_of_older_versions_are_read() {
        let old = json!({
            "dashboardId": 1, "evalMatches": [{ "value": 97.25, "metric": "db1", "tags": {} }],
            "imageUrl": "https://grafana.example/1.png", "message": "Memory is high", "orgId": 1, "ruleId": 1,
            "ruleName": "High memory", "ruleUrl": "https://grafana.example/d/1", "state": "alerting", "title": "[Alerting] High memory",
        });
        assert!(is_grafana(&old));
        let draft = read(&old);
        assert_eq!(draft.title, "[Alerting] High memory");
        assert_eq!(draft.body, "Memory is high\ndb1 = 97.25\nhttps://grafana.example/d/1");
        assert_eq!(draft.pictures, ["https://grafana.example/1.png"]);
    }
}
