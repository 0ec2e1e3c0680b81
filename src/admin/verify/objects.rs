//! The stored files: each that a row requires is there, with its size and checksum.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Difference, Repair, Report, leftovers, store};
use crate::admin::stored_objects::{DerivedOwner, OwnedBy, StoredObject, StoredObjects};
use crate::files::uploads::model::MultipartPlan;
use crate::platform::Platform;
use crate::platform::storage::{Listed, ObjectKey, ObjectStream, StorageError};

const FILE: &str = "file";
const PREVIEW: &str = "preview";
/// Files that are read at a time.
const READS: usize = 4;

/// Compares the objects that rows require with those in the storage.
pub async fn examine(platform: &Platform, required: StoredObjects, read: bool, report: &mut Report) -> Result<()> {
    let mut stored: HashMap<String, Listed> = HashMap::new();
    let mut listed = platform.storage.list("");
    while let Some(object) = listed.try_next().await? {
        stored.insert(object.key.clone(), object);
    }
    let mut reads = FuturesUnordered::new();
    for object in required.objects {
        report.files += 1;
        let found = stored.remove(&object.key.to_string());
        match found {
            Some(found) if found.size == object.size && read => {
                while reads.len() >= READS {
                    note(&mut reads, report).await?;
                }
                reads.push(compare(platform.clone(), object).boxed());
            }
            Some(found) if found.size == object.size => {}
            found => report.differences.extend(unsound(platform, &object, found).await?),
        }
    }
    while !reads.is_empty() {
        note(&mut reads, report).await?;
    }
    previews(platform, &required.derived, &stored, report).await?;
    leftovers::examine(platform, stored.into_values(), report).await
}

type Reads = FuturesUnordered<futures::future::BoxFuture<'static, Result<Compared>>>;

struct Compared {
    bytes: u64,
    has_checksum: bool,
    difference: Option<Difference>,
}

async fn note(reads: &mut Reads, report: &mut Report) -> Result<()> {
    if let Some(compared) = reads.next().await.transpose()? {
        report.bytes += compared.bytes;
        report.with_checksum += u64::from(compared.has_checksum);
        report.differences.extend(compared.difference);
    }
    Ok(())
}

/// Returns the difference of an object that is not there or has another size, unless its row has changed since.
async fn unsound(platform: &Platform, object: &StoredObject, found: Option<Listed>) -> Result<Option<Difference>> {
    if !store::is_required(platform, object.owner, object.id).await? {
        return Ok(None);
    }
    let key = &object.key;
    Ok(match platform.storage.head(key).await {
        Ok(info) if info.size == object.size => None,
        Ok(info) => Some(Difference::new(FILE, format!("{key} has {} bytes, not {}", info.size, object.size), None)),
        Err(StorageError::NotFound) if found.is_none() => {
            let gone = Repair::MarkGone { owner: object.owner, id: object.id, key: key.clone() };
            Some(Difference::new(FILE, format!("{key} is not in the storage"), Some(gone)))
        }
        Err(StorageError::NotFound) => None,
        Err(error) => return Err(error.into()),
    })
}

/// Reads an object and compares its checksum.
async fn compare(platform: Platform, object: StoredObject) -> Result<Compared> {
    let mut compared = Compared { bytes: 0, has_checksum: object.checksum.is_some(), difference: None };
    let read = async {
        let bytes = platform.storage.read(&object.key, 0, object.size).await?;
        Ok::<_, StorageError>(checksum(bytes, &object).await?)
    };
    match read.await {
        Ok(checksum) => {
            compared.bytes = object.size;
            if object.checksum.as_ref().is_some_and(|expected| *expected != checksum) {
                let says = format!("{} is damaged: its bytes do not have the checksum of its row", object.key);
                compared.difference = Some(Difference::new(FILE, says, None));
            }
        }
        // It may have been purged since.
        Err(StorageError::NotFound) => compared.difference = unsound(&platform, &object, None).await?,
        Err(error) => {
            compared.difference = Some(Difference::new(FILE, format!("{} can't be read ({error})", object.key), None));
        }
    }
    Ok(compared)
}

/// Computes the checksum in the form of the row: of an upload in parts that of its parts' checksums.
async fn checksum(mut bytes: ObjectStream, object: &StoredObject) -> std::io::Result<String> {
    let parts =
        object.checksum.as_ref().and_then(|checksum| checksum.split_once('-')).map(|(_, count)| count.to_owned());
    let plan = MultipartPlan::of(object.size);
    let part_size = if parts.is_some() { plan.part_size } else { u64::MAX };
    let (mut whole, mut part, mut left) = (Sha256::new(), Sha256::new(), part_size);
    while let Some(chunk) = bytes.try_next().await? {
        let mut chunk = &chunk[..];
        while !chunk.is_empty() {
            let (now, later) = chunk.split_at(chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
            part.update(now);
            left -= now.len() as u64;
            if left == 0 {
                whole.update(part.finalize_reset());
                left = part_size;
            }
            chunk = later;
        }
    }
    let Some(count) = parts else { return Ok(BASE64_STANDARD.encode(part.finalize())) };
    if left < part_size {
        whole.update(part.finalize());
    }
    Ok(format!("{}-{count}", BASE64_STANDARD.encode(whole.finalize())))
}

/// Checks that files with a preview have one.
async fn previews(
    platform: &Platform,
    owners: &HashMap<Uuid, DerivedOwner>,
    stored: &HashMap<String, Listed>,
    report: &mut Report,
) -> Result<()> {
    let derived: HashSet<_> = stored
        .keys()
        .filter_map(|key| match key.parse() {
            Ok(ObjectKey::Derived(id, _)) => Some(id),
            _ => None,
        })
        .collect();
    for (id, owner) in owners.iter().filter(|(id, owner)| owner.has_preview && !derived.contains(*id)) {
        let is_required = if owner.is_remote {
            store::has_remote_preview(platform, *id).await?
        } else {
            store::is_required(platform, OwnedBy::Attachment, *id).await?
        };
        if is_required {
            let repair = Repair::MakePreview { id: *id, is_remote: owner.is_remote };
            report.differences.push(Difference::new(
                PREVIEW,
                format!("derived/{id} is not in the storage"),
                Some(repair),
            ));
        }
    }
    Ok(())
}
