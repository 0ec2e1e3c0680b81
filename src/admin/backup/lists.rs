//! The lists of a back-up's objects. They are stored piece by piece, so that an interrupted run need not copy again.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::lines::LineWriter;
use super::manifest::{BackedUpObject, StoredFile, file_of};
use crate::platform::Platform;
use crate::platform::archive::Archive;
use crate::platform::timestamp::Timestamp;

/// After this number of objects, or this time, a list is stored.
const LIST_MAX: usize = 5000;
const LIST_INTERVAL: Duration = Duration::from_mins(1);

pub struct ObjectLists {
    platform: Platform,
    archive: Arc<Archive>,
    backup: String,
    stored: Vec<StoredFile>,
    open: Option<(LineWriter, usize, Timestamp)>,
}

impl ObjectLists {
    pub fn new(platform: Platform, archive: Arc<Archive>, backup: String) -> Self {
        Self { platform, archive, backup, stored: Vec::new(), open: None }
    }

    pub async fn add(&mut self, object: &BackedUpObject) -> Result<()> {
        let now = self.platform.clock.now();
        let (mut lines, count, begun) = match self.open.take() {
            Some(open) => open,
            None => (LineWriter::begin(&self.platform.storage).await?, 0, now),
        };
        lines.line(&serde_json::to_string(object)?).await?;
        self.open = Some((lines, count + 1, begun));
        if count + 1 >= LIST_MAX || now > begun.plus(LIST_INTERVAL) {
            self.store().await?;
        }
        Ok(())
    }

    async fn store(&mut self) -> Result<()> {
        if let Some((lines, ..)) = self.open.take() {
            let name = file_of(&self.backup, &format!("objects/{:06}.jsonl.gz", self.stored.len() + 1));
            self.stored.push(lines.store(&self.archive, &name).await?);
        }
        Ok(())
    }

    /// Stores the remaining lines. Returns all lists.
    pub async fn end(mut self) -> Result<Vec<StoredFile>> {
        self.store().await?;
        Ok(self.stored)
    }
}
