//! How a community is configured.

use std::sync::Arc;

use super::{Vk, callback::Agreed};
use crate::{
    checks::{self, Checked, wrong},
    http::BadSetting,
    kinds::{Given, Kind, Need, Setting, Shown},
};

/// VK, in the registry of messengers.
pub static KIND: Kind = Kind {
    name: "vk",
    title: |_| "VK",
    settings: &[
        Setting {
            name: "token",
            variable: "VK_TOKEN",
            need: Need::Required,
            shown: Shown::Secret,
            read: checks::secret,
            example: "vk1.a.AbC…",
        },
        Setting {
            name: "group_id",
            variable: "VK_GROUP_ID",
            need: Need::Required,
            shown: Shown::Open,
            read: group_id,
            example: "123456789",
        },
        Setting {
            name: "api_url",
            variable: "VK_API_URL",
            need: Need::Default("https://api.vk.ru"),
            shown: Shown::Open,
            read: checks::http_url,
            example: "https://api.vk.ru",
        },
        Setting {
            name: "proxy",
            variable: "VK_PROXY",
            need: Need::Optional,
            shown: Shown::Url,
            read: checks::proxy,
            example: "socks5://127.0.0.1:1080",
        },
        Setting {
            name: "secret",
            variable: "VK_SECRET",
            need: Need::Optional,
            shown: Shown::Secret,
            read: checks::secret,
            example: "aLongRandomWord",
        },
        Setting {
            name: "confirmation",
            variable: "VK_CONFIRMATION",
            need: Need::Optional,
            shown: Shown::Open,
            read: confirmation,
            example: "a1b2c3d4",
        },
    ],
    open: |given| Ok(Arc::new(open(&given)?)),
    notes,
};

fn open(given: &Given) -> Result<Vk, BadSetting> {
    let agreed = given.get("confirmation").map(|code| Agreed {
        secret: given.secret("secret"),
        confirmation: code.to_owned(),
    });
    Vk::new(
        given.id.clone(),
        given.text("group_id"),
        given.text("api_url"),
        given.secret("token"),
        given.get("proxy"),
        agreed.filter(|_| given.get("secret").is_some()),
    )
}

fn notes(given: &Given) -> Vec<String> {
    let (set, other) = match (given.get("secret"), given.get("confirmation")) {
        (Some(_), None) => ("VK_SECRET", "VK_CONFIRMATION"),
        (None, Some(_)) => ("VK_CONFIRMATION", "VK_SECRET"),
        (None, None) | (Some(_), Some(_)) => return Vec::new(),
    };
    vec![format!(
        "{set} is set and {other} is not: updates come by Bots Long Poll; for the Callback API set both"
    )]
}

/// A community's number, however people copy it: `club123`, `public123`, `-123`.
fn group_id(text: &str) -> Checked {
    let bare = ["club", "public", "event", "-"]
        .iter()
        .find_map(|before| text.strip_prefix(before));
    checks::id(bare.unwrap_or(text))
}

/// The text that the settings of the Callback API show beside the server.
fn confirmation(text: &str) -> Checked {
    if text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Ok(text.to_owned())
    } else {
        wrong(
            "is no confirmation code (letters and digits): copy it from the Callback API settings",
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use engine::ids::ChannelId;

    use super::*;
    use crate::WayIn;

    fn given(more: &[(&'static str, &str)]) -> Given {
        let all = [
            ("token", "vk1.a.x"),
            ("group_id", "club5"),
            ("api_url", "https://api.vk.ru/"),
        ];
        let read = |(name, text): &(&'static str, &str)| {
            let setting = KIND.settings.iter().find(|setting| setting.name == *name);
            (*name, (setting.unwrap().read)(text).unwrap())
        };
        Given {
            id: ChannelId::new("vk"),
            values: all.iter().chain(more).map(read).collect::<BTreeMap<_, _>>(),
            webhook: None,
        }
    }

    #[test]
    fn the_callback_api_needs_a_secret_and_a_confirmation() {
        let both = given(&[("secret", "s"), ("confirmation", "a1")]);
        assert_eq!((KIND.open)(both.clone()).unwrap().way_in(), WayIn::Pushed);
        assert!((KIND.notes)(&both).is_empty());
        for one in [("secret", "s"), ("confirmation", "a1")] {
            let one = given(&[one]);
            assert_eq!((KIND.open)(one.clone()).unwrap().way_in(), WayIn::Polled);
            assert_eq!((KIND.notes)(&one).len(), 1);
        }
    }

    #[test]
    fn a_community_is_named_as_people_copy_it() {
        for text in ["123", "club123", "public123", "-123", "event123"] {
            assert_eq!(group_id(text).unwrap(), "123");
        }
        for bad in ["", "shop", "club", "0", "vk1.a.secret", "--1"] {
            assert!(group_id(bad).is_err(), "{bad}");
        }
    }
}
