//! Checks back-ups: everything that a manifest lists is there and has its checksum.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use futures::TryStreamExt;

use super::contents::{Contents, OBJECTS};
use super::lines::{LineReader, checksum_of};
use super::manifest::{BackedUpObject, MANIFEST, Manifest, StoredFile};
use crate::platform::archive::Archive;
use crate::platform::storage::StorageError;

/// Checks all back-ups of an archive, and reads everything. Returns a line for each problem.
pub async fn check_all(archive: &Archive) -> Result<Vec<String>> {
    let contents = Contents::read(archive).await?;
    let mut problems: Vec<_> = contents.damaged.iter().map(|(_, reason)| reason.clone()).collect();
    for (backup, _) in &contents.incomplete {
        problems.push(format!("The back-up {backup} is incomplete: it has no {MANIFEST}."));
    }
    if contents.complete.is_empty() {
        problems.push("There is no complete back-up.".to_owned());
    }
    let mut files: BTreeMap<String, (u64, String)> = BTreeMap::new();
    for (_, manifest) in &contents.complete {
        problems.extend(check_lists(archive, manifest).await?);
        let objects = listed_objects(archive, manifest).await.unwrap_or_default();
        for object in objects.into_iter().filter(|object| object.lost.is_none()) {
            files.insert(object.name, (object.size, object.sha256));
        }
    }
    for (name, (size, sha256)) in files {
        problems.extend(check_file(archive, &StoredFile { name, size, sha256 }).await?);
    }
    Ok(problems)
}

/// Checks the rows and the lists of a back-up.
pub async fn check_lists(archive: &Archive, manifest: &Manifest) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for file in manifest.tables.iter().map(|table| &table.file).chain(&manifest.objects) {
        problems.extend(check_file(archive, file).await?);
    }
    Ok(problems)
}

/// Returns the objects of a back-up, with those that its archive does not have.
pub async fn listed_objects(archive: &Archive, manifest: &Manifest) -> Result<Vec<BackedUpObject>> {
    let mut objects = Vec::new();
    for list in &manifest.objects {
        let mut lines = LineReader::open(archive, list).await?;
        while let Some(line) = lines.next().await? {
            objects.push(serde_json::from_str(&line)?);
        }
    }
    Ok(objects)
}

/// Compares the sizes of objects with a listing of the archive.
pub async fn check_sizes(archive: &Archive, objects: &[BackedUpObject]) -> Result<Vec<String>> {
    let mut sizes = HashMap::new();
    let mut listed = archive.list(OBJECTS);
    while let Some(file) = listed.try_next().await? {
        sizes.insert(file.name, file.size);
    }
    let wrong = objects.iter().filter_map(|object| match sizes.get(&object.name) {
        None => Some(format!("{} is missing.", object.name)),
        Some(size) if *size != object.size => Some(wrong_size(&object.name, *size, object.size)),
        Some(_) => None,
    });
    Ok(wrong.collect())
}

fn wrong_size(name: &str, size: u64, expected: u64) -> String {
    format!("{name} is damaged: it has {size} bytes, not {expected}.")
}

async fn check_file(archive: &Archive, file: &StoredFile) -> Result<Option<String>> {
    let bytes = match archive.read(&file.name).await {
        Err(StorageError::NotFound) => return Ok(Some(format!("{} is missing.", file.name))),
        Err(error) => return Err(error.into()),
        Ok(bytes) => bytes,
    };
    let (size, sha256) = checksum_of(bytes).await?;
    Ok(if size != file.size {
        Some(wrong_size(&file.name, size, file.size))
    } else if sha256 != file.sha256 {
        Some(format!("{} is damaged: its bytes have changed.", file.name))
    } else {
        None
    })
}
