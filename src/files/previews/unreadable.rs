//! Reasons for a missing preview, for people.

use std::io;

use image::ImageError;
use serde::{Deserialize, Serialize};

use crate::platform::sandbox::SandboxError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Unreadable {
    #[error("Too many pixels to preview: {0} × {1}")]
    TooManyPixels(u32, u32),
    #[error("Too large to preview")]
    TooLarge,
    #[error("Damaged: no preview available")]
    Damaged,
    #[error("No preview available")]
    UnknownType,
    #[error("Locked with a password")]
    Locked,
    /// It used up its memory or its processor time.
    #[error("Too complex to preview")]
    TooComplex,
    /// Not the file's fault: worth a retry.
    #[error("{0}")]
    Io(String),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

impl From<ImageError> for Unreadable {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Unsupported(_) => Self::UnknownType,
            ImageError::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof => error.into(),
            _ => Self::Damaged,
        }
    }
}

impl From<SandboxError> for Unreadable {
    fn from(error: SandboxError) -> Self {
        match error {
            SandboxError::Died | SandboxError::TimedOut => Self::TooComplex,
            SandboxError::Missing(_) | SandboxError::Failed(_) => Self::UnknownType,
            SandboxError::Busy | SandboxError::Io(_) => Self::Io(error.to_string()),
        }
    }
}
