//! The REST API under /api/v1.

mod errors;
mod messages;
