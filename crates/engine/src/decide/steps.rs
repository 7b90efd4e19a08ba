//! The scenario, step by step.

use super::{Decision, Desk, customer};
use crate::{
    client::{BadEmail, Client, Email},
    content::{Rich, Said},
    effect::{Effect, Key, Purpose, Say, Tone, anchor},
    facts::Need,
    ids::TicketId,
    keys::Act,
    phrases::{Phrase, fill},
    scenario::{Does, Step, Texts},
    ticket::{Conversation, Rated},
};

/// The best rating; 1 is the worst.
const STARS: u32 = 5;

/// The customer comes to a step; steps that only say something are passed at once.
pub(super) fn enter(
    desk: &Desk,
    conversation: &mut Conversation,
    name: &str,
    decision: &mut Decision,
) -> Result<(), Need> {
    let scenario = &desk.policy.scenario;
    // A step of a scenario that has been replaced meanwhile leads to the menu.
    let (mut name, mut step) = match scenario.step(name) {
        Some(step) => (name, step),
        None => (scenario.start.as_str(), scenario.menu()),
    };
    loop {
        if let (true, None, Some(first)) = (
            name == scenario.start,
            &conversation.client,
            &scenario.identify,
        ) && let Some(asking) = scenario.step(first)
        {
            (name, step) = (first, asking);
        }
        let session = &mut conversation.session;
        if name == scenario.start {
            session.draft.clear();
            session.subject = None;
        }
        if let Some(subject) = &step.subject {
            session.subject = Some(desk.in_locale(subject).to_owned());
        }
        session.step = Some(name.to_owned());
        session.keyboard = session.keyboard.wrapping_add(1);
        let opened = match step.does {
            Does::OpenTicket => Some(customer::open(desk, conversation, decision)?),
            Does::Choose
            | Does::TakeOne { .. }
            | Does::TakeMany
            | Does::TakeEmail { .. }
            | Does::TakeRating { .. }
            | Does::Pass { .. } => None,
        };
        if opened.is_some() {
            conversation.session.paying = step.payment;
        }
        let say = say(desk, conversation, name, step, &step.say, opened);
        // The customer's confirmation goes before what the operators get.
        let at = decision
            .effects
            .iter()
            .position(|effect| matches!(effect, Effect::Card(_)));
        decision
            .effects
            .insert(at.unwrap_or(decision.effects.len()), Effect::Say(say));
        let Does::Pass { go } = &step.does else {
            return Ok(());
        };
        match scenario.step(go) {
            Some(next) => (name, step) = (go, next),
            None => return Ok(()),
        }
    }
}

fn say(
    desk: &Desk,
    conversation: &Conversation,
    name: &str,
    step: &Step,
    words: &Texts,
    ticket: Option<TicketId>,
) -> Say {
    let words = desk.in_locale(words);
    let text = match ticket {
        Some(ticket) => fill(words, &[("ticket", &ticket.to_string())]),
        None => words.to_owned(),
    };
    let keyboard = conversation.session.keyboard;
    let key = |label: &str, choice| Key {
        label: label.to_owned(),
        data: Act::Choose { keyboard, choice }.to_string(),
        tone: Tone::Plain,
    };
    // Stars stand in one row, before the step's own keys.
    let stars = match step.does {
        Does::TakeRating { .. } => STARS,
        Does::Choose
        | Does::TakeOne { .. }
        | Does::TakeMany
        | Does::TakeEmail { .. }
        | Does::OpenTicket
        | Does::Pass { .. } => 0,
    };
    let rating: Vec<Key> = (0..stars)
        .map(|place| key(&(place + 1).to_string(), place))
        .collect();
    let choices = step.choices.iter().zip(stars..);
    let choices = choices.map(|(choice, place)| vec![key(desk.in_locale(&choice.label), place)]);
    let rating = std::iter::once(rating).filter(|row| !row.is_empty());
    Say {
        to: conversation.who.chat.clone(),
        name: name.to_owned(),
        text: Rich::plain(text.trim_end()),
        keys: rating.chain(choices).collect(),
        reply_to: None,
        purpose: Purpose::Notice,
        anchor: None,
        rewrites: false,
        outdates: true,
        replaces: None,
    }
}

/// The customer wrote something at their step.
pub(super) fn said(
    desk: &Desk,
    conversation: &mut Conversation,
    said: Vec<Said>,
    decision: &mut Decision,
) -> Result<(), Need> {
    let scenario = &desk.policy.scenario;
    let at = conversation.session.step.as_deref();
    let Some((name, step)) = at.and_then(|name| Some((name.to_owned(), scenario.step(name)?)))
    else {
        return enter(desk, conversation, &scenario.start, decision);
    };
    if let Some(choice) = typed_choice(desk, step, &said) {
        return choose(desk, conversation, choice, decision);
    }
    match &step.does {
        Does::TakeOne { go } => {
            conversation.session.draft.extend(said);
            enter(desk, conversation, go, decision)
        }
        Does::TakeMany => {
            conversation.session.draft.extend(said);
            if let Some(more) = &step.more {
                let mut say = say(desk, conversation, &name, step, more, None);
                say.name.push_str(".more");
                say.replaces = Some(format!("more/{}", say.to));
                decision.say(say);
            }
            Ok(())
        }
        Does::TakeEmail { go } => {
            let only = said.first();
            let Some(typed) = only.and_then(|said| customer::typed(&said.content)) else {
                decision.say(say(desk, conversation, &name, step, &step.say, None));
                return Ok(());
            };
            if identified(desk, conversation, typed, decision)? {
                enter(desk, conversation, go, decision)?;
            }
            Ok(())
        }
        Does::TakeRating { go } => match typed_stars(&said) {
            Some(stars) => rated(desk, conversation, stars, go, decision),
            // They have said enough about it, and want something else.
            None => enter(desk, conversation, &scenario.start, decision),
        },
        Does::Choose | Does::OpenTicket | Does::Pass { .. } => {
            let say = say(desk, conversation, &name, step, &step.say, None);
            decision.say(say);
            Ok(())
        }
    }
}

/// Typing a key's label works like pressing it, also as it is shown where labels are too long: numbered
/// and shortened. Bare numbers do so only where nothing else can be meant: where messages are taken, «2»
/// is a message.
fn typed_choice(desk: &Desk, step: &Step, said: &[Said]) -> Option<usize> {
    let [only] = said else { return None };
    let typed = customer::typed(&only.content)?.to_lowercase();
    let mut numbered = step.choices.iter().zip(own_keys(step) + 1..);
    let by_label = numbered.position(|(choice, number)| {
        let label = desk.in_locale(&choice.label).to_lowercase();
        is_shown_as(&label, number, &typed)
    });
    let by_number = || {
        let number: usize = typed.parse().ok()?;
        number
            .checked_sub(1)
            .filter(|place| *place < step.choices.len())
    };
    match step.does {
        Does::Choose => by_label.or_else(by_number),
        Does::TakeOne { .. }
        | Does::TakeMany
        | Does::TakeEmail { .. }
        | Does::TakeRating { .. }
        | Does::OpenTicket
        | Does::Pass { .. } => by_label,
    }
    .map(|place| place + own_keys(step))
}

/// Whether a key with this label, the so many-th under its message, may be shown so: what is shortened
/// is numbered too.
fn is_shown_as(label: &str, number: usize, shown: &str) -> bool {
    let numbered = shown.strip_prefix(&format!("{number}. "));
    match numbered.and_then(|bare| bare.strip_suffix('…')) {
        Some(head) => label.starts_with(head.trim_end()),
        None => numbered.unwrap_or(shown) == label,
    }
}

/// How many keys stand before a step's choices.
fn own_keys(step: &Step) -> usize {
    match step.does {
        Does::TakeRating { .. } => STARS as usize,
        Does::Choose
        | Does::TakeOne { .. }
        | Does::TakeMany
        | Does::TakeEmail { .. }
        | Does::OpenTicket
        | Does::Pass { .. } => 0,
    }
}

/// Who they are, by the address they wrote; otherwise they read what is wrong with it, and may try again.
fn identified(
    desk: &Desk,
    conversation: &mut Conversation,
    typed: &str,
    decision: &mut Decision,
) -> Result<bool, Need> {
    let to = conversation.who.chat.clone();
    let notice = |phrase, args: &[(&str, &str)]| Say {
        purpose: Purpose::Notice,
        ..desk.say(&to, phrase, args)
    };
    let email = match address(typed) {
        Ok(email) => email,
        Err(bad) => {
            decision.say(notice(why(bad), &[]));
            return Ok(false);
        }
    };
    let known = desk.facts.client(&email)?;
    let args = [("email", email.as_str())];
    decision.say(match known.map(|client| client.tariff.as_deref()) {
        None => notice(Phrase::EmailNew, &args),
        Some(None) => notice(Phrase::EmailKnown, &args),
        Some(Some(tariff)) => notice(Phrase::EmailKnownTariff, &[args[0], ("tariff", tariff)]),
    });
    if known.is_none() {
        decision.new_client = Some(email.clone());
    }
    let client = known.cloned().unwrap_or_else(|| Client::new(email.clone()));
    conversation.client = Some(client);
    Ok(true)
}

/// The address that somebody typed, alone or among words that cannot be a part of it: «моя почта
/// anna@mail.ru».
fn address(typed: &str) -> Result<Email, BadEmail> {
    let whole = Email::read(typed);
    if whole.is_ok() {
        return whole;
    }
    let (with, without): (Vec<&str>, Vec<&str>) = typed
        .split_whitespace()
        .partition(|word| word.contains('@'));
    let apart = |word: &&str| !word.contains(|c: char| c.is_ascii_alphanumeric());
    match with.as_slice() {
        [only] if without.iter().all(apart) => Email::read(only),
        [_, _, ..] => Err(BadEmail::Several),
        _ => whole,
    }
}

/// What is wrong with an address, in words.
pub(super) fn why(bad: BadEmail) -> Phrase {
    match bad {
        BadEmail::NoAt => Phrase::EmailNoAt,
        BadEmail::Several => Phrase::EmailSeveral,
        BadEmail::Space => Phrase::EmailSpace,
        BadEmail::NoHost => Phrase::EmailNoHost,
        BadEmail::Malformed => Phrase::EmailMalformed,
        BadEmail::TooLong => Phrase::EmailTooLong,
    }
}

fn typed_stars(said: &[Said]) -> Option<u32> {
    let [only] = said else { return None };
    let typed = customer::typed(&only.content)?.trim_end_matches(['!', '.', ' ', '★', '⭐']);
    let stars = typed.parse().ok()?;
    (1..=STARS).contains(&stars).then_some(stars)
}

/// A closed ticket is rated, once: the operators see it.
fn rated(
    desk: &Desk,
    conversation: &mut Conversation,
    stars: u32,
    go: &str,
    decision: &mut Decision,
) -> Result<(), Need> {
    if let Some(ticket) = conversation.session.rates.take() {
        let stars = u8::try_from(stars).unwrap_or(u8::MAX);
        decision.rated = Some(Rated { ticket, stars });
        let filled = usize::from(stars);
        let drawn = "★".repeat(filled) + &"☆".repeat((STARS as usize).saturating_sub(filled));
        let (number, rating) = (ticket.to_string(), stars.to_string());
        let args = [
            ("ticket", number.as_str()),
            ("customer", desk.policy.named(&conversation.who.name)),
            ("stars", &drawn),
            ("rating", &rating),
        ];
        let group = &desk.policy.group;
        decision.say(Say {
            reply_to: Some(anchor(group, ticket)),
            ..desk.say(group, Phrase::Rating, &args)
        });
    }
    enter(desk, conversation, go, decision)
}

/// The customer chose a key of their step.
pub(super) fn choose(
    desk: &Desk,
    conversation: &mut Conversation,
    choice: usize,
    decision: &mut Decision,
) -> Result<(), Need> {
    let scenario = &desk.policy.scenario;
    let step = conversation
        .session
        .step
        .as_deref()
        .and_then(|name| scenario.step(name));
    let own = step.map_or(0, own_keys);
    if let (Some(Does::TakeRating { go }), true) = (step.map(|step| &step.does), choice < own) {
        let stars = u32::try_from(choice + 1).unwrap_or(STARS);
        return rated(desk, conversation, stars, go, decision);
    }
    let go = match step.and_then(|step| step.choices.get(choice.checked_sub(own)?)) {
        Some(choice) => choice.go.as_str(),
        // The scenario was replaced under their fingers.
        None => scenario.start.as_str(),
    };
    enter(desk, conversation, go, decision)
}

impl Desk<'_> {
    fn in_locale<'t>(&self, texts: &'t Texts) -> &'t str {
        texts.in_locale(self.policy.phrases.locale())
    }
}
