//! The API from outside: the real router on a real socket, the same tests on SQLite + local disk and on
//! PostgreSQL + Garage. Run them with `scripts/with-engines.sh cargo test --features server`.

mod channels;
mod clean_up;
mod configuration;
mod contacts;
mod crashes;
mod doctor;
mod downloads;
mod errors;
mod events;
mod file_names;
mod found_files;
mod frozen_files;
mod hostile_files;
mod inbound;
mod invites;
mod jobs;
mod linking;
mod memory;
mod messages;
mod multipart;
mod pages;
mod permissions;
mod photo_location;
mod previews;
mod proxies;
mod quotas;
mod removal;
mod roles;
mod sessions;
mod support;
mod upload_urls;
mod uploads;
mod without_tools;
mod zips;
