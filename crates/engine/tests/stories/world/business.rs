//! What a desk remembers of clients, money and broadcasts, for stories.

use std::collections::BTreeMap;

use engine::{
    broadcast::{
        Audience, Broadcast, BroadcastId, Counts, Fate, Preview, Reached, Recipient, Stage as Going,
    },
    client::{Client, Email},
    decide::Decision,
    effect::Effect,
    event::Event,
    facts::{Facts, Need, Records},
    ids::{ChatRef, MessageRef},
    money::{Currency, Money},
    payment::{Looks, Payment, PaymentId, Picture, Proof, Reading, Stage, Unread},
    records::{Change, Entry, EntryId},
    reminder::{self, Due, Noted, Outcome, Reminder},
    scenario::DialogPlace,
    sheet::{LastReading, Sheet, Tariff},
};
use jiff::civil::Date;

use super::{World, chat, script::play};

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

/// A desk with two tariffs.
pub(crate) fn desk() -> World {
    let mut world = World::new("subscription", DialogPlace::Group);
    world.business.tariffs = vec![
        tariff("Базовый", "199", "CNY", 30),
        tariff("Полный", "1990", "RUB", 365),
    ];
    world
}

/// A client who has said who they are; the transcript begins after it.
pub(crate) fn with_clients(names: &[&str]) -> World {
    let mut world = desk();
    for name in names {
        let plain = name.trim_start_matches("other-");
        play(
            &mut world,
            &format!("10:00 {name}: /start\n{name}: {plain}@mail.ru"),
        );
    }
    world.transcript.clear();
    world
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
            Need::Unfinished => {
                let all = business.broadcasts.values().map(|(one, _)| one);
                let going = all.filter(|one| one.stage != Going::Done);
                facts.know_unfinished(going.map(|one| one.id).collect());
            }
            Need::Waiting(id) => {
                let waiting = business.broadcasts[&id].1.iter();
                let waiting = waiting.filter(|(_, fate, given)| fate.is_none() && !given);
                let heard_at = |to: &Recipient| self.conversations[&to.chat].heard_at;
                let next = waiting.map(|(to, _, _)| (to.clone(), heard_at(to)));
                facts.know_waiting(id, next.collect());
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
                let theirs = self.chats_of(&client.email);
                let theirs = theirs.iter().map(|chat| &self.conversations[chat]);
                let (gone, here): (Vec<_>, Vec<_>) = theirs.partition(|c| c.blocked);
                let mut chats: Vec<_> = here.iter().map(|c| (c.who.clone(), c.heard_at)).collect();
                chats.sort_by_key(|(_, heard)| std::cmp::Reverse(*heard));
                due.push(Due {
                    reminder,
                    chats,
                    blocked: !gone.is_empty(),
                });
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
            let mut chats: Vec<_> = self
                .chats_of(&client.email)
                .into_iter()
                .filter(|chat| audience.channels.contains(&chat.channel))
                .filter(|chat| !self.conversations[chat].blocked)
                .collect();
            chats.sort_by_key(|chat| self.conversations[chat].heard_at);
            let chat = chats.pop()?;
            Some(Recipient {
                client: client.email.clone(),
                name: self.conversations[&chat].who.name.clone(),
                chat,
            })
        });
        reached.collect()
    }

    fn preview(&self, audience: &Audience) -> Preview {
        let mut preview: BTreeMap<_, Reached> = BTreeMap::new();
        let closed = self.policy.closed_since(self.now);
        for Recipient { chat, .. } in self.recipients(audience) {
            let channel = &chat.channel;
            let part = preview.entry(channel.clone()).or_insert(Reached {
                channel: channel.clone(),
                count: 0,
                closed: 0,
            });
            let heard_at = self.conversations[&chat].heard_at;
            let late = |(of, since): &(_, _)| of == channel && heard_at <= Some(*since);
            part.count += 1;
            part.closed += u64::from(closed.iter().any(late));
        }
        preview.into_values().collect()
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
        for noted in decision.reminded.drain(..) {
            if noted.outcome != Outcome::UnderWay {
                self.tell_noted(&noted);
            }
            let before = self.business.reminded.insert(noted.reminder, noted.outcome);
            assert!(before.is_none(), "a reminder was decided on twice");
        }
        if let Some(noted) = decision.learned.take() {
            self.tell_noted(&noted);
            let known = self.business.reminded.insert(noted.reminder, noted.outcome);
            assert_eq!(known, Some(Outcome::UnderWay), "it was under way");
        }
        if let Some(broadcast) = decision.broadcast.take() {
            let known = self.business.broadcasts.remove(&broadcast.id);
            let recipients = if let Some((_, recipients)) = known {
                recipients
            } else {
                let all = self.recipients(&broadcast.audience).into_iter();
                all.map(|to| (to, None, false)).collect()
            };
            let mut recipients = recipients;
            if broadcast.stage != Going::Running {
                let on_their_way = recipients.iter_mut().filter(|(_, fate, _)| fate.is_none());
                on_their_way.for_each(|(_, _, given)| *given = false);
            }
            let id = broadcast.id;
            self.business.broadcasts.insert(id, (broadcast, recipients));
        }
        for (id, chat) in decision.given.drain(..) {
            let given = self.one_of_many(id, &chat);
            assert!(!given.2, "somebody is given it twice");
            given.2 = true;
        }
        for (id, chat, fate) in decision.missed.drain(..) {
            let missed = self.one_of_many(id, &chat);
            assert!(!missed.2, "somebody who was given it is missed");
            missed.1 = Some(fate);
        }
    }

    fn tell_noted(&mut self, noted: &Noted) {
        let Noted {
            reminder, outcome, ..
        } = noted;
        self.tell(&format!("  ⏰ {}: {outcome:?}", reminder.client));
    }

    /// A reminder leaves, if it may; what became of it is known at once.
    pub(crate) fn remind(&mut self, reminder: Reminder, say: engine::effect::Say) {
        let known = self.conversations.get(&say.to);
        let withheld = reminder::withheld(&reminder, known, &self.policy, self.now);
        let to = Some(say.to.clone());
        let outcome = match withheld {
            Some(outcome) => outcome,
            None if self.silent.contains(&say.to) => Outcome::Blocked,
            None => {
                self.arrive(&Effect::Say(say));
                Outcome::Sent
            }
        };
        self.happen(&Event::Reminded(Noted {
            reminder,
            to,
            outcome,
        }));
    }

    fn enter(&mut self, entry: Entry) {
        let undone = entry.undone.is_some();
        match &entry.change {
            Change::Field { .. } => {}
            Change::Renamed { old, new } if undone => self.rename(new, old),
            Change::Renamed { old, new } => self.rename(old, new),
            Change::Merged {
                gone,
                before,
                chats,
            } => {
                let clients = &mut self.business.clients;
                let owner = if undone {
                    clients.push(gone.clone().into());
                    &gone.email
                } else {
                    clients.retain(|client| client.email != gone.email);
                    &before.email
                };
                self.tell(&format!("  ⇄ {} is of {owner}", names(chats)));
                self.give(chats, owner);
            }
        }
        self.business.entries.insert(entry.id, entry);
    }

    fn rename(&mut self, from: &Email, to: &Email) {
        self.tell(&format!("  ✎ {from} → {to}"));
        let theirs = self.chats_of(from);
        let mut clients = self.business.clients.iter_mut();
        let known = clients.find(|client| client.email == *from);
        known.unwrap().email = to.clone();
        self.give(&theirs, to);
    }

    /// These chats are of the client with this address from now on.
    fn give(&mut self, chats: &[ChatRef], owner: &Email) {
        let mut clients = self.business.clients.iter();
        let client = clients.find(|client| client.email == *owner).cloned();
        for chat in chats {
            let conversation = self.conversations.get_mut(chat).unwrap();
            conversation.client.clone_from(&client);
        }
    }

    pub(crate) fn arrive_bulk(&mut self, id: BroadcastId, to: &ChatRef, fate: Fate) {
        self.one_of_many(id, to).1 = Some(fate);
    }

    fn one_of_many(
        &mut self,
        id: BroadcastId,
        to: &ChatRef,
    ) -> &mut (Recipient, Option<Fate>, bool) {
        let (_, recipients) = self.business.broadcasts.get_mut(&id).unwrap();
        let one = recipients.iter_mut().find(|(one, _, _)| one.chat == *to);
        one.unwrap()
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

    /// The sheet is read by itself.
    pub(crate) fn sheet(&mut self, clients: &str, tariffs: &str) {
        self.sheet_for(None, clients, tariffs);
    }

    /// The sheet is read because the owner asked for it.
    pub(crate) fn sheet_for_boss(&mut self, clients: &str, tariffs: &str) {
        self.sheet_for(Some(chat("boss")), clients, tariffs);
    }

    fn sheet_for(&mut self, asked: Option<ChatRef>, clients: &str, tariffs: &str) {
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
        self.happen(&Event::Sheet { asked, sheet });
    }
}

fn names(chats: &[ChatRef]) -> String {
    let names: Vec<&str> = chats.iter().map(|chat| chat.id.as_str()).collect();
    names.join(", ")
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
            (Some(Fate::Closed), _) => counts.closed += 1,
            (Some(Fate::Unknown), _) => counts.unknown += 1,
        }
    }
    counts
}
