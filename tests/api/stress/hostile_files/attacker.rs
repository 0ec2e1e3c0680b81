//! An organization that sends hostile files. Each response is a documented one.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use super::Kind;
use crate::support::{Answer, Part, Process, Program, Upload, User, text};

/// Timeout of a request.
const ANSWER_DEADLINE: Duration = Duration::from_mins(3);
/// Timeout until the previews of all files are created or have failed.
const PREVIEWS_DEADLINE: Duration = Duration::from_mins(20);
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// The way of an upload.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    /// Presigned, sent, completed and posted by a person.
    Browser,
    /// In a form of the REST API.
    Program,
    /// By a person into a public bucket, from which anyone fetches it.
    Public,
}

pub struct Attacker {
    pub user: User,
    program: Program,
    channel: String,
    bucket: String,
    /// How often each step got each status.
    answers: Mutex<BTreeMap<(&'static str, u16), usize>>,
}

pub async fn sign_up(server: &Process, email: &str, organization: &str) -> User {
    let user = User::new(&server.base);
    let body = json!({ "name": "Somebody", "email": email, "password": "correct horse battery", "organization": organization });
    user.post("/api/auth/sign-up", body).await.ok();
    user
}

impl Attacker {
    pub async fn sign_up(server: &Process) -> Self {
        let user = sign_up(server, "attacker@example.com", "Harbour").await;
        let program = user.program(&["messages:write", "attachments:write"]).await;
        let channel = user.channel("general").await;
        let bucket =
            text(&user.post("/api/buckets", json!({ "name": "Door", "publicDownloads": true })).await.ok()["id"]);
        Self { user, program, channel, bucket, answers: Mutex::default() }
    }

    /// Sends a request until it is not rate-limited. Any other response is one of `documented`.
    async fn answer(
        &self,
        step: &'static str,
        documented: &[u16],
        request: impl Fn() -> RequestBuilder,
        name: &str,
    ) -> Answer {
        loop {
            let asked = async { Ok::<_, reqwest::Error>(Answer::read(request().send().await?).await) };
            let answer = timeout(ANSWER_DEADLINE, asked).await;
            let answer = answer.unwrap_or_else(|_| panic!("{step} of {name} is not answered"));
            let answer = answer.unwrap_or_else(|error| panic!("{step} of {name}: {error:?}"));
            *self.answers.lock().expect("nobody panics with it").entry((step, answer.status)).or_default() += 1;
            if matches!(answer.status, 429 | 503) {
                let wait: u64 =
                    answer.header("retry-after").parse().unwrap_or_else(|_| panic!("{step} of {name}: {answer:?}"));
                sleep(Duration::from_secs(wait)).await;
                continue;
            }
            assert!(documented.contains(&answer.status), "{step} of {name}: {} {}", answer.status, answer.text());
            return answer;
        }
    }

    pub async fn send(&self, kind: Kind, bytes: Vec<u8>, way: Way) {
        match way {
            Way::Program => self.post(kind, &bytes).await,
            Way::Browser => drop(self.upload(kind, &bytes, &self.channel).await),
            Way::Public => {
                let Some(id) = self.upload(kind, &bytes, &self.bucket).await else { return };
                let path = format!("/api/v1/attachments/{id}/download/public");
                let anybody = User::new(&self.user.base);
                self.answer("public", &[200, 404, 422], || anybody.request(Method::GET, &path), kind.name).await;
            }
        }
    }

    /// Returns the id of the file if it was accepted.
    async fn upload(&self, kind: Kind, bytes: &[u8], channel: &str) -> Option<String> {
        let body = json!({ "type": "attachment", "channelId": channel, "fileName": kind.name, "fileSize": bytes.len(),
            "contentType": kind.content_type });
        let post = |path: String| self.user.request(Method::POST, &path);
        let presign = || post("/api/uploads/presign".to_owned()).json(&body);
        let presigned = self.answer("presign", &[200], presign, kind.name).await;
        let upload = Upload::new(presigned.json(), bytes);
        let put = || upload.request(&upload.url).body(bytes.to_vec());
        self.answer("put", &[200], put, kind.name).await;
        let complete = || post(format!("/api/attachments/{}/complete", upload.id));
        if self.answer("complete", &[200, 422], complete, kind.name).await.status != 200 {
            return None;
        }
        let message = json!({ "body": kind.name, "attachmentIds": [upload.id] });
        let send = || post(format!("/api/channels/{channel}/messages")).json(&message);
        self.answer("send", &[200], send, kind.name).await;
        Some(upload.id)
    }

    async fn post(&self, kind: Kind, bytes: &[u8]) {
        let fields = [("bucketId", Part::Text(&self.channel)), ("file", Part::File(kind.name, bytes))];
        let form = || self.program.form_request("/messages/with-attachment", &fields);
        self.answer("form", &[201, 400, 413, 415, 422], form, kind.name).await;
    }

    /// Returns the files of all messages.
    async fn files(&self) -> Vec<Value> {
        let mut files = Vec::new();
        for channel in [&self.channel, &self.bucket] {
            let mut before = String::new();
            loop {
                let page = self.user.get(&format!("/api/channels/{channel}/messages?limit=200{before}")).await.ok();
                let page = page.as_array().expect("a list of messages");
                files.extend(
                    page.iter().flat_map(|message| message["attachments"].as_array().expect("a list")).cloned(),
                );
                match page.last() {
                    Some(last) if page.len() == 200 => before = format!("&before={}", text(&last["id"])),
                    _ => break,
                }
            }
        }
        files
    }

    /// Returns once no file waits for its preview.
    pub async fn wait_for_previews(&self) {
        let started = Instant::now();
        loop {
            let files = self.files().await;
            let pending: Vec<_> = files.iter().filter(|file| file["preview"]["state"] == "pending").collect();
            if pending.is_empty() {
                return;
            }
            assert!(started.elapsed() < PREVIEWS_DEADLINE, "{} previews wait, such as {}", pending.len(), pending[0]);
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Requests the previews of each file.
    pub async fn look_at_everything(&self) {
        for file in self.files().await {
            let (id, name) = (text(&file["id"]), text(&file["fileName"]));
            let get = |what: &str| {
                let path = format!("/api/messages/attachments/{id}{what}");
                move || self.user.request(Method::GET, &path)
            };
            self.answer("thumbnail", &[200, 302, 404], get("/thumbnail?size=feed"), &name).await;
            if file["contentType"] == "application/pdf" {
                self.answer("page", &[200, 302, 404], get("/pages/1"), &name).await;
            }
        }
    }

    /// Returns all responses so far, such as `complete 200: 31, complete 422: 4`.
    pub fn answers(&self) -> String {
        let answers = self.answers.lock().expect("nobody panics with it");
        let texts: Vec<_> = answers.iter().map(|((step, status), count)| format!("{step} {status}: {count}")).collect();
        texts.join(", ")
    }
}

/// Asserts that an ordinary photo is shown.
pub async fn assert_photo_gets_preview(user: &User, photo: &[u8]) {
    let channel = user.channel("photos").await;
    user.send_file(&channel, "photo.jpg", "image/jpeg", photo).await;
    let ready = async {
        while user.messages(&channel).await[0]["attachments"][0]["preview"]["state"] != "ready" {
            sleep(POLL_INTERVAL).await;
        }
    };
    assert!(timeout(Duration::from_secs(30), ready).await.is_ok(), "an ordinary photo gets no preview");
}
