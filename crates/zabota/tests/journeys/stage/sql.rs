//! Plain SQL, as a person would type it, past the desk.

use rusqlite::types::ValueRef;
use tokio_postgres::{NoTls, SimpleQueryMessage};

use super::Stage;

/// A row as texts; nothing for NULL.
pub(crate) type Row = Vec<Option<String>>;

impl Stage {
    /// What a query finds.
    pub(crate) async fn sql(&self, query: &str) -> Vec<Row> {
        match self.database.strip_prefix("sqlite://") {
            Some(path) => lite(path, query),
            None => pg(&self.database, query).await,
        }
    }

    /// One column of texts.
    pub(crate) async fn column(&self, query: &str) -> Vec<String> {
        let rows = self.sql(query).await;
        let first = |row: Row| row.into_iter().next().flatten();
        rows.into_iter()
            .map(|row| first(row).unwrap_or_else(|| "NULL".to_owned()))
            .collect()
    }

    /// One number.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        self.column(query).await[0].parse().expect("a number")
    }

    /// Several statements whose answers do not matter.
    pub(crate) async fn script(&self, sql: &str) {
        match self.database.strip_prefix("sqlite://") {
            Some(path) => {
                let db = rusqlite::Connection::open(path).expect("a database");
                db.execute_batch(sql).expect(sql);
            }
            None => drop(pg(&self.database, sql).await),
        }
    }

    /// The database's address.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }
}

fn lite(path: &str, query: &str) -> Vec<Row> {
    let db = rusqlite::Connection::open(path).expect("a database");
    let mut statement = db.prepare(query).expect(query);
    let columns = statement.column_count();
    let read = |row: &rusqlite::Row<'_>| {
        let cell = |at| row.get_ref(at).map(text);
        (0..columns).map(cell).collect::<Result<Row, _>>()
    };
    let rows = statement.query_map([], read).expect(query);
    rows.collect::<Result<_, _>>().expect(query)
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Some(format!("{} bytes", bytes.len())),
    }
}

/// With any server, also one that this stage does not own.
pub(crate) async fn pg(url: &str, query: &str) -> Vec<Row> {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("the database");
    let driver = tokio::spawn(connection);
    let answers = client.simple_query(query).await.expect(query);
    drop(client);
    let _ = driver.await;
    let row = |answer| match answer {
        SimpleQueryMessage::Row(row) => Some(
            (0..row.len())
                .map(|at| row.get(at).map(str::to_owned))
                .collect(),
        ),
        _ => None,
    };
    answers.into_iter().filter_map(row).collect()
}
