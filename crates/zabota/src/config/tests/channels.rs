//! Channels by environment variables, and by `[[channel]]`.

use super::*;

const VK: [(&str, &str); 2] = [("VK_TOKEN", "vk1.a.SECRET"), ("VK_GROUP_ID", "7")];

fn ids(config: &Config) -> Vec<&str> {
    let ids = config.channels.iter().map(|one| one.id().as_str());
    ids.collect()
}

fn titles(config: &Config) -> Vec<(String, String)> {
    let titles = config.titles().into_iter();
    titles.map(|(id, title)| (id.to_string(), title)).collect()
}

#[test]
fn a_messenger_is_in_use_once_one_of_its_required_settings_is_set() {
    assert_eq!(ids(&with(&VK).unwrap()), ["telegram", "vk"]);
    check(
        &[VK[0], ("FB_APP_SECRET", "SECRET")],
        &expect![[r"
            VK_GROUP_ID is missing: VK does not work without it, for example VK_GROUP_ID=123456789
            FB_PAGE_ID is missing: Facebook does not work without it, for example FB_PAGE_ID=104567890123456
            FB_PAGE_TOKEN is missing: Facebook does not work without it, for example FB_PAGE_TOKEN=EAAGm0PX4ZCps…
            FB_VERIFY_TOKEN is missing: Facebook does not work without it, for example FB_VERIFY_TOKEN=any-long-word-of-your-own
        "]],
    );
}

#[test]
fn what_means_nothing_without_the_rest_is_said() {
    let config = with(&[("VK_SECRET", "word"), ("VK_PROXY", "http://host:1")]).unwrap();
    assert_eq!(ids(&config), ["telegram"]);
    assert_eq!(
        config.warnings,
        ["VK_PROXY, VK_SECRET: means nothing as long as VK_TOKEN is not set"]
    );
}

#[test]
fn each_channel_has_a_webhook_of_its_own() {
    let url = ("PUBLIC_URL", "https://desk.example.com/");
    let config = with(&[&VK[..], &[url]].concat()).unwrap();
    let webhooks = config
        .channels
        .iter()
        .map(|one| one.given.webhook.as_deref());
    let webhooks: Vec<_> = webhooks.collect();
    assert_eq!(
        webhooks,
        [
            Some("https://desk.example.com/webhooks/telegram"),
            Some("https://desk.example.com/webhooks/vk")
        ]
    );
}

/// Two further communities and a bot; one's token stands in a variable.
const SHOPS: &str = r#"
[[channel]]
id = "vk-shop"
kind = "vk"
token = "vk1.a.SHOP"
group_id = 8

[[channel]]
id = "vk-cafe"
kind = "vk"
title = "Кафе"
token_env = "CAFE_TOKEN"
group_id = "9"
proxy = "http://user:PASS@host:1"

[[channel]]
id = "bot-2"
kind = "telegram"
token_env = "BOT_TOKEN_2"
"#;

fn shops() -> Settings {
    let more = [("CAFE_TOKEN", "vk1.a.CAFE"), ("BOT_TOKEN_2", "77:BOT2")];
    beside(&[&VK[..], &more].concat(), SHOPS)
}

#[test]
fn several_inboxes_of_one_kind_are_one_desk() {
    let config = Config::read(&shops()).unwrap();
    assert_eq!(
        ids(&config),
        ["telegram", "vk", "vk-shop", "vk-cafe", "bot-2"]
    );
    assert_eq!(setting(&config, "vk-shop", "group_id"), Some("8"));
    assert_eq!(setting(&config, "vk-cafe", "token"), Some("vk1.a.CAFE"));
    assert_eq!(
        setting(&config, "bot-2", "api_url"),
        setting(&config, "telegram", "api_url")
    );
}

#[test]
fn inboxes_of_one_kind_are_told_apart() {
    let expected = [
        ("bot-2", "Telegram (bot-2)"),
        ("telegram", "Telegram"),
        ("vk", "VK"),
        ("vk-cafe", "Кафе"),
        ("vk-shop", "VK (vk-shop)"),
    ];
    let expected = expected.map(|(id, title)| (id.to_owned(), title.to_owned()));
    assert_eq!(titles(&Config::read(&shops()).unwrap()), expected);
}

#[test]
fn a_single_inbox_is_called_like_its_messenger() {
    let toml = "[[channel]]\nid='shop'\nkind='vk'\ntoken='x'\ngroup_id=1\n";
    let config = Config::read(&beside(&[], toml)).unwrap();
    assert_eq!(titles(&config)[0].1, "VK");
}

#[test]
fn secrets_of_the_file_are_known_to_the_guard_of_the_log() {
    let secrets = shops().secrets();
    for secret in ["vk1.a.SECRET", "vk1.a.SHOP", "vk1.a.CAFE", "BOT2", "PASS"] {
        assert!(secrets.iter().any(|known| known == secret), "{secret}");
    }
    let shown = format!("{:?}", Config::read(&shops()).unwrap());
    for secret in secrets {
        assert!(!shown.contains(&secret), "{secret} in {shown}");
    }
}

#[test]
fn a_secret_in_the_place_of_a_variables_name_is_not_shown() {
    let toml = "[[channel]]\nid='shop'\nkind='vk'\ntoken_env='vk1.a.SECRET'\ngroup_id=1\n";
    assert_eq!(beside(&[], toml).secrets().pop().unwrap(), "vk1.a.SECRET");
    toml_file(
        toml,
        &expect![[r#"
            zabota.toml, line 4: token_env does not name a variable (letters A-Z, digits and _), for example token_env = "VK_TOKEN_2"
        "#]],
    );
}

#[test]
fn a_variable_that_a_channel_names_is_no_slip() {
    let env = env_file("BOT_TOKEN_2=77:B\nBOT_TOKEN_3=77:B\n");
    let settings = Settings::gather([], Some(&env)).unwrap();
    let toml = "[[channel]]\ntoken_env = 'BOT_TOKEN_2'\n";
    let file = Source {
        name: "zabota.toml".to_owned(),
        text: toml.to_owned(),
    };
    assert_eq!(
        settings.beside(Ok(Some(file))).notes(),
        [".env, line 2: BOT_TOKEN_3 is no setting; did you mean BOT_TOKEN?"]
    );
}

#[test]
fn mistakes_in_channels_name_their_line() {
    toml_file(
        r#"[[channel]]
id = "VK Shop"
kind = "vkk"

[[channel]]
kind = "vk"
tokn = "x"
group_id = "seven"
group_id_env = "GROUP"
title = 5.5

[[channel]]
id = "telegram"
kind = "telegram"
token = "SECRET"

[[channel]]
id = "desk"
kind = "vk"
token_env = "NOWHERE"
group_id = 7
proxy = ["a"]
id_env = "X"

[[channel]]
id = "none"
kind = "max"

[channels]
"#,
        &expect![[r#"
            zabota.toml, line 2: id is `VK Shop`, which is no name of at most 32 letters a-z, digits, - and _, for example id = "vk-shop"
            zabota.toml, line 3: kind is `vkk`, which is no messenger; did you mean vk?
            zabota.toml, line 5: this channel has no id, for example id = "vk-shop"
            zabota.toml, line 5: this channel has no token, for example token = "vk1.a.AbC…"
            zabota.toml, line 7: tokn means nothing here; did you mean token?
            zabota.toml, line 8: group_id is no number of digits only, for example group_id = "123456789"
            zabota.toml, line 9: group_id and group_id_env are both set: one is enough
            zabota.toml, line 10: title is not a text in quotes
            zabota.toml, line 13: id is `telegram`, and another channel has that name already, for example id = "vk-shop"
            zabota.toml, line 15: token is not a bot's token (digits, a colon, then letters, digits, - and _): copy it from @BotFather, for example token = "123456:ABC-DEF…"
            zabota.toml, line 18: id is `desk`, a name that the desk needs itself, for example id = "vk-shop"
            zabota.toml, line 20: token_env names NOWHERE, and no such variable is set, for example NOWHERE=vk1.a.AbC…
            zabota.toml, line 22: proxy is neither a text in quotes nor a number
            zabota.toml, line 23: id_env means nothing here; known: id, kind, title, token, group_id, api_url, proxy, secret, confirmation
            zabota.toml, line 27: kind is `max`, which is no messenger; known: telegram, vk, facebook
            zabota.toml, line 29: channels means nothing here; did you mean channel?
        "#]],
    );
    toml_file(
        "channel = 5\n",
        &expect![[r"
        zabota.toml, line 1: a channel is written [[channel]]
    "]],
    );
    toml_file(
        "channel = [5]\n",
        &expect![[r"
        zabota.toml, line 1: a channel is written [[channel]]
    "]],
    );
}

#[test]
fn one_community_twice_would_answer_twice() {
    let toml = "\n[[channel]]\nid='shop'\nkind='vk'\ntoken='vk1.a.SECRET'\ngroup_id=7\n";
    let mistakes = Config::read(&beside(&VK, toml)).unwrap_err();
    expect![[r"
        zabota.toml, line 2: shop is the same as vk: one is enough
    "]]
    .assert_eq(&lines(&mistakes));
}
