//! Forms of all kinds of programs: unusual but valid ones are accepted, invalid ones are rejected with the reason.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Program, TestApp, on_both_engines};

on_both_engines![
    odd_forms_are_read,
    names_that_are_not_ascii_come_in_every_spelling,
    errors_of_invalid_forms_name_the_problem,
    a_request_without_a_form_is_rejected_by_its_type,
];

const END: &str = "--b--\r\n";

fn part(about: &str, content: &str) -> Vec<u8> {
    format!("--b\r\nContent-Disposition: form-data; {about}\r\n\r\n{content}\r\n").into_bytes()
}

const FILE: &str = "name=\"file\"; filename=\"a.txt\"";

async fn send(program: &Program, path: &str, body: Vec<u8>) -> Answer {
    let request = program.request(Method::POST, path).header("content-type", "multipart/form-data; boundary=b");
    program.send_request(request.body(body)).await
}

async fn uploaded(program: &Program, parts: &[&[u8]]) -> Value {
    send(program, "/attachments/upload", parts.concat()).await.created()
}

async fn odd_forms_are_read(app: TestApp) {
    let program = app.owner().await.program(&["attachments:write", "attachments:read"]).await;
    let file = part(FILE, "hello");
    let end = END.as_bytes();
    // Data before and after the form is ignored.
    assert_eq!(uploaded(&program, &[b"before\r\n", &file, end, b"after"]).await["fileSize"], 5);
    // Without quotes, and without a name.
    assert_eq!(uploaded(&program, &[&part("name=file; filename=a.txt", "hello"), end]).await["filename"], "a.txt");
    for nameless in ["name=\"file\"", "name=\"file\"; filename=\"\""] {
        assert_eq!(uploaded(&program, &[&part(nameless, "hello"), end]).await["filename"], "", "{nameless}");
    }
    let named = part("name=\"filename\"", "b.txt");
    assert_eq!(uploaded(&program, &[&file, &named, end]).await["filename"], "b.txt");
    assert_eq!(uploaded(&program, &[&file, &part("name=\"filename\"", ""), end]).await["filename"], "a.txt");
    // The boundary counts only at the beginning of a line.
    let content = "he--bllo\r\n-b\r\n--c\r\n --b";
    let made = uploaded(&program, &[&part(FILE, content), end]).await;
    let id = made["id"].as_str().expect("an id");
    assert_eq!(program.download(id).await.bytes, content.as_bytes());
}

async fn names_that_are_not_ascii_come_in_every_spelling(app: TestApp) {
    let program = app.owner().await.program(&["attachments:write", "messages:write"]).await;
    app.owner().await.channel("door").await;
    let latin1 = [
        b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"caf\xe9.txt\"\r\n\r\nx\r\n",
        END.as_bytes(),
    ];
    for (about, name) in [
        ("name=\"file\"; filename=\"тест.txt\"", "тест.txt"),
        ("name=\"file\"; filename*=UTF-8''%D1%82%D0%B5%D1%81%D1%82.txt", "тест.txt"),
        ("name=\"file\"; filename*=utf-8''%D1%82%D0%B5%D1%81%D1%82.txt; filename=\"x.txt\"", "тест.txt"),
        ("name=\"file\"; filename*=utf-8''..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("name=\"file\"; filename=\"a\\\"b.txt\"", "a_b.txt"),
        ("name=\"file\"; filename*=ISO-8859-1''caf%E9.txt", "café.txt"),
        ("name=\"file\"; filename=\"=?UTF-8?B?0YLQtdGB0YI=?=.txt\"", "тест.txt"),
        ("name=\"file\"; filename=\"=?iso-8859-1?q?caf=E9?= =?utf-8?q?=2Etxt?=\"", "café.txt"),
        ("NAME=\"file\"; FileName=\"тест.txt\"", "тест.txt"),
        ("name=\"file\"; filename=\"C:\\тест.txt\"", "тест.txt"),
        ("name=\"file\"; filename=\"C:\\new\\тест.txt\"", "тест.txt"),
        ("name=\"file\"; filename=\"new/тест.txt\"", "тест.txt"),
    ] {
        let form = [part(about, "hello"), END.into()].concat();
        assert_eq!(send(&program, "/attachments/upload", form.clone()).await.created()["filename"], name, "{about}");
        let form = [part("name=\"bucketId\"", "door"), form].concat();
        let sent = send(&program, "/messages/with-attachment", form).await.created();
        assert_eq!(sent["attachments"][0]["name"], name, "{about}");
    }
    for wrong in ["NAME=\"File\"; filename=\"a.txt\"", "Name=\"upload\"; filename=\"a.txt\""] {
        for path in ["/attachments/upload", "/messages/with-attachment"] {
            let refused = send(&program, path, [part(wrong, "hello"), END.into()].concat()).await;
            let message = refused.refused(400, "malformed_request")["message"].to_string();
            assert!(message.contains("There is no form field"), "{message}");
        }
    }
    assert_eq!(send(&program, "/attachments/upload", latin1.concat()).await.created()["filename"], "café.txt");
}

async fn errors_of_invalid_forms_name_the_problem(app: TestApp) {
    let program = app.owner().await.program(&["attachments:write", "messages:write"]).await;
    app.owner().await.channel("door").await;
    let (file, end) = (part(FILE, "hello"), END.as_bytes());
    let field = |name: &str, content: &str| part(&format!("name=\"{name}\""), content);
    for (parts, field) in [
        (vec![&file[..], &field("filename", "b.txt"), &field("filename", "c.txt"), end], json!("filename")),
        (vec![&file, &field("mediaType", "ICON"), &field("mediaType", "ICON"), end], json!("mediaType")),
        (vec![&file, &file, end], json!("file")),
        (vec![&file, &field("Filename", "b.txt"), end], json!("Filename")),
        (vec![&file, &part("filename=\"a.txt\"", "x"), end], Value::Null),
        (
            vec![&file, b"--b\r\nContent-Disposition: form-data; name=\"filename\"\r\n\r\n\xff\xfe\r\n", end],
            json!("filename"),
        ),
        (vec![&file], Value::Null),
        (vec![end], json!("file")),
        (vec![], Value::Null),
    ] {
        let refused = send(&program, "/attachments/upload", parts.concat()).await.refused(400, "malformed_request");
        assert_eq!(refused["data"]["field"], field, "{refused}");
    }
    let empty = [part(FILE, ""), END.into()].concat();
    send(&program, "/attachments/upload", empty.clone()).await.refused_field("file");
    let to_door = field("bucketId", "door");
    send(&program, "/messages/with-attachment", [to_door.clone(), empty].concat()).await.refused_field("file");
    for name in ["title", "bucketId"] {
        let form = [to_door.clone(), file.clone(), field(name, "x"), field(name, "y"), END.into()].concat();
        let refused = send(&program, "/messages/with-attachment", form).await.refused(400, "malformed_request");
        assert_eq!(refused["data"]["field"], name);
    }
    let nameless = [to_door, file, part("filename=\"a.txt\"", "x"), END.into()].concat();
    send(&program, "/messages/with-attachment", nameless).await.refused(400, "malformed_request");
    if app.is_local_disk() {
        assert_eq!(app.files_under(""), [""; 0]);
    }
}

async fn a_request_without_a_form_is_rejected_by_its_type(app: TestApp) {
    let program = app.owner().await.program(&["attachments:write", "messages:write"]).await;
    for path in ["/attachments/upload", "/messages/with-attachment"] {
        for content_type in ["application/json", "image/png", "multipart/mixed; boundary=b", "text/plain"] {
            let request = program.request(Method::POST, path).header("content-type", content_type).body("{}");
            let refused = program.send_request(request).await.refused(415, "unsupported_media_type");
            assert!(refused["message"].as_str().is_some_and(|text| text.contains("multipart/form-data")), "{refused}");
        }
        program.send_request(program.request(Method::POST, path)).await.refused(415, "unsupported_media_type");
        for boundless in ["multipart/form-data", "Multipart/Form-Data; charset=utf-8"] {
            let request = program.request(Method::POST, path).header("content-type", boundless).body("--b--");
            let refused = program.send_request(request).await.refused(400, "malformed_request");
            assert!(refused["message"].as_str().is_some_and(|text| text.contains("boundary")), "{refused}");
        }
        let packed = program.request(Method::POST, path).header("content-encoding", "gzip").body("x");
        program.send_request(packed).await.refused(415, "unsupported_media_type");
    }
}
