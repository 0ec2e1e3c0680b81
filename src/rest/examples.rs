//! Examples for every body and every response of the document, built from the examples of their fields.

use serde_json::{Map, Value, json};

use crate::platform::error::{AppError, ErrorKind};

const ERROR: &str = "#/components/schemas/Error";
/// Maximum nesting of types.
const DEPTH_MAX: u8 = 8;
/// The usual kind of error for each status.
const USUAL: [ErrorKind; 12] = [
    ErrorKind::MalformedRequest,
    ErrorKind::Unauthenticated,
    ErrorKind::Forbidden,
    ErrorKind::NotFound,
    ErrorKind::TooSlow,
    ErrorKind::Conflict,
    ErrorKind::TooLarge,
    ErrorKind::UnsupportedMediaType,
    ErrorKind::PreconditionFailed,
    ErrorKind::RangeNotSatisfiable,
    ErrorKind::InvalidValue,
    ErrorKind::RateLimited,
];

/// Adds examples where a route has none.
pub fn fill(document: &mut Value) {
    let components = document["components"].clone();
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        // Indexing would insert null where a route has no body.
        for content in operation.get_mut("requestBody").into_iter().flat_map(contents) {
            give(content, |schema| of(&components, schema, Side::Asked, 0));
        }
        for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
            let words = response["description"].clone();
            for content in contents(response) {
                give(content, |schema| {
                    if schema["$ref"] == ERROR {
                        return refusal(status, &words);
                    }
                    of(&components, schema, Side::Answered, 0)
                });
            }
        }
    }
}

fn contents(holder: &mut Value) -> impl Iterator<Item = &mut Value> {
    holder.get_mut("content").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
}

fn give(content: &mut Value, example: impl FnOnce(&Value) -> Value) {
    if content.get("example").is_none() {
        content["example"] = example(&content["schema"]);
    }
}

/// Returns an example error.
fn refusal(status: &str, words: &Value) -> Value {
    let errors = USUAL.map(|kind| AppError::new(kind, words.as_str().unwrap_or_default()));
    let error = errors.iter().find(|error| error.status().as_str() == status);
    let error = error.expect("each status of a refusal has its kind");
    json!({ "message": error.message, "code": error.status().as_u16(), "data": error })
}

/// The direction of a value. In requests, optional fields without an example are omitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Asked,
    Answered,
}

/// Returns an example of a schema.
fn of(components: &Value, schema: &Value, side: Side, depth: u8) -> Value {
    let deeper = |schema: &Value| of(components, schema, side, depth + 1);
    if let Some(own) = own(schema) {
        return own;
    }
    if depth > DEPTH_MAX {
        return Value::Null;
    }
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or_default();
        return deeper(&components["schemas"][name]);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let all = parts.iter().map(deeper).filter_map(|part| part.as_object().cloned());
        return Value::Object(all.flatten().collect());
    }
    if let Some(ways) = schema["oneOf"].as_array() {
        return ways.iter().find(|way| way["type"] != "null").map_or(Value::Null, deeper);
    }
    if schema.is_null() {
        return json!("hello");
    }
    match kind(schema) {
        "object" => object(schema, side, deeper),
        "array" => json!([deeper(&schema["items"])]),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        "boolean" => json!(false),
        "string" => match schema["format"].as_str() {
            Some("uuid") => json!("019f8000-0000-7000-8000-000000000000"),
            Some("date-time") => json!("2026-01-05T09:30:00.123Z"),
            _ => json!("hello"),
        },
        _ => Value::Null,
    }
}

/// Returns the schema's own example, the first of its values, or its default.
fn own(schema: &Value) -> Option<Value> {
    let own = schema.get("example").or_else(|| schema["examples"].get(0));
    own.or_else(|| schema["enum"].get(0)).or_else(|| schema.get("default")).cloned()
}

/// Returns the type; for a nullable type, the first of the list.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default(),
        kind => kind.as_str().unwrap_or_default(),
    }
}

fn object(schema: &Value, side: Side, deeper: impl Fn(&Value) -> Value) -> Value {
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let wanted = |name: &str, field: &Value| {
        let is_required = required.iter().any(|known| known == name);
        is_required || field.get("example").is_some() || side == Side::Answered && may_be_null(field)
    };
    let fields = schema["properties"].as_object().into_iter().flatten();
    let example = |field: &Value| {
        // The usual value of a nullable field is null, unless its schema says otherwise.
        if may_be_null(field) && own(field).is_none() { Value::Null } else { deeper(field) }
    };
    fields.filter(|(name, field)| wanted(name, field)).map(|(name, field)| (name.clone(), example(field))).collect()
}

fn may_be_null(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null" || kind["type"] == "null";
    ["type", "oneOf"].iter().any(|key| schema[*key].as_array().is_some_and(|ways| ways.iter().any(is_null)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(schema: &Value, side: Side) -> Value {
        let components = json!({ "schemas": { "Name": { "type": "string", "enum": ["A", "B"] } } });
        of(&components, schema, side, 0)
    }

    #[test]
    fn fields_are_put_together() {
        let schema = json!({ "type": "object", "required": ["id", "kinds", "size"], "properties": {
            "id": { "type": "string", "format": "uuid" },
            "kinds": { "type": "array", "items": { "$ref": "#/components/schemas/Name" } },
            "size": { "type": "integer", "minimum": 3 },
            "title": { "type": ["string", "null"], "example": "Ring" },
            "note": { "type": ["string", "null"] },
            "other": { "type": "string" },
        }});
        let id = "019f8000-0000-7000-8000-000000000000";
        let asked = json!({ "id": id, "kinds": ["A"], "size": 3, "title": "Ring" });
        assert_eq!(example(&schema, Side::Asked), asked);
        let answered = json!({ "id": id, "kinds": ["A"], "size": 3, "title": "Ring", "note": null });
        assert_eq!(example(&schema, Side::Answered), answered);
    }

    #[test]
    fn types_that_hold_themselves_end() {
        let own =
            json!({ "schemas": { "Tree": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } } } });
        assert!(of(&own, &own["schemas"]["Tree"], Side::Answered, 0).is_array());
    }
}
