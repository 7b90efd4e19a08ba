//! Clients: whom the business knows by an e-mail address, whichever messengers they write from. Two
//! people who name one address are one client with two chats.

use engine::client::{Client, Email};
use jiff::Timestamp;

use crate::{
    Store,
    db::{Error, Result, Row, Stmt},
    parse, stmt,
};

/// What [`read`] reads, of a table that is called `c`.
macro_rules! columns {
    () => {
        "c.email, c.name, c.tariff, c.paid_until"
    };
}
pub(crate) use columns;

impl Store {
    /// The client with this e-mail address.
    pub async fn client(&self, email: &Email) -> Result<Option<Client>> {
        let sql = concat!("SELECT ", columns!(), " FROM clients c WHERE c.email = $1");
        let rows = self.db.read(stmt!(sql, email.as_str())).await?;
        rows.first().map_or(Ok(None), |row| read(row, 0))
    }
}

/// The statement that makes a client with this address, if there is none.
pub(crate) fn add(email: &Email, now: Timestamp) -> Stmt {
    let sql = "INSERT INTO clients (email, created_at, version) VALUES ($1, $2, 1)
        ON CONFLICT (email) DO NOTHING";
    stmt!(sql, email.as_str(), now)
}

/// The client in a row, from column `first` on; none where there is no address.
pub(crate) fn read(row: &Row, first: usize) -> Result<Option<Client>> {
    let Some(email) = row.get::<Option<String>>(first)? else {
        return Ok(None);
    };
    let email = Email::read(&email);
    let paid_until: Option<String> = row.get(first + 3)?;
    Ok(Some(Client {
        email: email
            .map_err(|wrong| Error::unreadable(format!("a client's address: {wrong:?}")))?,
        name: row.get(first + 1)?,
        tariff: row.get(first + 2)?,
        paid_until: paid_until.map(|day| parse(&day)).transpose()?,
    }))
}
