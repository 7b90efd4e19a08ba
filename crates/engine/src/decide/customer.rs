//! What a customer writes and presses. Nothing they write is without a home: it goes into the draft
//! of a ticket, into their open ticket, or they are led to the menu.

use super::{Decision, Desk, card, payment, steps, strip};
use crate::{
    content::{Body, Content, Said},
    effect::{Effect, Purpose, Relay, Say},
    event::{Pressed, Wrote},
    facts::Need,
    ids::{ChatRef, TicketId},
    keys::Act,
    phone,
    phrases::Phrase,
    ticket::{Assigned, Conversation, Side, Stage, Waiting},
};

pub(super) fn wrote(
    desk: &Desk,
    conversation: &mut Conversation,
    wrote: &Wrote,
    message: Vec<Said>,
    decision: &mut Decision,
) -> Result<(), Need> {
    if let Some(("/start", _)) = wrote.command() {
        return start(desk, conversation, decision);
    }
    if let Body::Contact(contact) = &wrote.content.body
        && contact.own
        && let Some(number) = phone::normalise(&contact.phone, &desk.policy.region)
    {
        conversation.phone = Some(number);
    }
    said(desk, conversation, message, decision)
}

/// `/start`: the menu, or where the open ticket stands.
pub(super) fn start(
    desk: &Desk,
    conversation: &mut Conversation,
    decision: &mut Decision,
) -> Result<(), Need> {
    if conversation.ticket.is_some() {
        decision.effects.push(strip(&conversation.who.chat, None));
        tell_where_it_stands(desk, conversation, decision);
        return Ok(());
    }
    steps::enter(desk, conversation, &desk.policy.scenario.start, decision)
}

fn tell_where_it_stands(desk: &Desk, conversation: &Conversation, decision: &mut Decision) {
    let Some(ticket) = &conversation.ticket else {
        return;
    };
    let phrase = match &ticket.stage {
        Stage::Waiting(_) => Phrase::TicketWaiting,
        Stage::Assigned(_) => Phrase::TicketAssigned,
    };
    let number = ticket.id.to_string();
    decision.say(desk.say(&conversation.who.chat, phrase, &[("ticket", &number)]));
}

pub(super) fn flush_album(
    desk: &Desk,
    conversation: &mut Conversation,
    decision: &mut Decision,
) -> Result<(), Need> {
    match conversation.session.album.take() {
        Some(album) => said(desk, conversation, album.parts, decision),
        None => Ok(()),
    }
}

/// Something they said, or an album that is whole: into the ticket, or on their way to one.
pub(super) fn said(
    desk: &Desk,
    conversation: &mut Conversation,
    said: Vec<Said>,
    decision: &mut Decision,
) -> Result<(), Need> {
    let Some(ticket) = &mut conversation.ticket else {
        return steps::said(desk, conversation, said, decision);
    };
    let id = ticket.id;
    desk.keep(decision, id, Side::Customer, &said);
    let shown = said.clone();
    // Until when they can be answered has moved on.
    let moved = desk
        .policy
        .windows
        .contains_key(&conversation.who.id.channel);
    match &mut ticket.stage {
        Stage::Waiting(waiting) => {
            // Where a dialog opens before anything is said, the first words are no addition.
            let first = waiting.added.is_empty() && !ticket.card.is_empty();
            waiting.added.extend(said.iter().cloned());
            if first {
                let number = id.to_string();
                let to = &conversation.who.chat;
                decision.say(desk.say(to, Phrase::Added, &[("ticket", &number)]));
            }
            decision
                .effects
                .push(to_group(desk, conversation, id, said));
        }
        Stage::Assigned(assigned) if assigned.abandoned || desk.in_group() => {
            decision
                .effects
                .push(to_group(desk, conversation, id, said));
        }
        Stage::Assigned(assigned) => {
            let several = has_several_dialogs(desk, assigned)?;
            let assigned = assigned.clone();
            let relay = to_operator(desk, conversation, &assigned, id, said, several);
            decision.effects.push(relay);
        }
    }
    payment::expected(desk, conversation, &shown, decision)?;
    if let (true, Some(ticket)) = (moved, &conversation.ticket) {
        let card = card::card(desk, conversation, ticket, false);
        decision.effects.push(card);
    }
    Ok(())
}

fn has_several_dialogs(desk: &Desk, assigned: &Assigned) -> Result<bool, Need> {
    let operator = desk.facts.operator(&assigned.operator)?;
    Ok(operator.is_some_and(|operator| operator.dialogs.len() > 1))
}

/// What a customer wrote goes under the ticket's card.
pub(super) fn to_group(
    desk: &Desk,
    conversation: &Conversation,
    ticket: TicketId,
    said: Vec<Said>,
) -> Effect {
    let to = &desk.policy.group;
    let first = said.first().map(|said| said.at.clone());
    Effect::Relay(Relay {
        to: to.clone(),
        header: Some(card::group_header(desk, ticket, conversation)),
        under: Some(crate::effect::anchor(to, ticket)),
        purpose: first.map_or(Purpose::Nothing, |said| Purpose::Question { ticket, said }),
        said,
    })
}

/// What a customer wrote goes to their operator; with whose it is on top, if there are several it
/// could be from.
pub(super) fn to_operator(
    desk: &Desk,
    conversation: &Conversation,
    assigned: &Assigned,
    ticket: TicketId,
    said: Vec<Said>,
    several: bool,
) -> Effect {
    let first = said.first().map(|said| said.at.clone());
    Effect::Relay(Relay {
        to: assigned.chat.clone(),
        header: several.then(|| card::header(desk, ticket, &conversation.who.name)),
        under: several.then(|| crate::effect::anchor(&assigned.chat, ticket)),
        purpose: first.map_or(Purpose::Nothing, |said| Purpose::Question { ticket, said }),
        said,
    })
}

/// A ticket is opened from the draft, and the operators see it.
pub(super) fn open(
    desk: &Desk,
    conversation: &mut Conversation,
    decision: &mut Decision,
) -> Result<TicketId, Need> {
    let id = desk.facts.number()?;
    let session = &mut conversation.session;
    let draft = std::mem::take(&mut session.draft);
    let ticket = crate::ticket::Ticket {
        id,
        subject: session.subject.take().unwrap_or_default(),
        opened_at: desk.now,
        card: draft.clone(),
        stage: Stage::Waiting(Waiting::default()),
    };
    session.step = None;
    desk.keep(decision, id, Side::Customer, &draft);
    decision
        .effects
        .push(card::card(desk, conversation, &ticket, true));
    for said in card::below(&draft) {
        decision
            .effects
            .push(to_group(desk, conversation, id, said));
    }
    conversation.ticket = Some(ticket);
    decision.board(desk);
    Ok(id)
}

/// A customer pressed a key. Keys of another keyboard than the one that stands are outdated.
pub(super) fn chose(
    desk: &Desk,
    pressed: &Pressed,
    keyboard: u32,
    choice: u32,
) -> Result<Decision, Need> {
    let who = &pressed.who;
    let Some(mut conversation) = pressing(desk, pressed)? else {
        return Ok(desk.toast(pressed, Phrase::StaleKey, &[], "a key of somebody unknown"));
    };
    let mut decision = Decision::default();
    if conversation.ticket.is_none() && keyboard != conversation.session.keyboard {
        let mut decision = desk.toast(pressed, Phrase::StaleKey, &[], "an outdated key");
        decision.effects.push(strip(&who.chat, Some(&pressed.at)));
        return Ok(decision);
    }
    decision.effects.push(desk.answer(pressed, None, false));
    decision.effects.push(strip(&who.chat, None));
    flush_album(desk, &mut conversation, &mut decision)?;
    if conversation.ticket.is_some() {
        tell_where_it_stands(desk, &conversation, &mut decision);
    } else if choice == Act::HOME {
        steps::enter(
            desk,
            &mut conversation,
            &desk.policy.scenario.start,
            &mut decision,
        )?;
    } else {
        steps::choose(desk, &mut conversation, choice as usize, &mut decision)?;
    }
    decision.conversations.push(conversation);
    Ok(decision)
}

/// The conversation of whoever presses a key: they were heard just now. None if nobody knows them.
pub(super) fn pressing(desk: &Desk, pressed: &Pressed) -> Result<Option<Conversation>, Need> {
    let Some(known) = desk.facts.customer(&pressed.who.chat)? else {
        return Ok(None);
    };
    Ok(Some(Conversation {
        who: desk.person(&pressed.who)?,
        blocked: false,
        heard_at: Some(desk.now),
        ..known.clone()
    }))
}

/// Somebody is out of reach: has blocked the bot, or is gone. None if that was known, or nobody knows them.
pub(super) fn gone(desk: &Desk, chat: &ChatRef) -> Result<Option<Conversation>, Need> {
    let known = desk.facts.customer(chat)?;
    Ok(known.filter(|known| !known.blocked).map(|known| {
        let mut conversation = known.clone();
        conversation.blocked = true;
        conversation
    }))
}

/// A customer does not want to hear from us any more: their operator should know.
pub(super) fn blocked(desk: &Desk, conversation: &Conversation, decision: &mut Decision) {
    let Some(ticket) = &conversation.ticket else {
        return;
    };
    let Stage::Assigned(assigned) = &ticket.stage else {
        return;
    };
    let number = ticket.id.to_string();
    let args = [
        ("ticket", number.as_str()),
        ("customer", desk.policy.named(&conversation.who.name)),
    ];
    let to = if desk.in_group() {
        &desk.policy.group
    } else {
        &assigned.chat
    };
    decision.say(Say {
        reply_to: Some(crate::effect::anchor(to, ticket.id)),
        ..desk.say(to, Phrase::CustomerBlocked, &args)
    });
}

/// Whether it is something that could be typed for a key.
pub(super) fn typed(content: &Content) -> Option<&str> {
    match content.body {
        Body::Text => Some(content.text.text.trim()),
        Body::Media(_) | Body::Location(_) | Body::Contact(_) | Body::Other { .. } => None,
    }
}
