//! Public files: their bytes, from either storage, exactly as long as they are public.

use attache::platform::db::Db;
use reqwest::Method;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::support::{Answer, TestApp, files, on_both_engines, on_one_pair, text, until};

on_both_engines![parts_conditions_and_head_of_a_public_file, turning_public_downloads_off_is_immediate,];
on_one_pair![postgres_alone, PostgresGarage: a_public_file_is_looked_up_from_itself];

/// Creates a bucket with a file in it. Returns the bucket and the file's public path.
async fn posted(app: &TestApp, bytes: &[u8]) -> (String, String) {
    let owner = app.owner().await;
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "Door", "publicDownloads": true })).await.ok()["id"]);
    let id = owner.send_file(&bucket, "a.png", "image/png", bytes).await;
    (bucket, format!("/api/v1/attachments/{id}/download/public"))
}

async fn ask(app: &TestApp, method: Method, path: &str, header: (&str, &str)) -> Answer {
    let nobody = app.anonymous();
    nobody.send_request(nobody.request(method, path).header(header.0, header.1)).await
}

async fn parts_conditions_and_head_of_a_public_file(app: TestApp) {
    let bytes = files::picture(40, 30);
    let (_, path) = posted(&app, &bytes).await;
    let whole = app.anonymous().get(&path).await;
    assert_eq!((whole.status, &whole.bytes), (200, &bytes));
    assert_eq!(whole.header("cache-control"), "public, no-cache");
    assert_eq!(whole.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let part = ask(&app, Method::GET, &path, ("range", "bytes=8-15")).await;
    assert_eq!((part.status, &part.bytes[..]), (206, &bytes[8..16]));
    assert_eq!(part.header("content-range"), format!("bytes 8-15/{}", bytes.len()));
    let end = ask(&app, Method::GET, &path, ("range", "bytes=-4")).await;
    assert_eq!((end.status, &end.bytes[..]), (206, &bytes[bytes.len() - 4..]));
    ask(&app, Method::GET, &path, ("range", "bytes=100000-")).await.refused(416, "range_not_satisfiable");
    let known = ask(&app, Method::GET, &path, ("if-none-match", whole.header("etag"))).await;
    assert_eq!((known.status, known.bytes.len()), (304, 0));
    let same = ask(&app, Method::GET, &path, ("if-match", whole.header("etag"))).await;
    assert_eq!((same.status, &same.bytes), (200, &bytes));
    ask(&app, Method::GET, &path, ("if-match", "\"another\"")).await.refused(412, "precondition_failed");
    let nobody = app.anonymous();
    // In two lines, as the standard allows; a condition has precedence over a range.
    let lines = nobody.request(Method::GET, &path).header("if-none-match", "\"another\"").header("range", "bytes=0-3");
    assert_eq!(nobody.send_request(lines.header("if-none-match", whole.header("etag"))).await.status, 304);
    let with_range = |condition: &str| {
        let request = nobody.request(Method::GET, &path).header("range", "bytes=0-3");
        nobody.send_request(request.header("if-range", condition))
    };
    assert_eq!(with_range(whole.header("etag")).await.status, 206);
    assert_eq!(with_range("\"another\"").await.status, 200);
    assert_eq!(with_range("Sat, 01 Jan 2000 00:00:00 GMT").await.status, 200);
    let head = ask(&app, Method::HEAD, &path, ("accept", "*/*")).await;
    assert_eq!((head.status, head.header("content-length")), (200, bytes.len().to_string().as_str()));
}

async fn turning_public_downloads_off_is_immediate(app: TestApp) {
    let (bucket, path) = posted(&app, &files::picture(8, 8)).await;
    let before = app.anonymous().get(&path).await;
    // There is no other URL to keep.
    assert_eq!((before.status, before.header("location")), (200, ""));
    let bucket = format!("/api/buckets/{bucket}");
    app.owner().await.patch(&bucket, json!({ "publicDownloads": false })).await.ok();
    let condition = ("if-none-match", before.header("etag"));
    ask(&app, Method::GET, &path, condition).await.refused(404, "not_found");
    ask(&app, Method::GET, &path, ("range", "bytes=0-3")).await.refused(404, "not_found");
    app.owner().await.patch(&bucket, json!({ "publicDownloads": true })).await.ok();
    assert_eq!(ask(&app, Method::GET, &path, condition).await.status, 304);
}

/// Returns PostgreSQL's plan for the statement of the server with these words in it, for any values and without
/// statistics.
async fn plan(app: &TestApp, words: &str) -> String {
    let Db::Postgres(pools) = &app.platform.db else { panic!("for PostgreSQL alone") };
    let mut plan = String::new();
    // Each connection has its own statements, and the one may be busy with something else.
    until("a connection has asked that", async || {
        let mut held = Vec::new();
        while let (true, Some(mut connection)) = (plan.is_empty(), pools.requests.try_acquire()) {
            let sql = "SELECT name FROM pg_prepared_statements WHERE statement LIKE '%' || $1 || '%' LIMIT 1";
            let found: Option<String> = sqlx::query_scalar(sql)
                .bind(words)
                .persistent(false)
                .fetch_optional(&mut *connection)
                .await
                .expect("statements are listed");
            if let Some(name) = found {
                let generic = sqlx::query("SET plan_cache_mode = force_generic_plan").execute(&mut *connection);
                generic.await.expect("it can be set");
                let ask = AssertSqlSafe(format!("EXPLAIN EXECUTE \"{name}\" ('{}')", uuid::Uuid::nil()));
                let steps: Vec<String> =
                    sqlx::query_scalar(ask).fetch_all(&mut *connection).await.expect("it is explained");
                plan = steps.join("\n");
            }
            held.push(connection);
        }
        !plan.is_empty()
    })
    .await;
    plan
}

async fn a_public_file_is_looked_up_from_itself(app: TestApp) {
    let (_, path) = posted(&app, &files::picture(8, 8)).await;
    assert_eq!(app.anonymous().get(&path).await.status, 200);
    let plan = plan(&app, "c.public_files AND c.deleted_at IS NULL").await;
    for step in ["attachments_pkey", "message_attachments_attachment", "messages_pkey", "channels_pkey"] {
        assert!(plan.contains(step), "{plan}");
    }
    // The plan if it began at the buckets: everything that was ever posted there, for each download.
    assert!(!plan.contains("hashed") && !plan.contains("messages_channel") && !plan.contains("Seq Scan"), "{plan}");
}
