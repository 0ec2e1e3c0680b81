//! Every kind of invalid request to the REST API returns the same shape of error, with the field at fault.

use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, on_both_engines};

on_both_engines![
    invalid_json_is_rejected,
    fields_are_named,
    a_size_is_a_whole_number_that_can_be_counted,
    another_type_of_body_is_refused,
    routes_and_methods_that_do_not_exist_are_refused,
    the_document_describes_every_refusal,
    the_document_is_complete_for_generators,
    the_page_shows_the_whole_document_and_loads_nothing_from_elsewhere,
];

async fn invalid_json_is_rejected(app: TestApp) {
    let program = app.owner().await.program(&["messages:write"]).await;
    for body in ["", "{", "[]", "null", "{\"body\": \"\u{1}\"}", "{} {}", "nonsense"] {
        let request = program.request(Method::POST, "/messages").header("content-type", "application/json").body(body);
        program.send_request(request).await.refused(400, "malformed_request");
    }
    let request = program.request(Method::POST, "/messages").header("content-type", "application/json");
    let request = request.body(b"{\"body\": \"\xff\"}".to_vec());
    program.send_request(request).await.refused(400, "malformed_request");
}

async fn fields_are_named(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let program = owner.program(&["messages:write", "messages:read"]).await;
    for (body, field) in [
        (json!({ "bucketId": channel, "body": "x", "color": "red" }), "color"),
        (json!({ "bucketId": channel, "body": 1 }), "body"),
        (json!({ "bucketId": 1, "body": "x" }), "bucketId"),
        (json!({ "bucketId": channel, "body": "x", "deliveryType": "critical" }), "deliveryType"),
        (json!({ "bucketId": channel, "body": "x", "bucket_id": channel }), "bucket_id"),
    ] {
        let refused = program.post("/messages", body).await.refused(400, "malformed_request");
        assert_eq!(refused["data"]["field"], field, "{refused}");
        assert!(refused["message"].as_str().unwrap().contains(field), "{refused}");
    }
    program.post("/messages", json!({ "body": "x" })).await.refused_field("bucketId");
    program.post("/messages", json!({ "bucketId": channel })).await.refused_field("body");
    program.post("/messages", json!({ "bucketId": channel, "title": "x".repeat(201) })).await.refused_field("title");
    program.post("/messages", json!({ "bucketId": channel, "body": "x".repeat(20_001) })).await.refused_field("body");
    for (query, field) in
        [("limit=many", "limit"), ("limit=1.5", "limit"), ("before=x", "before"), ("after=x", "after")]
    {
        let refused = program.get(&format!("/messages?bucketId={channel}&{query}")).await;
        assert_eq!(refused.refused(400, "malformed_request")["data"]["field"], field);
    }
    let buckets = owner.program(&["buckets:write"]).await;
    for limit in [-1, 0, 201, 256, 100_000] {
        program.get(&format!("/messages?bucketId={channel}&limit={limit}")).await.refused_field("limit");
        buckets.get(&format!("/buckets?limit={limit}")).await.refused_field("limit");
        owner.get(&format!("/api/v1/access-tokens?limit={limit}")).await.refused_field("limit");
    }
    for id in ["x", "1", "%00", "0"] {
        let refused = program.get(&format!("/messages/{id}")).await.refused(400, "malformed_request");
        assert_eq!(refused["data"]["field"], "id");
    }
}

async fn a_size_is_a_whole_number_that_can_be_counted(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let program = owner.program(&["attachments:write"]).await;
    program.post("/attachments/presign", json!({ "fileSize": 8217.0 })).await.created();
    program.post("/attachments/presign", json!({ "fileSize": 0 })).await.refused_field("fileSize");
    program.post("/attachments/presign", json!({ "fileSize": 0.5 })).await.refused(400, "malformed_request");
    // Two of these would overflow the database's counter.
    for size in [i64::MAX, 5_497_558_138_881] {
        program.post("/attachments/presign", json!({ "fileSize": size })).await.refused(413, "too_large");
        let body = json!({ "type": "attachment", "channelId": channel, "fileName": "a.bin", "fileSize": size });
        owner.post("/api/uploads/presign", body).await.refused(413, "too_large");
    }
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 8217);
}

async fn another_type_of_body_is_refused(app: TestApp) {
    let program = app.owner().await.program(&["messages:write"]).await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let request = program.request(Method::POST, "/messages").header("content-type", content_type).body("{}");
        program.send_request(request).await.refused(415, "unsupported_media_type");
    }
    let packed = program.request(Method::POST, "/messages").header("content-encoding", "gzip").json(&json!({}));
    program.send_request(packed).await.refused(415, "unsupported_media_type");
    let request = program.request(Method::POST, "/messages").body("{}");
    program.send_request(request).await.refused(415, "unsupported_media_type");
    let large = json!({ "body": "x".repeat(3 * 1024 * 1024) });
    program.post("/messages", large).await.refused(413, "too_large");
}

async fn routes_and_methods_that_do_not_exist_are_refused(app: TestApp) {
    let program = app.owner().await.program(&["messages:write"]).await;
    program.get("/nothing").await.refused(404, "not_found");
    program.get("").await.refused(404, "not_found");
    let refused = program.call("PUT", "/messages", None).await;
    assert_eq!(refused.header("allow").replace(' ', "").split(',').count(), 3, "{}", refused.header("allow"));
    refused.refused(405, "method_not_allowed");
}

async fn the_document_describes_every_refusal(app: TestApp) {
    let document = app.anonymous().get("/api/v1/openapi.json").await.ok();
    assert_eq!(document["openapi"], "3.1.0");
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    for operation in operations {
        let name = &operation["operationId"];
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            if status.starts_with('4') {
                let schema = &response["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Error", "{name} {status}");
            }
        }
    }
    assert!(document["components"]["schemas"]["Error"].is_object());
}

async fn the_document_is_complete_for_generators(app: TestApp) {
    let answer = app.anonymous().get("/api/v1/openapi.json").await;
    let text = answer.text();
    assert!(!text.contains("\"requestBody\":null"));
    let document = answer.ok();
    assert!(document["info"]["title"].as_str().is_some_and(str::is_ascii));
    assert_eq!(document["servers"], json!([{ "url": app.base }]));
}

async fn the_page_shows_the_whole_document_and_loads_nothing_from_elsewhere(app: TestApp) {
    let document = app.anonymous().get("/api/v1/openapi.json").await.ok();
    let answer = app.anonymous().get("/api/docs").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
    let page = answer.text();
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(page.contains(path), "{path}");
        for operation in item.as_object().unwrap().values() {
            assert!(page.contains(&format!("id=\"{}\"", operation["operationId"].as_str().unwrap())));
        }
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("id=\"type-{name}\"")), "{name}");
    }
    // Its fonts are this server's own.
    assert_eq!(page.matches("url(").count(), page.matches("url(\"/fonts/").count());
    assert!(!page.contains("src=") && !page.contains("href=\"http") && !page.contains("@import"));
}
