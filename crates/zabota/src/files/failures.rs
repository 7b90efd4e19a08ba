//! The file that lists who did not get a broadcast: written when it is sent, from what the store says
//! then. Spreadsheets open it with a double click: UTF-8 with a mark, cells apart by `;`.
//!
//! Names come from anywhere: none of them may turn into a formula.

use std::{borrow::Cow, collections::BTreeMap};

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
    failures: &[(Recipient, Option<Fate>)],
    titles: &BTreeMap<ChannelId, String>,
    locale: Locale,
) -> String {
    let head = match locale {
        Locale::Ru => ["E-mail", "Имя", "Мессенджер", "Причина"],
        Locale::En => ["E-mail", "Name", "Messenger", "Reason"],
    };
    let mut table = MARK.to_owned() + &line(head);
    for (recipient, fate) in failures {
        let channel = &recipient.chat.channel;
        let title = titles.get(channel).map_or(channel.as_str(), String::as_str);
        let why = words(fate.as_ref(), locale);
        let (name, email) = (recipient.name.as_str(), recipient.client.as_str());
        table.push_str(&line([email, name, title, &why]));
    }
    table
}

/// Why they did not get it.
fn words(fate: Option<&Fate>, locale: Locale) -> Cow<'_, str> {
    let (ru, en) = match fate {
        Some(Fate::Sent) => ("доставлено", "delivered"),
        Some(Fate::Blocked) => (
            "заблокировал бота или удалил аккаунт",
            "has blocked the bot or is gone",
        ),
        Some(Fate::Failed { reason }) => return refused(reason, locale),
        Some(Fate::Closed) => (
            "писал больше суток назад, после этого мессенджер не пропускает рассылки",
            "wrote more than a day ago, after that the messenger lets no broadcast through",
        ),
        Some(Fate::Unknown) => (
            "неизвестно, дошло ли: связь прервалась во время отправки, второй раз не отправлялось",
            "unknown whether it arrived: the connection broke while it was being sent, it was not repeated",
        ),
        None => (
            "не отправлялось: рассылку остановили раньше",
            "not sent: the broadcast was stopped before",
        ),
    };
    Cow::Borrowed(match locale {
        Locale::Ru => ru,
        Locale::En => en,
    })
}

/// What a messenger said, in plain words where it is known what it means; then in its own, for whoever is
/// asked for help.
fn refused(reason: &str, locale: Locale) -> Cow<'_, str> {
    // What the desk says itself is in the owner's language already.
    if locale == Locale::En || reason.contains(|c| matches!(c, 'а'..='я' | 'А'..='Я')) {
        return Cow::Borrowed(reason);
    }
    let said = reason.to_lowercase();
    let known = MEANINGS.iter().find(|(words, _)| said.contains(words));
    let meaning = known.map_or("мессенджер не принял сообщение", |(_, meaning)| meaning);
    Cow::Owned(format!("{meaning} ({reason})"))
}

/// What messengers say of a message that they refuse, in lower case, and what it means. Telegram's words
/// stand in the Bot API server's source, VK's numbers in the list of errors of its API.
const MEANINGS: [(&str, &str); 12] = [
    ("message to copy not found", DELETED),
    ("messages to copy not found", DELETED),
    ("too big", TOO_BIG),
    ("too large", TOO_BIG),
    ("too long", "сообщение слишком длинное"),
    ("file cannot be had", NO_FILE),
    ("wrong file", NO_FILE),
    (
        "voice_messages_forbidden",
        "запретил себе голосовые сообщения",
    ),
    ("video_messages_forbidden", "запретил себе видеосообщения"),
    ("privacy", "запретил сообщения в настройках приватности"),
    ("permission", "не разрешал сообществу писать себе"),
    ("spam", "мессенджер принял рассылку за спам"),
];
const DELETED: &str = "исходное сообщение удалили, пока рассылка шла";
const TOO_BIG: &str = "файл слишком большой для этого мессенджера";
const NO_FILE: &str = "файл не удалось передать в этот мессенджер";

fn line(cells: [&str; 4]) -> String {
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
        let failed = |reason: &str| {
            let reason = reason.to_owned();
            Some(Fate::Failed { reason })
        };
        let anna = || recipient("Анна", "anna@mail.ru", "vk");
        let failures = [
            (anna(), Some(Fate::Blocked)),
            (anna(), Some(Fate::Closed)),
            (anna(), None),
            (anna(), failed("этот мессенджер сейчас не подключён")),
            (anna(), failed("PEER_FLOOD")),
            (
                recipient("Иван; «Ваня»", "ivan@mail.ru", "telegram"),
                failed("Request Entity Too Large"),
            ),
            (
                recipient("=1+1 \"x\"", "x@mail.ru", "telegram"),
                Some(Fate::Unknown),
            ),
        ];
        let titles = [(ChannelId::new("telegram"), "Telegram".to_owned())].into();
        let text = table(&failures, &titles, Locale::Ru);
        assert!(text.starts_with(MARK));
        expect![[r#"
            "E-mail";"Имя";"Мессенджер";"Причина"
            "anna@mail.ru";"Анна";"vk";"заблокировал бота или удалил аккаунт"
            "anna@mail.ru";"Анна";"vk";"писал больше суток назад, после этого мессенджер не пропускает рассылки"
            "anna@mail.ru";"Анна";"vk";"не отправлялось: рассылку остановили раньше"
            "anna@mail.ru";"Анна";"vk";"этот мессенджер сейчас не подключён"
            "anna@mail.ru";"Анна";"vk";"мессенджер не принял сообщение (PEER_FLOOD)"
            "ivan@mail.ru";"Иван; «Ваня»";"Telegram";"файл слишком большой для этого мессенджера (Request Entity Too Large)"
            "x@mail.ru";"'=1+1 ""x""";"Telegram";"неизвестно, дошло ли: связь прервалась во время отправки, второй раз не отправлялось"
        "#]].assert_eq(&text.trim_start_matches(MARK).replace("\r\n", "\n"));
    }
}
