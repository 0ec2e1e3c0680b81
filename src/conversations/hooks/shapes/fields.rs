//! Forms, and JSON objects like them: a title, a text, a picture.

use serde_json::Value;

use super::draft::Draft;
use super::json::scalar;
use crate::platform::error::{AppError, Result};

/// Names of fields, in the order in which they are preferred.
const TITLES: [&str; 2] = ["title", "subject"];
const TEXTS: [&str; 6] = ["text", "message", "body", "msg", "content", "description"];
const PICTURES: [&str; 4] = ["imageUrl", "image_url", "image", "picture"];
/// Names of fields that may have JSON: Slack's and GitHub's, Discord's, Uptime Kuma's.
const JSON: [&str; 3] = ["payload", "payload_json", "data"];
/// Maximum number of fields.
const FIELDS_MAX: usize = 100;

/// Returns the fields of a form. `None` for a text without any, such as `curl -d 'Disk full'` sends.
pub fn pairs(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    if !bytes.contains(&b'=') {
        return None;
    }
    let pairs: Vec<(String, String)> = form_urlencoded::parse(bytes).into_owned().take(FIELDS_MAX).collect();
    // An equals sign in a sentence doesn't make it a form.
    pairs.iter().any(|(name, _)| is_known(name)).then_some(pairs)
}

fn is_known(name: &str) -> bool {
    TITLES.iter().chain(&TEXTS).chain(&PICTURES).chain(&JSON).any(|known| *known == name)
}

/// Returns the field that has the message as JSON.
pub fn json(pairs: &[(String, String)]) -> Option<(&str, &str)> {
    let found = pairs.iter().find(|(name, text)| JSON.contains(&name.as_str()) && text.trim_start().starts_with('{'));
    found.map(|(name, text)| (name.as_str(), text.as_str()))
}

/// Returns the fields of a JSON object, if one of them is known.
pub fn of_json(json: &Value) -> Option<Vec<(String, String)>> {
    let object = json.as_object()?;
    let pairs = object.iter().filter(|(name, _)| is_known(name) || is_level(name));
    let pairs: Vec<_> = pairs.filter_map(|(name, value)| Some((name.clone(), scalar(value)?))).collect();
    pairs.iter().any(|(name, _)| is_known(name)).then_some(pairs)
}

fn is_level(name: &str) -> bool {
    matches!(name, "deliveryType" | "level" | "severity")
}

/// Reads the first of each kind of field.
pub fn read(pairs: &[(String, String)]) -> Result<Draft> {
    let find = |names: &[&str]| {
        let value = |wanted: &&str| pairs.iter().find(|(name, value)| name == wanted && !value.trim().is_empty());
        names.iter().find_map(value).map(|(_, value)| value.as_str())
    };
    let mut draft = Draft {
        title: find(&TITLES).unwrap_or_default().to_owned(),
        body: find(&TEXTS).unwrap_or_default().to_owned(),
        is_critical: pairs.iter().any(|(name, value)| is_level(name) && value.eq_ignore_ascii_case("critical")),
        ..Draft::default()
    };
    draft.add_picture(find(&PICTURES));
    let is_known = pairs.iter().any(|(name, _)| is_known(name));
    if is_known { Ok(draft) } else { Err(unknown()) }
}

fn unknown() -> AppError {
    let message = "This form has none of the known fields. Send title, text, message or body, and imageUrl for a picture, \
        or the JSON of a known format as payload.";
    AppError::invalid("body", message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_has_a_title_and_a_text() {
        let read_form = |form: &str| pairs(form.as_bytes()).map(|pairs| read(&pairs).unwrap());
        let draft =
            read_form("title=Backup&message=All+done&level=CRITICAL&image=https%3A%2F%2Fexample.com%2Fa.png").unwrap();
        assert_eq!((draft.title.as_str(), draft.body.as_str(), draft.is_critical), ("Backup", "All done", true));
        assert_eq!(draft.pictures, ["https://example.com/a.png"]);
        assert_eq!(read_form("text=a&body=b").unwrap().body, "a");
        for text in ["Disk full", "x = 1 & y = 2", ""] {
            assert!(read_form(text).is_none(), "{text}");
        }
    }

    #[test]
    fn json_with_such_fields_is_read_in_the_same_way() {
        let pairs = of_json(&json!({ "title": "Door", "message": 7, "level": "critical", "other": {} })).unwrap();
        let draft = read(&pairs).unwrap();
        assert_eq!((draft.title.as_str(), draft.body.as_str(), draft.is_critical), ("Door", "7", true));
        assert!(of_json(&json!({ "level": "critical" })).is_none());
        assert!(of_json(&json!([{ "title": "x" }])).is_none());
    }
}
