//! What a page is configured with.

use crate::{
    checks,
    kinds::{Given, Need, Setting, Shown},
};

/// Every setting.
pub(super) static ALL: &[Setting] = &[
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
];

/// What is worth knowing at start.
pub(super) fn notes(given: &Given) -> Vec<String> {
    let mut notes = Vec::new();
    if given
        .webhook
        .as_deref()
        .is_none_or(|url| !url.starts_with("https://"))
    {
        notes.push(
            "PUBLIC_URL: Facebook brings messages only to a webhook at an https:// address"
                .to_owned(),
        );
    }
    if given.text("api_url").starts_with("http://") {
        notes.push("FB_API_URL: the page's token is sent without encryption".to_owned());
    }
    notes
}
