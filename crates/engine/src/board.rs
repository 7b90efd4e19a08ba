//! The pinned list in the operators' group: which dialogs are open, whose they are, since when. It is
//! written at the moment that it leaves, from what the store says then.

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

/// So many reminded clients are listed.
pub const REMINDED: u32 = 10;

/// A client who was reminded, as the list needs it.
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

/// What the list reads. `open` are the oldest, at most [`LISTED`], of `total`; `reminded` are the
/// newest, at most [`REMINDED`].
pub fn text(
    open: &[Open],
    total: u64,
    reminded: &[Reminded],
    policy: &Policy,
    now: Timestamp,
) -> Rich {
    let mut text = dialogs(open, total, policy, now);
    if !reminded.is_empty() {
        text.push("\n\n");
        text.push_styled(&policy.words(Phrase::BoardReminded, &[]), Style::Bold);
        for reminded in reminded {
            text.push("\n");
            text.push(&reminder(reminded, policy));
        }
    }
    text
}

fn reminder(reminded: &Reminded, policy: &Policy) -> String {
    let client = short(&reminded.client);
    let days = reminded.days.to_string();
    let phrase = match (reminded.outcome, reminded.days) {
        (Outcome::Sent, 0) => Phrase::BoardRemindedToday,
        (Outcome::Sent, _) => Phrase::BoardRemindedDays,
        (Outcome::WindowClosed, _) => Phrase::BoardNotRemindedWindow,
        (Outcome::NoChat, _) => Phrase::BoardNotRemindedChat,
    };
    policy.words(phrase, &[("client", &client), ("days", &days)])
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
    let more = total.saturating_sub(open.len() as u64);
    if more > 0 {
        text.push("\n");
        text.push(&policy.words(Phrase::BoardMore, &[("count", &more.to_string())]));
    }
    text
}

fn line(open: &Open, policy: &Policy, now: Timestamp) -> String {
    let number = open.ticket.to_string();
    let customer = short(policy.named(&open.customer));
    let lasting = lasting(now.duration_since(open.since), policy);
    let operator = open.operator.as_deref().map(short).unwrap_or_default();
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

fn short(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    // What is one sign to the eye stays one: a flag, a family, a letter with its accents.
    let mut length = 0;
    let fits = |sign: &&str| {
        length += sign.chars().count();
        length < LONGEST_NAME
    };
    let head: String = name.graphemes(true).take_while(fits).collect();
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

    #[test]
    fn it_says_who_waits_and_who_has_whom() {
        let open = [
            open(7, "Анна", Some("Ольга"), 3000),
            open(8, "Иван", Some("Пётр"), 130),
            open(9, "", None, -5),
        ];
        let reminded = [
            reminded("Вера", 3, Outcome::Sent),
            reminded("oleg@mail.ru", 0, Outcome::Sent),
            reminded("Пётр", 1, Outcome::WindowClosed),
        ];
        expect![[r#"
            Открытых диалогов: 5
            № 7 · Анна · Telegram · Ольга, 2 дн
            № 8 · Иван · Telegram · Пётр, 2 ч
            № 9 · Клиент · Telegram · ждёт 0 мин
            …и ещё 2

            Напомнили об оплате
            Вера: за 3 дн
            oleg@mail.ru: последний день
            Пётр: не отправлено, мессенджер не даёт писать первым"#]]
        .assert_eq(&text(&open, 5, &reminded, &policy(), Timestamp::UNIX_EPOCH).text);
        expect!["Открытых диалогов нет"]
            .assert_eq(&text(&[], 0, &[], &policy(), Timestamp::UNIX_EPOCH).text);
    }

    #[test]
    fn a_long_name_is_cut_between_signs() {
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
        let reminded = vec![reminded(&name, u16::MAX, Outcome::WindowClosed); REMINDED as usize];
        let text = text(&all, u64::MAX, &reminded, &policy(), Timestamp::UNIX_EPOCH);
        assert!(text.text.encode_utf16().count() < 4096);
    }
}
