//! What the emulated Telegram remembers: people, bots, chats, members, messages.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::callbacks::Callbacks;
use super::content::Content;
use super::limits::Limits;
use super::updates::Queue;
use crate::clock::Millis;

/// Older messages of a chat are forgotten beyond this.
const MAX_MESSAGES: usize = 10_000;

/// Everything.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) people: BTreeMap<i64, User>,
    pub(crate) bots: BTreeMap<i64, Bot>,
    /// By bot and person.
    pub(crate) privates: BTreeMap<(i64, i64), Private>,
    pub(crate) groups: BTreeMap<i64, Group>,
    pub(crate) callbacks: Callbacks,
    /// What was found wrong during the call at hand, besides its error.
    pub(crate) remarks: Vec<String>,
    /// For album ids and the like: grows for ever.
    pub(crate) serial: u64,
}

/// A person's or a bot's public face.
#[derive(Clone, Debug, Default)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) is_bot: bool,
    pub(crate) first_name: String,
    pub(crate) last_name: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) language_code: Option<String>,
    pub(crate) phone: Option<String>,
    /// The account was deleted.
    pub(crate) deactivated: bool,
}

/// A bot.
pub(crate) struct Bot {
    pub(crate) user: User,
    /// The part of the token after the colon; unknown until the first call.
    pub(crate) secret: Option<String>,
    pub(crate) queue: Queue,
    pub(crate) limits: Limits,
    /// Private chats share one numbering, as in a real account.
    pub(crate) last_message: i64,
    /// Commands by scope and language.
    pub(crate) commands: BTreeMap<String, Value>,
    /// Name, description, short description and menu buttons by language or chat.
    pub(crate) texts: BTreeMap<String, Value>,
    /// Download links: until when they hold.
    pub(crate) links: HashMap<u64, Millis>,
}

/// Where a message lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Place {
    /// A person's private chat with a bot.
    Private { bot: i64, person: i64 },
    /// A group, by its id.
    Group(i64),
}

/// The messages of a chat.
#[derive(Default)]
pub(crate) struct Thread {
    pub(crate) messages: BTreeMap<i64, Message>,
    pub(crate) pinned: BTreeSet<i64>,
    /// A bot shows that it is typing until then.
    pub(crate) typing_until: Millis,
}

/// A private chat.
#[derive(Default)]
pub(crate) struct Private {
    pub(crate) thread: Thread,
    /// The person has written at least once.
    pub(crate) started: bool,
    /// The person has blocked the bot.
    pub(crate) blocked: bool,
}

/// A group or supergroup.
pub(crate) struct Group {
    pub(crate) title: String,
    pub(crate) is_super: bool,
    pub(crate) members: BTreeMap<i64, Status>,
    pub(crate) thread: Thread,
    pub(crate) last_message: i64,
    /// A basic group that became this supergroup.
    pub(crate) migrated_to: Option<i64>,
}

/// Standing of a user in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Creator,
    Administrator,
    Member,
    Left,
    Kicked,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Creator => "creator",
            Self::Administrator => "administrator",
            Self::Member => "member",
            Self::Left => "left",
            Self::Kicked => "kicked",
        }
    }

    pub(crate) fn is_inside(self) -> bool {
        match self {
            Self::Creator | Self::Administrator | Self::Member => true,
            Self::Left | Self::Kicked => false,
        }
    }

    pub(crate) fn is_admin(self) -> bool {
        match self {
            Self::Creator | Self::Administrator => true,
            Self::Member | Self::Left | Self::Kicked => false,
        }
    }
}

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: i64,
    pub(crate) date: i64,
    pub(crate) edited: Option<i64>,
    pub(crate) from: i64,
    pub(crate) content: Content,
    pub(crate) reply_to: Option<i64>,
    /// A `TextQuote`, when only a part is replied to.
    pub(crate) quote: Option<Value>,
    pub(crate) album: Option<String>,
    /// A `MessageOrigin`.
    pub(crate) forward: Option<Value>,
    /// An `InlineKeyboardMarkup`.
    pub(crate) keyboard: Option<Value>,
    /// Any other `reply_markup`, which clients obey and bots do not see again.
    pub(crate) reply_keyboard: Option<Value>,
    /// By user.
    pub(crate) reactions: BTreeMap<i64, String>,
    pub(crate) protected: bool,
}

impl Message {
    /// A plain message; whoever makes it fills in the rest.
    pub(crate) fn new(date: i64, from: i64, content: Content) -> Self {
        Self {
            id: 0,
            date,
            edited: None,
            from,
            content,
            reply_to: None,
            quote: None,
            album: None,
            forward: None,
            keyboard: None,
            reply_keyboard: None,
            reactions: BTreeMap::new(),
            protected: false,
        }
    }
}

impl State {
    /// The bot, made when it is not known yet. Its name can be given with `POST /sandbox/bots`.
    pub(crate) fn bot(&mut self, id: i64) -> &mut Bot {
        self.bots.entry(id).or_insert_with(|| Bot::new(id))
    }

    pub(crate) fn user(&self, id: i64) -> Option<&User> {
        self.people
            .get(&id)
            .or_else(|| self.bots.get(&id).map(|bot| &bot.user))
    }

    pub(crate) fn thread(&self, place: Place) -> Option<&Thread> {
        match place {
            Place::Private { bot, person } => {
                self.privates.get(&(bot, person)).map(|chat| &chat.thread)
            }
            Place::Group(id) => self.groups.get(&id).map(|group| &group.thread),
        }
    }

    pub(crate) fn thread_mut(&mut self, place: Place) -> Option<&mut Thread> {
        match place {
            Place::Private { bot, person } => self
                .privates
                .get_mut(&(bot, person))
                .map(|chat| &mut chat.thread),
            Place::Group(id) => self.groups.get_mut(&id).map(|group| &mut group.thread),
        }
    }

    pub(crate) fn message(&self, place: Place, id: i64) -> Option<&Message> {
        self.thread(place)?.messages.get(&id)
    }

    pub(crate) fn message_mut(&mut self, place: Place, id: i64) -> Option<&mut Message> {
        self.thread_mut(place)?.messages.get_mut(&id)
    }

    /// Puts a message into a chat that exists, numbers it, and gives its id.
    pub(crate) fn post(&mut self, place: Place, mut message: Message) -> i64 {
        let counter = match place {
            Place::Private { bot, .. } => &mut self.bot(bot).last_message,
            Place::Group(id) => match self.groups.get_mut(&id) {
                Some(group) => &mut group.last_message,
                None => return 0,
            },
        };
        *counter += 1;
        let id = *counter;
        message.id = id;
        if let Some(thread) = self.thread_mut(place) {
            thread.typing_until = 0;
            thread.messages.insert(id, message);
            if thread.messages.len() > MAX_MESSAGES {
                thread.messages.pop_first();
            }
        }
        id
    }

    /// A standing in a group; whoever was never there has left.
    pub(crate) fn status(&self, group: i64, user: i64) -> Status {
        self.groups
            .get(&group)
            .and_then(|group| group.members.get(&user))
            .copied()
            .unwrap_or(Status::Left)
    }

    /// The bots that are in this chat.
    pub(crate) fn bots_in(&self, place: Place) -> Vec<i64> {
        match place {
            Place::Private { bot, .. } => vec![bot],
            Place::Group(id) => self.groups.get(&id).map_or_else(Vec::new, |group| {
                let inside = |(user, status): (&i64, &Status)| {
                    (status.is_inside() && self.bots.contains_key(user)).then_some(*user)
                };
                group.members.iter().filter_map(inside).collect()
            }),
        }
    }

    pub(crate) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }
}

impl Bot {
    fn new(id: i64) -> Self {
        let user = User {
            id,
            is_bot: true,
            first_name: format!("Bot {id}"),
            username: Some(format!("sandbox_{id}_bot")),
            ..User::default()
        };
        Self {
            user,
            secret: None,
            queue: Queue::new(id),
            limits: Limits::default(),
            last_message: 0,
            commands: BTreeMap::new(),
            texts: BTreeMap::new(),
            links: HashMap::new(),
        }
    }
}

impl Group {
    pub(crate) fn new(title: String, is_super: bool) -> Self {
        Self {
            title,
            is_super,
            members: BTreeMap::new(),
            thread: Thread::default(),
            last_message: 0,
            migrated_to: None,
        }
    }
}

impl Place {
    /// The id under which bots know the chat.
    pub(crate) fn chat_id(self) -> i64 {
        match self {
            Self::Private { person, .. } => person,
            Self::Group(id) => id,
        }
    }
}
