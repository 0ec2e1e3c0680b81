//! PNG: chunks, each with a checksum (PNG, third edition, §5).

use std::io::{Read, Seek};

use super::budget::{Budget, SearchError};
use super::jpeg::End;
use super::search::Search;
use super::{exif, trailer, words, xmp};

const SIGNATURE: u64 = 8;
const SUM: u64 = 4;
const XMP: &[u8] = b"XML:com.adobe.xmp";
/// Chunks that define how the pixels are shown (PNG, third edition, §11), the only ones other than the critical ones
/// that are not searched.
const KEPT_CHUNKS: [&[u8; 4]; 17] = [
    b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"bKGD", b"hIST", b"pHYs",
    b"sPLT", b"tIME", b"acTL", b"fcTL", b"fdAT",
];

pub fn find<S: Read + Seek>(search: &mut Search<S>) -> Result<(), SearchError> {
    search.skip(SIGNATURE)?;
    loop {
        let at = search.position();
        let Some([l0, l1, l2, l3, kind @ ..]) = search.head::<8>()? else { return Ok(()) };
        let length = u64::from(u32::from_be_bytes([l0, l1, l2, l3]));
        let is_ancillary = kind[0].is_ascii_lowercase();
        if is_ancillary && !KEPT_CHUNKS.contains(&&kind) {
            find_in_chunk(search, at, kind, length)?;
        } else {
            search.skip(length)?;
        }
        search.skip(SUM)?;
        if &kind == b"IEND" {
            return trailer::find(search, End::Here);
        }
    }
}

/// Searches the chunk whose frame starts at `at`, and moves to its checksum.
fn find_in_chunk<S: Read + Seek>(
    search: &mut Search<S>,
    at: u64,
    kind: [u8; 4],
    length: u64,
) -> Result<(), SearchError> {
    let is_known = matches!(&kind, b"eXIf" | b"tEXt" | b"zTXt" | b"iTXt");
    let Some(block) = search.block(length)? else {
        // Longer than any text. Its name is blanked too, so that no reader parses the rest as one.
        let blank = if is_known {
            search.skip(length)?;
            true
        } else {
            &kind != b"junK" && search.tells_a_location(length)?
        };
        if blank {
            search.replace(at + 4, b"junK".to_vec())?;
            search.fill(at + 8, 0, length)?;
        }
        return Ok(());
    };
    if !block.is_whole {
        // The file ends here.
        if block.bytes.iter().any(|byte| *byte != 0) {
            search.fill(at + 8, 0, block.bytes.len() as u64)?;
        }
        return Ok(());
    }
    let cleaned = match &kind {
        b"eXIf" => exif::without_place(&block.bytes, search.budget)?.map(|clean| (kind, clean)),
        b"tEXt" | b"zTXt" | b"iTXt" => text(kind, &block.bytes, search.budget)?,
        _ => {
            search.budget.spend(block.bytes.len())?;
            words::tell_a_location(&block.bytes).then(|| (kind, vec![0; block.bytes.len()]))
        }
    };
    if let Some((kind, data)) = cleaned {
        let mut chunk = [&kind[..], &data].concat();
        chunk.extend(crc32fast::hash(&chunk).to_be_bytes());
        search.replace(at + 4, chunk)?;
    }
    Ok(())
}

/// Name and data of a chunk.
type Chunk = ([u8; 4], Vec<u8>);

/// Returns a text chunk without the location; `None` if it has none.
fn text(kind: [u8; 4], data: &[u8], budget: &mut Budget) -> Result<Option<Chunk>, SearchError> {
    let Some(keyword_end) = data.iter().position(|byte| *byte == 0) else { return Ok(None) };
    let (keyword, rest) = data.split_at(keyword_end);
    budget.spend(data.len())?;
    let value = Value::of(kind, rest);
    if let (Some(Value::Plain(value)), XMP, b"iTXt") = (&value, keyword, &kind) {
        let head = &data[..data.len() - value.len()];
        let clean = xmp::without_place(value, budget)?;
        return Ok(clean.map(|clean| (kind, [head, &clean].concat())));
    }
    // EXIF and XMP that older programs wrote as text: blanked as a whole. So are properties by that name.
    let is_profile =
        keyword.starts_with(b"Raw profile type ") && !keyword.ends_with(b"icc") && !keyword.ends_with(b"icm");
    let tells = is_profile
        || words::name_a_location(keyword)
        || match value {
            Some(Value::Plain(_)) => keyword == XMP || words::name_a_location(rest),
            Some(Value::Compressed(value)) => inflated_tells(value, budget)?,
            None => true,
        };
    let mut blank = [keyword, b"\0"].concat();
    blank.resize(data.len(), b' ');
    let is_blank = &kind == b"tEXt" && blank == data;
    Ok((tells && !is_blank).then_some((*b"tEXt", blank)))
}

enum Value<'a> {
    Plain(&'a [u8]),
    /// In zlib's format.
    Compressed(&'a [u8]),
}

impl<'a> Value<'a> {
    /// Parses what follows the keyword, from the zero on. `None` if it is malformed.
    fn of(kind: [u8; 4], rest: &'a [u8]) -> Option<Self> {
        match &kind {
            b"tEXt" => Some(Self::Plain(&rest[1..])),
            b"zTXt" => rest.get(2..).map(Self::Compressed),
            _ => {
                // The flag and the method of compression, then two zero-terminated texts.
                let is_compressed = *rest.get(1)? != 0;
                let mut zeros = (3..rest.len()).filter(|at| rest[*at] == 0).skip(1);
                let value = &rest[zeros.next()? + 1..];
                Some(if is_compressed { Self::Compressed(value) } else { Self::Plain(value) })
            }
        }
    }
}

/// Returns whether a compressed text contains a location. One that can't be inflated within the budget, or is neither
/// UTF-8 nor Latin-1 text, is treated as one.
fn inflated_tells(compressed: &[u8], budget: &mut Budget) -> Result<bool, SearchError> {
    let inflated = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(compressed, budget.inflated_left());
    let spent = inflated.as_ref().map_or_else(|error| error.output.len(), Vec::len);
    budget.spend_inflated(spent);
    budget.spend(spent)?;
    Ok(inflated.map_or(true, |text| text.contains(&0) || words::name_a_location(&text)))
}
