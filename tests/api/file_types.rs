//! Detection of file types, and the display of files by them.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use serde_json::{Value, json};

use crate::support::{Engines, Part, TestApp, User, files, on_both_engines, on_one_pair, text};

on_both_engines![
    stored_files_are_judged_again_after_an_upgrade,
    declared_icons_are_kept,
    a_sound_is_a_sound_wherever_its_tracks_are_named,
    texts_are_read_in_their_encoding,
    a_locked_document_says_so,
    media_without_an_extension_are_saved_with_one,
    only_executable_or_unknown_bytes_are_rejected,
];
// They require programs that generate video and pictures.
on_one_pair![with_tools, SqliteLocal: films_have_the_shape_that_players_show, a_cover_is_a_picture_and_no_size, recordings_without_a_length_get_one, pictures_of_phones_have_previews, pictures_are_turned_and_mirrored_as_they_say,
    colors_of_phones_are_kept, bright_films_are_brought_down, a_drawing_is_drawn_and_never_shown_as_it_is];

async fn run(app: &TestApp) {
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
}

async fn latest(user: &User, channel: &str) -> Value {
    user.messages(channel).await[0]["attachments"][0].clone()
}

/// Returns the output of a program.
fn made(program: &str, name: &str, arguments: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let output = folder.path().join(name);
    let made = Command::new(program).args(arguments).arg(&output).current_dir(folder.path()).output();
    let made = made.unwrap_or_else(|error| panic!("{program}: {error}. Install it: make setup-tests"));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::read(&output).expect("it was made")
}

fn film(name: &str, arguments: &[&str]) -> Vec<u8> {
    made("ffmpeg", name, &[&["-v", "error", "-y"], arguments].concat())
}

async fn stored_files_are_judged_again_after_an_upgrade(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "bmi.csv", "text/csv", b"BM;BMI\n20;22\n").await;
    let picture = owner.send_file(&channel, "a.png", "image/png", &files::picture(64, 48)).await;
    run(&app).await;
    let spoil =
        "UPDATE attachments SET content_type = 'image/bmp', kind = 'image', media_type = 'IMAGE', preview = 'none',
        preview_reason = 'Damaged: no preview available', width = 5, height = 5, judged = 0 WHERE id = {id}";
    assert_eq!(app.sql(spoil, &id).await, 1);
    let spoil = "UPDATE attachments SET content_type = 'application/octet-stream', kind = 'other', media_type = 'ICON',
        preview = NULL, width = NULL, height = NULL, judged = 0 WHERE id = {id}";
    assert_eq!(app.sql(spoil, &picture).await, 1);
    app.advance(Duration::from_mins(11));
    run(&app).await;
    let message = |at: usize| {
        let (owner, channel) = (owner.clone(), channel.clone());
        async move { owner.messages(&channel).await[at]["attachments"][0].clone() }
    };
    let (picture, text) = (message(0).await, message(1).await);
    let (picture, text) = if picture["fileName"] == "a.png" { (picture, text) } else { (text, picture) };
    assert_eq!((&text["contentType"], &text["mediaType"]), (&json!("text/csv"), &json!("ICON")));
    assert_eq!((&text["width"], &text["preview"]), (&Value::Null, &Value::Null));
    assert_eq!((&picture["contentType"], &picture["mediaType"]), (&json!("image/png"), &json!("IMAGE")));
    assert_eq!((&picture["width"], &picture["height"]), (&json!(64), &json!(48)));
    assert_eq!(picture["preview"], json!({ "state": "ready" }));
    for (kind, name) in [("document", "bmi.csv"), ("image", "a.png")] {
        let found = owner.get(&format!("/api/files?kinds={kind}")).await.ok();
        assert_eq!(found["files"][0]["fileName"], name, "{found}");
    }
}

async fn declared_icons_are_kept(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&["attachments:write", "attachments:read"]).await;
    let png = files::picture(8, 8);
    let said = [("file", Part::File("a.png", &png)), ("mediaType", Part::Text("ICON"))];
    let said = program.form("/attachments/upload", &said).await.created();
    assert_eq!(said["mediaType"], "ICON");
    let fallback = program.form("/attachments/upload", &[("file", Part::File("a.txt", b"hello"))]).await.created();
    assert_eq!(fallback["mediaType"], "ICON");
    run(&app).await;
    app.advance(Duration::from_hours(8 * 24));
    run(&app).await;
    assert_eq!(program.get(&format!("/attachments/{}", text(&said["id"]))).await.status, 200);
    program.get(&format!("/attachments/{}", text(&fallback["id"]))).await.refused(404, "not_found");
}

/// Returns an MP4 of these tracks whose movie box is after the bytes that are read first.
fn late_movie(handlers: &[&[u8]]) -> Vec<u8> {
    let part = |kind: &[u8], body: &[u8]| {
        let length = u32::try_from(body.len() + 8).expect("it is short").to_be_bytes();
        [&length, kind, body].concat()
    };
    let track = |handler: &&[u8]| part(b"trak", &part(b"mdia", &part(b"hdlr", &[&[0; 8], *handler].concat())));
    let movie = part(b"moov", &handlers.iter().flat_map(track).collect::<Vec<_>>());
    [part(b"ftyp", b"isom\0\0\x02\0isomiso2"), part(b"mdat", &vec![0; 400_000]), movie].concat()
}

async fn a_sound_is_a_sound_wherever_its_tracks_are_named(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let program = owner.program(&["attachments:write", "attachments:read"]).await;
    for (handlers, content_type, media_type) in
        [(&[&b"soun"[..]][..], "audio/mp4", "AUDIO"), (&[b"soun", b"vide"], "video/mp4", "VIDEO")]
    {
        let bytes = late_movie(handlers);
        for announced in ["video/mp4", "audio/mp4", "audio/x-m4a", ""] {
            let upload = owner.stage(&channel, "a.mp4", announced, &bytes).await;
            let file = owner.complete(&upload.id).await.ok();
            assert_eq!(
                (&file["contentType"], &file["mediaType"]),
                (&json!(content_type), &json!(media_type)),
                "{announced}"
            );
        }
        let fields = [("file", Part::File("a.mp4", &bytes)), ("mediaType", Part::Text(media_type))];
        let stored = program.form("/attachments/upload", &fields).await.created();
        assert_eq!(stored["contentType"], content_type);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_allowed_type_may_go_by_any_of_its_names() {
    let app = TestApp::start_with(Engines::SqliteLocal, |config| {
        let names = ["image/jpg", "audio/mp3", "audio/x-wav", "audio/opus", "application/x-zip-compressed", "text/csv"];
        config.attachments.allowed_types = names.map(str::to_owned).to_vec();
    })
    .await;
    let program = app.owner().await.program(&["attachments:write"]).await;
    let frame = [&b"\xff\xfb\x90\x00"[..], &[0; 413]].concat();
    let ogg = [b"OggS\0\x02".as_slice(), &[0; 20], &[1, 9], b"OpusHead\x01"].concat();
    for (name, bytes, content_type) in [
        ("a.jpg", files::jpeg_sized(4, 4), "image/jpeg"),
        ("a.mp3", frame.repeat(3), "audio/mpeg"),
        ("a.wav", b"RIFF\x40\0\0\0WAVEfmt \x10\0\0\0".to_vec(), "audio/wav"),
        ("a.opus", ogg, "audio/ogg"),
        ("a.zip", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(), "application/zip"),
        ("a.csv", b"a;b\n".to_vec(), "text/plain"),
    ] {
        let stored = program.form("/attachments/upload", &[("file", Part::File(name, &bytes))]).await.created();
        assert_eq!(stored["contentType"], content_type, "{name}");
    }
    let png = files::picture(4, 4);
    let refused = program.form("/attachments/upload", &[("file", Part::File("a.jpg", &png))]).await;
    refused.refused(400, "file_type_not_allowed");
}

async fn texts_are_read_in_their_encoding(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let program = owner.program(&["attachments:write", "attachments:read"]).await;
    let utf16: Vec<u8> = "Zeit;Wert\r\n12:00;3 €\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, expected, charset) in [
        ("Grüße\n".as_bytes(), "Grüße\n", "UTF-8"),
        (b"12,50 \x80; \x84Rahmen\x93 \x96 klein\n", "12,50 €; „Rahmen“ – klein\n", "windows-1252"),
        (&utf16, "Zeit;Wert\r\n12:00;3 €\r\n", "UTF-16LE"),
        (b"\x1b[32mok\x1b[0m\n", "\u{1b}[32mok\u{1b}[0m\n", "UTF-8"),
    ] {
        let id = owner.send_file(&channel, "a.csv", "text/csv", bytes).await;
        let read = owner.get(&format!("/api/attachments/{id}/text")).await.ok();
        assert_eq!((&read["text"], read["charset"].as_str().unwrap_or("UTF-8")), (&json!(expected), charset));
        assert_eq!(latest(&owner, &channel).await["contentType"], "text/csv");
        let stored = program.form("/attachments/upload", &[("file", Part::File("a.csv", bytes))]).await.created();
        assert_eq!(stored["contentType"], "text/plain");
    }
}

async fn a_locked_document_says_so(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let locked = files::pdf("trailer << /Root 1 0 R /Encrypt 5 0 R >>\nstartxref\n0\n%%EOF\n");
    owner.send_file(&channel, "a.pdf", "application/pdf", &locked).await;
    run(&app).await;
    let preview = json!({ "state": "none", "reason": "Locked with a password" });
    assert_eq!(latest(&owner, &channel).await["preview"], preview);
}

async fn media_without_an_extension_are_saved_with_one(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for (name, bytes, saved) in [
        ("image:1641", files::picture(4, 4), "image_1641.png"),
        ("photo.png", files::picture(4, 4), "photo.png"),
        ("notes", b"hello".to_vec(), "notes"),
    ] {
        let id = owner.send_file(&channel, name, "application/octet-stream", &bytes).await;
        let disposition = owner.download(&id, "?download=1").await.header("content-disposition").to_owned();
        assert!(disposition.contains(&format!("filename=\"{saved}\"")), "{disposition}");
    }
}

async fn only_executable_or_unknown_bytes_are_rejected(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for (announced, bytes) in [
        ("image/png", files::HTML),
        ("image/png", files::SVG),
        ("video/mp4", b"#!/bin/sh\necho\n"),
        ("application/pdf", b"\x7fELF\x02\x01\x01\0\0\0\0\0"),
        ("audio/mpeg", b"\0\x01\x02\x03"),
    ] {
        let upload = owner.stage(&channel, "a", announced, bytes).await;
        owner.complete(&upload.id).await.refused(422, "type_mismatch");
    }
    for (announced, bytes, stored) in [
        ("image/png", files::pdf("x"), "application/pdf"),
        ("application/pdf", files::picture(4, 4), "image/png"),
        ("audio/mpeg", files::picture(4, 4), "image/png"),
        ("video/mp4", b"only words".to_vec(), "text/plain"),
        ("application/zip", b"\0\x01\x02\x03".to_vec(), "application/octet-stream"),
    ] {
        let upload = owner.stage(&channel, "a", announced, &bytes).await;
        assert_eq!(owner.complete(&upload.id).await.ok()["contentType"], stored, "{announced}");
    }
}

async fn films_have_the_shape_that_players_show(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let source = ["-f", "lavfi", "-i", "testsrc=size=72x58:rate=10:duration=1"];
    let square = film("a.mp4", &[&source[..], &["-vf", "setsar=1", "-pix_fmt", "yuv420p"]].concat());
    let wide = film("b.mp4", &[&source[..], &["-vf", "setsar=64/45", "-pix_fmt", "yuv420p"]].concat());
    let bright =
        film("c.mp4", &[&source[..], &["-vf", "setsar=1", "-color_trc", "smpte2084", "-pix_fmt", "yuv420p"]].concat());
    for (name, bytes, (width, height)) in
        [("a.mp4", square, (72, 58)), ("b.mp4", wide, (102, 58)), ("c.mp4", bright, (72, 58))]
    {
        let id = owner.send_file(&channel, name, "video/mp4", &bytes).await;
        run(&app).await;
        let file = latest(&owner, &channel).await;
        assert_eq!(file["preview"], json!({ "state": "ready" }), "{name}");
        assert_eq!((&file["width"], &file["height"]), (&json!(width), &json!(height)), "{name}");
        let poster = owner.download(&id, "/thumbnail?size=poster").await;
        let poster = image::load_from_memory(&poster.bytes).expect("it is a picture");
        assert_eq!((poster.width(), poster.height()), (width, height), "{name}");
    }
}

async fn a_cover_is_a_picture_and_no_size(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let sound = film(
        "a.m4a",
        &[
            "-f",
            "lavfi",
            "-i",
            "sine=duration=1",
            "-f",
            "lavfi",
            "-i",
            "color=red:size=60x60:duration=0.1:rate=10",
            "-map",
            "0:a",
            "-map",
            "1:v",
            "-c:a",
            "aac",
            "-c:v",
            "png",
            "-frames:v",
            "1",
            "-disposition:v",
            "attached_pic",
        ],
    );
    let id = owner.send_file(&channel, "a.m4a", "audio/mp4", &sound).await;
    run(&app).await;
    let file = latest(&owner, &channel).await;
    assert_eq!((&file["contentType"], &file["mediaType"]), (&json!("audio/mp4"), &json!("AUDIO")));
    assert_eq!((&file["width"], &file["preview"]), (&Value::Null, &json!({ "state": "ready" })));
    assert!(file["durationMs"].as_i64().is_some_and(|length| (900..1200).contains(&length)), "{file}");
    assert_eq!(owner.download(&id, "/thumbnail?size=poster").await.status, 200);
}

async fn recordings_without_a_length_get_one(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    // As browsers record, without knowing the end.
    let recorded =
        film("a.webm", &["-f", "lavfi", "-i", "sine=duration=1", "-c:a", "libopus", "-live", "1", "-f", "webm"]);
    owner.send_file(&channel, "a.webm", "audio/webm;codecs=opus", &recorded).await;
    run(&app).await;
    let file = latest(&owner, &channel).await;
    assert_eq!((&file["contentType"], &file["mediaType"]), (&json!("audio/webm"), &json!("AUDIO")));
    assert!(file["durationMs"].as_i64().is_some_and(|length| (900..1200).contains(&length)), "{file}");
}

/// Returns a picture of 64 × 32 pixels whose right half is transparent, in a format that `heif-enc` writes.
fn half_clear(name: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let source = folder.path().join("a.png");
    let picture = image::RgbaImage::from_fn(64, 32, |x, _| image::Rgba([200, 20, 20, if x < 32 { 255 } else { 0 }]));
    picture.save(&source).expect("it can be written");
    let source: &Path = &source;
    made("heif-enc", name, &["-L", source.to_str().expect("a plain name"), "-o"])
}

async fn pictures_of_phones_have_previews(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for (name, content_type) in [("a.heic", "image/heic"), ("a.avif", "image/avif")] {
        let id = owner.send_file(&channel, name, content_type, &half_clear(name)).await;
        run(&app).await;
        let file = latest(&owner, &channel).await;
        assert_eq!((&file["contentType"], &file["mediaType"]), (&json!(content_type), &json!("IMAGE")));
        assert_eq!((&file["width"], &file["height"]), (&json!(64), &json!(32)));
        assert_eq!(file["preview"], json!({ "state": "ready" }), "{name}");
        let feed = owner.download(&id, "/thumbnail?size=feed").await;
        let feed = image::load_from_memory(&feed.bytes).expect("it is a picture").into_rgba8();
        assert!(feed.get_pixel(8, 16).0[3] > 250 && feed.get_pixel(56, 16).0[3] < 5, "{name}");
    }
}

/// Returns a picture of 64 × 32 pixels with a green corner at the top left, rotated or mirrored by a property of its
/// container. That replaces another of 16 bytes, which only declares the bits of a color.
fn with_property(name: &str, property: [u8; 4], value: u8) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let source = folder.path().join("a.png");
    let color = |x: u32, y: u32| if x < 16 && y < 16 { [0, 200, 0] } else { [200, 0, 0] };
    image::RgbImage::from_fn(64, 32, |x, y| image::Rgb(color(x, y))).save(&source).expect("it can be written");
    let mut bytes = made("heif-enc", name, &["-L", source.to_str().expect("a plain name"), "-o"]);
    let place = bytes.windows(8).position(|part| part == b"\0\0\0\x10pixi").expect("heif-enc writes it") + 4;
    bytes[place..place + 4].copy_from_slice(&property);
    bytes[place + 4..place + 12].copy_from_slice(&[value, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

async fn pictures_are_turned_and_mirrored_as_they_say(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for (name, content_type) in [("a.heic", "image/heic"), ("a.avif", "image/avif")] {
        // By 90 degrees counterclockwise; left and right exchanged (ISO/IEC 23008-12 §6.5.10, §6.5.12).
        for (property, value, size, corner) in [(*b"irot", 1, (32, 64), (4, 59)), (*b"imir", 1, (64, 32), (59, 4))] {
            let id = owner.send_file(&channel, name, content_type, &with_property(name, property, value)).await;
            run(&app).await;
            let file = latest(&owner, &channel).await;
            assert_eq!(file["preview"], json!({ "state": "ready" }), "{name} {property:?}");
            assert_eq!((&file["width"], &file["height"]), (&json!(size.0), &json!(size.1)), "{name} {property:?}");
            let feed = owner.download(&id, "/thumbnail?size=feed").await;
            let feed = image::load_from_memory(&feed.bytes).expect("it is a picture").into_rgb8();
            assert_eq!(feed.dimensions(), size);
            let [red, green, _] = feed.get_pixel(corner.0, corner.1).0;
            assert!(green > 150 && red < 60, "{name} {property:?}: {red} {green}");
            let [red, green, _] = feed.get_pixel(size.0 / 2, size.1 / 2).0;
            assert!(red > 150 && green < 60, "{name} {property:?}: {red} {green}");
        }
    }
}

/// Returns a red HEIC whose colors are those of a phone's screen (Display P3), by codes and without a profile. They replace
/// a property that is 3 bytes shorter.
fn with_wide_colors() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let source = folder.path().join("a.png");
    image::RgbImage::from_pixel(64, 32, image::Rgb([200, 50, 50])).save(&source).expect("it can be written");
    let mut bytes = made("heif-enc", "a.heic", &["-q", "95", source.to_str().expect("a plain name"), "-o"]);
    let find = |bytes: &[u8], name: &[u8]| bytes.windows(name.len()).position(|part| part == name).expect("a box");
    let data = u32::try_from(find(&bytes, b"mdat")).unwrap() + 4;
    let place = find(&bytes, b"\0\0\0\x10pixi");
    bytes.splice(place..place + 16, *b"\0\0\0\x13colrnclx\0\x0c\0\x0d\0\x06\x80");
    let longer = |bytes: &mut [u8], at: usize| {
        let length = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) + 3;
        bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
    };
    let offset = find(&bytes, &data.to_be_bytes());
    for at in [find(&bytes, b"meta") - 4, find(&bytes, b"iprp") - 4, find(&bytes, b"ipco") - 4, offset] {
        longer(&mut bytes, at);
    }
    bytes
}

async fn colors_of_phones_are_kept(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.heic", "image/heic", &with_wide_colors()).await;
    run(&app).await;
    let feed = owner.download(&id, "/thumbnail?size=feed").await;
    let feed = image::load_from_memory(&feed.bytes).expect("it is a picture").into_rgb8();
    // In sRGB the same red has larger differences.
    let [red, green, _] = feed.get_pixel(32, 16).0;
    assert!(red > 212 && green < 40, "{red} {green}");
}

async fn bright_films_are_brought_down(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    // The same gray, in SDR and in HDR.
    let source = ["-f", "lavfi", "-i", "color=gray:size=64x48:rate=10:duration=1", "-pix_fmt", "yuv420p"];
    let mut grays = Vec::new();
    for transfer in ["bt709", "arib-std-b67", "smpte2084"] {
        let bytes = film("a.mp4", &[&source[..], &["-color_trc", transfer]].concat());
        let id = owner.send_file(&channel, &format!("{transfer}.mp4"), "video/mp4", &bytes).await;
        run(&app).await;
        let poster = owner.download(&id, "/thumbnail?size=poster").await;
        let poster = image::load_from_memory(&poster.bytes).expect("it is a picture").into_rgb8();
        grays.push(poster.get_pixel(32, 24).0.map(i32::from));
    }
    // HLG looks similar on SDR screens; the middle of PQ is 92 candelas, nearly the white of those.
    let lighter = |gray: [i32; 3]| gray[0] - grays[0][0];
    assert!(lighter(grays[1]).abs() < 10 && (12..60).contains(&lighter(grays[2])), "{grays:?}");
    for gray in &grays {
        // Still a gray: tone mapping added no color.
        assert!(gray.iter().all(|part| (part - gray[0]).abs() < 12), "{gray:?}");
    }
}

async fn a_drawing_is_drawn_and_never_shown_as_it_is(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let drawing = b"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'><rect width='40' height='20' fill='#00f'/>\
        <image href='file:///etc/passwd' width='9' height='9'/><image href='http://127.0.0.1/a.png' width='9' height='9'/></svg>";
    let id = owner.send_file(&channel, "a.svg", "image/svg+xml", drawing).await;
    run(&app).await;
    let file = latest(&owner, &channel).await;
    assert_eq!((&file["preview"], &file["width"]), (&json!({ "state": "ready" }), &json!(40)));
    let feed = owner.download(&id, "/thumbnail?size=feed").await;
    let feed = image::load_from_memory(&feed.bytes).expect("it is a picture").into_rgb8();
    let [red, _, blue] = feed.get_pixel(feed.width() / 2, feed.height() / 2).0;
    assert!(red < 20 && blue > 230);
    let shown = owner.download(&id, "").await;
    assert_eq!(shown.header("content-type"), "application/octet-stream");
    assert!(shown.header("content-disposition").starts_with("attachment;"));
}
