//! Processes that read hostile files: their confinement, and what happens when one dies.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use attache::platform::sandbox::program::{self, Program};
use attache::platform::sandbox::{Answer, Pool, SandboxError, Work};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::files;

const BINARY: &str = env!("CARGO_BIN_EXE_attache");
const GROUP: Uuid = Uuid::from_u128(1);
const MEGABYTE: u64 = 1_000_000;

fn pool(program: impl Into<PathBuf>) -> Pool {
    Pool::new(program.into(), 3, 256 * MEGABYTE)
}

fn open(bytes: &[u8]) -> OwnedFd {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.into()
}

async fn ask(pool: &Pool, request: &str, bytes: &[u8], memory: u64) -> Result<Answer, SandboxError> {
    let processor = Duration::from_secs(5);
    pool.run(Work { group: GROUP, name: "test", request, files: vec![open(bytes)], memory, processor }).await
}

const HEADER: &str = r#"{"Header":{"content_type":"image/png"}}"#;
const PICTURE: &str = r#"{"Picture":{"content_type":"image/png","with_view":true}}"#;

fn open_files(process: impl AsRef<Path>) -> Vec<String> {
    let open = fs::read_dir(process.as_ref().join("fd")).unwrap();
    let targets = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    targets.map(|target| target.to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn a_worker_is_confined_and_kept() {
    let pool = pool(BINARY);
    for _ in 0..3 {
        let answer = ask(&pool, HEADER, &files::picture(20, 10), 32 * MEGABYTE).await.unwrap();
        assert!(answer.text.contains(r#""width":20,"height":10"#), "{}", answer.text);
    }
    let worker = pool.idle_processes();
    assert_eq!(worker.len(), 1, "one worker did all of it");
    let process = Path::new("/proc").join(worker[0].to_string());
    let status = fs::read_to_string(process.join("status")).unwrap();
    let figure = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_eq!((figure("Seccomp:"), figure("NoNewPrivs:")), ("2".to_owned(), "1".to_owned()));
    let environment = fs::read(process.join("environ")).unwrap();
    let names: Vec<_> = environment
        .split(|byte| *byte == 0)
        .filter(|pair| !pair.is_empty())
        .map(|pair| String::from_utf8_lossy(pair).split('=').next().unwrap_or_default().to_owned())
        .collect();
    assert!(names.iter().all(|name| name.starts_with("MALLOC_")), "{names:?}");
    let limits = fs::read_to_string(process.join("limits")).unwrap();
    for (name, limit) in [("Max file size", "0"), ("Max core file size", "0")] {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        assert_eq!(line[name.len()..].split_whitespace().next(), Some(limit), "{line}");
    }
    // In addition to its socket, and what this test was started with.
    let own: Vec<_> = open_files(Path::new("/proc/self"));
    let others: Vec<_> = open_files(process).into_iter().filter(|file| !own.contains(file)).collect();
    let is_harmless = |file: &String| file.starts_with("socket:") || file.ends_with("/statm") || file == "/dev/null";
    assert!(others.iter().all(is_harmless), "{others:?}");
}

#[tokio::test]
async fn work_that_needs_more_memory_dies_alone() {
    let pool = pool(BINARY);
    let large = files::picture(1600, 1200);
    let died = ask(&pool, PICTURE, &large, 4 * MEGABYTE).await;
    assert!(matches!(died, Err(SandboxError::Died)), "{died:?}");
    let made = ask(&pool, PICTURE, &large, 200 * MEGABYTE).await.unwrap();
    assert_eq!((made.text.as_str(), made.parts.len()), ("\"Picture\"", 3));
}

/// Creates another kind of worker: a script that gets the socket as its standard input.
fn script(folder: &TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("worker");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path
}

#[tokio::test]
async fn every_way_of_dying_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for death in ["exit 0", "kill -9 $$", "kill -ABRT $$", "head -c 4 >/dev/null; exit 1"] {
        let pool = pool(script(&folder, death));
        let answer = ask(&pool, HEADER, b"", MEGABYTE).await;
        assert!(matches!(answer, Err(SandboxError::Died | SandboxError::Io(_))), "{death}: {answer:?}");
    }
    let answer = ask(&pool(script(&folder, "kill -XCPU $$")), HEADER, b"", MEGABYTE).await;
    assert!(matches!(answer, Err(SandboxError::TimedOut)), "{answer:?}");
    let lying = pool(script(&folder, "printf '\\377\\377\\377\\377\\377\\377\\377\\377' >&0; sleep 9"));
    assert!(matches!(ask(&lying, HEADER, b"", MEGABYTE).await, Err(SandboxError::Io(_))));
}

#[tokio::test]
async fn a_worker_that_hangs_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(script(&folder, "sleep 77"));
    let processor = Duration::from_millis(10);
    let work = Work { group: GROUP, name: "test", request: HEADER, files: Vec::new(), memory: 1, processor };
    assert!(matches!(pool.run(work).await, Err(SandboxError::TimedOut)));
    assert_eq!(pool.idle_processes(), [0_u32; 0]);
}

async fn run(input: &Path, name: &'static str, arguments: &[&str]) -> Result<String, SandboxError> {
    let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    let processor = Duration::from_secs(1);
    let program = Program { name, arguments: &arguments, input, memory: 64 * MEGABYTE, processor, output_max: 10_000 };
    program::run(&pool(BINARY), GROUP, &program).await.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn a_program_reads_its_file_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (own, other) = (folder.path().join("own"), folder.path().join("other"));
    fs::write(&own, "own").unwrap();
    fs::write(&other, "other").unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    assert_eq!(run(&own, "cat", &[&text(&own)]).await.unwrap(), "own");
    for refused in [text(&other), text(folder.path()), "/etc/passwd".to_owned(), "/proc/1/environ".to_owned()] {
        let read = run(&own, "cat", &[&refused]).await;
        assert!(matches!(read, Err(SandboxError::Failed("cat"))), "{refused}: {read:?}");
    }
    for write in [text(&own), text(&folder.path().join("new")), "/tmp/attache-new".to_owned()] {
        let written = run(&own, "cp", &["/dev/null", &write]).await;
        assert!(matches!(written, Err(SandboxError::Failed("cp"))), "{write}: {written:?}");
    }
    assert_eq!(fs::read_to_string(&own).unwrap(), "own");
    let environment = run(&own, "env", &[]).await.unwrap();
    assert!(environment.lines().all(|line| line.starts_with("PATH=")), "{environment}");
}

#[tokio::test]
async fn a_program_has_no_network() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    File::create(&input).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let connect = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 1); print('through')";
    // The same program succeeds without confinement.
    let free = std::process::Command::new("python3").args(["-c", connect, &port]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&free.stdout).trim(), "through");
    let tried = run(&input, "python3", &["-I", "-c", connect, &port]).await;
    assert!(matches!(tried, Err(SandboxError::Failed("python3"))), "{tried:?}");
    assert_eq!(run(&input, "python3", &["-I", "-c", "print('runs')"]).await.unwrap().trim(), "runs");
}

#[tokio::test]
async fn a_program_ends_with_its_limits() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    File::create(&input).unwrap();
    let busy = run(&input, "sh", &["-c", "while :; do :; done"]).await;
    assert!(matches!(busy, Err(SandboxError::TimedOut)), "{busy:?}");
    let large = run(&input, "python3", &["-I", "-c", "x = b'x' * 200_000_000"]).await;
    assert!(matches!(large, Err(SandboxError::Failed("python3"))), "{large:?}");
    let long = run(&input, "head", &["-c", "10001", "/usr/bin/python3"]).await;
    assert!(matches!(long, Err(SandboxError::Failed("head"))), "{long:?}");
    let missing = run(&input, "attache-has-no-such-program", &[]).await;
    assert!(matches!(missing, Err(SandboxError::Missing(_))), "{missing:?}");
}
