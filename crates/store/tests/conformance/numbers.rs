//! The messenger's numbers of people, in databases that were made for one messenger only.

use engine::{event::Person, ids::ChannelId, ticket::Conversation};
use store::{Store, stmt, testing::TempDb, testing::on_both};

use crate::{
    adoption::{PLAIN, adopt},
    world::{at, copy, deciding, on, person, table, ticket},
};

/// New customers come, each known by a chat of their own.
async fn come(store: &Store, people: &[Person]) {
    for who in people {
        let chat = who.chat.to_string();
        let mut commit = deciding(store, "9", &chat).await;
        let mut conversation = Conversation::new(who.clone());
        let number = store.next_ticket().await.unwrap();
        conversation.ticket = Some(ticket(number));
        commit.conversations.push((conversation, 0));
        store.commit(commit, at(1)).await.unwrap();
        let found = store.of_ticket(number).await.unwrap().unwrap().0;
        assert_eq!(found.who.chat, who.chat);
    }
}

/// Who comes to a desk that knows 700 of Telegram: two others, on VK, and by a second bot of Telegram's
/// the same 700 and somebody new. And on which channels people are known by number.
fn newcomers() -> (Vec<ChannelId>, Vec<Person>) {
    let [telegram, shop, vk] = ["telegram", "telegram-shop", "vk"].map(ChannelId::new);
    let people = [(&vk, "700"), (&vk, "701"), (&shop, "700"), (&shop, "702")];
    let people = people.map(|(channel, id)| on(channel, id)).to_vec();
    (vec![telegram, shop], people)
}

const NUMBERS: &str = "SELECT chat, tg_id FROM users WHERE chat LIKE '%/70%' ORDER BY chat";

#[test]
fn people_of_other_messengers_do_not_collide_with_those_who_are_known() {
    on_both(async |temp| {
        let (numbered, people) = newcomers();
        let store = adopt(&temp, PLAIN).await.0.numbered(numbered);
        come(&store, &people).await;
        let numbers = [
            "telegram-shop/700|",
            "telegram-shop/702|702",
            "telegram/700|700",
            "vk/700|",
            "vk/701|",
        ];
        assert_eq!(table(&store, NUMBERS).await, numbers);
    });
}

#[test]
fn a_number_that_is_the_key_is_never_missing() {
    for kind in ["BIGINT", "INTEGER", "TEXT"] {
        on_both(async |temp| {
            let plain = "PRIMARY KEY, tg_id BIGINT NOT NULL UNIQUE";
            let key = format!(", tg_id {kind} NOT NULL PRIMARY KEY");
            // Narrow numbers hold no more.
            let old = linked_by_number(kind).replace("9000000001", "9001");
            let old = old.replace(plain, &key);
            assert!(old.contains(&key));
            let (numbered, people) = newcomers();
            let store = adopt(&temp, &old).await.0.numbered(numbered);
            come(&store, &people).await;
            let numbers = [
                "telegram-shop/700|-3",
                "telegram-shop/702|702",
                "telegram/700|700",
                "vk/700|-1",
                "vk/701|-2",
            ];
            assert_eq!(table(&store, NUMBERS).await, numbers, "{kind}");
        });
    }
}

#[test]
fn a_ticket_linked_by_number_may_be_of_somebody_without_one() {
    on_both(async |temp| {
        let (numbered, people) = newcomers();
        let old = linked_by_number("BIGINT");
        let store = adopt(&temp, &old).await.0.numbered(numbered);
        come(&store, &people).await;
        let links = "SELECT chat, user_tg_id FROM tickets WHERE id > 14 ORDER BY id";
        let told = [
            "vk/700|",
            "vk/701|",
            "telegram-shop/700|",
            "telegram-shop/702|702",
        ];
        assert_eq!(table(&store, links).await, told);
    });
}

/// [`PLAIN`], but a ticket's customer is known by the messenger's number.
fn linked_by_number(kind: &str) -> String {
    let link = format!("user_tg_id {kind} NOT NULL REFERENCES users (tg_id)");
    PLAIN
        .replace("user_id INTEGER NOT NULL REFERENCES users (id)", &link)
        .replace("(11, 5,", "(11, 700,")
        .replace("(12, 5,", "(12, 700,")
        .replace("(14, 6,", "(14, 9000000001,")
}

/// What version 1 remembered of [`PLAIN`] on SQLite, where it could not relax.
const REMEMBERED: &str = r#"{"user_link":["user_id","id"],"person":null,
  "status":["WAITING","ASSIGNED","CLOSED"],"sender":["user","operator"],"floor":14,
  "fillers":[{"table":"users","column":"tg_id","with":"Zero"},
    {"table":"users","column":"created_at","with":"Now"},
    {"table":"tickets","column":"user_id","with":"User"},
    {"table":"tickets","column":"category","with":"Empty"},
    {"table":"tickets","column":"updated_at","with":"Now"},
    {"table":"ticket_messages","column":"sender_tg_id","with":"Zero"}]}"#;

#[test]
fn what_version_1_adopted_is_relaxed_now() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let temp = TempDb::lite();
        let old = adopt(&temp, PLAIN).await.0;
        let back = "ALTER TABLE users ALTER COLUMN tg_id SET NOT NULL";
        let remember = "UPDATE settings SET value = $1 WHERE name = 'shape'";
        let stmts = vec![stmt!(back), stmt!(remember, REMEMBERED)];
        old.db().write(stmts).await.unwrap();
        drop(old);

        let (numbered, people) = newcomers();
        let store = copy(&temp, "new").await.numbered(numbered);
        come(&store, &people).await;
        assert_eq!(table(&store, NUMBERS).await[3..], ["vk/700|", "vk/701|"]);
    });
}

#[test]
fn a_desk_of_its_own_writes_every_number_it_is_told_to() {
    on_both(async |temp| {
        let (numbered, people) = newcomers();
        let store = copy(&temp, "me").await.numbered(numbered);
        come(&store, &[person("700")]).await;
        come(&store, &people).await;
        let numbers = [
            "telegram-shop/700|700",
            "telegram-shop/702|702",
            "telegram/700|700",
            "vk/700|",
            "vk/701|",
        ];
        assert_eq!(table(&store, NUMBERS).await, numbers);
    });
}
