//! Video and sound, by `ffprobe` and `ffmpeg`.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::Reader;
use crate::platform::sandbox::SandboxError;

/// Processor time of each program. A still is taken twice when the first try fails at once.
const FACTS_TIME: Duration = Duration::from_secs(1);
const STILL_TIME: Duration = Duration::from_secs(3);
const FIRST_FRAME_TIME: Duration = Duration::from_secs(1);
/// Private memory of `ffprobe` and `ffmpeg`, in bytes: the frames of a film of 3840 × 2160 pixels that refer to each other.
const FACTS_MEMORY: u64 = 64_000_000;
const STILL_MEMORY: u64 = 192_000_000;
/// Most that `ffprobe` says of a file.
const FACTS_MAX: u64 = 1_000_000;
/// A PNG of 1280 × 1280 with every pixel another.
const FRAME_MAX: u64 = 16_000_000;
/// Where the still is taken: the very first frame is often black.
const SECOND: &str = "1";
/// Most memory of one allocation in these programs, in bytes.
const ALLOCATION: &str = "150000000";

/// What is known of a video or a sound.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub duration_ms: Option<i64>,
    /// As a person sees it; none for sound.
    pub pixels: Option<(i32, i32)>,
}

/// The one reader that may touch the file: a file that names others, such as a playlist, is never followed.
fn format(content_type: &str) -> Option<&'static str> {
    Some(match content_type {
        "video/mp4" | "video/quicktime" | "audio/mp4" | "audio/m4a" | "image/avif" => "mov",
        "video/webm" | "audio/webm" | "video/x-matroska" => "matroska",
        "video/ogg" | "audio/ogg" => "ogg",
        "audio/mpeg" => "mp3",
        "audio/wav" => "wav",
        "audio/flac" => "flac",
        "audio/aac" => "aac",
        "video/x-msvideo" => "avi",
        _ => return None,
    })
}

/// Whether these programs are asked about files of this type.
pub fn reads(content_type: &str) -> bool {
    format(content_type).is_some()
}

fn source(path: &Path) -> std::ffi::OsString {
    // Said to be a file, so that no name is taken for an address.
    let mut source = std::ffi::OsString::from("file:");
    source.push(path);
    source
}

pub async fn facts(reader: &Reader<'_>, path: &Path, content_type: &str) -> Result<Facts, SandboxError> {
    let format = format(content_type).ok_or(SandboxError::Failed("ffprobe"))?;
    let source = source(path);
    let arguments = ["-v", "error", "-protocol_whitelist", "file", "-max_alloc", ALLOCATION, "-f", format];
    let wanted =
        ["-show_entries", "format=duration:stream=codec_type,width,height:stream_side_data=rotation", "-of", "json"];
    let arguments: Vec<&OsStr> = arguments.iter().chain(&wanted).map(OsStr::new).chain([source.as_os_str()]).collect();
    let answer = reader.run("ffprobe", &arguments, path, FACTS_MEMORY, FACTS_TIME, FACTS_MAX).await?;
    Ok(parse(&answer))
}

/// A still, as PNG that fits in 1280 × 1280.
pub async fn still(reader: &Reader<'_>, path: &Path, content_type: &str) -> Result<Vec<u8>, SandboxError> {
    match frame(reader, path, content_type, Some(SECOND)).await {
        // Shorter than that.
        Ok(png) if png.is_empty() => frame(reader, path, content_type, None).await,
        Err(SandboxError::Failed(_)) => frame(reader, path, content_type, None).await,
        other => other,
    }
    .and_then(|png| if png.is_empty() { Err(SandboxError::Failed("ffmpeg")) } else { Ok(png) })
}

async fn frame(
    reader: &Reader<'_>,
    path: &Path,
    content_type: &str,
    at: Option<&str>,
) -> Result<Vec<u8>, SandboxError> {
    let format = format(content_type).ok_or(SandboxError::Failed("ffmpeg"))?;
    let source = source(path);
    let mut arguments = vec![
        "-v",
        "error",
        "-nostdin",
        "-threads",
        "1",
        "-filter_threads",
        "1",
        "-protocol_whitelist",
        "file",
        "-max_alloc",
        ALLOCATION,
        "-f",
        format,
    ];
    if let Some(at) = at {
        arguments.extend(["-ss", at]);
    }
    arguments.push("-i");
    let after = [
        "-map",
        "0:v:0",
        "-an",
        "-sn",
        "-dn",
        "-frames:v",
        "1",
        "-vf",
        "scale=w=min(1280\\,iw):h=min(1280\\,ih):force_original_aspect_ratio=decrease",
        "-map_metadata",
        "-1",
        "-c:v",
        "png",
        "-f",
        "image2pipe",
        "pipe:1",
    ];
    let arguments: Vec<&OsStr> =
        arguments.iter().map(OsStr::new).chain([source.as_os_str()]).chain(after.iter().map(OsStr::new)).collect();
    let time = if at.is_some() { STILL_TIME } else { FIRST_FRAME_TIME };
    reader.run("ffmpeg", &arguments, path, STILL_MEMORY, time, FRAME_MAX).await
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    format: Format,
    #[serde(default)]
    streams: Vec<Stream>,
}

#[derive(Default, Deserialize)]
struct Format {
    duration: Option<String>,
}

#[derive(Deserialize)]
struct Stream {
    codec_type: Option<String>,
    width: Option<i32>,
    height: Option<i32>,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Deserialize)]
struct SideData {
    rotation: Option<i32>,
}

fn parse(answer: &[u8]) -> Facts {
    let Ok(answer) = serde_json::from_slice::<Answer>(answer) else { return Facts::default() };
    let seconds = answer.format.duration.and_then(|text| text.parse::<f64>().ok());
    #[expect(clippy::cast_possible_truncation, reason = "a finite number within the bounds given")]
    let duration_ms = seconds.filter(|seconds| (0.001..1e9).contains(seconds)).map(|seconds| (seconds * 1000.0) as i64);
    let video = answer.streams.iter().find(|stream| stream.codec_type.as_deref() == Some("video"));
    let pixels = video.and_then(|stream| {
        let (width, height) = (stream.width.filter(|side| *side > 0)?, stream.height.filter(|side| *side > 0)?);
        let turned = stream.side_data_list.iter().filter_map(|data| data.rotation).any(|degrees| degrees % 180 != 0);
        Some(if turned { (height, width) } else { (width, height) })
    });
    Facts { duration_ms, pixels }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ffprobe_says_is_read() {
        let said = br#"{"streams":[{"codec_type":"audio"},{"codec_type":"video","width":1920,"height":1080,
            "side_data_list":[{"rotation":-90}]}],"format":{"duration":"38.2"}}"#;
        assert_eq!(parse(said), Facts { duration_ms: Some(38_200), pixels: Some((1080, 1920)) });
        assert_eq!(parse(br#"{"format":{"duration":"N/A"}}"#), Facts::default());
        assert_eq!(parse(b"nothing"), Facts::default());
    }
}
