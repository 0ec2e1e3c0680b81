//! Prometheus Alertmanager's webhooks, version 4.

use serde_json::Value;

use super::alerts;
use super::draft::Draft;
use super::json::text;

pub fn is_alertmanager(json: &Value) -> bool {
    json["alerts"].is_array() && (json["version"].is_string() || json["groupKey"].is_string())
}

pub fn read(json: &Value) -> Draft {
    let mut draft = Draft { title: alerts::title(json), is_critical: alerts::is_critical(json), ..Draft::default() };
    alerts::add_all(&mut draft, json, &["generatorURL"]);
    draft.add(text(json, "externalURL").unwrap_or_default());
    draft
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn group(status: &str, severity: &str) -> Value {
        json!({
            "version": "4",
            "groupKey": "{}:{alertname=\"InstanceDown\"}",
            "truncatedAlerts": 0,
            "status": status,
            "receiver": "attache",
            "groupLabels": { "alertname": "InstanceDown" },
            "commonLabels": { "alertname": "InstanceDown", "severity": severity },
            "commonAnnotations": {},
            "externalURL": "http://alertmanager.example:9093",
            "alerts": [{
                "status": status,
                "labels": { "alertname": "InstanceDown", "severity": severity, "instance": "db1:9100", "job": "node" },
                "annotations": { "summary": "db1 is down", "description": "No scrape for 5 minutes." },
                "startsAt": "2026-01-05T09:30:00.000Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "http://prometheus.example/graph?g0.expr=up",
                "fingerprint": "a1b2c3",
            }],
        })
    }

    #[test]
    fn a_firing_critical_alert_is_critical() {
        let draft = read(&group("firing", "critical"));
        assert_eq!((draft.title.as_str(), draft.is_critical), ("[FIRING:1] InstanceDown", true));
        let body = "Firing: InstanceDown (db1:9100, node)\ndb1 is down\nNo scrape for 5 minutes.\n\
            http://prometheus.example/graph?g0.expr=up\nhttp://alertmanager.example:9093";
        assert_eq!(draft.body, body);
    }

    #[test]
    fn other_alerts_are_normal() {
        assert!(!read(&group("firing", "warning")).is_critical);
        let resolved = read(&group("resolved", "critical"));
        assert_eq!((resolved.title.as_str(), resolved.is_critical), ("[RESOLVED] InstanceDown", false));
        assert!(resolved.body.starts_with("Resolved: "));
    }

    #[test]
    fn long_groups_are_cut() {
        let mut many = group("firing", "warning");
        many["alerts"] = json!(vec![many["alerts"][0].clone(); 50]);
        many["truncatedAlerts"] = json!(5);
        let draft = read(&many);
        assert_eq!(draft.body.matches("Firing: ").count(), 20);
        assert!(draft.body.contains("\n35 more alerts\n"), "{}", draft.body);
        assert_eq!(draft.title, "[FIRING:50] InstanceDown");
    }
}
