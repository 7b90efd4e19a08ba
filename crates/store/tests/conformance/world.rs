//! A small world for the stories: one desk, some people, a clock that is told.

use std::sync::atomic::{AtomicU32, Ordering};

use engine::{
    client::{Client, Email},
    content::{Content, Said},
    effect::{Effect, Purpose, Say},
    event::{Event, Person, Place, Wrote},
    ids::{ChannelId, ChatRef, MessageRef, PersonRef, TicketId},
    ticket::{Conversation, Stage, Ticket, Waiting},
};
use jiff::{SignedDuration, Timestamp};
use store::{
    By, Commit, Committed, CopyId, Error, Intake, NewUpdate, Store, Taken, stmt,
    testing::{TempDb, on_both},
};

/// All rows of an answer, column by column.
pub(crate) async fn table(store: &Store, sql: impl Into<String>) -> Vec<String> {
    let rows = store.db().read(stmt!(sql.into())).await.unwrap();
    let told = rows.iter().map(|row| {
        let cells = (0..).map_while(|i| row.get::<Option<String>>(i).ok());
        cells.map(Option::unwrap_or_default).collect::<Vec<_>>()
    });
    told.map(|cells| cells.join("|")).collect()
}

/// Seconds after noon.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    noon + SignedDuration::from_secs(seconds)
}

pub(crate) async fn copy(temp: &TempDb, name: &str) -> Store {
    let store = Store::open(temp.url(), CopyId::new(name)).await.unwrap();
    store.migrate(at(0)).await.unwrap();
    store.heartbeat(at(0)).await.unwrap();
    store
}

/// A story on each database.
pub(crate) fn story(told: impl AsyncFn(Store)) {
    on_both(async |temp| told(copy(&temp, "me").await).await);
}

/// A story of two copies, on PostgreSQL.
pub(crate) fn story_of_two(told: impl AsyncFn(Store, Store)) {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        if let Some(temp) = TempDb::pg().await {
            told(copy(&temp, "anna").await, copy(&temp, "boris").await).await;
        }
    });
}

pub(crate) fn channel() -> ChannelId {
    ChannelId::new("telegram")
}

pub(crate) fn chat(id: &str) -> ChatRef {
    ChatRef::new(&channel(), id)
}

pub(crate) fn person(id: &str) -> Person {
    on(&channel(), id)
}

/// Somebody on VK.
pub(crate) fn on_vk(id: &str) -> Person {
    on(&ChannelId::new("vk"), id)
}

/// Somebody who writes on another channel.
pub(crate) fn on(channel: &ChannelId, id: &str) -> Person {
    Person {
        id: PersonRef::new(channel, id),
        chat: ChatRef::new(channel, id),
        name: format!("Person {id}"),
        username: None,
        language: Some("ru".to_owned()),
    }
}

pub(crate) fn said(who: &str, message: &str, text: &str) -> Said {
    Said {
        at: message_ref(who, message),
        content: Content::text(text),
    }
}

pub(crate) fn message_ref(who: &str, message: &str) -> MessageRef {
    chat(who).message(message)
}

pub(crate) fn wrote(who: &str, message: &str, text: &str) -> Event {
    let Said { at, content } = said(who, message, text);
    Event::Wrote(Wrote {
        who: person(who),
        place: Place::Private,
        at,
        content,
        also: Vec::new(),
        partial: false,
    })
}

pub(crate) fn update(who: &str, key: &str) -> NewUpdate {
    NewUpdate {
        key: key.to_owned(),
        lane: chat(who).to_string(),
        raw: b"{}".to_vec(),
        heard: Ok(wrote(who, key, "hello")),
    }
}

pub(crate) fn intake(updates: Vec<NewUpdate>) -> Intake {
    Intake {
        channel: channel(),
        updates,
        cursor: None,
    }
}

/// One update comes in from `who`.
pub(crate) async fn comes(store: &Store, who: &str, key: &str) -> Taken {
    let mut taken = store
        .take_in(intake(vec![update(who, key)]), at(0))
        .await
        .unwrap();
    taken.pop().unwrap()
}

/// A decision about an update from `who` that has just come in.
pub(crate) async fn deciding(store: &Store, who: &str, key: &str) -> Commit {
    Commit::new(By::Inbox(comes(store, who, key).await.id))
}

/// Something is decided, about an update of its own.
pub(crate) async fn decided(
    store: &Store,
    what: impl FnOnce(&mut Commit),
) -> Result<Committed, Error> {
    static KEYS: AtomicU32 = AtomicU32::new(0);
    let key = format!("decided-{}", KEYS.fetch_add(1, Ordering::Relaxed));
    let mut commit = deciding(store, &key, &key).await;
    what(&mut commit);
    store.commit(commit, at(5)).await
}

pub(crate) fn conflict<T: std::fmt::Debug>(answer: Result<T, Error>) {
    let error = answer.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
}

pub(crate) fn email(text: &str) -> Email {
    Email::read(text).unwrap()
}

/// A record. Texts may be empty.
pub(crate) fn client(address: &str, tariff: &str, paid_until: &str) -> Client {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Client {
        tariff: some(tariff),
        paid_until: some(paid_until).map(|day| day.parse().unwrap()),
        ..Client::new(email(address))
    }
}

/// A new client, who writes from these chats; the later ones were heard later.
pub(crate) async fn known(store: &Store, client: Client, chats: &[Person]) {
    let conversations = (0..).zip(chats).map(|(nth, who)| {
        let mut conversation = Conversation::new(who.clone());
        conversation.client = Some(client.clone());
        conversation.heard_at = Some(at(nth));
        (conversation, 0)
    });
    let conversations = conversations.collect();
    let write = |commit: &mut Commit| {
        commit.clients = vec![(client.clone(), 0)];
        commit.conversations = conversations;
    };
    decided(store, write).await.unwrap();
}

/// The customer of a chat has blocked the bot.
pub(crate) async fn blocks(store: &Store, who: &Person) {
    let (mut conversation, version) = store.customer(&who.chat).await.unwrap().unwrap();
    conversation.blocked = true;
    let write = |commit: &mut Commit| commit.conversations.push((conversation, version));
    decided(store, write).await.unwrap();
}

pub(crate) fn say(to: &str, text: &str) -> Effect {
    Effect::Say(Say {
        to: chat(to),
        name: "test".to_owned(),
        text: Content::text(text).text,
        keys: Vec::new(),
        reply_to: None,
        purpose: Purpose::Nothing,
        anchor: None,
        outdates: false,
        replaces: None,
        rewrites: false,
    })
}

pub(crate) fn ticket(id: TicketId) -> Ticket {
    Ticket {
        id,
        subject: "Возврат".to_owned(),
        opened_at: at(1),
        card: vec![said("7", "1", "сломалось")],
        stage: Stage::Waiting(Waiting::default()),
    }
}

/// Customer 7 has an open ticket, told by message 1.
pub(crate) async fn opened(store: &Store) -> Conversation {
    let mut commit = deciding(store, "7", "open").await;
    let mut conversation = Conversation::new(person("7"));
    conversation.ticket = Some(ticket(store.next_ticket().await.unwrap()));
    commit.conversations.push((conversation.clone(), 0));
    store.commit(commit, at(1)).await.unwrap();
    conversation
}
