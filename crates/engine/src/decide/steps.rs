//! The scenario, step by step.

use super::{Decision, Desk, customer};
use crate::{
    content::{Rich, Said},
    effect::{Effect, Key, Purpose, Say, Tone},
    facts::Need,
    ids::TicketId,
    keys::Act,
    phrases::fill,
    scenario::{Does, Step, Texts},
    ticket::Conversation,
};

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
            Does::Choose | Does::TakeOne { .. } | Does::TakeMany | Does::Pass { .. } => None,
        };
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
    let keys = step.choices.iter().zip(0..).map(|(choice, place)| {
        vec![Key {
            label: desk.in_locale(&choice.label).to_owned(),
            data: Act::Choose {
                keyboard,
                choice: place,
            }
            .to_string(),
            tone: Tone::Plain,
        }]
    });
    Say {
        to: conversation.who.chat.clone(),
        name: name.to_owned(),
        text: Rich::plain(text.trim_end()),
        keys: keys.collect(),
        reply_to: None,
        purpose: Purpose::Notice,
        anchor: None,
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
        Does::Choose | Does::OpenTicket | Does::Pass { .. } => {
            let say = say(desk, conversation, &name, step, &step.say, None);
            decision.say(say);
            Ok(())
        }
    }
}

/// Typing a key's label or number works like pressing it. Numbers do so only where nothing else can
/// be meant: where messages are taken, «2» is a message.
fn typed_choice(desk: &Desk, step: &Step, said: &[Said]) -> Option<usize> {
    let [only] = said else { return None };
    let typed = customer::typed(&only.content)?.to_lowercase();
    let by_label = step
        .choices
        .iter()
        .position(|choice| desk.in_locale(&choice.label).to_lowercase() == typed);
    let by_number = || {
        let number: usize = typed.parse().ok()?;
        number
            .checked_sub(1)
            .filter(|place| *place < step.choices.len())
    };
    match step.does {
        Does::Choose => by_label.or_else(by_number),
        Does::TakeOne { .. } | Does::TakeMany | Does::OpenTicket | Does::Pass { .. } => by_label,
    }
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
    let go = match step.and_then(|step| step.choices.get(choice)) {
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
