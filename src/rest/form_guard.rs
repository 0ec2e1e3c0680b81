//! Bounds what a reader of multipart forms (RFC 7578) keeps in memory. The reader that is used keeps the bytes before the first
//! boundary, the headers of a part, and whatever arrives faster than it is taken, all without a limit.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::BodyDataStream;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use memchr::memmem::find;

/// Bytes before the first boundary.
const PREAMBLE_MAX: usize = 64 * 1024;
/// Bytes of a part's headers.
const HEADERS_MAX: usize = 16 * 1024;
/// Parts of a form: a hundred files, as many ids and as many attachments, and the other fields.
const PARTS_MAX: usize = 320;
/// Bytes that are handed on at a time.
const PIECE: usize = 64 * 1024;
const HEADERS_END: &[u8] = b"\r\n\r\n";

/// Why a form is refused while it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    #[error("the form begins with more than 64 kB that belong to no part")]
    Preamble,
    #[error("the headers of a part are over 16 kB")]
    Headers,
    #[error("the form has more than {PARTS_MAX} parts")]
    Parts,
}

/// Where in the form the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Preamble,
    Headers,
    Content,
}

/// Counts bytes and parts as they come.
struct Counter {
    first_boundary: Vec<u8>,
    boundary: Vec<u8>,
    place: Place,
    /// Bytes since this place began.
    here: usize,
    parts: usize,
    /// The last bytes, in which a boundary may have begun.
    tail: Vec<u8>,
}

impl Counter {
    fn new(boundary: &str) -> Self {
        Self {
            first_boundary: format!("--{boundary}").into_bytes(),
            boundary: format!("\r\n--{boundary}").into_bytes(),
            place: Place::Preamble,
            here: 0,
            parts: 0,
            tail: Vec::new(),
        }
    }

    fn count(&mut self, piece: &[u8]) -> Result<(), FormError> {
        let mut bytes = std::mem::take(&mut self.tail);
        let known = bytes.len();
        bytes.extend_from_slice(piece);
        // Bytes of `bytes` that were counted, and from where on a mark may begin.
        let (mut counted, mut from) = (known, 0);
        loop {
            let mark = match self.place {
                Place::Preamble => self.first_boundary.as_slice(),
                Place::Headers => HEADERS_END,
                Place::Content => self.boundary.as_slice(),
            };
            let found = find(&bytes[from..], mark).map(|at| from + at + mark.len());
            let kept = mark.len() - 1;
            self.here += found.unwrap_or(bytes.len()).saturating_sub(counted);
            self.check()?;
            let Some(end) = found else {
                let start = bytes.len().saturating_sub(kept).max(from);
                self.tail = bytes.split_off(start);
                return Ok(());
            };
            (counted, from) = (end, end);
            self.here = 0;
            if self.place == Place::Headers {
                self.place = Place::Content;
                // The content may be empty: its boundary then begins with the line end of the headers.
                from = end - 2;
            } else {
                self.place = Place::Headers;
                self.parts += 1;
            }
        }
    }

    fn check(&self) -> Result<(), FormError> {
        match self.place {
            Place::Preamble if self.here > PREAMBLE_MAX => Err(FormError::Preamble),
            Place::Headers if self.here > HEADERS_MAX => Err(FormError::Headers),
            // The last boundary begins no part.
            _ if self.parts > PARTS_MAX + 1 => Err(FormError::Parts),
            _ => Ok(()),
        }
    }
}

/// The bytes of a form, a piece at a time.
pub struct GuardedForm {
    bytes: BodyDataStream,
    counter: Counter,
    waiting: VecDeque<Bytes>,
    /// Set after each piece, so that the reader takes it before it asks for the next.
    rests: bool,
}

impl GuardedForm {
    pub fn new(bytes: BodyDataStream, boundary: &str) -> Self {
        Self { bytes, counter: Counter::new(boundary), waiting: VecDeque::new(), rests: false }
    }
}

impl Stream for GuardedForm {
    type Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.rests) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        while self.waiting.is_empty() {
            match self.bytes.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(mut chunk))) => {
                    while !chunk.is_empty() {
                        let piece = chunk.split_to(chunk.len().min(PIECE));
                        self.waiting.push_back(piece);
                    }
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error.into()))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
        let Some(piece) = self.waiting.pop_front() else { return Poll::Pending };
        self.rests = true;
        Poll::Ready(Some(self.counter.count(&piece).map(|()| piece).map_err(Into::into)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(form: &[u8], piece: usize) -> Result<usize, FormError> {
        let mut counter = Counter::new("b");
        for piece in form.chunks(piece) {
            counter.count(piece)?;
            assert!(counter.tail.len() < 16, "no more than a boundary is kept");
        }
        Ok(counter.parts)
    }

    fn part(content: &[u8]) -> Vec<u8> {
        [b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".as_slice(), content, b"\r\n"].concat()
    }

    #[test]
    fn parts_are_counted_however_the_form_is_cut() {
        let form = [b"before".to_vec(), part(b"one"), part(b""), part(b"\r\n-b\r\n--c\r\n\r\n"), b"--b--\r\n".to_vec()];
        for piece in [1, 2, 3, 5, 7, 1000] {
            assert_eq!(counted(&form.concat(), piece), Ok(4), "{piece}");
        }
    }

    #[test]
    fn every_part_of_a_form_has_a_limit() {
        let many = part(b"x").repeat(PARTS_MAX + 2);
        for piece in [1, 1000, PIECE] {
            assert_eq!(counted(&[b'x'; PREAMBLE_MAX + 9], piece), Err(FormError::Preamble));
            assert_eq!(
                counted(&[b"--b\r\na: ".as_slice(), &[b'x'; HEADERS_MAX]].concat(), piece),
                Err(FormError::Headers)
            );
            assert_eq!(counted(&many, piece), Err(FormError::Parts));
            assert!(counted(&part(&vec![b'-'; 300_000]), piece).is_ok());
            assert_eq!(counted(&[part(b"x").repeat(PARTS_MAX), b"--b--".to_vec()].concat(), piece), Ok(PARTS_MAX + 1));
        }
    }
}
