//! An upload in parts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Answer, Upload, User};

/// Returns the checksum as in `x-amz-checksum-sha256`.
pub fn checksum(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

pub struct Parts {
    pub user: User,
    pub upload: Upload,
    pub part_size: usize,
    pub count: usize,
}

impl Parts {
    /// Presigns a file that has several parts.
    pub async fn begin(user: &User, channel: &str, name: &str, content_type: &str, bytes: &[u8]) -> Self {
        let upload = user.presign(channel, name, content_type, bytes).await;
        let number = |field: &str| usize::try_from(upload.answer["multipart"][field].as_u64().unwrap()).unwrap();
        let (part_size, count) = (number("partSize"), number("partCount"));
        Self { user: user.clone(), part_size, count, upload }
    }

    pub fn id(&self) -> &str {
        &self.upload.id
    }

    /// Returns the bytes of a part.
    pub fn part(&self, number: usize) -> &[u8] {
        let start = (number - 1) * self.part_size;
        &self.upload.bytes[start..(start + self.part_size).min(self.upload.bytes.len())]
    }

    pub async fn ask(&self, parts: Value) -> Answer {
        self.user.post(&format!("/api/attachments/{}/parts", self.id()), json!({ "parts": parts })).await
    }

    /// Signs a part, bound to its own bytes.
    pub async fn sign(&self, number: usize) -> Upload {
        self.sign_for(number, self.part(number)).await
    }

    /// Signs a part, bound to other bytes.
    pub async fn sign_for(&self, number: usize, bytes: &[u8]) -> Upload {
        let signed = self.ask(json!([{ "partNumber": number, "checksumSha256": checksum(bytes) }])).await.ok();
        let part = &signed["parts"][0];
        assert_eq!((&part["partNumber"], &part["method"]), (&json!(number), &json!("PUT")));
        let mut answer = part.clone();
        answer["resourceId"] = json!(self.id());
        Upload::new(answer, bytes)
    }

    /// Signs and sends these parts.
    pub async fn send(&self, numbers: impl IntoIterator<Item = usize>) {
        for number in numbers {
            let put = self.sign(number).await.put().await;
            assert_eq!(put.status, 200, "{}", put.text());
        }
    }

    /// Returns the numbers of the parts that have arrived.
    pub async fn arrived(&self) -> Vec<u64> {
        let listed = self.user.get(&format!("/api/attachments/{}/parts", self.id())).await.ok();
        let parts = listed["parts"].as_array().expect("a list of parts");
        for part in parts {
            let number = usize::try_from(part["partNumber"].as_u64().unwrap()).unwrap();
            assert_eq!(part["size"], self.part(number).len());
            assert!(!part["etag"].as_str().unwrap().is_empty(), "{part}");
        }
        parts.iter().map(|part| part["partNumber"].as_u64().unwrap()).collect()
    }
}
