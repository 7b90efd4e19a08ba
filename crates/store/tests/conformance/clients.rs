//! Clients: whom the business knows by an e-mail address, from whichever messengers they write.

use engine::{client::Client, event::Person, ticket::Conversation};
use store::{Found, Store, stmt};

use crate::world::{
    at, chat, client, conflict, decided, deciding, email, known, on_vk, opened, person, story,
    story_of_two, table,
};

/// A customer says who they are, for the first time.
async fn names(store: &Store, who: Person, address: &str) -> Conversation {
    let mut conversation = Conversation::new(who);
    conversation.client = Some(Client::new(email(address)));
    let chat = conversation.who.chat.to_string().replace('/', "-");
    let mut commit = deciding(store, &chat, &chat).await;
    commit.new_client = Some(email(address));
    commit.conversations.push((conversation.clone(), 0));
    store.commit(commit, at(2)).await.unwrap();
    conversation
}

async fn found(store: &Store, who: &Person) -> (Conversation, i64) {
    store.customer(&who.chat).await.unwrap().unwrap()
}

/// The owner changes the records.
async fn records(store: &Store, sql: &'static str) {
    store.db().write(vec![stmt!(sql)]).await.unwrap();
}

#[test]
fn when_somebody_was_heard_is_read_as_it_was_written() {
    story(async |store| {
        let mut conversation = opened(&store).await;
        conversation.heard_at = Some(at(60));
        let mut commit = deciding(&store, "7", "more").await;
        commit.conversations.push((conversation.clone(), 1));
        store.commit(commit, at(60)).await.unwrap();
        assert_eq!(found(&store, &person("7")).await, (conversation, 2));
        let other = "SELECT COUNT(*) FROM users WHERE heard_at IS NOT NULL";
        assert_eq!(table(&store, other).await, ["1"]);
    });
}

#[test]
fn a_client_is_made_once_and_known_by_the_address() {
    story(async |store| {
        assert_eq!(store.client(&email("ivan@mail.ru")).await.unwrap(), None);
        let conversation = names(&store, person("7"), "Ivan@Mail.RU").await;
        assert_eq!(found(&store, &person("7")).await, (conversation, 1));
        let known = store.client(&email("ivan@mail.ru")).await.unwrap();
        assert_eq!(known, Some(Client::new(email("ivan@mail.ru"))));
        assert_eq!(
            table(&store, "SELECT email, version FROM clients").await,
            ["ivan@mail.ru|1"]
        );
    });
}

#[test]
fn two_chats_with_one_address_are_one_client() {
    story(async |store| {
        names(&store, person("7"), "ivan@mail.ru").await;
        names(&store, on_vk("7"), "ivan@mail.ru").await;
        names(&store, on_vk("8"), "olga@mail.ru").await;
        let sql = "SELECT c.email, u.chat FROM users u JOIN clients c ON c.id = u.client_id
            ORDER BY u.chat";
        let ties = [
            "ivan@mail.ru|telegram/7",
            "ivan@mail.ru|vk/7",
            "olga@mail.ru|vk/8",
        ];
        assert_eq!(table(&store, sql).await, ties);
        assert_eq!(table(&store, "SELECT 1 FROM clients").await.len(), 2);
    });
}

#[test]
fn what_the_records_say_is_known_in_every_chat() {
    story(async |store| {
        names(&store, person("7"), "ivan@mail.ru").await;
        names(&store, on_vk("7"), "ivan@mail.ru").await;
        records(
            &store,
            "UPDATE clients SET name = 'Иван', tariff = 'Год', paid_until = '2026-12-31'",
        )
        .await;
        let client = Client {
            email: email("ivan@mail.ru"),
            name: Some("Иван".to_owned()),
            tariff: Some("Год".to_owned()),
            paid_until: Some("2026-12-31".parse().unwrap()),
        };
        for who in [person("7"), on_vk("7")] {
            let (mut conversation, version) = found(&store, &who).await;
            assert_eq!(conversation.client.as_ref(), Some(&client));
            // What a conversation holds of a client is not written back.
            conversation.client = Some(Client::new(email("ivan@mail.ru")));
            let key = format!("more {}", who.chat);
            let mut commit = deciding(&store, "7", &key).await;
            commit.new_client = Some(email("ivan@mail.ru"));
            commit.conversations.push((conversation, version));
            store.commit(commit, at(3)).await.unwrap();
        }
        assert_eq!(store.client(&client.email).await.unwrap(), Some(client));
    });
}

#[test]
fn a_customer_may_turn_out_to_be_another_client_or_none() {
    story(async |store| {
        opened(&store).await;
        let mut conversation = found(&store, &person("7")).await.0;
        let named = [Some("ivan@mail.ru"), Some("olga@mail.ru"), None];
        for (version, named) in (1..).zip(named) {
            conversation.client = named.map(|named| Client::new(email(named)));
            let mut commit = deciding(&store, "7", &version.to_string()).await;
            commit.new_client = named.map(email);
            commit.conversations.push((conversation.clone(), version));
            store.commit(commit, at(2)).await.unwrap();
            let now = (conversation.clone(), version + 1);
            assert_eq!(found(&store, &person("7")).await, now);
        }
        assert_eq!(table(&store, "SELECT 1 FROM clients").await.len(), 2);
    });
}

#[test]
fn a_renamed_client_keeps_their_chats() {
    story(async |store| {
        let mut read_before = names(&store, person("7"), "ivan@mail.ru").await;
        records(&store, "UPDATE clients SET email = 'ivanov@mail.ru'").await;
        read_before.heard_at = Some(at(9));
        let mut commit = deciding(&store, "7", "later").await;
        commit.conversations.push((read_before, 1));
        store.commit(commit, at(9)).await.unwrap();
        let now = found(&store, &person("7")).await.0;
        assert_eq!(now.client.unwrap().email, email("ivanov@mail.ru"));
    });
}

#[test]
fn two_copies_that_hear_of_a_client_at_once_make_one() {
    story_of_two(async |anna, boris| {
        for round in 0..20 {
            let (a, b) = (format!("a{round}@mail.ru"), format!("b{round}@mail.ru"));
            let one = |id: usize| person(&(round * 10 + id).to_string());
            let other = |id: usize| on_vk(&(round * 10 + id).to_string());
            // Both addresses on both sides: whoever comes second waits for the first.
            futures_util::join!(
                names(&anna, one(1), &a),
                names(&boris, other(1), &a),
                names(&boris, other(2), &b),
                names(&anna, one(2), &b),
            );
        }
        let twice = "SELECT c.email, COUNT(*) FROM users u JOIN clients c ON c.id = u.client_id
            GROUP BY c.email HAVING COUNT(*) = 2";
        assert_eq!(table(&anna, twice).await.len(), 40);
        assert_eq!(table(&anna, "SELECT 1 FROM clients").await.len(), 40);
        assert_eq!(anna.customer(&chat("1")).await.unwrap().unwrap().1, 1);
    });
}

#[test]
fn two_chats_that_name_an_address_at_once_are_one_client() {
    story(async |store| {
        futures_util::join!(
            names(&store, person("7"), "ivan@mail.ru"),
            names(&store, on_vk("7"), "ivan@mail.ru"),
        );
        let tied = "SELECT DISTINCT client_id FROM users WHERE client_id IS NOT NULL";
        assert_eq!(table(&store, tied).await.len(), 1);
    });
}

#[test]
fn a_record_changes_only_for_whoever_has_read_it_as_it_is() {
    story(async |store| {
        let before = client("ivan@mail.ru", "", "");
        known(&store, before.clone(), &[person("7"), on_vk("7")]).await;
        let found = store.found(&chat("7")).await.unwrap().unwrap();
        let Found { of_client, .. } = found.clone();
        assert_eq!(
            (found.conversation.client, of_client),
            (Some(before.clone()), Some(1))
        );

        let after = client("ivan@mail.ru", "Год", "2026-12-31");
        let write = |version| (after.clone(), version);
        decided(&store, |commit| commit.clients = vec![write(1)])
            .await
            .unwrap();
        let now = store.client_versioned(&after.email).await.unwrap();
        assert_eq!(now, Some((after.clone(), 2)));
        let other = (client("olga@mail.ru", "", ""), 0);
        for version in [0, 1, 3] {
            let clients = vec![other.clone(), write(version)];
            conflict(decided(&store, |commit| commit.clients = clients).await);
        }
        assert_eq!(store.all_clients().await.unwrap(), [(after, 2)]);
        let chats = store.chats(&before.email).await.unwrap();
        assert_eq!(chats, [person("7").chat, on_vk("7").chat]);
    });
}
