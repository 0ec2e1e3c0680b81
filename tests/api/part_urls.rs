//! What a signed URL of a part accepts, and who gets one.

use std::time::Duration;

use serde_json::json;

use crate::multipart::begin;
use crate::support::{TestApp, Upload, checksum, on_both_engines, on_one_pair};

on_both_engines![
    a_part_bound_to_other_bytes_is_refused,
    a_part_of_another_size_is_refused,
    parts_that_do_not_exist_are_not_signed,
    only_the_uploader_gets_part_urls,
];
on_one_pair![sqlite_local_only, SqliteLocal: an_old_or_altered_part_url_is_refused];
on_one_pair![postgres_garage_only, PostgresGarage: the_stores_part_url_binds_size_checksum_and_time];

async fn a_part_bound_to_other_bytes_is_refused(app: TestApp) {
    let parts = begin(&app).await;
    let signed = parts.sign(3).await;
    let mut others = signed.bytes.clone();
    others[77] ^= 1;
    let refused = signed.put_bytes(&others).await;
    if app.is_local_disk() {
        refused.refused(422, "checksum_mismatch");
    } else {
        assert_eq!(refused.status, 400, "{}", refused.text());
    }
    assert_eq!(parts.arrived().await, [0; 0]);
    // The right bytes are still accepted.
    assert_eq!(signed.put().await.status, 200);
    assert_eq!(parts.arrived().await, [3]);
}

async fn a_part_of_another_size_is_refused(app: TestApp) {
    let parts = begin(&app).await;
    let signed = parts.sign(3).await;
    for wrong in [&signed.bytes[1..], &[&signed.bytes[..], b"x"].concat(), b""] {
        assert!(signed.refuses(wrong).await);
    }
    assert_eq!(parts.arrived().await, [0; 0]);
}

async fn parts_that_do_not_exist_are_not_signed(app: TestApp) {
    let parts = begin(&app).await;
    let sum = checksum(b"x");
    for number in [0, 4, 10_001] {
        parts.ask(json!([{ "partNumber": number, "checksumSha256": sum }])).await.refused_field("partNumber");
    }
    parts.ask(json!([{ "partNumber": -1, "checksumSha256": sum }])).await.refused(400, "malformed_request");
    parts.ask(json!([])).await.refused_field("parts");
    parts.ask(json!([{ "partNumber": 1 }])).await.refused(400, "malformed_request");
    let many: Vec<_> = (0..101).map(|_| json!({ "partNumber": 1, "checksumSha256": sum })).collect();
    parts.ask(json!(many)).await.refused_field("parts");
}

async fn only_the_uploader_gets_part_urls(app: TestApp) {
    let parts = begin(&app).await;
    let body = json!({ "parts": [{ "partNumber": 1, "checksumSha256": checksum(b"x") }] });
    let path = format!("/api/attachments/{}/parts", parts.id());
    for (user, status, kind) in
        [(app.member().await, 403, "forbidden"), (app.other_organization().await, 404, "not_found")]
    {
        user.post(&path, body.clone()).await.refused(status, kind);
        user.get(&path).await.refused(status, kind);
    }
}

async fn an_old_or_altered_part_url_is_refused(app: TestApp) {
    let parts = begin(&app).await;
    let (signed, other) = (parts.sign(3).await, parts.sign(2).await);
    let (path, query) = signed.url.split_once('?').unwrap();
    let other_path = other.url.split_once('?').unwrap().0;
    let sum = checksum(b"x");
    for altered in [
        format!("{other_path}?{query}"),
        signed.url.replace("size=", "size=1"),
        signed.url.replace(&checksum(&signed.bytes), &sum),
        signed.url.replace("expires=1", "expires=2"),
    ] {
        signed.put_to(&altered, &signed.bytes).await.refused(403, "invalid_signature");
    }
    // Neither a missing checksum nor another spelling of the key is accepted.
    let without: String = query.split('&').filter(|pair| !pair.starts_with("checksum=")).collect::<Vec<_>>().join("&");
    signed.put_to(&format!("{path}?{without}"), &signed.bytes).await.refused(403, "invalid_signature");
    signed.put_to(&format!("{path}0?{query}"), &signed.bytes).await.refused(403, "invalid_signature");
    signed.put_to(&format!("{}/03?{query}", &path[..path.len() - 2]), &signed.bytes).await.refused(404, "not_found");
    app.advance(Duration::from_secs(301));
    signed.put().await.refused(403, "url_expired");
    assert_eq!(parts.sign(3).await.put().await.status, 200);
}

async fn the_stores_part_url_binds_size_checksum_and_time(app: TestApp) {
    let parts = begin(&app).await;
    let signed = parts.sign(3).await;
    let query = signed.url.split_once('?').unwrap().1;
    let parameter =
        |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap_or_default();
    assert_eq!(parameter("X-Amz-Expires"), "300");
    for header in ["content-length", "host", "x-amz-checksum-sha256"] {
        let headers = parameter("X-Amz-SignedHeaders");
        assert!(headers.split("%3B").any(|name| name == header), "{headers}");
    }
    assert_eq!(signed.headers.get("x-amz-checksum-sha256"), Some(&checksum(&signed.bytes)));
    for (from, to) in [("partNumber=3", "partNumber=2"), ("X-Amz-Signature=", "X-Amz-Signature=0")] {
        let altered = signed.url.replace(from, to);
        assert_ne!(altered, signed.url);
        let altered = Upload { url: altered, ..signed.clone() };
        assert!(altered.refuses(&altered.bytes).await);
    }
    let mut without = signed.clone();
    without.headers.clear();
    assert!(without.refuses(&without.bytes).await);
    assert_eq!(parts.arrived().await, [0; 0]);
}
