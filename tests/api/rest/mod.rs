//! The REST API under /api/v1.

mod attachments;
mod buckets;
mod contact_details;
mod contacts;
mod disconnects;
mod errors;
mod examples;
mod forms;
mod hostile_bodies;
mod icons;
mod idempotency;
mod killed;
mod limits;
mod limits_of_files;
mod log_in;
mod matrix;
mod message_attachments;
mod messages;
mod public_files;
mod recipes;
mod remote_files;
mod reuse;
mod traversal;
mod uploads;
mod with_attachment;
