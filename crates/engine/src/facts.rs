//! What a decision may need to know. The rules ask for a fact when they come to it; whoever drives
//! them looks it up and calls again. So the driver holds no rules, and nothing is looked up in vain.

use jiff::civil::Date;

use crate::{
    broadcast::{Audience, Broadcast, BroadcastId, Counts, Next, Preview},
    client::{Client, Email},
    content::{Content, Said},
    desk::Operator,
    event::Profile,
    ids::{ChatRef, MessageRef, PersonRef, TicketId},
    payment::{Payment, PaymentId, Proof},
    records::{Entry, EntryId},
    reminder::Due,
    sheet::{LastReading, Tariff},
    ticket::{Conversation, Kept},
};

/// A fact that a decision turned out to need.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// The conversation with the customer of this chat.
    Customer(ChatRef),
    /// The conversation that this ticket is open in, or was.
    Ticket(TicketId),
    /// What is known of this person as an operator.
    Operator(PersonRef),
    /// Whether this person is in the operators' group now: asked of the messenger, remembered for a
    /// minute at most.
    Membership(PersonRef),
    /// Which of our messages this is.
    Message(MessageRef),
    /// What was said in this ticket, oldest first: the last [`DIALOG`] messages.
    Dialog(TicketId),
    /// The number that a ticket opened now gets.
    Number,
    /// This message whole, where an update showed only a part of it: asked of the messenger.
    Whole(MessageRef),
    /// What the messenger tells of this person, where its updates do not name them.
    Profile(PersonRef),
    /// The client with this e-mail address.
    Client(Email),
    /// How many tickets are open.
    Open,
    /// The tariffs, in the owner's order.
    Tariffs,
    /// A payment by its number.
    Payment(PaymentId),
    /// A payment that counts, or waits for the operators, and has something in common with this picture.
    Seen(Proof),
    /// The number that a payment noted now gets.
    PaymentNumber,
    /// Everything that a reading of the sheet is compared with.
    Records,
    /// Reminders that are due on this day, the first [`crate::reminder::AT_ONCE`] of them.
    Due(Date),
    /// How many an audience is, by channel.
    Preview(Audience),
    /// Broadcasts that are not over.
    Unfinished,
    /// A broadcast, and how far it is.
    Broadcast(BroadcastId),
    /// Who gets it next, and when they were heard last: of each channel so many that
    /// [`crate::broadcast::AT_ONCE`] are under way.
    Waiting(BroadcastId),
    /// The number that a broadcast begun now gets.
    BroadcastNumber,
    /// An entry of the log.
    Entry(EntryId),
    /// The number that an entry of the log written now gets.
    EntryNumber,
    /// The chats of the client with this address.
    Chats(Email),
}

/// What a reading of the sheet is compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// What it said last.
    pub last: LastReading,
    /// Every client.
    pub clients: Vec<Client>,
    /// Every tariff.
    pub tariffs: Vec<Tariff>,
}

/// So many messages of a dialog are shown to whoever takes it over.
pub const DIALOG: u32 = 30;

/// What is known of a message that somebody wrote into a ticket, from any of its twins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Where it stands in the chat of whoever wrote it. The bot's own words stand for themselves,
    /// under the anchor they were given.
    pub origin: MessageRef,
    /// The ticket it belongs to; none for the bot's own words.
    pub ticket: Option<TicketId>,
    /// What it says, as it was kept last; none for the bot's own words.
    pub content: Option<Content>,
}

/// Facts looked up so far for one decision.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    customers: Vec<(ChatRef, Option<Conversation>)>,
    tickets: Vec<(TicketId, Option<Conversation>)>,
    operators: Vec<(PersonRef, Option<Operator>)>,
    members: Vec<(PersonRef, bool)>,
    messages: Vec<(MessageRef, Option<Known>)>,
    dialogs: Vec<(TicketId, Vec<Kept>)>,
    number: Option<TicketId>,
    whole: Vec<(MessageRef, Option<Vec<Said>>)>,
    profiles: Vec<(PersonRef, Option<Profile>)>,
    clients: Vec<(Email, Option<Client>)>,
    open: Option<u64>,
    tariffs: Option<Vec<Tariff>>,
    payments: Vec<(PaymentId, Option<Payment>)>,
    seen: Vec<(Proof, Option<Payment>)>,
    payment_number: Option<PaymentId>,
    records: Option<Records>,
    due: Vec<(Date, Vec<Due>)>,
    previews: Vec<(Audience, Preview)>,
    broadcasts: Vec<(BroadcastId, Option<(Broadcast, Counts)>)>,
    unfinished: Option<Vec<BroadcastId>>,
    waiting: Vec<(BroadcastId, Next)>,
    broadcast_number: Option<BroadcastId>,
    entries: Vec<(EntryId, Option<Entry>)>,
    entry_number: Option<EntryId>,
    chats: Vec<(Email, Vec<ChatRef>)>,
}

fn find<'a, K: PartialEq, V>(all: &'a [(K, V)], key: &K) -> Option<&'a V> {
    all.iter()
        .find(|(known, _)| known == key)
        .map(|(_, value)| value)
}

impl Facts {
    /// Answers [`Need::Customer`].
    pub fn know_customer(&mut self, chat: ChatRef, found: Option<Conversation>) {
        self.customers.push((chat, found));
    }

    /// Answers [`Need::Ticket`].
    pub fn know_ticket(&mut self, ticket: TicketId, found: Option<Conversation>) {
        self.tickets.push((ticket, found));
    }

    /// Answers [`Need::Operator`].
    pub fn know_operator(&mut self, person: PersonRef, found: Option<Operator>) {
        self.operators.push((person, found));
    }

    /// Answers [`Need::Membership`].
    pub fn know_membership(&mut self, person: PersonRef, inside: bool) {
        self.members.push((person, inside));
    }

    /// Answers [`Need::Message`].
    pub fn know_message(&mut self, message: MessageRef, found: Option<Known>) {
        self.messages.push((message, found));
    }

    /// Answers [`Need::Dialog`].
    pub fn know_dialog(&mut self, ticket: TicketId, said: Vec<Kept>) {
        self.dialogs.push((ticket, said));
    }

    /// Answers [`Need::Number`].
    pub fn know_number(&mut self, number: TicketId) {
        self.number = Some(number);
    }

    /// Answers [`Need::Whole`]: its parts in order; none if it is not there any more.
    pub fn know_whole(&mut self, message: MessageRef, found: Option<Vec<Said>>) {
        self.whole.push((message, found));
    }

    /// Answers [`Need::Profile`]; none if the messenger does not tell.
    pub fn know_profile(&mut self, person: PersonRef, found: Option<Profile>) {
        self.profiles.push((person, found));
    }

    /// Answers [`Need::Client`].
    pub fn know_client(&mut self, email: Email, found: Option<Client>) {
        self.clients.push((email, found));
    }

    /// Answers [`Need::Open`].
    pub fn know_open(&mut self, tickets: u64) {
        self.open = Some(tickets);
    }

    /// Answers [`Need::Tariffs`].
    pub fn know_tariffs(&mut self, tariffs: Vec<Tariff>) {
        self.tariffs = Some(tariffs);
    }

    /// Answers [`Need::Payment`].
    pub fn know_payment(&mut self, id: PaymentId, found: Option<Payment>) {
        self.payments.push((id, found));
    }

    /// Answers [`Need::Seen`].
    pub fn know_seen(&mut self, proof: Proof, found: Option<Payment>) {
        self.seen.push((proof, found));
    }

    /// Answers [`Need::PaymentNumber`].
    pub fn know_payment_number(&mut self, number: PaymentId) {
        self.payment_number = Some(number);
    }

    /// Answers [`Need::Records`].
    pub fn know_records(&mut self, records: Records) {
        self.records = Some(records);
    }

    /// Answers [`Need::Due`].
    pub fn know_due(&mut self, day: Date, due: Vec<Due>) {
        self.due.push((day, due));
    }

    /// Answers [`Need::Preview`].
    pub fn know_preview(&mut self, audience: Audience, preview: Preview) {
        self.previews.push((audience, preview));
    }

    /// Answers [`Need::Broadcast`].
    pub fn know_broadcast(&mut self, id: BroadcastId, found: Option<(Broadcast, Counts)>) {
        self.broadcasts.push((id, found));
    }

    /// Answers [`Need::Unfinished`].
    pub fn know_unfinished(&mut self, broadcasts: Vec<BroadcastId>) {
        self.unfinished = Some(broadcasts);
    }

    /// Answers [`Need::Waiting`].
    pub fn know_waiting(&mut self, id: BroadcastId, next: Next) {
        self.waiting.push((id, next));
    }

    /// Answers [`Need::BroadcastNumber`].
    pub fn know_broadcast_number(&mut self, number: BroadcastId) {
        self.broadcast_number = Some(number);
    }

    /// Answers [`Need::Entry`].
    pub fn know_entry(&mut self, id: EntryId, found: Option<Entry>) {
        self.entries.push((id, found));
    }

    /// Answers [`Need::EntryNumber`].
    pub fn know_entry_number(&mut self, number: EntryId) {
        self.entry_number = Some(number);
    }

    /// Answers [`Need::Chats`].
    pub fn know_chats(&mut self, email: Email, chats: Vec<ChatRef>) {
        self.chats.push((email, chats));
    }

    pub(crate) fn customer(&self, chat: &ChatRef) -> Result<Option<&Conversation>, Need> {
        find(&self.customers, chat)
            .map(Option::as_ref)
            .ok_or_else(|| Need::Customer(chat.clone()))
    }

    pub(crate) fn ticket(&self, ticket: TicketId) -> Result<Option<&Conversation>, Need> {
        find(&self.tickets, &ticket)
            .map(Option::as_ref)
            .ok_or(Need::Ticket(ticket))
    }

    pub(crate) fn operator(&self, person: &PersonRef) -> Result<Option<&Operator>, Need> {
        find(&self.operators, person)
            .map(Option::as_ref)
            .ok_or_else(|| Need::Operator(person.clone()))
    }

    pub(crate) fn is_member(&self, person: &PersonRef) -> Result<bool, Need> {
        find(&self.members, person)
            .copied()
            .ok_or_else(|| Need::Membership(person.clone()))
    }

    pub(crate) fn message(&self, message: &MessageRef) -> Result<Option<&Known>, Need> {
        find(&self.messages, message)
            .map(Option::as_ref)
            .ok_or_else(|| Need::Message(message.clone()))
    }

    pub(crate) fn dialog(&self, ticket: TicketId) -> Result<&[Kept], Need> {
        find(&self.dialogs, &ticket)
            .map(Vec::as_slice)
            .ok_or(Need::Dialog(ticket))
    }

    pub(crate) fn number(&self) -> Result<TicketId, Need> {
        self.number.ok_or(Need::Number)
    }

    pub(crate) fn whole(&self, message: &MessageRef) -> Result<Option<&[Said]>, Need> {
        find(&self.whole, message)
            .map(Option::as_deref)
            .ok_or_else(|| Need::Whole(message.clone()))
    }

    pub(crate) fn profile(&self, person: &PersonRef) -> Result<Option<&Profile>, Need> {
        find(&self.profiles, person)
            .map(Option::as_ref)
            .ok_or_else(|| Need::Profile(person.clone()))
    }

    pub(crate) fn client(&self, email: &Email) -> Result<Option<&Client>, Need> {
        find(&self.clients, email)
            .map(Option::as_ref)
            .ok_or_else(|| Need::Client(email.clone()))
    }

    pub(crate) fn open(&self) -> Result<u64, Need> {
        self.open.ok_or(Need::Open)
    }

    pub(crate) fn tariffs(&self) -> Result<&[Tariff], Need> {
        self.tariffs.as_deref().ok_or(Need::Tariffs)
    }

    pub(crate) fn payment(&self, id: PaymentId) -> Result<Option<&Payment>, Need> {
        find(&self.payments, &id)
            .map(Option::as_ref)
            .ok_or(Need::Payment(id))
    }

    pub(crate) fn seen(&self, proof: &Proof) -> Result<Option<&Payment>, Need> {
        find(&self.seen, proof)
            .map(Option::as_ref)
            .ok_or_else(|| Need::Seen(proof.clone()))
    }

    pub(crate) fn records(&self) -> Result<&Records, Need> {
        self.records.as_ref().ok_or(Need::Records)
    }

    pub(crate) fn due(&self, day: Date) -> Result<&[Due], Need> {
        find(&self.due, &day)
            .map(Vec::as_slice)
            .ok_or(Need::Due(day))
    }

    pub(crate) fn preview(&self, audience: &Audience) -> Result<&Preview, Need> {
        find(&self.previews, audience).ok_or_else(|| Need::Preview(audience.clone()))
    }

    pub(crate) fn broadcast(&self, id: BroadcastId) -> Result<Option<&(Broadcast, Counts)>, Need> {
        find(&self.broadcasts, &id)
            .map(Option::as_ref)
            .ok_or(Need::Broadcast(id))
    }

    pub(crate) fn unfinished(&self) -> Result<&[BroadcastId], Need> {
        self.unfinished.as_deref().ok_or(Need::Unfinished)
    }

    pub(crate) fn waiting(&self, id: BroadcastId) -> Result<&Next, Need> {
        find(&self.waiting, &id).ok_or(Need::Waiting(id))
    }

    pub(crate) fn broadcast_number(&self) -> Result<BroadcastId, Need> {
        self.broadcast_number.ok_or(Need::BroadcastNumber)
    }

    pub(crate) fn entry(&self, id: EntryId) -> Result<Option<&Entry>, Need> {
        find(&self.entries, &id)
            .map(Option::as_ref)
            .ok_or(Need::Entry(id))
    }

    pub(crate) fn entry_number(&self) -> Result<EntryId, Need> {
        self.entry_number.ok_or(Need::EntryNumber)
    }

    pub(crate) fn chats(&self, email: &Email) -> Result<&[ChatRef], Need> {
        find(&self.chats, email)
            .map(Vec::as_slice)
            .ok_or_else(|| Need::Chats(email.clone()))
    }

    pub(crate) fn payment_number(&self) -> Result<PaymentId, Need> {
        self.payment_number.ok_or(Need::PaymentNumber)
    }
}
