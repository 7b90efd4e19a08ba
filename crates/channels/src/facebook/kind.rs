//! How a page is configured.

use std::sync::Arc;

use super::Facebook;
use crate::{
    checks,
    kinds::{Given, Kind, Need, Setting, Shown},
};

/// Facebook Messenger, in the registry of messengers.
pub static KIND: Kind = Kind {
    name: "facebook",
    title: |_| "Facebook",
    settings: &[
        Setting {
            name: "page_id",
            variable: "FB_PAGE_ID",
            need: Need::Required,
            shown: Shown::Open,
            read: checks::id,
            example: "104567890123456",
        },
        Setting {
            name: "token",
            variable: "FB_PAGE_TOKEN",
            need: Need::Required,
            shown: Shown::Secret,
            read: checks::secret,
            example: "EAAGm0PX4ZCps…",
        },
        Setting {
            name: "app_secret",
            variable: "FB_APP_SECRET",
            need: Need::Required,
            shown: Shown::Secret,
            read: checks::secret,
            example: "3f8a…",
        },
        Setting {
            name: "verify_token",
            variable: "FB_VERIFY_TOKEN",
            need: Need::Required,
            shown: Shown::Secret,
            read: checks::secret,
            example: "any-long-word-of-your-own",
        },
        Setting {
            name: "api_url",
            variable: "FB_API_URL",
            need: Need::Default("https://graph.facebook.com"),
            shown: Shown::Open,
            read: checks::http_url,
            example: "https://graph.facebook.com",
        },
        Setting {
            name: "proxy",
            variable: "FB_PROXY",
            need: Need::Optional,
            shown: Shown::Url,
            read: checks::proxy,
            example: "socks5://user:password@host:1080",
        },
        Setting {
            name: "human_agent",
            variable: "FB_HUMAN_AGENT",
            need: Need::Default("true"),
            shown: Shown::Open,
            read: checks::yes_or_no,
            example: "true",
        },
    ],
    open: |given| Ok(Arc::new(Facebook::open(&given)?)),
    notes,
};

/// The address of the webhook is entered by hand in the app's settings.
fn notes(given: &Given) -> Vec<String> {
    if given.webhook.is_some() {
        return Vec::new();
    }
    vec![format!(
        "FB_PAGE_ID is set and PUBLIC_URL is not: Facebook brings messages only to a webhook; the one in the app's settings must lead to /webhooks/{} at an https:// address",
        given.id
    )]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use engine::ids::ChannelId;

    use super::*;
    use crate::WayIn;

    fn given(webhook: Option<&str>) -> Given {
        let all = [
            ("page_id", "0104"),
            ("token", "EAAG-1"),
            ("app_secret", "s"),
            ("verify_token", "v"),
            ("api_url", "https://graph.facebook.com/"),
            ("human_agent", "да"),
        ];
        let read = |(name, text): &(&'static str, &str)| {
            let setting = KIND.settings.iter().find(|setting| setting.name == *name);
            (*name, (setting.unwrap().read)(text).unwrap())
        };
        Given {
            id: ChannelId::new("fb-shop"),
            values: all.iter().map(read).collect::<BTreeMap<_, _>>(),
            webhook: webhook.map(str::to_owned),
        }
    }

    #[test]
    fn a_page_is_pushed_and_says_where_to() {
        let noted = (KIND.notes)(&given(None)).concat();
        assert!(noted.contains("/webhooks/fb-shop"), "{noted}");
        let known = given(Some("https://desk.example.com/webhooks/fb-shop"));
        assert!((KIND.notes)(&known).is_empty());
        let page = (KIND.open)(known).unwrap();
        assert_eq!(page.way_in(), WayIn::Pushed);
        assert_eq!(page.abilities().window.unwrap().by_person.as_hours(), 168);
    }

    #[test]
    fn what_is_secret_is_marked_so() {
        let secret = |setting: &&Setting| setting.shown == Shown::Secret;
        let names = KIND
            .settings
            .iter()
            .filter(secret)
            .map(|setting| setting.name);
        let names: Vec<_> = names.collect();
        assert_eq!(names, ["token", "app_secret", "verify_token"]);
    }
}
