//! Uptime Kuma's webhooks.

use serde_json::Value;

use super::draft::Draft;
use super::json::{first_text, scalar, text};

/// A test of the connection has null in place of both objects.
pub fn is_uptime_kuma(json: &Value) -> bool {
    let Some(object) = json.as_object() else { return false };
    let has = |name| object.get(name).is_some_and(|value| value.is_object() || value.is_null());
    has("heartbeat") && has("monitor")
}

pub fn read(json: &Value) -> Draft {
    let (heartbeat, monitor) = (&json["heartbeat"], &json["monitor"]);
    let message = text(json, "msg").unwrap_or_default();
    let Some(name) = text(monitor, "name") else {
        return Draft { title: "Uptime Kuma".to_owned(), body: message.to_owned(), ..Draft::default() };
    };
    let title = match heartbeat["status"].as_u64() {
        Some(0) => format!("{name} is down"),
        Some(1) => format!("{name} is up"),
        Some(2) => format!("{name} is pending"),
        Some(3) => format!("{name} is under maintenance"),
        _ => name.to_owned(),
    };
    let mut draft = Draft { title, ..Draft::default() };
    draft.add(text(heartbeat, "msg").unwrap_or(message));
    // Monitors of other kinds than HTTP have a URL too, which is only its scheme.
    let url = text(monitor, "url").filter(|url| !matches!(*url, "http://" | "https://"));
    match (url, text(monitor, "hostname")) {
        (Some(url), _) => draft.add(url),
        (None, Some(host)) => match scalar(&monitor["port"]) {
            Some(port) => draft.add(&format!("{host}:{port}")),
            None => draft.add(host),
        },
        (None, None) => {}
    }
    draft.add(first_text(heartbeat, &["localDateTime", "time"]).unwrap_or_default());
    draft
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_heartbeat_says_what_is_down() {
        let down = json!({
            "heartbeat": { "monitorID": 29, "status": 0, "time": "2026-01-05 09:30:00.527", "msg": "connect ECONNREFUSED", "important": true,
                "duration": 60, "timezone": "Europe/Berlin", "localDateTime": "2026-01-05 10:30:00" },
            "monitor": { "id": 29, "name": "Shop", "url": "https://shop.example", "hostname": null, "port": null, "type": "http" },
            "msg": "[Shop] [🔴 Down] connect ECONNREFUSED",
        });
        assert!(is_uptime_kuma(&down));
        let draft = read(&down);
        assert_eq!((draft.title.as_str(), draft.is_critical), ("Shop is down", false));
        assert_eq!(draft.body, "connect ECONNREFUSED\nhttps://shop.example\n2026-01-05 10:30:00");
    }

    #[test]
    fn monitors_of_other_kinds_have_a_host() {
        let up = json!({
            "heartbeat": { "status": 1, "msg": "" },
            "monitor": { "name": "Mail", "url": "https://", "hostname": "mail.example", "port": 25, "type": "port" },
            "msg": "[Mail] [✅ Up]",
        });
        let draft = read(&up);
        assert_eq!((draft.title.as_str(), draft.body.as_str()), ("Mail is up", "[Mail] [✅ Up]\nmail.example:25"));
    }

    #[test]
    fn a_test_of_the_connection_is_shown() {
        let test = json!({ "heartbeat": null, "monitor": null, "msg": "Attache Testing" });
        assert!(is_uptime_kuma(&test) && !is_uptime_kuma(&json!({ "msg": "x" })));
        let draft = read(&test);
        assert_eq!((draft.title.as_str(), draft.body.as_str()), ("Uptime Kuma", "Attache Testing"));
    }
}
