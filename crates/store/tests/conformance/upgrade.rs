//! Databases that an earlier version made come up to date, and what is settled once stays.

use engine::ticket::Conversation;
use store::{CopyId, Store, stmt, testing::TempDb, testing::on_both};

use crate::world::{at, copy, deciding, opened, person, table};

/// What versions 2 and 3 added is gone again.
const BACK_TO_1: [&str; 15] = [
    "DROP TABLE tariffs",
    "DROP TABLE payments",
    "DROP TABLE audit",
    "DROP TABLE sheet",
    "DROP TABLE reminders",
    "DROP TABLE broadcasts",
    "DROP TABLE recipients",
    "DROP TABLE clients",
    "DROP INDEX zabota_users_client",
    "DROP INDEX zabota_tickets_queue",
    "ALTER TABLE users DROP COLUMN heard_at",
    "ALTER TABLE users DROP COLUMN client_id",
    "DELETE FROM schema_version WHERE version > 1",
    "DELETE FROM settings WHERE name = 'first_serial'",
    "UPDATE settings SET value = REPLACE(value, ',\"numbers\":[]', '') WHERE name = 'shape'",
];

async fn later(temp: &TempDb, name: &str) -> Store {
    let store = Store::open(temp.url(), CopyId::new(name)).await.unwrap();
    let migrated = store.migrate(at(1000)).await.unwrap();
    assert_eq!(migrated.to, 3);
    store
}

#[test]
fn a_database_of_version_1_comes_up_to_date() {
    on_both(async |temp| {
        let old = copy(&temp, "old").await;
        let mut conversation = opened(&old).await;
        let back = BACK_TO_1.map(|sql| stmt!(sql));
        old.db().write(back.to_vec()).await.unwrap();
        let shape = "SELECT value FROM settings WHERE name = 'shape'";
        assert!(!table(&old, shape).await[0].contains("numbers"));
        drop(old);

        let new = later(&temp, "new").await;
        let found = new.customer(&person("7").chat).await.unwrap();
        assert_eq!(found, Some((conversation.clone(), 1)));
        conversation.heard_at = Some(at(1001));
        let mut commit = deciding(&new, "7", "more").await;
        commit.conversations.push((conversation.clone(), 1));
        new.commit(commit, at(1001)).await.unwrap();
        let found = new.customer(&person("7").chat).await.unwrap();
        assert_eq!(found, Some((conversation, 2)));
        let serial = u64::try_from(at(1000).as_microsecond()).unwrap();
        assert_eq!(new.first_serial(), serial);
    });
}

#[test]
fn the_first_serial_is_settled_once_for_all_copies() {
    on_both(async |temp| {
        let fresh = Store::open(temp.url(), CopyId::new("a")).await.unwrap();
        assert_eq!(fresh.first_serial(), 0);
        fresh.migrate(at(0)).await.unwrap();
        let serial = u64::try_from(at(0).as_microsecond()).unwrap();
        assert_eq!(fresh.first_serial(), serial);
        assert_eq!(later(&temp, "b").await.first_serial(), serial);
        fresh.migrate(at(2000)).await.unwrap();
        assert_eq!(fresh.first_serial(), serial);
    });
}

#[test]
fn clients_of_another_program_make_way_and_are_kept() {
    on_both(async |temp| {
        let theirs = Store::open(temp.url(), CopyId::new("a")).await.unwrap();
        let mut tx = theirs.db().begin().await.unwrap();
        let made = "CREATE TABLE clients (id INTEGER PRIMARY KEY, email TEXT UNIQUE);
            INSERT INTO clients VALUES (1, 'ivan@mail.ru');
            CREATE TABLE tariffs (id INTEGER PRIMARY KEY, price INTEGER);
            INSERT INTO tariffs VALUES (1, 199);";
        tx.script(made.to_owned()).await.unwrap();
        tx.commit().await.unwrap();
        drop(theirs);

        let ours = copy(&temp, "b").await;
        let kept = table(&ours, "SELECT id, email FROM clients_before").await;
        assert_eq!(kept, ["1|ivan@mail.ru"]);
        let kept = table(&ours, "SELECT id, price FROM tariffs_before").await;
        assert_eq!(kept, ["1|199"]);
        assert_eq!(ours.tariffs().await.unwrap(), []);
        assert_eq!(table(&ours, "SELECT id FROM clients").await.len(), 0);
        // Ours is known as ours ever after.
        let mut commit = deciding(&ours, "7", "hello").await;
        commit.new_client = Some("ivan@mail.ru".parse().unwrap());
        let new = Conversation::new(person("7"));
        commit.conversations.push((new, 0));
        ours.commit(commit, at(1)).await.unwrap();
        let again = later(&temp, "c").await;
        assert_eq!(table(&again, "SELECT id FROM clients").await, ["1"]);
    });
}
