//! The pinned list in the operators' group: which dialogs are open, whose they are, since when; and who was
//! reminded of a payment lately, or was to be and was not. It is written at the moment that it leaves, from
//! what the store says then.

use jiff::{SignedDuration, Timestamp};
use unicode_segmentation::UnicodeSegmentation;

use crate::{
    content::{Rich, Style},
    ids::{ChannelId, TicketId},
    phrases::Phrase,
    policy::Policy,
    reminder::Outcome,
};

/// So many dialogs are listed; of the rest it says how many there are. With names as long as they may
/// be, that stays below what a message holds.
pub const LISTED: u32 = 30;

/// How often the list is looked after while dialogs are open: it says how long they have been.
pub const LOOKED_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Longest name in the list, in characters.
const LONGEST_NAME: usize = 24;

/// So many clients are listed who were reminded, and so many who were not.
pub const REMINDED: u32 = 10;

/// Longest reason of a messenger in the list, in characters.
const LONGEST_REASON: usize = 36;

/// Who was to be reminded lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reminders {
    /// Who was reminded.
    pub reached: Newest,
    /// Who was not, or perhaps not.
    pub missed: Newest,
}

/// The newest of some reminders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Newest {
    /// At most [`REMINDED`], the newest first.
    pub listed: Vec<Reminded>,
    /// How many there are.
    pub total: u64,
}

impl Reminders {
    /// Whether there is nothing to list.
    pub fn is_empty(&self) -> bool {
        self.reached.listed.is_empty() && self.missed.listed.is_empty()
    }
}

/// A client who was to be reminded, as the list needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminded {
    /// What to call them: a name, or the address.
    pub client: String,
    /// How many days before the last day that is paid for.
    pub days: u16,
    /// What became of it.
    pub outcome: Outcome,
}

/// An open ticket, as the list needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Its number.
    pub ticket: TicketId,
    /// What to call the customer; may be empty.
    pub customer: String,
    /// Where they write.
    pub channel: ChannelId,
    /// Who has it, if anybody.
    pub operator: Option<String>,
    /// Since when it has been waiting, or with that operator.
    pub since: Timestamp,
}

/// What the list reads. `open` are the oldest, at most [`LISTED`], of `total`.
pub fn text(
    open: &[Open],
    total: u64,
    reminders: &Reminders,
    policy: &Policy,
    now: Timestamp,
) -> Rich {
    let mut text = dialogs(open, total, policy, now);
    push_newest(&mut text, Phrase::BoardReminded, &reminders.reached, policy);
    push_newest(
        &mut text,
        Phrase::BoardNotReminded,
        &reminders.missed,
        policy,
    );
    text
}

fn push_newest(text: &mut Rich, title: Phrase, newest: &Newest, policy: &Policy) {
    if newest.listed.is_empty() {
        return;
    }
    text.push("\n\n");
    text.push_styled(&policy.words(title, &[]), Style::Bold);
    for reminded in &newest.listed {
        if let Some(line) = reminder(reminded, policy) {
            text.push("\n");
            text.push(&line);
        }
    }
    push_more(text, newest.total, newest.listed.len(), policy);
}

/// None if there is nothing to say of it.
fn reminder(reminded: &Reminded, policy: &Policy) -> Option<String> {
    let client = short(&reminded.client, LONGEST_NAME);
    let days = reminded.days.to_string();
    let mut args = [("client", client.as_str()), ("days", &days)];
    let reason;
    let phrase = match &reminded.outcome {
        Outcome::UnderWay | Outcome::Moved => return None,
        Outcome::Sent if reminded.days == 0 => Phrase::BoardRemindedToday,
        Outcome::Sent => Phrase::BoardRemindedDays,
        Outcome::WindowClosed => Phrase::BoardNotRemindedWindow,
        Outcome::NoChat => Phrase::BoardNotRemindedChat,
        Outcome::Blocked => Phrase::BoardNotRemindedBlocked,
        Outcome::Late => Phrase::BoardNotRemindedLate,
        Outcome::Unknown => Phrase::BoardNotRemindedUnknown,
        Outcome::Refused { reason: words } => {
            reason = short(words, LONGEST_REASON);
            args[1] = ("reason", &reason);
            Phrase::BoardNotRemindedRefused
        }
    };
    Some(policy.words(phrase, &args))
}

/// «…и ещё 5», if not all are listed.
fn push_more(text: &mut Rich, total: u64, listed: usize, policy: &Policy) {
    let more = total.saturating_sub(listed as u64);
    if more > 0 {
        text.push("\n");
        text.push(&policy.words(Phrase::BoardMore, &[("count", &more.to_string())]));
    }
}

fn dialogs(open: &[Open], total: u64, policy: &Policy, now: Timestamp) -> Rich {
    let mut text = Rich::default();
    if open.is_empty() {
        text.push(&policy.words(Phrase::BoardNone, &[]));
        return text;
    }
    let count = total.to_string();
    let title = policy.words(Phrase::BoardTitle, &[("count", &count)]);
    text.push_styled(&title, Style::Bold);
    for open in open {
        text.push("\n");
        text.push(&line(open, policy, now));
    }
    push_more(&mut text, total, open.len(), policy);
    text
}

fn line(open: &Open, policy: &Policy, now: Timestamp) -> String {
    let number = open.ticket.to_string();
    let customer = short(policy.named(&open.customer), LONGEST_NAME);
    let lasting = lasting(now.duration_since(open.since), policy);
    let operator = open.operator.as_deref();
    let operator = operator.map_or_else(String::new, |name| short(name, LONGEST_NAME));
    let args = [
        ("ticket", number.as_str()),
        ("customer", &customer),
        ("channel", policy.title(&open.channel)),
        ("operator", &operator),
        ("for", &lasting),
    ];
    let phrase = match open.operator {
        Some(_) => Phrase::BoardAssigned,
        None => Phrase::BoardWaiting,
    };
    policy.words(phrase, &args)
}

fn short(words: &str, longest: usize) -> String {
    if words.chars().count() <= longest {
        return words.to_owned();
    }
    // What is one sign to the eye stays one: a flag, a family, a letter with its accents.
    let mut length = 0;
    let fits = |sign: &&str| {
        length += sign.chars().count();
        length < longest
    };
    let head: String = words.graphemes(true).take_while(fits).collect();
    format!("{}…", head.trim_end())
}

/// «5 мин», «3 ч», «2 дн»; a clock that was set back makes nothing negative.
fn lasting(time: SignedDuration, policy: &Policy) -> String {
    let minutes = time.as_mins().max(0);
    let (phrase, count) = match minutes {
        0..60 => (Phrase::Minutes, minutes),
        60..2880 => (Phrase::Hours, minutes / 60),
        _ => (Phrase::Days, minutes / 1440),
    };
    policy.words(phrase, &[("count", &count.to_string())])
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::{
        ids::ChatRef,
        phrases::{Locale, Phrases},
        reminder::Schedule,
        scenario::{DialogPlace, Scenario, built_in},
    };

    fn policy() -> Policy {
        let telegram = ChannelId::new("telegram");
        Policy {
            scenario: Scenario::read(built_in("care").unwrap()).unwrap(),
            phrases: Phrases::built_in(Locale::Ru),
            dialog: DialogPlace::Group,
            group: ChatRef::new(&telegram, "group"),
            titles: [(telegram, "Telegram".to_owned())].into(),
            windows: [].into(),
            region: "RU".to_owned(),
            timezone: jiff::tz::TimeZone::UTC,
            keep_media: false,
            reads: false,
            owners: [].into(),
            sheet_every: None,
            reminders: Schedule {
                time: jiff::civil::time(13, 0, 0, 0),
                days: vec![3, 1, 0],
            },
        }
    }

    fn open(ticket: i64, customer: &str, operator: Option<&str>, minutes: i64) -> Open {
        Open {
            ticket: TicketId(ticket),
            customer: customer.to_owned(),
            channel: ChannelId::new("telegram"),
            operator: operator.map(str::to_owned),
            since: Timestamp::UNIX_EPOCH - SignedDuration::from_mins(minutes),
        }
    }

    fn reminded(client: &str, days: u16, outcome: Outcome) -> Reminded {
        Reminded {
            client: client.to_owned(),
            days,
            outcome,
        }
    }

    fn newest(listed: Vec<Reminded>, total: u64) -> Newest {
        Newest { listed, total }
    }

    #[test]
    fn it_says_who_waits_and_who_has_whom() {
        let open = [
            open(7, "Анна", Some("Ольга"), 3000),
            open(8, "Иван", Some("Пётр"), 130),
            open(9, "", None, -5),
        ];
        expect![[r#"
            Открытых диалогов: 5
            № 7 · Анна · Telegram · Ольга, 2 дн
            № 8 · Иван · Telegram · Пётр, 2 ч
            № 9 · Клиент · Telegram · ждёт 0 мин
            …и ещё 2"#]]
        .assert_eq(&told(&open, 5, &Reminders::default()));
        expect!["Открытых диалогов нет"].assert_eq(&told(&[], 0, &Reminders::default()));
    }

    fn told(open: &[Open], total: u64, reminders: &Reminders) -> String {
        text(open, total, reminders, &policy(), Timestamp::UNIX_EPOCH).text
    }

    #[test]
    fn it_says_who_was_reminded_and_who_was_not_and_why() {
        let reason = "Bad Request: ".to_owned() + &"so ".repeat(60);
        let reached = vec![
            reminded("Вера", 3, Outcome::Sent),
            reminded("oleg@mail.ru", 0, Outcome::Sent),
        ];
        let missed = [
            ("Пётр", Outcome::WindowClosed),
            ("Анна", Outcome::NoChat),
            ("Иван", Outcome::Blocked),
            ("Мария", Outcome::Late),
            ("Олег", Outcome::Unknown),
            ("Тимур", Outcome::Refused { reason }),
        ];
        let missed = missed.map(|(client, outcome)| reminded(client, 1, outcome));
        let reminders = Reminders {
            reached: newest(reached, 12),
            missed: newest(missed.to_vec(), 6),
        };
        expect![[r#"
            Открытых диалогов нет

            Напомнили об оплате
            Вера: за 3 дн
            oleg@mail.ru: последний день
            …и ещё 10

            Не напомнили об оплате
            Пётр: мессенджер не даёт писать первым
            Анна: писать некуда
            Иван: бот заблокирован
            Мария: в свой день не ушло
            Олег: неизвестно, дошло ли
            Тимур: Bad Request: so so so so so so so s…"#]]
        .assert_eq(&told(&[], 0, &reminders));
    }

    #[test]
    fn a_long_name_is_cut_between_signs() {
        let short = |name| short(name, LONGEST_NAME);
        assert_eq!(
            short("Александра Константинопольская"),
            "Александра Константиноп…"
        );
        let families = "👨‍👩‍👧‍👦".repeat(4);
        assert_eq!(short(&families), format!("{}…", "👨‍👩‍👧‍👦".repeat(3)));
    }

    #[test]
    fn the_longest_list_fits_into_a_message() {
        let name = "Ж".repeat(200);
        let all: Vec<Open> = (0..LISTED)
            .map(|_| open(i64::MAX, &name, Some(&name), 59))
            .collect();
        let many = |outcome| {
            let listed = vec![reminded(&name, u16::MAX, outcome); REMINDED as usize];
            newest(listed, u64::MAX)
        };
        let reminders = Reminders {
            reached: many(Outcome::Sent),
            missed: many(Outcome::Refused {
                reason: name.clone(),
            }),
        };
        let text = told(&all, u64::MAX, &reminders);
        assert!(text.encode_utf16().count() < 4096);
    }
}
