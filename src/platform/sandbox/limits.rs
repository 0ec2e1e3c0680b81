//! Resource limits of this process (setrlimit(2)).

use std::io;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Limits of one piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of private memory, in addition to what the process has at its start.
    pub memory: u64,
    /// Processor time. The kernel counts whole seconds, so up to one more may be used.
    pub processor: Duration,
}

/// Address space for a program's code and libraries, in bytes. It is not memory in use.
const CODE: u64 = 1024 * 1024 * 1024;
/// Maximum open files of a child: its three standard ones, its libraries while they load, and the files that are passed
/// to it.
const OPEN_FILES: u64 = 64;

/// Sets fixed limits: no core dumps, no files written, few open files, and an address space of at most `memory`.
pub fn restrict(memory: u64) -> io::Result<()> {
    for (resource, most) in [
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, OPEN_FILES),
        (Resource::As, CODE.saturating_add(memory)),
    ] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

/// Sets the limits of the next work, counted from now on. Over the memory an allocation fails, over the time SIGXCPU
/// kills the process.
pub fn allow(limits: Limits, base_memory: u64, processor_used: Duration) -> io::Result<()> {
    let until = processor_used + limits.processor;
    let seconds = until.as_secs() + u64::from(until.subsec_nanos() > 0);
    soft(Resource::Data, base_memory.saturating_add(limits.memory))?;
    soft(Resource::Cpu, seconds.max(1))
}

fn soft(resource: Resource, most: u64) -> io::Result<()> {
    let known = getrlimit(resource);
    let most = known.maximum.map_or(most, |maximum| most.min(maximum));
    Ok(setrlimit(resource, Rlimit { current: Some(most), ..known })?)
}

/// Stack of each thread of a program, in bytes. It is private memory.
const STACK: u64 = 2 * 1024 * 1024;

/// Sets both limits permanently: a program that is started now inherits them.
pub fn allow_for_good(limits: Limits) -> io::Result<()> {
    let seconds = limits.processor.as_secs().max(1);
    soft(Resource::Stack, STACK)?;
    setrlimit(Resource::Data, Rlimit { current: Some(limits.memory), maximum: Some(limits.memory) })?;
    // The signal is sent at the first value, and SIGKILL at the second.
    Ok(setrlimit(Resource::Cpu, Rlimit { current: Some(seconds), maximum: Some(seconds + 1) })?)
}
