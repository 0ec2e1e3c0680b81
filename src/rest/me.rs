//! `GET /me`

use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::caller::Caller;
use super::routes::Routes;
use crate::ids::{ChannelId, MemberId, OrganizationId};
use crate::people::organizations::model::Permission;
use crate::programs::access_tokens::model::Scope;

pub fn routes(routes: Routes) -> Routes {
    routes.scoped(Scope::MessagesRead, routes!(get_me))
}

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Me)]
pub struct Me {
    organization: NamedOrganization,
    /// The person who called, or who created the access token.
    member: NamedMember,
    /// The ID of the access token. Null for a person.
    #[schema(value_type = Option<String>, format = Uuid)]
    access_token_id: Option<Uuid>,
    /// What the access token may do. Null for a person, who may do what their role allows.
    scopes: Option<Vec<Scope>>,
    /// The only conversation that the access token can use. Null if it can use all that its owner can.
    bucket_id: Option<ChannelId>,
    /// What the role allows.
    #[schema(value_type = Vec<String>, example = json!(["Message:Send"]))]
    permissions: Vec<Permission>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MyOrganization)]
pub struct NamedOrganization {
    id: OrganizationId,
    #[schema(example = "Harbour Lane")]
    name: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MyMember)]
pub struct NamedMember {
    id: MemberId,
    #[schema(example = "Mara Ellis")]
    name: String,
}

/// Returns who calls, and what they may do.
#[utoipa::path(get, path = "/me", tag = "Access tokens", responses((status = 200, description = "The caller.", body = Me)))]
pub async fn get_me(caller: Caller) -> axum::Json<Me> {
    let scopes = caller.scopes().map(<[Scope]>::to_vec);
    let member = caller.member;
    axum::Json(Me {
        organization: NamedOrganization { id: member.organization_id(), name: member.organization.name.clone() },
        access_token_id: member.token.as_ref().map(|token| token.id),
        bucket_id: member.only_channel().map(ChannelId),
        permissions: Permission::ALL.iter().copied().filter(|permission| member.may(*permission)).collect(),
        member: NamedMember { id: member.id, name: member.name },
        scopes,
    })
}
