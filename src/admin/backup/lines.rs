//! Compressed files of lines in an archive.

use std::io;

use anyhow::{Context, Result, ensure};
use async_compression::tokio::bufread::GzipDecoder;
use async_compression::tokio::write::GzipEncoder;
use futures::{StreamExt, TryStreamExt};
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader, BufWriter, Lines};
use tokio_util::io::{ReaderStream, StreamReader};

use super::manifest::StoredFile;
use crate::platform::archive::{Archive, Checksum};
use crate::platform::storage::{ObjectStream, Storage};

/// Collects lines in a temporary file.
pub struct LineWriter {
    encoder: GzipEncoder<BufWriter<File>>,
}

impl LineWriter {
    pub async fn begin(storage: &Storage) -> Result<Self> {
        let file = File::from_std(storage.scratch_file().await?);
        Ok(Self { encoder: GzipEncoder::new(BufWriter::new(file)) })
    }

    pub async fn line(&mut self, line: &str) -> Result<()> {
        self.encoder.write_all(line.as_bytes()).await?;
        self.encoder.write_all(b"\n").await?;
        Ok(())
    }

    /// Stores the lines in an archive.
    pub async fn store(mut self, archive: &Archive, name: &str) -> Result<StoredFile> {
        self.encoder.shutdown().await?;
        let mut file = self.encoder.into_inner().into_inner();
        let size = file.metadata().await?.len();
        file.rewind().await?;
        let checksum = Checksum::default();
        // The file has no name and no other writer.
        let bytes = checksum.of(ReaderStream::new(file.take(size)).boxed());
        archive.put(name, size, bytes).await.with_context(|| format!("Cannot write {name}"))?;
        Ok(StoredFile { name: name.to_owned(), size, sha256: checksum.end().1 })
    }
}

type Decompressed = BufReader<GzipDecoder<StreamReader<ObjectStream, bytes::Bytes>>>;

/// Reads a file of lines, and checks it at its end.
pub struct LineReader {
    lines: Lines<Decompressed>,
    checksum: Checksum,
    file: StoredFile,
}

impl LineReader {
    pub async fn open(archive: &Archive, file: &StoredFile) -> Result<Self> {
        let bytes = archive.read(&file.name).await.with_context(|| format!("Cannot read {}", file.name))?;
        let checksum = Checksum::default();
        let decoder = GzipDecoder::new(StreamReader::new(checksum.of(bytes)));
        Ok(Self { lines: BufReader::new(decoder).lines(), checksum, file: file.clone() })
    }

    /// Returns the next line, or `None` at the end of an undamaged file.
    pub async fn next(&mut self) -> Result<Option<String>> {
        let damaged = || format!("{} is damaged.", self.file.name);
        let line = self.lines.next_line().await.with_context(damaged)?;
        if line.is_none() {
            ensure!(self.checksum.end() == (self.file.size, self.file.sha256.clone()), damaged());
        }
        Ok(line)
    }
}

/// Reads a whole file. Returns its size and checksum.
pub async fn checksum_of(bytes: ObjectStream) -> io::Result<(u64, String)> {
    let checksum = Checksum::default();
    let mut bytes = checksum.of(bytes);
    while bytes.try_next().await?.is_some() {}
    Ok(checksum.end())
}
