//! Copies the objects that rows require, while people work, and reads each copy again to compare it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt, TryStreamExt};
use uuid::Uuid;

use super::progress::Progress;
use super::store;
use crate::admin::stored_objects::{DerivedOwner, StoredObjects};
use crate::platform::archive::Checksum;
use crate::platform::db::Db;
use crate::platform::storage::{Derived, Listed, ObjectKey, Storage, StorageError};

/// Objects that are copied at a time.
const COPIES: usize = 8;
/// Attempts to copy an object, and the pause before the next one.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(2);
/// Objects that are noted in the database at a time, before and after they are copied.
const NOTED_AT_ONCE: usize = 100;
/// The content type of previews.
const PREVIEW_TYPE: &str = "image/webp";
/// Objects that an error names.
const NAMED_MAX: usize = 10;

/// An object to copy.
struct Source {
    key: ObjectKey,
    /// Bytes.
    size: u64,
    content_type: String,
    /// Changes with the bytes.
    version: String,
    /// Whether a row requires it. A preview can be made again.
    is_required: bool,
}

/// Why an object was not copied.
enum Outcome {
    Copied,
    /// The source does not have it, or not with this size.
    Missing,
}

pub struct Objects {
    db: Db,
    from: Arc<Storage>,
    to: Arc<Storage>,
    /// Versions of copied objects, by key.
    copied: HashMap<String, String>,
    /// Keys of objects that the target may have, incomplete or of an older version.
    begun: HashSet<String>,
    /// Owners whose previews were listed.
    owners: HashMap<Uuid, DerivedOwner>,
    progress: Progress,
}

/// What the target has after a pass.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Pass {
    /// Objects that this pass has copied.
    pub copied: u64,
    /// All objects that rows require, and previews.
    pub files: u64,
    /// Keys of objects that rows require, and the source does not have.
    pub missing: Vec<String>,
}

impl Objects {
    /// Continues with what an earlier run has copied, as far as the target still has it.
    pub async fn begin(db: Db, from: Arc<Storage>, to: Arc<Storage>, progress: Progress) -> Result<Self> {
        let noted = store::moved_objects(db.on()).await?;
        let begun = noted.keys().cloned().collect();
        let sizes = if noted.is_empty() { HashMap::new() } else { sizes(&to).await? };
        let is_there = |(key, version): &(String, String)| sizes.get(key).is_some_and(|size| has_size(version, *size));
        let copied = noted.into_iter().filter(is_there).collect();
        Ok(Self { db, from, to, copied, begun, owners: HashMap::new(), progress })
    }

    /// Copies what is new, while people work. Lists all previews.
    pub async fn pass(&mut self, required: StoredObjects) -> Result<Pass> {
        let mut sources: Vec<_> = required.objects.into_iter().map(Source::of).collect();
        let mut listed = self.from.list("derived/");
        while let Some(object) = listed.try_next().await? {
            sources.extend(preview(&object, &required.derived));
        }
        drop(listed);
        self.owners = required.derived;
        self.copy_all(sources).await
    }

    /// Copies what is new since the last pass, and removes what no row requires any more. Previews are listed only of
    /// files that have had none then: others that are missing can be made again. Nobody may write.
    pub async fn last_pass(&mut self, required: StoredObjects) -> Result<Pass> {
        let mut sources: Vec<_> = required.objects.into_iter().map(Source::of).collect();
        let is_new = |id: &Uuid, owner: &DerivedOwner| {
            owner.has_preview && !self.owners.get(id).is_some_and(|before| before.has_preview)
        };
        for (id, _) in required.derived.iter().filter(|(id, owner)| is_new(id, owner)) {
            let folder = format!("derived/{id}/");
            let mut listed = self.from.list(&folder);
            while let Some(object) = listed.try_next().await? {
                sources.extend(preview(&object, &required.derived));
            }
        }
        let keys: HashSet<_> = sources.iter().map(|source| source.key.to_string()).collect();
        let pass = self.copy_all(sources).await?;
        let is_used = |key: &str| match key.parse() {
            Ok(ObjectKey::Derived(id, _)) => required.derived.contains_key(&id),
            _ => keys.contains(key),
        };
        let unused: Vec<_> = self.begun.iter().filter(|key| !is_used(key)).cloned().collect();
        for key in unused {
            let Ok(parsed) = key.parse() else { continue };
            self.to.delete(&parsed).await?;
            store::remove_object(self.db.on(), &key).await?;
            self.copied.remove(&key);
            self.begun.remove(&key);
        }
        Ok(Pass { files: self.copied.len() as u64, ..pass })
    }

    /// Compares the sizes of all copies with a list of the target's objects.
    ///
    /// # Errors
    /// Names objects that are missing, damaged, or of somebody else.
    pub async fn compare(&self) -> Result<()> {
        let mut sizes = sizes(&self.to).await?;
        let mut wrong = Vec::new();
        for (key, version) in &self.copied {
            match sizes.remove(key) {
                Some(size) if has_size(version, size) => {}
                Some(size) => wrong.push(format!("{key} is damaged: it has {size} bytes.")),
                None => wrong.push(format!("{key} is missing.")),
            }
        }
        let foreign = sizes.into_keys().filter(|key| !self.begun.contains(key));
        wrong.extend(foreign.map(|key| format!("{key} is not from this move.")));
        if wrong.is_empty() {
            return Ok(());
        }
        wrong.sort();
        let more = if wrong.len() > NAMED_MAX { "\n…" } else { "" };
        wrong.truncate(NAMED_MAX);
        bail!("The new storage differs from what was copied. Run the same command again.\n{}{more}", wrong.join("\n"))
    }

    async fn copy_all(&mut self, sources: Vec<Source>) -> Result<Pass> {
        let mut pass = Pass::default();
        let is_copied = |source: &Source| self.copied.get(&source.key.to_string()) == Some(&source.version);
        let (known, new): (Vec<_>, Vec<_>) = sources.into_iter().partition(is_copied);
        pass.files = (known.len() + new.len()) as u64;
        self.progress.begin(new.len() as u64, new.iter().map(|source| source.size).sum());
        let (mut copies, mut noted) = (FuturesUnordered::new(), Vec::new());
        let mut new = VecDeque::from(new);
        let mut are_begun = 0;
        loop {
            while copies.len() < COPIES && !new.is_empty() {
                if are_begun == 0 {
                    are_begun = new.len().min(NOTED_AT_ONCE);
                    self.note_begun(new.iter().take(are_begun)).await?;
                }
                let Some(source) = new.pop_front() else { break };
                are_begun -= 1;
                copies.push(copy(self.from.clone(), self.to.clone(), source).boxed());
            }
            let Some(ended) = copies.next().await else { break };
            let (source, outcome) = ended?;
            self.progress.add(source.size);
            let key = source.key.to_string();
            match outcome {
                Outcome::Copied => {
                    pass.copied += 1;
                    noted.push((key.clone(), source.version.clone()));
                    self.copied.insert(key, source.version);
                }
                Outcome::Missing => {
                    pass.files -= 1;
                    if source.is_required {
                        pass.missing.push(key);
                    }
                }
            }
            if noted.len() >= NOTED_AT_ONCE {
                store::add_objects(&self.db, &std::mem::take(&mut noted)).await?;
            }
        }
        store::add_objects(&self.db, &noted).await?;
        self.progress.end();
        pass.missing.sort();
        Ok(pass)
    }
}

impl Objects {
    /// Notes objects before they are copied, so that what a crash leaves is known.
    async fn note_begun<'a>(&mut self, sources: impl Iterator<Item = &'a Source>) -> Result<()> {
        let noted: Vec<_> = sources.map(|source| (source.key.to_string(), String::new())).collect();
        store::add_objects(&self.db, &noted).await?;
        self.begun.extend(noted.into_iter().map(|(key, _)| key));
        Ok(())
    }
}

impl Source {
    fn of(object: crate::admin::stored_objects::StoredObject) -> Self {
        // The checksum changes when the location of a photo is removed.
        let version = version(object.size, object.checksum.as_deref().unwrap_or_default());
        Self { key: object.key, size: object.size, content_type: object.content_type, version, is_required: true }
    }
}

/// Returns a version that begins with the size, so that copies can be compared with a list.
fn version(size: u64, detail: &str) -> String {
    format!("{size} {detail}")
}

fn has_size(version: &str, size: u64) -> bool {
    version.split_once(' ').is_some_and(|(own, _)| own == size.to_string())
}

/// Returns the preview to copy, if a row has it.
fn preview(object: &Listed, owners: &HashMap<Uuid, DerivedOwner>) -> Option<Source> {
    let Ok(key @ ObjectKey::Derived(id, which)) = object.key.parse() else { return None };
    let owner = owners.get(&id)?;
    let content_type = match which {
        Derived::Placeless => owner.content_type.clone(),
        _ => PREVIEW_TYPE.to_owned(),
    };
    let version = version(object.size, &object.modified.0.to_string());
    Some(Source { key, size: object.size, content_type, version, is_required: false })
}

/// Returns the sizes of all objects, by key, in bytes.
async fn sizes(storage: &Storage) -> Result<HashMap<String, u64>> {
    let mut sizes = HashMap::new();
    let mut listed = storage.list("");
    while let Some(object) = listed.try_next().await? {
        sizes.insert(object.key, object.size);
    }
    Ok(sizes)
}

async fn copy(from: Arc<Storage>, to: Arc<Storage>, source: Source) -> Result<(Source, Outcome)> {
    for attempt in 1.. {
        match try_copy(&from, &to, &source).await {
            Ok(outcome) => return Ok((source, outcome)),
            Err(error) if attempt < ATTEMPTS => {
                tracing::debug!(error = %format!("{error:#}"), key = %source.key, attempt, "copying a file failed");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error).with_context(|| format!("Cannot move {}", source.key)),
        }
    }
    unreachable!("the last attempt returns")
}

/// Copies an object, then reads the copy and compares it.
async fn try_copy(from: &Storage, to: &Storage, source: &Source) -> Result<Outcome> {
    let (key, size) = (&source.key, source.size);
    match from.head(key).await {
        Ok(info) if info.size == size => {}
        Ok(_) | Err(StorageError::NotFound) => return Ok(Outcome::Missing),
        Err(error) => return Err(error).context("Cannot read it"),
    }
    let bytes = match from.read(key, 0, size).await {
        Err(StorageError::NotFound) => return Ok(Outcome::Missing),
        bytes => bytes.context("Cannot read it")?,
    };
    let (read, written) = (Checksum::default(), Checksum::default());
    to.put_stream(key, &source.content_type, size, read.of(bytes)).await.context("Cannot write it")?;
    let mut copy = written.of(to.read(key, 0, size).await.context("Cannot read the copy")?);
    while copy.try_next().await.context("Cannot read the copy")?.is_some() {}
    if read.end() != written.end() {
        bail!("The copy is damaged: its bytes are not those of the original.");
    }
    Ok(Outcome::Copied)
}
