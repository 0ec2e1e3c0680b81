//! Detection of text and its encoding. Text comes from anybody, so a few invalid bytes are accepted.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Number of leading bytes that decide.
pub const SAMPLE_BYTES: usize = 64 * 1024;
/// One in this many bytes may be a control character that texts don't have.
const BYTES_PER_CONTROL: usize = 200;
/// Below this many bytes, anything could look like a text in an old encoding by chance.
const MIN_LENGTH: usize = 16;

/// Returns the encoding of a text, of which `start` may be only the beginning. `None` if it is not text.
pub fn of(start: &[u8]) -> Option<&'static Encoding> {
    let start = &start[..start.len().min(SAMPLE_BYTES)];
    if start.is_empty() {
        return None;
    }
    if let Some((encoding, mark)) = Encoding::for_bom(start) {
        let rest = &start[mark..];
        let little = encoding == UTF_16LE;
        let is_text = match encoding {
            utf8 if utf8 == UTF_8 => is_bytewise(rest),
            _ => is_utf16(rest, little) && (start.len() >= MIN_LENGTH || has_spaces(rest, little)),
        };
        return is_text.then_some(encoding);
    }
    if start.contains(&0) {
        // Without a byte order mark, spaces and line ends show which of two bytes is the high one.
        return [(UTF_16LE, true), (UTF_16BE, false)]
            .into_iter()
            .find(|(_, little)| is_utf16(start, *little) && has_spaces(start, *little))
            .map(|(encoding, _)| encoding);
    }
    if !is_bytewise(start) {
        return None;
    }
    match std::str::from_utf8(start) {
        Ok(_) => Some(UTF_8),
        Err(error) if error.error_len().is_none() => Some(UTF_8),
        Err(_) => old_or_damaged(start),
    }
}

/// Returns UTF-8 for a text with a few invalid bytes, or Windows-1252.
fn old_or_damaged(start: &[u8]) -> Option<&'static Encoding> {
    let (mut right, mut wrong) = (0, 0);
    for chunk in start.utf8_chunks() {
        right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    if right > wrong {
        return Some(UTF_8);
    }
    let letters = start.iter().filter(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()).count();
    let undefined = start.iter().filter(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)).count();
    let enough = if start.len() < MIN_LENGTH { start.len() / 2 } else { start.len() / 7 };
    (letters >= enough.max(1) && undefined * BYTES_PER_CONTROL <= start.len()).then_some(WINDOWS_1252)
}

/// Returns whether there are no control characters except those of lines, terminal colors, overstriking, and the end of
/// a DOS file.
fn is_bytewise(bytes: &[u8]) -> bool {
    let is_odd = |byte: &&u8| byte.is_ascii_control() && !matches!(byte, 0x07..=0x0d | 0x1a | 0x1b);
    let odd = bytes.iter().filter(is_odd).count();
    !bytes.contains(&0) && odd * BYTES_PER_CONTROL <= bytes.len()
}

fn units(bytes: &[u8], little: bool) -> impl Iterator<Item = u16> {
    let read = if little { u16::from_le_bytes } else { u16::from_be_bytes };
    bytes.as_chunks().0.iter().map(move |pair| read(*pair))
}

/// Returns whether surrogates are paired, and there are no control characters or noncharacters.
fn is_utf16(bytes: &[u8], little: bool) -> bool {
    let is_odd = |c: char| {
        c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1a}' | '\u{1b}')
            || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{e000}'..='\u{f8ff}')
    };
    let mut last = false;
    for decoded in char::decode_utf16(units(bytes, little)) {
        // The last character may be cut.
        if last {
            return false;
        }
        match decoded {
            Ok(c) if is_odd(c) => return false,
            Ok(_) => {}
            Err(_) => last = true,
        }
    }
    bytes.len() >= 2
}

/// Returns whether there are too many spaces, line ends and plain letters for a coincidence.
fn has_spaces(bytes: &[u8], little: bool) -> bool {
    let count = bytes.len() / 2;
    let plain = units(bytes, little).filter(|unit| (0x20..0x7f).contains(unit) || matches!(unit, 9 | 10 | 13)).count();
    count >= 2 && if count < 64 { plain * 2 >= count } else { plain * 50 >= count }
}

/// Decodes a text. With `is_cut`, an incomplete character at the end is dropped.
pub fn decode(bytes: &[u8], encoding: &'static Encoding, is_cut: bool) -> String {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len()));
    let _ = decoder.decode_to_string(bytes, &mut text, !is_cut);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn texts_are_distinguished_from_binary() {
        for (bytes, encoding) in [
            ("Grüße\n".as_bytes(), UTF_8),
            (&"Grüße".as_bytes()[..3], UTF_8),
            (b"\x1b[31mred\x1b[0m\n", UTF_8),
            (b"dos\r\n\x1a", UTF_8),
            (b"N\x08NA\x08A\n", UTF_8),
            (b"12,50 \x80 f\xfcr \x84Rahmen\x93", WINDOWS_1252),
            ("Gr\u{fc}\u{df}e aus K\u{f6}ln".as_bytes(), UTF_8),
            (b"\xef\xbb\xbfplain", UTF_8),
        ] {
            assert_eq!(of(bytes), Some(encoding), "{bytes:?}");
        }
        let damaged = ["Grüße aus Köln, schöne Grüße ".as_bytes(), b"\xff\n"].concat();
        assert_eq!(of(&damaged), Some(UTF_8));
        for none in [&b""[..], b"\0\0\0\0", b"a\x01b", b"\xff\xfe\xfd\xfc", b"\x7fELF\0\0", b"A\0\0\0B\0\0\0"] {
            assert_eq!(of(none), None, "{none:?}");
        }
    }

    #[test]
    fn utf_16_is_detected_with_and_without_a_mark() {
        for text in ["Grüße, 12 €\r\n", "Привет, мир и все остальные\n", "第一行 abc\r\n第二行\r\n"]
        {
            for little in [true, false] {
                let encoding = if little { UTF_16LE } else { UTF_16BE };
                let marked = utf16(&format!("\u{feff}{text}"), little);
                assert_eq!(of(&marked), Some(encoding), "{text}");
                assert_eq!(decode(&marked, encoding, false), text);
            }
        }
        let plain = "time,level,text\r\n12:00,info,Grüße\r\n";
        assert_eq!(of(&utf16(plain, true)), Some(UTF_16LE));
        assert_eq!(of(&utf16(plain, false)), Some(UTF_16BE));
    }

    #[test]
    fn a_cut_character_is_omitted() {
        assert_eq!(decode(&"Grü".as_bytes()[..3], UTF_8, true), "Gr");
        assert_eq!(decode(b"\x80 12", WINDOWS_1252, false), "€ 12");
    }
}
