//! Clients: whom the business knows by an e-mail address, whichever messengers they write from. Two
//! people who name one address are one client with two chats.

use engine::{
    client::{Client, Email},
    ids::ChatRef,
};
use jiff::Timestamp;

use crate::{
    Plan, Store, Version,
    batch::batches,
    db::{Error, Result, Row, Stmt, Value},
    parse, stmt,
};

/// What [`read`] reads, of a table that is called `c`; the version follows.
macro_rules! columns {
    () => {
        "c.email, c.name, c.tariff, c.paid_until, c.version"
    };
}
pub(crate) use columns;

impl Store {
    /// The client with this e-mail address.
    pub async fn client(&self, email: &Email) -> Result<Option<Client>> {
        let found = self.client_versioned(email).await?;
        Ok(found.map(|(client, _)| client))
    }

    /// The client with this e-mail address, and the version to change it at.
    pub async fn client_versioned(&self, email: &Email) -> Result<Option<(Client, Version)>> {
        let sql = concat!("SELECT ", columns!(), " FROM clients c WHERE c.email = $1");
        let rows = self.db.read(stmt!(sql, email.as_str())).await?;
        rows.first().map_or(Ok(None), |row| versioned(row, 0))
    }

    /// Every client, by their addresses.
    pub async fn all_clients(&self) -> Result<Vec<(Client, Version)>> {
        let sql = concat!("SELECT ", columns!(), " FROM clients c ORDER BY c.email");
        let rows = self.db.read(stmt!(sql)).await?;
        let clients = rows.iter().map(|row| versioned(row, 0).transpose());
        clients.flatten().collect()
    }

    /// The chats of a client, whether or not they can be written to.
    pub async fn chats(&self, of: &Email) -> Result<Vec<ChatRef>> {
        let sql = "SELECT u.chat FROM users u JOIN clients c ON c.id = u.client_id
            WHERE c.email = $1 AND u.chat IS NOT NULL ORDER BY u.chat";
        let rows = self.db.read(stmt!(sql, of.as_str())).await?;
        rows.iter()
            .map(|row| parse(&row.get::<String>(0)?))
            .collect()
    }
}

/// The statement that makes a client with this address, if there is none.
pub(crate) fn add(email: &Email, now: Timestamp) -> Stmt {
    let sql = "INSERT INTO clients (email, created_at, version) VALUES ($1, $2, 1)
        ON CONFLICT (email) DO NOTHING";
    stmt!(sql, email.as_str(), now)
}

/// Plans that clients are as they are now: new ones (of version 0), and those whose record has not moved.
pub(crate) fn write<T>(plan: &mut Plan<T>, clients: &[(Client, Version)], now: Timestamp) {
    // Always in the same order: two commits about the same two do not wait for each other.
    let mut clients: Vec<_> = clients.iter().collect();
    clients.sort_by_key(|(client, _)| &client.email);
    let (new, known): (Vec<_>, Vec<_>) =
        clients.into_iter().partition(|(_, version)| *version == 0);
    let new = new.into_iter().map(|(client, version)| {
        let mut row = values(client, version + 1);
        row.push(now.into());
        row
    });
    plan.extend(batches(new.collect(), |rows| {
        format!(
            "INSERT INTO clients (email, name, tariff, paid_until, version, created_at)
             VALUES {rows} ON CONFLICT (email) DO NOTHING"
        )
    }));
    let known = known
        .into_iter()
        .map(|(client, version)| values(client, *version));
    plan.extend(batches(known.collect(), |rows| {
        format!(
            "UPDATE clients SET name = given.column2, tariff = given.column3,
               paid_until = given.column4, version = clients.version + 1
             FROM (VALUES {rows}) AS given WHERE clients.email = given.column1
               AND clients.version = CAST(given.column5 AS BIGINT)"
        )
    }));
}

/// What the columns of a client hold.
fn values(client: &Client, version: Version) -> Vec<Value> {
    let paid_until = client.paid_until.map(|day| day.to_string());
    vec![
        client.email.as_str().into(),
        (&client.name).into(),
        (&client.tariff).into(),
        paid_until.into(),
        version.into(),
    ]
}

/// The client in a row, from column `first` on, and the version; none where there is no address.
pub(crate) fn versioned(row: &Row, first: usize) -> Result<Option<(Client, Version)>> {
    let client = read(row, first)?;
    client
        .map(|client| Ok((client, row.get(first + 4)?)))
        .transpose()
}

/// The client in a row, from column `first` on; none where there is no address.
pub(crate) fn read(row: &Row, first: usize) -> Result<Option<Client>> {
    let Some(address) = row.get::<Option<String>>(first)? else {
        return Ok(None);
    };
    let paid_until: Option<String> = row.get(first + 3)?;
    Ok(Some(Client {
        email: email(&address)?,
        name: row.get(first + 1)?,
        tariff: row.get(first + 2)?,
        paid_until: paid_until.map(|day| parse(&day)).transpose()?,
    }))
}

/// Reads an address that was kept.
pub(crate) fn email(text: &str) -> Result<Email> {
    Email::read(text).map_err(|wrong| Error::unreadable(format!("a client's address: {wrong:?}")))
}
