//! Messages between server and worker: over a Unix socket, each with a length and that many bytes. A request also
//! carries open files (unix(7), `SCM_RIGHTS`).

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};

use super::limits::Limits;

/// Maximum number of open files of a request.
pub const FILES_MAX: usize = 2;
/// Maximum size of a request, in bytes.
const REQUEST_MAX: usize = 64 * 1024;
/// Maximum size of an answer, in bytes: the two previews of a picture, or the changes of a photo.
const ANSWER_MAX: usize = 32 * 1024 * 1024;

/// The header of a request.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    memory: u64,
    processor_ms: u64,
    request: String,
}

/// The result of a worker: a description as JSON, and bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    pub parts: Vec<Vec<u8>>,
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a message between server and worker is too large")
}

fn length(bytes: &[u8], most: usize) -> io::Result<[u8; 4]> {
    let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= most);
    length.map(u32::to_be_bytes).ok_or_else(too_large)
}

fn size(length: [u8; 4], most: usize) -> io::Result<usize> {
    let size = u32::from_be_bytes(length) as usize;
    if size > most { Err(too_large()) } else { Ok(size) }
}

/// Sends a request to a worker, with files that it may read.
pub async fn send_request(
    socket: &mut tokio::net::UnixStream,
    request: &str,
    files: &[BorrowedFd<'_>],
    limits: Limits,
) -> io::Result<()> {
    let head = Head {
        memory: limits.memory,
        processor_ms: u64::try_from(limits.processor.as_millis()).unwrap_or(u64::MAX),
        request: request.to_owned(),
    };
    let bytes = serde_json::to_vec(&head)?;
    let length = length(&bytes, REQUEST_MAX)?;
    socket
        .async_io(Interest::WRITABLE, || {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES_MAX))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            if !files.is_empty() && !control.push(SendAncillaryMessage::ScmRights(files)) {
                return Err(too_large());
            }
            // Four bytes into an empty socket are sent completely or not at all.
            sendmsg(&*socket, &[IoSlice::new(&length)], &mut control, SendFlags::empty())?;
            Ok(())
        })
        .await?;
    socket.write_all(&bytes).await
}

/// Receives a worker's result. `None` if the worker ended instead.
pub async fn receive_answer(socket: &mut tokio::net::UnixStream) -> io::Result<Option<Answer>> {
    let mut head = [0; 8];
    match socket.read_exact(&mut head).await {
        Err(error) if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            return Ok(None);
        }
        read => read?,
    };
    let [c0, c1, c2, c3, l0, l1, l2, l3] = head;
    let (count, text) = (size([c0, c1, c2, c3], FILES_MAX + 2)?, size([l0, l1, l2, l3], ANSWER_MAX)?);
    let mut left = ANSWER_MAX - text;
    let text = read_part(socket, text).await?;
    let mut answer = Answer { text: String::from_utf8(text).map_err(io::Error::other)?, parts: Vec::new() };
    for _ in 0..count {
        let mut part = [0; 4];
        socket.read_exact(&mut part).await?;
        let part = size(part, left)?;
        left -= part;
        answer.parts.push(read_part(socket, part).await?);
    }
    Ok(Some(answer))
}

async fn read_part(socket: &mut tokio::net::UnixStream, size: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; size];
    socket.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// A request to a worker.
pub struct Request {
    pub text: String,
    pub files: Vec<OwnedFd>,
    pub limits: Limits,
}

/// Waits for a request, in the worker. `None` if the server has closed the socket.
pub fn receive_request(socket: &mut UnixStream) -> io::Result<Option<Request>> {
    let mut length = [0; 4];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES_MAX))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(socket.as_fd(), &mut [IoSliceMut::new(&mut length)], &mut control, RecvFlags::empty())?;
    if received.bytes == 0 {
        return Ok(None);
    }
    let mut files = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(handed) = message {
            files.extend(handed);
        }
    }
    if received.bytes < length.len() {
        socket.read_exact(&mut length[received.bytes..])?;
    }
    let mut bytes = vec![0; size(length, REQUEST_MAX)?];
    socket.read_exact(&mut bytes)?;
    let head: Head = serde_json::from_slice(&bytes)?;
    let limits = Limits { memory: head.memory, processor: Duration::from_millis(head.processor_ms) };
    Ok(Some(Request { text: head.request, files, limits }))
}

/// Sends the result, in the worker.
pub fn send_answer(socket: &mut UnixStream, answer: &Answer) -> io::Result<()> {
    let count = u32::try_from(answer.parts.len()).map_err(io::Error::other)?;
    socket.write_all(&count.to_be_bytes())?;
    for part in std::iter::once(answer.text.as_bytes()).chain(answer.parts.iter().map(Vec::as_slice)) {
        socket.write_all(&length(part, ANSWER_MAX)?)?;
        socket.write_all(part)?;
    }
    Ok(())
}
