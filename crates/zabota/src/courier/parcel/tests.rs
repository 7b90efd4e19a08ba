//! What leaves depends on what is true when it leaves.

use engine::ids::DeliveryId;
use jiff::Timestamp;
use store::{CopyId, Outcome, Settlement, testing::TempDb};

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
