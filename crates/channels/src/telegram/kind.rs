//! How a bot is configured.

use std::sync::Arc;

use engine::{ids::ChatRef, phrases::Locale};

use super::{Settings, Telegram, Webhook, webhook::is_valid_secret};
use crate::{
    checks::{self, Checked, wrong},
    http::{BadSetting, Secret},
    kinds::{Given, Kind, Need, Setting, Shown},
};

/// How long one poll waits, in seconds: as long as the Bot API allows (getUpdates).
const POLL_SECONDS: u32 = 50;

/// Telegram, in the registry of messengers.
pub static KIND: Kind = Kind {
    name: "telegram",
    title,
    settings: &[
        Setting {
            name: "token",
            variable: "BOT_TOKEN",
            need: Need::Required,
            shown: Shown::Secret,
            read: token,
            example: "123456:ABC-DEF…",
        },
        Setting {
            name: "api_url",
            variable: "TELEGRAM_API_URL",
            need: Need::Default("https://api.telegram.org"),
            shown: Shown::Open,
            read: checks::http_url,
            example: "https://api.telegram.org",
        },
        Setting {
            name: "proxy",
            variable: "TELEGRAM_PROXY",
            need: Need::Optional,
            shown: Shown::Url,
            read: checks::proxy,
            example: "socks5://127.0.0.1:1080",
        },
        Setting {
            name: "webhook_secret",
            variable: "TELEGRAM_WEBHOOK_SECRET",
            need: Need::Optional,
            shown: Shown::Secret,
            read: webhook_secret,
            example: "a-long-random-word",
        },
    ],
    open: |given| Ok(Arc::new(open(&given, None)?)),
    notes,
};

/// A bot as it is configured. `operators_chat`: the operators' group, if they work through this one.
pub fn open(given: &Given, operators_chat: Option<ChatRef>) -> Result<Telegram, BadSetting> {
    let webhook = given.get("webhook_secret").zip(given.webhook.clone());
    Telegram::new(Settings {
        id: given.id.clone(),
        token: given.secret("token"),
        api_url: given.text("api_url").to_owned(),
        proxy: given.get("proxy").map(str::to_owned),
        operators_chat,
        webhook: webhook.map(|(secret, url)| Webhook {
            url,
            secret: Secret::new(secret),
        }),
        poll_seconds: POLL_SECONDS,
    })
}

fn title(locale: Locale) -> &'static str {
    match locale {
        Locale::Ru | Locale::En => "Telegram",
    }
}

fn notes(given: &Given) -> Vec<String> {
    let secret = given.get("webhook_secret").is_some();
    let note = match &given.webhook {
        None if secret => {
            "TELEGRAM_WEBHOOK_SECRET is set and PUBLIC_URL is not: updates come by long polling; for a webhook set both, for example PUBLIC_URL=https://desk.example.com"
        }
        Some(url) if secret && url.starts_with("http://") => {
            "PUBLIC_URL begins with http://: only an own Bot API server accepts that, api.telegram.org wants https://"
        }
        _ => return Vec::new(),
    };
    vec![note.to_owned()]
}

/// `123456:ABC-DEF…` (Bot API, "Authorizing your bot").
fn token(text: &str) -> Checked {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match text.split_once(':') {
        Some((id, key))
            if !id.is_empty()
                && id.bytes().all(|b| b.is_ascii_digit())
                && !key.is_empty()
                && key.chars().all(legal) =>
        {
            Ok(text.to_owned())
        }
        _ => wrong(
            "is not a bot's token (digits, a colon, then letters, digits, - and _): copy it from @BotFather",
        ),
    }
}

fn webhook_secret(text: &str) -> Checked {
    if is_valid_secret(text) {
        Ok(text.to_owned())
    } else {
        wrong("may have letters A-Z, digits, _ and - only, at most 256 of them")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use engine::ids::ChannelId;

    use super::*;
    use crate::WayIn;

    fn given(webhook: Option<&str>) -> Given {
        let read = |name: &'static str, text: &str| {
            let setting = KIND.settings.iter().find(|setting| setting.name == name);
            (name, (setting.unwrap().read)(text).unwrap())
        };
        Given {
            id: ChannelId::new("telegram"),
            values: BTreeMap::from([
                read("token", "1001:secret"),
                read("api_url", "http://127.0.0.1:8081/"),
                read("webhook_secret", "s-1"),
            ]),
            webhook: webhook.map(str::to_owned),
        }
    }

    #[test]
    fn a_webhook_needs_an_address_and_a_secret() {
        let polled = given(None);
        let made = (KIND.open)(polled.clone()).unwrap();
        assert_eq!(made.way_in(), WayIn::Polled);
        assert_eq!((KIND.notes)(&polled).len(), 1);
        let pushed = given(Some("https://desk.example.com/webhooks/telegram"));
        assert_eq!((KIND.open)(pushed.clone()).unwrap().way_in(), WayIn::Pushed);
        assert!((KIND.notes)(&pushed).is_empty());
    }

    #[test]
    fn a_token_that_is_none_is_not_repeated() {
        for bad in ["", "1001", "1001:", "x:secret", "1001:sec ret"] {
            let why = token(bad).unwrap_err();
            assert!(!why.0.contains("sec"), "{why:?}");
        }
    }
}
