//! Everything that the dialog can offer without asking the server.

use crate::app::Route;
use crate::channels::conversations::Lists;
use crate::channels::model::{Channel, ChannelKind};
use crate::conversations::go_to::model::{Action, Candidate, Entry, GoToHits, Group};
use crate::files::library::model::FileFilter;
use crate::people::contacts::model::Search;
use crate::people::organizations::model::{Permission, SessionInfo};

/// Returns a conversation. Channels and buckets have `#` before their name, as elsewhere.
pub fn of_channel(channel: &Channel) -> Entry {
    let name = match channel.kind {
        ChannelKind::Contact => channel.name.clone(),
        ChannelKind::Team | ChannelKind::Bucket => format!("#{}", channel.name),
    };
    let detail = if channel.kind == ChannelKind::Bucket { "Bucket" } else { "" };
    Entry::page(Group::Conversations, name, Route::conversation(channel.id).href()).with_detail(detail)
}

/// Returns the loaded conversations, latest first.
pub fn of_lists(lists: &Lists) -> Vec<Candidate> {
    let mut rows: Vec<_> = lists.rows().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.place()));
    rows.into_iter().map(|row| Candidate::new(of_channel(&row.channel))).collect()
}

pub fn of_hits(hits: GoToHits) -> Vec<Candidate> {
    let GoToHits { channels, contacts, files } = hits;
    let channels = channels.iter().map(of_channel);
    let contacts = contacts.into_iter().map(|contact| {
        let phone = contact.main_phone().map(ToString::to_string).unwrap_or_default();
        Entry::page(Group::Contacts, contact.display_name(), Route::conversation(contact.channel_id).href())
            .with_detail(phone)
    });
    let files = files.into_iter().map(|file| {
        let path = Route::message(file.channel_id, file.message_id).href();
        Entry::page(Group::Files, file.attachment.label(), path).with_detail(file.conversation)
    });
    channels.chain(contacts).chain(files).map(Candidate::hit).collect()
}

/// Returns the pages and actions that a member has.
pub fn fixed(session: &SessionInfo) -> Vec<Candidate> {
    let may = |permission| session.may(permission);
    let manages = may(Permission::OrganizationManage);
    let pages = [
        (true, "Inbox", Route::InboxPage {}.href()),
        (true, "Contacts", Route::ContactsPage { search: Search::default() }.href()),
        (may(Permission::MessageViewAttachment), "Files", Route::FilesPage { filter: FileFilter::default() }.href()),
        (true, "Settings: profile", Route::ProfilePage {}.href()),
        (true, "Settings: access tokens", Route::AccessTokensPage {}.href()),
        (true, "Settings: general", Route::OrganizationPage {}.href()),
        (true, "Settings: members", Route::MembersPage {}.href()),
        (true, "Settings: roles", Route::RolesPage {}.href()),
        (true, "Settings: emoji", Route::EmojiPage {}.href()),
        (manages, "Settings: bots", Route::BotsPage {}.href()),
        (manages, "Settings: webhooks", Route::WebhooksPage {}.href()),
        (manages, "Settings: storage", Route::StoragePage {}.href()),
        (may(Permission::AttachmentShare), "Settings: share links", Route::ShareLinksPage {}.href()),
        (may(Permission::FileRequest), "Settings: file requests", Route::FileRequestsPage {}.href()),
        (may(Permission::AttachmentDeleteAny), "Settings: deleted files", Route::DeletedFilesPage {}.href()),
        (manages, "Settings: audit log", "/settings/audit-log".to_owned()),
    ];
    let made = [
        (may(Permission::ContactEdit), "New contact", Route::NewContactPage {}.href()),
        (may(Permission::BucketManage), "New bucket", Route::NewBucketPage {}.href()),
    ];
    let actions = [
        (may(Permission::ChannelCreate), "New channel", Action::NewChannel),
        (true, "Light appearance", Action::Light),
        (true, "Dark appearance", Action::Dark),
        (true, "Appearance of the system", Action::System),
        (true, "Keyboard shortcuts", Action::Shortcuts),
        (true, "Log out", Action::LogOut),
    ];
    let pages = pages
        .into_iter()
        .filter(|(is_there, ..)| *is_there)
        .map(|(_, name, path)| Entry::page(Group::Pages, name, path));
    let made = made
        .into_iter()
        .filter(|(is_there, ..)| *is_there)
        .map(|(_, name, path)| Entry::page(Group::Actions, name, path));
    let actions =
        actions.into_iter().filter(|(is_there, ..)| *is_there).map(|(_, name, action)| Entry::action(name, action));
    pages.chain(made).chain(actions).map(Candidate::new).collect()
}
