//! Media requests to worker processes, which parse everything beyond a file's first bytes: the search for a location,
//! and pictures. This is the server's side; [`handle`] is the worker's.

mod handler;

use std::fs::File;
use std::os::fd::OwnedFd;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use handler::handle;

use super::location::Patch;
use crate::files::previews::picture::{Header, MEMORY_MAX, Picture, Unreadable};
use crate::ids::OrganizationId;
use crate::platform::Platform;
use crate::platform::file_types::tracks::Tracks;
use crate::platform::sandbox::{Answer, SandboxError, Work};

/// Processor time of each step, each of which may take up to a second more. Together with the programs of `preview`,
/// they take at most 10 seconds for a file.
const LOCATION_TIME: Duration = Duration::from_secs(2);
const HEADER_TIME: Duration = Duration::from_secs(1);
const PICTURE_TIME: Duration = Duration::from_secs(4);
/// The same for a picture that a program has rendered, which is small.
const DRAWING_TIME: Duration = Duration::from_secs(2);
/// Memory of a search for a location and of reading a header, in bytes: a metadata block and its copy.
const SMALL_MEMORY: u64 = 32_000_000;

/// A request to a worker.
#[derive(Debug, Serialize, Deserialize)]
enum Request {
    Location { content_type: String },
    HasLocation { content_type: String },
    Header { content_type: String },
    Picture { content_type: String, with_view: bool },
    Drawing,
    Tracks,
    Locked,
}

/// A worker's answer, in addition to bytes.
#[derive(Debug, Serialize, Deserialize)]
enum Outcome {
    /// The ranges to replace. The bytes of those that are not filled follow in one part.
    Location(Vec<Change>),
    HasLocation(bool),
    /// The file is too long or too complex to be searched.
    Unsearchable,
    Header(Header),
    /// Thumbhash, feed size and optionally view size follow as parts.
    Picture,
    Unreadable(Unreadable),
    Tracks(Option<Tracks>),
    Locked(bool),
    /// The file could not be read from disk.
    Io(String),
}

/// A [`Patch`] without its bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Change {
    at: u64,
    length: u64,
    /// The byte that fills it; `None` if the bytes are in the part.
    fill: Option<u8>,
}

/// The result of a search for a location.
#[derive(Debug)]
pub enum Search {
    /// The patches that remove the location; empty if there is none.
    Done(Vec<Patch>),
    /// It is unknown whether there is one.
    Unsearchable,
}

/// Searches a photo for its location.
///
/// # Errors
/// Only temporary ones.
pub async fn search_location(
    platform: &Platform,
    organization: OrganizationId,
    file: File,
    content_type: &str,
) -> Result<Search, SandboxError> {
    let request = Request::Location { content_type: content_type.to_owned() };
    match ask(platform, organization, "location", &request, file, SMALL_MEMORY, LOCATION_TIME).await {
        Ok((Outcome::Location(changes), parts)) => {
            Ok(handler::patches(changes, parts).map_or(Search::Unsearchable, Search::Done))
        }
        Ok((Outcome::Io(error), _)) => Err(std::io::Error::other(error).into()),
        Ok(_) | Err(SandboxError::Died | SandboxError::TimedOut) => Ok(Search::Unsearchable),
        Err(error) => Err(error),
    }
}

/// Returns whether a location was found in a file that is not rewritten.
///
/// # Errors
/// Only temporary ones.
pub async fn has_location(
    platform: &Platform,
    organization: OrganizationId,
    file: File,
    content_type: &str,
) -> Result<bool, SandboxError> {
    let request = Request::HasLocation { content_type: content_type.to_owned() };
    match ask(platform, organization, "location", &request, file, SMALL_MEMORY, LOCATION_TIME).await {
        Ok((Outcome::HasLocation(found), _)) => Ok(found),
        Ok((Outcome::Io(error), _)) => Err(std::io::Error::other(error).into()),
        Ok(_) | Err(SandboxError::Died | SandboxError::TimedOut) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads the header of a picture.
pub async fn header(
    platform: &Platform,
    organization: OrganizationId,
    file: File,
    content_type: &str,
) -> Result<Header, Unreadable> {
    let request = Request::Header { content_type: content_type.to_owned() };
    match ask(platform, organization, "header", &request, file, SMALL_MEMORY, HEADER_TIME).await? {
        (Outcome::Header(header), _) => Ok(header),
        (other, _) => Err(failure(other)),
    }
}

/// Creates previews of a picture whose header was read. `drawn`: by a program, which used its own time.
pub async fn picture(
    platform: &Platform,
    organization: OrganizationId,
    file: File,
    content_type: &str,
    header: &Header,
    (with_view, drawn): (bool, bool),
) -> Result<Picture, Unreadable> {
    let request = Request::Picture { content_type: content_type.to_owned(), with_view };
    let memory = header.memory.max(SMALL_MEMORY);
    let time = if drawn { DRAWING_TIME } else { PICTURE_TIME };
    let answer = ask(platform, organization, "picture", &request, file, memory, time).await?;
    match answer {
        (Outcome::Picture, parts) => handler::picture(parts).ok_or(Unreadable::Damaged),
        (other, _) => Err(failure(other)),
    }
}

/// Renders an SVG. `Header` has its size, and the previews are those of any picture.
pub async fn drawing(
    platform: &Platform,
    organization: OrganizationId,
    file: File,
) -> Result<(Header, Picture), Unreadable> {
    let answer = ask(platform, organization, "drawing", &Request::Drawing, file, MEMORY_MAX, PICTURE_TIME).await?;
    match answer {
        (Outcome::Header(header), parts) => Ok((header, handler::picture(parts).ok_or(Unreadable::Damaged)?)),
        (other, _) => Err(failure(other)),
    }
}

/// Finds the tracks of an MP4 anywhere in the file. `None` if that is impossible.
///
/// # Errors
/// Only temporary ones.
pub async fn tracks(
    platform: &Platform,
    organization: OrganizationId,
    file: File,
) -> Result<Option<Tracks>, SandboxError> {
    match ask(platform, organization, "tracks", &Request::Tracks, file, SMALL_MEMORY, HEADER_TIME).await {
        Ok((Outcome::Tracks(tracks), _)) => Ok(tracks),
        Ok(_) | Err(SandboxError::Died | SandboxError::TimedOut) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether a PDF that no program opens declares that it is encrypted.
pub async fn is_locked(platform: &Platform, organization: OrganizationId, file: File) -> Result<bool, Unreadable> {
    let (outcome, _) = ask(platform, organization, "locked", &Request::Locked, file, SMALL_MEMORY, HEADER_TIME).await?;
    Ok(matches!(outcome, Outcome::Locked(true)))
}

fn failure(outcome: Outcome) -> Unreadable {
    match outcome {
        Outcome::Unreadable(reason) => reason,
        Outcome::Io(error) => Unreadable::Io(error),
        _ => Unreadable::Damaged,
    }
}

async fn ask(
    platform: &Platform,
    organization: OrganizationId,
    name: &'static str,
    request: &Request,
    file: File,
    memory: u64,
    processor: Duration,
) -> Result<(Outcome, Vec<Vec<u8>>), SandboxError> {
    let request = serde_json::to_string(request).map_err(std::io::Error::other)?;
    let files = vec![OwnedFd::from(file)];
    let work = Work { group: organization.0, name, request: &request, files, memory, processor };
    let Answer { text, parts } = platform.media.run(work).await?;
    // A worker that panicked sends no outcome.
    Ok((serde_json::from_str(&text).unwrap_or(Outcome::Unreadable(Unreadable::Damaged)), parts))
}
