//! SQL of imports and exports.

use uuid::Uuid;

use crate::ids::{ContactId, MemberId, OrganizationId};
use crate::platform::db::{On, fetch_all};

type Result<T> = std::result::Result<T, sqlx::Error>;

/// Where a page of contacts ends.
#[derive(Debug, Clone)]
pub struct Place {
    pub search_text: String,
    pub id: ContactId,
}

impl Place {
    /// Before all contacts.
    pub const START: Self = Self { search_text: String::new(), id: ContactId(Uuid::nil()) };
}

/// Returns the next contacts by name: all of an organization, or those that a member is assigned to.
pub async fn page(
    on: On<'_>,
    organization: OrganizationId,
    assigned_to: Option<MemberId>,
    after: &Place,
    limit: i64,
) -> Result<Vec<Place>> {
    let rows = fetch_all!(
        on,
        (ContactId, String),
        "SELECT c.id, c.search_text FROM contacts c
         WHERE c.organization_id = $1 AND (c.search_text, c.id) > ($2, $3)
           AND ($4 IS NULL OR EXISTS (SELECT 1 FROM contact_members cm WHERE cm.contact_id = c.id AND cm.member_id = $4))
         ORDER BY c.search_text, c.id LIMIT CAST($5 AS BIGINT)",
        organization,
        &after.search_text,
        after.id,
        assigned_to,
        limit
    )?;
    Ok(rows.into_iter().map(|(id, search_text)| Place { search_text, id }).collect())
}
