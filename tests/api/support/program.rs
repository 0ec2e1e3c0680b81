//! A program that talks to the REST API with an access token.

use reqwest::multipart::{self, Form};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::User;
use super::answer::{Answer, text};

/// A field of a form.
#[derive(Clone, Copy)]
pub enum Part<'a> {
    Text(&'a str),
    /// Name and bytes.
    File(&'a str, &'a [u8]),
}

#[derive(Clone)]
pub struct Program {
    user: User,
    /// The access token, or another text after `Bearer`.
    pub secret: String,
}

impl Program {
    pub fn new(base: &str, secret: &str) -> Self {
        Self { user: User::new(base), secret: secret.to_owned() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.user.request(method, &format!("/api/v1{path}")).bearer_auth(&self.secret)
    }

    pub async fn send_request(&self, request: RequestBuilder) -> Answer {
        self.user.send_request(request).await
    }

    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method.parse().expect("a method"), path);
        self.send_request(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    /// Downloads a file: redirects are followed, without the token.
    pub async fn download(&self, id: &str) -> Answer {
        let answer = self.get(&format!("/attachments/{id}/download")).await;
        if answer.status / 100 != 3 {
            return answer;
        }
        User::new(&self.user.base).get(answer.header("location")).await
    }

    /// Sends a form: texts, and files by name and bytes, in this order.
    pub async fn form(&self, path: &str, fields: &[(&str, Part<'_>)]) -> Answer {
        self.send_request(self.form_request(path, fields)).await
    }

    /// Returns the same request without sending it.
    pub fn form_request(&self, path: &str, fields: &[(&str, Part<'_>)]) -> RequestBuilder {
        let mut form = Form::new();
        for (name, part) in fields {
            let part = match part {
                Part::Text(text) => multipart::Part::text((*text).to_owned()),
                Part::File(file_name, bytes) => {
                    multipart::Part::bytes(bytes.to_vec()).file_name((*file_name).to_owned())
                }
            };
            form = form.part((*name).to_owned(), part);
        }
        self.request(Method::POST, path).multipart(form)
    }

    /// Uploads a file. Returns its id.
    pub async fn upload(&self, name: &str, bytes: &[u8]) -> String {
        let answer = self.form("/attachments/upload", &[("file", Part::File(name, bytes))]).await;
        text(&answer.created()["id"])
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }
}

impl User {
    /// Creates an access token. Returns the server's response.
    pub async fn access_token(&self, body: Value) -> Value {
        self.post("/api/access-tokens", body).await.ok()
    }

    /// Returns a program with these scopes and access to everything that this person can view.
    pub async fn program(&self, scopes: &[&str]) -> Program {
        let token = self.access_token(json!({ "name": "doorbell", "scopes": scopes })).await;
        Program::new(&self.base, &text(&token["secret"]))
    }

    /// Returns a program that is bound to one bucket.
    pub async fn bound_program(&self, scopes: &[&str], bucket: &str) -> Program {
        let body = json!({ "name": "doorbell", "scopes": scopes, "bucketId": bucket });
        Program::new(&self.base, &text(&self.access_token(body).await["secret"]))
    }
}
