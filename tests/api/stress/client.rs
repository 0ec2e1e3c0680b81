//! A client with random actions of people and programs that records what was acknowledged.

mod messages;
mod uploads;

use std::time::Duration;

use attache::platform::clock::Clock;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

pub use uploads::PART;

use super::facts::Book;
use super::random::Random;
use crate::support::{Answer, Program, User};

/// Timeout of a request, also while an engine is down.
const ANSWER_DEADLINE: Duration = Duration::from_mins(1);
/// Pause of a client before a retry.
const PAUSE: Duration = Duration::from_millis(50);

/// No response, or 503: the request was done or not.
#[derive(Debug)]
pub struct Lost;

pub struct Client {
    pub user: User,
    pub program: Program,
    pub books: Vec<Book>,
    random: Random,
    http: reqwest::Client,
    /// Whether an engine may be down, so that 503 is expected.
    expects_unavailable: bool,
    pub acknowledged: usize,
    pub unavailable: usize,
    pub cut_off: usize,
}

impl Client {
    pub fn new(user: &User, program: &Program, random: Random, expects_unavailable: bool) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client can be made");
        let (user, program) = (user.clone(), program.clone());
        let (books, acknowledged, unavailable, cut_off) = (Vec::new(), 0, 0, 0);
        Self { user, program, books, random, http, expects_unavailable, acknowledged, unavailable, cut_off }
    }

    pub const fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Continues at another server of the same installation.
    pub fn move_to(&mut self, base: &str) {
        self.user = self.user.at(base);
        self.program = Program::new(base, &self.program.secret);
    }

    /// Begins a book in its own channel, while nothing is killed.
    pub async fn open_book(&mut self) {
        let name = Clock::default().new_id().simple().to_string();
        self.books.push(Book::new(self.user.channel(&name).await));
    }

    /// Works until a request has no response.
    pub async fn run_until_cut_off(mut self) -> Self {
        while self.step().await.is_ok() {}
        self
    }

    /// Works until `goes_on` is false.
    pub async fn run_while(mut self, goes_on: watch::Receiver<bool>) -> Self {
        while *goes_on.borrow() {
            if self.step().await.is_err() {
                sleep(PAUSE).await;
            }
        }
        self
    }

    async fn step(&mut self) -> Result<(), Lost> {
        match self.random.below(100) {
            0..30 => self.upload().await,
            30..36 => self.upload_in_parts().await,
            36..56 => self.send().await,
            56..65 => self.delete_file().await,
            65..70 => self.restore_file().await,
            70..77 => self.purge_file().await,
            77..82 => self.delete_message().await,
            82..86 => self.restore_message().await,
            86..93 => self.post().await,
            _ => self.post_with_file().await,
        }
    }

    fn book(&mut self) -> &mut Book {
        self.books.last_mut().expect("a book is open")
    }

    /// Returns a unique text.
    fn new_body() -> String {
        Clock::default().new_id().simple().to_string()
    }

    async fn answer(&mut self, request: RequestBuilder) -> Result<Answer, Lost> {
        let read = async {
            let response = request.send().await?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Ok::<_, reqwest::Error>(Answer { status, headers, bytes: response.bytes().await?.to_vec() })
        };
        let answer = timeout(ANSWER_DEADLINE, read).await.expect("every request is answered in time");
        answer.map_err(|_| {
            self.cut_off += 1;
            Lost
        })
    }

    /// Sends a request that must succeed with this status, unless an engine is down.
    async fn ask(&mut self, request: RequestBuilder, success: u16) -> Result<Value, Lost> {
        let answer = self.answer(request).await?;
        if answer.status == 503 && self.expects_unavailable {
            self.unavailable += 1;
            answer.refused(503, "unavailable");
            return Err(Lost);
        }
        assert_eq!(answer.status, success, "{}", answer.text());
        self.acknowledged += 1;
        Ok(answer.json())
    }

    async fn call(&mut self, method: Method, path: &str) -> Result<Value, Lost> {
        let request = self.user.request(method, path);
        self.ask(request, 200).await
    }

    async fn post_json(&mut self, path: &str, body: Value) -> Result<Value, Lost> {
        let request = self.user.request(Method::POST, path).json(&body);
        self.ask(request, 200).await
    }

    /// Sends bytes to a presigned URL.
    async fn put(&mut self, signed: &Value, bytes: &'static [u8]) -> Result<(), Lost> {
        let url = signed["uploadUrl"].as_str().expect("a URL");
        let is_store = !url.starts_with(&self.user.base);
        let mut request = self.http.put(url).body(bytes);
        for (name, value) in signed["headers"].as_object().unwrap_or(&serde_json::Map::new()) {
            request = request.header(name, value.as_str().expect("headers are texts"));
        }
        let answer = self.answer(request).await?;
        if answer.status >= 500 && self.expects_unavailable {
            self.unavailable += 1;
            assert!(is_store || answer.status == 503, "{}", answer.text());
            return Err(Lost);
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.acknowledged += 1;
        Ok(())
    }

    /// Presigns a file for the channel of the book.
    async fn presign(&mut self, content: &super::facts::Content) -> Result<Value, Lost> {
        let channel = self.book().channel.clone();
        let body = json!({ "type": "attachment", "channelId": channel, "fileName": "file.bin",
            "fileSize": content.bytes().len(), "contentType": content.content_type() });
        self.post_json("/api/uploads/presign", body).await
    }
}
