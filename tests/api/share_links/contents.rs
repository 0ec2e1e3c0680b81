//! The contents of a link: the files of a message, also as a zip, without photo locations.

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::{count_of, create, fetch, path};
use crate::support::zip::{names, unzip};
use crate::support::{TestApp, files, on_both_engines, text};

on_both_engines![
    a_message_is_shared_with_the_files_that_it_has_by_then,
    a_shared_message_comes_as_a_zip,
    the_location_of_a_picture_stays_inside,
    hostile_files_do_nothing,
];

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

/// Returns a picture with EXIF: rotated by a quarter, and taken at 52° 31′ N.
fn located_picture() -> Vec<u8> {
    let picture = include_bytes!("../../../assets/samples/tap.jpg");
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
        "this organization keeps it"
    );
    let link = create(&owner, json!({ "attachmentId": id })).await;
    // The first requests have the copy created, concurrently.
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
    // An S3 store serves the range itself, after a redirect.
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
