//! Contacts by `/api/v1`: created or updated in one call, found by phone and email in any spelling.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{TestApp, on_both_engines, text};

on_both_engines![
    a_contact_is_created_and_then_updated_by_its_phone,
    concurrent_calls_for_one_phone_result_in_one_contact,
    contacts_are_found_in_any_spelling,
    several_matches_are_a_conflict,
    changes_keep_omitted_fields,
    wrong_values_name_their_field,
    scopes_and_limited_tokens_are_respected,
    a_program_learns_who_it_is_and_what_it_can_view,
];

const BOTH: [&str; 2] = ["contacts:read", "contacts:write"];

async fn a_contact_is_created_and_then_updated_by_its_phone(app: TestApp) {
    let program = app.owner().await.program(&BOTH).await;
    let answer = program.post("/contacts", json!({ "phone": "+1 555 123 4567", "firstName": "Jane" })).await;
    let location = answer.header("location").to_owned();
    let made = answer.created();
    let id = text(&made["id"]);
    assert_eq!(location, format!("/api/v1/contacts/{id}"));
    assert_eq!(made["phones"], json!([{ "number": "+1 555 123 4567", "preferred": false }]));
    assert_eq!((&made["firstName"], &made["email"], &made["company"]), (&json!("Jane"), &Value::Null, &Value::Null));

    let more = json!({
        "phones": [{ "number": "(555) 123-4567" }, { "number": "+44 20 7946 0958" }],
        "email": "Jane@Example.com", "company": "Harbor Lane", "note": "Second floor.\nRing twice.", "lastName": "Doe"
    });
    let answer = program.post("/contacts", more).await;
    assert_eq!(answer.status, 200);
    let updated = answer.json();
    assert_eq!(text(&updated["id"]), id);
    assert_eq!((&updated["firstName"], &updated["lastName"]), (&json!("Jane"), &json!("Doe")));
    assert_eq!(updated["phones"][0]["number"], "+1 555 123 4567");
    assert_eq!(updated["phones"][1]["number"], "+44 20 7946 0958");
    assert_eq!((&updated["email"], &updated["company"]), (&json!("jane@example.com"), &json!("Harbor Lane")));
    assert_eq!(updated["note"], "Second floor.\nRing twice.");
    assert_eq!(program.get(&format!("/contacts/{id}")).await.ok(), updated);

    let by_email = program.post("/contacts", json!({ "email": "JANE@example.com", "firstName": "Janet" })).await;
    assert_eq!((by_email.status, text(&by_email.json()["id"])), (200, id));
    let unnamed = program.post("/contacts", json!({ "email": "info@example.com" })).await.created();
    assert_eq!(unnamed["firstName"], "info@example.com", "lists can show it");
}

async fn concurrent_calls_for_one_phone_result_in_one_contact(app: TestApp) {
    let program = app.owner().await.program(&BOTH).await;
    let spellings = ["+15551234567", "+1 555 123 4567", "001 555 123 4567", "+1 (555) 123-4567"];
    let calls = (0..12).map(|number| program.post("/contacts", json!({ "phone": spellings[number % 4] })));
    let answers = join_all(calls).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!((created, answers.iter().filter(|answer| answer.status == 200).count()), (1, 11));
    let listed = program.get("/contacts").await.ok();
    assert_eq!(listed["contacts"].as_array().unwrap().len(), 1);
    assert_eq!(listed["contacts"][0]["phones"].as_array().unwrap().len(), 1);
}

async fn contacts_are_found_in_any_spelling(app: TestApp) {
    let program = app.owner().await.program(&BOTH).await;
    let jane = json!({ "firstName": "Jane", "phone": "+44 (0)20 7946 0958", "email": "jane@example.com" });
    let jane = program.post("/contacts", jane).await.created();
    program.post("/contacts", json!({ "firstName": "Bob", "phone": "+44 20 7946 0959" })).await.created();
    for spelling in ["%2B442079460958", "0044 20 7946 0958", "020 7946 0958", "%2B44 20 7946-0958"] {
        let found = program.get(&format!("/contacts?phone={spelling}")).await.ok();
        assert_eq!((&found["contacts"], &found["next"]), (&json!([jane]), &Value::Null), "{spelling}");
    }
    for email in ["jane@example.com", "JANE@Example.COM"] {
        assert_eq!(program.get(&format!("/contacts?email={email}")).await.ok()["contacts"], json!([jane]));
    }
    assert_eq!(program.get("/contacts?phone=%2B15550000000").await.ok()["contacts"], json!([]));
    assert_eq!(program.get("/contacts?search=jane%40example").await.ok()["contacts"], json!([jane]));
    let first = program.get("/contacts?limit=1").await.ok();
    assert_eq!(first["contacts"][0]["firstName"], "Bob");
    let rest = program.get(&format!("/contacts?limit=1&after={}", text(&first["next"]))).await.ok();
    assert_eq!(rest["contacts"], json!([jane]));
}

async fn several_matches_are_a_conflict(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&BOTH).await;
    for name in ["Jane", "Janet"] {
        owner.post("/api/contacts", json!({ "firstName": name, "phones": [{ "number": "+15551234567" }] })).await.ok();
    }
    let refused = program.post("/contacts", json!({ "phone": "+15551234567", "lastName": "Doe" })).await;
    refused.refused(409, "conflict");
    assert_eq!(program.get("/contacts?phone=%2B15551234567").await.ok()["contacts"].as_array().unwrap().len(), 2);
}

async fn changes_keep_omitted_fields(app: TestApp) {
    let program = app.owner().await.program(&BOTH).await;
    let made = json!({ "firstName": "Jane", "phone": "+15551234567", "company": "Harbor Lane" });
    let made = program.post("/contacts", made).await.created();
    let path = format!("/contacts/{}", text(&made["id"]));
    let changed = program.call("PATCH", &path, Some(json!({ "email": "jane@example.com" }))).await.ok();
    assert_eq!((&changed["company"], &changed["email"]), (&json!("Harbor Lane"), &json!("jane@example.com")));
    let changed = program.call("PATCH", &path, Some(json!({ "company": "", "phones": [] }))).await.ok();
    assert_eq!((&changed["company"], &changed["phones"]), (&Value::Null, &json!([])));
    assert_eq!(program.call("PATCH", &path, Some(json!({}))).await.ok(), changed);
}

async fn wrong_values_name_their_field(app: TestApp) {
    let program = app.owner().await.program(&BOTH).await;
    for (body, field) in [
        (json!({}), "firstName"),
        (json!({ "email": "nobody" }), "email"),
        (json!({ "phone": "call me" }), "phones"),
        (json!({ "firstName": "x".repeat(101) }), "firstName"),
        (json!({ "firstName": "Jane", "company": "x".repeat(101) }), "company"),
        (json!({ "firstName": "Jane", "note": "x".repeat(2001) }), "note"),
    ] {
        assert_eq!(
            program.post("/contacts", body.clone()).await.refused(422, "invalid_value")["data"]["field"],
            field,
            "{body}"
        );
    }
    program.post("/contacts", json!({ "firstName": "Jane", "color": "red" })).await.refused(400, "malformed_request");
    program.get("/contacts?phone=%2B15551234567&email=a%40b").await.refused(422, "invalid_value");
    assert_eq!(program.get("/contacts").await.ok()["contacts"], json!([]), "nothing was created");
}

async fn scopes_and_limited_tokens_are_respected(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.post("/api/contacts", json!({ "firstName": "Jane", "email": "jane@example.com" })).await.ok();
    let bob = owner.post("/api/contacts", json!({ "firstName": "Bob" })).await.ok();
    let reader = owner.program(&["contacts:read"]).await;
    reader.post("/contacts", json!({ "firstName": "New" })).await.refused(403, "forbidden");
    owner.program(&["messages:read"]).await.get("/contacts").await.refused(403, "forbidden");
    let limited = owner.bound_program(&BOTH, &text(&jane["channelId"])).await;
    assert_eq!(limited.get("/contacts").await.ok()["contacts"].as_array().unwrap().len(), 1);
    limited.get(&format!("/contacts/{}", text(&bob["id"]))).await.refused(404, "not_found");
    limited.get(&format!("/contacts/{}", text(&jane["id"]))).await.ok();
    limited.post("/contacts", json!({ "firstName": "New" })).await.refused(403, "forbidden");
    let other = app.other_organization().await.program(&BOTH).await;
    other.get(&format!("/contacts/{}", text(&jane["id"]))).await.refused(404, "not_found");
    assert_eq!(other.get("/contacts?email=jane%40example.com").await.ok()["contacts"], json!([]));
}

async fn a_program_learns_who_it_is_and_what_it_can_view(app: TestApp) {
    let owner = app.owner().await;
    let dispatch = owner.channel("dispatch").await;
    let jane = owner.post("/api/contacts", json!({ "firstName": "Jane" })).await.ok();
    let program = owner.program(&["messages:read"]).await;
    let me = program.get("/me").await.ok();
    assert_eq!((&me["scopes"], &me["bucketId"]), (&json!(["messages:read"]), &Value::Null));
    assert!(me["accessTokenId"].is_string() && me["organization"]["id"].is_string());
    let channels = program.get("/channels").await.ok();
    let ids: Vec<_> = channels["channels"].as_array().unwrap().iter().map(|channel| text(&channel["id"])).collect();
    assert_eq!(ids, [dispatch.clone(), text(&jane["channelId"])]);
    assert_eq!(channels["channels"][1]["contactId"], jane["id"]);
    let limited = owner.bound_program(&["messages:read"], &dispatch).await;
    assert_eq!(limited.get("/me").await.ok()["bucketId"], json!(dispatch));
    assert_eq!(limited.get("/channels").await.ok()["channels"].as_array().unwrap().len(), 1);
}
