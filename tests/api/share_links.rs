//! Share links: who makes them, what strangers get, and that no link tells why it does not work.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::zip::{names, unzip};
use crate::support::{Answer, TestApp, User, files, on_both_engines, on_one_pair, text};

on_both_engines![
    a_link_leads_to_a_file_without_an_account,
    the_name_of_the_contact_stays_inside,
    what_does_not_work_looks_all_the_same,
    a_password_is_asked_for,
    a_password_is_not_guessed,
    downloads_are_counted_exactly,
    a_link_is_used_up_exactly,
    who_may_share_what_they_see,
    what_cannot_be_is_refused,
    links_are_listed_for_their_makers_and_for_managers,
    a_message_is_shared_with_the_files_that_it_has_by_then,
    a_shared_message_comes_as_a_zip,
    the_location_of_a_picture_stays_inside,
    hostile_files_do_nothing,
    who_asks_too_often_waits,
];
on_one_pair![sqlite_local_only, SqliteLocal: parts_of_a_shared_file_are_served];
on_one_pair![postgres_garage_only, PostgresGarage: a_link_revoked_at_one_server_ends_at_another];

async fn create(user: &User, body: Value) -> Value {
    user.post("/api/share-links", body).await.ok()
}

/// The path of a link's page.
fn path(app: &TestApp, link: &Value) -> String {
    let url = text(&link["url"]);
    url.strip_prefix(&app.base).expect("the link leads to this server").to_owned()
}

/// A file of a link as a browser gets it: redirects are followed.
async fn fetch(app: &TestApp, link: &Value, id: &str, query: &str) -> Answer {
    let answer = app.anonymous().get(&format!("{}/{id}{query}", path(app, link))).await;
    if answer.status == 302 { app.anonymous().get(answer.header("location")).await } else { answer }
}

async fn a_link_leads_to_a_file_without_an_account(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a & b.txt", "text/plain", b"hello").await;
    let link = create(&owner, json!({ "attachmentId": id })).await;
    assert_eq!(text(&link["url"]).rsplit('/').next().unwrap().len(), 43, "256 bits in base64");
    assert_eq!(
        (&link["downloadCount"], &link["hasPassword"], &link["active"]),
        (&json!(0), &json!(false), &json!(true))
    );

    let page = app.anonymous().get(&path(&app, &link)).await;
    assert_eq!(page.status, 200);
    let html = page.text();
    assert!(html.contains("Harbour") && html.contains("a &#38; b.txt"), "{html}");
    assert!(!html.contains("<script") && !html.contains("Olga"), "{html}");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"));
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("x-robots-tag"), "noindex, nofollow");
    assert_eq!(page.header("cache-control"), "private, no-store");
    assert!(page.header("set-cookie").is_empty());

    let file = fetch(&app, &link, &id, "?download=1").await;
    assert_eq!((file.status, file.bytes.as_slice()), (200, b"hello".as_slice()));
    let head = app.anonymous().call("HEAD", &format!("{}/{id}", path(&app, &link)), None).await;
    assert_eq!((head.status, head.header("content-length")), (200, "5"));
    assert_eq!(head.header("x-robots-tag"), "noindex, nofollow");
}

async fn the_name_of_the_contact_stays_inside(app: TestApp) {
    let owner = app.owner().await;
    let channel = text(&owner.contact("Jane", "Doe", "5551234").await["channelId"]);
    let id = owner.send_file(&channel, "report.txt", "text/plain", b"r").await;
    let link = create(&owner, json!({ "attachmentId": id })).await;
    let page = app.anonymous().get(&path(&app, &link)).await.text();
    assert!(!page.contains("Jane") && !page.contains("5551234"), "{page}");
    let file = fetch(&app, &link, &id, "?download=1").await;
    let expected = "attachment; filename=\"report.txt\"; filename*=UTF-8''report.txt";
    assert_eq!(file.header("content-disposition"), expected);
}

async fn what_does_not_work_looks_all_the_same(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let send = async |name: &str| owner.send_file(&channel, name, "text/plain", b"a").await;
    let (first, second, third, fourth) = (send("a").await, send("b").await, send("c").await, send("d").await);
    let expired = create(&owner, json!({ "attachmentId": first, "expiresIn": 60 })).await;
    app.advance(Duration::from_secs(61));
    let revoked = create(&owner, json!({ "attachmentId": first, "password": "letmein" })).await;
    owner.poke(&format!("/api/share-links/{}/revoke", text(&revoked["id"]))).await.ok();
    let used_up = create(&owner, json!({ "attachmentId": first, "maxDownloads": 1 })).await;
    assert_eq!(fetch(&app, &used_up, &first, "?download=1").await.status, 200);
    let deleted = create(&owner, json!({ "attachmentId": second })).await;
    owner.delete(&format!("/api/attachments/{second}")).await.ok();
    let locked_and_deleted = create(&owner, json!({ "attachmentId": third, "password": "letmein" })).await;
    owner.delete(&format!("/api/attachments/{third}")).await.ok();
    let message = text(&owner.messages(&channel).await[0]["id"]);
    let message_deleted = create(&owner, json!({ "messageId": message })).await;
    owner.delete(&format!("/api/messages/{message}")).await.ok();

    let what = |answer: &Answer| {
        let mut headers: Vec<_> = answer
            .headers
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        headers.sort();
        (answer.status, headers, answer.text())
    };
    let wrong = format!("/s/{}", "A".repeat(43));
    let expected = what(&app.anonymous().get(&wrong).await);
    assert_eq!(expected.0, 404);
    let links = [&expired, &revoked, &used_up, &deleted, &locked_and_deleted, &message_deleted];
    for (place, link) in links.into_iter().enumerate() {
        let page = path(&app, link);
        assert_eq!(what(&app.anonymous().get(&page).await), expected, "page {place}");
        for id in [&first, &second, &third, &fourth] {
            assert_eq!(what(&app.anonymous().get(&format!("{page}/{id}?download=1")).await), expected, "file {place}");
        }
    }
    for odd in ["/s/x", "/s/%00", "/s/%F0%9F%92%A9", &format!("{wrong}/{first}"), &format!("{wrong}/x")] {
        assert_eq!(what(&app.anonymous().get(odd).await), expected, "{odd}");
    }
    let (by_form, to_form) = (form(&app, &path(&app, &revoked), "letmein").await, form(&app, &wrong, "letmein").await);
    assert_eq!((what(&by_form), what(&to_form)), (expected.clone(), expected.clone()));
    // A file of the organisation that the link is not of.
    let good = create(&owner, json!({ "attachmentId": first })).await;
    assert_eq!(what(&app.anonymous().get(&format!("{}/{fourth}", path(&app, &good))).await), expected);
}

/// Sends the form of a page as a browser does.
async fn form(app: &TestApp, page: &str, password: &str) -> Answer {
    form_from(app, page, password, &app.base).await
}

async fn form_from(app: &TestApp, page: &str, password: &str, origin: &str) -> Answer {
    let anonymous = app.anonymous();
    let request = anonymous
        .request(Method::POST, page)
        .header("origin", origin)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("password={password}"));
    anonymous.send_request(request).await
}

async fn with_cookie(app: &TestApp, page: &str, cookie: &str) -> Answer {
    let anonymous = app.anonymous();
    anonymous.send_request(anonymous.request(Method::GET, page).header("cookie", cookie)).await
}

async fn a_password_is_asked_for(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "secret.txt", "text/plain", b"s").await;
    let link = create(&owner, json!({ "attachmentId": id, "password": "öffne dich" })).await;
    assert_eq!(link["hasPassword"], true);
    assert!(!link.to_string().contains("ffne"));
    let page = path(&app, &link);
    let asked = app.anonymous().get(&page).await;
    assert_eq!(asked.status, 200);
    assert!(asked.text().contains("type=\"password\"") && !asked.text().contains("secret.txt"), "{}", asked.text());
    // Else the browser would name no origin with the form.
    assert_eq!(asked.header("referrer-policy"), "same-origin");
    for elsewhere in ["https://elsewhere.example", "null"] {
        assert_eq!(form_from(&app, &page, "%C3%B6ffne+dich", elsewhere).await.status, 403, "{elsewhere}");
    }
    let file = app.anonymous().get(&format!("{page}/{id}?download=1")).await;
    assert_eq!((file.status, file.header("location")), (303, page.as_str()));

    let wrong = form(&app, &page, "open").await;
    assert_eq!((wrong.status, wrong.header("set-cookie")), (403, ""));
    let right = form(&app, &page, "%C3%B6ffne+dich").await;
    assert_eq!((right.status, right.header("location")), (303, page.as_str()));
    let cookie = right.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains(&format!("Path={page}")));
    let pair = cookie.split(';').next().unwrap();
    assert!(with_cookie(&app, &page, pair).await.text().contains("secret.txt"));
    assert!(matches!(with_cookie(&app, &format!("{page}/{id}"), pair).await.status, 200 | 302));

    // It opens no other link, and is not made up.
    let other = create(&owner, json!({ "attachmentId": id, "password": "öffne dich" })).await;
    let name = format!("attache_share_{}", text(&other["id"]).replace('-', ""));
    let value = pair.split_once('=').unwrap().1;
    assert!(!with_cookie(&app, &path(&app, &other), &format!("{name}={value}")).await.text().contains("secret.txt"));
}

async fn a_password_is_not_guessed(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"s").await;
    let link = create(&owner, json!({ "attachmentId": id, "password": "letmein" })).await;
    let page = path(&app, &link);
    for _ in 0..10 {
        assert_eq!(form(&app, &page, "guess").await.status, 403);
    }
    let refused = form(&app, &page, "letmein").await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=900).contains(&seconds)));
    app.advance(Duration::from_mins(16));
    assert_eq!(form(&app, &page, "letmein").await.status, 303);
}

async fn count_of(user: &User, link: &Value) -> Value {
    let links = user.get("/api/share-links").await.ok();
    links.as_array().unwrap().iter().find(|one| one["id"] == link["id"]).expect("the link is listed")["downloadCount"]
        .clone()
}

async fn downloads_are_counted_exactly(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.pdf", "application/pdf", &files::pdf("x")).await;
    let link = create(&owner, json!({ "attachmentId": id })).await;
    let page = path(&app, &link);
    // Looking is no download, nor is asking how large it is.
    app.anonymous().get(&page).await;
    app.anonymous().get(&format!("{page}/{id}")).await;
    app.anonymous().call("HEAD", &format!("{page}/{id}?download=1"), None).await;
    assert_eq!(count_of(&owner, &link).await, 0);
    let twenty = join_all((0..20).map(|_| async { fetch(&app, &link, &id, "?download=1").await.status })).await;
    assert_eq!(twenty, [200; 20]);
    assert_eq!(count_of(&owner, &link).await, 20);
    // One that goes on after a cut connection was counted when it began.
    let rest = app.anonymous().request(Method::GET, &format!("{page}/{id}?download=1")).header("range", "bytes=4-");
    app.anonymous().send_request(rest).await;
    assert_eq!(count_of(&owner, &link).await, 20);
}

async fn a_link_is_used_up_exactly(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.pdf", "application/pdf", &files::pdf("x")).await;
    let link = create(&owner, json!({ "attachmentId": id, "maxDownloads": 5 })).await;
    let page = path(&app, &link);
    assert!(!app.anonymous().get(&page).await.text().contains(">Open<"), "a look would be a download");
    let ask = |query: &'static str| {
        let anonymous = app.anonymous();
        // Every way to the bytes counts.
        let request = anonymous.request(Method::GET, &format!("{page}/{id}{query}")).header("range", "bytes=1-");
        async move { anonymous.send_request(request).await.status }
    };
    let answers = join_all((0..20).map(|turn| ask(if turn % 2 == 0 { "" } else { "?download=1" }))).await;
    let served = answers.iter().filter(|status| matches!(status, 200 | 302)).count();
    assert_eq!((served, answers.iter().filter(|status| **status == 404).count()), (5, 15), "{answers:?}");
    assert_eq!(count_of(&owner, &link).await, 5);
    assert_eq!(owner.get("/api/share-links").await.ok()[0]["active"], false);
}

async fn who_may_share_what_they_see(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (public, private) = (owner.channel("general").await, owner.private_channel("plans").await);
    let shown = owner.send_file(&public, "a.txt", "text/plain", b"a").await;
    let hidden = owner.send_file(&private, "b.txt", "text/plain", b"b").await;
    let hidden_message = text(&owner.messages(&private).await[0]["id"]);
    let draft = member.upload(&public, "c.txt", "text/plain", b"c").await;
    let share = async |user: &User, body: Value| user.post("/api/share-links", body).await;
    share(&member, json!({ "attachmentId": shown })).await.ok();
    share(&member, json!({ "attachmentId": hidden })).await.refused(404, "not_found");
    share(&member, json!({ "messageId": hidden_message })).await.refused(404, "not_found");
    share(&member, json!({ "attachmentId": draft })).await.refused(409, "conflict");
    share(&app.other_organization().await, json!({ "attachmentId": shown })).await.refused(404, "not_found");
    owner.delete(&format!("/api/attachments/{shown}")).await.ok();
    share(&owner, json!({ "attachmentId": shown })).await.refused(404, "not_found");
    let permissions = json!(["Message:ViewAttachment", "Channel:View"]);
    owner.patch("/api/roles", json!({ "role": "member", "permissions": permissions })).await.ok();
    let other = owner.send_file(&public, "d.txt", "text/plain", b"d").await;
    share(&member, json!({ "attachmentId": other })).await.refused(403, "forbidden");
}

async fn what_cannot_be_is_refused(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let bare = text(&owner.send(&channel, "no files", &[]).await.ok()["id"]);
    for (field, wrong) in [
        ("attachmentId", json!({})),
        ("attachmentId", json!({ "attachmentId": id, "messageId": bare })),
        ("messageId", json!({ "messageId": bare })),
        ("expiresIn", json!({ "attachmentId": id, "expiresIn": 0 })),
        ("expiresIn", json!({ "attachmentId": id, "expiresIn": 366 * 24 * 3600 })),
        ("expiresAt", json!({ "attachmentId": id, "expiresAt": "2020-01-01T00:00:00Z" })),
        ("password", json!({ "attachmentId": id, "password": "short" })),
        ("maxDownloads", json!({ "attachmentId": id, "maxDownloads": 0 })),
    ] {
        owner.post("/api/share-links", wrong).await.refused_field(field);
    }
    let usual = create(&owner, json!({ "attachmentId": id, "password": "" })).await;
    assert_eq!(usual["hasPassword"], false);
    let days = |moment: &Value| moment.as_str().unwrap()[8..10].parse::<i32>().unwrap();
    assert_eq!((days(&usual["expiresAt"]) - days(&usual["createdAt"])).rem_euclid(7), (7_i32).rem_euclid(7));
}

async fn links_are_listed_for_their_makers_and_for_managers(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let other = owner.send_file(&channel, "b.txt", "text/plain", b"b").await;
    let by_owner = create(&owner, json!({ "attachmentId": id })).await;
    let by_member = create(&member, json!({ "attachmentId": other, "maxDownloads": 3 })).await;
    let ids = async |user: &User, query: &str| -> Vec<Value> {
        let links = user.get(&format!("/api/share-links{query}")).await.ok();
        let token = text(&by_owner["url"]).rsplit('/').next().unwrap().to_owned();
        assert!(!links.to_string().contains(&token), "the address is told once");
        links.as_array().unwrap().iter().map(|link| link["id"].clone()).collect()
    };
    let (first, second) = (by_owner["id"].clone(), by_member["id"].clone());
    assert_eq!(ids(&member, "").await, *std::slice::from_ref(&second));
    assert_eq!(ids(&admin, "").await, [second.clone(), first.clone()]);
    assert_eq!(ids(&admin, &format!("?attachment={id}")).await, *std::slice::from_ref(&first));
    assert_eq!(ids(&admin, &format!("?before={}", text(&second))).await, *std::slice::from_ref(&first));
    assert!(ids(&app.other_organization().await, "").await.is_empty());
    let listed = admin.get("/api/share-links").await.ok()[0].clone();
    assert_eq!((&listed["fileName"], &listed["createdBy"]), (&json!("b.txt"), &json!("Mia Member")));

    member.poke(&format!("/api/share-links/{}/revoke", text(&first))).await.refused(404, "not_found");
    let revoked = admin.poke(&format!("/api/share-links/{}/revoke", text(&second))).await.ok();
    assert_eq!(revoked["active"], false);
    assert_eq!(
        member.poke(&format!("/api/share-links/{}/revoke", text(&second))).await.ok(),
        revoked,
        "once more is no error"
    );
    assert_eq!(app.anonymous().get(&path(&app, &by_member)).await.status, 404);
    assert_eq!(app.anonymous().get(&path(&app, &by_owner)).await.status, 200);
}

async fn a_message_is_shared_with_the_files_that_it_has_by_then(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let first = owner.upload(&channel, "first.txt", "text/plain", b"1").await;
    let second = owner.upload(&channel, "second.txt", "text/plain", b"2").await;
    let message = text(&owner.send(&channel, "a secret text", &[&first, &second]).await.ok()["id"]);
    let link = create(&owner, json!({ "messageId": message })).await;
    let page = app.anonymous().get(&path(&app, &link)).await.text();
    assert!(page.contains("2 files") && page.contains("first.txt") && page.contains("second.txt"), "{page}");
    assert!(page.find("first.txt") < page.find("second.txt") && !page.contains("secret text"));
    assert_eq!(fetch(&app, &link, &second, "").await.bytes, b"2");
    owner.delete(&format!("/api/attachments/{second}")).await.ok();
    let page = app.anonymous().get(&path(&app, &link)).await.text();
    assert!(page.contains("first.txt") && !page.contains("second.txt"));
    assert_eq!(fetch(&app, &link, &second, "").await.status, 404);
    assert_eq!(fetch(&app, &link, &first, "").await.bytes, b"1");
    owner.poke(&format!("/api/attachments/{second}/restore")).await.ok();
    assert_eq!(fetch(&app, &link, &second, "").await.bytes, b"2");
}

async fn a_shared_message_comes_as_a_zip(app: TestApp) {
    let owner = app.owner().await;
    let channel = text(&owner.contact("Jane", "Doe", "5551234").await["channelId"]);
    owner.patch("/api/photo-location", json!({ "keep": true })).await.ok();
    let picture = located_picture();
    let photo = owner.upload(&channel, "tap.jpg", "image/jpeg", &picture).await;
    let first = owner.upload(&channel, "a.txt", "text/plain", b"1").await;
    let second = owner.upload(&channel, "a.txt", "text/plain", b"2").await;
    let message = text(&owner.send(&channel, "", &[&photo, &first, &second]).await.ok()["id"]);
    let link = create(&owner, json!({ "messageId": message, "maxDownloads": 2 })).await;
    let page = path(&app, &link);
    assert!(app.anonymous().get(&page).await.text().contains("Download all as zip"));
    app.anonymous().call("HEAD", &format!("{page}/zip"), None).await;
    let zip = app.anonymous().get(&format!("{page}/zip")).await;
    assert_eq!((zip.status, zip.header("content-type")), (200, "application/zip"));
    assert_eq!(zip.header("x-robots-tag"), "noindex, nofollow");
    assert!(zip.header("content-disposition").contains("Harbour files.zip"));
    let entries = unzip(&zip.bytes);
    assert_eq!(names(&entries), ["tap.jpg", "a.txt", "a (2).txt"]);
    assert_eq!(entries[0].bytes().len(), picture.len());
    assert!(!entries[0].bytes().windows(6).any(|part| part == b"52,31N"), "the place stays inside");
    assert_eq!(count_of(&owner, &link).await, 1);
    owner.delete(&format!("/api/attachments/{first}")).await.ok();
    assert_eq!(names(&unzip(&app.anonymous().get(&format!("{page}/zip")).await.bytes)), ["tap.jpg", "a.txt"]);
    assert_eq!(app.anonymous().get(&format!("{page}/zip")).await.status, 404, "it is used up");

    let locked = create(&owner, json!({ "messageId": message, "password": "letmein" })).await;
    let asked = app.anonymous().get(&format!("{}/zip", path(&app, &locked))).await;
    assert_eq!((asked.status, asked.header("location")), (303, path(&app, &locked).as_str()));
}

/// A picture with EXIF: turned by a quarter, and taken at 52° 31′ N.
fn located_picture() -> Vec<u8> {
    let picture = include_bytes!("../../assets/samples/tap.jpg");
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    tiff.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
    tiff.extend(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0");
    tiff.extend(b"\0\x02\0\x01\0\x02\0\0\0\x02N\0\0\0\0\x02\0\x05\0\0\0\x03\0\0\0\x44\0\0\0\0");
    tiff.extend(b"\0\0\0\x34\0\0\0\x01\0\0\0\x1f\0\0\0\x01\0\0\0\0\0\0\0\x01");
    let exif = [b"Exif\0\0".as_slice(), &tiff].concat();
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x exif:GPSLatitude=\"52,31N\"/>".as_slice();
    let segment = |content: &[u8]| {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [b"\xff\xe1".as_slice(), &length, content].concat()
    };
    [&picture[..2], &segment(&exif), &segment(xmp), &picture[2..]].concat()
}

async fn the_location_of_a_picture_stays_inside(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let picture = located_picture();
    let fields = |bytes: &[u8]| {
        let exif = exif::Reader::new().read_from_container(&mut std::io::Cursor::new(bytes)).unwrap();
        exif.fields().map(|field| field.tag.to_string()).collect::<Vec<_>>()
    };
    owner.patch("/api/photo-location", json!({ "keep": true })).await.ok();
    assert!(fields(&picture).contains(&"GPSLatitude".to_owned()), "{:?}", fields(&picture));
    let id = owner.send_file(&channel, "tap.jpg", "image/jpeg", &picture).await;
    assert!(
        fields(&owner.download(&id, "").await.bytes).contains(&"GPSLatitude".to_owned()),
        "this organisation keeps it"
    );
    let link = create(&owner, json!({ "attachmentId": id })).await;
    // The first who ask have the copy made, all at once.
    let first = join_all((0..8).map(|_| fetch(&app, &link, &id, ""))).await;
    assert!(first.iter().all(|answer| answer.status == 200 && answer.bytes == first[0].bytes));
    for query in ["", "?download=1"] {
        let served = fetch(&app, &link, &id, query).await;
        assert_eq!((served.status, served.header("content-type")), (200, "image/jpeg"));
        assert_eq!(fields(&served.bytes), ["Orientation"]);
        assert!(!served.bytes.windows(6).any(|part| part == b"52,31N"), "nor in XMP");
        assert_eq!(served.header("content-length"), served.bytes.len().to_string());
    }
    let part =
        app.anonymous().request(Method::GET, &format!("{}/{id}", path(&app, &link))).header("range", "bytes=0-1");
    let part = app.anonymous().send_request(part).await;
    // A store of its own answers the part itself, after a redirect.
    assert_eq!(part.status, if app.is_local_disk() { 206 } else { 302 });
    assert_eq!(owner.download(&id, "").await.bytes, picture, "nobody's copy is changed");
    if app.is_local_disk() {
        assert_eq!(part.bytes, b"\xff\xd8");
        assert!(app.files_under("objects").iter().any(|path| path.ends_with("placeless")));
    }
    owner.delete(&format!("/api/attachments/{id}")).await.ok();
    owner.poke(&format!("/api/attachments/{id}/purge")).await.ok();
    run_due(&app.platform, JOBS).await.unwrap();
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), [] as [&str; 0], "the copy goes with the file");
    }
}

async fn hostile_files_do_nothing(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.html", "text/html", files::HTML).await;
    let link = create(&owner, json!({ "attachmentId": id })).await;
    let served = fetch(&app, &link, &id, "").await;
    assert_eq!(served.header("content-type"), "application/octet-stream");
    assert!(served.header("content-disposition").starts_with("attachment"));
    let first = app.anonymous().get(&format!("{}/{id}", path(&app, &link))).await;
    assert_eq!(first.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(first.header("x-content-type-options"), "nosniff");
}

async fn who_asks_too_often_waits(app: TestApp) {
    let wrong = format!("/s/{}", "A".repeat(43));
    let mut answers = Vec::new();
    for _ in 0..601 {
        answers.push(app.anonymous().get(&wrong).await.status);
    }
    assert_eq!((answers[599], answers[600]), (404, 429));
    app.advance(Duration::from_mins(6));
    assert_eq!(app.anonymous().get(&wrong).await.status, 404);
}

async fn parts_of_a_shared_file_are_served(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.pdf", "application/pdf", &files::pdf("x")).await;
    let link = create(&owner, json!({ "attachmentId": id })).await;
    let request =
        app.anonymous().request(Method::GET, &format!("{}/{id}", path(&app, &link))).header("range", "bytes=0-3");
    let part = app.anonymous().send_request(request).await;
    assert_eq!((part.status, part.bytes.as_slice()), (206, b"%PDF".as_slice()));
    assert_eq!(part.header("content-range"), "bytes 0-3/10");
}

async fn a_link_revoked_at_one_server_ends_at_another(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let link = create(&owner, json!({ "attachmentId": id })).await;
    let other = app.second_server().await;
    let elsewhere = format!("{}{}", other.base, path(&app, &link));
    assert_eq!(app.anonymous().get(&elsewhere).await.status, 200);
    owner.poke(&format!("/api/share-links/{}/revoke", text(&link["id"]))).await.ok();
    assert_eq!(app.anonymous().get(&elsewhere).await.status, 404);
    // So does one to a file that is deleted there, with its previews and zips.
    let picture = owner.upload(&channel, "a.png", "image/png", &files::picture(40, 30)).await;
    let second = owner.upload(&channel, "b.png", "image/png", &files::picture(40, 30)).await;
    let message = text(&owner.send(&channel, "", &[&picture, &second]).await.ok()["id"]);
    run_due(&app.platform, JOBS).await.unwrap();
    let link = create(&owner, json!({ "messageId": message })).await;
    let elsewhere = format!("{}{}", other.base, path(&app, &link));
    let inside = owner.at(&other.base);
    let paths = [
        format!("{elsewhere}/{picture}"),
        format!("{elsewhere}/{picture}/thumbnail?size=feed"),
        format!("{}/api/messages/attachments/{picture}/thumbnail?size=feed", other.base),
    ];
    let statuses = async || {
        let mut statuses = Vec::new();
        for path in &paths {
            statuses.push(inside.get(path).await.status);
        }
        statuses
    };
    assert_eq!(statuses().await, [302; 3]);
    owner.delete(&format!("/api/attachments/{picture}")).await.ok();
    assert_eq!(statuses().await, [404; 3]);
    assert_eq!(names(&unzip(&app.anonymous().get(&format!("{elsewhere}/zip")).await.bytes)), ["b.png"]);
    owner.poke(&format!("/api/attachments/{picture}/restore")).await.ok();
    assert_eq!(statuses().await, [302; 3]);
    owner.delete(&format!("/api/messages/{message}")).await.ok();
    assert_eq!(statuses().await, [404; 3]);
    assert_eq!(app.anonymous().get(&format!("{elsewhere}/zip")).await.status, 404);
}
