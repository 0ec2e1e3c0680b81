//! Looks at the bytes of a request's head for what the HTTP library does not show: whether its length is given more than once, by
//! Content-Length and Transfer-Encoding or by either of them twice.

use super::Framing;

/// Reads a head line by line, keeping only the name of the current header.
#[derive(Debug, Default)]
pub struct HeadScan {
    name: Vec<u8>,
    /// Whether the name of the current line has ended.
    in_value: bool,
    place: Place,
    lengths: u32,
    has_encoding: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    FirstLine,
    Headers,
    Over,
}

/// Longer than any name that is looked for.
const NAME_MAX: usize = 32;

impl HeadScan {
    /// Reads on. What follows the head is not looked at.
    pub fn read(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.place == Place::Over {
                return;
            }
            match byte {
                b'\n' => self.end_line(),
                b'\r' => {}
                b':' if !self.in_value => self.end_name(),
                byte if !self.in_value && self.name.len() < NAME_MAX => self.name.push(*byte),
                _ => {}
            }
        }
    }

    fn end_name(&mut self) {
        self.in_value = true;
        if self.place == Place::Headers {
            let name = self.name.trim_ascii();
            self.lengths = self.lengths.saturating_add(u32::from(name.eq_ignore_ascii_case(b"content-length")));
            self.has_encoding |= name.eq_ignore_ascii_case(b"transfer-encoding");
        }
    }

    fn end_line(&mut self) {
        let is_empty = self.name.is_empty() && !self.in_value;
        self.place = match (&self.place, is_empty) {
            // Empty lines before a request are passed over (RFC 9112 §2.2).
            (Place::FirstLine, true) => Place::FirstLine,
            (Place::Headers | Place::Over, true) => Place::Over,
            (_, false) => Place::Headers,
        };
        self.name.clear();
        self.in_value = false;
    }

    pub fn framing(&self) -> Framing {
        match (&self.place, self.lengths, self.has_encoding) {
            (Place::Over, 2.., _) | (Place::Over, 1, true) => Framing::Ambiguous,
            (Place::Over, _, _) => Framing::Sound,
            _ => Framing::Unseen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(head: &str, piece: usize) -> Framing {
        let mut scan = HeadScan::default();
        for bytes in head.as_bytes().chunks(piece) {
            scan.read(bytes);
        }
        scan.framing()
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
                assert_eq!(framing(ambiguous, piece), Framing::Ambiguous, "{ambiguous:?}");
            }
            for sound in [
                "GET / HTTP/1.1\r\nhost: x\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nTransfer-Encoding: chunked\r\n\r\n",
                "POST / HTTP/1.1\r\nX: Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            ] {
                assert_eq!(framing(sound, piece), Framing::Sound, "{sound:?}");
            }
            assert_eq!(framing("POST / HTTP/1.1\r\nContent-Length: 5\r\n", piece), Framing::Unseen);
        }
    }
}
