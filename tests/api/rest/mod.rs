//! The REST API under /api/v1.

mod attachments;
mod buckets;
mod carried;
mod contacts;
mod errors;
mod examples;
mod icons;
mod idempotency;
mod limits;
mod log_in;
mod matrix;
mod messages;
mod recipes;
mod remote_files;
mod with_attachment;
