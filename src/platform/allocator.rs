//! How the C library allocates memory (mallopt(3)).
//!
//! It raises the size from which it returns memory to the system at once to that of the largest block that was ever freed,
//! up to 32 MB. Each thread that has made a password hash or drawn a picture would keep that much. Setting the size fixes it.

use std::os::unix::process::CommandExt;
use std::process::Command;

const THRESHOLD: &str = "MALLOC_MMAP_THRESHOLD_";
/// In bytes.
const THRESHOLD_DEFAULT: &str = "1048576";

/// Starts the program again with the setting, unless the environment has it. The C library reads it only at the start.
pub fn fix_threshold() {
    if cfg!(not(target_env = "gnu")) || std::env::var_os(THRESHOLD).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_default();
    // On success it does not return. Without it the server works, and keeps more memory.
    let error = Command::new(program).arg0(name).args(arguments).env(THRESHOLD, THRESHOLD_DEFAULT).exec();
    eprintln!("attache: failed to set {THRESHOLD} ({error}). The server will keep more memory");
}
