//! What the loops of a running desk share. Nothing here decides; it holds the parts together.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use channels::telegram::Telegram;
use console::{Measures, Readiness};
use engine::{
    ids::{ChannelId, ChatRef},
    policy::Policy,
};
use store::{Committed, Store, Taken};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    clock::Clock,
    courier::Courier,
    pump::{Pump, Work},
    roles::Roles,
    timers::Timers,
};

/// The name of the part of the desk that the database is, for `/readyz`.
pub(crate) const DATABASE: &str = "database";

/// The parts of a running desk.
pub(crate) struct Desk {
    /// Its memory.
    pub(crate) store: Store,
    /// Its clock.
    pub(crate) clock: Clock,
    /// What its owner has settled.
    pub(crate) policy: Policy,
    /// The bot that operators work through.
    pub(crate) telegram: Arc<Telegram>,
    /// Who is an operator.
    pub(crate) roles: Roles,
    /// Where events go to be handled.
    pub(crate) pump: Pump,
    /// Where what was decided goes to be delivered.
    pub(crate) couriers: BTreeMap<ChannelId, Courier>,
    /// What waits for its time.
    pub(crate) timers: Timers,
    /// Where attachments are kept, if they are.
    pub(crate) media: Option<PathBuf>,
    /// What is counted.
    pub(crate) measures: Measures,
    /// What is in order.
    pub(crate) readiness: Readiness,
    /// Ends when the desk is to stop taking on work.
    pub(crate) closing: CancellationToken,
}

impl Desk {
    /// Hands events that this copy has stored to the pump.
    pub(crate) fn handle(self: &Arc<Self>, taken: impl IntoIterator<Item = Taken>) {
        for taken in taken {
            self.pump.push(self, Work::Event(Box::new(taken)));
        }
    }

    /// Hands what a commit left to do to whoever does it.
    pub(crate) fn carry_on(self: &Arc<Self>, committed: Committed) {
        for queued in committed.outbox {
            let channel = queued.lane.split('/').next().unwrap_or_default();
            let courier = self.couriers.iter().find(|(id, _)| id.as_str() == channel);
            if let Some((_, courier)) = courier {
                courier.queue(queued);
            }
        }
        self.handle(committed.inbox);
    }

    /// Something may have been queued that this copy does not know of.
    pub(crate) fn look_at_outbox(&self) {
        for courier in self.couriers.values() {
            courier.look();
        }
    }

    /// What the database said of itself, for `/readyz` and, if it is news, the log.
    pub(crate) fn heard_of_database(&self, said: Result<(), &store::Error>) {
        match said {
            Ok(()) => {
                if self.readiness.fine(DATABASE) {
                    info!("the database answers");
                }
            }
            Err(error) => {
                if self.readiness.trouble(DATABASE, &error.to_string()) {
                    warn!(%error, cause = %cause(error), "the database does not answer");
                }
            }
        }
    }

    /// Sleeps, unless the desk closes; whether it is still open.
    pub(crate) async fn pause(&self, for_so_long: Duration) -> bool {
        tokio::select! {
            () = self.closing.cancelled() => false,
            () = tokio::time::sleep(for_so_long) => true,
        }
    }

    /// The operators' group got a new id (Telegram: a group became a supergroup).
    pub(crate) fn group_moved(&self, from: &ChatRef, to: &ChatRef) {
        warn!(%from, %to, "the operators' group has a new id: put it into OPERATORS_CHAT_ID");
        self.telegram.desk_moved(to.clone());
        for courier in self.couriers.values() {
            courier.moved(from.clone(), to.clone());
        }
    }
}

/// What lies beneath an error, for the log.
pub(crate) fn cause(error: &dyn std::error::Error) -> String {
    let mut causes = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    causes.join(": ")
}

/// Waits longer each time: 100 ms, 200 ms, … up to 5 s.
#[derive(Debug, Default)]
pub(crate) struct Patience(u32);

impl Patience {
    /// The next pause.
    pub(crate) fn next_pause(&mut self) -> Duration {
        let pause = Duration::from_millis(100 << self.0.min(6)).min(Duration::from_secs(5));
        self.0 += 1;
        pause
    }
}
