//! The rows of messages: grouped by day and by author, with the line above the first unread one.

use std::rc::Rc;

use crate::conversations::messages::model::Message;
use crate::ids::MessageId;
use crate::platform::timestamp::Timestamp;
use crate::ui::Moment;

/// Maximum time within a group of one author, in milliseconds.
const GROUP: i64 = 5 * 60 * 1000;

/// The messages of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    pub number: i32,
    pub name: String,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub message: Rc<Message>,
    /// Whether it shows avatar, name and time, as the first of a group.
    pub first: bool,
    /// Whether the line "New" is above.
    pub starts_unread: bool,
}

/// Arranges `messages`, which are oldest first.
pub fn arrange(
    messages: &[Rc<Message>],
    first_unread: Option<MessageId>,
    moment: impl Fn(Timestamp) -> Moment,
) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    let mut before: Option<&Rc<Message>> = None;
    for message in messages {
        let at = moment(message.created_at);
        let same_day = days.last().is_some_and(|day| day.number == at.day());
        if !same_day {
            days.push(Day { number: at.day(), name: at.day_name(), rows: Vec::new() });
        }
        let starts_unread = first_unread == Some(message.id);
        let continues = before.is_some_and(|before| {
            before.author.id == message.author.id && message.created_at.0 - before.created_at.0 < GROUP
        });
        let first = !same_day || starts_unread || !continues;
        if let Some(day) = days.last_mut() {
            day.rows.push(Row { message: message.clone(), first, starts_unread });
        }
        before = Some(message);
    }
    days
}
