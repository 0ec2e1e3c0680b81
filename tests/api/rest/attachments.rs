//! Files of programs: uploaded ahead, read, reused, public or not, and removed.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Engines, Part, Program, TestApp, files, on_both_engines, on_one_pair, text};

on_both_engines![
    a_file_is_uploaded_read_and_removed,
    fields_may_come_in_any_order,
    a_media_type_is_found_out_or_must_fit,
    limits_are_those_of_the_description,
    what_is_refused_leaves_nothing,
    names_of_every_kind_survive_or_are_made_safe,
    wrong_forms_are_refused_by_field,
    files_of_others_do_not_exist,
    a_bound_token_uploads_for_its_bucket_alone,
    a_file_goes_straight_to_the_storage,
    parts_conditions_and_head,
    a_removed_file_leaves_a_tombstone_where_it_was_used,
    clean_up_takes_what_nothing_refers_to,
    storing_can_be_turned_off,
];
on_one_pair![sqlite_alone, SqliteLocal: keys_are_laid_out_by_user_type_and_id];

const ALL: [&str; 6] =
    ["messages:write", "messages:read", "attachments:write", "attachments:read", "attachments:delete", "buckets:write"];

async fn upload(program: &Program, fields: &[(&str, Part<'_>)]) -> Value {
    program.form("/attachments/upload", fields).await.created()
}

async fn a_file_is_uploaded_read_and_removed(app: TestApp) {
    let program = app.owner().await.program(&ALL).await;
    let picture = files::picture(30, 20);
    let answer = program.form("/attachments/upload", &[("file", Part::File("banner.png", &picture))]).await;
    let location = answer.header("location").to_owned();
    let made = answer.created();
    let id = text(&made["id"]);
    assert_eq!(location, format!("/api/v1/attachments/{id}"));
    assert_eq!((&made["filename"], &made["mediaType"]), (&json!("banner.png"), &json!("IMAGE")));
    assert_eq!((&made["contentType"], &made["fileSize"]), (&json!("image/png"), &json!(picture.len())));
    assert_eq!((&made["width"], &made["height"]), (&json!(30), &json!(20)));
    assert_eq!(program.get(&format!("/attachments/{id}")).await.ok(), made);
    assert_eq!(program.download(&id).await.bytes, picture);
    assert_eq!(program.call("DELETE", &format!("/attachments/{id}"), None).await.status, 204);
    program.get(&format!("/attachments/{id}")).await.refused(404, "not_found");
    program.get(&format!("/attachments/{id}/download")).await.refused(404, "not_found");
    program.call("DELETE", &format!("/attachments/{id}"), None).await.refused(404, "not_found");
    run_due(&app.platform, JOBS).await.unwrap();
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), [""; 0]);
    }
    assert_eq!(app.owner().await.get("/api/storage").await.ok()["usedBytes"], 0);
}

async fn fields_may_come_in_any_order(app: TestApp) {
    let program = app.owner().await.program(&ALL).await;
    let jpeg = files::jpeg("x");
    let file = || ("file", Part::File("IMG_1.jpg", &jpeg));
    for fields in [
        vec![file(), ("filename", Part::Text("door.jpg")), ("mediaType", Part::Text("IMAGE"))],
        vec![("mediaType", Part::Text("IMAGE")), ("filename", Part::Text("door.jpg")), file()],
    ] {
        assert_eq!(upload(&program, &fields).await["filename"], "door.jpg");
    }
    assert_eq!(upload(&program, &[file()]).await["filename"], "IMG_1.jpg");
}

async fn a_media_type_is_found_out_or_must_fit(app: TestApp) {
    let program = app.owner().await.program(&ALL).await;
    let gif = b"GIF89a\x01\0\x01\0\0\0\0".to_vec();
    let webm = [&b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm"[..], &[0; 300]].concat();
    let ogg = [&b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x1eOpusHead"[..], &[0; 40]].concat();
    let (png, pdf) = (files::png("x"), files::pdf("x"));
    for (bytes, found, fits) in [
        (&png, "IMAGE", &["IMAGE", "ICON"][..]),
        (&gif, "GIF", &["GIF", "IMAGE", "ICON"]),
        (&webm, "VIDEO", &["VIDEO", "ICON"]),
        (&ogg, "AUDIO", &["AUDIO", "ICON"]),
        (&pdf, "ICON", &["ICON"]),
        (&b"hello\n".to_vec(), "ICON", &["ICON"]),
    ] {
        let answer = program.form("/attachments/upload", &[("file", Part::File("a", bytes))]).await;
        assert_eq!(answer.json()["mediaType"], found, "{}", answer.text());
        for media_type in ["VIDEO", "IMAGE", "GIF", "AUDIO", "ICON"] {
            let fields = [("file", Part::File("a", bytes)), ("mediaType", Part::Text(media_type))];
            let answer = program.form("/attachments/upload", &fields).await;
            if fits.contains(&media_type) {
                assert_eq!(answer.created()["mediaType"], media_type);
            } else {
                assert_eq!(answer.refused(400, "media_type_mismatch")["data"]["field"], "mediaType");
            }
        }
    }
    for wrong in ["", "image", "Image", "PICTURE", "IMAGE/../..", "IMAGE\0", "../../etc"] {
        let fields = [("file", Part::File("a.png", &png)), ("mediaType", Part::Text(wrong))];
        let answer = program.form("/attachments/upload", &fields).await;
        assert_eq!(answer.refused(400, "invalid_media_type")["data"]["field"], "mediaType", "{wrong:?}");
    }
}

async fn limits_are_those_of_the_description(app: TestApp) {
    let program = app.owner().await.program(&ALL).await;
    let sized = |size: usize| {
        let mut bytes = files::png("");
        bytes.resize(size, b'x');
        bytes
    };
    let most = sized(10_000_000);
    assert_eq!(upload(&program, &[("file", Part::File("a.png", &most))]).await["fileSize"], 10_000_000);
    let more = sized(10_000_001);
    let refused = program.form("/attachments/upload", &[("file", Part::File("a.png", &more))]).await;
    let refused = refused.refused(400, "file_too_large");
    assert!(text(&refused["message"]).contains("10 MB"), "{refused}");
    for (bytes, of_type) in [
        (files::HTML.to_vec(), "text/html"),
        (b"PK\x03\x04\x14\0\0\0\0\0".to_vec(), "application/zip"),
        ([&b"\x7fELF\x02\x01\x01\0"[..], &[0; 64]].concat(), "application/x-executable"),
        (vec![0; 100], "application/octet-stream"),
    ] {
        // The name says what it likes.
        let refused = program.form("/attachments/upload", &[("file", Part::File("a.png", &bytes))]).await;
        let refused = refused.refused(400, "file_type_not_allowed");
        assert!(text(&refused["message"]).contains(of_type), "{refused}");
    }
    program.form("/attachments/upload", &[("file", Part::File("a.png", b""))]).await.refused(422, "invalid_value");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gigabyte_is_cut_off_at_the_limit() {
    let app = TestApp::start(Engines::SqliteLocal).await;
    let program = app.owner().await.program(&ALL).await;
    let head = format!(
        "POST /api/v1/attachments/upload HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 1073741824\r\n\
         content-type: multipart/form-data; boundary=b\r\n\r\n--b\r\ncontent-disposition: form-data; name=\"file\"; \
         filename=\"a.png\"\r\n\r\n",
        program.secret
    );
    let address = app.base["http://".len()..].to_owned();
    let sent = tokio::task::spawn_blocking(move || {
        let mut connection = TcpStream::connect(address).expect("the server can be reached");
        connection.write_all(head.as_bytes()).expect("the head can be sent");
        let chunk = vec![b'x'; 1_000_000];
        let mut sent = 0_u64;
        while sent < 1 << 30 && connection.write_all(&chunk).is_ok() {
            sent += 1_000_000;
        }
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer);
        (sent, String::from_utf8_lossy(&answer).into_owned())
    });
    let (sent, answer) = sent.await.expect("the client does not panic");
    // What lies in the buffers of two sockets beside the limit.
    assert!(sent < 40_000_000, "{sent} bytes were taken");
    assert!(answer.is_empty() || answer.contains("file_too_large"), "{answer}");
    assert_eq!(app.files_under("tmp"), [""; 0]);
    assert_eq!(app.files_under("objects"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_trickles_is_left() {
    let app = TestApp::start_with(Engines::SqliteLocal, |config| {
        config.attachments.body_patience = Duration::from_millis(300);
        config.attachments.max_file_size = 1000;
    })
    .await;
    let program = app.owner().await.program(&ALL).await;
    let head = format!(
        "POST /api/v1/attachments/upload HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         content-length: 900\r\ncontent-type: multipart/form-data; boundary=b\r\n\r\n--b\r\ncontent-disposition: form-data; \
         name=\"file\"; filename=\"a.png\"\r\n\r\n",
        program.secret
    );
    let address = app.base["http://".len()..].to_owned();
    let answer = tokio::task::spawn_blocking(move || {
        let mut connection = TcpStream::connect(address).expect("the server can be reached");
        connection.write_all(head.as_bytes()).expect("the head can be sent");
        connection.write_all(&[b'x'; 64]).expect("a part can be sent");
        // And then nothing more: the server is the first to give up.
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).expect("the server answers");
        String::from_utf8_lossy(&answer).into_owned()
    });
    let answer = answer.await.expect("the client does not panic");
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("too slowly"), "{answer}");
    assert_eq!(app.files_under("tmp"), [""; 0]);
}

async fn what_is_refused_leaves_nothing(app: TestApp) {
    let program = app.owner().await.program(&ALL).await;
    let png = files::png("x");
    for fields in [
        vec![("file", Part::File("a.png", files::HTML))],
        vec![("file", Part::File("a.png", &png)), ("mediaType", Part::Text("VIDEO"))],
        vec![("file", Part::File("a.png", &png)), ("other", Part::Text("x"))],
        vec![("file", Part::File("a.png", &png)), ("file", Part::File("b.png", &png))],
    ] {
        assert_eq!(program.form("/attachments/upload", &fields).await.status, 400);
    }
    let count = app.sql("UPDATE attachments SET status = status WHERE id <> {id}", &app.owner().await.member_id).await;
    assert_eq!(count, 0);
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), [""; 0]);
        assert_eq!(app.files_under("tmp"), [""; 0]);
    }
}

async fn names_of_every_kind_survive_or_are_made_safe(app: TestApp) {
    let program = app.owner().await.program(&ALL).await;
    let png = files::png("x");
    for (name, kept) in [
        ("фото.png", "фото.png"),
        ("写真 1.png", "写真 1.png"),
        ("🦀.png", "🦀.png"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("..\\..\\x.png", ".._.._x.png"),
        ("a\u{202e}gnp.exe", "agnp.exe"),
        ("con.png", "_con.png"),
    ] {
        let fields = [("filename", Part::Text(name)), ("file", Part::File("x", &png))];
        let made = upload(&program, &fields).await;
        assert_eq!(made["filename"], kept, "{name:?}");
        let answer = program.get(&format!("/attachments/{}/download", text(&made["id"]))).await;
        assert!(matches!(answer.status, 200 | 302), "{name:?}: {}", answer.status);
        // The same as the name of the file in the form.
        let made = upload(&program, &[("file", Part::File(name, &png))]).await;
        assert_eq!(made["status"], "complete", "{name:?}");
    }
}

async fn wrong_forms_are_refused_by_field(app: TestApp) {
    let program = app.owner().await.program(&ALL).await;
    let png = files::png("x");
    let refused = program.form("/attachments/upload", &[("filename", Part::Text("a"))]).await;
    assert_eq!(refused.refused(400, "malformed_request")["data"]["field"], "file");
    let fields = [("file", Part::File("a.png", &png)), ("bucket", Part::Text("x"))];
    let refused = program.form("/attachments/upload", &fields).await;
    assert_eq!(refused.refused(400, "malformed_request")["data"]["field"], "bucket");
    let request = program.request(Method::POST, "/attachments/upload").body("not a form");
    assert!(matches!(program.send_request(request).await.status, 400 | 415));
    let request = program.request(Method::POST, "/attachments/upload");
    let request = request.header("content-type", "multipart/form-data; boundary=b").body("--b\r\nbroken");
    program.send_request(request).await.refused(400, "malformed_request");
    for id in ["x", "..%2f..%2fetc%2fpasswd", "019f80000000700080000000000000zz"] {
        program.get(&format!("/attachments/{id}")).await.refused(400, "malformed_request");
        program.get(&format!("/attachments/{id}/download")).await.refused(400, "malformed_request");
        app.anonymous()
            .get(&format!("/api/v1/attachments/{id}/download/public"))
            .await
            .refused(400, "malformed_request");
        program.get(&format!("/attachments/message/{id}")).await.refused(400, "malformed_request");
    }
}

async fn files_of_others_do_not_exist(app: TestApp) {
    let owner = app.owner().await;
    let id = owner.program(&ALL).await.upload("a.png", &files::png("x")).await;
    for other in [app.member().await, app.admin().await, app.other_organization().await] {
        let program = other.program(&ALL).await;
        program.get(&format!("/attachments/{id}")).await.refused(404, "not_found");
        program.get(&format!("/attachments/{id}/download")).await.refused(404, "not_found");
        program.call("DELETE", &format!("/attachments/{id}"), None).await.refused(404, "not_found");
        program.post(&format!("/attachments/{id}/complete"), json!({})).await.refused(404, "not_found");
        program.post(&format!("/attachments/{id}/fail"), json!({})).await.refused(404, "not_found");
    }
    app.anonymous().get(&format!("/api/v1/attachments/{id}/download/public")).await.refused(404, "not_found");
    let guest = app.guest().await.program(&ALL).await;
    let refused = guest.form("/attachments/upload", &[("file", Part::File("a.png", &files::png("x")))]).await;
    refused.refused(403, "forbidden");
    let team = owner.channel("deploys").await;
    owner.send_file(&team, "b.png", "image/png", &files::png("b")).await;
    let message = text(&owner.messages(&team).await[0]["id"]);
    let listed = app.member().await.program(&ALL).await.get(&format!("/attachments/message/{message}")).await.ok();
    assert_eq!(listed["attachments"][0]["filename"], "b.png");
    guest.get(&format!("/attachments/message/{message}")).await.refused(404, "not_found");
}

async fn a_bound_token_uploads_for_its_bucket_alone(app: TestApp) {
    let owner = app.owner().await;
    let all = owner.program(&ALL).await;
    let bucket = text(&all.post("/buckets", json!({ "name": "mine" })).await.created()["id"]);
    let bound = owner.bound_program(&ALL, &bucket).await;
    let mine = bound.upload("a.png", &files::png("a")).await;
    assert_eq!(bound.download(&mine).await.bytes, files::png("a"));
    // What the same person has uploaded elsewhere is not there for it.
    let elsewhere = all.upload("b.png", &files::png("b")).await;
    bound.get(&format!("/attachments/{elsewhere}")).await.refused(404, "not_found");
    bound.get(&format!("/attachments/{elsewhere}/download")).await.refused(404, "not_found");
    bound.call("DELETE", &format!("/attachments/{elsewhere}"), None).await.refused(404, "not_found");
    let team = owner.channel("deploys").await;
    let sent = owner.send_file(&team, "c.png", "image/png", &files::png("c")).await;
    bound.get(&format!("/attachments/{sent}/download")).await.refused(404, "not_found");
}

async fn a_file_goes_straight_to_the_storage(app: TestApp) {
    let program = app.owner().await.program(&ALL).await;
    let bytes = files::picture(12, 12);
    let body = json!({ "filename": "a.png", "fileSize": bytes.len(), "contentType": "image/png" });
    let signed = program.post("/attachments/presign", body).await.created();
    let id = text(&signed["id"]);
    program.post(&format!("/attachments/{id}/complete"), json!({})).await.refused(422, "object_missing");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut put = client.put(text(&signed["uploadUrl"]));
    for (name, value) in signed["headers"].as_object().unwrap() {
        put = put.header(name, text(value));
    }
    assert_eq!(put.body(bytes.clone()).send().await.unwrap().status(), 200);
    for _ in 0..2 {
        let done = program.post(&format!("/attachments/{id}/complete"), json!({})).await.ok();
        assert_eq!((&done["status"], &done["mediaType"]), (&json!("complete"), &json!("IMAGE")));
    }
    program.post(&format!("/attachments/{id}/fail"), json!({})).await.refused(409, "invalid_transition");
    assert_eq!(program.download(&id).await.bytes, bytes);
    // Given up, it is nothing.
    let body = json!({ "fileSize": 5 });
    let other = text(&program.post("/attachments/presign", body).await.created()["id"]);
    assert_eq!(program.post(&format!("/attachments/{other}/fail"), json!({})).await.ok()["status"], "failed");
    program.post(&format!("/attachments/{other}/complete"), json!({})).await.refused(409, "invalid_transition");
    program.get(&format!("/attachments/{other}")).await.refused(404, "not_found");
    for (body, field) in [(json!({}), "fileSize"), (json!({ "fileSize": 1, "type": "x" }), "type")] {
        let refused = program.post("/attachments/presign", body).await;
        assert_eq!(refused.refused(400, "malformed_request")["data"]["field"], field);
    }
}

async fn parts_conditions_and_head(app: TestApp) {
    let owner = app.owner().await;
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "Door" })).await.ok()["id"]);
    let id = owner.send_file(&bucket, "a.png", "image/png", &files::png("0123456789")).await;
    let program = owner.program(&ALL).await;
    for path in [format!("/attachments/{id}/download"), format!("/attachments/{id}/download/public")] {
        let head = program.call("HEAD", &path, None).await;
        assert_eq!((head.status, head.bytes.len()), (200, 0));
        assert_eq!(head.header("content-length"), files::png("0123456789").len().to_string());
        let etag = head.header("etag").to_owned();
        if !app.is_local_disk() && !path.ends_with("public") {
            // The store answers the rest: the same code as the app's own downloads.
            assert_eq!(program.get(&path).await.status, 302);
            continue;
        }
        let known = program.request(Method::GET, &path).header("if-none-match", &etag);
        assert_eq!(program.send_request(known).await.status, 304);
        let part = program.send_request(program.request(Method::GET, &path).header("range", "bytes=0-3")).await;
        assert_eq!((part.status, &part.bytes[..]), (206, &b"\x89PNG"[..]));
        let none = program.send_request(program.request(Method::GET, &path).header("range", "bytes=9999-")).await;
        assert_eq!(none.status, 416);
    }
}

async fn a_removed_file_leaves_a_tombstone_where_it_was_used(app: TestApp) {
    let owner = app.owner().await;
    let team = owner.channel("deploys").await;
    let id = owner.send_file(&team, "a.png", "image/png", &files::png("a")).await;
    let member = app.member().await.program(&ALL).await;
    member.call("DELETE", &format!("/attachments/{id}"), None).await.refused(403, "forbidden");
    let lacks = owner.program(&["attachments:write", "attachments:read"]).await;
    lacks.call("DELETE", &format!("/attachments/{id}"), None).await.refused(403, "forbidden");
    let program = owner.program(&ALL).await;
    assert_eq!(program.call("DELETE", &format!("/attachments/{id}"), None).await.status, 204);
    let message = &owner.messages(&team).await[0];
    assert_eq!(message["attachments"], json!([]));
    assert_eq!(message["deletedAttachments"][0]["fileName"], "a.png");
    // For good: nobody brings it back.
    owner.poke(&format!("/api/attachments/{id}/restore")).await.refused(409, "conflict");
    run_due(&app.platform, JOBS).await.unwrap();
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), [""; 0]);
    }
    assert_eq!(owner.messages(&team).await[0]["deletedAttachments"][0]["fileName"], "a.png");
}

async fn clean_up_takes_what_nothing_refers_to(app: TestApp) {
    // So much later, what other tests have stored looks like leftovers.
    let app = TestApp::start_alone(app.engines).await;
    let owner = app.owner().await;
    let program = owner.program(&ALL).await;
    let bucket = text(&program.post("/buckets", json!({ "name": "Door" })).await.created()["id"]);
    let (unused, icon) =
        (program.upload("a.png", &files::png("a")).await, program.upload("icon.png", &files::picture(8, 8)).await);
    let used = owner.send_file(&bucket, "c.png", "image/png", &files::png("c")).await;
    let changes = json!({ "iconAttachmentUuid": icon });
    program.call("PATCH", &format!("/buckets/{bucket}"), Some(changes)).await.ok();
    let age = app.platform.config.attachments.max_age;
    app.advance(age.saturating_sub(Duration::from_mins(1)));
    run_due(&app.platform, JOBS).await.unwrap();
    assert_eq!(program.get(&format!("/attachments/{unused}")).await.status, 200);
    app.advance(Duration::from_hours(2));
    run_due(&app.platform, JOBS).await.unwrap();
    program.get(&format!("/attachments/{unused}")).await.refused(404, "not_found");
    for kept in [&icon, &used] {
        assert_eq!(program.get(&format!("/attachments/{kept}")).await.status, 200);
        assert_eq!(program.download(kept).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clean_up_can_be_turned_off() {
    let change = |config: &mut attache::platform::config::Config| config.attachments.delete_job_enabled = false;
    let app = TestApp::start_with(Engines::SqliteLocal, change).await;
    let program = app.owner().await.program(&ALL).await;
    let id = program.upload("a.png", &files::png("a")).await;
    app.advance(app.platform.config.attachments.max_age * 2);
    run_due(&app.platform, JOBS).await.unwrap();
    assert_eq!(program.get(&format!("/attachments/{id}")).await.status, 200);
}

async fn storing_can_be_turned_off(app: TestApp) {
    let off = TestApp::start_with(app.engines, |config| config.attachments.enabled = false).await;
    let program = off.owner().await.program(&ALL).await;
    let refused = program.form("/attachments/upload", &[("file", Part::File("a.png", &files::png("a")))]).await;
    refused.refused(403, "attachments_disabled");
    let refused = program.post("/attachments/download-from-url", json!({ "url": "https://example.com/a.png" })).await;
    refused.refused(403, "attachments_disabled");
}

async fn keys_are_laid_out_by_user_type_and_id(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&ALL).await;
    let fields = [
        ("file", Part::File("../../x.png", &files::png("a")[..])),
        ("filename", Part::Text("../../../etc/passwd")),
        ("mediaType", Part::Text("ICON")),
    ];
    let id = text(&program.form("/attachments/upload", &fields).await.created()["id"]);
    let user = text(&owner.get("/api/auth/session").await.ok()["user"]["id"]);
    assert_eq!(app.files_under("objects/attachments"), [format!("{user}/ICON/{id}/{id}.png")]);
    // The layout that the app's own uploads have stays.
    let team = owner.channel("deploys").await;
    let direct = owner.send_file(&team, "b.png", "image/png", &files::png("b")).await;
    assert!(app.files_under("objects").contains(&direct));
}
