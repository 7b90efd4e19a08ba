//! A desk without a database and without messengers, for stories: a script goes in, a transcript
//! comes out. What is sent arrives at once, unless the story says otherwise.

pub(crate) mod business;
pub(crate) mod script;
mod transcript;

use std::collections::{BTreeMap, BTreeSet};

use engine::{
    content::{Content, Said},
    decide::{Decision, decide},
    desk::{Dialog, Focus, Operator},
    effect::{Effect, Purpose, Say},
    event::{Event, Fate, Person, Place, Pressed, Profile, Receipt, Timer, Wrote},
    facts::{Facts, Known, Need},
    ids::{ChannelId, ChatRef, DeliveryId, MessageRef, PersonRef, TicketId},
    phrases::{Locale, Phrases},
    policy::{Policy, Window},
    reminder::{Reminder, Schedule},
    scenario::{DialogPlace, Scenario, built_in},
    ticket::{Closed, Conversation, Kept, Rated, Stage},
};
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

/// Everything that a desk remembers, and what a story does to it.
pub(crate) struct World {
    pub(crate) policy: Policy,
    pub(crate) now: Timestamp,
    pub(crate) conversations: BTreeMap<ChatRef, Conversation>,
    pub(crate) closed: BTreeMap<TicketId, (ChatRef, Closed)>,
    pub(crate) operators: BTreeMap<PersonRef, (Person, Focus)>,
    pub(crate) history: Vec<Kept>,
    pub(crate) business: business::Business,
    pub(crate) ratings: BTreeMap<TicketId, u8>,
    /// Messages that an update showed only in part, whole.
    pub(crate) wholes: BTreeMap<MessageRef, Vec<Said>>,
    pub(crate) members: BTreeSet<PersonRef>,
    /// Chats that the bot may not write to.
    pub(crate) silent: BTreeSet<ChatRef>,
    /// The messengers are down for reminders; those that wait for them.
    pub(crate) down: bool,
    pub(crate) held: Vec<(Reminder, Say)>,
    /// Chats to which nothing of a broadcast leaves for now.
    pub(crate) away: BTreeSet<ChatRef>,
    /// (origin, chat) → the message in that chat.
    pub(crate) twins: BTreeMap<(MessageRef, ChatRef), MessageRef>,
    pub(crate) keyboards: BTreeMap<MessageRef, Vec<engine::effect::Key>>,
    pub(crate) sent: Vec<(DeliveryId, Effect)>,
    timers: BTreeMap<String, (Timer, Timestamp)>,
    texts: BTreeMap<MessageRef, String>,
    numbers: BTreeMap<ChatRef, u32>,
    tickets: i64,
    pub(crate) transcript: String,
}

pub(crate) fn telegram() -> ChannelId {
    ChannelId::new("telegram")
}

/// Another messenger, on which people can be answered for a day, by a person for a week, and whose
/// updates do not name them.
pub(crate) fn other() -> ChannelId {
    ChannelId::new("other")
}

/// Whose names begin with «other-» write from the other messenger.
pub(crate) fn channel(name: &str) -> ChannelId {
    if name.starts_with("other-") {
        other()
    } else {
        telegram()
    }
}

pub(crate) fn chat(name: &str) -> ChatRef {
    ChatRef::new(&channel(name), name)
}

pub(crate) fn person(name: &str) -> Person {
    let known = channel(name) == telegram();
    Person {
        id: PersonRef::new(&channel(name), name),
        chat: chat(name),
        name: if known {
            name.to_owned()
        } else {
            String::new()
        },
        username: None,
        language: None,
    }
}

pub(crate) fn policy(scenario: &str, dialog: DialogPlace) -> Policy {
    let window = Window {
        open: SignedDuration::from_hours(24),
        by_person: SignedDuration::from_hours(7 * 24),
    };
    Policy {
        scenario: Scenario::read(built_in(scenario).unwrap()).unwrap(),
        phrases: Phrases::built_in(Locale::Ru),
        dialog,
        group: chat("group"),
        titles: BTreeMap::from([
            (telegram(), "Telegram".to_owned()),
            (other(), "Другой".to_owned()),
        ]),
        windows: BTreeMap::from([(other(), window)]),
        region: "RU".to_owned(),
        timezone: TimeZone::UTC,
        keep_media: false,
        reads: true,
        owners: BTreeMap::from([(person("boss").id, chat("boss"))]),
        sheet_every: None,
        reminders: Schedule {
            time: civil::time(13, 0, 0, 0),
            days: vec![3, 1, 0],
        },
    }
}

pub(crate) fn at(hour: i8, minute: i8) -> Timestamp {
    let time = civil::date(2026, 11, 20).at(hour, minute, 0, 0);
    time.to_zoned(TimeZone::UTC).unwrap().timestamp()
}

impl World {
    /// A desk with two operators in the group, who have pressed /start.
    pub(crate) fn new(scenario: &str, dialog: DialogPlace) -> Self {
        let mut world = Self {
            policy: policy(scenario, dialog),
            now: at(9, 0),
            conversations: BTreeMap::new(),
            closed: BTreeMap::new(),
            operators: BTreeMap::new(),
            history: Vec::new(),
            business: business::Business::default(),
            ratings: BTreeMap::new(),
            wholes: BTreeMap::new(),
            members: BTreeSet::new(),
            silent: BTreeSet::new(),
            down: false,
            held: Vec::new(),
            away: BTreeSet::new(),
            twins: BTreeMap::new(),
            keyboards: BTreeMap::new(),
            sent: Vec::new(),
            timers: BTreeMap::new(),
            texts: BTreeMap::new(),
            numbers: BTreeMap::new(),
            tickets: 0,
            transcript: String::new(),
        };
        for name in ["olga", "petr"] {
            world.members.insert(person(name).id);
            world
                .conversations
                .insert(chat(name), Conversation::new(person(name)));
        }
        world
    }

    pub(crate) fn next_message(&mut self, chat: &ChatRef) -> MessageRef {
        let number = self.numbers.entry(chat.clone()).or_default();
        *number += 1;
        chat.message(number.to_string())
    }

    /// Time passes; what was waited for until then happens.
    pub(crate) fn wait_until(&mut self, until: Timestamp) {
        while let Some((key, due)) = self
            .timers
            .iter()
            .filter(|(_, (_, due))| *due <= until)
            .min_by_key(|(_, (_, due))| *due)
            .map(|(key, (_, due))| (key.clone(), *due))
        {
            self.now = self.now.max(due);
            let (timer, _) = self.timers.remove(&key).unwrap();
            self.happen(&Event::Due(timer));
        }
        self.now = self.now.max(until);
    }

    pub(crate) fn write(&mut self, name: &str, content: Content) -> MessageRef {
        self.write_in(Place::Private, name, content)
    }

    pub(crate) fn write_in(&mut self, place: Place, name: &str, content: Content) -> MessageRef {
        let who = person(name);
        let chat = match place {
            Place::Private => who.chat.clone(),
            Place::Desk => self.policy.group.clone(),
        };
        let at = self.next_message(&chat);
        self.texts.insert(at.clone(), content.text.text.clone());
        let event = Event::Wrote(Wrote {
            who,
            place,
            at: at.clone(),
            content,
            also: Vec::new(),
            partial: false,
        });
        self.happen(&event);
        at
    }

    pub(crate) fn press(&mut self, name: &str, at: MessageRef, data: String) {
        let group = at.chat == self.policy.group;
        let event = Event::Pressed(Pressed {
            who: person(name),
            place: if group { Place::Desk } else { Place::Private },
            press: format!("press-{}-{}", at.id, name),
            at,
            data,
        });
        self.happen(&event);
    }

    /// Something happens, and all that follows from it.
    pub(crate) fn happen(&mut self, event: &Event) {
        let decision = self.decided(event);
        self.apply(decision);
    }

    fn decided(&mut self, event: &Event) -> Decision {
        let mut facts = Facts::default();
        for _ in 0..20 {
            match decide(event, &facts, &self.policy, self.now) {
                Ok(decision) => return decision,
                Err(need) => self.look_up(need, &mut facts),
            }
        }
        panic!("the rules ask without end about {event:?}");
    }

    fn look_up(&mut self, need: Need, facts: &mut Facts) {
        match need {
            Need::Customer(chat) => {
                let found = self.conversations.get(&chat).cloned();
                facts.know_customer(chat, found);
            }
            Need::Ticket(id) => {
                let open = self.conversations.values().find(|c| is_of(c, id));
                let closed = || self.conversations.get(&self.closed.get(&id)?.0);
                facts.know_ticket(id, open.or_else(closed).cloned());
            }
            Need::Operator(person) => {
                let found = self.operator(&person);
                facts.know_operator(person, found);
            }
            Need::Membership(person) => {
                let inside = self.members.contains(&person);
                facts.know_membership(person, inside);
            }
            Need::Message(message) => {
                let found = self.known(&message);
                facts.know_message(message, found);
            }
            Need::Dialog(ticket) => {
                let said = self.history.iter().filter(|kept| kept.ticket == ticket);
                facts.know_dialog(ticket, said.cloned().collect());
            }
            Need::Number => {
                self.tickets += 1;
                facts.know_number(TicketId(self.tickets));
            }
            Need::Whole(message) => {
                let found = self.wholes.get(&message).cloned();
                facts.know_whole(message, found);
            }
            Need::Profile(person) => {
                let name = person.id.trim_start_matches("other-").to_owned();
                let found = (name != "nobody").then_some(Profile {
                    name,
                    username: None,
                    language: None,
                });
                facts.know_profile(person, found);
            }
            Need::Open => {
                let open = self.conversations.values().filter(|c| c.ticket.is_some());
                facts.know_open(open.count() as u64);
            }
            need @ (Need::Client(_)
            | Need::Tariffs
            | Need::Payment(_)
            | Need::Seen(_)
            | Need::PaymentNumber
            | Need::Records
            | Need::Due(_)
            | Need::Preview(_)
            | Need::Broadcast(_)
            | Need::Unfinished
            | Need::Waiting(_)
            | Need::BroadcastNumber
            | Need::Entry(_)
            | Need::EntryNumber
            | Need::Chats(_)) => self.look_up_business(need, facts),
        }
    }

    fn operator(&self, person: &PersonRef) -> Option<Operator> {
        let (who, focus) = self.operators.get(person)?;
        let mut dialogs: Vec<Dialog> = self
            .conversations
            .values()
            .filter_map(|c| {
                let ticket = c.ticket.as_ref()?;
                match &ticket.stage {
                    Stage::Assigned(a) if a.operator == *person && !a.abandoned => Some(Dialog {
                        ticket: ticket.id,
                        customer: c.who.name.clone(),
                    }),
                    Stage::Assigned(_) | Stage::Waiting(_) => None,
                }
            })
            .collect();
        dialogs.sort_by_key(|dialog| dialog.ticket);
        Some(Operator {
            who: who.clone(),
            dialogs,
            focus: focus.clone(),
        })
    }

    fn known(&self, message: &MessageRef) -> Option<Known> {
        let origin = self
            .twins
            .iter()
            .find(|(_, twin)| *twin == message)
            .map_or(message, |((origin, _), _)| origin);
        let kept = self.history.iter().rfind(|kept| kept.said.at == *origin);
        let is_twin = origin != message;
        (kept.is_some() || is_twin).then(|| Known {
            origin: origin.clone(),
            ticket: kept.map(|kept| kept.ticket),
            content: kept.map(|kept| kept.said.content.clone()),
        })
    }

    fn apply(&mut self, mut decision: Decision) {
        self.apply_business(&mut decision);
        if let Some(closed) = decision.closed {
            let chat = decision.conversations[0].who.chat.clone();
            let before = self.closed.insert(closed.ticket, (chat, closed));
            assert!(before.is_none(), "a ticket was closed twice");
        }
        if let Some(Rated { ticket, stars }) = decision.rated {
            assert!(
                self.closed.contains_key(&ticket),
                "only what is over is rated"
            );
            let before = self.ratings.insert(ticket, stars);
            assert!(before.is_none(), "a ticket was rated twice");
        }
        for mut conversation in decision.conversations {
            // What is kept between two events is what a database would give back.
            conversation.session = reread(&conversation.session);
            if let Some(ticket) = &mut conversation.ticket {
                ticket.stage = reread(&ticket.stage);
            }
            self.conversations
                .insert(conversation.who.chat.clone(), conversation);
        }
        for operator in decision.operators {
            self.operators
                .insert(operator.who.id.clone(), (operator.who, operator.focus));
        }
        for said in decision.revised {
            let kept = self.history.iter_mut().find(|kept| kept.said.at == said.at);
            kept.expect("what is revised was kept").said = said;
        }
        self.history.extend(decision.history);
        for (timer, due) in decision.timers {
            self.timers.insert(timer.key(), (timer, due));
        }
        if let Some(why) = decision.ignored {
            self.tell(&format!("({why})"));
        }
        for effect in decision.effects {
            self.deliver(effect);
        }
        for event in decision.events {
            self.happen(&event);
        }
    }

    fn deliver(&mut self, effect: Effect) {
        let delivery = DeliveryId(i64::try_from(self.sent.len()).unwrap() + 1);
        if let Effect::Again { delivery } = effect {
            let (_, again) = self.sent[usize::try_from(delivery.0).unwrap() - 1].clone();
            self.tell(&format!("  again {delivery}"));
            return self.deliver(again);
        }
        self.sent.push((delivery, effect.clone()));
        let (to, purpose) = match &effect {
            Effect::Say(say) => (say.to.clone(), say.purpose.clone()),
            Effect::Remind { reminder, say } => {
                let (reminder, say) = (reminder.clone(), say.clone());
                if self.down {
                    self.held.push((reminder, say));
                } else {
                    self.remind(reminder, say);
                }
                return;
            }
            Effect::Relay(relay) => (relay.to.clone(), relay.purpose.clone()),
            Effect::Revise(revise) => (revise.to.clone(), revise.purpose.clone()),
            Effect::Card(card) => (card.to.clone(), Purpose::Nothing),
            Effect::Bulk { broadcast, to, .. } => {
                if self.away.contains(to) {
                    return;
                }
                if self.silent.contains(to) {
                    self.arrive_bulk(*broadcast, to, engine::broadcast::Fate::Blocked);
                    (to.clone(), Purpose::Notice)
                } else {
                    self.arrive(&effect);
                    self.arrive_bulk(*broadcast, to, engine::broadcast::Fate::Sent);
                    return;
                }
            }
            Effect::Recognise { chat, ticket, said } => {
                let pictures = said.iter().map(|said| said.at.clone()).collect();
                let unread = &mut self.business.unread;
                unread.push((chat.clone(), *ticket, pictures));
                return;
            }
            Effect::Answer(_)
            | Effect::ReadSheet { .. }
            | Effect::StripKeys { .. }
            | Effect::Keep { .. }
            | Effect::Mark { .. }
            | Effect::Board { .. }
            | Effect::Again { .. } => {
                self.arrive(&effect);
                return;
            }
        };
        let arrives = !self.silent.contains(&to);
        if arrives {
            self.arrive(&effect);
        } else {
            self.tell(&format!("  ✗ {}", to.id));
        }
        let fate = if arrives { Fate::Delivered } else { Fate::Gone };
        let awaited = if arrives {
            purpose.awaits_success()
        } else {
            purpose.awaits_failure()
        };
        if awaited {
            let effect = (!arrives).then(|| Box::new(effect));
            self.happen(&Event::Receipt(Receipt {
                delivery,
                to,
                purpose,
                fate,
                effect,
            }));
        }
    }
}

fn reread<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

fn is_of(conversation: &Conversation, id: TicketId) -> bool {
    conversation
        .ticket
        .as_ref()
        .is_some_and(|ticket| ticket.id == id)
}
