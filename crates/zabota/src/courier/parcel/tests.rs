//! What leaves depends on what is true when it leaves.

use engine::{
    client::Client,
    event::{Event, Person, Timer},
    ids::{DeliveryId, PersonRef},
    ticket::Conversation,
};
use jiff::Timestamp;
use store::{By, Commit, CopyId, Intake, NewUpdate, Outcome, Settlement, testing::TempDb};

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn chat() -> ChatRef {
    ChatRef::new(&ChannelId::new("telegram"), "2001")
}

fn say() -> Say {
    Say {
        to: chat(),
        name: "words".to_owned(),
        text: Rich::plain("7 из 10"),
        keys: Vec::new(),
        reply_to: None,
        purpose: Purpose::Notice,
        anchor: Some(chat().message("broadcast-1")),
        rewrites: true,
        outdates: false,
        replaces: None,
    }
}

async fn open(temp: &TempDb) -> Store {
    let store = Store::open(temp.url(), CopyId::new("me")).await.unwrap();
    store.migrate(NOW).await.unwrap();
    store.heartbeat(NOW).await.unwrap();
    store
}

/// Something is decided, about an event of its own.
async fn decided(store: &Store, key: &str, what: impl FnOnce(&mut Commit)) {
    let update = NewUpdate {
        key: key.to_owned(),
        lane: key.to_owned(),
        raw: Vec::new(),
        heard: Ok(Event::Due(Timer::Board)),
    };
    let intake = Intake {
        channel: ChannelId::new("telegram"),
        updates: vec![update],
        cursor: None,
    };
    let taken = store.take_in(intake, NOW).await.unwrap();
    let mut commit = Commit::new(By::Inbox(taken[0].id));
    what(&mut commit);
    store.commit(commit, NOW).await.unwrap();
}

fn ivan(paid_until: &str) -> Client {
    Client {
        paid_until: Some(paid_until.parse().unwrap()),
        ..Client::new("ivan@mail.ru".parse().unwrap())
    }
}

/// Ivan writes from Telegram.
async fn comes(store: &Store, client: Client) {
    let mut conversation = Conversation::new(Person {
        id: PersonRef::new(&ChannelId::new("telegram"), "2001"),
        chat: chat(),
        name: "Иван".to_owned(),
        username: None,
        language: None,
    });
    conversation.client = Some(client.clone());
    decided(store, "comes", |commit| {
        commit.clients.push((client, 0));
        commit.conversations.push((conversation, 0));
    })
    .await;
}

async fn is_due_on(store: &Store, paid_until: &str) -> bool {
    let reminder = Reminder {
        client: "ivan@mail.ru".parse().unwrap(),
        paid_until: paid_until.parse().unwrap(),
        days: 3,
    };
    is_due(store, &reminder, &say()).await.unwrap()
}

#[tokio::test]
async fn a_reminder_of_a_day_that_has_moved_does_not_leave() {
    let temp = TempDb::lite();
    let store = open(&temp).await;
    assert!(!is_due_on(&store, "2026-11-23").await, "nobody knows them");
    comes(&store, ivan("2026-11-23")).await;
    assert!(is_due_on(&store, "2026-11-23").await);
    // They pay meanwhile.
    decided(&store, "pays", |commit| {
        commit.clients.push((ivan("2026-12-23"), 1));
    })
    .await;
    assert!(!is_due_on(&store, "2026-11-23").await);
}

#[tokio::test]
async fn who_has_blocked_the_bot_is_not_reminded() {
    let temp = TempDb::lite();
    let store = open(&temp).await;
    comes(&store, ivan("2026-11-23")).await;
    let (mut conversation, version) = store.customer(&chat()).await.unwrap().unwrap();
    conversation.blocked = true;
    decided(&store, "blocks", |commit| {
        commit.conversations.push((conversation, version));
    })
    .await;
    assert!(!is_due_on(&store, "2026-11-23").await);
}

/// Ties the words' name to a message, as a courier does when they have arrived, or unties it.
async fn settles(store: &Store, settlement: Settlement) {
    store
        .settle(vec![settlement], Vec::new(), NOW)
        .await
        .unwrap();
}

fn settlement() -> Settlement {
    let perhaps_twice = false;
    Settlement::new(DeliveryId(1), Outcome::Delivered { perhaps_twice })
}

/// Where the words are written over what stands there; none if they are said anew.
async fn over(store: &Store, moved: &HashMap<ChatRef, ChatRef>) -> Option<MessageRef> {
    match super::say(store, &say(), moved).await.unwrap() {
        Parcel::Rewrite { message, .. } => Some(message),
        other => {
            assert!(matches!(other, Parcel::Say { .. }));
            None
        }
    }
}

#[tokio::test]
async fn how_far_it_is_stands_in_one_place_until_that_is_gone() {
    let temp = TempDb::lite();
    let (store, nowhere) = (open(&temp).await, HashMap::new());
    assert_eq!(over(&store, &nowhere).await, None);
    let stands = chat().message("17");
    let name = chat().message("broadcast-1");
    settles(
        &store,
        Settlement {
            links: vec![(name, stands.clone())],
            ..settlement()
        },
    )
    .await;
    assert_eq!(over(&store, &nowhere).await, Some(stands.clone()));
    let elsewhere = ChatRef::new(&ChannelId::new("telegram"), "-100");
    let moved = HashMap::from([(chat(), elsewhere)]);
    assert_eq!(over(&store, &moved).await, None, "the chat has a new id");
    settles(
        &store,
        Settlement {
            unlinked: Some(stands),
            ..settlement()
        },
    )
    .await;
    assert_eq!(over(&store, &nowhere).await, None);
}

#[test]
fn a_broadcast_answers_nothing_and_has_no_header() {
    let said = Said {
        at: chat().message("5"),
        content: Content {
            reply_to: Some(chat().message("4")),
            ..Content::text("скидка")
        },
    };
    let Parcel::Relay {
        header, reply_to, ..
    } = bulk(&chat(), &[said])
    else {
        panic!("it is somebody's words")
    };
    assert_eq!((header, reply_to), (None, None));
}
