//! What a bot says about itself: `getMe`, commands, names, descriptions, the menu button.

use serde_json::{Value, json};

use super::error::{ApiError, Outcome, bad};
use super::render;
use crate::args::Args;
use crate::world::Scene;

/// `getMe`.
pub(crate) fn me(scene: &mut Scene, bot: i64) -> Value {
    let mut me = render::user_json(&scene.telegram.bot(bot).user);
    let flags = [
        ("can_join_groups", true),
        ("can_read_all_group_messages", false),
        ("supports_inline_queries", false),
        ("can_connect_to_business", false),
        ("has_main_web_app", false),
    ];
    for (key, value) in flags {
        me[key] = value.into();
    }
    me
}

fn scope(args: &Args) -> String {
    let scope = args
        .get("scope")
        .map_or_else(|| r#"{"type":"default"}"#.to_owned(), Value::to_string);
    format!("{scope}/{}", args.text("language_code").unwrap_or_default())
}

/// `setMyCommands`.
pub(crate) fn set_commands(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let commands = args.list("commands");
    if commands.len() > 100 {
        return Err(bad("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in commands {
        check_command(command)?;
    }
    let scope = scope(args);
    scene
        .telegram
        .bot(bot)
        .commands
        .insert(scope, commands.into());
    scene.touch();
    Ok(super::done())
}

fn check_command(command: &Value) -> Result<(), ApiError> {
    let name = command["command"].as_str().unwrap_or_default();
    let name = name.strip_prefix('/').unwrap_or(name);
    let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !(1..=32).contains(&name.len()) || !name.chars().all(valid) {
        return Err(bad("BOT_COMMAND_INVALID"));
    }
    let description = command["description"].as_str().unwrap_or_default();
    if !(1..=256).contains(&description.chars().count()) {
        return Err(bad("BOT_COMMAND_DESCRIPTION_INVALID"));
    }
    Ok(())
}

/// `deleteMyCommands`.
pub(crate) fn delete_commands(scene: &mut Scene, bot: i64, args: &Args) -> Value {
    let scope = scope(args);
    scene.telegram.bot(bot).commands.remove(&scope);
    scene.touch();
    super::done()
}

/// `getMyCommands`.
pub(crate) fn commands(scene: &mut Scene, bot: i64, args: &Args) -> Value {
    let known = scene.telegram.bot(bot).commands.get(&scope(args)).cloned();
    known.unwrap_or_else(|| json!([]))
}

/// `setMyName`, `setMyDescription`, `setMyShortDescription`.
pub(crate) fn set_text(
    scene: &mut Scene,
    bot: i64,
    args: &Args,
    field: &str,
    longest: usize,
) -> Outcome {
    let text = args.text(field).unwrap_or_default();
    let language = args.text("language_code").unwrap_or_default();
    if text.chars().count() > longest {
        return Err(bad(&format!("{field} is too long")));
    }
    let known = scene.telegram.bot(bot);
    if field == "name" && language.is_empty() && !text.is_empty() {
        text.clone_into(&mut known.user.first_name);
    }
    known
        .texts
        .insert(format!("{field}/{language}"), text.into());
    scene.touch();
    Ok(super::done())
}

/// `getMyName`, `getMyDescription`, `getMyShortDescription`.
pub(crate) fn text(scene: &mut Scene, bot: i64, args: &Args, field: &str) -> Value {
    let language = args.text("language_code").unwrap_or_default();
    let known = scene.telegram.bot(bot);
    let of = |language: &str| {
        known
            .texts
            .get(&format!("{field}/{language}"))
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let default = if field == "name" {
        known.user.first_name.as_str()
    } else {
        ""
    };
    json!({ field: of(language).or_else(|| of("")).unwrap_or(default) })
}

fn menu_key(args: &Args) -> String {
    format!("menu/{}", args.int("chat_id").unwrap_or(0))
}

/// `setChatMenuButton`.
pub(crate) fn set_menu(scene: &mut Scene, bot: i64, args: &Args) -> Value {
    let button = args
        .get("menu_button")
        .cloned()
        .unwrap_or_else(|| json!({ "type": "default" }));
    scene.telegram.bot(bot).texts.insert(menu_key(args), button);
    super::done()
}

/// `getChatMenuButton`.
pub(crate) fn menu(scene: &mut Scene, bot: i64, args: &Args) -> Value {
    let known = scene.telegram.bot(bot).texts.get(&menu_key(args)).cloned();
    known.unwrap_or_else(|| json!({ "type": "commands" }))
}
