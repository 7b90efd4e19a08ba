//! The executor beneath the queries: the same behaviour on both databases, also when things fail.

use std::time::{Duration, Instant};

use store::{
    db::{Db, Error, Value},
    stmt,
    testing::{Disk, Server, TempDb, on_both},
};

async fn open(temp: &TempDb) -> Db {
    let db = Db::open(temp.url()).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let table = "CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT, version BIGINT NOT NULL);";
    tx.script(table.to_owned()).await.unwrap();
    tx.commit().await.unwrap();
    db
}

fn insert(id: i64, name: &str) -> store::db::Stmt {
    stmt!(
        "INSERT INTO t (id, name, version) VALUES ($1, $2, 1)",
        id,
        name
    )
}

async fn names(db: &Db) -> Vec<String> {
    let rows = db
        .read(stmt!("SELECT name FROM t ORDER BY id"))
        .await
        .unwrap();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

#[test]
fn parameters_go_by_number_not_by_appearance() {
    on_both(async |temp| {
        let db = open(&temp).await;
        let sql = "INSERT INTO t (name, version, id) VALUES ($2, $1, $1) RETURNING id, name";
        let done = db.write(vec![stmt!(sql, 7_i64, "anna")]).await.unwrap();
        assert_eq!(done[0].affected, 1);
        assert_eq!(done[0].rows[0].get::<i64>(0).unwrap(), 7);
        assert_eq!(done[0].rows[0].get::<String>(1).unwrap(), "anna");
    });
}

#[test]
fn a_failed_write_takes_nothing_and_nobody_along() {
    on_both(async |temp| {
        let db = open(&temp).await;
        db.write(vec![insert(0, "first")]).await.unwrap();
        let writes = (1..=40_i64).map(|id| {
            // Every fourth takes a key that is taken, after it has written another row.
            let second = if id % 4 == 0 { 0 } else { id + 1000 };
            db.write(vec![insert(id, "x"), insert(second, "y")])
        });
        let answers = futures_util::future::join_all(writes).await;
        for (id, answer) in (1..).zip(&answers) {
            let conflict = matches!(answer, Err(Error::Conflict(_)));
            assert_eq!(conflict, id % 4 == 0, "{id}: {answer:?}");
        }
        assert_eq!(names(&db).await.len(), 1 + 2 * 30);
    });
}

#[test]
fn only_one_of_many_moves_a_version_on() {
    on_both(async |temp| {
        let db = open(&temp).await;
        db.write(vec![insert(1, "card")]).await.unwrap();
        let claim = "UPDATE t SET version = 2, name = $1 WHERE id = 1 AND version = 1";
        let presses = (0..16).map(|who| {
            let after = insert(100 + who, "history");
            db.write(vec![
                stmt!(claim, format!("operator {who}")).or_conflict(),
                after,
            ])
        });
        let answers = futures_util::future::join_all(presses).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert_eq!(names(&db).await.len(), 2);
    });
}

#[test]
fn a_transaction_that_is_dropped_or_failed_leaves_nothing() {
    on_both(async |temp| {
        let db = open(&temp).await;
        let mut tx = db.begin().await.unwrap();
        tx.run(vec![insert(1, "dropped")]).await.unwrap();
        drop(tx);
        let mut tx = db.begin().await.unwrap();
        tx.run(vec![insert(2, "failed")]).await.unwrap();
        tx.one(stmt!("SELECT nonsense FROM t")).await.unwrap_err();
        tx.one(insert(3, "late")).await.unwrap_err();
        tx.commit().await.unwrap_err();
        assert_eq!(names(&db).await, Vec::<String>::new());
    });
}

#[test]
fn several_reads_see_one_state() {
    on_both(async |temp| {
        let db = open(&temp).await;
        let writer = db.clone();
        let writing = tokio::spawn(async move {
            for id in 0..100 {
                writer
                    .write(vec![insert(id, "x"), insert(id + 1000, "y")])
                    .await
                    .unwrap();
            }
        });
        while !writing.is_finished() {
            let count = |name| stmt!("SELECT count(*) FROM t WHERE name = $1", name);
            let counts = db.read_all(vec![count("x"), count("y")]).await.unwrap();
            let count = |i: usize| counts[i][0].get::<i64>(0).unwrap();
            assert_eq!(count(0), count(1));
        }
        writing.await.unwrap();
    });
}

#[test]
fn values_fit_what_the_predecessor_chose() {
    on_both(async |temp| {
        let db = Db::open(temp.url()).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        if temp.is_pg() {
            let types =
                "CREATE TYPE st AS ENUM ('WAITING', 'CLOSED'); CREATE DOMAIN who AS varchar(40);";
            tx.script(types.to_owned()).await.unwrap();
        }
        let (st, who) = if temp.is_pg() {
            ("st", "who")
        } else {
            ("VARCHAR(7)", "VARCHAR")
        };
        let table = format!(
            "CREATE TABLE odd (small SMALLINT, num NUMERIC(20,0), word VARCHAR, state {st}, who {who},
             flag BOOLEAN, naive TIMESTAMP, zoned TIMESTAMP WITH TIME ZONE, doc JSON);"
        );
        tx.script(table).await.unwrap();
        tx.commit().await.unwrap();

        let at: jiff::Timestamp = "2026-11-20T10:00:00.25Z".parse().unwrap();
        let sql = "INSERT INTO odd (small, num, word, state, who, flag, naive, zoned, doc)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let time = Value::Time(at);
        let values = stmt!(
            sql,
            3_i64,
            77_000_000_001_i64,
            77_000_000_001_i64,
            "CLOSED",
            "anna",
            true,
            time.clone(),
            time,
            r#"{"a":1}"#
        );
        db.write(vec![values]).await.unwrap();
        let row = &db.read(stmt!("SELECT * FROM odd")).await.unwrap()[0];
        assert_eq!(row.get::<i64>(0).unwrap(), 3);
        assert_eq!(row.get::<i64>(1).unwrap(), 77_000_000_001);
        assert_eq!(row.get::<i64>(2).unwrap(), 77_000_000_001);
        assert_eq!(row.get::<String>(3).unwrap(), "CLOSED");
        assert_eq!(row.get::<String>(4).unwrap(), "anna");
        assert!(row.get::<bool>(5).unwrap());
        assert_eq!(row.get::<jiff::Timestamp>(6).unwrap(), at);
        assert_eq!(row.get::<jiff::Timestamp>(7).unwrap(), at);
        assert_eq!(row.get::<String>(8).unwrap(), r#"{"a":1}"#);
    });
}

#[test]
fn errors_say_what_to_do_next() {
    on_both(async |temp| {
        let db = open(&temp).await;
        let broken = db
            .write(vec![stmt!("UPDATE nowhere SET a = 1")])
            .await
            .unwrap_err();
        assert!(matches!(broken, Error::Broken { .. }), "{broken:?}");
        let few = db
            .read(stmt!("SELECT name FROM t WHERE id = $1"))
            .await
            .unwrap_err();
        assert!(matches!(few, Error::Broken { .. }), "{few:?}");
        assert_eq!(names(&db).await.len(), 0);
    });
}

#[test]
fn the_log_of_sqlite_stays_small_when_rows_are_returned() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let temp = TempDb::lite();
        let db = open(&temp).await;
        for id in 0..3000 {
            let sql = "INSERT INTO t (id, name, version) VALUES ($1, $2, 1) RETURNING id";
            db.write(vec![stmt!(sql, id, "x".repeat(500))])
                .await
                .unwrap();
        }
        let Db::Lite(file) = &db else {
            panic!("not a file")
        };
        let log = file.path().with_extension("db-wal");
        assert!(std::fs::metadata(log).unwrap().len() < 8_000_000);
    });
}

#[test]
fn a_server_that_goes_away_heals_by_itself() {
    let Some(server) = Server::start(Disk::Careless) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = Db::open(server.url()).await.unwrap();
        let Db::Pg(pg) = &db else {
            panic!("not a server")
        };
        let mut listener = pg.listen("work").await.unwrap();
        db.write(vec![stmt!("NOTIFY work, 'hello'")]).await.unwrap();
        assert_eq!(listener.heard().await.as_deref(), Some("hello"));

        server.stop();
        assert_eq!(listener.heard().await, None);
        for _ in 0..3 {
            let away = db.write(vec![stmt!("SELECT 1")]).await.unwrap_err();
            assert!(away.heals(), "{away:?}");
        }
        server.resume();
        let deadline = Instant::now() + Duration::from_secs(10);
        while let Err(error) = db.write(vec![stmt!("SELECT 1")]).await {
            assert!(error.heals() && Instant::now() < deadline, "{error:?}");
        }
        db.ping().await.unwrap();
    });
}

#[test]
fn a_wrong_login_is_refused_and_a_silent_server_is_unavailable() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let silent = Db::open("postgres://anna:secret@127.0.0.1:1/care")
            .await
            .unwrap_err();
        assert!(
            silent.heals() && !format!("{silent:?}").contains("secret"),
            "{silent:?}"
        );
        if let Some(temp) = TempDb::pg().await {
            let missing = format!("{}_missing", temp.url());
            let refused = Db::open(&missing).await.unwrap_err();
            assert!(matches!(refused, Error::Refused(_)), "{refused:?}");
        }
        let folder = Db::open("sqlite:///nowhere/at/all.db").await.unwrap_err();
        assert!(matches!(folder, Error::Refused(_)), "{folder:?}");
    });
}
