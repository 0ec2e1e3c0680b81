//! The place where a photo was taken: cut out before anybody else can fetch the file, unless the organisation keeps it.

use serde_json::{Value, json};

use crate::support::{TestApp, files, on_both_engines, text};

on_both_engines![
    a_photo_is_stored_without_its_place,
    an_organization_may_keep_it,
    files_that_are_left_say_so,
    a_photo_without_a_place_is_stored_as_it_came,
];

const PLACE: &[u8] = b"52.5200066";

/// A JPEG whose XMP tells where it was taken.
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
    // Once more changes nothing.
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

async fn files_that_are_left_say_so(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let video = [b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2".as_slice(), PLACE].concat();
    let tiff = files::encoded(image::RgbImage::new(4, 4).into(), image::ImageFormat::Tiff);
    for (name, content_type, bytes, expected) in [
        ("a.mp4", "video/mp4", video, json!("left")),
        ("a.tiff", "image/tiff", tiff, json!("left")),
        ("a.txt", "text/plain", PLACE.to_vec(), Value::Null),
    ] {
        let upload = owner.stage(&channel, name, content_type, &bytes).await;
        assert_eq!(owner.complete(&upload.id).await.ok()["location"], expected, "{name}");
        assert_eq!(owner.download(&upload.id, "").await.bytes, bytes, "{name}");
    }
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
