//! What the emulated VK remembers: people, communities, their conversations and messages.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde_json::Value;

use super::callback::Server;
use super::events::Wanted;
use super::limits::Budget;
use super::longpoll::History;
use super::press::Presses;
use super::upload::Slots;
use crate::clock::Millis;
use crate::files::FileId;

/// Older messages of a conversation are forgotten beyond this.
const MAX_MESSAGES: usize = 10_000;
/// Remembered of each community, to tell repeats.
const MAX_RANDOM_IDS: usize = 100_000;

/// Everything.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) people: BTreeMap<i64, Person>,
    pub(crate) communities: BTreeMap<i64, Community>,
    /// By community and person.
    pub(crate) chats: BTreeMap<(i64, i64), Chat>,
    /// By owner and id.
    pub(crate) media: HashMap<(i64, i64), Attachment>,
    /// Upload addresses that were given out.
    pub(crate) slots: Slots,
    pub(crate) presses: Presses,
    /// Callback servers, by community and number, that nobody serves yet.
    pub(crate) unserved: Vec<(i64, u64)>,
    /// What was found wrong during the call at hand, besides its error.
    pub(crate) remarks: Vec<String>,
    serial: u64,
}

/// A person.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    /// The account was deleted.
    pub(crate) deactivated: bool,
    /// Their privacy settings keep communities out.
    pub(crate) private: bool,
}

/// A community.
pub(crate) struct Community {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// Unknown until the first call.
    pub(crate) token: Option<String>,
    pub(crate) admins: Vec<i64>,
    /// People the community does not talk to.
    pub(crate) blacklist: Vec<i64>,
    /// What a callback server must answer to be confirmed.
    pub(crate) confirmation: String,
    pub(crate) history: History,
    /// What the long poll is told of.
    pub(crate) wanted: Wanted,
    pub(crate) polling: bool,
    pub(crate) servers: Vec<Server>,
    /// Message ids are counted over all conversations.
    last_message: i64,
    /// Person and number, by message id; of deleted messages too.
    index: HashMap<i64, (i64, i64)>,
    /// Message and conversation message id, by person and `random_id`.
    sent: HashMap<(i64, i64), (i64, i64)>,
    order: VecDeque<(i64, i64)>,
    pub(crate) calls: Budget,
    /// So many of the next messages arrive cropped.
    pub(crate) crop: u32,
}

/// A conversation.
#[derive(Default)]
pub(crate) struct Chat {
    /// By conversation message id.
    pub(crate) messages: BTreeMap<i64, Message>,
    last: i64,
    /// The person has written, or allowed messages.
    pub(crate) allowed: bool,
    /// The person has forbidden messages.
    pub(crate) denied: bool,
    pub(crate) typing_until: Millis,
    /// What the community has sent lately.
    pub(crate) sent: Budget,
    /// The message whose standard keyboard is shown.
    pub(crate) keyboard: Option<i64>,
}

/// What somebody said; also as it is quoted elsewhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// 0 until it is posted.
    pub(crate) id: i64,
    /// Its number inside the conversation.
    pub(crate) cmid: i64,
    pub(crate) date: i64,
    /// Negative: the community.
    pub(crate) from: i64,
    pub(crate) text: String,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) geo: Option<Value>,
    pub(crate) reply: Option<Box<Said>>,
    pub(crate) forwards: Vec<Said>,
}

/// A message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    pub(crate) said: Said,
    pub(crate) edited: Option<i64>,
    /// Written by this administrator in VK's own window.
    pub(crate) admin: Option<i64>,
    pub(crate) payload: Option<String>,
    pub(crate) keyboard: Option<Value>,
    pub(crate) random_id: i64,
    /// Reaction by who reacted.
    pub(crate) reactions: BTreeMap<i64, i64>,
    pub(crate) version: i64,
    /// The community has deleted it for itself only.
    pub(crate) hidden: bool,
}

/// A photo, a document …: the object as VK shows it, with addresses of this host without the host.
#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    /// `photo`, `doc` …
    pub(crate) kind: String,
    pub(crate) body: Value,
    pub(crate) file: Option<FileId>,
}

impl Community {
    pub(crate) fn new(id: i64) -> Self {
        Self {
            id,
            name: format!("Сообщество {id}"),
            token: None,
            admins: Vec::new(),
            blacklist: Vec::new(),
            confirmation: format!("{:08x}", id.wrapping_mul(2_654_435_761) & 0xffff_ffff),
            history: History::new(id),
            wanted: Wanted::all(),
            polling: true,
            servers: Vec::new(),
            last_message: 0,
            index: HashMap::new(),
            sent: HashMap::new(),
            order: VecDeque::new(),
            calls: Budget::default(),
            crop: 0,
        }
    }

    /// What was sent to this person with this number before.
    pub(crate) fn sent_before(&self, person: i64, random_id: i64) -> Option<(i64, i64)> {
        self.sent.get(&(person, random_id)).copied()
    }

    /// Remembers what was sent; 0 asks for no such thing.
    pub(crate) fn remember(&mut self, person: i64, random_id: i64, ids: (i64, i64)) {
        if random_id == 0 {
            return;
        }
        self.sent.insert((person, random_id), ids);
        self.order.push_back((person, random_id));
        if self.order.len() > MAX_RANDOM_IDS
            && let Some(old) = self.order.pop_front()
        {
            self.sent.remove(&old);
        }
    }
}

impl State {
    /// The community, made when it is new.
    pub(crate) fn community(&mut self, id: i64) -> &mut Community {
        self.communities
            .entry(id)
            .or_insert_with(|| Community::new(id))
    }

    pub(crate) fn chat(&mut self, community: i64, person: i64) -> &mut Chat {
        self.chats.entry((community, person)).or_default()
    }

    pub(crate) fn message(&self, community: i64, person: i64, cmid: i64) -> Option<&Message> {
        self.chats.get(&(community, person))?.messages.get(&cmid)
    }

    pub(crate) fn message_mut(
        &mut self,
        community: i64,
        person: i64,
        cmid: i64,
    ) -> Option<&mut Message> {
        self.chats
            .get_mut(&(community, person))?
            .messages
            .get_mut(&cmid)
    }

    /// Person and number of the message with this id.
    pub(crate) fn find(&self, community: i64, id: i64) -> Option<(i64, i64)> {
        let (person, cmid) = *self.communities.get(&community)?.index.get(&id)?;
        self.message(community, person, cmid)?;
        Some((person, cmid))
    }

    /// Puts a message into its conversation; its id and number.
    pub(crate) fn post(&mut self, community: i64, person: i64, mut message: Message) -> (i64, i64) {
        let owner = self.community(community);
        owner.last_message += 1;
        message.said.id = owner.last_message;
        let chat = self.chat(community, person);
        chat.last += 1;
        message.said.cmid = chat.last;
        let ids = (message.said.id, message.said.cmid);
        chat.messages.insert(chat.last, message);
        let forgotten = if chat.messages.len() > MAX_MESSAGES {
            chat.messages.pop_first()
        } else {
            None
        };
        let index = &mut self.community(community).index;
        index.insert(ids.0, (person, ids.1));
        if let Some((_, old)) = forgotten {
            index.remove(&old.said.id);
        }
        ids
    }

    pub(crate) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Wakes everybody who waits, because this world ends.
    pub(crate) fn close(&self) {
        for community in self.communities.values() {
            community.history.wake.notify_waiters();
            for server in &community.servers {
                server.wake.notify_waiters();
            }
        }
    }
}
