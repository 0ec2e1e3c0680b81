//! Organizations, members, roles; and the table of permissions.

use serde::{Deserialize, Serialize};

use crate::ids::SessionId;
use crate::ids::{InviteId, MemberId, OrganizationId, RoleId};
use crate::named_enum;
use crate::people::accounts::model::User;
use crate::platform::lists;
use crate::platform::timestamp::Timestamp;

/// Declares the permissions: name in the API, words for people, and the built-in roles that start with it.
macro_rules! permissions {
    ($($variant:ident = $name:tt, $words:literal, [$($role:ident),*];)+) => {
        named_enum! {
            /// What a role can allow. `Resource:Action` in the API.
            pub enum Permission in "roles.permissions" { $($variant = $name, $words;)+ }
        }

        impl Permission {
            const fn starts_with(self) -> &'static [BuiltInRole] {
                match self { $(Self::$variant => &[$(BuiltInRole::$role),*],)+ }
            }
        }
    };
}

permissions! {
    MessageViewAttachment = "Message:ViewAttachment", "View files in messages", [Admin, Member, Guest];
    MessageSend = "Message:Send", "Send messages", [Admin, Member, Guest];
    MessageDeleteAny = "Message:DeleteAny", "Delete other people's messages", [Admin];
    AttachmentUpload = "Attachment:Upload", "Upload files", [Admin, Member];
    AttachmentDeleteAny = "Attachment:DeleteAny", "Delete other people's files", [Admin];
    AttachmentShare = "Attachment:Share", "Create share links", [Admin, Member];
    FileRequest = "File:Request", "Request files", [Admin, Member];
    ChannelView = "Channel:View", "View public channels", [Admin, Member];
    ChannelCreate = "Channel:Create", "Create channels", [Admin, Member];
    BucketManage = "Bucket:Manage", "Manage buckets", [Admin, Member];
    ContactView = "Contact:View", "View all contacts", [Admin, Member];
    ContactViewAssigned = "Contact:ViewAssigned", "View assigned contacts", [Admin, Member, Guest];
    ContactEdit = "Contact:Edit", "Edit contacts", [Admin, Member];
    MemberViewEmail = "Member:ViewEmail", "View members' emails", [Admin, Member];
    EmojiManage = "Emoji:Manage", "Add and remove emoji", [Admin, Member];
    OrganizationManage = "Organization:Manage", "Manage members and roles", [Admin];
}

impl Permission {
    /// Returns the part before the colon, by which tables are grouped.
    pub fn resource(self) -> &'static str {
        self.name().split(':').next().unwrap_or_default()
    }
}

named_enum! {
    /// The roles that every organization has.
    pub enum BuiltInRole in "roles.built_in" {
        /// Always has all permissions. Only owners can make owners.
        Owner = "owner";
        Admin = "admin";
        Member = "member";
        /// Somebody from outside the team, who can view only what is assigned to them.
        Guest = "guest";
    }
}

impl BuiltInRole {
    /// Returns the role's permissions in a new organization.
    pub fn initial_permissions(self) -> Vec<Permission> {
        let allowed = |permission: &Permission| self == Self::Owner || permission.starts_with().contains(&self);
        Permission::ALL.iter().copied().filter(allowed).collect()
    }
}

named_enum! {
    /// Which messages notify a member.
    #[derive(Default)]
    pub enum NotifyAbout in "members.notify" {
        #[default]
        All = "all", "All";
        /// Mentions, and the conversations of assigned contacts.
        Mentions = "mentions", "Mentions and assigned";
        Nothing = "nothing", "Nothing";
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotificationSettings {
    pub about: NotifyAbout,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    pub logo_url: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationChoice {
    pub organization_id: OrganizationId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleName {
    pub id: RoleId,
    pub name: String,
}

impl RoleName {
    /// Returns the name with a capital, for pages.
    pub fn title(&self) -> String {
        role_title(&self.name)
    }
}

fn role_title(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A role with its permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    pub id: RoleId,
    pub name: String,
    pub built_in: Option<BuiltInRole>,
    pub permissions: Vec<Permission>,
    pub member_count: i64,
}

impl Role {
    /// Returns the name with a capital, for pages.
    pub fn title(&self) -> String {
        role_title(&self.name)
    }
}

/// The logged-in person, their organization and permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    pub user: User,
    pub organization: Organization,
    pub session_id: SessionId,
    pub member_id: MemberId,
    pub role: RoleName,
    pub permissions: Vec<Permission>,
    /// Maximum upload size in bytes; `None`: no limit.
    pub max_upload_size: Option<u64>,
    /// Which messages notify the person.
    #[serde(default)]
    pub notify_about: NotifyAbout,
    /// Number of the person's own webhooks that were disabled because their deliveries failed.
    pub failing_webhooks: i64,
    /// The server's clock, so that page and browser begin with the same "today".
    pub now: Timestamp,
}

impl SessionInfo {
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Returns whether this person can give that role: only owners can make owners, and you can't grant permissions
    /// that you don't have. `roles` are all of the organization. The server decides; this selects what to offer.
    pub fn may_grant(&self, role: &Role, roles: &[Role]) -> bool {
        let is_owner = |role: &Role| role.built_in == Some(BuiltInRole::Owner);
        let owns = roles.iter().any(|own| own.id == self.role.id && is_owner(own));
        owns || !is_owner(role) && role.permissions.iter().all(|permission| self.may(*permission))
    }
}

/// A person of the organization, for lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberInfo {
    pub id: MemberId,
    pub name: String,
    /// `None` for members who may not view it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    pub avatar_url: Option<String>,
    pub role: RoleName,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignUp {
    pub name: String,
    pub email: String,
    pub password: String,
    pub organization: String,
    /// The token of an invitation to create an organization, if sign-up is closed.
    #[serde(default)]
    pub invitation: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndedSessions {
    pub ended_sessions: u64,
}

/// Whether somebody can create an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignUpState {
    pub open: bool,
    /// Why not, and what to do.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewName {
    pub name: String,
}

/// A role by its id or its name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleChoice {
    pub role: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleUpdate {
    /// The role by its id or its name.
    #[serde(alias = "id", alias = "name")]
    pub role: String,
    #[serde(deserialize_with = "lists::at_most::<{ lists::VALUES_MAX }, _, _>")]
    pub permissions: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewRole {
    pub name: String,
    #[serde(default, deserialize_with = "lists::at_most::<{ lists::VALUES_MAX }, _, _>")]
    pub permissions: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InviteLink {
    pub id: InviteId,
    /// Valid once, for a week.
    pub url: String,
}

/// An unused invite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    pub id: InviteId,
    pub role: RoleName,
    pub created_by: InviteMaker,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InviteMaker {
    pub member_id: MemberId,
    pub name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AcceptInvite {
    pub token: String,
    pub name: String,
    pub email: String,
    pub password: String,
}

/// A password reset link.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResetLink {
    /// Valid once, for a day.
    pub url: String,
}

/// The account whose password a link sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResetPreview {
    pub name: String,
    pub email: String,
}

/// What an invited person sees before accepting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvitePreview {
    pub organization: String,
    pub role: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_json_and_say_resource_and_action() {
        for permission in Permission::ALL {
            assert_eq!(Permission::from_name(permission.name()), Some(*permission));
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.name());
            assert_eq!(permission.name().split(':').count(), 2);
        }
    }

    #[test]
    fn titles_have_a_capital() {
        assert_eq!(role_title("guest"), "Guest");
        assert_eq!(role_title("élu local"), "Élu local");
        assert_eq!(role_title(""), "");
    }

    #[test]
    fn roles_start_smaller_one_by_one() {
        let count = |role: BuiltInRole| role.initial_permissions().len();
        assert_eq!(count(BuiltInRole::Owner), Permission::ALL.len());
        assert!(count(BuiltInRole::Admin) > count(BuiltInRole::Member));
        assert!(count(BuiltInRole::Member) > count(BuiltInRole::Guest));
        let guest = BuiltInRole::Guest.initial_permissions();
        assert!(guest.contains(&Permission::MessageViewAttachment) && !guest.contains(&Permission::AttachmentUpload));
    }
}
