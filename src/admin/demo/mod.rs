//! A realistic sample organization: people, contacts, channels, three days of messages with all kinds of files. Written
//! through the same services as people's requests.

mod delivered;
mod requested;
mod script;

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use script::{AVATAR, BUCKET, CONTACTS, EMOJI, LOGO, Line, MEMBERS, REACTIONS, SCRIPT, Who};

use crate::channels::model::NewChannel;
use crate::conversations::buckets::model::NewBucket;
use crate::conversations::messages::model::{NewMessage, ReactionChange};
use crate::conversations::messages::post::Post;
use crate::files::attachments::intake::import;
use crate::files::pictures::complete::import as import_picture;
use crate::files::pictures::model::PictureKind;
use crate::files::pictures::presign::NewUpload;
use crate::ids::{ChannelId, MessageId};
use crate::people::contacts::model::{Contact, NewContact, NewPhone};
use crate::people::organizations::model::SignUp;
use crate::people::organizations::service as organizations;
use crate::people::organizations::service::{ActingToken, Member};
use crate::people::organizations::sign_up::create_account;
use crate::platform::Platform;
use crate::programs::access_tokens::model::{NewAccessToken, Scope};
use crate::programs::webhooks::sample;

const EMAIL: &str = "mara@example.com";
const PASSWORD: &str = "harbour lane demo";
/// Age of the last message.
const LAST_MESSAGE_AGE: Duration = Duration::from_mins(12);

/// Fills an empty database and prints the log-in. Existing data is not changed.
pub async fn fill(platform: &Platform) -> anyhow::Result<()> {
    if crate::people::accounts::service::is_first_visit(platform).await? {
        tracing::info!("filling the database with a demonstration");
        let lasts = SCRIPT.iter().map(|line| line.minutes_later).sum();
        platform.clock.rewind(Duration::from_mins(lasts) + LAST_MESSAGE_AGE);
        let filled = Demo::new(platform).await?.fill().await;
        platform.clock.reset();
        filled?;
    }
    println!("Demonstration. Log in with\n  email     {EMAIL}\n  password  {PASSWORD}");
    Ok(())
}

struct Demo<'a> {
    platform: &'a Platform,
    members: Vec<Member>,
    contacts: Vec<Contact>,
    /// The owner, as the access token of the program that posts.
    program: Option<Member>,
    channels: HashMap<&'static str, ChannelId>,
    /// The folder for embedded files before they are stored.
    folder: PathBuf,
}

impl<'a> Demo<'a> {
    async fn new(platform: &'a Platform) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("attache-demo-{}", platform.clock.new_id()));
        tokio::fs::create_dir_all(&folder).await?;
        Ok(Self {
            platform,
            members: Vec::new(),
            contacts: Vec::new(),
            program: None,
            channels: HashMap::new(),
            folder,
        })
    }

    async fn fill(mut self) -> anyhow::Result<()> {
        self.people().await?;
        self.pictures().await?;
        self.places().await?;
        for line in SCRIPT {
            self.say(line).await?;
        }
        tokio::fs::remove_dir_all(&self.folder).await?;
        delivered::fill(self.platform, &self.members[0], &self.contacts).await?;
        requested::fill(self.platform, &self.members[0], self.contacts[script::ASKED].channel_id).await?;
        Ok(sample::fill(self.platform, &self.members[0], script::WEBHOOK).await?)
    }

    async fn people(&mut self) -> anyhow::Result<()> {
        let sign_up = SignUp {
            name: MEMBERS[0].0.to_owned(),
            email: EMAIL.to_owned(),
            password: PASSWORD.to_owned(),
            organization: "Harbour Lane Property Care".to_owned(),
            invitation: None,
        };
        let owner = create_account(self.platform, sign_up).await?;
        let organization = owner.organization_id();
        self.members.push(owner);
        for (name, email, role) in &MEMBERS[1..] {
            self.members
                .push(organizations::add_member(self.platform, organization, *role, name, email, PASSWORD).await?);
        }
        Ok(())
    }

    async fn pictures(&self) -> anyhow::Result<()> {
        let named = EMOJI.iter().map(|(name, bytes)| (PictureKind::CustomEmoji, Some(*name), "image/png", *bytes));
        let others = [
            (PictureKind::UserAvatar, None, "image/jpeg", AVATAR),
            (PictureKind::OrganizationAvatar, None, "image/png", LOGO),
        ];
        for (kind, name, content_type, bytes) in others.into_iter().chain(named) {
            let upload = NewUpload {
                kind,
                bot: None,
                name: name.map(str::to_owned),
                file_size: i64::try_from(bytes.len())?,
                content_type: content_type.to_owned(),
            };
            import_picture(self.platform, &self.members[0], upload, bytes.to_vec()).await?;
        }
        Ok(())
    }

    async fn places(&mut self) -> anyhow::Result<()> {
        for (first_name, last_name, phones) in CONTACTS {
            let phones = phones
                .iter()
                .enumerate()
                .map(|(place, number)| NewPhone { number: (*number).to_owned(), preferred: place == 0 });
            let contact = NewContact {
                first_name: (*first_name).to_owned(),
                last_name: (*last_name).to_owned(),
                phones: phones.collect(),
                ..NewContact::default()
            };
            self.contacts
                .push(crate::people::contacts::service::create(self.platform, &self.members[0], contact).await?);
        }
        let assignment =
            crate::people::contacts::model::Assignment { member_ids: vec![self.members[1].id, self.members[2].id] };
        crate::people::contacts::service::assign(self.platform, &self.members[0], self.contacts[0].id, assignment)
            .await?;
        for (name, private) in [("repairs", false), ("office", false), ("move-outs", false), ("keys", true)] {
            let new = NewChannel { name: name.to_owned(), kind: "team".to_owned(), private };
            let channel = crate::channels::service::create(self.platform, &self.members[0], new).await?;
            self.channels.insert(name, channel.id);
        }
        self.bucket().await
    }

    /// Creates a bucket, and the token of the program that posts there.
    async fn bucket(&mut self) -> anyhow::Result<()> {
        let (name, program) = BUCKET;
        let owner = &self.members[0];
        let new =
            NewBucket { name: name.to_owned(), color: None, icon_attachment_uuid: None, public_downloads: Some(false) };
        let bucket = crate::conversations::buckets::service::create(self.platform, owner, new, false).await?;
        let new = NewAccessToken {
            name: program.to_owned(),
            scopes: vec![Scope::MessagesWrite],
            bucket_id: Some(bucket.id.to_string()),
            bot_id: None,
            expires_at: None,
        };
        let token = crate::programs::access_tokens::service::create(self.platform, owner, new).await?.token;
        let acting = ActingToken { id: token.id.0, only_channel: Some(bucket.id.0) };
        self.program = Some(owner.clone().by_token(acting));
        self.channels.insert(name, bucket.id);
        Ok(())
    }

    async fn say(&self, line: &Line) -> anyhow::Result<()> {
        self.platform.clock.advance(Duration::from_mins(line.minutes_later));
        let channel = match line.place {
            script::Place::Contact(index) => self.contacts[index].channel_id,
            script::Place::Channel(name) => self.channels[name],
            script::Place::Bucket => self.channels[BUCKET.0],
        };
        let owner = &self.members[0];
        let uploader = match line.who {
            Who::Member(index) => Some(self.members[index].id),
            Who::Contact => None,
            Who::Program { .. } => Some(owner.id),
        };
        let mut attachment_ids = Vec::new();
        for (name, content_type, bytes) in line.files {
            let path = self.folder.join("file");
            tokio::fs::write(&path, bytes).await?;
            let organization = owner.organization_id();
            attachment_ids
                .push(import(self.platform, organization, channel, uploader, name, content_type, &path).await?);
        }
        let message = NewMessage { body: line.text.to_owned(), attachment_ids, ..NewMessage::default() };
        let id = match line.who {
            Who::Member(index) => {
                crate::conversations::messages::sending::send(self.platform, &self.members[index], channel, message)
                    .await?
                    .id
            }
            Who::Contact => {
                crate::conversations::messages::sending::receive(self.platform, owner, channel, message).await?
            }
            Who::Program { title, delivery } => {
                let title = Some(title.to_owned());
                let post = Post { title, delivery_type: delivery, ..Post::from(message) };
                let program = self.program.as_ref().unwrap_or(owner);
                crate::conversations::messages::sending::send(self.platform, program, channel, post).await?.id
            }
        };
        self.react(line, id).await
    }

    async fn react(&self, line: &Line, id: MessageId) -> anyhow::Result<()> {
        for (_, emoji, members) in REACTIONS.iter().filter(|(begin, _, _)| line.text.starts_with(begin)) {
            for member in *members {
                let change = ReactionChange { emoji: (*emoji).to_owned(), reacted: true };
                crate::conversations::messages::reactions::set(self.platform, &self.members[*member], id, change)
                    .await?;
            }
        }
        Ok(())
    }
}
