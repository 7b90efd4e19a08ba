//! The quiet loops: who leads, who is alive, what was left behind, what may be forgotten.

use std::{path::Path, sync::Arc, time::Duration};

use engine::ids::ChannelId;
use store::{Keep, Wake};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::{desk::Desk, files};

/// A lease holds so long. With [`RENEW`] and the others' look each 2 s, another copy takes over
/// within 15 s of a death.
const LEASE: Duration = Duration::from_secs(7);
/// How often a lease is renewed, and asked for by those who lack it.
const RENEW: Duration = Duration::from_secs(2);
/// How often what other copies left is looked for, where there can be other copies.
const LOOK: Duration = Duration::from_secs(1);
/// How often the database is asked for a sign of life.
const PING: Duration = Duration::from_secs(5);
/// How often old things are swept out.
const SWEEP: Duration = Duration::from_hours(1);

/// One copy polls and delivers for a channel: the one that holds its lease.
pub(crate) async fn lead(desk: Arc<Desk>, channel: ChannelId, leads: watch::Sender<bool>) {
    loop {
        let now = desk.clock.now();
        let mine = match desk.store.lease(channel.as_str(), now, LEASE).await {
            Ok(mine) => mine,
            Err(error) => {
                // Nobody else can take it either while the database is away; after that, we shall see.
                warn!(%error, "the lease cannot be renewed");
                *leads.borrow()
            }
        };
        let changed = leads.send_if_modified(|leads| std::mem::replace(leads, mine) != mine);
        if changed {
            desk.mail.active(&channel, mine);
        }
        if mine && !desk.store.db().is_pg() {
            // There is no other copy: nothing to renew, and a disk that may rest.
            return desk.closing.cancelled().await;
        }
        if !desk.pause(RENEW).await {
            return;
        }
    }
}

/// Signs of life, what dead copies left behind, and what was stored although the answer got lost.
pub(crate) async fn watch_copies(desk: Arc<Desk>) {
    let mut wakes = desk.store.wakeups();
    let mut rounds = 0_u32;
    loop {
        let now = desk.clock.now();
        if rounds.is_multiple_of(3)
            && desk.store.db().is_pg()
            && let Err(error) = desk.store.heartbeat(now).await
        {
            warn!(%error, "no sign of life could be given");
        }
        recover(&desk).await;
        rounds = rounds.wrapping_add(1);
        tokio::select! {
            () = desk.closing.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
            Some(wake) = wakes.recv() => match wake {
                Wake::Inbox => {}
                Wake::Outbox(channel) => desk.mail.look(&channel),
            },
        }
        // Calls may be lost; where there is one copy there are none.
        if rounds.is_multiple_of(5) && desk.store.db().is_pg() {
            desk.mail.look_everywhere();
        }
    }
}

/// Takes over events that nobody works on.
pub(crate) async fn recover(desk: &Arc<Desk>) {
    match desk.store.recover(desk.clock.now()).await {
        Ok(recovered) => {
            if recovered.given_up > 0 {
                let events = recovered.given_up;
                warn!(
                    events,
                    "events that stopped the desk again and again are set aside"
                );
            }
            if !recovered.taken.is_empty() {
                info!(events = recovered.taken.len(), "taken over");
            }
            desk.mail.handle(recovered.taken);
        }
        Err(error) => desk.heard_of_database(Err(&error)),
    }
}

/// Whether the database answers, for `/readyz`.
pub(crate) async fn ping(desk: Arc<Desk>) {
    loop {
        let answer = desk.store.ping().await;
        desk.heard_of_database(answer.as_ref().copied());
        if !desk.pause(PING).await {
            return;
        }
    }
}

/// Forgets what is old, a step at a time.
pub(crate) async fn sweep(desk: Arc<Desk>, keep: Keep) {
    loop {
        let mut more = true;
        while more && !desk.closing.is_cancelled() {
            match desk.store.sweep(desk.clock.now(), keep).await {
                Ok(swept) => {
                    more = swept.more;
                    if let Some(root) = &desk.media {
                        remove(root, &swept.media_paths).await;
                    }
                }
                Err(error) => {
                    warn!(%error, "old things cannot be swept out");
                    more = false;
                }
            }
            desk.pause(Duration::from_millis(100)).await;
        }
        if !desk.pause(SWEEP).await {
            return;
        }
    }
}

async fn remove(root: &Path, paths: &[String]) {
    for path in paths {
        if let Some(file) = files::inside(root, path)
            && let Err(error) = tokio::fs::remove_file(file).await
        {
            warn!(%error, path, "an old attachment cannot be removed");
        }
    }
}
