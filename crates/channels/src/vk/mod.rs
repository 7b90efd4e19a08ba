//! VK communities, through the API 5.199.
//!
//! `read`, `content` and `attached` turn updates into events, `deliver`, `upload` and `change` turn
//! pieces into calls, and `client` makes them. No other file of the desk knows what a peer is.

mod attached;
mod callback;
mod change;
mod client;
mod content;
mod deliver;
mod errors;
mod ids;
mod kind;
mod markup;
mod poll;
mod read;
mod types;
mod upload;

use async_trait::async_trait;
use engine::{
    content::{Media, MediaKind, Said},
    event::Profile,
    ids::{ChannelId, MessageRef, PersonRef},
};
use serde::Deserialize;
use serde_json::Value;

pub use self::kind::KIND;

use self::{
    callback::Agreed,
    client::{Client, Form},
    poll::Server,
};
use crate::{
    Abilities, Batch, Carried, Channel, Download, Errand, Heard, Keys, Knock, Knocked, Pace, Piece,
    Receipt, Undelivered, Unit, Unreadable, WayIn,
    http::{self, BadSetting, Secret},
};

/// What VK can carry. Numbers from dev.vk.com (keyboards, 20 calls a second for a community's token),
/// from vksdk (uploads) and from the schema 5.199.
static ABILITIES: Abilities = Abilities {
    text: markup::LONGEST,
    caption: markup::LONGEST,
    unit: Unit::Chars,
    album: 10,
    gathers: true,
    mixes,
    carries,
    // The desk sends places as links: they open on any telephone.
    places: false,
    cards: false,
    uncopyable: &[],
    formats: false,
    answers: true,
    key_label: 40,
    keys: Keys {
        row: 5,
        rows: 6,
        all: 10,
        stay: true,
    },
    edits: true,
    copies: false,
    once: true,
    upload: upload::LARGEST,
    window: None,
    pace: Pace {
        // Of 20 calls seven are left for uploads and questions, which `client` spaces out itself.
        per_second: 13,
        // VK names no limits for one person; who is written to too much answers with error 9.
        per_chat_second: 0,
        per_group_minute: 0,
    },
};

/// Attachments mix; a voice message stands alone.
fn mixes(a: MediaKind, b: MediaKind) -> bool {
    a != MediaKind::Voice && b != MediaKind::Voice
}

/// Communities can attach pictures, documents and voice (`video.save` and `audio.save` take people's
/// tokens only).
fn carries(kind: MediaKind) -> Carried {
    match kind {
        MediaKind::Photo => Carried::As(MediaKind::Photo),
        MediaKind::Voice => Carried::As(MediaKind::Voice),
        MediaKind::Sticker => Carried::Picture,
        MediaKind::Document
        | MediaKind::Video
        | MediaKind::Audio
        | MediaKind::VideoNote
        | MediaKind::Animation => Carried::As(MediaKind::Document),
    }
}

/// A community.
struct Vk {
    id: ChannelId,
    group: String,
    client: Client,
    /// With the Callback API only.
    agreed: Option<Agreed>,
    server: Server,
}

impl Vk {
    fn new(
        id: ChannelId,
        group: &str,
        api_url: &str,
        token: Secret,
        proxy: Option<&str>,
        agreed: Option<Agreed>,
    ) -> Result<Self, BadSetting> {
        Ok(Self {
            id,
            group: group.to_owned(),
            client: Client::new(api_url, token, proxy)?,
            agreed,
            server: Server::default(),
        })
    }
}

/// A person, as `users.get` tells of them.
#[derive(Deserialize)]
struct User {
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    domain: Option<String>,
}

#[async_trait]
impl Channel for Vk {
    fn id(&self) -> &ChannelId {
        &self.id
    }

    fn abilities(&self) -> &Abilities {
        &ABILITIES
    }

    fn way_in(&self) -> WayIn {
        match self.agreed {
            Some(_) => WayIn::Pushed,
            None => WayIn::Polled,
        }
    }

    async fn prepare(&self) -> Result<(), Undelivered> {
        match self.way_in() {
            WayIn::Polled => {
                poll::prepare(&self.client, &self.group).await?;
                // Whatever is written once the channel answers is read.
                self.server.begin(&self.client, &self.group).await
            }
            // The owner has named our address in the community's settings.
            WayIn::Pushed => Ok(()),
        }
    }

    async fn next(&self, cursor: Option<&str>) -> Result<Batch, Undelivered> {
        self.server.next(&self.client, &self.group, cursor).await
    }

    fn knock(&self, request: &Knock<'_>) -> Knocked {
        match &self.agreed {
            Some(agreed) => callback::knock(agreed, &self.group, request),
            None => Knocked::Stranger,
        }
    }

    fn read(&self, update: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        read::read(&self.id, update)
    }

    async fn whole(&self, message: &MessageRef) -> Result<Option<Vec<Said>>, Undelivered> {
        let found = change::read(&self.client, message).await?;
        Ok(found.map(|found| content::of(&found, &message.chat)))
    }

    async fn profile(&self, who: &PersonRef) -> Result<Option<Profile>, Undelivered> {
        let form = Form::default()
            .set("user_ids", &who.id)
            .set("fields", "domain");
        let users: Vec<User> = self.client.ask("users.get", form).await?;
        Ok(users.into_iter().next().and_then(profile))
    }

    async fn deliver(&self, piece: &Piece, errand: &Errand<'_>) -> Result<Receipt, Undelivered> {
        deliver::deliver(&self.client, piece, errand).await
    }

    async fn fetch(&self, media: &Media) -> Result<Download, Undelivered> {
        let response = self.client.open(&media.file).await?;
        let path = response.url().path().rsplit('/').next();
        let name = media.name.clone().or_else(|| path.map(str::to_owned));
        Ok(http::download(response, media.size, name))
    }

    async fn probe(&self) -> Result<(), Undelivered> {
        let form = Form::default().set("group_id", &self.group);
        let groups: Result<Value, _> = self.client.ask("groups.getById", form).await;
        groups.map(drop).map_err(Undelivered::from)
    }
}

fn profile(user: User) -> Option<Profile> {
    let name = [user.first_name.trim(), user.last_name.trim()].join(" ");
    let name = name.trim();
    // Everybody has an address; only a chosen one is a name.
    let chosen = |domain: &String| {
        let number = domain.strip_prefix("id");
        !number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
    };
    (!name.is_empty()).then(|| Profile {
        name: name.to_owned(),
        username: user.domain.filter(chosen),
        language: None,
    })
}
