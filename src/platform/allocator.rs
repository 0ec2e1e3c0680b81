//! The allocator of the server: jemalloc, which costs less processor time than the C library's.
//!
//! It returns freed memory to the system after a time, which its default only checks when a thread allocates. A thread of
//! its own checks also when the server is idle. jemalloc reads its settings only at the start.

use std::os::unix::process::CommandExt;
use std::process::Command;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The variable that jemalloc reads (jemalloc(3), "TUNING").
pub const SETTINGS: &str = "MALLOC_CONF";
const SERVER_SETTINGS: &str = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";
/// A worker returns memory as soon as it is free, because its limit counts what it has.
pub const WORKER_SETTINGS: &str = "narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0,retain:false";

/// Starts the program again with the settings, unless the environment has some.
pub fn configure() {
    if std::env::var_os(SETTINGS).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_default();
    // On success it does not return. Without it the server works, and keeps more memory.
    let error = Command::new(program).arg0(name).args(arguments).env(SETTINGS, SERVER_SETTINGS).exec();
    eprintln!("attache: failed to set {SETTINGS} ({error}). The server will keep more memory");
}
