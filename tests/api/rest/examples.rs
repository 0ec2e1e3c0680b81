//! The document has an example of every request and response, and each matches its schema.

use jsonschema::Draft;
use serde_json::{Value, json};

use crate::support::{TestApp, on_both_engines};

on_both_engines![every_body_and_every_answer_has_an_example_that_fits, a_wrong_example_would_be_found];

/// Returns a validator of a schema of the document.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let whole = json!({ "components": document["components"], "allOf": [schema] });
    let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
    options.build(&whole).expect("the schema is one")
}

/// Returns each content of the document, with its place.
fn contents(document: &Value) -> Vec<(String, &Value)> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let body = [("body".to_owned(), &operation["requestBody"])];
            let answers = operation["responses"].as_object().unwrap().iter();
            for (which, holder) in body.into_iter().chain(answers.map(|(status, answer)| (status.clone(), answer))) {
                let kinds = holder["content"].as_object().into_iter().flatten();
                all.extend(kinds.map(|(kind, content)| (format!("{method} {path} {which} {kind}"), content)));
            }
        }
    }
    all
}

async fn every_body_and_every_answer_has_an_example_that_fits(app: TestApp) {
    let document = app.anonymous().get("/api/v1/openapi.json").await.ok();
    let contents = contents(&document);
    assert!(contents.len() > 150, "{}", contents.len());
    for (place, content) in contents {
        let example = content.get("example").unwrap_or_else(|| panic!("{place} has no example"));
        if let Some(schema) = content.get("schema") {
            let wrong: Vec<_> =
                validator(&document, schema).iter_errors(example).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{place}: {wrong:?} in {example}");
        } else {
            // Bytes of any type.
            assert!(place.ends_with("*/*") || place.ends_with("image/*"), "{place} has no schema");
        }
        assert_ne!(*example, json!({}), "{place} shows nothing");
    }
}

async fn a_wrong_example_would_be_found(app: TestApp) {
    let document = app.anonymous().get("/api/v1/openapi.json").await.ok();
    let bucket = json!({ "$ref": "#/components/schemas/NewBucket" });
    let validator = validator(&document, &bucket);
    assert!(validator.is_valid(&json!({ "name": "Door" })));
    for wrong in [json!({}), json!({ "name": 1 }), json!({ "name": "Door", "iconAttachmentUuid": "x" })] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}
