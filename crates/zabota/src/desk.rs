//! What the loops of a running desk share. Nothing here decides; it holds the parts together.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use channels::{Channel, Undelivered, telegram::Telegram};
use console::{Measures, Readiness};
use engine::{
    ids::{ChannelId, ChatRef},
    policy::Policy,
};
use store::Store;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{clock::Clock, mail::Mail, roles::Roles};

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
    /// Every channel, the operators' bot among them.
    pub(crate) channels: BTreeMap<ChannelId, Arc<dyn Channel>>,
    /// The bot that operators work through.
    pub(crate) telegram: Arc<Telegram>,
    /// Who is an operator.
    pub(crate) roles: Roles,
    /// What its loops tell each other.
    pub(crate) mail: Mail,
    /// Where attachments are kept, if they are.
    pub(crate) media: Option<PathBuf>,
    /// An owner has spoken to the bot, which may write to them now.
    pub(crate) owner_spoke: Notify,
    /// What is counted.
    pub(crate) measures: Measures,
    /// What is in order.
    pub(crate) readiness: Readiness,
    /// Ends when the desk is to stop taking on work.
    pub(crate) closing: CancellationToken,
}

impl Desk {
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

    /// A messenger answers, for `/readyz` and, if it is news, the log.
    pub(crate) fn answers(&self, channel: &ChannelId) {
        if self.readiness.fine(channel.as_str()) {
            info!(%channel, "the messenger answers");
        }
    }

    /// A messenger does not answer, or not as it should.
    pub(crate) fn fails(&self, channel: &ChannelId, failed: &Undelivered) {
        if self
            .readiness
            .trouble(channel.as_str(), &failed.to_string())
        {
            warn!(%channel, %failed, "the messenger does not answer");
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
        self.mail.moved(from, to);
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
