//! Content codings (RFC 9110 §8.4.1) of responses. None is requested, but some servers and object stores send them
//! anyway.

use std::io;
use std::pin::Pin;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use tokio::io::{AsyncRead, BufReader};
use tokio_util::io::{ReaderStream, StreamReader};

use super::FetchError;

/// Maximum number of codings. No legitimate server sends more.
const CODINGS_MAX: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Brotli,
    Gzip,
}

/// Returns the codings of a response, in the order in which they were applied.
pub fn of(headers: &HeaderMap) -> Result<Vec<Coding>, FetchError> {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let names = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).map(String::from_utf8_lossy);
    let mut codings = Vec::new();
    for name in names {
        match name.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => {}
            "gzip" | "x-gzip" if codings.len() < CODINGS_MAX => codings.push(Coding::Gzip),
            "br" if codings.len() < CODINGS_MAX => codings.push(Coding::Brotli),
            other => return Err(FetchError::UnknownCoding(other.chars().take(50).collect())),
        }
    }
    Ok(codings)
}

/// Decodes bytes, at most `limit`: a few bytes can expand to very many.
pub fn decode(
    encoded: BoxStream<'static, Result<Bytes, FetchError>>,
    codings: &[Coding],
    limit: u64,
) -> BoxStream<'static, Result<Bytes, FetchError>> {
    if codings.is_empty() {
        return encoded;
    }
    let mut reader: Pin<Box<dyn AsyncRead + Send>> = Box::pin(StreamReader::new(encoded.map_err(io::Error::other)));
    for coding in codings.iter().rev() {
        let buffered = BufReader::new(reader);
        reader = match coding {
            Coding::Gzip => Box::pin(GzipDecoder::new(buffered)),
            Coding::Brotli => Box::pin(BrotliDecoder::new(buffered)),
        };
    }
    let decoded = ReaderStream::with_capacity(reader, 64 * 1024).map_err(reason);
    stream::try_unfold((decoded.boxed(), 0), move |(mut decoded, before)| async move {
        let Some(bytes) = decoded.try_next().await? else { return Ok(None) };
        let so_far = before + bytes.len() as u64;
        if so_far > limit { Err(FetchError::TooLarge(limit)) } else { Ok(Some((bytes, (decoded, so_far)))) }
    })
    .boxed()
}

/// Returns why reading failed: an error below the decoders, or else invalid bytes.
fn reason(error: io::Error) -> FetchError {
    match error.downcast::<FetchError>() {
        Ok(reason) => reason,
        Err(_) => FetchError::Garbled,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use async_compression::tokio::write::BrotliEncoder;
    use reqwest::header::HeaderValue;
    use tokio::io::AsyncWriteExt;

    use super::*;

    fn named(value: &'static str) -> Result<Vec<Coding>, String> {
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(value))]);
        of(&headers).map_err(|error| error.to_string())
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    async fn brotli(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = BrotliEncoder::new(Vec::new());
        encoder.write_all(bytes).await.unwrap();
        encoder.shutdown().await.unwrap();
        encoder.into_inner()
    }

    async fn decoded(encoded: Vec<u8>, codings: &[Coding], limit: u64) -> Result<Vec<u8>, String> {
        let pieces: Vec<_> = encoded.chunks(7).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let decoded = decode(stream::iter(pieces).boxed(), codings, limit);
        let decoded = decoded.try_fold(Vec::new(), async |all, piece| Ok([all, piece.to_vec()].concat())).await;
        decoded.map_err(|error| error.to_string())
    }

    #[test]
    fn known_codings_are_taken_in_their_order() {
        assert_eq!(named("X-GZIP, br"), Ok(vec![Coding::Gzip, Coding::Brotli]));
        assert_eq!(named("identity"), Ok(vec![]));
        assert!(named("deflate").unwrap_err().contains("\"deflate\""));
        assert!(named("gzip, gzip, gzip").is_err());
    }

    #[tokio::test]
    async fn unrequested_encodings_are_decoded() {
        let text = b"a picture".repeat(1000);
        for (encoded, codings) in [
            (gzip(&text), &[Coding::Gzip][..]),
            (brotli(&text).await, &[Coding::Brotli]),
            (gzip(&gzip(&text)), &[Coding::Gzip, Coding::Gzip]),
            (gzip(&brotli(&text).await), &[Coding::Brotli, Coding::Gzip]),
        ] {
            assert_eq!(decoded(encoded, codings, 9000).await.as_deref(), Ok(text.as_slice()), "{codings:?}");
        }
    }

    #[tokio::test]
    async fn oversized_or_invalid_drawings_are_rejected() {
        let bomb = gzip(&vec![0; 10_000_000]);
        assert!(decoded(bomb, &[Coding::Gzip], 9000).await.unwrap_err().contains("9000"));
        assert!(decoded(b"no gzip at all".to_vec(), &[Coding::Gzip], 9000).await.unwrap_err().contains("coding"));
        let mut cut = gzip(b"a picture");
        cut.truncate(cut.len() - 4);
        assert!(decoded(cut, &[Coding::Gzip], 9000).await.is_err());
    }
}
