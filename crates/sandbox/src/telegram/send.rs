//! The `send…` methods: from parameters to contents, from contents to messages.

use serde_json::{Value, json};

use super::content::Content;
use super::error::{ApiError, Outcome, bad};
use super::keyboard::{self, Markup};
use super::state::{Message, Place};
use super::text::Rich;
use super::{markup, render, target};
use crate::args::Args;
use crate::world::Scene;

/// Characters of a text, UTF-16 units after parsing.
pub(crate) const MAX_TEXT: usize = 4096;
const MAX_CAPTION: usize = 1024;

/// `sendMessage`.
pub(crate) fn text(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let rich = text_of(scene, args)?;
    one(scene, bot, place, args, Content::Text(rich))
}

/// The text in `text`, `parse_mode` and `entities`.
pub(crate) fn text_of(scene: &mut Scene, args: &Args) -> Result<Rich, ApiError> {
    let rich = rich(scene, args, "text", "entities")?;
    if rich.text.is_empty() {
        return Err(bad("message text is empty"));
    }
    if rich.len() > MAX_TEXT {
        return Err(bad("message is too long"));
    }
    Ok(rich)
}

/// The caption in `caption`, `parse_mode` and `caption_entities`.
pub(crate) fn caption_of(scene: &mut Scene, args: &Args) -> Result<Rich, ApiError> {
    let rich = rich(scene, args, "caption", "caption_entities")?;
    if rich.len() > MAX_CAPTION {
        return Err(bad("message caption is too long"));
    }
    Ok(rich)
}

fn rich(scene: &mut Scene, args: &Args, text: &str, entities: &str) -> Result<Rich, ApiError> {
    let plain = args.text(text).unwrap_or_default();
    let given = args.list(entities);
    let mode = args.text("parse_mode").unwrap_or_default();
    let (plain, mut entities) = if given.is_empty() && !mode.is_empty() {
        markup::parse(mode, plain)?
    } else {
        (plain.to_owned(), given.to_vec())
    };
    for entity in &mut entities {
        if let Some(id) = entity["user"]["id"].as_i64() {
            entity["user"] = render::user(&scene.telegram, id);
        }
    }
    Rich::new(&plain, entities, &mut scene.telegram.remarks)
}

/// `sendLocation`.
pub(crate) fn location(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let location = location_of(args)?;
    one(
        scene,
        bot,
        place,
        args,
        Content::Plain("location", location),
    )
}

fn location_of(args: &Args) -> Result<Value, ApiError> {
    let number = |name: &str| args.get(name).and_then(Value::as_f64);
    match (number("latitude"), number("longitude")) {
        (Some(latitude), Some(longitude)) if latitude.abs() <= 90.0 && longitude.abs() <= 180.0 => {
            Ok(json!({ "latitude": latitude, "longitude": longitude }))
        }
        _ => Err(bad("wrong latitude or longitude specified")),
    }
}

/// `sendVenue`.
pub(crate) fn venue(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let location = location_of(args)?;
    let mut venue = json!({
        "location": location,
        "title": args.text("title").unwrap_or_default(),
        "address": args.text("address").unwrap_or_default(),
    });
    copy_fields(
        args,
        &mut venue,
        &[
            "foursquare_id",
            "foursquare_type",
            "google_place_id",
            "google_place_type",
        ],
    );
    one(scene, bot, place, args, Content::Plain("venue", venue))
}

/// `sendContact`.
pub(crate) fn contact(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let mut contact = json!({
        "phone_number": args.text("phone_number").unwrap_or_default(),
        "first_name": args.text("first_name").unwrap_or_default(),
    });
    copy_fields(args, &mut contact, &["last_name", "vcard"]);
    one(scene, bot, place, args, Content::Plain("contact", contact))
}

fn copy_fields(args: &Args, into: &mut Value, names: &[&str]) {
    for name in names {
        if let Some(value) = args.get(name) {
            into[*name] = value.clone();
        }
    }
}

/// `sendPoll`.
pub(crate) fn poll(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let options: Vec<&str> = args
        .list("options")
        .iter()
        .filter_map(|option| option["text"].as_str())
        .collect();
    let question = args.text("question").unwrap_or_default();
    if question.is_empty() {
        return Err(bad("poll question must be non-empty"));
    }
    if !(1..=12).contains(&options.len()) {
        return Err(bad("poll must have at least 2 option"));
    }
    let mut poll = poll_json(scene, question, &options);
    poll["is_anonymous"] = args
        .get("is_anonymous")
        .and_then(Value::as_bool)
        .unwrap_or(true)
        .into();
    poll["type"] = args.text("type").unwrap_or("regular").into();
    poll["allows_multiple_answers"] = args.flag("allows_multiple_answers").into();
    one(scene, bot, place, args, Content::Plain("poll", poll))
}

/// A fresh `Poll`.
pub(crate) fn poll_json(scene: &mut Scene, question: &str, options: &[&str]) -> Value {
    let id = scene.telegram.next_serial();
    let options: Vec<Value> = (0..)
        .zip(options)
        .map(|(at, text): (u32, _)| {
            json!({ "persistent_id": at.to_string(), "text": text, "voter_count": 0 })
        })
        .collect();
    json!({
        "id": (5_000_000_000_000_000_000 + id).to_string(),
        "question": question,
        "options": options,
        "total_voter_count": 0,
        "is_closed": false,
        "is_anonymous": true,
        "type": "regular",
        "allows_multiple_answers": false,
        "allows_revoting": true,
        "members_only": false,
    })
}

/// `sendDice`.
pub(crate) fn dice(scene: &mut Scene, bot: i64, args: &Args) -> Outcome {
    let place = target::writable(&scene.telegram, bot, args)?;
    let dice = dice_json(scene, args.text("emoji").unwrap_or("🎲"))?;
    one(scene, bot, place, args, Content::Plain("dice", dice))
}

/// A thrown `Dice`.
pub(crate) fn dice_json(scene: &mut Scene, emoji: &str) -> Result<Value, ApiError> {
    let sides = match emoji {
        "🎲" | "🎯" | "🎳" => 6,
        "🏀" | "⚽" => 5,
        "🎰" => 64,
        _ => return Err(bad("EMOTICON_INVALID")),
    };
    let value = scene.telegram.next_serial().wrapping_mul(31) % sides + 1;
    Ok(json!({ "emoji": emoji, "value": value }))
}

/// Sends one message and gives it back.
pub(crate) fn one(
    scene: &mut Scene,
    bot: i64,
    place: Place,
    args: &Args,
    content: Content,
) -> Outcome {
    let draft = draft(scene, bot, place, args)?;
    target::spend(scene, bot, place, 1, false)?;
    Ok(post(scene, bot, place, Message { content, ..draft }).0)
}

/// Puts a message into the chat; what the bot sees of it, and its id.
pub(crate) fn post(scene: &mut Scene, bot: i64, place: Place, message: Message) -> (Value, i64) {
    let id = scene.telegram.post(place, message);
    scene.touch();
    let state = &scene.telegram;
    let shown = state
        .message(place, id)
        .map(|message| render::message(state, &scene.files, bot, place, message));
    (shown.unwrap_or_default(), id)
}

/// A message of the bot without its content: date, reply, keyboard and protection.
pub(crate) fn draft(
    scene: &mut Scene,
    bot: i64,
    place: Place,
    args: &Args,
) -> Result<Message, ApiError> {
    let Markup { inline, reply } = keyboard::read(args.get("reply_markup"))?;
    let (reply_to, quote) = replied(scene, place, args)?;
    Ok(Message {
        reply_to,
        quote,
        keyboard: inline,
        reply_keyboard: reply,
        protected: args.flag("protect_content"),
        ..Message::new(scene.date(), bot, Content::Text(Rich::default()))
    })
}

type Replied = (Option<i64>, Option<Value>);

fn replied(scene: &Scene, place: Place, args: &Args) -> Result<Replied, ApiError> {
    let parameters = args.get("reply_parameters");
    let from_parameters = parameters.and_then(|given| given["message_id"].as_i64());
    let Some(id) = from_parameters
        .or_else(|| args.int("reply_to_message_id"))
        .filter(|id| *id != 0)
    else {
        return Ok((None, None));
    };
    let elsewhere = parameters
        .and_then(|given| given["chat_id"].as_i64())
        .is_some_and(|chat| chat != place.chat_id());
    let forgiving = args.flag("allow_sending_without_reply")
        || parameters.is_some_and(|given| given["allow_sending_without_reply"] == true);
    let found = !elsewhere && scene.telegram.message(place, id).is_some();
    if !found {
        return if forgiving {
            Ok((None, None))
        } else {
            Err(bad("message to be replied not found"))
        };
    }
    let quote = parameters
        .and_then(|given| given["quote"].as_str())
        .filter(|quote| !quote.is_empty())
        .map(|quote| json!({ "text": quote, "position": 0, "is_manual": true }));
    Ok((Some(id), quote))
}
