//! The code that uploads files, as a WebAssembly module that loads as soon as the page can be used.

use super::draft::Drafts;
use super::run::Run;
use super::stored_drafts::take_up;
use crate::ids::ChannelId;
use crate::ui::lazy::Task;

/// A task of the module.
pub(super) enum Job {
    /// Uploads a file until it is complete or can't continue.
    Send(Run),
    /// Restores drafts after a reload: as JSON.
    TakeUp(Drafts, Vec<(ChannelId, String)>),
}

fn code(job: Job) -> Task {
    match job {
        Job::Send(run) => Box::pin(run.deliver()),
        Job::TakeUp(drafts, kept) => Box::pin(async move { take_up(drafts, kept) }),
    }
}

crate::lazy_task! { "uploads": fn code(Job) }
