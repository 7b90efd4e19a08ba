//! Many statements, one round trip: everything is sent before the first answer is waited for.

use std::{future::Future, pin::pin, sync::Arc};

use deadpool_postgres::Object;
use futures_util::{FutureExt, TryStreamExt, poll};
use tokio_postgres::Statement;

use super::super::{
    Done, Row, Stmt,
    error::{Error, Result},
};

/// Sends everything at once, in order, and gathers the answers: one round trip. The first error wins;
/// what follows it fails only because the transaction is broken by then.
pub(super) async fn pipeline<'a>(
    client: &Object,
    open: Option<&'static str>,
    stmts: impl IntoIterator<Item = &'a Stmt>,
    close: Option<&'static str>,
) -> Result<Vec<Done>> {
    let stmts: Vec<&Stmt> = stmts.into_iter().collect();
    let mut open = pin!(control(client, open));
    // The first poll sends.
    let mut opened = match poll!(open.as_mut()) {
        std::task::Poll::Ready(answer) => Some(answer),
        std::task::Poll::Pending => None,
    };
    let mut prepared = Vec::with_capacity(stmts.len());
    for stmt in &stmts {
        // From the connection's cache after the first time.
        let ready = client.prepare_cached(&stmt.sql).await;
        prepared.push(ready.map_err(|error| Error::from_pg(&stmt.sql, error))?);
    }
    let queries = stmts
        .iter()
        .zip(&prepared)
        .map(|(stmt, ready)| query(client, ready, stmt));
    let mut queries: Vec<_> = queries.map(Box::pin).collect();
    let mut early = Vec::with_capacity(queries.len());
    for query in &mut queries {
        early.push(sent(query).await);
    }
    let mut close = pin!(control(client, close));
    let closed = sent(&mut close).await;

    if opened.is_none() {
        opened = Some(open.await);
    }
    opened.transpose()?;
    let mut done = Vec::with_capacity(queries.len());
    for (query, early) in queries.into_iter().zip(early) {
        done.push(match early {
            Some(answer) => answer?,
            None => query.await?,
        });
    }
    match closed {
        Some(answer) => answer?,
        None => close.await?,
    }
    Ok(done)
}

/// Polls once, which sends the request; the answer if it is there already.
async fn sent<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    match poll!(future) {
        std::task::Poll::Ready(answer) => Some(answer),
        std::task::Poll::Pending => None,
    }
}

pub(super) async fn control(client: &Object, sql: Option<&'static str>) -> Result<()> {
    match sql {
        Some(sql) => client
            .batch_execute(sql)
            .await
            .map_err(|error| Error::from_pg(sql, error)),
        None => Ok(()),
    }
}

async fn query(client: &Object, prepared: &Statement, stmt: &Stmt) -> Result<Done> {
    let failed = |error| Error::from_pg(&stmt.sql, error);
    let stream = client
        .query_raw(prepared, &stmt.params)
        .await
        .map_err(failed)?;
    let mut stream = pin!(stream);
    let columns: Arc<[String]> = prepared
        .columns()
        .iter()
        .map(|c| c.name().to_owned())
        .collect();
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await.map_err(failed)? {
        let values = (0..columns.len())
            .map(|i| row.try_get(i))
            .collect::<Result<_, _>>();
        rows.push(Row {
            columns: Arc::clone(&columns),
            values: values.map_err(failed)?,
        });
    }
    Ok(Done {
        rows,
        affected: stream.rows_affected().unwrap_or(0),
    })
}

/// Sends `ROLLBACK` unless disarmed, without waiting: it is queued before whatever comes next.
pub(super) struct Undo<'a> {
    pub client: &'a Object,
    pub armed: bool,
}

impl Undo<'_> {
    pub(super) fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        if self.armed {
            let _ = self.client.batch_execute("ROLLBACK").now_or_never();
        }
    }
}
