//! Memory, open files and processor time of a process and all its descendants, from /proc (proc(5)).

use std::fs::{read_dir, read_to_string};
use std::time::Duration;

/// A line of /proc/PID/stat.
struct Process {
    id: u32,
    parent: u32,
    /// Clock ticks of this process, and of its ended children.
    ticks: u64,
}

fn process(id: u32) -> Option<Process> {
    let stat = read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name may contain spaces and parentheses.
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let ticks = (11..15).map(number).sum::<Option<u64>>()?;
    Some(Process { id, parent: u32::try_from(number(1)?).ok()?, ticks })
}

/// Returns the process and its descendants.
fn tree(root: u32) -> Vec<Process> {
    let entries = read_dir("/proc").expect("Linux has /proc");
    let all = entries.filter_map(|entry| process(entry.ok()?.file_name().to_str()?.parse().ok()?));
    let (mut tree, mut others): (Vec<_>, Vec<_>) = all.partition(|process| process.id == root);
    loop {
        let is_child = |process: &Process| tree.iter().any(|known| known.id == process.parent);
        let (children, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(is_child);
        if children.is_empty() {
            return tree;
        }
        tree.extend(children);
        others = rest;
    }
}

/// Returns resident memory in bytes, counting shared pages once.
pub fn memory(root: u32) -> u64 {
    tree(root).iter().filter_map(|process| proportional_size(process.id).or_else(|| resident_size(process.id))).sum()
}

/// Returns the number of their open files, sockets and pipes.
pub fn open_files(root: u32) -> usize {
    tree(root).iter().filter_map(|process| Some(read_dir(format!("/proc/{}/fd", process.id)).ok()?.count())).sum()
}

fn proportional_size(id: u32) -> Option<u64> {
    kilobytes(&read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?, "Pss:")
}

/// A fallback that counts shared pages for each process.
fn resident_size(id: u32) -> Option<u64> {
    kilobytes(&read_to_string(format!("/proc/{id}/status")).ok()?, "VmRSS:")
}

fn kilobytes(text: &str, field: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// Returns the processor time of all of them, including ended ones.
pub fn processor_time(root: u32) -> Duration {
    let ticks: u64 = tree(root).iter().map(|process| process.ticks).sum();
    Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second())
}

#[test]
fn a_process_tree_is_measured() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    // A shell with a child that uses 100 MB and some time, and then waits.
    let work = "x = bytearray(100_000_000); sum(range(10_000_000)); print(flush=True); import sys; sys.stdin.read()";
    let mut shell = Command::new("/bin/sh")
        .args(["-c", "python3 -c \"$0\"; true", work])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell can be started");
    let mut line = String::new();
    BufReader::new(shell.stdout.take().expect("it is piped")).read_line(&mut line).expect("it says when it is done");
    let (memory, processor) = (memory(shell.id()), processor_time(shell.id()));
    assert!((100_000_000..200_000_000).contains(&memory), "{memory} bytes");
    assert!(processor >= Duration::from_millis(50), "{processor:?}");
    drop(shell.stdin.take());
    shell.wait().expect("it ends");
}
