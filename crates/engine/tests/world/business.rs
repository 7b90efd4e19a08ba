//! What a desk remembers of clients, money and broadcasts, for stories.

use std::collections::BTreeMap;

use engine::{
    broadcast::{Audience, Broadcast, BroadcastId, Counts, Fate, Preview, Recipient},
    client::{Client, Email},
    decide::Decision,
    event::Event,
    facts::{Facts, Need, Records},
    ids::{ChatRef, MessageRef},
    money::{Currency, Money},
    payment::{Looks, Payment, PaymentId, Picture, Proof, Reading, Stage, Unread},
    records::{Change, Entry, EntryId},
    reminder::{Due, Outcome, Reminder},
    sheet::{LastReading, Sheet, Tariff},
};
use jiff::civil::Date;

use super::World;

#[derive(Default)]
pub(crate) struct Business {
    pub(crate) clients: Vec<Client>,
    pub(crate) tariffs: Vec<Tariff>,
    pub(crate) payments: BTreeMap<PaymentId, Payment>,
    pub(crate) entries: BTreeMap<EntryId, Entry>,
    pub(crate) last: LastReading,
    pub(crate) reminded: BTreeMap<Reminder, Outcome>,
    pub(crate) broadcasts: BTreeMap<BroadcastId, (Broadcast, Recipients)>,
    /// Pictures that wait to be read.
    pub(crate) unread: Vec<(ChatRef, engine::ids::TicketId, Vec<MessageRef>)>,
}

/// Who gets it, what became of it, and whether it was queued.
type Recipients = Vec<(Recipient, Option<Fate>, bool)>;

pub(crate) fn tariff(name: &str, amount: &str, currency: &str, days: u16) -> Tariff {
    let (amount, currency) = (amount.parse().unwrap(), Currency::read(currency).unwrap());
    Tariff {
        name: name.to_owned(),
        price: Money { amount, currency },
        days,
    }
}

impl World {
    pub(super) fn look_up_business(&mut self, need: Need, facts: &mut Facts) {
        let business = &self.business;
        match need {
            Need::Client(email) => {
                let found = business.clients.iter().find(|client| client.email == email);
                let found = found.cloned();
                facts.know_client(email, found);
            }
            Need::Tariffs => facts.know_tariffs(business.tariffs.clone()),
            Need::Payment(id) => facts.know_payment(id, business.payments.get(&id).cloned()),
            Need::Seen(proof) => {
                let seen = business.payments.values();
                let seen = seen.filter_map(|known| Some((is_seen(known, &proof)?, known)));
                let found = seen.min_by_key(|(rank, _)| *rank);
                let found = found.map(|(_, known)| known.clone());
                facts.know_seen(proof, found);
            }
            Need::PaymentNumber => {
                let number = i64::try_from(business.payments.len()).unwrap() + 1;
                facts.know_payment_number(PaymentId(number));
            }
            Need::Records => facts.know_records(Records {
                last: business.last.clone(),
                clients: business.clients.clone(),
                tariffs: business.tariffs.clone(),
            }),
            Need::Due(day) => {
                let due = self.due(day);
                facts.know_due(day, due);
            }
            Need::Preview(audience) => {
                let preview = self.preview(&audience);
                facts.know_preview(audience, preview);
            }
            Need::Broadcast(id) => {
                let found = business.broadcasts.get(&id);
                facts.know_broadcast(id, found.map(|(one, to)| (one.clone(), counts(to))));
            }
            Need::Waiting(id, most) => {
                let waiting = business.broadcasts[&id].1.iter();
                let waiting = waiting.filter(|(_, fate, given)| fate.is_none() && !given);
                let next = waiting.take(most as usize).map(|(to, _, _)| to.clone());
                facts.know_waiting(id, most, next.collect());
            }
            Need::BroadcastNumber => {
                let number = i64::try_from(business.broadcasts.len()).unwrap() + 1;
                facts.know_broadcast_number(BroadcastId(number));
            }
            Need::Entry(id) => facts.know_entry(id, business.entries.get(&id).cloned()),
            Need::EntryNumber => {
                let number = i64::try_from(business.entries.len()).unwrap() + 1;
                facts.know_entry_number(EntryId(number));
            }
            Need::Chats(email) => {
                let chats = self.chats_of(&email);
                facts.know_chats(email, chats);
            }
            other => panic!("{other:?} is no business"),
        }
    }

    fn chats_of(&self, email: &Email) -> Vec<ChatRef> {
        let all = self.conversations.values();
        let theirs = all.filter(|c| {
            c.client
                .as_ref()
                .is_some_and(|client| client.email == *email)
        });
        theirs.map(|c| c.who.chat.clone()).collect()
    }

    fn due(&self, day: Date) -> Vec<Due> {
        let mut due = Vec::new();
        for client in &self.business.clients {
            for days in &self.policy.reminders.days {
                let on = day.saturating_add(jiff::Span::new().days(i64::from(*days)));
                let reminder = Reminder {
                    client: client.email.clone(),
                    paid_until: on,
                    days: *days,
                };
                if client.paid_until != Some(on) || self.business.reminded.contains_key(&reminder) {
                    continue;
                }
                let mut chats: Vec<_> = self
                    .chats_of(&client.email)
                    .iter()
                    .map(|chat| &self.conversations[chat])
                    .filter(|c| !c.blocked)
                    .map(|c| (c.who.clone(), c.heard_at))
                    .collect();
                chats.sort_by_key(|(_, heard)| std::cmp::Reverse(*heard));
                due.push(Due { reminder, chats });
            }
        }
        due
    }

    fn recipients(&self, audience: &Audience) -> Vec<Recipient> {
        let meant = |client: &&Client| {
            let tariff = client.tariff.as_ref();
            audience.everybody || tariff.is_some_and(|name| audience.tariffs.contains(name))
        };
        let clients = self.business.clients.iter().filter(meant);
        let reached = clients.filter_map(|client| {
            let chat = self.chats_of(&client.email).first()?.clone();
            Some(Recipient {
                client: client.email.clone(),
                name: self.conversations[&chat].who.name.clone(),
                chat,
            })
        });
        reached.collect()
    }

    fn preview(&self, audience: &Audience) -> Preview {
        let mut preview = BTreeMap::new();
        for recipient in self.recipients(audience) {
            *preview.entry(recipient.chat.channel).or_default() += 1;
        }
        preview.into_iter().collect()
    }

    /// What a decision does to the business, before its effects.
    pub(super) fn apply_business(&mut self, decision: &mut Decision) {
        if let Some(email) = decision.new_client.take() {
            self.business.clients.push(Client::new(email));
        }
        for client in decision.clients.drain(..) {
            self.tell(&format!("  ✎ {}", shown(&client)));
            let known = self
                .business
                .clients
                .iter_mut()
                .find(|known| known.email == client.email);
            match known {
                Some(known) => *known = client.clone(),
                None => self.business.clients.push(client.clone()),
            }
            for conversation in self.conversations.values_mut() {
                if conversation
                    .client
                    .as_ref()
                    .is_some_and(|known| known.email == client.email)
                {
                    conversation.client = Some(client.clone());
                }
            }
            for conversation in &mut decision.conversations {
                if conversation
                    .client
                    .as_ref()
                    .is_some_and(|known| known.email == client.email)
                {
                    conversation.client = Some(client.clone());
                }
            }
        }
        for payment in decision.payments.drain(..) {
            self.business.payments.insert(payment.id, payment);
        }
        for entry in decision.entries.drain(..) {
            self.enter(entry);
        }
        if let Some(tariffs) = decision.tariffs.take() {
            self.business.tariffs = tariffs;
        }
        if let Some(last) = decision.reading.take() {
            self.business.last = last;
        }
        for (reminder, outcome) in decision.reminded.drain(..) {
            let before = self.business.reminded.insert(reminder, outcome);
            assert!(before.is_none(), "a reminder was settled twice");
        }
        if let Some(broadcast) = decision.broadcast.take() {
            let known = self.business.broadcasts.remove(&broadcast.id);
            let recipients = if let Some((_, recipients)) = known {
                recipients
            } else {
                let all = self.recipients(&broadcast.audience).into_iter();
                all.map(|to| (to, None, false)).collect()
            };
            self.business
                .broadcasts
                .insert(broadcast.id, (broadcast, recipients));
        }
        for (id, chat) in decision.given.drain(..) {
            let (_, recipients) = self.business.broadcasts.get_mut(&id).unwrap();
            let to = recipients
                .iter_mut()
                .find(|(to, _, _)| to.chat == chat)
                .unwrap();
            assert!(!to.2, "somebody is given it twice");
            to.2 = true;
        }
    }

    fn enter(&mut self, entry: Entry) {
        let undone = entry.undone.is_some();
        let rename = |business: &mut Business, from: &Email, to: &Email| {
            let known = business
                .clients
                .iter_mut()
                .find(|client| client.email == *from);
            known.unwrap().email = to.clone();
        };
        match &entry.change {
            Change::Field { .. } => {}
            Change::Renamed { old, new } if undone => rename(&mut self.business, new, old),
            Change::Renamed { old, new } => rename(&mut self.business, old, new),
            Change::Merged { gone, .. } if undone => {
                self.business.clients.push(gone.clone().into());
            }
            Change::Merged { gone, .. } => {
                self.business
                    .clients
                    .retain(|client| client.email != gone.email);
            }
        }
        self.business.entries.insert(entry.id, entry);
    }

    pub(crate) fn arrive_bulk(&mut self, id: BroadcastId, to: &ChatRef, fate: Fate) {
        let (_, recipients) = self.business.broadcasts.get_mut(&id).unwrap();
        let one = recipients
            .iter_mut()
            .find(|(one, _, _)| one.chat == *to)
            .unwrap();
        one.1 = Some(fate);
    }

    /// The oldest pictures that wait are read; of an album each has its text behind `+`.
    pub(crate) fn reads(&mut self, texts: &str) {
        let (chat, ticket, pictures) = self.business.unread.remove(0);
        let texts = texts.split(" + ").chain(std::iter::repeat(""));
        let read = |(at, text): (MessageRef, &str)| {
            let (text, looks) = match text.strip_prefix('!') {
                Some(why) => {
                    let why = serde_json::from_value(serde_json::json!(why));
                    (Err::<String, Unread>(why.unwrap()), None)
                }
                None => (Ok(text.replace(" / ", "\n")), Some(looks(text))),
            };
            Picture { at, text, looks }
        };
        let pictures = pictures.into_iter().zip(texts).map(read).collect();
        self.happen(&Event::Read(Reading {
            chat,
            ticket,
            pictures,
        }));
    }

    pub(crate) fn sheet(&mut self, clients: &str, tariffs: &str) {
        let table = |text: &str| {
            let row = |line: &str| {
                line.split(", ")
                    .map(|cell| cell.trim().to_owned())
                    .collect()
            };
            text.split(" / ").map(row).collect()
        };
        let sheet = Ok(Sheet {
            clients: table(clients),
            tariffs: table(tariffs),
        });
        self.happen(&Event::Sheet { asked: None, sheet });
    }
}

fn shown(client: &Client) -> String {
    let until = client
        .paid_until
        .map_or("–".to_owned(), |date| date.to_string());
    let tariff = client.tariff.as_deref().unwrap_or("–");
    format!("{}: {tariff}, {until}", client.email)
}

fn looks(text: &str) -> Looks {
    let mix = |sum: u64, byte: u8| sum.wrapping_mul(31).wrapping_add(u64::from(byte));
    Looks(
        text.bytes()
            .fold(7, mix)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15),
    )
}

/// Whether a payment was seen with this proof; the smaller, the more it has in common with it.
fn is_seen(known: &Payment, proof: &Proof) -> Option<u8> {
    let number = known.transaction.as_deref();
    let alike = known
        .looks
        .is_some_and(|looks| proof.looks_like(looks, number));
    let counts = match known.stage {
        Stage::Credited(_) => true,
        Stage::Asked | Stage::Dismissed { .. } | Stage::Undone { .. } => false,
    };
    let common = [
        known.picture == proof.picture,
        number.is_some() && known.transaction == proof.transaction,
        alike,
        counts && known.ticket == proof.ticket,
    ];
    (0..)
        .zip(common)
        .find_map(|(rank, yes)| yes.then_some(rank))
}

fn counts(recipients: &Recipients) -> Counts {
    let mut counts = Counts::default();
    for (_, fate, given) in recipients {
        match (fate, given) {
            (None, false) => counts.waiting += 1,
            (None, true) => counts.under_way += 1,
            (Some(Fate::Sent), _) => counts.sent += 1,
            (Some(Fate::Blocked), _) => counts.blocked += 1,
            (Some(Fate::Failed { .. }), _) => counts.failed += 1,
            (Some(Fate::Unknown), _) => counts.unknown += 1,
        }
    }
    counts
}
