//! Previews and properties of video and audio, by `ffprobe` and `ffmpeg`.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::Reader;
use crate::platform::file_types::tracks::Tracks;
use crate::platform::sandbox::SandboxError;

/// Processor time of each program. A still is tried twice if the first attempt fails at once.
const FACTS_TIME: Duration = Duration::from_secs(1);
/// A long recording is read completely for it.
const LENGTH_TIME: Duration = Duration::from_secs(2);
const STILL_TIME: Duration = Duration::from_secs(3);
const FIRST_FRAME_TIME: Duration = Duration::from_secs(1);
/// Private memory of `ffprobe` and `ffmpeg`, in bytes: the reference frames of a film of 3840 × 2160 pixels.
const FACTS_MEMORY: u64 = 64_000_000;
const STILL_MEMORY: u64 = 192_000_000;
/// Maximum output of `ffprobe`.
const FACTS_MAX: u64 = 1_000_000;
/// Size of a PNG of 1280 × 1280 in which every pixel differs.
const FRAME_MAX: u64 = 16_000_000;
/// Position of the still, in seconds, because the very first frame is often black.
const SECOND: &str = "1";
/// Maximum size of one allocation in these programs, in bytes.
const ALLOCATION: &str = "150000000";

/// Properties of a video or audio file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub duration_ms: Option<i64>,
    /// Displayed size; `None` for audio, whose picture is its cover.
    pub pixels: Option<(i32, i32)>,
    pub tracks: Tracks,
    pub has_cover: bool,
    /// Corrections of a still before it is scaled.
    pub look: Look,
}

/// What players do with the frames of a film before they show them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Its pixels are not square.
    is_anamorphic: bool,
    /// It is HDR (HLG or PQ, ITU-R BT.2100).
    is_bright: bool,
}

fn source(path: &Path) -> std::ffi::OsString {
    // With a scheme, so that no name is parsed as a URL.
    let mut source = std::ffi::OsString::from("file:");
    source.push(path);
    source
}

pub async fn facts(reader: &Reader<'_>, path: &Path, demuxer: &str) -> Result<Facts, SandboxError> {
    let source = source(path);
    let wanted = "format=duration:stream=codec_type,width,height,sample_aspect_ratio,color_transfer:\
        stream_side_data=rotation:stream_disposition=attached_pic";
    let mut arguments: Vec<&OsStr> = input("error", demuxer).into_iter().map(OsStr::new).collect();
    arguments.extend(["-show_entries", wanted, "-of", "json"].map(OsStr::new));
    arguments.push(source.as_os_str());
    let answer = reader.run("ffprobe", &arguments, path, FACTS_MEMORY, FACTS_TIME, FACTS_MAX).await?;
    let mut facts = parse(&answer);
    if facts.duration_ms.is_none() && facts.tracks != Tracks::default() {
        facts.duration_ms = played_length(reader, path, demuxer).await.unwrap_or_default();
    }
    Ok(facts)
}

/// Returns the first arguments of each of these programs.
fn input<'a>(level: &'a str, demuxer: &'a str) -> [&'a str; 8] {
    ["-v", level, "-protocol_whitelist", "file", "-max_alloc", ALLOCATION, "-f", demuxer]
}

/// Returns the duration of a file without one in its header, such as recordings of browsers: reads all of it, without
/// decoding.
async fn played_length(reader: &Reader<'_>, path: &Path, demuxer: &str) -> Result<Option<i64>, SandboxError> {
    let source = source(path);
    let after = ["-map", "0:a:0", "-c", "copy", "-f", "null", "-progress", "pipe:1", "-nostats", "/dev/null"];
    let mut arguments = vec![OsStr::new("-nostdin")];
    arguments.extend(input("quiet", demuxer).into_iter().chain(["-i"]).map(OsStr::new));
    arguments.push(source.as_os_str());
    arguments.extend(after.map(OsStr::new));
    let answer = reader.run("ffmpeg", &arguments, path, FACTS_MEMORY, LENGTH_TIME, FACTS_MAX).await?;
    Ok(last_progress(&answer))
}

/// Returns the last position that `ffmpeg` reports, in milliseconds.
fn last_progress(answer: &[u8]) -> Option<i64> {
    let text = String::from_utf8_lossy(answer);
    let last = text.lines().filter_map(|line| line.strip_prefix("out_time_us=")).next_back()?;
    last.trim().parse::<i64>().ok().map(|microseconds| microseconds / 1000).filter(|length| *length > 0)
}

/// Returns a still of a film, as PNG that fits in 1280 × 1280. An `ffmpeg` that can't tone-map HDR leaves it unchanged.
pub async fn still(reader: &Reader<'_>, path: &Path, demuxer: &str, look: Look) -> Result<Vec<u8>, SandboxError> {
    match seen(reader, path, demuxer, look).await {
        Err(SandboxError::Failed(_)) if look.is_bright => {
            seen(reader, path, demuxer, Look { is_bright: false, ..look }).await
        }
        other => other,
    }
}

async fn seen(reader: &Reader<'_>, path: &Path, demuxer: &str, look: Look) -> Result<Vec<u8>, SandboxError> {
    match frame(reader, path, demuxer, look, Some(SECOND)).await {
        // Shorter than that.
        Ok(png) if png.is_empty() => frame(reader, path, demuxer, look, None).await,
        Err(SandboxError::Failed(_)) => frame(reader, path, demuxer, look, None).await,
        other => other,
    }
    .and_then(|png| if png.is_empty() { Err(SandboxError::Failed("ffmpeg")) } else { Ok(png) })
}

/// Returns the first picture of a file: the cover of audio, or a picture in a video container.
pub async fn first(reader: &Reader<'_>, path: &Path, demuxer: &str) -> Result<Vec<u8>, SandboxError> {
    let png = frame(reader, path, demuxer, Look::default(), None).await?;
    if png.is_empty() { Err(SandboxError::Failed("ffmpeg")) } else { Ok(png) }
}

async fn frame(
    reader: &Reader<'_>,
    path: &Path,
    demuxer: &str,
    look: Look,
    at: Option<&str>,
) -> Result<Vec<u8>, SandboxError> {
    let source = source(path);
    let mut arguments = vec!["-nostdin", "-threads", "1", "-filter_threads", "1"];
    arguments.extend(input("error", demuxer));
    if let Some(at) = at {
        arguments.extend(["-ss", at]);
    }
    arguments.push("-i");
    let filters = filters(look);
    let before = ["-map", "0:v:0", "-an", "-sn", "-dn", "-frames:v", "1", "-vf", &filters];
    let after = ["-map_metadata", "-1", "-c:v", "png", "-f", "image2pipe", "pipe:1"];
    let mut arguments: Vec<&OsStr> = arguments.into_iter().map(OsStr::new).collect();
    arguments.push(source.as_os_str());
    arguments.extend(before.into_iter().chain(after).map(OsStr::new));
    let time = if at.is_some() { STILL_TIME } else { FIRST_FRAME_TIME };
    reader.run("ffmpeg", &arguments, path, STILL_MEMORY, time, FRAME_MAX).await
}

/// Returns the filters that make pixels square, scale the picture, and tone-map HDR.
fn filters(look: Look) -> String {
    const FIT: &str = "scale=w=min(1280\\,iw):h=min(1280\\,ih):force_original_aspect_ratio=decrease";
    const SQUARE: &str = "scale=w=max(1\\,round(iw*sar)):h=ih,setsar=1,";
    // Such films often declare only their transfer function: the rest follows from its standard.
    const TONES: &str = ",setparams=color_primaries=bt2020:colorspace=bt2020nc,zscale=t=linear:npl=100,\
        format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p";
    format!("{}{FIT}{}", if look.is_anamorphic { SQUARE } else { "" }, if look.is_bright { TONES } else { "" })
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
    sample_aspect_ratio: Option<String>,
    color_transfer: Option<String>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: i32,
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
    let of_kind = |stream: &&Stream, kind: &str| stream.codec_type.as_deref() == Some(kind);
    let mut pictures = answer.streams.iter().filter(|stream| of_kind(stream, "video"));
    let film = pictures.clone().find(|stream| stream.disposition.attached_pic == 0);
    let tracks = Tracks { video: film.is_some(), sound: answer.streams.iter().any(|stream| of_kind(&stream, "audio")) };
    Facts {
        duration_ms,
        pixels: film.and_then(Stream::pixels),
        tracks,
        has_cover: pictures.any(|stream| stream.disposition.attached_pic != 0),
        look: film.map(Stream::look).unwrap_or_default(),
    }
}

impl Stream {
    /// Returns the ratio of a pixel's width to its height, if it is not square.
    fn aspect(&self) -> Option<f64> {
        let (width, height) = self.sample_aspect_ratio.as_deref()?.split_once(':')?;
        let aspect = width.parse::<f64>().ok()? / height.parse::<f64>().ok()?;
        ((0.05..20.0).contains(&aspect) && (aspect - 1.0).abs() > 0.001).then_some(aspect)
    }

    fn pixels(&self) -> Option<(i32, i32)> {
        let (width, height) = (self.width.filter(|side| *side > 0)?, self.height.filter(|side| *side > 0)?);
        #[expect(clippy::cast_possible_truncation, reason = "rounded, and within the bounds given")]
        let width = self.aspect().map_or(width, |aspect| (f64::from(width) * aspect).round().clamp(1.0, 1e9) as i32);
        let turned = self.side_data_list.iter().filter_map(|data| data.rotation).any(|degrees| degrees % 180 != 0);
        Some(if turned { (height, width) } else { (width, height) })
    }

    fn look(&self) -> Look {
        Look {
            is_anamorphic: self.aspect().is_some(),
            is_bright: matches!(self.color_transfer.as_deref(), Some("arib-std-b67" | "smpte2084")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ffprobe_output_is_parsed() {
        let said = br#"{"streams":[{"codec_type":"audio"},{"codec_type":"video","width":1920,"height":1080,
            "side_data_list":[{"rotation":-90}]}],"format":{"duration":"38.2"}}"#;
        let tracks = Tracks { video: true, sound: true };
        let film = Facts { duration_ms: Some(38_200), pixels: Some((1080, 1920)), tracks, ..Facts::default() };
        assert_eq!(parse(said), film);
        assert_eq!(parse(br#"{"format":{"duration":"N/A"}}"#), Facts::default());
        assert_eq!(parse(b"nothing"), Facts::default());
        let said = br#"{"streams":[{"codec_type":"video","width":720,"height":576,"sample_aspect_ratio":"64:45",
            "color_transfer":"smpte2084"}]}"#;
        let facts = parse(said);
        assert_eq!(facts.pixels, Some((1024, 576)));
        assert_eq!(facts.look, Look { is_anamorphic: true, is_bright: true });
    }

    #[test]
    fn a_cover_is_no_size_of_the_sound() {
        let said = br#"{"streams":[{"codec_type":"audio"},{"codec_type":"video","width":500,"height":500,
            "disposition":{"attached_pic":1}}],"format":{"duration":"3"}}"#;
        let facts = parse(said);
        assert_eq!((facts.pixels, facts.has_cover, facts.tracks.video), (None, true, false));
    }

    #[test]
    fn the_length_is_where_the_reading_ended() {
        assert_eq!(
            last_progress(b"out_time_us=10\nprogress=continue\nout_time_us=1007000\nprogress=end\n"),
            Some(1007)
        );
        assert_eq!(last_progress(b"out_time_us=N/A\nprogress=end\n"), None);
    }
}
