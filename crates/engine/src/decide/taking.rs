//! How a ticket comes to an operator. The first to press gets it; whether that was first is decided
//! by the version of the conversation, which only one of two can move.

use jiff::SignedDuration;

use super::{Decision, Desk, card, customer, operator, strip};
use crate::{
    desk::{Dialog, Operator},
    effect::{Effect, Purpose, Relay, Say, Tone, anchor},
    event::{Person, Pressed},
    facts::Need,
    ids::{PersonRef, TicketId},
    keys::Act,
    phrases::Phrase,
    ticket::{Assigned, Conversation, Kept, Offer, Side, Stage, Ticket},
};

/// How long an operator whom the bot may not be able to write to holds a ticket for themselves.
const OFFER: SignedDuration = SignedDuration::from_secs(30);

/// «Взять в работу».
pub(super) fn pressed(desk: &Desk, pressed: &Pressed, id: TicketId) -> Result<Decision, Need> {
    let who = &pressed.who;
    if !desk.facts.is_member(&who.id)? {
        return Ok(Decision::ignored(
            "somebody who is no operator pressed a key",
        ));
    }
    let number = id.to_string();
    let refuse = |phrase, name: &str, why| {
        desk.toast(
            pressed,
            phrase,
            &[("ticket", &number), ("operator", name)],
            why,
        )
    };
    let Some(known) = desk.facts.ticket(id)? else {
        return Ok(refuse(
            Phrase::NoSuchTicket,
            "",
            "a ticket that does not exist",
        ));
    };
    let mut conversation = known.clone();
    let Some(ticket) = conversation.ticket.take_if(|ticket| ticket.id == id) else {
        return Ok(refuse(Phrase::AlreadyClosed, "", "a closed ticket"));
    };
    if conversation.who.id == who.id {
        return Ok(refuse(Phrase::OwnTicket, "", "an operator's own ticket"));
    }
    match &ticket.stage {
        Stage::Assigned(assigned) if assigned.operator == who.id && !assigned.abandoned => {
            let phrase = if desk.in_group() {
                Phrase::TakenByYouInGroup
            } else {
                Phrase::TakenByYou
            };
            Ok(refuse(phrase, "", "a ticket of theirs already"))
        }
        Stage::Assigned(assigned) if !assigned.abandoned => Ok(refuse(
            Phrase::TakenBy,
            &assigned.operator_name,
            "another operator's ticket",
        )),
        Stage::Waiting(waiting) if is_held_by_another(desk, waiting.offer.as_ref(), who) => {
            let holder = waiting
                .offer
                .as_ref()
                .map_or("", |offer| offer.operator.name.as_str());
            Ok(refuse(
                Phrase::BeingTaken,
                holder,
                "a ticket that another is taking",
            ))
        }
        Stage::Waiting(_) | Stage::Assigned(_) if desk.in_group() => {
            conversation.ticket = Some(ticket);
            takes_in_group(desk, pressed, conversation, id)
        }
        Stage::Waiting(_) | Stage::Assigned(_) => takes(desk, pressed, conversation, ticket),
    }
}

/// The ticket can be taken: it is theirs once the bot may write to them.
fn takes(
    desk: &Desk,
    pressed: &Pressed,
    conversation: Conversation,
    ticket: Ticket,
) -> Result<Decision, Need> {
    let who = &pressed.who;
    let number = ticket.id.to_string();
    let reachable = desk.facts.customer(&who.chat)?.is_some_and(|c| !c.blocked);
    match (reachable, ticket.stage) {
        (false, Stage::Waiting(mut waiting)) => {
            waiting.offer = Some(Offer {
                operator: who.clone(),
                since: desk.now,
                press: pressed.press.clone(),
                pressed_in: pressed.at.chat.clone(),
            });
            let ticket = Ticket {
                stage: Stage::Waiting(waiting),
                ..ticket
            };
            Ok(offer(desk, conversation, ticket, who))
        }
        (_, stage) => {
            let passed_on = matches!(stage, Stage::Assigned(_));
            let ticket = Ticket { stage, ..ticket };
            let mut decision = assign(desk, conversation, ticket, who, true)?;
            let words = desk.policy.words(Phrase::Taken, &[("ticket", &number)]);
            decision
                .effects
                .insert(0, desk.answer(pressed, Some(words), false));
            if passed_on {
                // The key may stand under the call for another operator, not on the card.
                decision
                    .effects
                    .push(strip(&pressed.at.chat, Some(&pressed.at)));
            }
            Ok(decision)
        }
    }
}

/// The same where dialogs live in the group: nobody must be written to for it.
fn takes_in_group(
    desk: &Desk,
    pressed: &Pressed,
    mut conversation: Conversation,
    id: TicketId,
) -> Result<Decision, Need> {
    let who = &pressed.who;
    let number = id.to_string();
    let words = desk
        .policy
        .words(Phrase::TakenInGroup, &[("ticket", &number)]);
    let mut decision = Decision::default();
    decision
        .effects
        .push(desk.answer(pressed, Some(words), false));
    answered(desk, &mut conversation, id, who, &mut decision)?;
    decision.conversations.push(conversation);
    if desk.facts.operator(&who.id)?.is_none() {
        decision.operators.push(Operator::new(who.clone()));
    }
    Ok(decision)
}

fn is_held_by_another(desk: &Desk, offer: Option<&Offer>, who: &Person) -> bool {
    offer.is_some_and(|offer| {
        offer.operator.id != who.id && desk.now.duration_since(offer.since) < OFFER
    })
}

/// Nobody knows whether the bot may write to this operator: the instruction goes out, and the ticket
/// is theirs once it has arrived.
fn offer(desk: &Desk, mut conversation: Conversation, ticket: Ticket, who: &Person) -> Decision {
    let mut intro = intro(desk, &conversation, &ticket, who);
    intro.purpose = Purpose::Offer {
        ticket: ticket.id,
        operator: who.id.clone(),
    };
    conversation.ticket = Some(ticket);
    Decision {
        conversations: vec![conversation],
        effects: vec![Effect::Say(intro)],
        ..Decision::default()
    }
}

fn intro(desk: &Desk, conversation: &Conversation, ticket: &Ticket, who: &Person) -> Say {
    let number = ticket.id.to_string();
    let args = [
        ("ticket", number.as_str()),
        ("customer", desk.policy.named(&conversation.who.name)),
        ("subject", &ticket.subject),
    ];
    Say {
        keys: vec![vec![desk.key(
            Phrase::Close,
            Tone::Danger,
            &Act::Close(ticket.id),
        )]],
        anchor: Some(anchor(&who.chat, ticket.id)),
        ..desk.say(&who.chat, Phrase::Intro, &args)
    }
}

/// Where dialogs live in the group: a ticket that nobody has is theirs who pressed or answered first.
/// Nothing changes if somebody has it.
pub(super) fn answered(
    desk: &Desk,
    conversation: &mut Conversation,
    id: TicketId,
    who: &Person,
    decision: &mut Decision,
) -> Result<(), Need> {
    // Parts of an album that is still coming in come first.
    customer::flush_album(desk, conversation, decision)?;
    let Some(ticket) = conversation.ticket.take_if(|ticket| ticket.id == id) else {
        return Ok(());
    };
    let (stage, changed) = match ticket.stage {
        Stage::Waiting(waiting) => (Stage::Assigned(waiting.assign(who, desk.now).0), true),
        Stage::Assigned(before) if before.abandoned => {
            (Stage::Assigned(before.pass_on(who, desk.now)), true)
        }
        Stage::Assigned(assigned) => (Stage::Assigned(assigned), false),
    };
    let ticket = Ticket { stage, ..ticket };
    if changed {
        decision
            .effects
            .push(card::card(desk, conversation, &ticket, false));
        joined(desk, conversation, decision);
        decision.board(desk);
    }
    conversation.ticket = Some(ticket);
    Ok(())
}

/// The customer reads that somebody is there; the keys they had lead nowhere now.
fn joined(desk: &Desk, conversation: &Conversation, decision: &mut Decision) {
    let to = &conversation.who.chat;
    decision.effects.push(strip(to, None));
    decision.say(Say {
        purpose: Purpose::Notice,
        ..desk.say(to, Phrase::OperatorJoined, &[])
    });
}

/// The ticket is theirs: everybody concerned is told, and they get what was said so far.
pub(super) fn assign(
    desk: &Desk,
    mut conversation: Conversation,
    ticket: Ticket,
    who: &Person,
    with_intro: bool,
) -> Result<Decision, Need> {
    let mut decision = Decision::default();
    // Parts of an album that is still coming in belong to what was said so far.
    let pending = conversation
        .session
        .album
        .take()
        .map_or_else(Vec::new, |album| album.parts);
    desk.keep(&mut decision, ticket.id, Side::Customer, &pending);

    let known = desk.facts.operator(&who.id)?.cloned();
    let mut operator = known.unwrap_or_else(|| Operator::new(who.clone()));
    operator.who = who.clone();
    operator.dialogs.retain(|dialog| dialog.ticket != ticket.id);
    let dialog = Dialog {
        ticket: ticket.id,
        customer: conversation.who.name.clone(),
    };
    operator.dialogs.push(dialog);
    operator.focus.current = Some(ticket.id);
    let several = operator.dialogs.len() > 1;

    if with_intro {
        decision.say(intro(desk, &conversation, &ticket, who));
    }
    let (assigned, so_far) = match ticket.stage {
        Stage::Waiting(waiting) => {
            let (assigned, added) = waiting.assign(who, desk.now);
            (
                assigned,
                card::together(ticket.card.iter().chain(&added).chain(&pending)),
            )
        }
        Stage::Assigned(before) => {
            let colleague = before.operator_name.clone();
            let assigned = before.pass_on(who, desk.now);
            let dialog = desk.facts.dialog(ticket.id)?;
            let retold = retell(desk, &conversation, &assigned, dialog, &colleague);
            decision.effects.extend(retold);
            (assigned, card::together(pending.iter()))
        }
    };
    let bring =
        |said| customer::to_operator(desk, &conversation, &assigned, ticket.id, said, several);
    decision.effects.extend(so_far.into_iter().map(bring));
    if several {
        decision.say(operator::current_is(desk, &operator));
    }
    let ticket = Ticket {
        stage: Stage::Assigned(assigned),
        ..ticket
    };
    decision
        .effects
        .push(card::card(desk, &conversation, &ticket, false));
    joined(desk, &conversation, &mut decision);
    decision.board(desk);
    conversation.ticket = Some(ticket);
    decision.conversations.push(conversation);
    decision.operators.push(operator);
    Ok(decision)
}

/// What was said before, for whoever takes a dialog over: each message under the name of its author.
fn retell(
    desk: &Desk,
    conversation: &Conversation,
    assigned: &Assigned,
    dialog: &[Kept],
    colleague: &str,
) -> Vec<Effect> {
    let by_album = dialog.chunk_by(|a, b| {
        a.by == b.by
            && a.said.content.album.is_some()
            && a.said.content.album == b.said.content.album
    });
    by_album
        .filter_map(|kept| {
            let first = kept.first()?;
            let author = match first.by {
                Side::Customer => &conversation.who.name,
                Side::Operator => colleague,
            };
            Some(Effect::Relay(Relay {
                to: assigned.chat.clone(),
                said: kept.iter().map(|kept| kept.said.clone()).collect(),
                header: Some(card::header(desk, first.ticket, author)),
                under: Some(anchor(&assigned.chat, first.ticket)),
                purpose: Purpose::Question {
                    ticket: first.ticket,
                    said: first.said.at.clone(),
                },
            }))
        })
        .collect()
}

/// The instruction of an offer arrived: the ticket is the operator's, unless another was given it
/// meanwhile.
pub(super) fn offer_arrived(
    desk: &Desk,
    id: TicketId,
    operator: &PersonRef,
) -> Result<Decision, Need> {
    let Some((conversation, ticket, offer)) = open_offer(desk, id, operator)? else {
        return Ok(Decision::ignored("an offer that has lapsed"));
    };
    let mut decision = assign(desk, conversation, ticket, &offer.operator, false)?;
    let words = desk
        .policy
        .words(Phrase::Taken, &[("ticket", &id.to_string())]);
    let answer = desk.answer_to(&offer.pressed_in, &offer.press, Some(words), false);
    decision.effects.insert(0, answer);
    Ok(decision)
}

/// The bot may not write to the operator: they are told how to let it, and the ticket waits.
pub(super) fn offer_failed(
    desk: &Desk,
    id: TicketId,
    operator: &PersonRef,
) -> Result<Decision, Need> {
    let Some((mut conversation, mut ticket, offer)) = open_offer(desk, id, operator)? else {
        return Ok(Decision::ignored("an offer that has lapsed"));
    };
    if let Stage::Waiting(waiting) = &mut ticket.stage {
        waiting.offer = None;
    }
    conversation.ticket = Some(ticket);
    let words = desk.policy.words(Phrase::PressStartFirst, &[]);
    Ok(Decision {
        conversations: vec![conversation],
        effects: vec![desk.answer_to(&offer.pressed_in, &offer.press, Some(words), true)],
        ..Decision::default()
    })
}

fn open_offer(
    desk: &Desk,
    id: TicketId,
    operator: &PersonRef,
) -> Result<Option<(Conversation, Ticket, Offer)>, Need> {
    let Some(known) = desk.facts.ticket(id)? else {
        return Ok(None);
    };
    let mut conversation = known.clone();
    let Some(ticket) = conversation.ticket.take_if(|ticket| ticket.id == id) else {
        return Ok(None);
    };
    let offer = match &ticket.stage {
        Stage::Waiting(waiting) => waiting.offer.clone(),
        Stage::Assigned(_) => None,
    };
    Ok(offer
        .filter(|offer| offer.operator.id == *operator)
        .map(|offer| (conversation, ticket, offer)))
}

/// An operator is gone: another may take the ticket, and what the customer writes meanwhile is shown
/// to the group.
pub(super) fn abandoned(desk: &Desk, id: TicketId, operator: &PersonRef) -> Result<Decision, Need> {
    let Some(known) = desk.facts.ticket(id)? else {
        return Ok(Decision::ignored("a ticket that does not exist"));
    };
    let mut conversation = known.clone();
    let Some(ticket) = conversation
        .ticket
        .as_mut()
        .filter(|ticket| ticket.id == id)
    else {
        return Ok(Decision::ignored("a closed ticket"));
    };
    let name = match &mut ticket.stage {
        Stage::Assigned(assigned) if assigned.operator == *operator && !assigned.abandoned => {
            assigned.abandoned = true;
            assigned.operator_name.clone()
        }
        Stage::Assigned(_) | Stage::Waiting(_) => {
            return Ok(Decision::ignored("a ticket that is not theirs"));
        }
    };
    let ticket = ticket.clone();
    let mut decision = Decision::default();
    decision
        .effects
        .push(card::card(desk, &conversation, &ticket, false));
    let number = id.to_string();
    let args = [("ticket", number.as_str()), ("operator", &name)];
    let group = &desk.policy.group;
    decision.say(Say {
        reply_to: Some(anchor(group, id)),
        keys: vec![vec![desk.key(Phrase::Take, Tone::Primary, &Act::Take(id))]],
        ..desk.say(group, Phrase::Abandoned, &args)
    });
    decision.board(desk);
    decision.conversations.push(conversation);
    Ok(decision)
}

/// A ticket that the predecessor left open gets a card of ours.
pub(super) fn adopted(desk: &Desk, id: TicketId) -> Result<Decision, Need> {
    let Some(conversation) = desk.facts.ticket(id)? else {
        return Ok(Decision::ignored("a ticket that does not exist"));
    };
    let mut decision = Decision::default();
    if let Some(ticket) = conversation
        .ticket
        .as_ref()
        .filter(|ticket| ticket.id == id)
    {
        decision
            .effects
            .push(card::card(desk, conversation, ticket, true));
        decision.board(desk);
    }
    Ok(decision)
}
