//! The log of what happened, for programs: webhooks and the event stream of the REST API read it. Written in the
//! transaction of each change and kept for a day.
//!
//! An event names things, it does not contain them: a reader loads what it can view. Pages use `live_event` instead.

use crate::named_enum;

named_enum! {
    /// A kind of event.
    pub enum EventKind in "webhooks.events", "webhook_deliveries.kind" {
        MessageCreated = "message.created", "A message is sent or received";
        MessageUpdated = "message.updated", "A message is edited or restored, or one of its files is deleted";
        MessageDeleted = "message.deleted", "A message is deleted";
        AttachmentReady = "attachment.ready", "A file arrives in a message";
        ContactCreated = "contact.created", "A contact is created";
        ContactUpdated = "contact.updated", "A contact is changed";
        FileRequestReceived = "file_request.received", "Files are received by a file request";
    }
}

#[cfg(feature = "server")]
impl utoipa::PartialSchema for EventKind {
    /// Written by hand, because the derived one does not know names that a macro generates.
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let names = Self::ALL.iter().map(|kind| kind.name());
        let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
        text.enum_values(Some(names)).build().into()
    }
}

#[cfg(feature = "server")]
impl utoipa::ToSchema for EventKind {}

#[cfg(feature = "server")]
pub use stored::{DISPATCH, Event, LoggedEvent, after, first_number, last_number, number_of, record};

#[cfg(feature = "server")]
mod stored {
    use sqlx::FromRow;
    use uuid::Uuid;

    use super::EventKind;
    use crate::ids::{AttachmentId, ChannelId, ContactId, FileRequestId, MessageId, OrganizationId};
    use crate::platform::Platform;
    use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional, fetch_value};
    use crate::platform::timestamp::Timestamp;

    /// The name of the job that creates deliveries for an organization's webhooks. `programs::webhooks` runs it.
    pub const DISPATCH: &str = "dispatch_events";

    /// An event to record.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Event {
        kind: EventKind,
        /// Members who can view it can view the event.
        channel: ChannelId,
        subject: Uuid,
        message: Option<MessageId>,
    }

    impl Event {
        /// Returns an event about a message.
        pub fn message(kind: EventKind, channel: ChannelId, message: MessageId) -> Self {
            Self { kind, channel, subject: message.0, message: None }
        }

        /// Returns the event of a file that a message has.
        pub fn file(channel: ChannelId, message: MessageId, file: AttachmentId) -> Self {
            Self { kind: EventKind::AttachmentReady, channel, subject: file.0, message: Some(message) }
        }

        /// Returns an event about a contact.
        pub fn contact(kind: EventKind, channel: ChannelId, contact: ContactId) -> Self {
            Self { kind, channel, subject: contact.0, message: None }
        }

        /// Returns the event of a message that a file request received.
        pub fn received(channel: ChannelId, request: FileRequestId, message: MessageId) -> Self {
            Self { kind: EventKind::FileRequestReceived, channel, subject: request.0, message: Some(message) }
        }
    }

    /// Records events in the transaction of the change. Call it last, right before the commit.
    ///
    /// Numbers are given under a lock that lasts until the transaction ends, so they become visible in their order: a
    /// reader that continues after the last number it has seen misses nothing. The lock is also why nothing that could
    /// wait for another transaction may follow.
    pub async fn record(
        platform: &Platform,
        tx: &mut Tx,
        organization: OrganizationId,
        events: &[Event],
    ) -> sqlx::Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let last = fetch_value!(
            &mut *tx,
            i64,
            "INSERT INTO event_positions (organization_id, last_number) VALUES ($1, $2)
             ON CONFLICT (organization_id) DO UPDATE SET last_number = event_positions.last_number + $2
             RETURNING last_number",
            organization,
            count
        )?;
        let now = platform.clock.now();
        for (number, event) in (last - count + 1..).zip(events) {
            execute!(
                &mut *tx,
                "INSERT INTO events (organization_id, number, kind, channel_id, subject_id, message_id, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                organization,
                number,
                event.kind.name(),
                event.channel,
                event.subject,
                event.message,
                now
            )?;
        }
        // Like `jobs::enqueue`, but only for an organization that has webhooks.
        execute!(
            tx,
            "INSERT INTO jobs (name, subject, due_at, attempts, lane)
             SELECT $2, $1, $3, 0, $1 WHERE EXISTS
               (SELECT 1 FROM webhooks WHERE organization_id = $1 AND disabled_at IS NULL)
             ON CONFLICT (name, subject) DO UPDATE SET due_at = $3, attempts = 0, leased_until = NULL",
            organization,
            DISPATCH,
            now
        )?;
        Ok(())
    }

    /// A recorded event.
    #[derive(Debug, Clone, FromRow)]
    pub struct LoggedEvent {
        pub number: i64,
        /// The name of the kind. Another version of the server may know more kinds.
        pub kind: String,
        pub channel_id: ChannelId,
        pub subject_id: Uuid,
        pub message_id: Option<MessageId>,
        pub created_at: Timestamp,
    }

    /// Returns the events after a number, in order.
    pub async fn after(
        on: On<'_>,
        organization: OrganizationId,
        number: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<LoggedEvent>> {
        fetch_all!(
            on,
            LoggedEvent,
            "SELECT number, kind, channel_id, subject_id, message_id, created_at FROM events
             WHERE organization_id = $1 AND number > $2 ORDER BY number LIMIT CAST($3 AS BIGINT)",
            organization,
            number,
            limit
        )
    }

    /// Returns the number of the last event, 0 if there was none.
    pub async fn last_number(on: On<'_>, organization: OrganizationId) -> sqlx::Result<i64> {
        let row = fetch_optional!(
            on,
            (i64,),
            "SELECT last_number FROM event_positions WHERE organization_id = $1",
            organization
        )?;
        Ok(row.map_or(0, |(number,)| number))
    }

    /// Returns the number of the oldest event in the log. `None` if the log is empty.
    pub async fn first_number(on: On<'_>, organization: OrganizationId) -> sqlx::Result<Option<i64>> {
        let row = fetch_optional!(
            on,
            (i64,),
            "SELECT number FROM events WHERE organization_id = $1 ORDER BY number LIMIT 1",
            organization
        )?;
        Ok(row.map(|(number,)| number))
    }

    /// Returns the number of the event of this kind about a subject, if the log still has it.
    pub async fn number_of(
        on: On<'_>,
        organization: OrganizationId,
        kind: EventKind,
        subject: Uuid,
    ) -> sqlx::Result<Option<i64>> {
        let row = fetch_optional!(
            on,
            (i64,),
            "SELECT number FROM events WHERE organization_id = $1 AND subject_id = $2 AND kind = $3
             ORDER BY number LIMIT 1",
            organization,
            subject,
            kind.name()
        )?;
        Ok(row.map(|(number,)| number))
    }
}
