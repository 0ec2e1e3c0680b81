//! The REST API under /api/v1.

mod attachments;
mod buckets;
mod carried;
mod contacts;
mod errors;
mod examples;
mod forms;
mod hostile_bodies;
mod hung_up;
mod icons;
mod idempotency;
mod killed;
mod limits;
mod limits_of_files;
mod log_in;
mod matrix;
mod messages;
mod public_files;
mod recipes;
mod remote_files;
mod reuse;
mod traversal;
mod uploads;
mod with_attachment;
