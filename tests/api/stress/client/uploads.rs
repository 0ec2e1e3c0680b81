//! Files: sent in one piece or in parts, completed, deleted, restored and purged.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, Lost};
use crate::stress::facts::{Content, Stage};
use crate::support::{checksum, text};

/// As the server cuts files.
pub const PART: usize = 8 * 1024 * 1024;

impl Client {
    pub(super) async fn upload(&mut self) -> Result<(), Lost> {
        let content = if self.random.percent(15) {
            Content::picture(&mut self.random)
        } else {
            let most = *self.random.pick(&[200, 20_000, 200_000, 2_000_000]);
            let length = self.random.between(1, most);
            Content::noise(&mut self.random, length)
        };
        let bytes = content.bytes();
        let signed = self.presign(&content).await?;
        let file = self.book().add(text(&signed["resourceId"]), content);
        self.book().begin(file, Stage::Stored);
        self.put(&signed, bytes).await?;
        self.book().acknowledged(file);
        self.complete(file).await
    }

    async fn complete(&mut self, file: usize) -> Result<(), Lost> {
        self.book().begin(file, Stage::Complete);
        let path = format!("/api/attachments/{}/complete", self.book().files[file].id);
        let done = self.call(Method::POST, &path).await?;
        assert_eq!(done["status"], "complete", "{done}");
        self.book().acknowledged(file);
        Ok(())
    }

    pub(super) async fn upload_in_parts(&mut self) -> Result<(), Lost> {
        let length = self.random.between(PART + 1, PART + 400_000);
        let content = Content::noise(&mut self.random, length);
        let bytes = content.bytes();
        let presigned = self.presign(&content).await?;
        assert_eq!(presigned["multipart"], json!({ "partSize": PART, "partCount": 2 }));
        let file = self.book().add(text(&presigned["resourceId"]), content);
        self.book().files[file].parts = Some(BTreeSet::new());
        let parts: Vec<_> = bytes.chunks(PART).collect();
        let mut signed = self.sign_parts(file, &parts).await?;
        if self.random.percent(50) {
            signed.reverse();
        }
        for part in signed {
            let number = usize::try_from(part["partNumber"].as_u64().expect("a number")).expect("it is small");
            self.put(&part, parts[number - 1]).await?;
            self.book().files[file].parts.as_mut().expect("it is in parts").insert(number);
        }
        self.book().files[file].settle(Stage::Stored);
        self.complete(file).await
    }

    async fn sign_parts(&mut self, file: usize, parts: &[&[u8]]) -> Result<Vec<Value>, Lost> {
        let asked: Vec<_> = (1..)
            .zip(parts)
            .map(|(number, part)| json!({ "partNumber": number, "checksumSha256": checksum(part) }))
            .collect();
        let path = format!("/api/attachments/{}/parts", self.book().files[file].id);
        let signed = self.post_json(&path, json!({ "parts": asked })).await?;
        Ok(signed["parts"].as_array().expect("a list of parts").clone())
    }

    pub(super) async fn delete_file(&mut self) -> Result<(), Lost> {
        self.change_file(Stage::Complete, Stage::Deleted, Method::DELETE, "").await
    }

    pub(super) async fn restore_file(&mut self) -> Result<(), Lost> {
        self.change_file(Stage::Deleted, Stage::Complete, Method::POST, "/restore").await
    }

    pub(super) async fn purge_file(&mut self) -> Result<(), Lost> {
        self.change_file(Stage::Deleted, Stage::Purged, Method::POST, "/purge").await
    }

    /// Takes any sent file from one stage to another.
    async fn change_file(&mut self, from: Stage, to: Stage, method: Method, action: &str) -> Result<(), Lost> {
        let files = self.book().files_at(from, true);
        if files.is_empty() {
            return Ok(());
        }
        let file = *self.random.pick(&files);
        self.book().begin(file, to);
        let path = format!("/api/attachments/{}{action}", self.book().files[file].id);
        self.call(method, &path).await?;
        self.book().acknowledged(file);
        Ok(())
    }
}
