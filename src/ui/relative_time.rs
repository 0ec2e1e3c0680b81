//! Times in words. The server renders in UTC; as soon as the browser's code runs, times are in the reader's time zone,
//! with the exact one in the tooltip.

use dioxus::prelude::*;
use time::{Date, OffsetDateTime, UtcOffset};

use crate::platform::timestamp::{Timestamp, parse_day};

/// The time zone of displayed times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeZone {
    Utc,
    /// The browser's, with daylight saving time.
    Local,
}

impl TimeZone {
    /// Returns when a day such as `2025-11-18` begins here, plus `later` days. `None` for an invalid day.
    pub fn start_of(self, day: &str, later: i64) -> Option<Timestamp> {
        let date = parse_day(day)?.checked_add(time::Duration::days(later))?;
        Some(start_of(date, |moment| offset_at(self, moment)))
    }
}

/// Returns the first moment of a day. Where clocks change, midnight may occur twice or not at all, and the offset at
/// noon differs from that at the start.
fn start_of(day: Date, offset_at: impl Fn(Timestamp) -> UtcOffset) -> Timestamp {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let utc = day.midnight().assume_utc().unix_timestamp() * 1000;
    let date_at = |moment: i64| Timestamp(moment).to_date_time().to_offset(offset_at(Timestamp(moment))).date();
    // Midnight by each offset around the day. If midnight is skipped, that of the previous offset is the first moment
    // after it.
    let mut starts =
        [-DAY, 0, DAY].map(|near| utc - i64::from(offset_at(Timestamp(utc + near)).whole_seconds()) * 1000);
    starts.sort_unstable();
    let start = starts.into_iter().find(|start| date_at(*start) >= day && date_at(start - 1) < day);
    Timestamp(start.unwrap_or(starts[0]))
}

#[derive(Clone, Copy)]
struct TimeContext {
    zone: Signal<TimeZone>,
    now: Signal<Timestamp>,
    /// Components that name days subscribe to the day only, so that they are not redrawn with every tick of the clock.
    today: Memo<Date>,
}

/// Sets time zone and clock for all components below: `rendered_at` until the browser's clock takes over, so that the
/// first render is the same on both sides.
pub fn use_time_zone(rendered_at: Timestamp) {
    let mut zone = use_signal(|| TimeZone::Utc);
    #[cfg_attr(not(feature = "web"), expect(unused_mut, reason = "only a browser's clock goes on"))]
    let mut now = use_signal(|| rendered_at);
    let today = use_memo(move || local(now(), zone()).date());
    use_context_provider(|| TimeContext { zone, now, today });
    use_effect(move || {
        zone.set(TimeZone::Local);
        spawn(async move {
            loop {
                #[cfg(feature = "web")]
                #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
                now.set(Timestamp(js_sys::Date::now() as i64));
                crate::platform::browser::sleep(30_000).await;
            }
        });
    });
}

/// Returns the time zone of displayed times.
pub fn use_zone() -> Signal<TimeZone> {
    let context: TimeContext = use_context();
    context.zone
}

/// The reader's current day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Today(Date);

pub fn use_today() -> Today {
    let context: TimeContext = use_context();
    Today((context.today)())
}

impl Today {
    /// Returns a day such as `2025-11-18`.
    pub fn days_ago(self, days: i64) -> String {
        let date = self.0.saturating_sub(time::Duration::days(days));
        format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
    }
}

fn offset_at(zone: TimeZone, moment: Timestamp) -> UtcOffset {
    #[cfg(feature = "web")]
    if zone == TimeZone::Local {
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "minutes of a day")]
        let minutes = -js_sys::Date::new(&(moment.0 as f64).into()).get_timezone_offset() as i32;
        return UtcOffset::from_whole_seconds(minutes * 60).unwrap_or(UtcOffset::UTC);
    }
    let _ = (zone, moment);
    UtcOffset::UTC
}

fn local(moment: Timestamp, zone: TimeZone) -> OffsetDateTime {
    moment.to_date_time().to_offset(offset_at(zone, moment))
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A time in the reader's time zone. Written by hand, because the formats of `time` would be 20 kB of the browser
/// bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    at: OffsetDateTime,
    today: Date,
}

impl Moment {
    /// Formats as `10:06`.
    pub fn time(self) -> String {
        format!("{:02}:{:02}", self.at.hour(), self.at.minute())
    }

    /// Returns a number for the day, by which rows are grouped.
    pub fn day(self) -> i32 {
        self.at.date().to_julian_day()
    }

    /// Formats as `Today`, `Yesterday`, `Monday 17 November`, with the year if it is another.
    pub fn day_name(self) -> String {
        match self.today.to_julian_day() - self.day() {
            0 => "Today".to_owned(),
            1 => "Yesterday".to_owned(),
            _ if self.at.year() == self.today.year() => {
                format!("{} {} {}", self.weekday(), self.at.day(), self.month_name())
            }
            _ => self.full_date(),
        }
    }

    /// Formats as `10:06` today, `Mon` this week, `14 Nov`, `14 Nov 2024`: short, for lists.
    pub fn short(self) -> String {
        let day = self.at.day();
        match self.today.to_julian_day() - self.day() {
            0 => self.time(),
            1..=6 => self.weekday()[..3].to_owned(),
            _ if self.at.year() == self.today.year() => format!("{day} {}", &self.month_name()[..3]),
            _ => format!("{day} {} {}", &self.month_name()[..3], self.at.year()),
        }
    }

    /// Formats as `just now`, `3 minutes ago`, `2 hours ago`, and after a day [`Moment::short`].
    pub fn ago(self, now: Timestamp) -> String {
        let count = |number: i64, unit: &str| format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" });
        match (now.to_date_time() - self.at).whole_minutes() {
            ..1 => "just now".to_owned(),
            minutes @ 1..60 => count(minutes, "minute"),
            minutes @ 60..1440 => count(minutes / 60, "hour"),
            _ => self.short(),
        }
    }

    /// Formats as `November 2025`.
    pub fn month(self) -> String {
        format!("{} {}", self.month_name(), self.at.year())
    }

    /// Formats as `Today 10:06`, `Mon 10:06`, `14 Nov 10:06`: for tables.
    pub fn day_and_time(self) -> String {
        let day = if self.today == self.at.date() { "Today".to_owned() } else { self.short() };
        format!("{day} {}", self.time())
    }

    /// Formats as `Tuesday 18 November 2025, 10:06`.
    pub fn exact(self) -> String {
        format!("{}, {}", self.full_date(), self.time())
    }

    fn full_date(self) -> String {
        format!("{} {} {} {}", self.weekday(), self.at.day(), self.month_name(), self.at.year())
    }

    fn weekday(self) -> &'static str {
        WEEKDAYS[usize::from(self.at.weekday().number_days_from_monday())]
    }

    fn month_name(self) -> &'static str {
        MONTHS[usize::from(u8::from(self.at.month()) - 1)]
    }
}

/// Returns a function that converts times to the reader's time zone.
pub fn use_moments() -> impl Fn(Timestamp) -> Moment + Copy {
    let context: TimeContext = use_context();
    let (zone, today) = ((context.zone)(), (context.today)());
    move |moment| Moment { at: local(moment, zone), today }
}

/// The format of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenStyle {
    Time,
    Ago,
    Short,
    DayAndTime,
    Exact,
}

/// A time with its exact form in the tooltip.
#[component]
pub fn When(at: Timestamp, style: WhenStyle, #[props(default)] class: String) -> Element {
    let moment = use_moments()(at);
    let TimeContext { now, .. } = use_context();
    let text = match style {
        WhenStyle::Time => moment.time(),
        WhenStyle::Ago => moment.ago(now()),
        WhenStyle::Short => moment.short(),
        WhenStyle::DayAndTime => moment.day_and_time(),
        WhenStyle::Exact => moment.exact(),
    };
    rsx! {
        time { class: "num {class}", datetime: at.to_rfc3339(), title: moment.exact(), "{text}" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2025-11-18 10:10 UTC);

    fn moment(at: OffsetDateTime) -> Moment {
        Moment { at, today: NOW.date() }
    }

    #[test]
    fn days_are_named_as_people_name_them() {
        assert_eq!(moment(datetime!(2025-11-18 09:05 UTC)).day_name(), "Today");
        assert_eq!(moment(datetime!(2025-11-17 23:59 UTC)).day_name(), "Yesterday");
        assert_eq!(moment(datetime!(2025-11-03 00:00 UTC)).day_name(), "Monday 3 November");
        assert_eq!(moment(datetime!(2024-02-29 00:00 UTC)).day_name(), "Thursday 29 February 2024");
    }

    #[test]
    fn recent_times_are_relative() {
        let ago = |at| moment(at).ago(Timestamp(NOW.unix_timestamp() * 1000));
        assert_eq!(ago(datetime!(2025-11-18 10:10 UTC)), "just now");
        assert_eq!(ago(datetime!(2025-11-18 10:11 UTC)), "just now", "a clock that is ahead");
        assert_eq!(ago(datetime!(2025-11-18 10:09 UTC)), "1 minute ago");
        assert_eq!(ago(datetime!(2025-11-18 09:11 UTC)), "59 minutes ago");
        assert_eq!(ago(datetime!(2025-11-17 11:10 UTC)), "23 hours ago");
        assert_eq!(ago(datetime!(2025-11-17 10:10 UTC)), "Mon");
    }

    #[test]
    fn lists_have_short_times() {
        assert_eq!(moment(datetime!(2025-11-18 09:05 UTC)).short(), "09:05");
        assert_eq!(moment(datetime!(2025-11-17 09:05 UTC)).short(), "Mon");
        assert_eq!(moment(datetime!(2025-11-04 09:05 UTC)).short(), "4 Nov");
        assert_eq!(moment(datetime!(2024-11-04 09:05 UTC)).short(), "4 Nov 2024");
        assert_eq!(moment(datetime!(2025-11-18 09:05 UTC)).day_and_time(), "Today 09:05");
        assert_eq!(moment(datetime!(2025-11-04 09:05 UTC)).day_and_time(), "4 Nov 09:05");
        assert_eq!(moment(datetime!(2025-11-18 10:06 UTC)).exact(), "Tuesday 18 November 2025, 10:06");
    }

    #[test]
    fn a_day_begins_at_midnight() {
        let start = |day: &str, later| TimeZone::Utc.start_of(day, later).map(Timestamp::to_rfc3339);
        assert_eq!(start("2025-11-18", 0).as_deref(), Some("2025-11-18T00:00:00.000Z"));
        assert_eq!(start("2024-02-29", 1).as_deref(), Some("2024-03-01T00:00:00.000Z"));
        assert_eq!(start("yesterday", 0), None);
    }

    #[test]
    fn a_day_begins_at_midnight_also_when_clocks_change() {
        // (zone, its offset before and after a change in minutes, when that is, the first moment of some days around it)
        let zones = [
            // At 3:00 back to 2:00.
            (
                "Auckland",
                (780, 720),
                datetime!(2026-04-04 14:00 UTC),
                vec![datetime!(2026-04-03 11:00 UTC), datetime!(2026-04-04 11:00 UTC), datetime!(2026-04-05 12:00 UTC)],
            ),
            // At 2:00 forward to 3:00.
            (
                "Sydney",
                (600, 660),
                datetime!(2026-10-03 16:00 UTC),
                vec![datetime!(2026-10-02 14:00 UTC), datetime!(2026-10-03 14:00 UTC), datetime!(2026-10-04 13:00 UTC)],
            ),
            (
                "Jerusalem",
                (120, 180),
                datetime!(2026-03-27 00:00 UTC),
                vec![datetime!(2026-03-25 22:00 UTC), datetime!(2026-03-26 22:00 UTC), datetime!(2026-03-27 21:00 UTC)],
            ),
            // At midnight forward to 1:00: the day begins at 1:00.
            (
                "Beirut",
                (120, 180),
                datetime!(2026-03-28 22:00 UTC),
                vec![datetime!(2026-03-27 22:00 UTC), datetime!(2026-03-28 22:00 UTC), datetime!(2026-03-29 21:00 UTC)],
            ),
            // At midnight back to 23:00 of the previous day.
            (
                "Santiago",
                (-180, -240),
                datetime!(2026-04-05 03:00 UTC),
                vec![datetime!(2026-04-04 03:00 UTC), datetime!(2026-04-05 04:00 UTC), datetime!(2026-04-06 04:00 UTC)],
            ),
            // At 1:00 back to midnight, which the day has twice.
            (
                "Azores",
                (0, -60),
                datetime!(2026-10-25 01:00 UTC),
                vec![datetime!(2026-10-24 00:00 UTC), datetime!(2026-10-25 00:00 UTC), datetime!(2026-10-26 01:00 UTC)],
            ),
        ];
        for (zone, (before, after), change, starts) in zones {
            let offset_at = |moment: Timestamp| {
                let minutes = if moment.to_date_time() < change { before } else { after };
                UtcOffset::from_whole_seconds(minutes * 60).unwrap()
            };
            for start in starts {
                let moment = Timestamp(start.unix_timestamp() * 1000);
                let day = start.to_offset(offset_at(moment)).date();
                assert_eq!(start_of(day, offset_at).to_date_time(), start, "{zone} {day}");
            }
        }
    }
}
