//! An archive in a folder. A file is written to a temporary name, then synced and renamed.

use std::io;
use std::path::{Component, Path, PathBuf};

use futures::{Stream, StreamExt, TryStreamExt, stream};
use tokio::fs::{self, File};
use tokio_util::io::ReaderStream;

use super::Listed;
use crate::platform::private_folder::create_private_folder;
use crate::platform::storage::local_disk::{move_file, off_thread, write_exactly};
use crate::platform::storage::{ObjectStream, Result, StorageError};
use crate::platform::timestamp::Timestamp;

/// Where files are written before they are complete.
const UNFINISHED: &str = "unfinished";
/// Size of a read, in bytes.
const READ_BUFFER: usize = 256 * 1024;

pub struct Folder {
    root: PathBuf,
}

impl Folder {
    pub async fn open(root: &Path) -> anyhow::Result<Self> {
        let folder = Self::existing(root);
        create_private_folder(&folder.unfinished()).await.map_err(|error| {
            anyhow::anyhow!("Cannot write to {} ({error}). Name a folder that this user can write to.", root.display())
        })?;
        Ok(folder)
    }

    pub fn existing(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    fn unfinished(&self) -> PathBuf {
        self.root.join(UNFINISHED)
    }

    /// Returns the path of a file. Names come from lists in the archive, which somebody may have changed.
    fn path(&self, name: &str) -> Result<PathBuf> {
        if Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
            Ok(self.root.join(name))
        } else {
            Err(StorageError::failed(format!("{name:?} is not a name in the archive")))
        }
    }

    pub async fn put(&self, name: &str, size: u64, bytes: ObjectStream) -> Result<()> {
        let (file, temporary) = tempfile::NamedTempFile::new_in(self.unfinished())?.into_parts();
        write_exactly(file, size, bytes).await?;
        let to = self.path(name)?;
        Ok(off_thread(move || move_file(&temporary, &to)).await?)
    }

    pub async fn read(&self, name: &str) -> Result<ObjectStream> {
        let file = File::open(self.path(name)?).await?;
        Ok(ReaderStream::with_capacity(file, READ_BUFFER).boxed())
    }

    /// Lists a folder recursively, with one directory open at a time.
    pub fn list(&self, folder: &str) -> impl Stream<Item = Result<Listed>> + Send + use<> {
        let root = self.root.clone();
        stream::try_unfold(vec![root.join(folder)], move |mut waiting| {
            let root = root.clone();
            async move {
                let Some(next) = waiting.pop() else { return Ok::<_, StorageError>(None) };
                let (found, folders) = off_thread(move || entries(&root, &next)).await?;
                waiting.extend(folders);
                Ok(Some((stream::iter(found.into_iter().map(Ok)), waiting)))
            }
        })
        .try_flatten()
    }

    pub async fn delete(&self, name: &str) -> Result<()> {
        let path = self.path(name)?;
        match fs::remove_file(&path).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        for folder in path.ancestors().skip(1).take_while(|folder| **folder != *self.root) {
            // Fails while it contains another file, as intended.
            if fs::remove_dir(folder).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    pub async fn sweep(&self) -> Result<()> {
        let mut entries = fs::read_dir(self.unfinished()).await?;
        while let Some(entry) = entries.next_entry().await? {
            fs::remove_file(entry.path()).await?;
        }
        Ok(())
    }
}

/// Returns the files and the folders in a folder. A missing one has none.
fn entries(root: &Path, folder: &Path) -> io::Result<(Vec<Listed>, Vec<PathBuf>)> {
    let (mut found, mut folders) = (Vec::new(), Vec::new());
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((found, folders)),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            folders.push(entry.path());
        } else if let Some(name) = entry.path().strip_prefix(root).ok().and_then(Path::to_str) {
            let age = metadata.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            let modified = Timestamp(i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
            found.push(Listed { name: name.to_owned(), size: metadata.len(), modified });
        }
    }
    Ok((found, folders))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn names_outside_of_the_archive_are_refused() {
        let parent = tempfile::tempdir().unwrap();
        std::fs::write(parent.path().join("secret"), "of somebody else").unwrap();
        let folder = Folder::open(&parent.path().join("archive")).await.unwrap();
        let absolute = parent.path().join("secret");
        for name in ["../secret", "objects/../../secret", absolute.to_str().unwrap()] {
            assert!(folder.read(name).await.is_err(), "{name}");
            assert!(folder.delete(name).await.is_err(), "{name}");
            assert!(folder.put(name, 0, stream::empty().boxed()).await.is_err(), "{name}");
        }
        assert_eq!(std::fs::read(absolute).unwrap(), b"of somebody else");
        folder.put("objects/a", 0, stream::empty().boxed()).await.unwrap();
        assert!(folder.read("objects/a").await.is_ok());
    }
}
