//! Detection of a file's type by its first bytes. The client's announcement is only a hint.

use super::tracks::{self, Tracks};
use super::{Family, FileType, HTML, OCTET_STREAM, PDF, PLAIN_TEXT, all, by_extension, charset, find, office};

/// Number of leading bytes that are read: enough for a JPEG's EXIF block before its size.
pub const SNIFF_BYTES: u64 = 256 * 1024;
/// Containers of formats that the table lists only in part.
const CONTAINERS: [&str; 6] =
    [office::ZIP, office::OLE_NAME, "image/tiff", "application/gzip", "application/x-tar", "application/vnd.sqlite3"];

/// Minimum length in bytes of a text without an announced type. Shorter ones are not treated as text.
const TEXT_MIN: usize = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The content type to store.
    Known(String),
    /// The bytes contradict the announced type, and are harmful or unusable. With their detected type.
    Mismatch(Option<&'static str>),
}

fn known(name: &str) -> Verdict {
    Verdict::Known(name.to_owned())
}

/// Returns the row of the bytes. Other text is `text/plain`. `None`: unknown.
pub fn recognize(start: &[u8]) -> Option<&'static FileType> {
    let is_text = charset::of(start).is_some();
    let seen = all().find(|row| row.evidence.iter().any(|evidence| evidence.holds(start, is_text)));
    seen.or_else(|| is_text.then(|| find(PLAIN_TEXT)).flatten())
}

/// Returns the type of bytes without an announcement. Text is plain, except pages and drawings, which could run.
pub fn by_bytes(start: &[u8]) -> &'static str {
    match recognize(start) {
        Some(row) if row.family == Family::Text && row.name != HTML => PLAIN_TEXT,
        Some(row) => row.name,
        None => OCTET_STREAM,
    }
}

/// Compares announced and detected type. Phones, browsers and programs often mislabel files, so a type known by its
/// bytes wins. Rejects files that were announced to be shown or played and could run, or are unknown.
pub fn judge(announced: &str, extension: &str, start: &[u8]) -> Verdict {
    let row = find(announced);
    let is_shown = announced.starts_with("image/")
        || announced.starts_with("video/")
        || announced.starts_with("audio/")
        || row.is_some_and(|row| row.is_media() || row.name == PDF);
    match recognize(start) {
        Some(seen) if is_shown && row.is_none_or(|row| row.name != seen.name && !row.is_text()) && seen.runs => {
            Verdict::Mismatch(Some(seen.name))
        }
        // Too short to distinguish from anything else.
        Some(seen) if announced == OCTET_STREAM && start.len() < TEXT_MIN && by_extension(extension).is_none() => {
            known(if seen.name == PLAIN_TEXT { OCTET_STREAM } else { seen.name })
        }
        Some(seen) if charset::of(start).is_some() => text((!is_shown).then_some(announced), row, extension, seen),
        Some(seen) => binary(announced, row, start, seen),
        None => unknown(announced, row, is_shown),
    }
}

/// Returns the type of a text. An announced text type stays; without one, the file name decides.
fn text(announced: Option<&str>, row: Option<&FileType>, extension: &str, seen: &'static FileType) -> Verdict {
    match (row, announced) {
        (Some(row), _) if row.is_text() || row.evidence.is_empty() || row.name == seen.name => known(row.name),
        (None, Some(announced)) if announced != OCTET_STREAM => known(announced),
        _ if seen.name != PLAIN_TEXT && seen.name != "text/x-shellscript" => known(seen.name),
        _ => known(by_extension(extension).filter(|row| row.is_text()).map_or(seen.name, |row| row.name)),
    }
}

fn binary(announced: &str, row: Option<&FileType>, start: &[u8], seen: &'static FileType) -> Verdict {
    let is_container = CONTAINERS.contains(&seen.name);
    match row {
        // The start of the file does not show which tracks the container has.
        Some(row) if row.container == Some(seen.name) && (is_container || has_unknown_tracks(row, start)) => {
            known(row.name)
        }
        Some(row) if row.evidence.is_empty() && row.container.is_some() && row.container == seen.container => {
            known(row.name)
        }
        None if announced != OCTET_STREAM && is_container && announced.starts_with("application/") => known(announced),
        _ => known(seen.name),
    }
}

/// Returns whether this is audio whose container does not show at its start whether it has video.
fn has_unknown_tracks(row: &FileType, start: &[u8]) -> bool {
    row.family == Family::Sound && tracks::in_start(start).is_none()
}

fn unknown(announced: &str, row: Option<&FileType>, is_shown: bool) -> Verdict {
    match row {
        Some(row) if row.evidence.is_empty() && row.family != Family::Text => known(row.name),
        Some(_) if is_shown => Verdict::Mismatch(None),
        None if !is_shown && !announced.starts_with("text/") => known(announced),
        _ => known(OCTET_STREAM),
    }
}

/// Returns the type once the tracks of a container are known: audio in a video container is audio, and the reverse.
pub fn with_tracks(name: &str, tracks: Tracks) -> &str {
    let Some(row) = find(name) else { return name };
    let wanted = if tracks.video { Family::Video } else { Family::Sound };
    if row.family == wanted || !(tracks.video || tracks.sound) {
        return name;
    }
    match row.family {
        Family::Sound => row.container.unwrap_or(name),
        _ => {
            all().find(|inner| inner.family == wanted && inner.container == Some(row.name)).map_or(name, |row| row.name)
        }
    }
}

/// Returns whether the bytes are a container for video and audio, and their start does not show which.
pub fn needs_tracks(name: &str, start: &[u8]) -> bool {
    matches!(name, "video/mp4" | "audio/mp4" | "video/3gpp" | "audio/3gpp" | "video/3gpp2" | "audio/3gpp2")
        && tracks::in_start(start).is_none()
}

/// Returns whether an AVIF is a sequence.
pub fn is_sequence(start: &[u8]) -> bool {
    super::iso::is_sequence(start)
}
