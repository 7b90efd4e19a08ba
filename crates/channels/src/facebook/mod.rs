//! Facebook Messenger: a page's messages, through the Graph API and its webhooks.
//!
//! `webhook` takes apart what Facebook brings, once it has proved where it comes from; `read` and
//! `content` turn it into events; `deliver` turns pieces into calls, and `client` makes them. No other
//! file of the desk knows what a person's id on a page is.

mod client;
mod content;
mod deliver;
mod errors;
mod fetch;
mod kind;
mod link;
mod page;
mod read;
mod reasons;
mod types;
mod webhook;

pub use self::kind::KIND;

use async_trait::async_trait;
use engine::{
    content::{Media, MediaKind, Said},
    event::Profile,
    ids::{ChannelId, MessageRef, PersonRef},
    policy::Window,
};
use jiff::SignedDuration;

use self::{client::Client, deliver::Sender, read::Reader, webhook::Gate};
use crate::{
    Abilities, Batch, Carried, Channel, Download, Errand, Heard, Keys, Knock, Knocked, Pace, Piece,
    Receipt, Undelivered, Unit, Unreadable, WayIn, http::BadSetting, kinds::Given,
};

/// How long after a person's last action anybody may answer them, and how long a person may, with the
/// tag `HUMAN_AGENT` (Messenger Platform, "Send messages": standard messaging window, human agent).
const OPEN: SignedDuration = SignedDuration::from_hours(24);
const OPEN_FOR_PEOPLE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What Messenger can carry. Numbers from the Messenger Platform's reference of the Send API (text,
/// quick replies, attachments) and from its overview of rates (300 calls a second; films and sound are
/// slower, see [`deliver`]).
fn abilities(human_agent: bool) -> Abilities {
    Abilities {
        text: 2000,
        // A file and words are two messages.
        caption: 0,
        // Characters, says Meta, and not which: this count is never the smaller one.
        unit: Unit::Utf16,
        album: 1,
        gathers: false,
        mixes: |_, _| false,
        carries,
        places: false,
        cards: false,
        uncopyable: &[],
        formats: false,
        answers: true,
        key_label: 20,
        // Quick replies stand side by side, above the keyboard.
        keys: Keys {
            row: 13,
            rows: 13,
            all: 13,
            stay: false,
        },
        edits: false,
        copies: false,
        once: false,
        upload: deliver::LARGEST,
        window: Some(Window {
            open: OPEN,
            by_person: if human_agent { OPEN_FOR_PEOPLE } else { OPEN },
        }),
        pace: Pace {
            per_second: 300,
            // Not published; calls to one person follow one another.
            per_chat_second: 0,
            per_group_minute: 0,
        },
    }
}

/// Types of attachments that can be sent: image, audio, video, file.
fn carries(kind: MediaKind) -> Carried {
    match kind {
        MediaKind::Photo
        | MediaKind::Video
        | MediaKind::Document
        | MediaKind::Voice
        | MediaKind::Audio
        | MediaKind::Animation => Carried::As(kind),
        MediaKind::VideoNote => Carried::As(MediaKind::Video),
        MediaKind::Sticker => Carried::Picture,
    }
}

/// A page.
struct Facebook {
    id: ChannelId,
    abilities: Abilities,
    gate: Gate,
    sender: Sender,
}

impl Facebook {
    fn open(given: &Given) -> Result<Self, BadSetting> {
        let human_agent = given.text("human_agent") == "true";
        let page = given.text("page_id");
        let app_secret = given.secret("app_secret");
        let client = Client::new(
            given.text("api_url"),
            page,
            given.secret("token"),
            &app_secret,
            given.get("proxy"),
        )?;
        Ok(Self {
            id: given.id.clone(),
            abilities: abilities(human_agent),
            gate: Gate {
                page: page.to_owned(),
                app_secret,
                verify_token: given.secret("verify_token"),
            },
            sender: Sender::new(client, human_agent),
        })
    }

    fn client(&self) -> &Client {
        &self.sender.client
    }
}

#[async_trait]
impl Channel for Facebook {
    fn id(&self) -> &ChannelId {
        &self.id
    }

    fn abilities(&self) -> &Abilities {
        &self.abilities
    }

    fn way_in(&self) -> WayIn {
        WayIn::Pushed
    }

    async fn prepare(&self) -> Result<(), Undelivered> {
        page::prepare(self.client()).await
    }

    async fn next(&self, _cursor: Option<&str>) -> Result<Batch, Undelivered> {
        Err(Undelivered::Refused {
            reason: "Facebook brings updates itself".to_owned(),
        })
    }

    fn knock(&self, request: &Knock<'_>) -> Knocked {
        self.gate.knock(request)
    }

    fn read(&self, update: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        Reader { channel: &self.id }.read(update)
    }

    async fn whole(&self, _message: &MessageRef) -> Result<Option<Vec<Said>>, Undelivered> {
        // Webhooks leave nothing out.
        Ok(None)
    }

    async fn profile(&self, who: &PersonRef) -> Result<Option<Profile>, Undelivered> {
        page::profile(self.client(), who).await
    }

    async fn deliver(&self, piece: &Piece, errand: &Errand<'_>) -> Result<Receipt, Undelivered> {
        self.sender.deliver(piece, errand).await
    }

    async fn fetch(&self, media: &Media) -> Result<Download, Undelivered> {
        fetch::fetch(self.client(), media).await
    }

    async fn probe(&self) -> Result<(), Undelivered> {
        page::probe(self.client()).await
    }
}
