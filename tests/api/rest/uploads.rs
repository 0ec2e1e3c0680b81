//! Programs' uploads through the server: forms, media types, names, and storage keys.

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Part, Program, TestApp, files, on_both_engines, on_one_pair, text};

on_both_engines![
    a_file_is_uploaded_read_and_removed,
    fields_may_come_in_any_order,
    a_media_type_is_found_out_or_must_fit,
    a_rejected_upload_leaves_nothing,
    names_of_every_kind_survive_or_are_made_safe,
    wrong_forms_are_refused_by_field,
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
    // And no internal fields of the row.
    let mut told: Vec<_> = made.as_object().expect("an object").keys().map(String::as_str).collect();
    told.sort_unstable();
    let known =
        "contentType downloadUrl failureReason fileSize filename height id mediaType publicUrl status uploadedAt width";
    assert_eq!(told.join(" "), known);
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
    // An empty text equals an omitted one.
    let fields = [("file", Part::File("a.png", &png)), ("mediaType", Part::Text(""))];
    assert_eq!(program.form("/attachments/upload", &fields).await.created()["mediaType"], "IMAGE");
    for wrong in ["image", "Image", "PICTURE", "IMAGE/../..", "IMAGE\0", "../../etc"] {
        let fields = [("file", Part::File("a.png", &png)), ("mediaType", Part::Text(wrong))];
        let answer = program.form("/attachments/upload", &fields).await;
        assert_eq!(answer.refused(400, "invalid_media_type")["data"]["field"], "mediaType", "{wrong:?}");
    }
}

async fn a_rejected_upload_leaves_nothing(app: TestApp) {
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
    // The app's own uploads keep their layout.
    let team = owner.channel("deploys").await;
    let direct = owner.send_file(&team, "b.png", "image/png", &files::png("b")).await;
    assert!(app.files_under("objects").contains(&direct));
}
