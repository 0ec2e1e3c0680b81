//! Rubbish for the public page and the routes of its script: no response is a fault of the server, and nothing hostile
//! is stored.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Link, contact};
use crate::support::hostile::{attempts, broken_bodies};
use crate::support::{Answer, TestApp, User, checksum, on_both_engines, text};

on_both_engines![
    hostile_values_of_the_script_are_rejected_or_stored_safely,
    broken_bodies_of_the_script_are_rejected,
    hostile_requests_for_files_are_rejected_in_the_app,
    hostile_forms_are_rejected_or_cleaned,
    hostile_passwords_open_nothing,
    hostile_links_do_not_work,
];

/// Texts of any length whose end is cut, or which are only logged.
const CUT: [&str; 3] = ["/fileName", "/reason", "/storeCode"];

/// Returns the routes of the script with valid bodies. `uploads` are in progress.
fn bodies(uploads: &[String; 2]) -> [(String, Value); 4] {
    let parts = json!({ "parts": [{ "partNumber": 1, "checksumSha256": checksum(b"a") }] });
    let failure = json!({ "reason": "given up", "kind": "too_large", "storeCode": "EntityTooLarge" });
    [
        ("/uploads".to_owned(), json!({ "fileName": "a.txt", "fileSize": 1, "contentType": "text/plain" })),
        ("/send".to_owned(), json!({ "body": "Look", "attachmentIds": [], "idempotencyKey": "key" })),
        (format!("/uploads/{}/parts", uploads[0]), parts),
        (format!("/uploads/{}/fail", uploads[1]), failure),
    ]
}

/// Creates a link with two uploads in progress.
async fn link_with_uploads(app: &TestApp) -> (User, String, Link, [String; 2]) {
    let (owner, _, channel) = contact(app).await;
    let link = Link::create(app, &owner, &channel, json!({ "maxFiles": 1000 })).await;
    let mut uploads = Vec::new();
    for name in ["a.txt", "b.txt"] {
        uploads.push(text(&link.begin(name, "text/plain", 1).await.ok()["resourceId"]));
    }
    (owner, channel, link, uploads.try_into().expect("two uploads"))
}

/// Returns what is wrong with a response that should be an error with a reason, or a success without NUL.
fn fault(answer: &Answer, is_wrong: bool) -> Option<String> {
    let json = serde_json::from_slice::<Value>(&answer.bytes).unwrap_or_default();
    let length = json["message"].as_str().map_or(0, str::len);
    let is_sound = match answer.status {
        200 => !is_wrong && !answer.text().contains("\\u0000"),
        400..500 => json["data"]["kind"].is_string() && (10..500).contains(&length),
        _ => false,
    };
    let start: String = answer.text().chars().take(200).collect();
    (!is_sound).then(|| format!("{}: {start}", answer.status))
}

async fn hostile_values_of_the_script_are_rejected_or_stored_safely(app: TestApp) {
    let (owner, channel, link, uploads) = link_with_uploads(&app).await;
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (path, body) in bodies(&uploads) {
        for mut attempt in attempts(&body) {
            count += 1;
            if path == "/send" && attempt.field != "/idempotencyKey" {
                // Otherwise it would be the first message again.
                attempt.body["idempotencyKey"] = json!(format!("key {count}"));
            }
            app.sql("DELETE FROM rate_limits", "").await;
            let value = attempt.body.pointer(&attempt.field).cloned().unwrap_or_default();
            let is_wrong = attempt.is_wrong && !(value.is_string() && CUT.contains(&attempt.field.as_str()));
            let answer = link.visitor.post(&format!("{}{path}", link.page), attempt.body).await;
            let shown: String = value.to_string().chars().take(60).collect();
            wrong.extend(fault(&answer, is_wrong).map(|fault| format!("{path}{}: {shown}: {fault}", attempt.field)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let names = app.count("attachments WHERE file_name LIKE '%/%' OR file_name LIKE '%\u{202e}%'", "").await;
    assert_eq!(names, 0);
    let messages = owner.messages(&channel).await;
    assert!(messages.len() > 1 && messages.iter().all(|message| !text(&message["body"]).contains('\0')));
}

async fn broken_bodies_of_the_script_are_rejected(app: TestApp) {
    let (_, _, link, uploads) = link_with_uploads(&app).await;
    let rows = ["attachments", "messages"];
    let before = app.counts(&rows, "").await;
    for (path, body) in bodies(&uploads) {
        let send = async |content_type: &str, bytes: Vec<u8>| {
            let request = link.visitor.request(Method::POST, &format!("{}{path}", link.page));
            link.visitor.send_request(request.header("content-type", content_type).body(bytes)).await
        };
        for (what, bytes) in broken_bodies(&body) {
            let answer = send("application/json", bytes).await;
            assert_eq!(answer.status, 400, "{path} {what}: {}", answer.text());
            answer.refused(400, "malformed_request");
        }
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"] {
            send(content_type, body.to_string().into_bytes()).await.refused(415, "unsupported_media_type");
        }
        send("application/json", vec![b' '; 3_000_000]).await.refused(413, "too_large");
    }
    assert_eq!(app.counts(&rows, "").await, before);
}

async fn hostile_requests_for_files_are_rejected_in_the_app(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let body = json!({
        "channelId": channel, "note": "Photos", "expiresIn": 3600, "maxFiles": 3, "maxBytes": 1000, "kinds": ["image"],
        "password": null
    });
    let rows = ["file_requests", "messages", "events", "audit_entries"];
    let mut wrong = Vec::new();
    for attempt in attempts(&body) {
        let before = app.counts(&rows, "").await;
        let value = attempt.body.pointer(&attempt.field).cloned().unwrap_or_default();
        let answer = owner.post("/api/file-requests", attempt.body).await;
        let is_stored = answer.status != 200 && app.counts(&rows, "").await != before;
        let shown: String = value.to_string().chars().take(60).collect();
        let fault = fault(&answer, attempt.is_wrong).or_else(|| is_stored.then(|| "something is stored".to_owned()));
        wrong.extend(fault.map(|fault| format!("{}: {shown}: {fault}", attempt.field)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn part(disposition: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--b\r\ncontent-disposition: form-data; {disposition}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

/// Returns forms with the statuses that they may get. Only a 303 stores something.
fn forms() -> Vec<(&'static str, Vec<u8>, Vec<u16>)> {
    let whole = |parts: &[Vec<u8>]| [parts.concat(), b"--b--\r\n".to_vec()].concat();
    let file = || part("name=\"file\"; filename=\"a.txt\"", b"a");
    vec![
        ("nothing", Vec::new(), vec![400]),
        ("no form", b"hello".to_vec(), vec![400]),
        ("NUL", vec![0; 1000], vec![400]),
        (
            "another boundary",
            whole(&[file()]).iter().map(|byte| if *byte == b'b' { b'c' } else { *byte }).collect(),
            vec![400],
        ),
        ("no end", file(), vec![400]),
        ("a part without a name", whole(&[part("filename=\"a.txt\"", b"a")]), vec![303, 400, 422]),
        ("a part without headers", whole(&[b"--b\r\n\r\nhello\r\n".to_vec()]), vec![400, 422]),
        ("a name that is no text", whole(&[part("name=\"\u{0}\"", b"a")]), vec![400, 422]),
        ("large headers", part(&format!("name=\"file\"; filename=\"{}\"", "x".repeat(100_000)), b"a"), vec![400]),
        ("a long key", whole(&[part("name=\"key\"", &[b'k'; 300]), file()]), vec![422]),
        ("a very long key", whole(&[part("name=\"key\"", &vec![b'k'; 1_000_000]), file()]), vec![400]),
        ("a key with NUL", whole(&[part("name=\"key\"", b"a\0b"), file()]), vec![303, 400, 422]),
        ("a key that is no text", whole(&[part("name=\"key\"", b"\xff\xfe"), file()]), vec![400]),
        ("two keys", whole(&[part("name=\"key\"", b"one"), part("name=\"key\"", b"two"), file()]), vec![303, 400]),
        ("a message with NUL", whole(&[part("name=\"message\"", b"a\0b"), file()]), vec![303]),
        ("a message that is no text", whole(&[part("name=\"message\"", b"\xff\xfe"), file()]), vec![400]),
        ("a long message", whole(&[part("name=\"message\"", &vec![b'm'; 30_000]), file()]), vec![422]),
        ("a file without a name", whole(&[part("name=\"file\"", b"a")]), vec![303]),
        ("a file with a path", whole(&[part("name=\"file\"; filename=\"../../etc/pa\u{202e}sswd\"", b"a")]), vec![303]),
        (
            "a file with a wrong type",
            whole(&[part("name=\"file\"; filename=\"a\"\r\ncontent-type: nonsense", b"a")]),
            vec![303, 422],
        ),
        (
            "a page",
            whole(&[part("name=\"file\"; filename=\"a.png\"\r\ncontent-type: image/png", b"<script>")]),
            vec![422],
        ),
        ("many parts", whole(&vec![part("name=\"file\"; filename=\"\"", b""); 400]), vec![400]),
        ("a field of the app", whole(&[part("name=\"channelId\"", b"x"), file()]), vec![303]),
    ]
}

async fn hostile_forms_are_rejected_or_cleaned(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "maxFiles": 1000 })).await;
    let submit = async |content_type: &str, body: Vec<u8>| {
        let request = link.visitor.request(Method::POST, &link.page).header("origin", &app.base);
        link.visitor.send_request(request.header("content-type", content_type).body(body)).await
    };
    let rows = ["attachments", "messages"];
    let mut wrong = Vec::new();
    for (what, body, statuses) in forms() {
        let before = app.counts(&rows, "").await;
        let answer = submit("multipart/form-data; boundary=b", body).await;
        let is_stored = app.counts(&rows, "").await != before;
        if !statuses.contains(&answer.status) || is_stored != (answer.status == 303) {
            wrong.push(format!("{what}: {}, stored: {is_stored}: {}", answer.status, answer.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let before = app.counts(&rows, "").await;
    for content_type in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"",
        "multipart/mixed; boundary=b",
        "application/json",
        "text/plain",
    ] {
        let answer = submit(content_type, b"{\"body\": \"hello\"}".to_vec()).await;
        assert!(answer.status < 500, "{content_type}: {}", answer.text());
    }
    assert_eq!(app.counts(&rows, "").await, before);
    let messages = owner.messages(&channel).await;
    let names = messages.iter().filter_map(|message| message["attachments"].as_array()).flatten();
    for name in names.map(|file| text(&file["fileName"])) {
        assert!(!name.contains(['/', '\0', '\u{202e}']), "{name:?}");
    }
    assert!(messages.iter().all(|message| !text(&message["body"]).contains('\0')));
}

async fn hostile_passwords_open_nothing(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "note": "Secret tap", "password": "letmein" })).await;
    for body in [
        "",
        "password=",
        "password",
        "passwort=letmein",
        "password=letmein%00",
        "password=%00",
        "password=%FF",
        "password[]=letmein",
        "password=wrong&password=letmein",
        &format!("password={}", "x".repeat(1_000_000)),
        &"&".repeat(100_000),
    ] {
        app.sql("DELETE FROM rate_limits", "").await;
        let request = link.visitor.request(Method::POST, &link.page).header("origin", &app.base);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned());
        let answer = link.visitor.send_request(request).await;
        let shown: String = body.chars().take(60).collect();
        assert!((400..500).contains(&answer.status), "{shown}: {}", answer.status);
        assert_eq!(answer.header("set-cookie"), "", "{shown}");
        assert!(!answer.text().contains("Secret tap"), "{shown}");
    }
    let large = link.visitor.request(Method::POST, &link.page).header("origin", &app.base);
    let large = large.header("content-type", "application/x-www-form-urlencoded").body("x".repeat(3_000_000));
    assert_eq!(link.visitor.send_request(large).await.status, 413);
}

async fn hostile_links_do_not_work(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    let token = link.page.rsplit('/').next().expect("the page ends with its token");
    let visitor = app.anonymous();
    for wrong in [
        "%00".to_owned(),
        "%FF".to_owned(),
        "%E2%80%AE".to_owned(),
        "..%2f..%2fapi".to_owned(),
        "x".repeat(10_000),
        token.to_ascii_lowercase(),
        format!("{token}%00"),
        format!("%20{token}"),
        format!("{token}="),
    ] {
        for (method, path) in
            [("GET", ""), ("GET", "/logo"), ("POST", "/send"), ("POST", "/uploads"), ("GET", "/uploads/x")]
        {
            let body = (method == "POST").then(|| json!({ "body": "x", "idempotencyKey": "k", "fileSize": 1 }));
            let answer = visitor.call(method, &format!("/r/{wrong}{path}"), body).await;
            assert!([400, 404, 414].contains(&answer.status), "{method} {path}: {}: {}", answer.status, answer.text());
        }
    }
    // Parameters after the token say nothing about the token.
    for query in
        ["?sent=%00", "?sent=x", "?sent=1&sent=2", "?a[]=1&a[]=2", "?%FF", &format!("?sent={}", "x".repeat(5000))]
    {
        let answer = visitor.get(&format!("{}{query}", link.page)).await;
        assert!([200, 400].contains(&answer.status), "{query}: {}", answer.status);
        assert!(!answer.text().contains("arrived"), "{query}");
    }
    for id in ["%00", "%FF", "x", "..%2f", "00000000-0000-0000-0000-000000000000"] {
        let answer = visitor.get(&format!("{}/uploads/{id}", link.page)).await;
        assert!([400, 404].contains(&answer.status), "{id}: {}", answer.text());
    }
    assert_eq!(owner.messages(&channel).await.len(), 1);
}
