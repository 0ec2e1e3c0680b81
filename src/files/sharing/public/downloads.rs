//! Downloads by a share link. A download is counted when it begins, and can continue for an hour, so that a lost
//! connection, or ranges, don't count twice.

use std::time::Duration;

use axum::http::Method;
use axum::http::header::{self, HeaderMap};
use axum::http::request::Parts;
use uuid::Uuid;

use super::super::store::SharedRow;
use super::super::store::downloads::{self as store, DownloadSubject};
use super::visitor::Visitor;
use crate::files::attachments::range::{Extent, extent};
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::timestamp::Timestamp;

/// How long a download can continue after it began.
pub const CONTINUE_WINDOW: Duration = Duration::from_hours(1);

/// Whether bytes may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// A new download, which was counted.
    Counted,
    /// The continuation of one that was counted before.
    GoesOn,
    UsedUp,
}

/// A visitor's request.
pub struct Download {
    subject: DownloadSubject,
    pub visitor: Visitor,
    /// Whether it may continue a download of this visitor. Without a cookie the same request for a whole file may be
    /// somebody else's: many people share a network, and their programs have the same name.
    may_go_on: bool,
}

impl Download {
    /// Returns the download of a file, or of a range of it.
    pub fn of_file(platform: &Platform, token: &str, row: &SharedRow, parts: &Parts) -> Result<Self> {
        let visitor = Visitor::of(platform, token, parts)?;
        let size = row.file.file_size.0;
        let only_asks = parts.method == Method::HEAD;
        let may_go_on = visitor.has_cookie() || only_asks || is_part(&parts.headers, size);
        Ok(Self { subject: DownloadSubject { link: row.link_id, file: row.file.id.0 }, visitor, may_go_on })
    }

    /// Returns the download of all files as a zip.
    pub fn of_zip(platform: &Platform, token: &str, row: &SharedRow, parts: &Parts) -> Result<Self> {
        let visitor = Visitor::of(platform, token, parts)?;
        let may_go_on = visitor.has_cookie();
        Ok(Self { subject: DownloadSubject { link: row.link_id, file: Uuid::nil() }, visitor, may_go_on })
    }

    /// Returns whether this continues a counted download.
    pub async fn is_under_way(&self, platform: &Platform) -> Result<bool> {
        let since = platform.clock.now().minus(CONTINUE_WINDOW);
        Ok(self.may_go_on && store::is_under_way(platform.db.on(), self.subject, &self.visitor.id, since).await?)
    }

    /// Counts a download unless it continues one. Of many concurrent ones exactly as many are counted as the link has
    /// left.
    pub async fn begin(&self, platform: &Platform) -> Result<Begun> {
        if self.is_under_way(platform).await? {
            return Ok(Begun::GoesOn);
        }
        let now = platform.clock.now();
        // Without a cookie a whole file is always another download.
        let since = if self.may_go_on { now.minus(CONTINUE_WINDOW) } else { Timestamp(i64::MAX) };
        let mut tx = platform.db.begin().await?;
        if !store::begin(&mut tx, self.subject, &self.visitor.id, now, since).await? {
            return Ok(Begun::GoesOn);
        }
        if let Some(cookie) = &self.visitor.fresh {
            store::begin(&mut tx, self.subject, &cookie.id, now, since).await?;
        }
        if !store::count(&mut tx, self.subject.link, now).await? {
            return Ok(Begun::UsedUp);
        }
        tx.commit().await?;
        Ok(Begun::Counted)
    }
}

/// Returns whether less than the whole file is requested. `If-Range` is ignored, because the store has other `ETag`s
/// than this server.
fn is_part(headers: &HeaderMap, size: u64) -> bool {
    let mut asked = headers.clone();
    asked.remove(header::IF_RANGE);
    matches!(extent(&asked, "", size), Extent::Part { first, last } if first > 0 || last + 1 < size)
}

/// Removes downloads that can no longer continue. Returns their number.
pub async fn forget(platform: &Platform) -> Result<u64> {
    Ok(store::forget_before(platform.db.on(), platform.clock.now().minus(CONTINUE_WINDOW)).await?)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_part_is_less_than_the_file() {
        let part = |range: &'static str| {
            is_part(&HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(range))]), 100)
        };
        for range in ["bytes=0-0", "bytes=0-98", "bytes=1-", "bytes=1-99", "bytes=-99"] {
            assert!(part(range), "{range}");
        }
        for range in ["bytes=0-", "bytes=0-99", "bytes=0-1000", "bytes=-100", "bytes=0-1,5-6", "bytes=100-", "x"] {
            assert!(!part(range), "{range}");
        }
        assert!(!is_part(&HeaderMap::new(), 100));
        let mut resumed = HeaderMap::new();
        resumed.insert(header::RANGE, HeaderValue::from_static("bytes=90-"));
        resumed.insert(header::IF_RANGE, HeaderValue::from_static("\"of the store\""));
        assert!(is_part(&resumed, 100));
    }
}
