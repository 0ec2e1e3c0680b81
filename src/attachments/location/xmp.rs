//! XMP: XML in which properties of several vocabularies tell a place (ISO 16684-1; `exif:GPSLatitude`,
//! `drone-dji:GpsLatitude` and so on).

use super::{PLACE_WORDS, names_a_place};

/// The same packet with the values of such properties blanked; `None` when there are none. A packet that cannot be
/// understood is blanked as a whole.
pub fn without_place(packet: &[u8]) -> Option<Vec<u8>> {
    if std::str::from_utf8(packet).is_err() || packet.contains(&0) {
        // Another encoding, in which names would not be found.
        return (!packet.iter().all(|byte| matches!(byte, b' ' | 0))).then(|| vec![b' '; packet.len()]);
    }
    if !names_a_place(packet) {
        return None;
    }
    let mut cleaned = packet.to_vec();
    if blank_values(&mut cleaned).is_none() || still_tells(&cleaned) {
        cleaned.fill(b' ');
    }
    (cleaned != packet).then_some(cleaned)
}

/// Blanks attributes and elements by their names. `None` when this is no XML.
fn blank_values(xml: &mut [u8]) -> Option<()> {
    let mut at = 0;
    // The element whose content is being blanked: where that starts, its name, and how deep the name is nested.
    let mut blanking: Option<(usize, Vec<u8>, usize)> = None;
    while let Some(open) = find(xml, at, b"<") {
        let close = tag_end(xml, open)?;
        let tag = &xml[open + 1..close];
        let name: Vec<u8> = tag
            .iter()
            .copied()
            .skip_while(|c| *c == b'/')
            .take_while(|c| !c.is_ascii_whitespace() && *c != b'/')
            .collect();
        let (ends, alone) = (tag.first() == Some(&b'/'), tag.last() == Some(&b'/'));
        match &mut blanking {
            Some((start, blanked, depth)) if *blanked == name && !alone => {
                *depth = if ends { *depth - 1 } else { *depth + 1 };
                if *depth == 0 {
                    let start = *start;
                    xml[start..open].fill(b' ');
                    blanking = None;
                }
            }
            Some(_) => {}
            None => {
                blank_attributes(xml, open + 1 + name.len(), close)?;
                if names_a_place(&name) && !ends && !alone {
                    blanking = Some((close + 1, name, 1));
                }
            }
        }
        at = close + 1;
    }
    blanking.is_none().then_some(())
}

fn find(xml: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    xml[from..].windows(what.len()).position(|part| part == what).map(|place| from + place)
}

/// The `>` of a tag, past quoted values.
fn tag_end(xml: &[u8], open: usize) -> Option<usize> {
    let mut quote = None;
    for (place, byte) in xml.iter().enumerate().skip(open) {
        match (quote, byte) {
            (None, b'>') => return Some(place),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    None
}

fn blank_attributes(xml: &mut [u8], from: usize, to: usize) -> Option<()> {
    let mut at = from;
    while let Some(equals) = find(&xml[..to], at, b"=") {
        let quote_at = (equals + 1..to).find(|place| !xml[*place].is_ascii_whitespace())?;
        let quote = xml[quote_at];
        if !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let end = find(&xml[..to], quote_at + 1, &[quote])?;
        let name = xml[at..equals].trim_ascii();
        // The name of a vocabulary is no place.
        if names_a_place(name) && !name.starts_with(b"xmlns") {
            xml[quote_at + 1..end].fill(b' ');
        }
        at = end + 1;
    }
    Some(())
}

/// Whether a digit still stands where the value of such a name would: a look that knows nothing of tags.
fn still_tells(xml: &[u8]) -> bool {
    (0..xml.len()).any(|at| {
        let starts =
            |word: &&&str| xml[at..].get(..word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word.as_bytes()));
        PLACE_WORDS.iter().find(starts).is_some_and(|word| {
            let after = &xml[at + word.len()..];
            let name_ends = after.iter().position(|c| b"=><\"'".contains(c)).unwrap_or(after.len());
            let value = after[name_ends..].trim_ascii_start();
            let value = value.strip_prefix(b"=").unwrap_or(value).trim_ascii_start();
            let value = value.get(1..).unwrap_or_default();
            let ends = value.iter().position(|c| b"\"'<".contains(c)).unwrap_or(value.len());
            // The address of a vocabulary has digits, and is no place.
            !value.starts_with(b"http") && value[..ends].iter().any(u8::is_ascii_digit)
        })
    })
}
