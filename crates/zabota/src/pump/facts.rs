//! The facts that rules ask for, from the database or from a messenger.
//!
//! A messenger may take its time or be away: whoever waits for it gives up their place, so that other
//! chats go on.

use std::{collections::HashMap, time::Duration};

use channels::{Channel, Undelivered};
use engine::{
    broadcast::{self, BroadcastId},
    client::Email,
    content::Said,
    event::Profile,
    facts::{DIALOG, Facts, Known, Need, Records},
    ids::{ChannelId, ChatRef, MessageRef, PersonRef, TicketId},
    reminder,
};
use jiff::Timestamp;
use store::{Store, Version};

use super::{Failed, Place, Pump};
use crate::desk::Desk;

/// So often a message is looked for that may just have been sent, and how long between: together a
/// call and the writing down of it, hardly ever more.
const LOOKS: u32 = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// The facts of one decision, with the versions they were read at.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) facts: Facts,
    conversations: Vec<(ChatRef, Version)>,
    operators: Vec<(PersonRef, Version)>,
    clients: HashMap<Email, Version>,
    broadcasts: Vec<(BroadcastId, Version)>,
    reading: Version,
}

impl Loaded {
    pub(super) async fn look_up(
        &mut self,
        pump: &Pump,
        need: Need,
        place: &mut Place<'_>,
        now: Timestamp,
    ) -> Result<(), Failed> {
        let (desk, store) = (&*pump.desk, &pump.desk.store);
        match need {
            Need::Customer(chat) => self.customer(store, chat).await?,
            Need::Ticket(ticket) => self.ticket(store, ticket).await?,
            Need::Operator(person) => self.operator(store, person).await?,
            Need::Membership(person) => {
                place.give_up();
                let inside = is_member(desk, &person, now).await;
                let inside = inside.map_err(|failed| unanswered("membership", &failed))?;
                self.facts.know_membership(person, inside);
            }
            Need::Message(message) => {
                let found = message_of(desk, &message, place).await?;
                self.facts.know_message(message, found);
            }
            Need::Dialog(ticket) => {
                self.facts
                    .know_dialog(ticket, store.dialog(ticket, DIALOG).await?);
            }
            Need::Number => self.facts.know_number(store.next_ticket().await?),
            Need::Whole(message) => {
                place.give_up();
                let found = whole(desk, &message).await?;
                self.facts.know_whole(message, found);
            }
            Need::Profile(person) => {
                place.give_up();
                let found = profile(pump, &person, now).await;
                self.facts.know_profile(person, found);
            }
            Need::Client(email) => {
                let found = store.client_versioned(&email).await?;
                let version = found.as_ref().map_or(0, |(_, version)| *version);
                self.read_client(&email, version);
                self.facts
                    .know_client(email, found.map(|(client, _)| client));
            }
            Need::Chats(email) => {
                let chats = store.chats(&email).await?;
                self.facts.know_chats(email, chats);
            }
            Need::Open => self.facts.know_open(store.open_count().await?),
            Need::Tariffs => self.facts.know_tariffs(store.tariffs().await?),
            Need::Payment(id) => self.facts.know_payment(id, store.payment(id).await?),
            Need::Seen(proof) => {
                let found = store.seen(&proof, now).await?;
                self.facts.know_seen(proof, found);
            }
            Need::PaymentNumber => {
                let number = store.next_payment().await?;
                self.facts.know_payment_number(number);
            }
            Need::Records => self.records(store).await?,
            Need::Due(day) => {
                let days = &desk.policy.reminders.days;
                let due = store.due_reminders(day, days, reminder::AT_ONCE).await?;
                self.facts.know_due(day, due);
            }
            Need::Preview(audience) => {
                let closed = desk.policy.closed_since(now);
                let preview = store.preview(&audience, &closed).await?;
                self.facts.know_preview(audience, preview);
            }
            Need::Broadcast(id) => {
                let found = store.broadcast(id).await?;
                let found = found.map(|(broadcast, version, counts)| {
                    self.broadcasts.push((id, version));
                    (broadcast, counts)
                });
                self.facts.know_broadcast(id, found);
            }
            Need::Unfinished => {
                let broadcasts = store.unfinished_broadcasts().await?;
                self.facts.know_unfinished(broadcasts);
            }
            Need::Waiting(id) => {
                let next = store.waiting(id, broadcast::AT_ONCE).await?;
                self.facts.know_waiting(id, next);
            }
            Need::BroadcastNumber => {
                let number = store.next_broadcast().await?;
                self.facts.know_broadcast_number(number);
            }
            Need::Entry(id) => self.facts.know_entry(id, store.entry(id).await?),
            Need::EntryNumber => self.facts.know_entry_number(store.next_entry().await?),
        }
        Ok(())
    }

    async fn customer(&mut self, store: &Store, chat: ChatRef) -> Result<(), Failed> {
        let found = store.found(&chat).await?;
        let version = found.as_ref().map_or(0, |found| found.version);
        self.conversations.push((chat.clone(), version));
        let conversation = found.map(|found| {
            let client = found.conversation.client.as_ref();
            if let (Some(client), Some(version)) = (client, found.of_client) {
                self.read_client(&client.email, version);
            }
            found.conversation
        });
        self.facts.know_customer(chat, conversation);
        Ok(())
    }

    async fn ticket(&mut self, store: &Store, ticket: TicketId) -> Result<(), Failed> {
        let found = store.of_ticket(ticket).await?;
        if let Some((conversation, version)) = &found {
            let chat = conversation.who.chat.clone();
            self.conversations.push((chat, *version));
        }
        self.facts
            .know_ticket(ticket, found.map(|(conversation, _)| conversation));
        Ok(())
    }

    async fn operator(&mut self, store: &Store, person: PersonRef) -> Result<(), Failed> {
        let found = store.operator(&person).await?;
        let version = found.as_ref().map_or(0, |(_, version)| *version);
        self.operators.push((person.clone(), version));
        self.facts
            .know_operator(person, found.map(|(operator, _)| operator));
        Ok(())
    }

    /// The commit proves all of it but the tariffs, which nobody writes but a reading.
    async fn records(&mut self, store: &Store) -> Result<(), Failed> {
        let (last, version) = store.last_reading().await?;
        self.reading = version;
        let mut clients = Vec::new();
        for (client, version) in store.all_clients().await? {
            self.read_client(&client.email, version);
            clients.push(client);
        }
        self.facts.know_records(Records {
            last,
            clients,
            tariffs: store.tariffs().await?,
        });
        Ok(())
    }

    fn read_client(&mut self, email: &Email, version: Version) {
        let read = self.clients.entry(email.clone()).or_insert(version);
        *read = version.min(*read);
    }

    /// The version that a client was read at; the oldest if it was read twice, 0 if there was none.
    pub(super) fn client_version(&self, email: &Email) -> Version {
        self.clients.get(email).copied().unwrap_or(0)
    }

    /// The same of a broadcast.
    pub(super) fn broadcast_version(&self, id: BroadcastId) -> Version {
        let read = self.broadcasts.iter().filter(|(read, _)| *read == id);
        read.map(|(_, version)| *version).min().unwrap_or(0)
    }

    /// The same of the sheet's last reading.
    pub(super) fn reading_version(&self) -> Version {
        self.reading
    }

    /// The version that a conversation was read at; the oldest if it was read twice.
    pub(super) fn version(&self, chat: &ChatRef) -> Version {
        let read = self.conversations.iter().filter(|(read, _)| read == chat);
        read.map(|(_, version)| *version).min().unwrap_or(0)
    }

    pub(super) fn operator_version(&self, person: &PersonRef) -> Version {
        let read = self.operators.iter().filter(|(read, _)| read == person);
        read.map(|(_, version)| *version).min().unwrap_or(0)
    }
}

async fn is_member(desk: &Desk, who: &PersonRef, now: Timestamp) -> Result<bool, Undelivered> {
    let group = &desk.policy.group;
    match desk.roles.is_member(&desk.telegram, group, who, now).await {
        Err(Undelivered::Moved(to)) => {
            desk.group_moved(group, &to);
            desk.roles.is_member(&desk.telegram, &to, who, now).await
        }
        answer => answer,
    }
}

/// Whoever answers at once may be faster than the word of where it stands: a message that is not known
/// is looked for until what is under way to its chat has been noted.
async fn message_of(
    desk: &Desk,
    message: &MessageRef,
    place: &mut Place<'_>,
) -> Result<Option<Known>, Failed> {
    let store = &desk.store;
    if let Some(found) = store.message(message).await? {
        return Ok(Some(found));
    }
    let mut under_way = store.under_way(&message.chat).await?;
    for _ in 0..LOOKS {
        let found = store.message(message).await?;
        if found.is_some() || under_way.is_empty() {
            return Ok(found);
        }
        place.give_up();
        tokio::time::sleep(BETWEEN_LOOKS).await;
        let still = store.under_way(&message.chat).await?;
        under_way.retain(|call| still.contains(call));
    }
    Ok(store.message(message).await?)
}

/// None if the message is not there any more: then what the update showed of it is all there is.
async fn whole(desk: &Desk, message: &MessageRef) -> Result<Option<Vec<Said>>, Failed> {
    let Some(channel) = channel(desk, &message.chat.channel) else {
        return Ok(None);
    };
    match channel.whole(message).await {
        Ok(found) => Ok(found),
        Err(Undelivered::Gone(_) | Undelivered::Moot(_) | Undelivered::Refused { .. }) => Ok(None),
        Err(failed) => Err(unanswered("the whole of a message", &failed)),
    }
}

async fn profile(pump: &Pump, who: &PersonRef, now: Timestamp) -> Option<Profile> {
    let channel = channel(&pump.desk, &who.channel)?;
    pump.names.of(who, now, channel.profile(who)).await
}

/// None if it has been taken out of the configuration.
fn channel<'a>(desk: &'a Desk, id: &ChannelId) -> Option<&'a dyn Channel> {
    desk.channels.get(id).map(|channel| &**channel)
}

/// The messenger could not be asked: the event waits until it can.
fn unanswered(what: &str, failed: &Undelivered) -> Failed {
    let at_least = match failed {
        Undelivered::Wait(pause) => *pause,
        Undelivered::Unreached(_)
        | Undelivered::Unknown(_)
        | Undelivered::Gone(_)
        | Undelivered::Moved(_)
        | Undelivered::Moot(_)
        | Undelivered::Locked(_)
        | Undelivered::Refused { .. } => Duration::ZERO,
    };
    Failed::Away(format!("{what} is not known: {failed}"), at_least)
}
