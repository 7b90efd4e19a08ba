//! Who is speaking in a private chat with the bot: a customer, or an operator in a dialog? And what
//! both have in common: albums, which come in part by part.

use super::{ALBUM_PAUSE, Decision, Desk, customer, operator, owner};
use crate::{
    content::Said,
    desk::Operator,
    event::{Event, Person, Pressed, Timer, Wrote},
    facts::Need,
    ids::{ChatRef, PersonRef},
    phrases::Phrase,
    ticket::{Album, Conversation},
};

enum Speaker {
    Customer(Option<Box<Conversation>>),
    Operator(Operator),
    /// Had dialogs as an operator, but is not in the group any more.
    Former(Operator),
}

/// An operator is whoever has dialogs as one, or is known as one and is not on the way of a customer
/// just now. Membership is asked only of those, and of whoever says the very first word: a
/// customer's message costs no question.
fn speaker(desk: &Desk, who: &Person) -> Result<Speaker, Need> {
    let (chat, person) = (&who.chat, &who.id);
    let Some(operator) = desk.facts.operator(person)? else {
        let known = desk.facts.customer(chat)?;
        if known.is_none() && desk.facts.is_member(person)? {
            return Ok(Speaker::Operator(Operator::new(who.clone())));
        }
        return Ok(Speaker::Customer(known.cloned().map(Box::new)));
    };
    let who = person;
    if !operator.dialogs.is_empty() && !desk.in_group() {
        let inside = desk.facts.is_member(who)?;
        let operator = operator.clone();
        return Ok(if inside {
            Speaker::Operator(operator)
        } else {
            Speaker::Former(operator)
        });
    }
    let conversation = desk.facts.customer(chat)?;
    let as_customer = conversation.is_some_and(|c| c.ticket.is_some() || c.session.step.is_some());
    if !as_customer && desk.facts.is_member(who)? {
        return Ok(Speaker::Operator(operator.clone()));
    }
    Ok(Speaker::Customer(conversation.cloned().map(Box::new)))
}

pub(super) fn wrote(desk: &Desk, wrote: &Wrote) -> Result<Decision, Need> {
    let who = &wrote.who;
    match speaker(desk, who)? {
        Speaker::Customer(known) => {
            let mut conversation =
                known.map_or_else(|| Conversation::new(who.clone()), |known| *known);
            conversation.who = who.clone();
            conversation.blocked = false;
            conversation.heard_at = Some(desk.now);
            let mut decision = Decision::default();
            let (whole, rest) = collect(&mut conversation.session.album, wrote);
            if let Some(parts) = whole {
                customer::said(desk, &mut conversation, parts, &mut decision)?;
            }
            match rest {
                Some(said) => customer::wrote(desk, &mut conversation, wrote, said, &mut decision)?,
                None => wait_for_album(desk, wrote, &mut decision),
            }
            decision.conversations.push(conversation);
            Ok(decision)
        }
        Speaker::Operator(mut operator) => {
            operator.who = who.clone();
            operator::wrote(desk, operator, wrote)
        }
        Speaker::Former(operator) => {
            let mut decision = abandon_all(&operator);
            decision.say(desk.say(&who.chat, Phrase::NoLongerOperator, &[]));
            Ok(decision)
        }
    }
}

/// Puts a part into the album that is coming in. Returns the album before it, if that is whole now,
/// and the message itself, if it is no part of one.
fn collect(album: &mut Option<Album>, wrote: &Wrote) -> (Option<Vec<Said>>, Option<Vec<Said>>) {
    let before = |album: &mut Option<Album>| album.take().map(|before| before.parts);
    if !wrote.also.is_empty() {
        return (before(album), Some(wrote.all()));
    }
    let said = wrote.said();
    match (&said.content.album, &mut *album) {
        (Some(id), Some(open)) if *id == open.id => {
            open.parts.push(said);
            (None, None)
        }
        (Some(id), _) => {
            let begun = Album {
                id: id.clone(),
                parts: vec![said],
            };
            (album.replace(begun).map(|before| before.parts), None)
        }
        (None, _) => (before(album), Some(vec![said])),
    }
}

pub(super) fn wait_for_album(desk: &Desk, wrote: &Wrote, decision: &mut Decision) {
    if let Some(album) = &wrote.content.album {
        let timer = Timer::AlbumWhole {
            chat: wrote.at.chat.clone(),
            who: wrote.who.id.clone(),
            album: album.clone(),
        };
        decision.timers.push((timer, desk.now + ALBUM_PAUSE));
    }
}

pub(super) fn album_whole(
    desk: &Desk,
    chat: &ChatRef,
    who: &PersonRef,
    id: &str,
) -> Result<Decision, Need> {
    let whole = |album: &Option<Album>| album.as_ref().is_some_and(|album| album.id == id);
    if let Some(operator) = desk.facts.operator(who)?
        && let Some(decision) = owner::album_whole(desk, operator.clone(), id)?
    {
        return Ok(decision);
    }
    if let Some(operator) = desk.facts.operator(who)?
        && operator
            .focus
            .album
            .as_ref()
            .is_some_and(|(_, album)| album.id == id)
    {
        let mut operator = operator.clone();
        let mut decision = Decision::default();
        operator::flush_album(desk, &mut operator, &mut decision)?;
        decision.operators.push(operator);
        return Ok(decision);
    }
    match desk.facts.customer(chat)? {
        Some(conversation) if whole(&conversation.session.album) => {
            let mut conversation = conversation.clone();
            let mut decision = Decision::default();
            customer::flush_album(desk, &mut conversation, &mut decision)?;
            decision.conversations.push(conversation);
            Ok(decision)
        }
        // Something written after it was faster.
        Some(_) | None => Ok(Decision::ignored("the album went out already")),
    }
}

pub(super) fn reach(desk: &Desk, who: &Person, allowed: bool) -> Result<Decision, Need> {
    let mut decision = Decision::default();
    if !allowed && let Some(operator) = desk.facts.operator(&who.id)? {
        decision = abandon_all(operator);
    }
    let known = desk.facts.customer(&who.chat)?;
    let who = &desk.person(who)?;
    if known.is_some_and(|conversation| conversation.blocked != allowed) {
        return Ok(decision);
    }
    let mut conversation = known
        .cloned()
        .unwrap_or_else(|| Conversation::new(who.clone()));
    conversation.blocked = !allowed;
    if !allowed {
        customer::blocked(desk, &conversation, &mut decision);
    }
    decision.conversations.push(conversation);
    Ok(decision)
}

pub(super) fn abandon_all(operator: &Operator) -> Decision {
    let events = operator.dialogs.iter().map(|dialog| Event::Abandoned {
        ticket: dialog.ticket,
        operator: operator.who.id.clone(),
    });
    Decision {
        events: events.collect(),
        ..Decision::default()
    }
}

/// An operator wants to see what customers see: from now on they are on the way of one.
pub(super) fn visit(desk: &Desk, pressed: &Pressed) -> Result<Decision, Need> {
    let who = &pressed.who;
    let known = desk.facts.customer(&who.chat)?.cloned();
    let mut conversation = known.unwrap_or_else(|| Conversation::new(who.clone()));
    let mut decision = Decision::default();
    decision.effects.push(desk.answer(pressed, None, false));
    customer::start(desk, &mut conversation, &mut decision)?;
    decision.conversations.push(conversation);
    Ok(decision)
}
