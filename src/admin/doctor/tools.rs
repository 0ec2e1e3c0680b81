//! Checks of the programs that create previews.

use std::process::Stdio;

use tokio::process::Command;

use super::Finding;

/// Program, its version argument, its purpose.
const TOOLS: [(&str, &str, &str); 4] = [
    ("ffmpeg", "-version", "video thumbnails"),
    ("ffprobe", "-version", "durations of videos and recordings"),
    ("heif-convert", "--help", "previews of HEIC, HEIF and AVIF"),
    ("pdftoppm", "-v", "first pages of PDFs"),
];

pub async fn examine() -> Vec<Finding> {
    let mut findings = Vec::new();
    for (program, question, gives) in TOOLS {
        let run = Command::new(program)
            .arg(question)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        findings.push(match run.await {
            Ok(status) if status.success() => Finding::good(program, format!("installed, provides {gives}")),
            _ => Finding::advice(program, format!("not installed, so there are no {gives}. Install it to get them.")),
        });
    }
    findings
}
