//! Finds what a few letters may mean, in everything that the member can view.

use super::model::GoToHits;
use crate::channels::service as channels;
use crate::files::library::model::FileHit;
use crate::files::library::service::{self as library, Wanted};
use crate::people::contacts::service as contacts;
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{ErrorKind, Result};
use crate::platform::search_query::SearchQuery;

/// Maximum number of hits of each kind.
const HITS_MAX: i64 = 8;

#[tracing::instrument(skip_all)]
pub async fn find(platform: &Platform, member: &Member, search: &str) -> Result<GoToHits> {
    let Some(query) = SearchQuery::parse(search) else { return Ok(GoToHits::default()) };
    let (channels, contacts, files) = tokio::try_join!(
        channels::named(platform, member, &query, HITS_MAX),
        Box::pin(contacts::list(platform, member, search, None, Some(HITS_MAX))),
        Box::pin(files(platform, member, search, &query)),
    )?;
    Ok(GoToHits { channels, contacts, files })
}

/// Returns the newest files with these words. None if they are too short for the index, or if searches of files are refused at the
/// moment: the others are still found.
async fn files(platform: &Platform, member: &Member, search: &str, query: &SearchQuery) -> Result<Vec<FileHit>> {
    if !member.may(Permission::MessageViewAttachment) || query.grams().is_empty() {
        return Ok(Vec::new());
    }
    let wanted = Wanted::parse(None, None, None, (None, None), Some(search.to_owned()))?;
    match library::list(platform, member, &wanted, None, None, Some(HITS_MAX)).await {
        Ok(page) => Ok(page.files),
        Err(error) if matches!(error.kind, ErrorKind::RateLimited | ErrorKind::SearchTimeout) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
