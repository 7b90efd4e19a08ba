//! Who is an operator: a member of the operators' group, asked of the messenger, remembered for a
//! minute at most, forgotten as soon as somebody comes or leaves.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use channels::{Undelivered, telegram::Telegram};
use engine::ids::{ChatRef, PersonRef};
use jiff::{SignedDuration, Timestamp};
use tracing::warn;

/// How long a «yes» holds.
const MEMBER: SignedDuration = SignedDuration::from_secs(60);
/// How long a «no» holds: whoever was just let in need not wait.
const STRANGER: SignedDuration = SignedDuration::from_secs(5);
/// So many answers are remembered; beyond it those that no longer hold are swept out.
const MANY: usize = 1000;

/// Remembers who is in the operators' group.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    known: Mutex<HashMap<PersonRef, (bool, Timestamp)>>,
}

impl Roles {
    /// Whether somebody is in the group now.
    pub(crate) async fn is_member(
        &self,
        telegram: &Telegram,
        group: &ChatRef,
        who: &PersonRef,
        now: Timestamp,
    ) -> Result<bool, Undelivered> {
        // Through another channel nobody can be in this group.
        if who.channel != group.channel {
            return Ok(false);
        }
        if let Some(inside) = self.remembered(who, now) {
            return Ok(inside);
        }
        let inside = match telegram.is_member(group, who).await {
            // In a group that the bot cannot see nobody can be shown to be a member.
            Err(Undelivered::Gone(why) | Undelivered::Refused { reason: why }) => {
                warn!(%group, why, "the operators' group cannot be asked for its members");
                false
            }
            answer => answer?,
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MANY {
            known.retain(|_, (inside, at)| holds(*inside, *at, now));
        }
        known.insert(who.clone(), (inside, now));
        Ok(inside)
    }

    /// Somebody came or left: what was remembered of them is void.
    pub(crate) fn forget(&self, who: &PersonRef) {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(who);
    }

    fn remembered(&self, who: &PersonRef, now: Timestamp) -> Option<bool> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .get(who)
            .filter(|(inside, at)| holds(*inside, *at, now))
            .map(|(inside, _)| *inside)
    }
}

fn holds(inside: bool, at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < if inside { MEMBER } else { STRANGER }
}
