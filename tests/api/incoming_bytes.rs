//! Incoming bytes: they are counted, one request at a time may send them, and stalled requests time out.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Engines, Part, TestApp, Upload, files_under, on_both_engines, on_one_pair, until};

on_one_pair![
    on_disk,
    SqliteLocal: the_newest_of_several_puts_wins, a_part_of_a_file_is_no_file, an_upload_that_failed_takes_no_more_bytes,
    leftovers_of_a_crash_go_at_start
];
on_both_engines![a_quota_limits_incoming_bytes, temporary_files_are_in_the_data_folder];

/// Opens a PUT and sends only some of its bytes.
async fn begin(app: &TestApp, upload: &Upload, size: usize, sent: &[u8]) -> TcpStream {
    let path = upload.url.strip_prefix(&app.base).expect("the URL leads to this server");
    let head = format!(
        "PUT {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {}\r\ncontent-length: {size}\r\n\r\n",
        upload.headers["Content-Type"]
    );
    let mut connection = TcpStream::connect(&app.base["http://".len()..]).await.unwrap();
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(sent).await.unwrap();
    connection
}

async fn answer(mut connection: TcpStream) -> String {
    let mut answer = Vec::new();
    let reading = tokio::time::timeout(Duration::from_secs(20), connection.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(reading.is_ok(), "the connection stays open after: {answer}");
    answer
}

fn temporary_bytes(app: &TestApp) -> u64 {
    let folder = app.files().join("tmp");
    files_under(&folder).iter().filter_map(|name| folder.join(name).metadata().ok()).map(|file| file.len()).sum()
}

async fn the_newest_of_several_puts_wins(app: TestApp) {
    const SIZE: usize = 3_000_000;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let bytes = vec![7; SIZE];
    let upload = owner.presign(&channel, "a.bin", "application/octet-stream", &bytes).await;
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(begin(&app, &upload, SIZE, &bytes[..SIZE - 1]).await);
    }
    let newest = upload.put();
    let (newest, older) = tokio::join!(newest, futures::future::join_all(open.into_iter().map(answer)));
    assert_eq!(newest.status, 200, "{}", newest.text());
    for answer in older {
        // If the server disconnected with unread bytes, the response may be lost.
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 409"), "{answer}");
    }
    assert_eq!(temporary_bytes(&app), 0, "the room of one");
    owner.complete(&upload.id).await.ok();
    assert_eq!(owner.download(&upload.id, "").await.bytes, bytes);
}

/// Otherwise its bytes would be stored in addition to those of the next upload, and the quota counts one of them.
async fn an_upload_that_failed_takes_no_more_bytes(app: TestApp) {
    const SIZE: usize = 3_000_000;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let bytes = vec![7; SIZE];
    for end in ["fail", "retry"] {
        let upload = owner.presign(&channel, "a.bin", "application/octet-stream", &bytes).await;
        let open = begin(&app, &upload, SIZE, &bytes[..SIZE - 1]).await;
        until("the bytes lie on the disk", async || temporary_bytes(&app) > 2_000_000).await;
        owner.post(&format!("/api/attachments/{}/{end}", upload.id), json!({ "reason": "x" })).await.ok();
        let answer = answer(open).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 409"), "{end}: {answer}");
        assert_eq!(temporary_bytes(&app), 0, "{end}");
    }
}

async fn leftovers_of_a_crash_go_at_start(app: TestApp) {
    let (old, young) = (app.files().join("tmp/old"), app.files().join("tmp/young"));
    for file in [&old, &young] {
        std::fs::write(file, b"half").unwrap();
    }
    let hour_ago = std::fs::metadata(&old).unwrap().modified().unwrap() - Duration::from_hours(1);
    std::fs::File::options().write(true).open(&old).unwrap().set_modified(hour_ago).unwrap();
    let app = app.restart().await;
    // A server that is about to end may still write into a young one.
    assert_eq!(app.files_under("tmp"), ["young"]);
}

async fn a_part_of_a_file_is_no_file(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.presign(&channel, "a.txt", "text/plain", b"hello").await;
    let request = upload.request(&upload.url).header("content-range", "bytes 0-4/10").body("hello");
    assert_eq!(request.send().await.unwrap().status(), 400);
    assert_eq!(upload.put().await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_stops_is_left() {
    let app = TestApp::start_with(Engines::SqliteLocal, |config| {
        config.upload_idle_timeout = Duration::from_millis(400);
    })
    .await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.presign(&channel, "a.txt", "text/plain", b"hello").await;
    let silent = begin(&app, &upload, 5, b"hel").await;
    let answer = answer(silent).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("too_slow"), "{answer}");
    assert_eq!(app.files_under("tmp"), [""; 0]);
    assert_eq!(upload.put().await.status, 200, "it can be sent again");
}

async fn a_quota_limits_incoming_bytes(app: TestApp) {
    const FILE: usize = 1_900_000;
    let owner = app.owner().await;
    let channel = owner.channel("door").await;
    let program = owner.program(&["messages:write", "attachments:write"]).await;
    app.sql("UPDATE organizations SET quota_bytes = 5000000", "").await;
    let bytes = vec![b'w'; FILE];
    let form = |count| {
        let mut form = vec![("bucketId", Part::Text("door"))];
        form.extend(std::iter::repeat_n(("file", Part::File("a.txt", bytes.as_slice())), count));
        form
    };
    let path = "/messages/with-attachment";
    program.form(path, &form(3)).await.refused(413, "quota_exceeded");
    // Rejected forms release their reservation, and several concurrent forms have at most one.
    program.form(path, &form(2)).await.created();
    let (second, third) = (form(1), form(1));
    let both = tokio::join!(program.form(path, &second), program.form(path, &third));
    assert_eq!((both.0.status, both.1.status), (413, 413));
    app.sql("UPDATE organizations SET quota_bytes = 6000000", "").await;
    program.form(path, &form(1)).await.created();
    assert_eq!(owner.messages(&channel).await.len(), 2);
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 3 * FILE);
}

async fn temporary_files_are_in_the_data_folder(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let own = if app.is_local_disk() { app.files().join("tmp") } else { app.data().join("tmp") };
    assert!(own.is_dir(), "{}", own.display());
    // A photo with a location goes through one, and leaves none.
    let place = b"http://ns.adobe.com/xap/1.0/\0<a exif:GPSLatitude=\"52.5200066\"/>";
    let length = u16::try_from(place.len() + 2).unwrap().to_be_bytes();
    let picture = crate::support::files::encoded(image::RgbImage::new(9, 9).into(), image::ImageFormat::Jpeg);
    let photo = [&picture[..2], b"\xff\xe1", &length, place, &picture[2..]].concat();
    let upload = owner.stage(&channel, "a.jpg", "image/jpeg", &photo).await;
    assert_eq!(owner.complete(&upload.id).await.ok()["location"], json!("removed"));
    assert_eq!(files_under(&own), [""; 0]);
}
