//! Removes what an archive no longer needs: old and incomplete back-ups, and files that no kept one lists.

use anyhow::Result;
use futures::TryStreamExt;

use super::contents::{Contents, KnownFiles, OBJECTS};
use super::create::KEPT;
use super::manifest::{MANIFEST, file_of};
use crate::platform::archive::Archive;

/// `contents` is the archive before the newest back-up, `known` has the files that it and the kept ones list.
pub async fn remove_old(archive: &Archive, contents: &Contents, known: &KnownFiles) -> Result<()> {
    let old = contents.complete.len().saturating_sub(KEPT - 1);
    for (backup, _) in &contents.complete[..old] {
        // Without its manifest it is incomplete: a crash leaves no back-up that looks complete and is not.
        archive.delete(&file_of(backup, MANIFEST)).await?;
        remove_files(archive, backup).await?;
    }
    for (backup, _) in &contents.incomplete {
        remove_files(archive, backup).await?;
    }
    if !contents.damaged.is_empty() {
        tracing::warn!("no files were removed from the back-ups, because a damaged one may need them");
        return Ok(());
    }
    let mut unused = Vec::new();
    let mut listed = archive.list(OBJECTS);
    while let Some(file) = listed.try_next().await? {
        if !known.get(&file.name).is_some_and(|known| known.is_kept) {
            unused.push(file.name);
        }
    }
    for name in unused {
        archive.delete(&name).await?;
    }
    Ok(())
}

async fn remove_files(archive: &Archive, backup: &str) -> Result<()> {
    let folder = file_of(backup, "");
    let files: Vec<_> = archive.list(&folder).try_collect().await?;
    for file in files {
        archive.delete(&file.name).await?;
    }
    Ok(())
}
