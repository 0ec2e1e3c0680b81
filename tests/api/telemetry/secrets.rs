//! No secret, file name or text of a message is in the log, at the lowest level of everything.

use reqwest::Method;
use serde_json::{Value, json};

use super::signed_up;
use crate::support::{
    Engines, Installation, PASSWORD, Part, Program, User, as_process_on_both_engines, checksum, text, until,
};

as_process_on_both_engines![nothing_secret_is_logged_at_any_level];

const FILE_NAME: &str = "hidden-file-name";
const WORDS: &str = "hidden-words-of-a-message";
const LINK_PASSWORD: &str = "hidden-password-of-a-link";
const WRONG_PASSWORD: &str = "hidden-wrong-password";
const METRICS_TOKEN: &str = "hidden-metrics-token";
const CLIENT_ID: &str = "hidden-request-id";

async fn nothing_secret_is_logged_at_any_level(installation: Installation) {
    let mut variables = installation.variables();
    variables.insert("RUST_LOG", "trace".to_owned());
    variables.insert("METRICS_TOKEN", METRICS_TOKEN.to_owned());
    variables.insert("ATTACHMENTS_ALLOWED_MIME_TYPES", "image/png,text/plain".to_owned());
    let mut server = installation.start_with(&variables);
    let mut hidden: Vec<String> = [PASSWORD, FILE_NAME, WORDS, LINK_PASSWORD, WRONG_PASSWORD, METRICS_TOKEN, CLIENT_ID]
        .map(str::to_owned)
        .to_vec();
    hidden.extend(secrets_of(&installation));

    // People: sign-up, log-in, an invite, a reset link.
    let owner = signed_up(&server).await;
    hidden.extend(owner.token());
    let device = owner.another_device().await;
    hidden.extend(device.token());
    let wrong = json!({ "email": owner.email, "password": WRONG_PASSWORD });
    owner.copy_of_session().post("/api/auth/log-in", wrong).await.refused(401, "wrong_credentials");
    let invite = owner.invite_token("member").await;
    let mut member = User::new(&server.base);
    member.get(&format!("/invite/{invite}")).await;
    let accepted = json!({ "token": invite, "name": "Mia", "email": "mia@example.com", "password": PASSWORD });
    member.entered(member.post("/api/invites/accept", accepted).await, "mia@example.com");
    hidden.extend([Some(invite), member.token()].into_iter().flatten());
    let reset = owner.poke(&format!("/api/members/{}/password-reset", member.member_id)).await.ok();
    let reset = text(&reset["url"]).rsplit('/').next().expect("a token").to_owned();
    member.get(&format!("/reset/{reset}")).await;
    member.get(&format!("/api/auth/password-reset/{reset}")).await.ok();
    let new = json!({ "token": reset, "password": format!("{PASSWORD} again") });
    member.post("/api/auth/password-reset", new).await.ok();
    hidden.push(reset);

    // Files and messages, by the app.
    let channel = owner.channel("general").await;
    let name = format!("{FILE_NAME}.txt");
    let file = owner.upload(&channel, &name, "text/plain", WORDS.as_bytes()).await;
    owner.send(&channel, WORDS, &[&file]).await.ok();
    owner.get(&format!("/api/messages/found?search={WORDS}")).await;
    owner.get(&format!("/api/files?search={FILE_NAME}")).await;
    let download = owner.get(&format!("/api/messages/attachments/{file}?download=1")).await;
    hidden.extend(signature_in(download.header("location")));
    owner.download(&file, "?download=1").await;
    owner.get(&format!("/api/channels/{channel}/zip")).await;
    let refused = owner.stage(&channel, &format!("{FILE_NAME}.png"), "image/png", b"<!doctype html>").await;
    hidden.extend(signature_in(&refused.url));
    owner.complete(&refused.id).await.refused(422, "type_mismatch");
    let given_up = owner.presign(&channel, &name, "text/plain", b"bytes").await;
    owner.fail(&given_up.id, &format!("{FILE_NAME} cannot be read")).await.ok();
    let broken = owner.presign(&channel, &format!("{FILE_NAME}.png"), "image/png", b"\x89PNG\r\n\x1a\nbroken").await;
    broken.put().await;
    owner.complete(&broken.id).await;
    let large = vec![7; 9 << 20];
    let parts = owner.presign(&channel, &name, "application/octet-stream", &large).await;
    let part = json!({ "partNumber": 1, "checksumSha256": checksum(&large[..8 << 20]) });
    owner.post(&format!("/api/attachments/{}/parts", parts.id), json!({ "parts": [part] })).await.ok();
    // Pages, drawn by the server.
    for page in ["/inbox", "/files", "/settings/members"] {
        owner.get(page).await;
    }
    owner.get(&format!("/inbox/{channel}")).await;

    // A share link with a password.
    let link = json!({ "attachmentId": file, "password": LINK_PASSWORD });
    let link = text(&owner.post("/api/share-links", link).await.ok()["url"]);
    let token = link.rsplit('/').next().expect("a token").to_owned();
    let stranger = User::new(&server.base);
    let path = format!("/s/{token}");
    stranger.get(&path).await;
    for password in [WRONG_PASSWORD, LINK_PASSWORD] {
        let opened = stranger.request(Method::POST, &path).form(&[("password", password)]).send().await;
        let opened = opened.expect("the server answers");
        let cookies = opened.headers().get_all("set-cookie").iter();
        let cookies: Vec<_> = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next()).collect();
        hidden.extend(cookies.iter().filter_map(|pair| Some(pair.split_once('=')?.1.to_owned())));
        let page = stranger.request(Method::GET, &path).header("cookie", cookies.join("; "));
        stranger.send_request(page).await;
    }
    hidden.push(token);

    // Programs: an access token, tokens of a log-in, a form, a URL.
    let program = owner.program(&["attachments:write", "messages:write", "messages:read"]).await;
    program.upload(&name, WORDS.as_bytes()).await;
    let form = [("channel", Part::Text("general")), ("text", Part::Text(WORDS)), ("file", Part::File(&name, b"text"))];
    program.form("/messages/with-attachment", &form).await;
    program.form("/attachments/upload", &[("file", Part::File(&name, b"%PDF-1.7 refused"))]).await;
    let url = format!("http://127.0.0.1:1/{FILE_NAME}.png?key={METRICS_TOKEN}");
    program.post("/attachments/download-from-url", json!({ "url": url })).await.refused(400, "invalid_url");
    hidden.push(program.secret.clone());
    let log_in = json!({ "email": owner.email, "password": PASSWORD });
    let tokens = stranger.post("/api/v1/auth/login", log_in).await.ok();
    Program::new(&server.base, &text(&tokens["accessToken"])).get("/messages").await;
    let next = stranger.post("/api/v1/auth/refresh", json!({ "refreshToken": tokens["refreshToken"] })).await.ok();
    hidden.extend(
        [&tokens, &next].into_iter().flat_map(|pair| ["accessToken", "refreshToken"].map(|name| text(&pair[name]))),
    );
    let metrics = stranger.request(Method::GET, "/metrics").bearer_auth(METRICS_TOKEN);
    assert_eq!(stranger.send_request(metrics.header("x-request-id", CLIENT_ID)).await.status, 200);
    Program::new(&server.base, "hidden-wrong-token").get("/messages").await.refused(401, "unauthenticated");
    hidden.push("hidden-wrong-token".to_owned());

    let last = stranger.get("/api/auth/session").await;
    let last: Value = last.json()["requestId"].clone();
    until("all is logged", async || server.log().contains(last.as_str().expect("an id"))).await;
    server.stop().await;
    check_log(&server.log(), &hidden);
}

fn check_log(log: &str, hidden: &[String]) {
    assert!(log.contains(" DEBUG ") && log.contains("upload failed"), "the lowest levels are on: {log}");
    for secret in hidden {
        assert!(secret.len() > 7, "{secret:?} could be anywhere");
        let found = log.lines().find(|line| line.contains(secret.as_str()));
        assert!(found.is_none(), "{secret} in {found:?}");
    }
}

/// What the settings of this pair of engines must keep to themselves.
fn secrets_of(installation: &Installation) -> Vec<String> {
    let variables = installation.variables();
    let names = ["S3_SECRET_ACCESS_KEY", "S3_ACCESS_KEY_ID", "DATABASE_URL"];
    let secrets: Vec<_> = names.iter().filter_map(|name| variables.get(name).cloned()).collect();
    assert_eq!(secrets.is_empty(), installation.engines == Engines::SqliteLocal);
    secrets
}

/// The signature of a presigned URL.
fn signature_in(url: &str) -> Option<String> {
    let query = url.split_once('?')?.1;
    let signature = query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.to_lowercase().ends_with("signature").then(|| value.to_owned())
    });
    Some(signature.unwrap_or_else(|| panic!("no signature in {url}")))
}
