//! URLs of files that are fetched without the token, for clients that would send it on to the store of a redirect.

use std::time::Duration;

use serde_json::json;
use tokio::process::Command;

use crate::support::{Program, TestApp, User, files, on_both_engines, text};

on_both_engines![
    a_file_is_fetched_without_the_token,
    a_changed_or_expired_url_is_rejected,
    a_url_ends_with_its_token_and_its_file,
    clients_that_keep_the_token_download_a_file,
];

struct Sent {
    owner: User,
    program: Program,
    file: String,
    /// Of the program's access token.
    token: String,
}

async fn sent(app: &TestApp, bytes: &[u8]) -> Sent {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "+1 555 123 4567").await;
    let file = owner.send_file(&text(&jane["channelId"]), "a.png", "image/png", bytes).await;
    let token = owner.access_token(json!({ "name": "sms", "scopes": ["attachments:read"] })).await;
    let program = Program::new(&app.base, &text(&token["secret"]));
    Sent { owner, program, file, token: text(&token["id"]) }
}

impl Sent {
    async fn url(&self) -> String {
        let answer = self.program.get(&format!("/attachments/{}/download?redirect=false", self.file)).await;
        assert!(answer.header("cache-control").contains("no-store"));
        let answer = answer.ok();
        assert!(text(&answer["expiresAt"]).ends_with('Z'), "{answer}");
        text(&answer["url"])
    }
}

async fn a_file_is_fetched_without_the_token(app: TestApp) {
    let bytes = files::png("tap");
    let sent = sent(&app, &bytes).await;
    let url = sent.url().await;
    assert!(url.starts_with("http://") && !url.contains(&sent.program.secret), "{url}");
    let answer = app.anonymous().get(&url).await;
    assert_eq!((answer.status, &answer.bytes), (200, &bytes));
    let disposition = answer.header("content-disposition");
    assert!(disposition.contains("Jane_15551234567_a.png"), "{disposition}");
    let range = app.anonymous().request(reqwest::Method::GET, &url).header("range", "bytes=0-3");
    let part = app.anonymous().send_request(range).await;
    assert_eq!((part.status, &part.bytes[..]), (206, &bytes[..4]));
    // As before.
    let path = format!("/attachments/{}/download", sent.file);
    for query in ["", "?redirect=true"] {
        let answer = sent.program.get(&format!("{path}{query}")).await;
        assert_eq!(answer.status, if app.is_local_disk() { 200 } else { 302 });
    }
    sent.program.get(&format!("{path}?redirect=no")).await.refused(400, "malformed_request");
    sent.program.get(&format!("{path}?follow=false")).await.refused(400, "malformed_request");
    let foreign = app.other_organization().await.program(&["attachments:read"]).await;
    foreign.get(&format!("{path}?redirect=false")).await.refused(404, "not_found");
    let writer = sent.owner.program(&["messages:write"]).await;
    writer.get(&format!("{path}?redirect=false")).await.refused(403, "forbidden");
}

async fn a_changed_or_expired_url_is_rejected(app: TestApp) {
    // An S3 store checks its URLs itself.
    if !app.is_local_disk() {
        return;
    }
    let sent = sent(&app, b"abc").await;
    let url = sent.url().await;
    let other = sent.owner.upload(&sent.owner.channel("general").await, "b.txt", "text/plain", b"b").await;
    let nobody = app.anonymous();
    let (start, signature) = url.rsplit_once('=').expect("it ends with its signature");
    for wrong in [
        url.replace(&sent.file, &other),
        url.replace(&sent.owner.member_id, &other),
        url.replace(&format!("&token={}", sent.token), ""),
        url.replace("expires=1", "expires=2"),
        format!("{start}={}", signature.chars().rev().collect::<String>()),
        format!("{start}="),
    ] {
        assert_ne!(wrong, url);
        nobody.get(&wrong).await.refused(403, "invalid_signature");
    }
    app.advance(Duration::from_mins(61));
    nobody.get(&url).await.refused(403, "url_expired");
}

async fn a_url_ends_with_its_token_and_its_file(app: TestApp) {
    if !app.is_local_disk() {
        return;
    }
    let sent = sent(&app, b"abc").await;
    let nobody = app.anonymous();
    let url = sent.url().await;
    assert_eq!(nobody.get(&url).await.bytes, b"abc");
    sent.owner.delete(&format!("/api/attachments/{}", sent.file)).await.ok();
    nobody.get(&url).await.refused(404, "not_found");
    sent.owner.poke(&format!("/api/attachments/{}/restore", sent.file)).await.ok();
    assert_eq!(nobody.get(&url).await.bytes, b"abc");
    sent.owner.delete(&format!("/api/access-tokens/{}", sent.token)).await.ok();
    nobody.get(&url).await.refused(401, "unauthenticated");
}

const WGET: &str = r#"
url=$(wget -q -O - --header "Authorization: Bearer $TOKEN" "$FILE?redirect=false" | sed 's/.*"url":"\([^"]*\)".*/\1/')
wget -q -O "$OUT" "$url"
"#;

const URLLIB: &str = r#"
import json, os, urllib.request
request = urllib.request.Request(os.environ["FILE"] + "?redirect=false", headers={"Authorization": "Bearer " + os.environ["TOKEN"]})
with urllib.request.urlopen(request) as response:
    url = json.load(response)["url"]
with urllib.request.urlopen(url) as response, open(os.environ["OUT"], "wb") as file:
    file.write(response.read())
"#;

const JAVA: &str = r#"
import java.net.*;
import java.net.http.*;
import java.nio.file.*;
import java.util.regex.*;

public class Download {
    public static void main(String[] arguments) throws Exception {
        var client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.ALWAYS).build();
        var asked = HttpRequest.newBuilder(URI.create(System.getenv("FILE") + "?redirect=false"));
        asked.header("Authorization", "Bearer " + System.getenv("TOKEN"));
        var answer = client.send(asked.build(), HttpResponse.BodyHandlers.ofString()).body();
        var url = Pattern.compile("\"url\":\"([^\"]*)\"").matcher(answer);
        if (!url.find()) throw new Exception(answer);
        var file = HttpRequest.newBuilder(URI.create(url.group(1))).build();
        client.send(file, HttpResponse.BodyHandlers.ofFile(Path.of(System.getenv("OUT"))));
    }
}
"#;

/// wget, Python's urllib and Java's `HttpClient` send their Authorization header on to the host of a redirect. Java is tested where
/// it is installed.
async fn clients_that_keep_the_token_download_a_file(app: TestApp) {
    let bytes = files::picture(40, 30);
    let sent = sent(&app, &bytes).await;
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("Download.java");
    std::fs::write(&source, JAVA).unwrap();
    let source = source.to_str().unwrap();
    let has_java = Command::new("java").arg("-version").output().await.is_ok_and(|output| output.status.success());
    let clients = [("bash", vec!["-c", WGET]), ("python3", vec!["-c", URLLIB]), ("java", vec![source])];
    for (client, arguments) in clients.into_iter().filter(|(client, _)| *client != "java" || has_java) {
        let out = folder.path().join(client);
        let mut command = Command::new(client);
        command.args(arguments).current_dir(folder.path()).kill_on_drop(true).env("no_proxy", "127.0.0.1,localhost");
        command.env("FILE", format!("{}/api/v1/attachments/{}/download", app.base, sent.file));
        command.env("TOKEN", &sent.program.secret).env("OUT", &out);
        let done = command.output().await.unwrap_or_else(|error| panic!("{client} is not installed: {error}"));
        assert!(done.status.success(), "{client}: {}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(std::fs::read(&out).unwrap(), bytes, "{client}");
    }
}
