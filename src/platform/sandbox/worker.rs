//! The child's side: a process of this binary that reads what it is handed, one request after the other, until the server hangs up.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Duration;

use rustix::process::nice;

use super::confine::confine_worker;
use super::exchange::{Answer, receive_request, send_answer};
use super::limits::{allow, restrict};

/// Does the work of a request, with the files that came with it.
pub type Handler = fn(&str, Vec<File>) -> Answer;

/// Most private memory that any request may be allowed, in bytes.
const MEMORY_MAX: u64 = 1024 * 1024 * 1024;
/// A worker that still holds more than this after a request, in bytes, is replaced: nothing gives memory back for certain.
const KEPT_MAX: u64 = 32 * 1024 * 1024;
/// How much the server goes before its workers on a busy processor (nice(2)).
const NICENESS: i32 = 5;

/// Serves requests from standard input, which is the socket to the server. A panic fails only its request; any other
/// error ends the process.
pub fn serve(handler: Handler) -> ExitCode {
    match serve_until_end(handler) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve_until_end(handler: Handler) -> io::Result<()> {
    let mut socket = UnixStream::from(rustix::stdio::stdin().try_clone_to_owned()?);
    let _ = nice(NICENESS);
    restrict(MEMORY_MAX)?;
    // Opened before files are out of reach.
    let usage = File::open("/proc/self/statm").ok();
    let base = usage.as_ref().and_then(private_memory).unwrap_or_default();
    confine_worker()?;
    // Panic messages are chosen by hostile files and could fill the log.
    std::panic::set_hook(Box::new(|_| {}));
    while let Some(request) = receive_request(&mut socket)? {
        allow(request.limits, base, processor_time())?;
        let files = request.files.into_iter().map(File::from).collect();
        let done = catch_unwind(AssertUnwindSafe(|| handler(&request.text, files)));
        send_answer(&mut socket, &done.unwrap_or_default())?;
        if usage.as_ref().and_then(private_memory).is_some_and(|now| now > base + KEPT_MAX) {
            return Ok(());
        }
    }
    Ok(())
}

/// Bytes of private memory: the sixth figure of `/proc/self/statm`, in pages (`proc_pid_statm(5)`).
fn private_memory(usage: &File) -> Option<u64> {
    let mut text = [0; 128];
    let read = rustix::io::pread(usage.as_fd(), &mut text, 0).ok()?;
    let pages: u64 = std::str::from_utf8(&text[..read]).ok()?.split_whitespace().nth(5)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// Processor time of this process since it started.
fn processor_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}
