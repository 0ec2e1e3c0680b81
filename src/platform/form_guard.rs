//! Limits the memory of the parser for multipart forms (RFC 7578). The parser buffers the preamble, the headers of a
//! part, and bytes that arrive faster than they are read, all without a limit.
//!
//! The limits follow the parser's state and not a second parsing of the bytes, which could differ.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::BodyDataStream;
use bytes::Bytes;
use futures::{Stream, StreamExt};

/// Maximum bytes before the first boundary.
const PREAMBLE_MAX: usize = 64 * 1024;
/// Maximum bytes of a part's headers.
const HEADERS_MAX: usize = 16 * 1024;
/// Maximum number of parts: a hundred files, as many ids and as many attachments, and the other fields.
const PARTS_MAX: usize = 320;
/// Bytes that are passed on at a time while the parser looks for the next part.
const HEADERS_PIECE: usize = 16 * 1024;
/// Bytes that are passed on at a time inside a part.
const PIECE: usize = 64 * 1024;
/// The parser streams the content of a part.
const UNLIMITED: usize = usize::MAX;

/// Why a form is rejected while it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The preamble is too long. The parser does not report whether the bytes before the first part are its headers
    /// already.
    #[error("the form begins with too many bytes before its first part or in the headers of a part")]
    Preamble,
    #[error("the headers of a part are larger than 16 kB")]
    Headers,
    #[error("the form has more than {PARTS_MAX} parts")]
    Parts,
}

/// How many bytes the parser may buffer before it finds the next part.
#[derive(Clone)]
pub struct Allowance {
    left: Arc<AtomicUsize>,
    parts: usize,
}

impl Allowance {
    pub fn new() -> Self {
        Self { left: Arc::new(AtomicUsize::new(0)), parts: 0 }
    }

    /// Called before the parser looks for a part.
    pub fn begin_headers(&self) {
        let preamble = if self.parts == 0 { PREAMBLE_MAX } else { 0 };
        // The chunk in which the headers end may contain content.
        self.left.store(preamble + HEADERS_MAX + HEADERS_PIECE, Ordering::Relaxed);
    }

    /// Called when the parser has found a part.
    pub fn begin_content(&mut self) -> Result<(), FormError> {
        self.left.store(UNLIMITED, Ordering::Relaxed);
        self.parts += 1;
        if self.parts > PARTS_MAX { Err(FormError::Parts) } else { Ok(()) }
    }
}

/// The bytes of a form, a chunk at a time.
pub struct GuardedForm {
    bytes: BodyDataStream,
    waiting: Bytes,
    left: Arc<AtomicUsize>,
    is_first: bool,
    /// Set after each chunk, so that the parser processes it before it asks for the next.
    rests: bool,
}

impl GuardedForm {
    pub fn new(bytes: BodyDataStream, allowance: &Allowance) -> Self {
        Self { bytes, waiting: Bytes::new(), left: allowance.left.clone(), is_first: true, rests: false }
    }

    /// Returns the next buffered chunk, if the parser may have it.
    fn next_piece(&mut self) -> Result<Bytes, FormError> {
        let left = self.left.load(Ordering::Relaxed);
        self.is_first &= left != UNLIMITED;
        let most = if left == UNLIMITED { PIECE } else { HEADERS_PIECE };
        let piece = self.waiting.split_to(most.min(self.waiting.len()));
        if left == UNLIMITED {
            return Ok(piece);
        }
        let after = left.checked_sub(piece.len());
        let after = after.ok_or(if self.is_first { FormError::Preamble } else { FormError::Headers })?;
        self.left.store(after, Ordering::Relaxed);
        Ok(piece)
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
            match ready!(self.bytes.poll_next_unpin(context)) {
                Some(Ok(chunk)) => self.waiting = chunk,
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => return Poll::Ready(None),
            }
        }
        self.rests = true;
        Poll::Ready(Some(self.next_piece().map_err(Into::into)))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use axum::body::Body;
    use futures::stream;
    use proptest::prelude::*;

    use super::*;

    /// The result of reading a form.
    struct Outcome {
        parts: Result<usize, ()>,
        taken: usize,
        /// The maximum number of bytes that were buffered.
        kept: usize,
    }

    /// Reads a form as the routes do.
    async fn read(chunks: impl IntoIterator<Item = Bytes, IntoIter: Send + 'static>) -> Outcome {
        let total = Arc::new(AtomicUsize::new(0));
        let counter = total.clone();
        let body = stream::iter(chunks).map(move |bytes| {
            counter.fetch_add(bytes.len(), Ordering::Relaxed);
            Ok::<_, io::Error>(bytes)
        });
        let mut allowance = Allowance::new();
        let guarded = GuardedForm::new(Body::from_stream(body).into_data_stream(), &allowance);
        let mut form = multer::Multipart::new(guarded, "b");
        let taken = || total.load(Ordering::Relaxed);
        let (mut handed_on, mut kept) = (0, 0);
        let parts = loop {
            allowance.begin_headers();
            let field = form.next_field().await;
            kept = kept.max(taken() - handed_on);
            match field {
                Ok(Some(mut field)) => {
                    if allowance.begin_content().is_err() {
                        break Err(());
                    }
                    while let Ok(Some(chunk)) = field.chunk().await {
                        handed_on += chunk.len();
                        kept = kept.max(taken() - handed_on);
                    }
                }
                Ok(None) => break Ok(allowance.parts),
                Err(_) => break Err(()),
            }
        };
        Outcome { parts, taken: taken(), kept }
    }

    fn part(content: &[u8]) -> Vec<u8> {
        [b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".as_slice(), content, b"\r\n"].concat()
    }

    /// Returns a beginning, followed by more bytes than any limit allows.
    fn without_end(start: &[u8]) -> impl Iterator<Item = Bytes> + use<> {
        let filler = Bytes::from(vec![b'x'; 50_000]);
        std::iter::once(Bytes::copy_from_slice(start)).chain(std::iter::repeat_n(filler, 400))
    }

    #[tokio::test]
    async fn nothing_without_end_is_gathered() {
        let after_a_part = |start: &[u8]| [&part(b"x"), start].concat();
        for start in [
            b"".to_vec(),
            b"--b\r\na: ".to_vec(),
            b"--b\r\na: b\r\n".to_vec(),
            // The parser consumes the line end after the boundary first: these are still headers.
            b"--b\r\n\r\n".to_vec(),
            b"--b \t\r\n\r\n".to_vec(),
            after_a_part(b"--b\r\n\r\n"),
            after_a_part(b"--b\r\na: "),
            // The content of this part begins like a boundary.
            [&part(b"--b")[..], b"--b\r\n\r\n"].concat(),
        ] {
            let Outcome { parts, taken, .. } = read(without_end(&start)).await;
            assert!(parts.is_err() && taken < 300_000, "{:?}: {taken} bytes", start.escape_ascii().to_string());
        }
    }

    #[tokio::test]
    async fn parts_are_counted() {
        let form = |count: usize| [part(b"x").repeat(count), b"--b--\r\n".to_vec()].concat();
        assert_eq!(read([form(PARTS_MAX).into()]).await.parts, Ok(PARTS_MAX));
        assert_eq!(read([form(PARTS_MAX + 1).into()]).await.parts, Err(()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_form_within_the_limits_is_read_however_it_is_cut(
            preamble in 0..PREAMBLE_MAX - 8,
            headers in prop::collection::vec(0..HEADERS_MAX - 100, 1..4),
            content in 0_usize..200_000,
            cut in 1_usize..100_000,
        ) {
            let mut form = [vec![b'p'; preamble], b"\r\n".to_vec()].concat();
            for length in &headers {
                let long = "h".repeat(*length);
                form.extend(format!("--b\r\nContent-Disposition: form-data; name=\"a\"\r\nX: {long}\r\n\r\n").into_bytes());
                form.extend(vec![b'-'; content]);
                form.extend(b"\r\n");
            }
            form.extend(b"--b--\r\n");
            let chunks: Vec<_> = form.chunks(cut).map(Bytes::copy_from_slice).collect();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            prop_assert_eq!(runtime.block_on(read(chunks)).parts, Ok(headers.len()));
        }

        #[test]
        fn no_form_makes_the_parser_keep_much(
            pieces in prop::collection::vec(
                prop::sample::select(vec!["--b", "\r\n", "\r\n\r\n", "--", " ", "a: b", "Content-Disposition: form-data; name=\"a\""]),
                0..12,
            ),
        ) {
            // For any beginning: what follows is content that is streamed, or rejected.
            let chunks = without_end(pieces.concat().as_bytes());
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let kept = runtime.block_on(read(chunks)).kept;
            prop_assert!(kept < 300_000, "{kept} bytes were kept");
        }
    }
}
