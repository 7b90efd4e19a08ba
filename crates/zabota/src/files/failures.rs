//! The file that lists who did not get a broadcast: written when it is sent, from what the store says
//! then. Spreadsheets open it with a double click: UTF-8 with a mark, cells apart by `;`.
//!
//! Names come from anywhere: none of them may turn into a formula.

use std::collections::BTreeMap;

use channels::{Download, Undelivered};
use engine::{
    broadcast::{BroadcastId, Fate, Recipient},
    content::Media,
    ids::ChannelId,
    phrases::Locale,
};
use futures_util::{StreamExt, stream};

use crate::desk::Desk;

/// By this mark spreadsheets know that it is UTF-8.
const MARK: &str = "\u{feff}";

/// Writes the file that `media` names.
pub(super) async fn open(desk: &Desk, media: &Media) -> Result<Download, Undelivered> {
    let number = media.file.strip_prefix("failures/");
    let number = number.and_then(|number| number.parse().ok());
    let id = number.map(BroadcastId).ok_or_else(|| {
        let reason = "the desk writes no such file".to_owned();
        Undelivered::Refused { reason }
    })?;
    let failures = desk.store.failures(id).await;
    let failures = failures.map_err(|error| Undelivered::Unreached(error.to_string()))?;
    let policy = &desk.policy;
    let table = table(&failures, &policy.titles, policy.phrases.locale());
    Ok(Download {
        size: Some(table.len() as u64),
        bytes: stream::iter([Ok(table.into())]).boxed(),
        name: media.name.clone(),
    })
}

fn table(
    failures: &[(Recipient, Fate)],
    titles: &BTreeMap<ChannelId, String>,
    locale: Locale,
) -> String {
    let head = match locale {
        Locale::Ru => ["Имя", "E-mail", "Мессенджер", "Что стало", "Почему"],
        Locale::En => ["Name", "E-mail", "Messenger", "What became of it", "Why"],
    };
    let mut table = MARK.to_owned() + &line(head);
    for (recipient, fate) in failures {
        let channel = &recipient.chat.channel;
        let title = titles.get(channel).map_or(channel.as_str(), String::as_str);
        let (became, why) = words(fate, locale);
        let (name, email) = (recipient.name.as_str(), recipient.client.as_str());
        table.push_str(&line([name, email, title, became, why]));
    }
    table
}

/// What became of it, and why.
fn words(fate: &Fate, locale: Locale) -> (&'static str, &str) {
    let (sent, not_sent, unknown) = match locale {
        Locale::Ru => ("доставлено", "не доставлено", "неизвестно"),
        Locale::En => ("delivered", "not delivered", "unknown"),
    };
    match (fate, locale) {
        (Fate::Sent, _) => (sent, ""),
        (Fate::Failed { reason }, _) => (not_sent, reason),
        (Fate::Blocked, Locale::Ru) => (not_sent, "заблокировал бота или удалил аккаунт"),
        (Fate::Blocked, Locale::En) => (not_sent, "has blocked the bot or is gone"),
        (Fate::Unknown, Locale::Ru) => (
            unknown,
            "связь прервалась во время отправки; повторно не отправлялось",
        ),
        (Fate::Unknown, Locale::En) => {
            let why = "the connection broke while it was being sent; it was not repeated";
            (unknown, why)
        }
    }
}

fn line(cells: [&str; 5]) -> String {
    cells.map(cell).join(";") + "\r\n"
}

fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let mark = if formula { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use engine::ids::ChatRef;
    use expect_test::expect;

    use super::*;

    fn recipient(name: &str, email: &str, channel: &str) -> Recipient {
        Recipient {
            client: email.parse().unwrap(),
            chat: ChatRef::new(&ChannelId::new(channel), "2001"),
            name: name.to_owned(),
        }
    }

    #[test]
    fn it_says_who_did_not_get_it_and_why() {
        let reason = "file is too big".to_owned();
        let failures = [
            (recipient("Анна", "anna@mail.ru", "vk"), Fate::Blocked),
            (
                recipient("Иван; «Ваня»", "ivan@mail.ru", "telegram"),
                Fate::Failed { reason },
            ),
            (
                recipient("=1+1 \"x\"", "x@mail.ru", "telegram"),
                Fate::Unknown,
            ),
        ];
        let titles = [(ChannelId::new("telegram"), "Telegram".to_owned())].into();
        let text = table(&failures, &titles, Locale::Ru);
        assert!(text.starts_with(MARK));
        expect![[r#"
            "Имя";"E-mail";"Мессенджер";"Что стало";"Почему"
            "Анна";"anna@mail.ru";"vk";"не доставлено";"заблокировал бота или удалил аккаунт"
            "Иван; «Ваня»";"ivan@mail.ru";"Telegram";"не доставлено";"file is too big"
            "'=1+1 ""x""";"x@mail.ru";"Telegram";"неизвестно";"связь прервалась во время отправки; повторно не отправлялось"
        "#]]
        .assert_eq(&text.trim_start_matches(MARK).replace("\r\n", "\n"));
    }
}
