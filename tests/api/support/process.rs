//! The real binary as a separate process, to be killed, rejected and measured.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use attache::platform::config::{DatabaseUrl, StorageConfig};
use tempfile::TempDir;

use super::Engines;

const BINARY: &str = env!("CARGO_BIN_EXE_attache");

/// A running server. Killed when the test ends in any way.
pub struct Process {
    child: Child,
    pub base: String,
    /// The log until it listened.
    start: String,
    log: Arc<Mutex<String>>,
}

/// The persistent state of a separate server: a folder, and an empty database and a storage of one pair of engines.
pub struct Installation {
    folder: TempDir,
    pub engines: Engines,
    pub database: DatabaseUrl,
    pub storage: StorageConfig,
    variables: BTreeMap<&'static str, String>,
    binary: PathBuf,
}

impl Installation {
    pub async fn new(engines: Engines) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::create_dir(folder.path().join("public")).expect("the folder for the pages can be made");
        let database = engines.database(folder.path()).await;
        let mut variables = Engines::variables(&database);
        variables.extend([("SIGN_UP", "open".to_owned()), ("SIGN_UPS_PER_HOUR", "0".to_owned())]);
        let storage = engines.storage(folder.path());
        Self { folder, engines, database, storage, variables, binary: BINARY.into() }
    }

    /// Creates one with a separate storage, for tests that list it.
    pub async fn alone(engines: Engines) -> Self {
        let mut installation = Self::new(engines).await;
        installation.storage = engines.own_storage(installation.data()).await;
        if let StorageConfig::S3(own) = &installation.storage {
            installation.variables.insert("S3_BUCKET", own.bucket.clone());
        }
        installation
    }

    /// Creates one for the released server: the binary that `ATTACHE_SERVER` names, with the pages beside it, the tools
    /// of this machine, and a separate storage. Without the variable it is the binary of the other tests.
    pub async fn as_released(engines: Engines) -> Self {
        let mut installation = Self::alone(engines).await;
        let path = std::env::var("PATH").unwrap_or_default();
        installation.variables.insert("PATH", path);
        if let Some(binary) = std::env::var_os("ATTACHE_SERVER").map(PathBuf::from) {
            let pages = binary.with_file_name("public").to_string_lossy().into_owned();
            installation.variables.insert("DIOXUS_PUBLIC_PATH", pages);
            installation.binary = binary;
        }
        installation
    }

    /// Returns `DATA_DIR`.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the public folder, beside which a built server finds its pages.
    pub fn public(&self) -> PathBuf {
        self.data().join("public")
    }

    /// Returns the settings of its engines: none for SQLite and local disk.
    pub fn variables(&self) -> BTreeMap<&'static str, String> {
        self.variables.clone()
    }

    fn command(&self, variables: &BTreeMap<&'static str, String>) -> Command {
        self.prepare(Command::new(&self.binary), variables)
    }

    fn prepare(&self, mut command: Command, variables: &BTreeMap<&'static str, String>) -> Command {
        // This path has no tool that the server could use.
        command
            .env_clear()
            .env("PATH", self.public())
            .env("DATA_DIR", self.data())
            .env("PORT", "0")
            .env("DIOXUS_PUBLIC_PATH", self.public());
        command.envs(variables).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Runs the binary with a configuration that must stop it.
    pub fn run_until_exit(&self, variables: &BTreeMap<&'static str, String>) -> Output {
        self.command(variables).output().expect("the binary runs")
    }

    /// Runs a command of the binary to its end.
    pub fn run_command(&self, arguments: &[&str], variables: &BTreeMap<&'static str, String>) -> Output {
        let path = std::env::var_os("PATH").unwrap_or_default();
        self.command(variables)
            .env("PATH", path)
            .args(arguments)
            .stdout(Stdio::piped())
            .output()
            .expect("the binary runs")
    }

    /// Starts a server. Returns once it listens.
    pub fn start(&self) -> Process {
        self.start_with(&BTreeMap::new())
    }

    /// Starts one with further variables.
    pub fn start_with(&self, further: &BTreeMap<&'static str, String>) -> Process {
        let mut command = self.command(&self.variables);
        command.envs(further);
        Self::spawn(command)
    }

    /// Starts one by a shell with this limit of open files, as `ulimit` sets it; the server may raise it.
    pub fn start_with_open_files(&self, limit: u32) -> Process {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "ulimit -Sn \"$1\" && exec \"$0\"", BINARY, &limit.to_string()]);
        Self::spawn(self.prepare(shell, &self.variables))
    }

    fn spawn(mut command: Command) -> Process {
        let mut child = command.spawn().expect("the binary runs");
        let mut log = BufReader::new(child.stderr.take().expect("standard error is piped"));
        let mut start = String::new();
        let base = loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).expect("the log can be read") > 0, "the server ended before it listened");
            assert!(!line.contains('\u{1b}'), "what is no terminal gets no colors: {line}");
            start.push_str(&line);
            if let Some((_, address)) = line.split_once("Attaché is at ") {
                // In JSON a quotation mark ends it.
                break address.split('"').next().unwrap_or_default().trim().to_owned();
            }
        };
        // Read continuously, so that the server never waits for a reader of its log.
        let read = Arc::new(Mutex::new(String::new()));
        std::thread::spawn({
            let read = read.clone();
            move || {
                for line in log.lines().map_while(Result::ok) {
                    let mut read = read.lock().expect("nobody panics with it");
                    read.push_str(&line);
                    read.push('\n');
                }
            }
        });
        Process { child, base, start, log: read }
    }
}

impl Process {
    /// Sends SIGKILL: no handler runs, nothing is flushed.
    pub fn kill(mut self) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("the process can be waited for");
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks the server to stop, and waits until it has.
    pub async fn stop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("the process can be asked");
        let ended = async || self.child.try_wait().expect("the process can be waited for").is_some();
        until("the server stops", ended).await;
    }

    /// All lines of the log so far.
    pub fn log(&self) -> String {
        format!("{}{}", self.start, self.log.lock().expect("nobody panics with it"))
    }

    /// How many lines of the log, since it listened, have this text.
    pub fn logged(&self, text: &str) -> usize {
        self.log.lock().expect("nobody panics with it").lines().filter(|line| line.contains(text)).count()
    }

    /// Returns the number of open files without a name.
    pub fn nameless_files(&self) -> usize {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("the process is there");
        let targets = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
        targets.filter(|target| target.to_string_lossy().ends_with("(deleted)")).count()
    }

    /// Returns the memory in use, in bytes.
    pub fn memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).expect("the process is there");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("Linux tells memory");
        let kilobytes = line.split_whitespace().nth(1).expect("with a number");
        kilobytes.parse::<u64>().expect("a number") * 1024
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for a state of another process. Fails after half a minute.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let seen = async {
        while !is_so().await {
            // The other process needs the processor too.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), seen).await.is_ok(), "in vain: {what}");
}
