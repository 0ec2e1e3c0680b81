//! Text files, read for people: the first megabyte, decoded.

use super::model::{AttachmentId, FileText};
use super::service::check_view;
use crate::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};

/// Bytes that are read.
const MOST: u64 = 1_000_000;

/// The start of a text file, for who may see the file. 404 for a file that is no text.
pub async fn read(platform: &Platform, member: &Member, id: AttachmentId) -> Result<FileText> {
    let row = check_view(platform, member, id).await?.attachment;
    let truncated = u64::try_from(row.file_size).unwrap_or(0) > MOST;
    let bytes = platform.storage.read_start(&row.key(), MOST).await?;
    let text = decode(&bytes, truncated).ok_or_else(|| AppError::not_found("text in this file"))?;
    Ok(FileText { text, truncated })
}

/// UTF-8; UTF-16 by its mark; else Latin-1, in which every byte is a letter. `None` when it is no text.
fn decode(bytes: &[u8], truncated: bool) -> Option<String> {
    let utf16 = |rest: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => return Some(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => return Some(utf16(rest, u16::from_be_bytes)),
        _ => {}
    }
    if bytes.contains(&0) {
        return None;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        // The last letter was cut.
        Err(error) if truncated && error.error_len().is_none() => {
            Some(String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned())
        }
        Err(_) => Some(bytes.iter().copied().map(char::from).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn texts_are_decoded() {
        for (bytes, text) in [
            ("Grüße".as_bytes(), "Grüße"),
            (b"\xef\xbb\xbfplain", "plain"),
            (b"Gr\xfc\xdfe", "Grüße"),
            (b"\xff\xfeG\0r\0\xfc\0", "Grü"),
            (b"\xfe\xff\0G\0r\0\xfc", "Grü"),
            (b"", ""),
        ] {
            assert_eq!(decode(bytes, false).as_deref(), Some(text));
        }
        assert_eq!(decode(b"\x7fELF\0\0", false), None);
        assert_eq!(decode(&"Grü".as_bytes()[..3], true).as_deref(), Some("Gr"));
    }
}
