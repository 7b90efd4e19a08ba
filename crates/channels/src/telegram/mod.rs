//! Telegram, through the Bot API 10.3.
//!
//! `read` and `content` turn updates into events, `deliver` and `album` turn pieces into calls, and
//! `client` makes them. No other file of the desk knows that a chat's id is a number.

mod album;
mod client;
mod content;
mod deliver;
mod edit;
mod entities;
mod errors;
mod files;
mod kind;
mod notice;
mod params;
mod poll;
mod read;
mod types;
mod webhook;

use std::{
    fmt,
    sync::{PoisonError, RwLock},
};

use async_trait::async_trait;
use engine::{
    content::{Media, MediaKind, Said},
    event::{Person, Profile},
    ids::{ChannelId, ChatRef, MessageRef, PersonRef},
};
use serde_json::json;

pub use self::kind::{KIND, open};

use self::{
    client::Client,
    errors::About,
    notice::Pins,
    params::{Params, id},
    read::Reader,
    types::{ChatMember, File, User},
};
use crate::{
    Abilities, Batch, Carried, Channel, Download, Errand, Heard, Keys, Knock, Knocked, Pace, Piece,
    Receipt, Undelivered, Unit, Unreadable, WayIn,
    http::{self, BadSetting, Secret},
};

/// What Telegram can carry. Numbers from the Bot API 10.3 and, for the pace, from its FAQ.
static ABILITIES: Abilities = Abilities {
    text: 4096,
    caption: 1024,
    unit: Unit::Utf16,
    album: 10,
    gathers: false,
    mixes,
    carries: Carried::As,
    places: true,
    cards: true,
    uncopyable: &[
        "giveaway",
        "giveaway_winners",
        "invoice",
        "paid_media",
        "story",
    ],
    formats: true,
    answers: true,
    key_label: 64,
    keys: Keys {
        row: 8,
        rows: 100,
        all: 100,
        stay: true,
    },
    edits: true,
    copies: true,
    once: false,
    upload: 50_000_000,
    window: None,
    pace: Pace {
        per_second: 30,
        per_chat_second: 1,
        per_group_minute: 20,
    },
};

/// Pictures and films mix; documents and music only with their own kind (Bot API, sendMediaGroup).
fn mixes(a: MediaKind, b: MediaKind) -> bool {
    use MediaKind::{Audio, Document, Photo, Video};
    matches!(
        (a, b),
        (Photo | Video, Photo | Video) | (Document, Document) | (Audio, Audio)
    )
}

/// What a bot is configured with.
#[derive(Clone)]
pub struct Settings {
    /// Its name here.
    pub id: ChannelId,
    /// `<digits>:<secret>`, as @BotFather gave it.
    pub token: Secret,
    /// Where the Bot API answers, such as `https://api.telegram.org`.
    pub api_url: String,
    /// `http://…` or `socks5://…`, maybe with a password.
    pub proxy: Option<String>,
    /// The operators' group, if they work here.
    pub operators_chat: Option<ChatRef>,
    /// Where Telegram brings updates, if it does; otherwise it is polled.
    pub webhook: Option<Webhook>,
    /// How long one poll waits, in seconds: at most 50, less in tests.
    pub poll_seconds: u32,
}

/// How Telegram brings updates.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Where to.
    pub url: String,
    /// What proves that it is Telegram.
    pub secret: Secret,
}

impl fmt::Debug for Settings {
    /// Without the token, and without the proxy: it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("id", &self.id)
            .field("api_url", &self.api_url)
            .field("operators_chat", &self.operators_chat)
            .field("webhook", &self.webhook)
            .field("poll_seconds", &self.poll_seconds)
            .finish_non_exhaustive()
    }
}

/// A bot.
pub struct Telegram {
    id: ChannelId,
    client: Client,
    desk: RwLock<Option<ChatRef>>,
    webhook: Option<Webhook>,
    poll_seconds: u32,
    pins: Pins,
}

/// Who the bot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// Its own id.
    pub id: PersonRef,
    /// What it is called.
    pub name: String,
    /// Its public name, without `@`.
    pub username: String,
}

/// Who sees a menu of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MenuOf {
    /// Everybody, in private chats.
    Private,
    /// Everybody in one chat.
    Chat(ChatRef),
}

impl Telegram {
    /// Makes ready; nothing is asked of Telegram yet.
    pub fn new(settings: Settings) -> Result<Self, BadSetting> {
        let Settings {
            id,
            token,
            api_url,
            proxy,
            operators_chat,
            webhook,
            poll_seconds,
        } = settings;
        let client = Client::new(id.clone(), &api_url, token, proxy.as_deref())?;
        Ok(Self {
            id,
            client,
            desk: RwLock::new(operators_chat),
            webhook,
            poll_seconds,
            pins: Pins::default(),
        })
    }

    /// Asks who the bot is.
    pub async fn me(&self) -> Result<Me, Undelivered> {
        let user: User = self.client.call("getMe", &json!({})).await?;
        Ok(Me {
            id: PersonRef::new(&self.id, user.id.to_string()),
            name: content::name_of(&user),
            username: user.username.unwrap_or_default(),
        })
    }

    /// Whether somebody is a member of a chat now.
    pub async fn is_member(&self, chat: &ChatRef, who: &PersonRef) -> Result<bool, Undelivered> {
        let params = Params::to(chat).set("user_id", id(&who.id));
        match self
            .client
            .call::<ChatMember>("getChatMember", &params)
            .await
        {
            Ok(member) => Ok(member.is_inside()),
            Err(failed) if failed.about == About::Member => Ok(false),
            Err(failed) => Err(failed.into()),
        }
    }

    /// The people who administer a chat; bots are left out.
    pub async fn administrators(&self, chat: &ChatRef) -> Result<Vec<Person>, Undelivered> {
        let params = Params::to(chat);
        let members: Vec<ChatMember> = self.client.call("getChatAdministrators", &params).await?;
        let people = members
            .iter()
            .map(|member| &member.user)
            .filter(|user| !user.is_bot);
        Ok(people.map(|user| content::person(&self.id, user)).collect())
    }

    /// Sets the menu of commands: names without `/` (latin letters), and what they do. `language`
    /// is a two-letter code; `None` is for everybody whose language has no menu of its own.
    pub async fn set_commands(
        &self,
        of: &MenuOf,
        language: Option<&str>,
        commands: &[(&str, &str)],
    ) -> Result<(), Undelivered> {
        let commands: Vec<_> = commands
            .iter()
            .map(|(name, does)| json!({ "command": name, "description": does }))
            .collect();
        let scope = match of {
            MenuOf::Private => json!({ "type": "all_private_chats" }),
            MenuOf::Chat(chat) => json!({ "type": "chat", "chat_id": id(&chat.id) }),
        };
        let mut params = Params::default()
            .set("commands", commands)
            .set("scope", scope);
        if let Some(language) = language {
            params = params.set("language_code", language);
        }
        Ok(self.client.tell("setMyCommands", &params).await?)
    }

    /// The operators' group has another id from now on.
    pub fn desk_moved(&self, to: ChatRef) {
        *self.desk.write().unwrap_or_else(PoisonError::into_inner) = Some(to);
    }
}

#[async_trait]
impl Channel for Telegram {
    fn id(&self) -> &ChannelId {
        &self.id
    }

    fn abilities(&self) -> &Abilities {
        &ABILITIES
    }

    fn way_in(&self) -> WayIn {
        match self.webhook {
            Some(_) => WayIn::Pushed,
            None => WayIn::Polled,
        }
    }

    async fn prepare(&self) -> Result<(), Undelivered> {
        match &self.webhook {
            Some(webhook) => poll::use_webhook(&self.client, webhook).await,
            None => poll::use_polling(&self.client).await,
        }
    }

    /// While a webhook is set, or another copy polls, it is [`Undelivered::Unreached`].
    async fn next(&self, cursor: Option<&str>) -> Result<Batch, Undelivered> {
        poll::next(&self.client, cursor, self.poll_seconds).await
    }

    fn knock(&self, request: &Knock<'_>) -> Knocked {
        let secret = self.webhook.as_ref().map(|webhook| &webhook.secret);
        webhook::knock(request, secret)
    }

    fn read(&self, update: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        let desk = self.desk.read().unwrap_or_else(PoisonError::into_inner);
        let reader = Reader {
            channel: &self.id,
            desk: desk.as_ref(),
        };
        reader.read(update)
    }

    /// Telegram's updates are whole, and it gives out no message a second time.
    async fn whole(&self, _message: &MessageRef) -> Result<Option<Vec<Said>>, Undelivered> {
        Ok(None)
    }

    /// Telegram's updates name everybody.
    async fn profile(&self, _who: &PersonRef) -> Result<Option<Profile>, Undelivered> {
        Ok(None)
    }

    async fn deliver(&self, piece: &Piece, errand: &Errand<'_>) -> Result<Receipt, Undelivered> {
        deliver::deliver(&self.client, &self.pins, piece, errand).await
    }

    async fn fetch(&self, media: &Media) -> Result<Download, Undelivered> {
        let params = Params::default().set("file_id", media.file.as_str());
        let file: File = self.client.call("getFile", &params).await?;
        // A server in `--local` mode keeps files on its own disk and names them so.
        let path = file.file_path.filter(|path| !path.starts_with('/'));
        let path = path.ok_or_else(|| Undelivered::Refused {
            reason: "the Bot API server does not hand out files (is it in --local mode?)"
                .to_owned(),
        })?;
        let response = self.client.open(&path).await?;
        Ok(http::download(response, file.file_size, Some(path)))
    }

    async fn probe(&self) -> Result<(), Undelivered> {
        self.me().await.map(drop)
    }
}
