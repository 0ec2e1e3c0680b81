//! The filters of the audit log.

use dioxus::prelude::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::admin::audit_log::api::list_audit_entries;
use crate::admin::audit_log::filter::{AuditFilter, VISITORS};
use crate::admin::audit_log::model::AuditPage;
use crate::app::Route;
use crate::ids::AuditEntryId;
use crate::people::audit::model::Action;
use crate::people::organizations::api::list_members;
use crate::platform::error::{AppError, Result};
use crate::platform::timestamp::Timestamp;
use crate::ui::relative_time::{TimeZone, use_today};
use crate::ui::{FilterChoice, FilterMenu, SearchField};

/// The query: the filter, with its days as times.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub filter: AuditFilter,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Query {
    pub fn new(filter: AuditFilter, zone: TimeZone) -> Self {
        Self { since: zone.start_of(&filter.since, 0), until: zone.start_of(&filter.until, 1), filter }
    }

    pub async fn page(self, before: Option<AuditEntryId>) -> Result<AuditPage, AppError> {
        let text = |text: String| Some(text).filter(|text| !text.is_empty());
        let AuditFilter { who, action, search, .. } = self.filter;
        let action = action.map(|action| action.name().to_owned());
        list_audit_entries(text(who), action, None, None, self.since, self.until, text(search), before, None).await
    }

    /// Returns the URL of the CSV for this query.
    pub fn csv_url(&self) -> String {
        let moment = |moment: Option<Timestamp>| moment.map(Timestamp::to_rfc3339).unwrap_or_default();
        let AuditFilter { who, action, search, .. } = &self.filter;
        let pairs = [
            ("who", who.clone()),
            ("action", action.map(|action| action.name().to_owned()).unwrap_or_default()),
            ("since", moment(self.since)),
            ("until", moment(self.until)),
            ("search", search.clone()),
        ];
        let said: Vec<_> = pairs
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        format!("/api/audit-entries.csv?{}", said.join("&"))
    }
}

/// Returns the filter in the URL, which the page may not show yet.
fn current() -> AuditFilter {
    match router().current() {
        Route::AuditLogPage { filter } => filter,
        _ => AuditFilter::default(),
    }
}

/// Navigates to the page with another filter, so that Back restores the previous one.
fn show(filter: AuditFilter) {
    navigator().push(Route::AuditLogPage { filter });
}

#[component]
pub fn AuditFilters(filter: ReadSignal<AuditFilter>) -> Element {
    let search = use_memo(move || filter().search);
    rsx! {
        div { class: "audit-filters", role: "group", "aria-label": "Filters",
            WhoFilter { filter }
            ActionFilter { filter }
            DayFilter { filter }
            SearchField {
                label: "File or conversation",
                action: "/settings/audit-log",
                value: search,
                on_search: move |search| {
                    navigator().replace(Route::AuditLogPage { filter: AuditFilter { search, ..current() } });
                },
            }
        }
    }
}

#[component]
fn WhoFilter(filter: ReadSignal<AuditFilter>) -> Element {
    let members = use_resource(|| list_members(None));
    let mut choices =
        vec![(String::new(), "Anyone".to_owned()), (VISITORS.to_owned(), "People without an account".to_owned())];
    if let Some(Ok(members)) = &*members.read() {
        choices.extend(members.iter().map(|member| (member.id.to_string(), member.name.clone())));
    }
    let who = filter().who;
    let chosen = choices.iter().find(|(known, _)| *known == who).map(|(_, name)| name.clone());
    let text = if who.is_empty() { "anyone".to_owned() } else { chosen.unwrap_or_default() };
    rsx! {
        FilterMenu { id: "filter-who", label: "Person", muted: "Person", text, on: !who.is_empty(),
            for (id, name) in choices {
                FilterChoice {
                    key: "{id}",
                    name: "who",
                    text: name,
                    checked: who == id,
                    on_choose: move |_| show(AuditFilter { who: id.clone(), ..current() }),
                }
            }
        }
    }
}

#[component]
fn ActionFilter(filter: ReadSignal<AuditFilter>) -> Element {
    let chosen = filter().action;
    let text = chosen.map_or("any", Action::words);
    let choices = std::iter::once(None).chain(Action::ALL.iter().copied().map(Some));
    rsx! {
        FilterMenu { id: "filter-action", label: "Action", muted: "Action", text, on: chosen.is_some(),
            for action in choices {
                FilterChoice {
                    name: "action",
                    text: action.map_or("Any action", Action::words),
                    checked: chosen == action,
                    on_choose: move |_| show(AuditFilter { action, ..current() }),
                }
            }
        }
    }
}

#[component]
fn DayFilter(filter: ReadSignal<AuditFilter>) -> Element {
    let today = use_today();
    let AuditFilter { since, until, .. } = filter();
    let text = match (since.as_str(), until.as_str()) {
        ("", "") => "any time".to_owned(),
        (since, "") if since == today.days_ago(0) => "today".to_owned(),
        (since, "") if since == today.days_ago(6) => "last 7 days".to_owned(),
        (since, "") if since == today.days_ago(29) => "last 30 days".to_owned(),
        (since, "") => format!("since {since}"),
        ("", until) => format!("until {until}"),
        (since, until) if since == until => since.to_owned(),
        (since, until) => format!("{since} – {until}"),
    };
    let presets = [
        ("Any time", String::new()),
        ("Today", today.days_ago(0)),
        ("Last 7 days", today.days_ago(6)),
        ("Last 30 days", today.days_ago(29)),
    ];
    rsx! {
        FilterMenu { id: "filter-days", label: "Date", muted: "Date", text, on: !since.is_empty() || !until.is_empty(),
            for (name, day) in presets {
                FilterChoice {
                    name: "days",
                    text: name,
                    checked: until.is_empty() && since == day,
                    on_choose: move |_| show(AuditFilter { since: day.clone(), until: String::new(), ..current() }),
                }
            }
            div { class: "filter-days",
                label {
                    "From"
                    input { class: "field", r#type: "date", value: "{since}", max: "{until}", onchange: move |event| show(AuditFilter { since: event.value(), ..current() }) }
                }
                label {
                    "To"
                    input { class: "field", r#type: "date", value: "{until}", min: "{since}", onchange: move |event| show(AuditFilter { until: event.value(), ..current() }) }
                }
            }
        }
    }
}
