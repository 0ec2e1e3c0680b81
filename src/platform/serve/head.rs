//! Scans a connection for the heads of requests, for what the HTTP library does not report: whether the length of a
//! request is given more than once, by Content-Length and Transfer-Encoding or by either of them twice.

use std::collections::VecDeque;

use super::Framing;

/// Reads heads line by line, and keeps only the name of the current header and the values of those that give a length.
/// Skips bodies.
#[derive(Debug, Default)]
pub struct HeadScan {
    place: Place,
    name: Vec<u8>,
    /// Whether the name of the current line has ended.
    in_value: bool,
    value: Vec<u8>,
    lengths: u32,
    encodings: u32,
    /// Where the body begins, by the header that gives its length.
    body: Option<Place>,
    /// Heads whose request has not begun yet.
    seen: VecDeque<Framing>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    FirstLine,
    Headers,
    /// Bytes missing of a body.
    Body(u64),
    ChunkSize,
    /// Bytes missing of a chunk.
    Chunk(u64),
    ChunkEnd,
    Trailers,
    /// The end of the request is unknown.
    Lost,
}

/// Longer than any name or value that matters.
const TEXT_MAX: usize = 32;
/// Maximum number of waiting heads. Only a client that sends far ahead has more.
const SEEN_MAX: usize = 4096;

impl HeadScan {
    /// Scans further bytes.
    pub fn read(&mut self, mut bytes: &[u8]) {
        while let Some((first, rest)) = bytes.split_first() {
            match self.place {
                Place::Lost => return,
                Place::Body(left) | Place::Chunk(left) => {
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    bytes = &bytes[here..];
                    self.pass(left - here as u64);
                }
                _ => {
                    bytes = rest;
                    self.read_byte(*first);
                }
            }
        }
    }

    /// Returns the framing of the request that begins.
    pub fn next(&mut self) -> Framing {
        self.seen.pop_front().unwrap_or(Framing::Unseen)
    }

    fn pass(&mut self, left: u64) {
        self.place = match (self.place, left) {
            (Place::Body(_), 0) => Place::FirstLine,
            (Place::Body(_), _) => Place::Body(left),
            (_, 0) => Place::ChunkEnd,
            _ => Place::Chunk(left),
        };
    }

    fn read_byte(&mut self, byte: u8) {
        match byte {
            b'\n' => self.end_line(),
            b'\r' => {}
            b':' if !self.in_value => self.in_value = true,
            byte => {
                let text = if self.in_value { &mut self.value } else { &mut self.name };
                if text.len() < TEXT_MAX {
                    text.push(byte);
                }
            }
        }
    }

    fn end_line(&mut self) {
        let is_empty = self.name.is_empty() && !self.in_value;
        self.place = match self.place {
            // Empty lines before a request are ignored (RFC 9112 §2.2).
            Place::FirstLine | Place::Trailers if is_empty => Place::FirstLine,
            Place::FirstLine => Place::Headers,
            Place::Headers if is_empty => self.end_head(),
            Place::Headers => {
                self.end_header();
                Place::Headers
            }
            Place::ChunkSize => self.chunk(),
            Place::ChunkEnd => Place::ChunkSize,
            place => place,
        };
        self.name.clear();
        self.value.clear();
        self.in_value = false;
    }

    fn end_header(&mut self) {
        let name = self.name.trim_ascii();
        let value = std::str::from_utf8(self.value.trim_ascii()).unwrap_or_default();
        if name.eq_ignore_ascii_case(b"content-length") {
            self.lengths = self.lengths.saturating_add(1);
            self.body = Some(value.parse().map_or(Place::Lost, Place::Body));
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.encodings = self.encodings.saturating_add(1);
            self.body = Some(if value.eq_ignore_ascii_case("chunked") { Place::ChunkSize } else { Place::Lost });
        }
    }

    fn end_head(&mut self) -> Place {
        let framing = match (self.lengths, self.encodings) {
            (2.., _) | (1, 1..) => Framing::Ambiguous,
            _ => Framing::Sound,
        };
        let body = self.body.take().filter(|body| *body != Place::Body(0)).unwrap_or_default();
        let is_clear = framing == Framing::Sound && self.encodings <= 1 && self.seen.len() < SEEN_MAX;
        (self.lengths, self.encodings) = (0, 0);
        self.seen.push_back(framing);
        if is_clear { body } else { Place::Lost }
    }

    fn chunk(&self) -> Place {
        // An extension follows a semicolon (RFC 9112 §7.1.1).
        let digits = self.name.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        match std::str::from_utf8(digits).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok()) {
            Some(0) => Place::Trailers,
            Some(size) => Place::Chunk(size),
            None => Place::Lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the framing of each request of a connection that is read in pieces.
    fn framings(bytes: &str, piece: usize) -> Vec<Framing> {
        let mut scan = HeadScan::default();
        for bytes in bytes.as_bytes().chunks(piece) {
            scan.read(bytes);
        }
        scan.seen.into()
    }

    #[test]
    fn lengths_that_contradict_each_other_are_seen() {
        for piece in [1, 2, 7, 1000] {
            for ambiguous in [
                "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                "POST / HTTP/1.1\ntransfer-encoding:chunked\nhost: x\ncontent-LENGTH:5\n\n",
                "POST / HTTP/1.1\r\nContent-Length: 5\r\nHost: x\r\nContent-Length: 5\r\n\r\n",
                "\r\nPOST /a:b HTTP/1.1\r\nX: y\r\nTransfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n",
            ] {
                assert_eq!(framings(ambiguous, piece), [Framing::Ambiguous], "{ambiguous:?}");
            }
            for sound in [
                "GET / HTTP/1.1\r\nhost: x\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 38\r\n\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
                "POST / HTTP/1.1\r\nX: Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            ] {
                assert_eq!(framings(sound, piece), [Framing::Sound], "{sound:?}");
            }
            assert_eq!(framings("POST / HTTP/1.1\r\nContent-Length: 5\r\n", piece), []);
        }
    }

    #[test]
    fn each_of_several_requests_is_seen() {
        let ambiguous = "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
        for piece in [1, 2, 7, 1000] {
            for before in [
                "GET / HTTP/1.1\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\n\r\n\r\n\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
            ] {
                let all = framings(&[before, before, ambiguous, before].concat(), piece);
                assert_eq!(all, [Framing::Sound, Framing::Sound, Framing::Ambiguous], "{before:?}");
            }
            // Nothing after an unknown framing is read as a head.
            for lost in ["Content-Length: x", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked\r\n\r\nx"] {
                let all = format!("POST / HTTP/1.1\r\n{lost}\r\n\r\nGET / HTTP/1.1\r\n\r\n");
                assert_eq!(framings(&all, piece), [Framing::Sound], "{lost}");
            }
        }
    }

    #[test]
    fn heads_ahead_of_their_requests_are_bounded() {
        let mut scan = HeadScan::default();
        for _ in 0..2 * SEEN_MAX {
            scan.read(b"GET / HTTP/1.1\r\n\r\n");
        }
        assert_eq!(scan.seen.len(), SEEN_MAX + 1);
    }
}
