//! Private permissions of files and folders that the server creates, and of an existing data folder.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::Mode;
use rustix::process::{geteuid, umask};
use tokio::fs::DirBuilder;

/// Makes everything that this process creates from now on readable for its owner only.
pub fn keep_private() {
    umask(Mode::from_raw_mode(0o077));
}

/// Creates a folder, and its parents, that only its owner can enter. An existing folder is not changed.
pub async fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).await
}

/// Removes the permissions of others from the data folder and its database. A folder of another user, or one that all
/// share like `/tmp`, is not changed. Failures are logged.
pub fn make_private(folder: &Path, database: &Path) {
    let Ok(found) = std::fs::metadata(folder) else { return };
    let is_shared = found.mode() & 0o1000 != 0 || found.uid() != geteuid().as_raw();
    if is_shared {
        tracing::warn!(folder = %folder.display(), "the data folder belongs to another user, who can read its files");
        return;
    }
    restrict(folder, 0o700);
    for end in ["", "-wal", "-shm"] {
        let mut file = database.as_os_str().to_owned();
        file.push(end);
        restrict(Path::new(&file), 0o600);
    }
}

fn restrict(path: &Path, mode: u32) {
    let Ok(found) = std::fs::metadata(path) else { return };
    if !Mode::from_raw_mode(found.mode()).intersects(Mode::RWXG | Mode::RWXO) {
        return;
    }
    match std::fs::set_permissions(path, Permissions::from_mode(mode)) {
        Ok(()) => tracing::info!(path = %path.display(), "this was readable by others; it is now restricted to its \
            owner"),
        Err(error) => tracing::warn!(path = %path.display(), %error, "this is readable by others"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{metadata, set_permissions, write};

    use super::*;

    fn mode(path: &Path) -> u32 {
        metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[tokio::test]
    async fn a_new_folder_is_private_and_an_old_one_stays_as_it_is() {
        let parent = tempfile::tempdir().unwrap();
        let (fresh, shared) = (parent.path().join("data"), parent.path().join("shared"));
        create_private_folder(&fresh.join("files")).await.unwrap();
        assert_eq!((mode(&fresh), mode(&fresh.join("files"))), (0o700, 0o700));
        std::fs::create_dir(&shared).unwrap();
        set_permissions(&shared, Permissions::from_mode(0o750)).unwrap();
        create_private_folder(&shared).await.unwrap();
        assert_eq!(mode(&shared), 0o750);
    }

    #[test]
    fn a_data_folder_is_taken_from_others_unless_all_share_it() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("data");
        let database = folder.join("attache.db");
        std::fs::create_dir(&folder).unwrap();
        write(&database, "").unwrap();
        set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        set_permissions(&database, Permissions::from_mode(0o644)).unwrap();
        make_private(&folder, &database);
        assert_eq!((mode(&folder), mode(&database)), (0o700, 0o600));
        set_permissions(&folder, Permissions::from_mode(0o1777)).unwrap();
        make_private(&folder, &database);
        assert_eq!(mode(&folder), 0o1777);
    }
}
