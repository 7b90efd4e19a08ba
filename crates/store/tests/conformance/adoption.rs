//! Databases that the predecessor made, in several of the shapes it may have.

use engine::{
    event::Event,
    ids::TicketId,
    ticket::{Conversation, Kept, Rated, Side, Stage},
};
use store::{CopyId, Migrated, Store, db::Db, stmt, testing::TempDb, testing::on_both};

use crate::world::{at, chat, deciding, person, said, table, ticket};

/// As SQLAlchemy makes them for SQLite, and PostgreSQL with plain types.
pub(crate) const PLAIN: &str = "
CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, tg_id BIGINT NOT NULL UNIQUE,
  username VARCHAR(64), first_name VARCHAR(64), phone VARCHAR(32), created_at TIMESTAMP NOT NULL);
CREATE TABLE tickets (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id),
  category VARCHAR(32) NOT NULL, status VARCHAR(16) NOT NULL, operator_tg_id BIGINT,
  created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL, closed_at TIMESTAMP);
CREATE TABLE ticket_messages (id INTEGER NOT NULL PRIMARY KEY,
  ticket_id INTEGER NOT NULL REFERENCES tickets (id), sender_type VARCHAR(16) NOT NULL,
  content_type VARCHAR(8) NOT NULL CHECK (content_type IN ('text', 'photo', 'video')),
  message_text TEXT, caption TEXT, sender_tg_id BIGINT NOT NULL, created_at TIMESTAMP NOT NULL);
INSERT INTO users VALUES (5, 700, 'ivan', 'Иван', NULL, '2025-01-01 10:00:00'),
  (6, 9000000001, NULL, NULL, NULL, '2025-01-01 10:00:00'), (9, 100, 'olga', 'Ольга', NULL, '2025-01-01 10:00:00');
INSERT INTO tickets VALUES
  (11, 5, 'warranty', 'CLOSED', 100, '2025-02-01 10:00:00', '2025-02-01 10:00:00', '2025-02-02 10:00:00'),
  (12, 5, 'warranty', 'ASSIGNED', 100, '2025-02-03 10:00:00', '2025-02-01 10:00:00', NULL),
  (14, 6, 'other', 'WAITING', NULL, '2025-02-04 10:00:00.25', '2025-02-01 10:00:00', NULL);
INSERT INTO ticket_messages VALUES
  (1, 12, 'user', 'text', 'не включается', NULL, 700, '2025-02-03 10:00:00'),
  (2, 12, 'operator', 'photo', NULL, 'смотрите', 100, '2025-02-03 10:01:00');
";

pub(crate) async fn adopt(temp: &TempDb, old: &str) -> (Store, Migrated) {
    let db = Db::open(temp.url()).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.script(old.to_owned()).await.unwrap();
    tx.commit().await.unwrap();
    let store = Store::open(temp.url(), CopyId::new("me")).await.unwrap();
    let migrated = store.migrate(at(0)).await.unwrap();
    store.heartbeat(at(0)).await.unwrap();
    (store, migrated)
}

async fn count(store: &Store, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table}");
    store.db().read(stmt!(sql)).await.unwrap()[0]
        .get(0)
        .unwrap()
}

async fn text(store: &Store, sql: &'static str) -> String {
    let value: Option<String> = store.db().read(stmt!(sql)).await.unwrap()[0]
        .get(0)
        .unwrap();
    value.unwrap_or_default()
}

#[test]
fn open_tickets_of_the_predecessor_go_on() {
    on_both(async |temp| {
        let (store, migrated) = adopt(&temp, PLAIN).await;
        assert_eq!(migrated.adopted_open, [TicketId(12), TicketId(14)]);
        assert_eq!(migrated.adopted_users, 3);

        let (ivan, _) = store.customer(&chat("700")).await.unwrap().unwrap();
        assert_eq!(
            (ivan.who.name.as_str(), ivan.who.chat.clone()),
            ("Иван", chat("700"))
        );
        let open = ivan.ticket.unwrap();
        assert_eq!((open.id, open.card.len()), (TicketId(12), 1));
        assert_eq!(open.subject, "warranty");
        let Stage::Assigned(assigned) = open.stage else {
            panic!("{:?}", open.stage)
        };
        assert_eq!(
            (assigned.operator, assigned.chat),
            (person("100").id, chat("100"))
        );
        assert_eq!(assigned.operator_name, "Ольга");

        let (other, _) = store.of_ticket(TicketId(14)).await.unwrap().unwrap();
        assert_eq!(other.who.chat, chat("9000000001"));
        let olga = store.operator(&person("100").id).await.unwrap().unwrap().0;
        assert_eq!(olga.dialogs.len(), 1);
    });
}

#[test]
fn the_rules_hear_of_adopted_tickets_once() {
    on_both(async |temp| {
        let (store, _) = adopt(&temp, PLAIN).await;
        let heard = store.recover(at(1)).await.unwrap().taken;
        let events: Vec<Event> = heard.into_iter().map(|taken| taken.event).collect();
        let adopted = |id| Event::Adopted {
            ticket: TicketId(id),
        };
        assert_eq!(events, [adopted(12), adopted(14)]);
        let again = store.migrate(at(2)).await.unwrap();
        assert_eq!((again.adopted_open, again.adopted_users), (vec![], 0));
    });
}

#[test]
fn nothing_is_lost_and_ids_go_on() {
    on_both(async |temp| {
        let (store, _) = adopt(&temp, PLAIN).await;
        let tables = ["users", "tickets", "ticket_messages"];
        for (table, rows) in tables.iter().zip([3, 3, 2]) {
            assert_eq!(count(&store, table).await, rows, "{table}");
        }
        assert_eq!(store.next_ticket().await.unwrap(), TicketId(15));
        converse(&store).await;
        for (table, rows) in tables.iter().zip([4, 4, 4]) {
            assert_eq!(count(&store, table).await, rows, "{table}");
        }
        let linked =
            "SELECT u.tg_id FROM tickets t JOIN users u ON u.id = t.user_id WHERE t.id = 16";
        assert_eq!(text(&store, linked).await, "800");
        assert_eq!(
            text(&store, "SELECT status FROM tickets WHERE id = 12").await,
            "CLOSED"
        );
    });
}

/// A new customer opens ticket 16, with a kind of message that the predecessor did not know, and
/// the operator closes the adopted ticket 12.
async fn converse(store: &Store) {
    let mut commit = deciding(store, "800", "open").await;
    let mut conversation = Conversation::new(person("800"));
    conversation.ticket = Some(ticket(TicketId(16)));
    commit.conversations.push((conversation, 0));
    let mut place = said("800", "1", "");
    let (kind, about) = ("location_of_a_kind".to_owned(), "Москва".to_owned());
    place.content.body = engine::content::Body::Other { kind, about };
    let kept = |said| Kept {
        ticket: TicketId(16),
        by: Side::Customer,
        said,
    };
    commit.history = vec![kept(place), kept(said("800", "2", "здравствуйте"))];
    store.commit(commit, at(1)).await.unwrap();

    let (mut ivan, version) = store.of_ticket(TicketId(12)).await.unwrap().unwrap();
    let stage = ivan.ticket.take().unwrap().stage;
    let mut commit = deciding(store, "100", "close").await;
    commit.closed = Some(stage.close(TicketId(12), person("100").id, at(2)));
    commit.conversations.push((ivan, version));
    store.commit(commit, at(2)).await.unwrap();
}

#[test]
fn a_customer_may_be_linked_by_the_messengers_id() {
    on_both(async |temp| {
        let old = PLAIN
            .replace(
                "user_id INTEGER NOT NULL REFERENCES users (id)",
                "user_tg_id BIGINT NOT NULL",
            )
            .replace("(11, 5,", "(11, 700,")
            .replace("(12, 5,", "(12, 700,")
            .replace("(14, 6,", "(14, 9000000001,");
        let (store, migrated) = adopt(&temp, &old).await;
        assert_eq!(migrated.adopted_open, [TicketId(12), TicketId(14)]);
        converse(&store).await;
        let linked = "SELECT user_tg_id FROM tickets WHERE id = 16";
        assert_eq!(text(&store, linked).await, "800");
    });
}

#[test]
fn lower_case_states_stay_lower_case() {
    on_both(async |temp| {
        let old = ["CLOSED", "ASSIGNED", "WAITING"]
            .iter()
            .fold(PLAIN.to_owned(), |old, word| {
                old.replace(word, &word.to_lowercase())
            });
        let (store, migrated) = adopt(&temp, &old).await;
        assert_eq!(migrated.adopted_open.len(), 2);
        converse(&store).await;
        assert_eq!(
            text(&store, "SELECT status FROM tickets WHERE id = 16").await,
            "waiting"
        );
        assert_eq!(
            text(&store, "SELECT status FROM tickets WHERE id = 12").await,
            "closed"
        );
    });
}

#[test]
fn enums_zoned_times_and_narrow_ids_are_adopted() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let Some(temp) = TempDb::pg().await else {
            return;
        };
        let types = "CREATE TYPE st AS ENUM ('WAITING', 'ASSIGNED', 'CLOSED');
            CREATE TYPE side AS ENUM ('user', 'operator');";
        let old = PLAIN
            .replace(
                "id INTEGER NOT NULL PRIMARY KEY, t",
                "id SERIAL PRIMARY KEY, t",
            )
            .replace(
                "id INTEGER NOT NULL PRIMARY KEY, u",
                "id SERIAL PRIMARY KEY, u",
            )
            .replace(
                "id INTEGER NOT NULL PRIMARY KEY,\n",
                "id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n",
            )
            .replace(
                "INSERT INTO ticket_messages VALUES",
                "INSERT INTO ticket_messages OVERRIDING SYSTEM VALUE VALUES",
            )
            .replace(
                "status VARCHAR(16) NOT NULL",
                "status st NOT NULL DEFAULT 'WAITING'",
            )
            .replace("sender_type VARCHAR(16)", "sender_type side")
            .replace("TIMESTAMP", "TIMESTAMPTZ")
            .replace("operator_tg_id BIGINT", "operator_tg_id INTEGER");
        let sequences = "SELECT setval('users_id_seq', 9); SELECT setval('tickets_id_seq', 30);
            ALTER TABLE ticket_messages ALTER COLUMN id RESTART WITH 3;";
        let (store, migrated) = adopt(&temp, &format!("{types}{old}{sequences}")).await;
        assert_eq!(migrated.adopted_open, [TicketId(12), TicketId(14)]);
        // A number that was given once is not given again, though its row is gone.
        assert_eq!(store.next_ticket().await.unwrap(), TicketId(31));
        converse(&store).await;
        assert_eq!(
            text(&store, "SELECT status FROM tickets WHERE id = 12").await,
            "CLOSED"
        );
    });
}

#[test]
fn ids_that_do_not_count_and_texts_that_must_be_there_are_served() {
    on_both(async |temp| {
        let old = PLAIN
            .replace(
                "id INTEGER NOT NULL PRIMARY KEY",
                "id BIGINT NOT NULL PRIMARY KEY",
            )
            .replace(
                "message_text TEXT, caption TEXT",
                "message_text TEXT, caption TEXT NOT NULL",
            )
            .replace("не включается', NULL", "не включается', ''");
        let (store, _) = adopt(&temp, &old).await;
        converse(&store).await;
        let last = "SELECT MAX(id) FROM ticket_messages";
        assert_eq!(text(&store, last).await, "4");
        // An edit that takes a caption away leaves what the table insists on.
        let mut commit = deciding(&store, "800", "edit").await;
        commit.revised = vec![said("800", "2", "до свидания")];
        store.commit(commit, at(3)).await.unwrap();
        let edited = "SELECT message_text FROM ticket_messages WHERE edited_at IS NOT NULL";
        assert_eq!(text(&store, edited).await, "до свидания");
    });
}

#[test]
fn people_known_by_the_messengers_id_alone_are_adopted() {
    on_both(async |temp| {
        let old = "
            CREATE TABLE users (telegram_id BIGINT PRIMARY KEY, full_name TEXT);
            CREATE TABLE tickets (id INTEGER PRIMARY KEY, status TEXT, telegram_id BIGINT
              REFERENCES users (telegram_id));
            INSERT INTO users VALUES (700, 'Иван Петров'), (701, '');
            INSERT INTO tickets VALUES (1, 'WAITING', 700), (2, 'WAITING', 700);";
        let (store, migrated) = adopt(&temp, old).await;
        assert_eq!(migrated.adopted_open, [TicketId(1), TicketId(2)]);
        let (ivan, _) = store.customer(&chat("700")).await.unwrap().unwrap();
        // The older of two goes first; the other one waits for its turn.
        assert_eq!(
            (ivan.who.name.as_str(), ivan.ticket.unwrap().id),
            ("Иван Петров", TicketId(1))
        );
        assert_eq!(
            store
                .customer(&chat("701"))
                .await
                .unwrap()
                .unwrap()
                .0
                .who
                .name,
            "701"
        );
        let mut commit = deciding(&store, "800", "new").await;
        commit
            .conversations
            .push((Conversation::new(person("800")), 0));
        store.commit(commit, at(1)).await.unwrap();
        assert_eq!(count(&store, "users").await, 3);
    });
}

#[test]
fn two_copies_that_start_at_once_take_turns() {
    on_both(async |temp| {
        let open = async |name: &str| Store::open(temp.url(), CopyId::new(name)).await.unwrap();
        let stores = [open("a").await, open("b").await, open("c").await];
        let starts = stores.iter().map(|store| store.migrate(at(0)));
        for migrated in futures_util::future::join_all(starts).await {
            assert_eq!(migrated.unwrap().to, 3);
        }
    });
}

#[test]
fn a_default_is_no_answer_where_nothing_is_said() {
    on_both(async |temp| {
        let old = PLAIN
            .replace(
                "username VARCHAR(64)",
                "username VARCHAR(64) NOT NULL DEFAULT ''",
            )
            .replace("9000000001, NULL", "9000000001, ''")
            .replace("caption TEXT", "caption TEXT NOT NULL DEFAULT ''")
            .replace("не включается', NULL", "не включается', ''")
            .replace(
                "closed_at TIMESTAMP)",
                "closed_at TIMESTAMP, rating INTEGER NOT NULL DEFAULT 0)",
            )
            .replace("'2025-02-02 10:00:00')", "'2025-02-02 10:00:00', 5)")
            .replace("10:00:00', NULL)", "10:00:00', NULL, 0)");
        let (store, _) = adopt(&temp, &old).await;
        converse(&store).await;
        for (n, stars) in [(11, 2), (12, 4), (16, 1)] {
            let mut commit = deciding(&store, "800", &format!("rate {n}")).await;
            let ticket = TicketId(n);
            commit.rated = Some(Rated { ticket, stars });
            store.commit(commit, at(3)).await.unwrap();
        }
        // Rated before, rated now, open.
        let rated = "SELECT rating FROM tickets WHERE id <> 14 ORDER BY id";
        assert_eq!(table(&store, rated).await, ["5", "4", "0"]);
    });
}
