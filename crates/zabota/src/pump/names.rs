//! What messengers tell of people whom their updates do not name: asked once, remembered for a while,
//! and never waited for long. A name is not worth holding a message up.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use channels::Undelivered;
use engine::{event::Profile, ids::PersonRef};
use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;
use tracing::debug;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long an answer holds, also the answer that nothing is told.
const ANSWERED: SignedDuration = SignedDuration::from_hours(1);
/// How long a messenger that was silent is not asked for the same person again.
const SILENT: SignedDuration = SignedDuration::from_mins(1);
/// So many people are remembered; beyond it those whose time is over are swept out, or all.
const MANY: usize = 1000;

/// What was told of whom.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: Mutex<HashMap<PersonRef, Told>>,
}

#[derive(Clone, Debug)]
struct Told {
    profile: Option<Profile>,
    until: Timestamp,
}

impl Names {
    /// What the messenger tells of somebody when it is asked; none if it does not tell, or not in time.
    pub(super) async fn of(
        &self,
        who: &PersonRef,
        now: Timestamp,
        asked: impl Future<Output = Result<Option<Profile>, Undelivered>>,
    ) -> Option<Profile> {
        if let Some(told) = self.remembered(who, now) {
            return told.profile;
        }
        let (profile, holds) = match timeout(PATIENCE, asked).await {
            Ok(Ok(profile)) => (profile, ANSWERED),
            Ok(Err(failed)) => {
                debug!(%who, %failed, "a name could not be asked");
                (None, holds(&failed))
            }
            Err(_) => (None, SILENT),
        };
        let told = Told {
            profile: profile.clone(),
            until: now + holds,
        };
        self.remember(who, told, now);
        profile
    }

    fn remembered(&self, who: &PersonRef, now: Timestamp) -> Option<Told> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(who).filter(|told| told.until > now).cloned()
    }

    fn remember(&self, who: &PersonRef, told: Told, now: Timestamp) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MANY {
            known.retain(|_, told| told.until > now);
        }
        if known.len() >= MANY {
            known.clear();
        }
        known.insert(who.clone(), told);
    }
}

/// How long it makes no sense to ask again.
fn holds(failed: &Undelivered) -> SignedDuration {
    match failed {
        Undelivered::Gone(_) | Undelivered::Moot(_) | Undelivered::Refused { .. } => ANSWERED,
        Undelivered::Wait(pause) => {
            let pause = SignedDuration::try_from(*pause).unwrap_or(ANSWERED);
            pause.clamp(SILENT, ANSWERED)
        }
        Undelivered::Unreached(_)
        | Undelivered::Unknown(_)
        | Undelivered::Moved(_)
        | Undelivered::Locked(_) => SILENT,
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use engine::ids::ChannelId;

    use super::*;

    fn person(id: &str) -> PersonRef {
        PersonRef::new(&ChannelId::new("vk"), id)
    }

    fn anna() -> Profile {
        Profile {
            name: "Анна".to_owned(),
            username: None,
            language: None,
        }
    }

    /// Whether somebody is asked for at that minute, and told of.
    async fn is_asked(names: &Names, who: &str, minute: i64) -> bool {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute);
        let mut asked = false;
        let told = names
            .of(&person(who), now, async {
                asked = true;
                Ok(Some(anna()))
            })
            .await;
        assert_eq!(
            told.is_some(),
            asked
                || names
                    .remembered(&person(who), now)
                    .unwrap()
                    .profile
                    .is_some()
        );
        asked
    }

    async fn fails(names: &Names, who: &str, failed: Undelivered) {
        let told = names
            .of(&person(who), Timestamp::UNIX_EPOCH, ready(Err(failed)))
            .await;
        assert_eq!(told, None);
    }

    #[tokio::test]
    async fn a_name_is_asked_once_an_hour() {
        let names = Names::default();
        assert!(is_asked(&names, "1", 0).await);
        assert!(!is_asked(&names, "1", 59).await);
        assert!(is_asked(&names, "1", 60).await);
        assert!(is_asked(&names, "2", 60).await);
    }

    #[tokio::test]
    async fn who_is_not_told_is_not_asked_for_at_every_word() {
        let names = Names::default();
        let reason = "no permission".to_owned();
        fails(&names, "1", Undelivered::Refused { reason }).await;
        assert!(!is_asked(&names, "1", 59).await);
        fails(&names, "2", Undelivered::Unreached("cut".to_owned())).await;
        assert!(!is_asked(&names, "2", 0).await);
        assert!(is_asked(&names, "2", 1).await);
        fails(&names, "3", Undelivered::Wait(Duration::from_mins(10))).await;
        assert!(!is_asked(&names, "3", 9).await);
        assert!(is_asked(&names, "3", 10).await);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_long_for_a_name() {
        let names = Names::default();
        let began = tokio::time::Instant::now();
        let told = names
            .of(&person("1"), Timestamp::UNIX_EPOCH, pending())
            .await;
        assert_eq!(told, None);
        assert_eq!(began.elapsed(), PATIENCE);
        assert!(!is_asked(&names, "1", 0).await);
    }

    #[tokio::test]
    async fn memory_has_an_end() {
        let names = Names::default();
        for n in 0..3 * MANY {
            is_asked(&names, &n.to_string(), 0).await;
        }
        assert!(names.known.lock().unwrap().len() <= MANY);
    }
}
