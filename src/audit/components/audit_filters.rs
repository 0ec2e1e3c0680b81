//! What the audit log is narrowed to.

use dioxus::prelude::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::audit::api::list_audit_entries;
use crate::audit::model::{Action, AuditEntryId, AuditPage};
use crate::organizations::api::list_members;
use crate::platform::error::{AppError, Result};
use crate::platform::timestamp::Timestamp;
use crate::ui::when::{TimeZone, use_today};
use crate::ui::{FilterChoice, FilterMenu, SearchField};

const VISITORS: &str = "visitors";

#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditFilter {
    /// The id of a member, [`VISITORS`], or nothing for everybody.
    who: String,
    action: Option<Action>,
    /// Days of the reader, such as `2025-11-18`: the first and the last that count. Empty: no bound.
    since: String,
    until: String,
    search: String,
}

impl AuditFilter {
    fn between(&self, zone: TimeZone) -> (Option<Timestamp>, Option<Timestamp>) {
        (zone.start_of(&self.since, 0), zone.start_of(&self.until, 1))
    }

    pub async fn page(self, zone: TimeZone, before: Option<AuditEntryId>) -> Result<AuditPage, AppError> {
        let text = |text: String| Some(text).filter(|text| !text.is_empty());
        let action = self.action.map(|action| action.name().to_owned());
        let (since, until) = self.between(zone);
        list_audit_entries(text(self.who), action, None, None, since, until, text(self.search), before, None).await
    }

    /// Where all that is found can be saved.
    pub fn csv_url(&self, zone: TimeZone) -> String {
        let (since, until) = self.between(zone);
        let moment = |moment: Option<Timestamp>| moment.map(Timestamp::to_rfc3339).unwrap_or_default();
        let pairs = [
            ("who", self.who.clone()),
            ("action", self.action.map(|action| action.name().to_owned()).unwrap_or_default()),
            ("since", moment(since)),
            ("until", moment(until)),
            ("search", self.search.clone()),
        ];
        let said: Vec<_> = pairs
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        format!("/api/audit-entries.csv?{}", said.join("&"))
    }
}

#[component]
pub fn AuditFilters(filter: Signal<AuditFilter>) -> Element {
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
                on_search: move |search| filter.write().search = search,
            }
        }
    }
}

#[component]
fn WhoFilter(filter: Signal<AuditFilter>) -> Element {
    let members = use_resource(list_members);
    let mut choices =
        vec![(String::new(), "Everybody".to_owned()), (VISITORS.to_owned(), "People with a link".to_owned())];
    if let Some(Ok(members)) = &*members.read() {
        choices.extend(members.iter().map(|member| (member.id.to_string(), member.name.clone())));
    }
    let who = filter().who;
    let chosen = choices.iter().find(|(known, _)| *known == who).map(|(_, name)| name.clone());
    let text = if who.is_empty() { "everybody".to_owned() } else { chosen.unwrap_or_default() };
    rsx! {
        FilterMenu { id: "filter-who", label: "Who", muted: "Who", text, on: !who.is_empty(),
            for (id, name) in choices {
                FilterChoice {
                    key: "{id}",
                    name: "who",
                    text: name,
                    checked: who == id,
                    on_choose: move |_| filter.write().who.clone_from(&id),
                }
            }
        }
    }
}

#[component]
fn ActionFilter(filter: Signal<AuditFilter>) -> Element {
    let chosen = filter().action;
    let text = chosen.map_or("anything", Action::words);
    let choices = std::iter::once(None).chain(Action::ALL.iter().copied().map(Some));
    rsx! {
        FilterMenu { id: "filter-action", label: "What", muted: "What", text, on: chosen.is_some(),
            for action in choices {
                FilterChoice {
                    name: "action",
                    text: action.map_or("Anything", Action::words),
                    checked: chosen == action,
                    on_choose: move |_| filter.write().action = action,
                }
            }
        }
    }
}

#[component]
fn DayFilter(filter: Signal<AuditFilter>) -> Element {
    let today = use_today();
    let AuditFilter { since, until, .. } = filter();
    let text = match (since.as_str(), until.as_str()) {
        ("", "") => "any day".to_owned(),
        (since, "") if since == today.days_ago(0) => "today".to_owned(),
        (since, "") if since == today.days_ago(6) => "last 7 days".to_owned(),
        (since, "") if since == today.days_ago(29) => "last 30 days".to_owned(),
        (since, "") => format!("since {since}"),
        ("", until) => format!("until {until}"),
        (since, until) if since == until => since.to_owned(),
        (since, until) => format!("{since} – {until}"),
    };
    let presets = [
        ("Any day", String::new()),
        ("Today", today.days_ago(0)),
        ("Last 7 days", today.days_ago(6)),
        ("Last 30 days", today.days_ago(29)),
    ];
    rsx! {
        FilterMenu { id: "filter-days", label: "When", muted: "When", text, on: !since.is_empty() || !until.is_empty(),
            for (name, day) in presets {
                FilterChoice {
                    name: "days",
                    text: name,
                    checked: until.is_empty() && since == day,
                    on_choose: move |_| {
                        let mut filter = filter.write();
                        filter.since.clone_from(&day);
                        filter.until.clear();
                    },
                }
            }
            div { class: "filter-days",
                label {
                    "From"
                    input { class: "field", r#type: "date", value: "{since}", max: "{until}", onchange: move |event| filter.write().since = event.value() }
                }
                label {
                    "To"
                    input { class: "field", r#type: "date", value: "{until}", min: "{since}", onchange: move |event| filter.write().until = event.value() }
                }
            }
        }
    }
}
