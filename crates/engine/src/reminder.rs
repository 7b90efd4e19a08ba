//! Reminders of a payment: once each, some days before the last day that is paid for. Each is decided on
//! once, and looked at again when it leaves: a reminder says nothing that is not true any more.

use jiff::{
    Span, Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use crate::{
    client::Email,
    event::{Fate, Person},
    ids::ChatRef,
    policy::Policy,
    ticket::Conversation,
};

/// When reminders go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The time of day, on people's clock.
    pub time: Time,
    /// How many days before the last day that is paid for; 0 is on the day.
    pub days: Vec<u16>,
}

/// So many are decided upon at once.
pub const AT_ONCE: u32 = 100;

/// One reminder: there is never a second one of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reminder {
    /// Whom.
    pub client: Email,
    /// The last day that is paid for: if it moves, it is another reminder.
    pub paid_until: Date,
    /// How many days before it.
    pub days: u16,
}

/// A reminder that is due, and where the client can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The reminder.
    pub reminder: Reminder,
    /// The chats of the client, the one used last first, without those who have blocked the bot; and
    /// when something was last heard there.
    pub chats: Vec<(Person, Option<Timestamp>)>,
    /// Whether the bot is blocked in another chat of theirs.
    pub blocked: bool,
}

/// A reminder that was decided on, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// The reminder.
    pub reminder: Reminder,
    /// The chat that it goes to; none if it goes nowhere.
    pub to: Option<ChatRef>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a reminder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was decided on and waits for its messenger.
    UnderWay,
    /// It went out.
    Sent,
    /// The messenger lets nobody be written to so long after their last word.
    WindowClosed,
    /// The client has no chat.
    NoChat,
    /// The client has blocked the bot, or is gone.
    Blocked,
    /// The last day that is paid for was another one when it could leave: there was nothing to remind of.
    Moved,
    /// It could not leave that day.
    Late,
    /// The messenger refused it.
    Refused {
        /// In its words, without secrets.
        reason: String,
    },
    /// The connection broke, or the desk was stopped, while it was under way: perhaps it arrived. It is
    /// not repeated.
    Unknown,
}

impl From<&Fate> for Outcome {
    fn from(fate: &Fate) -> Self {
        match fate {
            Fate::Delivered | Fate::PerhapsTwice => Self::Sent,
            Fate::Unknown => Self::Unknown,
            Fate::Gone => Self::Blocked,
            Fate::Refused { reason } => Self::Refused {
                reason: reason.clone(),
            },
        }
    }
}

/// Why a reminder that was decided on does not leave now; none if it does. `known` is whoever has the chat
/// that it goes to.
pub fn withheld(
    reminder: &Reminder,
    known: Option<&Conversation>,
    policy: &Policy,
    now: Timestamp,
) -> Option<Outcome> {
    let client = known.and_then(|known| known.client.as_ref().map(|client| (known, client)));
    let Some((known, client)) = client else {
        return Some(Outcome::Moved);
    };
    let days = Span::new().days(i64::from(reminder.days));
    let that_day = reminder.paid_until.checked_sub(days).ok();
    if client.paid_until != Some(reminder.paid_until) {
        Some(Outcome::Moved)
    } else if known.blocked {
        Some(Outcome::Blocked)
    } else if that_day != Some(policy.day(now)) {
        Some(Outcome::Late)
    } else if !policy.is_open(&known.who.id.channel, known.heard_at, now) {
        Some(Outcome::WindowClosed)
    } else {
        None
    }
}

/// The next moment at which reminders go out, after `now`: at the schedule's time, also where a clock
/// change leaves that time out (then at the moment after the gap).
pub fn next(schedule: &Schedule, zone: &TimeZone, now: Timestamp) -> Timestamp {
    let today = now.to_zoned(zone.clone()).date();
    let at = |date: Date| {
        let moment = date.to_datetime(schedule.time).to_zoned(zone.clone());
        moment.map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    };
    let later = at(today);
    if later > now {
        return later;
    }
    today.tomorrow().map_or(Timestamp::MAX, at)
}

/// Whether it is time for today's reminders: the schedule's time has come. A start later that day is
/// soon enough.
pub fn is_time(schedule: &Schedule, zone: &TimeZone, now: Timestamp) -> bool {
    let zoned = now.to_zoned(zone.clone());
    let begins = zoned
        .date()
        .to_datetime(schedule.time)
        .to_zoned(zone.clone());
    begins.is_ok_and(|begins| begins.timestamp() <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str, zone: &str) -> (Timestamp, TimeZone) {
        let zone = TimeZone::get(zone).unwrap();
        let local: jiff::civil::DateTime = text.parse().unwrap();
        (local.to_zoned(zone.clone()).unwrap().timestamp(), zone)
    }

    fn next_of(text: &str, zone: &str, time: &str) -> String {
        let (now, zone) = moment(text, zone);
        let schedule = Schedule {
            time: time.parse().unwrap(),
            days: vec![3],
        };
        next(&schedule, &zone, now).to_zoned(zone).to_string()
    }

    #[test]
    fn the_next_moment_is_on_peoples_clock() {
        assert_eq!(
            next_of("2026-11-20T12:59", "Europe/Moscow", "13:00"),
            "2026-11-20T13:00:00+03:00[Europe/Moscow]"
        );
        assert_eq!(
            next_of("2026-11-20T13:00", "Europe/Moscow", "13:00"),
            "2026-11-21T13:00:00+03:00[Europe/Moscow]"
        );
        // The day that the clock goes back, and the day that it goes forward.
        assert_eq!(
            next_of("2026-10-24T14:00", "Europe/Berlin", "13:00"),
            "2026-10-25T13:00:00+01:00[Europe/Berlin]"
        );
        assert_eq!(
            next_of("2026-03-28T14:00", "Europe/Berlin", "13:00"),
            "2026-03-29T13:00:00+02:00[Europe/Berlin]"
        );
        // A time that the clock leaves out.
        assert_eq!(
            next_of("2026-03-28T14:00", "Europe/Berlin", "02:30"),
            "2026-03-29T03:30:00+02:00[Europe/Berlin]"
        );
    }

    #[test]
    fn a_later_start_the_same_day_is_soon_enough() {
        let schedule = Schedule {
            time: "13:00".parse().unwrap(),
            days: vec![3],
        };
        let is = |text: &str| {
            let (now, zone) = moment(text, "Europe/Moscow");
            is_time(&schedule, &zone, now)
        };
        assert!(!is("2026-11-20T12:59:59"));
        assert!(is("2026-11-20T13:00"));
        assert!(is("2026-11-20T23:59"));
        assert!(!is("2026-11-21T00:00"));
    }
}
