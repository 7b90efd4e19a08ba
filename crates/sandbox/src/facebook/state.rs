//! What the emulated Messenger remembers: people, pages, threads, messages, uploaded attachments.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::limits::Limits;
use super::outlet::Outlet;
use super::sign;
use crate::clock::Millis;
use crate::files::FileId;

/// Older messages of a thread are forgotten beyond this.
const MAX_MESSAGES: usize = 10_000;

/// Everything.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) people: BTreeMap<i64, Person>,
    pub(crate) pages: BTreeMap<i64, Page>,
    pub(crate) threads: BTreeMap<Chat, Thread>,
    /// Reusable attachments by their id.
    pub(crate) attachments: BTreeMap<u64, Stored>,
    /// For ids: grows for ever.
    serial: u64,
}

/// A person, by the id that they have for every page (PSID).
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) first_name: String,
    pub(crate) last_name: Option<String>,
    pub(crate) locale: String,
    pub(crate) profile_pic: Option<FileId>,
    pub(crate) privacy: Privacy,
}

/// What a page may see of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Privacy {
    Open,
    /// There is no profile: an account made with a phone number.
    Private,
    /// There is one, and the app may not see it.
    Hidden,
}

/// A page, with the app that serves it.
pub(crate) struct Page {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// Unknown until the first call or the control API names it.
    pub(crate) token: Option<String>,
    pub(crate) app_id: i64,
    pub(crate) app_secret: Option<String>,
    /// Calls need an `appsecret_proof`.
    pub(crate) require_proof: bool,
    /// The app has the Human Agent feature.
    pub(crate) human_agent: bool,
    /// The Messenger profile: get_started, greeting, persistent_menu, ice_breakers …
    pub(crate) profile: BTreeMap<String, Value>,
    pub(crate) outlet: Outlet,
    pub(crate) limits: Limits,
}

/// The thread of a person with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Chat {
    pub(crate) page: i64,
    pub(crate) person: i64,
}

/// Who answers in a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Our app.
    #[default]
    App,
    /// People in the page's inbox (Meta Business Suite).
    Inbox,
}

/// A thread's messages and standing. It begins with the person's first action.
#[derive(Default)]
pub(crate) struct Thread {
    pub(crate) messages: VecDeque<Message>,
    /// When the person last did something: the 24 hours begin there.
    pub(crate) acted: Millis,
    pub(crate) blocked: bool,
    pub(crate) owner: Owner,
    /// The page shows that it is typing until then.
    pub(crate) typing_until: Millis,
    /// The person has read everything up to then.
    pub(crate) read_until: Millis,
    /// The page has marked everything as seen up to then.
    pub(crate) seen_until: Millis,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    Person,
    App,
    /// Somebody in the page's inbox.
    Admin(i64),
}

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) mid: String,
    pub(crate) at: Millis,
    pub(crate) author: Author,
    pub(crate) text: Option<String>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) quick_replies: Vec<QuickReply>,
    /// What the person chose, when this is their answer to quick replies.
    pub(crate) chosen: Option<String>,
    pub(crate) metadata: Option<String>,
    pub(crate) reply_to: Option<String>,
    pub(crate) edits: u8,
    pub(crate) edited: Option<i64>,
    /// The person's and the page's emoji.
    pub(crate) reactions: BTreeMap<i64, String>,
}

impl Message {
    pub(crate) fn new(mid: String, at: Millis, author: Author) -> Self {
        Self {
            mid,
            at,
            author,
            text: None,
            attachments: Vec::new(),
            quick_replies: Vec::new(),
            chosen: None,
            metadata: None,
            reply_to: None,
            edits: 0,
            edited: None,
            reactions: BTreeMap::new(),
        }
    }

    pub(crate) fn is_from_page(&self) -> bool {
        match self.author {
            Author::Person => false,
            Author::App | Author::Admin(_) => true,
        }
    }

    /// The buttons of its template, row by row.
    pub(crate) fn buttons(&self) -> Vec<Button> {
        let templates = self.attachments.iter().filter_map(|attachment| {
            let Attachment::Template { buttons, .. } = attachment else {
                return None;
            };
            Some(buttons.iter().cloned())
        });
        templates.flatten().collect()
    }
}

/// What a message carries besides its text.
#[derive(Clone, Debug)]
pub(crate) enum Attachment {
    File {
        kind: Kind,
        file: FileId,
        /// Seconds, as the control API said.
        duration: Option<i64>,
    },
    Template {
        /// As the app sent it.
        payload: Value,
        /// What a person sees of it besides the buttons.
        text: String,
        buttons: Vec<Button>,
    },
    /// Something that the API does not carry: a share, a place, a contact card.
    Fallback {
        title: Option<String>,
        url: Option<String>,
    },
}

/// A key under a template.
#[derive(Clone, Debug)]
pub(crate) struct Button {
    pub(crate) title: String,
    pub(crate) action: Action,
}

/// What a button does.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Postback(String),
    Open(String),
    Call(String),
}

/// A quick reply.
#[derive(Clone, Debug)]
pub(crate) struct QuickReply {
    pub(crate) title: String,
    pub(crate) payload: String,
}

/// What sort of file an attachment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Image,
    Video,
    Audio,
    /// Recorded in Messenger; for the API it is audio.
    Voice,
    File,
    Sticker,
}

impl Kind {
    /// The type in the API.
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio | Self::Voice => "audio",
            Self::File => "file",
            Self::Sticker => "sticker",
        }
    }

    /// What an app may send, by the type in the API.
    pub(crate) fn sendable(wire: &str) -> Option<Self> {
        [Self::Image, Self::Video, Self::Audio, Self::File]
            .into_iter()
            .find(|kind| kind.wire() == wire)
    }

    /// The kind in the control API, where all messengers speak alike.
    pub(crate) fn shown(self) -> &'static str {
        match self {
            Self::Image => "photo",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::File => "document",
            Self::Sticker => "sticker",
        }
    }
}

/// An attachment that can be sent again by its id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored {
    pub(crate) page: i64,
    pub(crate) kind: Kind,
    pub(crate) file: FileId,
    pub(crate) until: Millis,
}

impl State {
    /// The page; it comes into being when it is asked for the first time.
    pub(crate) fn page(&mut self, id: i64) -> &mut Page {
        self.pages.entry(id).or_insert_with(|| Page {
            id,
            name: format!("Page {id}"),
            token: None,
            app_id: 1_517_776_481_860_111,
            app_secret: None,
            require_proof: false,
            human_agent: false,
            profile: BTreeMap::new(),
            outlet: Outlet::default(),
            limits: Limits::default(),
        })
    }

    /// Whose token it is.
    pub(crate) fn page_of_token(&self, token: &str) -> Option<i64> {
        let mut pages = self.pages.values();
        pages
            .find(|page| page.token.as_deref() == Some(token))
            .map(|page| page.id)
    }

    pub(crate) fn message(&self, chat: Chat, mid: &str) -> Option<&Message> {
        let messages = &self.threads.get(&chat)?.messages;
        messages.iter().rev().find(|message| message.mid == mid)
    }

    pub(crate) fn message_mut(&mut self, chat: Chat, mid: &str) -> Option<&mut Message> {
        let messages = &mut self.threads.get_mut(&chat)?.messages;
        messages.iter_mut().rev().find(|message| message.mid == mid)
    }

    /// A thread gets a message, the newest. Quick replies are shown under the newest only: those before it are gone.
    pub(crate) fn post(&mut self, chat: Chat, message: Message) {
        let messages = &mut self.threads.entry(chat).or_default().messages;
        if let Some(last) = messages.back_mut() {
            last.quick_replies.clear();
        }
        if messages.len() == MAX_MESSAGES {
            messages.pop_front();
        }
        messages.push_back(message);
    }

    pub(crate) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// A message id: opaque, and never given twice, also not after a reset.
    pub(crate) fn next_mid(&mut self, chat: Chat, now: Millis) -> String {
        let serial = self.next_serial();
        let seed = format!("{}/{}/{serial}/{now}", chat.page, chat.person);
        format!("m_{}", sign::sha256("mid", seed.as_bytes()))
    }

    /// The world ends: whoever delivers shall notice.
    pub(crate) fn close(&self) {
        self.pages.values().for_each(|page| page.outlet.close());
    }

    /// People who acted in the last 24 hours with this page.
    pub(crate) fn engaged(&self, page: i64, now: Millis) -> usize {
        let first = Chat {
            page,
            person: i64::MIN,
        };
        let threads = self.threads.range(first..);
        threads
            .take_while(|(chat, _)| chat.page == page)
            .filter(|(_, thread)| now - thread.acted < super::DAY)
            .count()
    }
}
