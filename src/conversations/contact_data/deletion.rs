//! Deletion of a contact. It is gone for everyone at once; a job removes what is stored.

use super::model::{Confirmation, DELETES_CONTACTS};
use super::removal::RemoveContact;
use super::store;
use crate::ids::ContactId;
use crate::people::audit::model::Action;
use crate::people::audit::service::{self as audit, By, Subject};
use crate::people::contacts::service as contacts;
use crate::people::organizations::rights;
use crate::people::organizations::service::{Member, publish_access_change};
use crate::platform::Platform;
use crate::platform::db::retry_collisions;
use crate::platform::error::{AppError, Result};
use crate::platform::jobs;
use crate::platform::name_key::name_key;

/// Permanently deletes a contact with its conversation, messages and files. Files that other conversations use stay.
///
/// # Errors
/// `invalid_value` if the name is not the contact's.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn delete(platform: &Platform, member: &Member, id: ContactId, confirmation: Confirmation) -> Result<()> {
    let (now, organization) = (platform.clock.now(), member.organization_id());
    // A visitor with a file request may have locked it, and wait for the organization.
    retry_collisions(|| async {
        // It excludes all other acts in the organization: nobody is about to write to the conversation, and later ones no
        // longer find it.
        let (mut tx, ref member) = rights::begin_change(platform, member).await?;
        let contact = contacts::find_on(tx.on(), member, id).await?;
        for permission in DELETES_CONTACTS {
            member.require(permission)?;
        }
        let name = contact.display_name();
        if name_key(&confirmation.name) != name_key(&name) {
            return Err(AppError::invalid("name", format!("Type {name} to confirm the deletion.")));
        }
        let channel = contact.channel_id;
        store::end_access(&mut tx, organization, channel, now).await?;
        store::hide(&mut tx, id, channel, now).await?;
        let subject = Subject { channel: Some(channel), ..Subject::words(name) };
        audit::record(platform, tx.on(), &By::member(member), Action::ContactDeleted, &subject).await?;
        jobs::enqueue(tx.on(), &RemoveContact { channel }, organization.0, now).await?;
        Ok(tx.commit().await?)
    })
    .await?;
    platform.job_added.notify_one();
    publish_access_change(platform, organization).await;
    Ok(())
}
