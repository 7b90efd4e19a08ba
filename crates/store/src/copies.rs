//! Several copies of the program on one PostgreSQL: who is alive, who leads what, and how they wake
//! each other. On SQLite there is one copy, and everybody else's claims are those of the dead.
//!
//! Times are the copies' own clocks: they may differ by a few seconds, not by more.

use std::{collections::HashSet, sync::PoisonError, time::Duration};

use engine::ids::ChannelId;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use crate::{
    CopyId, Store,
    db::{Db, Pg, Result, Stmt},
    stmt,
};

/// The name that copies call each other by.
const CALLS: &str = "zabota";

/// A call from another copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Something was queued for this channel: [`Store::queue`].
    Outbox(ChannelId),
    /// Something was given to this copy: [`Store::recover`].
    Inbox,
}

impl Store {
    /// A copy without a sign of life for so long is dead.
    pub const LIVES: SignedDuration = SignedDuration::from_secs(7);

    /// Takes or renews a lease; whether it is this copy's now. A lease that bears a channel's name means that
    /// its holder delivers for that channel.
    pub async fn lease(&self, name: &str, now: Timestamp, ttl: Duration) -> Result<bool> {
        let until = now + SignedDuration::try_from(ttl).unwrap_or(Self::LIVES);
        let sql = "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
            WHERE leases.holder = excluded.holder OR leases.until <= $4";
        // Nobody else can be running on a file: what a killed process held is free at once.
        let expired = if self.db.is_pg() { now } else { Timestamp::MAX };
        let done = self
            .db
            .write(vec![stmt!(sql, name, self.me.as_str(), until, expired)])
            .await?;
        let mine = done[0].affected == 1;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if mine {
            held.insert(name.to_owned());
        } else {
            held.remove(name);
        }
        Ok(mine)
    }

    /// Gives a lease up, so that another copy need not wait.
    pub async fn release(&self, name: &str) -> Result<()> {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(name);
        let sql = "DELETE FROM leases WHERE name = $1 AND holder = $2";
        self.db
            .write(vec![stmt!(sql, name, self.me.as_str())])
            .await
            .map(|_| ())
    }

    /// Gives a sign of life: every few seconds, well within [`Store::LIVES`].
    pub async fn heartbeat(&self, now: Timestamp) -> Result<()> {
        self.db
            .write(vec![self.sign_of_life(now)])
            .await
            .map(|_| ())
    }

    pub(crate) fn sign_of_life(&self, now: Timestamp) -> Stmt {
        let sql = "INSERT INTO copies (id, seen_at) VALUES ($1, $2)
            ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at";
        stmt!(sql, self.me.as_str(), now)
    }

    /// Says goodbye: what this copy claimed is free for others at once.
    pub async fn retire(&self) -> Result<()> {
        let mine = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        let me = self.me.as_str();
        let mut stmts = vec![stmt!("DELETE FROM copies WHERE id = $1", me)];
        let release = "DELETE FROM leases WHERE name = $1 AND holder = $2";
        stmts.extend(mine.into_iter().map(|name| stmt!(release, name, me)));
        self.db.write(stmts).await.map(|_| ())
    }

    /// The copies that are alive.
    pub async fn living(&self, now: Timestamp) -> Result<HashSet<CopyId>> {
        let sql = "SELECT id FROM copies WHERE seen_at > $1";
        let rows = self.db.read(stmt!(sql, self.alive_since(now))).await?;
        rows.iter()
            .map(|row| Ok(CopyId::new(row.get::<String>(0)?)))
            .collect()
    }

    /// Signs of life count if they are younger.
    pub(crate) fn alive_since(&self, now: Timestamp) -> Timestamp {
        if self.db.is_pg() {
            now - Self::LIVES
        } else {
            Timestamp::MAX
        }
    }

    /// Calls from other copies. Some may be lost: look each second as well. Ends with its receiver.
    pub fn wakeups(&self) -> mpsc::Receiver<Wake> {
        let (to, wakes) = mpsc::channel(64);
        if let Db::Pg(pg) = &self.db {
            tokio::spawn(hear(pg.clone(), self.me.clone(), to));
        }
        wakes
    }

    /// Calls other copies, without waiting and without promise.
    pub(crate) fn call(&self, wake: Wake, whom: &str) {
        if let Db::Pg(_) = &self.db {
            let note = match wake {
                Wake::Outbox(channel) => format!("outbox:{channel}"),
                Wake::Inbox => format!("inbox:{whom}"),
            };
            let db = self.db.clone();
            tokio::spawn(async move {
                let called = db.read(stmt!("SELECT pg_notify($1, $2)", CALLS, note));
                if let Err(error) = called.await {
                    tracing::debug!(%error, "another copy was not called");
                }
            });
        }
    }
}

async fn hear(pg: Pg, me: CopyId, to: mpsc::Sender<Wake>) {
    while !to.is_closed() {
        if let Ok(mut listener) = pg.listen(CALLS).await {
            loop {
                let note = tokio::select! {
                    note = listener.heard() => note,
                    () = to.closed() => return,
                };
                let Some(note) = note else { break };
                // A full channel means that the receiver will look anyway.
                if let Some(wake) = read(&note, &me) {
                    let _ = to.try_send(wake);
                }
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn read(note: &str, me: &CopyId) -> Option<Wake> {
    match note.split_once(':')? {
        ("outbox", channel) if ChannelId::is_valid(channel) => {
            Some(Wake::Outbox(ChannelId::new(channel)))
        }
        ("inbox", whom) if whom == me.as_str() => Some(Wake::Inbox),
        _ => None,
    }
}
