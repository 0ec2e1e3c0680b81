//! The child's side: a process of this binary that reads the files it receives, one request after the other, until the
//! server closes the socket.

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

/// Handles a request with its files.
pub type Handler = fn(&str, Vec<File>) -> Answer;

/// Maximum private memory of any request, in bytes.
const MEMORY_MAX: u64 = 1024 * 1024 * 1024;
/// A worker that still uses more than this after a request, in bytes, is replaced, because nothing reliably returns
/// memory.
const KEPT_MAX: u64 = 32 * 1024 * 1024;
/// The niceness of workers, so that the server gets a busy processor first (nice(2)).
const NICENESS: i32 = 5;

/// Handles requests from standard input, which is the socket to the server. A panic fails only its request; any other
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
    // Opened before the confinement.
    let usage = File::open("/proc/self/statm").ok();
    let base = usage.as_ref().and_then(private_memory).unwrap_or_default();
    confine_worker()?;
    // Hostile files choose the panic messages and could fill the log.
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

/// Returns the bytes of private memory: the sixth value of `/proc/self/statm`, in pages (`proc_pid_statm(5)`).
fn private_memory(usage: &File) -> Option<u64> {
    let mut text = [0; 128];
    let read = rustix::io::pread(usage.as_fd(), &mut text, 0).ok()?;
    let pages: u64 = std::str::from_utf8(&text[..read]).ok()?.split_whitespace().nth(5)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// Returns the processor time of this process since it started.
fn processor_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}
