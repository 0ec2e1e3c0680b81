//! Zips: contents, names, and behavior on errors.

use attache::ids::AttachmentId;
use attache::platform::storage::ObjectKey;
use reqwest::Method;
use serde_json::json;

use crate::support::zip::{names, unzip};
use crate::support::{Answer, TestApp, User, files, on_both_engines, on_one_pair, text};

on_both_engines![
    a_messages_files_come_in_order_under_names_that_say_whose_they_are,
    a_conversation_comes_with_all_its_sent_files_oldest_first,
    a_selection_keeps_its_order_without_invisible_files,
    names_are_safe_and_doubles_are_numbered,
    entries_keep_their_time_and_bytes,
    a_file_that_is_gone_from_the_storage_is_listed,
    large_files_come_whole,
    a_zip_requires_the_view_permission,
    a_zip_is_read_from_front_to_back,
    windows_can_extract_a_zip,
    a_head_takes_nothing,
];
on_one_pair![sqlite_local_only, SqliteLocal: a_truncated_file_is_listed_with_its_received_bytes, a_client_that_goes_away_ends_the_reading];

async fn zip(user: &User, path: &str) -> Answer {
    let answer = user.get(path).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/zip"), "{}", answer.text());
    answer
}

async fn selection(user: &User, form: &[(&str, String)]) -> Answer {
    user.send_request(user.request(Method::POST, "/api/files/zip").form(form)).await
}

fn key(id: &str) -> ObjectKey {
    ObjectKey::Attachment(id.parse::<AttachmentId>().unwrap().0)
}

async fn message_with(user: &User, channel: &str, names: &[&str]) -> (String, Vec<String>) {
    let mut ids = Vec::new();
    for name in names {
        ids.push(user.upload(channel, name, "text/plain", name.as_bytes()).await);
    }
    let sent = user.send(channel, "", &ids.iter().map(String::as_str).collect::<Vec<_>>()).await.ok();
    (text(&sent["id"]), ids)
}

async fn a_messages_files_come_in_order_under_names_that_say_whose_they_are(app: TestApp) {
    let owner = app.owner().await;
    let channel = text(&owner.contact("Jane", "Doe", "+1 (555) 123-4567").await["channelId"]);
    let (message, _) = message_with(&owner, &channel, &["photo.txt", "фото.txt", "a.txt"]).await;
    message_with(&owner, &channel, &["another.txt"]).await;
    let answer = zip(&owner, &format!("/api/messages/{message}/zip")).await;
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"Jane Doe files.zip\"; filename*=UTF-8''Jane%20Doe%20files.zip"
    );
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let entries = unzip(&answer.bytes);
    assert_eq!(names(&entries), ["Jane_15551234567_photo.txt", "Jane_15551234567_фото.txt", "Jane_15551234567_a.txt"]);
    assert_eq!(entries[1].text(), "фото.txt");
    assert!(entries[1].is_utf8 && entries.iter().all(|entry| entry.is_deflated));
}

async fn a_conversation_comes_with_all_its_sent_files_oldest_first(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for round in 1..=3 {
        message_with(&owner, &channel, &[&format!("{round}.txt")]).await;
    }
    let (_, deleted) = message_with(&owner, &channel, &["deleted.txt"]).await;
    app.sql("UPDATE attachments SET deleted_at = 1 WHERE id = {id}", &deleted[0]).await;
    owner.upload(&channel, "unsent.txt", "text/plain", b"x").await;
    let other = owner.channel("other").await;
    message_with(&owner, &other, &["elsewhere.txt"]).await;
    let answer = zip(&owner, &format!("/api/channels/{channel}/zip")).await;
    assert!(answer.header("content-disposition").contains("\"general files.zip\""));
    assert_eq!(names(&unzip(&answer.bytes)), ["1.txt", "2.txt", "3.txt"]);
}

async fn a_selection_keeps_its_order_without_invisible_files(app: TestApp) {
    let owner = app.owner().await;
    let (jane, bob) = (owner.contact("Jane", "", "").await, owner.contact("Bob", "", "").await);
    let of_jane = message_with(&owner, &text(&jane["channelId"]), &["1.txt", "2.txt"]).await.1;
    let of_bob = message_with(&owner, &text(&bob["channelId"]), &["3.txt"]).await.1;
    let ids = format!("{},{},{}", of_bob[0], of_jane[1], of_jane[0]);

    let all = selection(&owner, &[("ids", ids.clone())]).await;
    assert!(all.header("content-disposition").contains("\"Harbour files.zip\""));
    assert_eq!(names(&unzip(&all.bytes)), ["Bob_3.txt", "Jane_2.txt", "Jane_1.txt"]);

    let twice = selection(&owner, &[("ids", format!("{ids},{}", of_bob[0]))]).await;
    assert_eq!(names(&unzip(&twice.bytes)).len(), 3, "each once");

    let guest = app.guest_of(&jane).await;
    let some = selection(&guest, &[("ids", ids.clone()), ("channel", text(&jane["channelId"]))]).await;
    assert!(some.header("content-disposition").contains("\"Jane files.zip\""));
    assert_eq!(names(&unzip(&some.bytes)), ["Jane_2.txt", "Jane_1.txt"]);

    selection(&guest, &[("ids", of_bob[0].clone())]).await.refused(404, "not_found");
    selection(&owner, &[("ids", String::new())]).await.refused(404, "not_found");
    selection(&owner, &[("ids", "1".to_owned())]).await.refused_field("ids");
    let many = vec![of_bob[0].as_str(); 10_001].join(",");
    selection(&owner, &[("ids", many)]).await.refused_field("ids");
    selection(&owner, &[]).await.refused(400, "malformed_request");
}

async fn names_are_safe_and_doubles_are_numbered(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let hostile =
        ["../../etc/passwd", "C:\\windows\\a.txt", "/root/x", "..", "a.txt", "A.TXT", "a.txt", "_missing.txt", "con"];
    let (message, ids) = message_with(&owner, &channel, &hostile).await;
    app.platform.storage.delete(&key(&ids[2])).await.unwrap();
    let entries = unzip(&zip(&owner, &format!("/api/messages/{message}/zip")).await.bytes);
    assert_eq!(
        names(&entries),
        [
            ".._.._etc_passwd",
            "C__windows_a.txt",
            "attachment.txt",
            "a.txt",
            "A (2).TXT",
            "a (3).txt",
            "_missing.txt",
            "_con",
            "_missing (2).txt"
        ]
    );
    assert_eq!(entries[6].text(), "_missing.txt");
    assert!(entries[8].text().starts_with("_root_x: "), "{}", entries[8].text());
}

async fn entries_keep_their_time_and_bytes(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let bytes = files::png("picture");
    let id = owner.upload(&channel, "a.png", "image/png", &bytes).await;
    app.sql("UPDATE attachments SET uploaded_at = 1763460367123 WHERE id = {id}", &id).await;
    let sent = owner.send(&channel, "", &[&id]).await.ok();
    let entries = unzip(&zip(&owner, &format!("/api/messages/{}/zip", text(&sent["id"]))).await.bytes);
    assert_eq!(entries[0].bytes(), bytes);
    assert_eq!((entries[0].modified.as_str(), entries[0].unix_time), ("2025-11-18T10:06:06", 1_763_460_367));
}

async fn a_file_that_is_gone_from_the_storage_is_listed(app: TestApp) {
    let owner = app.owner().await;
    let channel = text(&owner.contact("Jane", "", "").await["channelId"]);
    let (_, ids) = message_with(&owner, &channel, &["1.txt", "2.txt", "3.txt"]).await;
    app.platform.storage.delete(&key(&ids[1])).await.unwrap();
    let entries = unzip(&zip(&owner, &format!("/api/channels/{channel}/zip")).await.bytes);
    assert_eq!(names(&entries), ["Jane_1.txt", "Jane_3.txt", "_missing.txt"]);
    assert_eq!(entries[2].text(), "Jane_2.txt: the file is no longer in the storage.\r\n");
}

async fn large_files_come_whole(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let bytes: Vec<u8> = (0..1_500_000_u32).flat_map(u32::to_le_bytes).collect();
    let id = owner.send_file(&channel, "a.bin", "application/octet-stream", &bytes).await;
    let answer = selection(&owner, &[("ids", id)]).await;
    let entries = unzip(&answer.bytes);
    assert!(entries[0].bytes() == bytes);
    assert!(answer.bytes.len() < bytes.len() + bytes.len() / 100, "nothing but headers around the file");
}

/// Reads a zip by its local headers only, as a program does with a pipe. Python inflates entries without a size in
/// front.
const STREAM: &str = r#"
import struct, sys, zlib
data, at, found = sys.stdin.buffer.read(), 0, []
while data[at:at + 4] == b"PK\x03\x04":
    flags, method = struct.unpack("<HH", data[at + 6:at + 10])
    size, name_length, extra_length = struct.unpack("<LHH", data[at + 18:at + 22] + data[at + 26:at + 30])
    name = data[at + 30:at + 30 + name_length]
    assert not (flags & 8 and method == 0), "nothing says where a stored entry ends"
    assert name.isascii() or flags & 0x800
    at += 30 + name_length + extra_length
    if method == 8:
        inflater = zlib.decompressobj(-15)
        text = inflater.decompress(data[at:]) + inflater.flush()
        assert inflater.eof
        at = len(data) - len(inflater.unused_data)
    else:
        text, at = data[at:at + size], at + size
    if flags & 8:
        assert struct.unpack("<L", data[at + 4:at + 8])[0] == zlib.crc32(text)
        at += 16
    found.append(name.decode() + "=" + str(len(text)))
assert data[at:at + 4] == b"PK\x01\x02"
print(",".join(found))
"#;

async fn a_zip_is_read_from_front_to_back(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    // Data that resembles the end of an entry inside one.
    let nested = [b"PK\x07\x08".as_slice(), &[0; 12], b"PK\x03\x04", &files::png("x")].concat();
    let mut ids = Vec::new();
    for (name, bytes) in [("a.txt", &b"hello"[..]), ("Größe.bin", &nested), ("big.bin", &vec![7; 300_000])] {
        ids.push(owner.upload(&channel, name, "application/octet-stream", bytes).await);
    }
    let sent = owner.send(&channel, "", &ids.iter().map(String::as_str).collect::<Vec<_>>()).await.ok();
    let message = format!("/api/messages/{}/zip", text(&sent["id"]));
    for answer in [
        zip(&owner, &message).await,
        zip(&owner, &format!("/api/channels/{channel}/zip")).await,
        selection(&owner, &[("ids", ids.join(","))]).await,
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("files.zip");
        std::fs::write(&path, &answer.bytes).unwrap();
        let read = std::process::Command::new("python3")
            .args(["-c", STREAM])
            .stdin(std::fs::File::open(&path).unwrap())
            .output()
            .unwrap();
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        let found = String::from_utf8(read.stdout).unwrap();
        assert_eq!(found.trim(), format!("a.txt=5,Größe.bin={},big.bin=300000", nested.len()));
    }
}

async fn windows_can_extract_a_zip(app: TestApp) {
    let owner = app.owner().await;
    let contact = owner.contact(&"Ж".repeat(90), "", "+44 (0)20 7946 0958").await;
    let channel = text(&contact["channelId"]);
    let long = format!("{}.jpeg.txt", "e\u{301}".repeat(80));
    let (message, _) = message_with(&owner, &channel, &[&long, &long, "short.txt"]).await;
    let answer = zip(&owner, &format!("/api/messages/{message}/zip")).await;
    let disposition = answer.header("content-disposition");
    let name = disposition.split("filename*=UTF-8''").nth(1).unwrap();
    let name = percent_encoding::percent_decode_str(name).decode_utf8().unwrap();
    assert!(name.ends_with(".zip") && name.encode_utf16().count() <= 60, "{name}");
    let entries = unzip(&answer.bytes);
    assert_eq!(entries.len(), 3);
    for entry in entries {
        assert!(
            entry.name.encode_utf16().count() <= 120 && entry.name.rsplit('.').next() == Some("txt"),
            "{}",
            entry.name
        );
        assert!(entry.is_utf8);
    }
}

async fn a_head_takes_nothing(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let (message, ids) = message_with(&owner, &channel, &["1.txt"]).await;
    for path in [
        format!("/api/messages/{message}/zip"),
        format!("/api/channels/{channel}/zip"),
        format!("/api/messages/attachments/{}?download=1", ids[0]),
    ] {
        let request = owner.request(Method::HEAD, &path).header("range", "bytes=0-0");
        let answer = owner.send_request(request).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.headers.get("content-range").is_none(), "{path}");
    }
    let log = owner.get("/api/audit-entries?action=downloaded").await.ok();
    assert_eq!(log["entries"], json!([]));
}

async fn a_zip_requires_the_view_permission(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "", "").await;
    let channel = text(&jane["channelId"]);
    let (message, ids) = message_with(&owner, &channel, &["1.txt"]).await;
    owner.post("/api/roles", json!({ "name": "blind", "permissions": ["Contact:View"] })).await.ok();
    let blind = app.invited("blind", "Ben Blind").await;
    blind.get(&format!("/api/messages/{message}/zip")).await.refused(403, "forbidden");
    blind.get(&format!("/api/channels/{channel}/zip")).await.refused(403, "forbidden");
    selection(&blind, &[("ids", ids[0].clone())]).await.refused(403, "forbidden");
    let said = owner.send(&channel, "without files", &[]).await.ok();
    owner.get(&format!("/api/messages/{}/zip", text(&said["id"]))).await.refused(404, "not_found");
}

async fn a_truncated_file_is_listed_with_its_received_bytes(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let bytes = vec![7; 1_000_000];
    let cut = owner.send_file(&channel, "cut.bin", "application/octet-stream", &bytes).await;
    owner.send_file(&channel, "whole.bin", "application/octet-stream", &bytes).await;
    let path = app.files().join("objects").join(&cut);
    std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(600_000).unwrap();
    let entries = unzip(&zip(&owner, &format!("/api/channels/{channel}/zip")).await.bytes);
    assert_eq!(names(&entries), ["cut.bin", "whole.bin", "_missing.txt"]);
    let kept = entries[0].bytes().len();
    assert!(kept > 0 && kept < 1_000_000 && entries[1].bytes() == bytes);
    let expected = format!("cut.bin: only the first {kept} of 1000000 bytes could be read.\r\n");
    assert_eq!(entries[2].text(), expected);
}

async fn a_client_that_goes_away_ends_the_reading(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "big.bin", "application/octet-stream", b"x").await;
    // Sparse: it uses no disk space, and more time than the client has.
    let size: u32 = 2_000_000_000;
    let path = app.files().join("objects").join(&id);
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(size.into()).unwrap();
    app.sql(&format!("UPDATE attachments SET file_size = {size} WHERE id = {{id}}"), &id).await;
    let is_read = || {
        let open = std::fs::read_dir("/proc/self/fd").unwrap();
        open.filter_map(|link| std::fs::read_link(link.ok()?.path()).ok()).any(|target| target == path)
    };
    let mut answer = owner.request(Method::GET, &format!("/api/channels/{channel}/zip")).send().await.unwrap();
    answer.chunk().await.unwrap().expect("the zip begins");
    assert!(is_read());
    drop(answer);
    // Each iteration waits for a request; very few are needed.
    for _ in 0..1000 {
        if !is_read() {
            return;
        }
        owner.get("/healthz").await;
    }
    panic!("the file is still being read");
}
