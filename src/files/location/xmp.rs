//! XMP: XML in which properties of several vocabularies contain a location (ISO 16684-1; `exif:GPSLatitude`,
//! `drone-dji:GpsLatitude` and so on).

use super::budget::{Budget, SearchError};
use super::words::{name_a_location, occurrences};

/// Returns the same packet with the values of such properties blanked; `None` if there are none. A packet that can't be
/// parsed is blanked as a whole.
pub fn without_place(packet: &[u8], budget: &mut Budget) -> Result<Option<Vec<u8>>, SearchError> {
    let Some(cleaned) = cleaned(packet, budget)? else { return Ok(None) };
    // In malformed XML, a blank may turn the rest into another tag.
    let is_stable = self::cleaned(&cleaned, budget)?.is_none();
    Ok(Some(if is_stable { cleaned } else { vec![b' '; packet.len()] }))
}

/// Runs one pass. `None` if nothing changes.
fn cleaned(packet: &[u8], budget: &mut Budget) -> Result<Option<Vec<u8>>, SearchError> {
    budget.spend(packet.len())?;
    if std::str::from_utf8(packet).is_err() || packet.contains(&0) {
        // Another encoding, in which the names would not be found.
        return Ok((!packet.iter().all(|byte| matches!(byte, b' ' | 0))).then(|| vec![b' '; packet.len()]));
    }
    if !name_a_location(packet) {
        return Ok(None);
    }
    let mut cleaned = packet.to_vec();
    let understood = blank_values(&mut cleaned, budget)?;
    if understood.is_none() || still_tells(&cleaned, budget)? {
        cleaned.fill(b' ');
    }
    Ok((cleaned != packet).then_some(cleaned))
}

/// Blanks attributes and elements by their names. `None` if this is not XML.
fn blank_values(xml: &mut [u8], budget: &mut Budget) -> Result<Option<()>, SearchError> {
    let mut at = 0;
    // The element whose content is being blanked: its start, its name, and the nesting of the name.
    let mut blanking: Option<(usize, Vec<u8>, usize)> = None;
    while let Some(open) = find(xml, at, b"<") {
        let Some(close) = tag_end(xml, open) else { return Ok(None) };
        // Each byte of a tag is read for names, attributes and values.
        budget.spend(close + 1 - at)?;
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
                if blank_attributes(xml, open + 1 + name.len(), close).is_none() {
                    return Ok(None);
                }
                if name_a_location(&name) && !ends && !alone {
                    blanking = Some((close + 1, name, 1));
                }
            }
        }
        at = close + 1;
    }
    Ok(blanking.is_none().then_some(()))
}

fn find(xml: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    xml[from..].windows(what.len()).position(|part| part == what).map(|place| from + place)
}

/// Returns the position of a tag's `>`, after quoted values.
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
        // The name of a vocabulary is not a location.
        if name_a_location(name) && !name.starts_with(b"xmlns") {
            xml[quote_at + 1..end].fill(b' ');
        }
        at = end + 1;
    }
    Some(())
}

/// Returns whether a digit remains where the value of such a name would be, ignoring tags. Every byte is read only a
/// few times, although the searches for several names overlap.
fn still_tells(xml: &[u8], budget: &mut Budget) -> Result<bool, SearchError> {
    let mut name_ends = Next::new(b"=><\"'");
    let mut value_ends = Next::new(b"\"'<");
    let mut digits = Next::new(b"0123456789");
    let mut known = None;
    for (at, name) in occurrences(xml) {
        let name_end = name_ends.find(xml, at + name.len(), budget)?;
        // The name ends like the previous one, so the rest is the same.
        if known.replace(name_end) == Some(name_end) {
            continue;
        }
        let value_at = after_space(xml, name_end, budget)?;
        let value_at =
            if xml.get(value_at) == Some(&b'=') { after_space(xml, value_at + 1, budget)? } else { value_at };
        let value_at = (value_at + 1).min(xml.len());
        let value_end = value_ends.find(xml, value_at, budget)?;
        // The URL of a vocabulary has digits, and is not a location.
        if !xml[value_at..].starts_with(b"http") && digits.find(xml, value_at, budget)? < value_end {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Skips white space.
fn after_space(xml: &[u8], from: usize, budget: &mut Budget) -> Result<usize, SearchError> {
    let space = xml[from..].iter().take_while(|c| c.is_ascii_whitespace()).count();
    budget.spend(space + 1)?;
    Ok(from + space)
}

/// Finds the next of some bytes, from positions that rarely go backward.
struct Next {
    of: &'static [u8],
    /// Nothing is found between these two.
    from: usize,
    found: usize,
}

impl Next {
    fn new(of: &'static [u8]) -> Self {
        Self { of, from: 1, found: 0 }
    }

    /// Returns the position, or the length of the text if there is none.
    fn find(&mut self, xml: &[u8], from: usize, budget: &mut Budget) -> Result<usize, SearchError> {
        if !(self.from..=self.found).contains(&from) {
            let passed = xml[from..].iter().take_while(|c| !self.of.contains(c)).count();
            budget.spend(passed + 1)?;
            (self.from, self.found) = (from, from + passed);
        }
        Ok(self.found)
    }
}
