//! Folders that only their owner can read.

use std::io;
use std::path::Path;

use tokio::fs::DirBuilder;

/// Creates a folder, with its parents, that its owner alone can enter. One that exists stays as it is.
pub async fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).await
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, metadata, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn a_new_folder_is_private_and_an_old_one_stays_as_it_is() {
        let parent = tempfile::tempdir().unwrap();
        let mode = |path: &Path| metadata(path).unwrap().permissions().mode() & 0o777;
        let (fresh, shared) = (parent.path().join("data"), parent.path().join("shared"));
        create_private_folder(&fresh.join("files")).await.unwrap();
        assert_eq!((mode(&fresh), mode(&fresh.join("files"))), (0o700, 0o700));
        std::fs::create_dir(&shared).unwrap();
        set_permissions(&shared, Permissions::from_mode(0o750)).unwrap();
        create_private_folder(&shared).await.unwrap();
        assert_eq!(mode(&shared), 0o750);
    }
}
