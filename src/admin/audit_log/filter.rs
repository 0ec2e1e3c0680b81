//! The filter of the audit log's page, as in its URL.

use std::fmt;

use crate::ids::MemberId;
use crate::people::audit::model::Action;
use crate::platform::address::{pairs, write_pairs};
use crate::platform::timestamp::parse_day;

/// Visitors of share links and of public files, in place of a member.
pub const VISITORS: &str = "visitors";

#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditFilter {
    /// The id of a member, [`VISITORS`], or empty for everyone.
    pub who: String,
    pub action: Option<Action>,
    /// First and last day in the reader's time zone, such as `2025-11-18`, both inclusive. Empty: no limit.
    pub since: String,
    pub until: String,
    pub search: String,
}

/// Parses the decoded query of a URL. Invalid values are ignored, so that an old link still works.
impl From<&str> for AuditFilter {
    fn from(query: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs(query) {
            match name {
                "who" if value == VISITORS || value.parse::<MemberId>().is_ok() => value.clone_into(&mut filter.who),
                "action" => filter.action = Action::from_name(value),
                "since" if parse_day(value).is_some() => value.clone_into(&mut filter.since),
                "until" if parse_day(value).is_some() => value.clone_into(&mut filter.until),
                "search" => value.clone_into(&mut filter.search),
                _ => {}
            }
        }
        filter
    }
}

impl fmt::Display for AuditFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = [
            ("who", self.who.clone()),
            ("action", self.action.map(|action| action.name().to_owned()).unwrap_or_default()),
            ("since", self.since.clone()),
            ("until", self.until.clone()),
        ];
        write_pairs(f, &pairs, &self.search)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_the_filter() {
        let full = AuditFilter {
            who: uuid::Uuid::from_u128(7).to_string(),
            action: Some(Action::Downloaded),
            since: "2025-11-01".to_owned(),
            until: "2025-11-18".to_owned(),
            search: "a&b=c d".to_owned(),
        };
        for filter in [AuditFilter::default(), AuditFilter { who: VISITORS.to_owned(), ..AuditFilter::default() }, full]
        {
            assert_eq!(AuditFilter::from(filter.to_string().as_str()), filter);
        }
    }

    #[test]
    fn invalid_filters_are_ignored() {
        let filter = AuditFilter::from("who=me&action=seen&since=yesterday&until=&x&search=");
        assert_eq!(filter, AuditFilter::default());
    }
}
