//! What sends files, as a WebAssembly module of its own: it is fetched as soon as the page can be used.

use super::draft::Drafts;
use super::kept::take_up;
use super::run::Run;
use crate::ids::ChannelId;
use crate::ui::lazy::Task;

/// What there is to do.
pub(super) enum Job {
    /// To send a file, to the end or to where it cannot go on.
    Send(Run),
    /// To go on with what was kept over a reload: drafts as JSON.
    TakeUp(Drafts, Vec<(ChannelId, String)>),
}

fn code(job: Job) -> Task {
    match job {
        Job::Send(run) => Box::pin(run.deliver()),
        Job::TakeUp(drafts, kept) => Box::pin(async move { take_up(drafts, kept) }),
    }
}

crate::lazy_task! { "uploads": fn code(Job) }
