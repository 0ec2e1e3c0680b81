//! The confirmation of a deletion.

use serde::{Deserialize, Serialize};

use crate::people::organizations::model::Permission;

/// What deleting a contact with everything in its conversation requires.
pub const DELETES_CONTACTS: [Permission; 3] =
    [Permission::ContactEdit, Permission::MessageDeleteAny, Permission::AttachmentDeleteAny];

/// The contact's name as it is shown, so that nobody is deleted by mistake.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Confirmation {
    pub name: String,
}
