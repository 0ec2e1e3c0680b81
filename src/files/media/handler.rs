//! The worker's side of media requests: runs in a process that has only the files passed to it.

use std::fs::File;

use super::{Change, Outcome, Request};
use crate::files::location;
use crate::files::location::{Patch, SearchError, With};
use crate::files::previews::picture::Picture;
use crate::files::previews::{drawing, pdf, picture};
use crate::platform::file_types::tracks;
use crate::platform::sandbox::Answer;

/// Handles a request with its file.
pub fn handle(request: &str, files: Vec<File>) -> Answer {
    let (Ok(request), Some(file)) = (serde_json::from_str(request), files.into_iter().next()) else {
        return Answer::default();
    };
    let (outcome, parts) = match request {
        Request::Location { content_type } => search(&file, &content_type),
        Request::HasLocation { content_type } => match location::presence::is_present(&mut &file, &content_type) {
            Ok(found) => (Outcome::HasLocation(found), Vec::new()),
            Err(SearchError::Unsearchable) => (Outcome::Unsearchable, Vec::new()),
            Err(SearchError::Io(error)) => (Outcome::Io(error.to_string()), Vec::new()),
        },
        Request::Header { content_type } => match picture::header(&file, &content_type) {
            Ok(header) => (Outcome::Header(header), Vec::new()),
            Err(reason) => (Outcome::Unreadable(reason), Vec::new()),
        },
        Request::Picture { content_type, with_view } => match picture::read(&file, &content_type, with_view) {
            Ok(Picture { thumbhash, feed, view }) => {
                (Outcome::Picture, [thumbhash, feed].into_iter().chain(view).collect())
            }
            Err(reason) => (Outcome::Unreadable(reason), Vec::new()),
        },
        Request::Drawing => match drawing::read(&file) {
            Ok((header, Picture { thumbhash, feed, view })) => {
                (Outcome::Header(header), [thumbhash, feed].into_iter().chain(view).collect())
            }
            Err(reason) => (Outcome::Unreadable(reason), Vec::new()),
        },
        Request::Tracks => match tracks::in_file(&mut &file) {
            Ok(found) => (Outcome::Tracks(found), Vec::new()),
            Err(error) => (Outcome::Io(error.to_string()), Vec::new()),
        },
        Request::Locked => match pdf::names_encryption(&file) {
            Ok(locked) => (Outcome::Locked(locked), Vec::new()),
            Err(error) => (Outcome::Io(error.to_string()), Vec::new()),
        },
    };
    Answer { text: serde_json::to_string(&outcome).unwrap_or_default(), parts }
}

fn search(file: &File, content_type: &str) -> (Outcome, Vec<Vec<u8>>) {
    match location::find(&mut &*file, content_type) {
        Ok(patches) => {
            let mut bytes = Vec::new();
            let changes = patches.into_iter().map(|patch| change(patch, &mut bytes)).collect();
            (Outcome::Location(changes), vec![bytes])
        }
        Err(SearchError::Unsearchable) => (Outcome::Unsearchable, Vec::new()),
        Err(SearchError::Io(error)) => (Outcome::Io(error.to_string()), Vec::new()),
    }
}

fn change(Patch { at, with }: Patch, bytes: &mut Vec<u8>) -> Change {
    match with {
        With::Fill(byte, length) => Change { at, length, fill: Some(byte) },
        With::Bytes(new) => {
            bytes.extend_from_slice(&new);
            Change { at, length: new.len() as u64, fill: None }
        }
    }
}

/// Converts [`change`] back, on the server. `None` if the two don't match.
pub fn patches(changes: Vec<Change>, parts: Vec<Vec<u8>>) -> Option<Vec<Patch>> {
    let bytes = parts.into_iter().next()?;
    let (mut patches, mut taken) = (Vec::with_capacity(changes.len()), 0);
    for Change { at, length, fill } in changes {
        let with = if let Some(byte) = fill {
            With::Fill(byte, length)
        } else {
            let end = usize::try_from(length).ok().and_then(|length| length.checked_add(taken))?;
            let new = bytes.get(taken..end)?.to_vec();
            taken = end;
            With::Bytes(new)
        };
        patches.push(Patch { at, with });
    }
    Some(patches)
}

/// Converts the parts of a picture, on the server.
pub fn picture(parts: Vec<Vec<u8>>) -> Option<Picture> {
    let mut parts = parts.into_iter();
    Some(Picture { thumbhash: parts.next()?, feed: parts.next()?, view: parts.next() })
}
