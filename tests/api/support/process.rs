//! The real binary as a process of its own, to be killed, refused and measured.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// Ended with the test, however the test ends.
pub struct Process {
    child: Child,
    pub base: String,
}

fn command(data: &Path, variables: &[(&str, &str)]) -> Command {
    let public = data.join("public");
    std::fs::create_dir_all(&public).expect("the folder for the pages can be made");
    let mut command = Command::new(env!("CARGO_BIN_EXE_attache"));
    command.env_clear().env("DATA_DIR", data).env("PORT", "0").env("DIOXUS_PUBLIC_PATH", public);
    command.envs(variables.iter().copied()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Runs the binary with a configuration that must stop it.
pub fn run_until_exit(data: &Path, variables: &[(&str, &str)]) -> Output {
    command(data, variables).output().expect("the binary runs")
}

impl Process {
    /// On SQLite and local disk in this folder. Returns once it listens.
    pub fn start(data: &Path) -> Self {
        let mut child = command(data, &[("NO_COLOR", "1")]).spawn().expect("the binary runs");
        let mut log = BufReader::new(child.stderr.take().expect("standard error is piped"));
        let mut line = String::new();
        let base = loop {
            line.clear();
            assert!(log.read_line(&mut line).expect("the log can be read") > 0, "the server ended before it listened");
            if let Some((_, address)) = line.split_once("Attaché is at ") {
                break address.trim().to_owned();
            }
        };
        // Read on, so that the server never waits for somebody to read its log.
        std::thread::spawn(move || log.read_to_end(&mut Vec::new()));
        Self { child, base }
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub fn kill(mut self) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("the process can be waited for");
    }

    /// Memory in use now, in bytes.
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
