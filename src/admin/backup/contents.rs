//! What an archive has: complete back-ups, incomplete and damaged ones, and files that need not be copied again.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result, bail};
use futures::TryStreamExt;

use super::lines::LineReader;
use super::manifest::{BackedUpObject, FOLDER, MANIFEST, Manifest, StoredFile};
use crate::platform::archive::Archive;

/// The folder of all files in an archive.
pub const OBJECTS: &str = "objects/";

/// The back-ups of an archive, oldest first.
#[derive(Default)]
pub struct Contents {
    pub complete: Vec<(String, Manifest)>,
    /// Names of back-ups with a manifest that can't be read, with the reason.
    pub damaged: Vec<(String, String)>,
    /// Names of back-ups without a manifest, with their files.
    pub incomplete: Vec<(String, Vec<StoredFile>)>,
}

impl Contents {
    pub async fn read(archive: &Archive) -> Result<Self> {
        let mut found: BTreeMap<String, Vec<StoredFile>> = BTreeMap::new();
        let mut listed = archive.list(FOLDER);
        while let Some(file) = listed.try_next().await.context("Cannot list the back-ups")? {
            let Some((backup, _)) = file.name[FOLDER.len()..].split_once('/') else { continue };
            let (backup, size) = (backup.to_owned(), file.size);
            found.entry(backup).or_default().push(StoredFile { name: file.name, size, sha256: String::new() });
        }
        let mut contents = Self::default();
        for (backup, files) in found {
            if !files.iter().any(|file| file.name == super::manifest::file_of(&backup, MANIFEST)) {
                contents.incomplete.push((backup, files));
                continue;
            }
            match Manifest::read(archive, &backup).await {
                Ok(manifest) => contents.complete.push((backup, manifest)),
                Err(error) => contents.damaged.push((backup, format!("{error:#}"))),
            }
        }
        Ok(contents)
    }

    /// Returns the back-up with this name, or the newest.
    ///
    /// # Errors
    /// If the newest one is damaged or incomplete: an older one must be chosen by its name.
    pub fn choose(self, name: Option<&str>) -> Result<(String, Manifest)> {
        let all: Vec<_> = self.complete.iter().map(|(backup, _)| backup.clone()).collect();
        let others = if all.is_empty() {
            "There is no other.".to_owned()
        } else {
            format!("Others are: {}. Choose one by --name.", all.join(", "))
        };
        let is_chosen = |backup: &str| name.is_none_or(|name| name == backup);
        let newest = self.complete.into_iter().rfind(|(backup, _)| is_chosen(backup));
        let since = newest.as_ref().map(|(backup, _)| backup.clone()).unwrap_or_default();
        if let Some((_, reason)) = self.damaged.into_iter().rfind(|(backup, _)| is_chosen(backup) && *backup > since) {
            bail!("{reason} {others}");
        }
        if let Some((backup, _)) = self.incomplete.into_iter().rfind(|(backup, _)| is_chosen(backup) && *backup > since)
        {
            bail!("The back-up {backup} is incomplete: it has no {MANIFEST}. {others}");
        }
        match (newest, name) {
            (Some(newest), _) => Ok(newest),
            (None, Some(name)) => bail!("There is no back-up {name}. {others}"),
            (None, None) => bail!("There is no back-up."),
        }
    }
}

/// A file of the archive that a run can use again.
pub struct Known {
    pub size: u64,
    pub sha256: [u8; 32],
    /// Whether the archive has it with this size.
    pub is_present: bool,
    /// Whether a back-up that is kept lists it.
    pub is_kept: bool,
}

/// Files of the archive by name.
pub type KnownFiles = HashMap<String, Known>;

/// Returns all files that complete and incomplete back-ups list with their checksum.
/// The newest `kept` complete ones stay.
pub async fn known_files(archive: &Archive, contents: &Contents, kept: usize) -> Result<KnownFiles> {
    let mut known = KnownFiles::new();
    let first_kept = contents.complete.len().saturating_sub(kept);
    for (at, (_, manifest)) in contents.complete.iter().enumerate() {
        for list in &manifest.objects {
            add_all(archive, list, at >= first_kept, &mut known).await?;
        }
    }
    let lists = contents.incomplete.iter().flat_map(|(_, files)| files).filter(|file| file.name.contains("/objects/"));
    for list in lists {
        // Its checksum is in no manifest. Lines that can be read are complete.
        if let Err(error) = add_all(archive, list, false, &mut known).await {
            tracing::debug!(%error, "the list of an incomplete back-up ends early");
        }
    }
    let mut listed = archive.list(OBJECTS);
    while let Some(file) = listed.try_next().await.context("Cannot list the files of the back-ups")? {
        if let Some(known) = known.get_mut(&file.name) {
            known.is_present = known.size == file.size;
        }
    }
    Ok(known)
}

async fn add_all(archive: &Archive, list: &StoredFile, is_kept: bool, known: &mut KnownFiles) -> Result<()> {
    let mut lines = LineReader::open(archive, list).await?;
    while let Some(line) = lines.next().await? {
        let object: BackedUpObject = serde_json::from_str(&line)?;
        if let Some(sha256) = digest(&object.sha256) {
            let is_kept = is_kept || known.get(&object.name).is_some_and(|known| known.is_kept);
            known.insert(object.name, Known { size: object.size, sha256, is_present: false, is_kept });
        }
    }
    Ok(())
}

fn digest(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    (hex.len() == 64).then_some(bytes)
}
