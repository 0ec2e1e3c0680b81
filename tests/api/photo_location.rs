//! Photo locations: removed before anybody else can fetch the file, unless the organization keeps them.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use serde_json::{Value, json};

use crate::support::{TestApp, files, on_both_engines, text};

on_both_engines![
    a_photo_is_stored_without_its_place,
    an_organization_may_keep_it,
    files_that_are_not_rewritten_say_where_a_location_is_left,
    files_marked_by_an_older_version_are_searched,
    a_photo_without_a_place_is_stored_as_it_came,
];

const PLACE: &[u8] = b"52.5200066";

/// Returns a JPEG with a location in its XMP.
fn photo() -> Vec<u8> {
    let picture = files::encoded(image::RgbImage::new(40, 30).into(), image::ImageFormat::Jpeg);
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0<a exif:GPSLatitude=\"".as_slice(), PLACE, b"\" dc:title=\"Harbour\"/>"]
        .concat();
    let length = u16::try_from(xmp.len() + 2).unwrap().to_be_bytes();
    [&picture[..2], b"\xff\xe1", &length, &xmp, &picture[2..]].concat()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|seen| seen == part)
}

async fn a_photo_is_stored_without_its_place(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let photo = photo();
    let upload = owner.stage(&channel, "a.jpg", "image/jpeg", &photo).await;
    let complete = owner.complete(&upload.id).await.ok();
    assert_eq!(complete["location"], "removed");
    assert_eq!(complete["fileSize"], photo.len());
    let stored = owner.download(&upload.id, "").await.bytes;
    assert!(holds(&photo, PLACE) && !holds(&stored, PLACE));
    assert!(holds(&stored, b"dc:title=\"Harbour\""));
    assert_eq!(stored.len(), photo.len());
    let pixels = |bytes: &[u8]| image::load_from_memory(bytes).expect("a picture").into_rgb8();
    assert_eq!(pixels(&stored), pixels(&photo));
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), *std::slice::from_ref(&upload.id), "no copy with the place is left");
    }
    // Repeating it changes nothing.
    assert_eq!(owner.complete(&upload.id).await.ok(), complete);
}

async fn an_organization_may_keep_it(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    assert_eq!(owner.get("/api/photo-location").await.ok(), json!({ "keep": false }));
    assert_eq!(owner.patch("/api/photo-location", json!({ "keep": true })).await.ok(), json!({ "keep": true }));
    let id = owner.send_file(&channel, "a.jpg", "image/jpeg", &photo()).await;
    assert_eq!(owner.download(&id, "").await.bytes, photo());
    let stranger = app.other_organization().await;
    assert_eq!(stranger.get("/api/photo-location").await.ok(), json!({ "keep": false }));
    owner.patch("/api/photo-location", json!({ "keep": false })).await.ok();
    let id = owner.send_file(&channel, "b.jpg", "image/jpeg", &photo()).await;
    assert!(!holds(&owner.download(&id, "").await.bytes, PLACE));
}

/// Returns a TIFF that is a GPS directory with one latitude in degrees.
fn tiff(degrees: u32) -> Vec<u8> {
    let directory = |tag: u16, kind: u16, count: u32, value: u32| {
        let numbers = [tag.to_be_bytes(), kind.to_be_bytes()].concat();
        [b"\0\x01".as_slice(), &numbers, &count.to_be_bytes(), &value.to_be_bytes(), &[0; 4]].concat()
    };
    let latitude = [degrees, 1, 0, 1, 0, 1].map(u32::to_be_bytes).concat();
    [b"MM\0*\0\0\0\x08".as_slice(), &directory(0x8825, 4, 1, 26), &directory(2, 5, 3, 44), &latitude].concat()
}

/// Returns an MP4 without tracks, with a location as phones write it.
fn video(location: &str) -> Vec<u8> {
    let iso_box = |name: &[u8; 4], content: &[u8]| {
        [u32::try_from(content.len() + 8).unwrap().to_be_bytes().as_slice(), name, content].concat()
    };
    let text = [b"\0\x12\x15\xc7", location.as_bytes()].concat();
    let movie = iso_box(b"moov", &iso_box(b"udta", &iso_box(b"\xa9xyz", &text)));
    [iso_box(b"ftyp", b"isom\0\0\x02\0isomiso2mp41"), movie].concat()
}

async fn files_that_are_not_rewritten_say_where_a_location_is_left(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let mut sent = Vec::new();
    for (name, content_type, bytes, expected) in [
        ("a.mp4", "video/mp4", video("+52.5200+013.4050/"), json!("left")),
        ("b.mp4", "video/mp4", video("+00.0000+000.0000/"), Value::Null),
        ("a.tiff", "image/tiff", tiff(52), json!("left")),
        ("b.tiff", "image/tiff", tiff(0), Value::Null),
        ("a.txt", "text/plain", b"GPSLatitude 52.5200066".to_vec(), Value::Null),
    ] {
        let upload = owner.stage(&channel, name, content_type, &bytes).await;
        // Unknown until the job has run.
        assert_eq!(owner.complete(&upload.id).await.ok()["location"], Value::Null, "{name}");
        sent.push((upload.id, name, bytes, expected));
    }
    run_due(&app.platform, JOBS).await.unwrap();
    for (id, name, bytes, expected) in sent {
        assert_eq!(owner.complete(&id).await.ok()["location"], expected, "{name}");
        assert_eq!(owner.download(&id, "").await.bytes, bytes, "{name}");
    }
    owner.patch("/api/photo-location", json!({ "keep": true })).await.ok();
    let id = owner.send_file(&channel, "c.tiff", "image/tiff", &tiff(52)).await;
    run_due(&app.platform, JOBS).await.unwrap();
    assert_eq!(owner.complete(&id).await.ok()["location"], Value::Null, "the organization keeps locations");
}

async fn files_marked_by_an_older_version_are_searched(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let with = owner.send_file(&channel, "a.tiff", "image/tiff", &tiff(52)).await;
    let without = owner.send_file(&channel, "b.tiff", "image/tiff", &tiff(0)).await;
    run_due(&app.platform, JOBS).await.unwrap();
    // As the migration leaves them.
    for id in [&with, &without] {
        app.sql("UPDATE attachments SET location = NULL, judged = 0 WHERE id = {id}", id).await;
    }
    app.advance(Duration::from_mins(11));
    for _ in 0..2 {
        run_due(&app.platform, JOBS).await.unwrap();
    }
    assert_eq!(owner.complete(&with).await.ok()["location"], json!("left"));
    assert_eq!(owner.complete(&without).await.ok()["location"], Value::Null);
}

async fn a_photo_without_a_place_is_stored_as_it_came(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for bytes in [files::picture(20, 10), files::jpeg("no more than a header")] {
        let content_type = if bytes.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" };
        let upload = owner.stage(&channel, "a", content_type, &bytes).await;
        let complete = owner.complete(&upload.id).await.ok();
        assert_eq!(complete["location"], Value::Null);
        assert_eq!(text(&complete["status"]), "complete");
        assert_eq!(owner.download(&upload.id, "").await.bytes, bytes);
    }
}
