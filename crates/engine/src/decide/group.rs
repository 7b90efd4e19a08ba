//! What is said in the operators' group. Where dialogs live there, a reply to something of a customer's
//! goes to that customer; a reply to a colleague or to nothing is colleagues' talk and goes nowhere.

use super::{Decision, Desk, closing, operator, private};
use crate::{
    desk::Operator,
    effect::{Say, anchored},
    event::Wrote,
    facts::Need,
    ids::TicketId,
    phrases::Phrase,
    ticket::Album,
};

const TALK: &str = "colleagues' talk";

/// Whoever speaks in the operators' group is known as an operator from then on.
pub(super) fn wrote(desk: &Desk, wrote: &Wrote) -> Result<Decision, Need> {
    let known = desk.facts.operator(&wrote.who.id)?;
    if !desk.in_group() {
        return Ok(match known {
            Some(_) => Decision::ignored(TALK),
            None => operator::appointed(&wrote.who),
        });
    }
    if !desk.facts.is_member(&wrote.who.id)? {
        return Ok(Decision::ignored("somebody who is no operator spoke"));
    }
    let is_new = known.is_none();
    let fresh = || Operator::new(wrote.who.clone());
    let mut operator = known.cloned().unwrap_or_else(fresh);
    operator.who = wrote.who.clone();
    let before = operator.focus.clone();
    let mut decision = Decision::default();
    if !continues_album(&mut operator, wrote) {
        operator::flush_album(desk, &mut operator, &mut decision)?;
        match wrote.command() {
            Some(("/bye" | "/пока" | "/close" | "/завершить", which)) => {
                says_bye(desk, &mut operator, wrote, which, &mut decision)?;
            }
            Some(_) | None => speaks(desk, &mut operator, wrote, &mut decision)?,
        }
    }
    // An album that is coming in waits for its further parts, however few have come.
    if operator.focus.album.is_some() {
        private::wait_for_album(desk, wrote, &mut decision);
    }
    if is_new || operator.focus != before {
        decision.operators.push(operator);
    } else if decision.effects.is_empty() {
        decision.ignored = Some(TALK);
    }
    Ok(decision)
}

/// A further part of the album that the operator is sending; only its first part must be a reply.
fn continues_album(operator: &mut Operator, wrote: &Wrote) -> bool {
    match (&mut operator.focus.album, &wrote.content.album) {
        (Some((_, open)), Some(id)) if open.id == *id => {
            open.parts.push(wrote.said());
            true
        }
        (Some(_) | None, _) => false,
    }
}

fn speaks(
    desk: &Desk,
    operator: &mut Operator,
    wrote: &Wrote,
    decision: &mut Decision,
) -> Result<(), Need> {
    let Some(ticket) = addressed(desk, wrote)? else {
        return Ok(());
    };
    match &wrote.content.album {
        Some(id) => {
            let begun = Album {
                id: id.clone(),
                parts: vec![wrote.said()],
            };
            operator.focus.album = Some((ticket, begun));
            Ok(())
        }
        None => operator::send(
            desk,
            operator,
            &wrote.at.chat,
            ticket,
            vec![wrote.said()],
            decision,
        ),
    }
}

/// The ticket that something is about: it answers a customer's words, or what the bot said of a ticket.
/// An answer to what a colleague wrote here is talk.
fn addressed(desk: &Desk, wrote: &Wrote) -> Result<Option<TicketId>, Need> {
    let Some(message) = &wrote.content.reply_to else {
        return Ok(None);
    };
    let known = desk.facts.message(message)?;
    let colleague = known.is_some_and(|known| {
        known.origin.chat == wrote.at.chat && anchored(&known.origin).is_none()
    });
    if colleague {
        return Ok(None);
    }
    operator::ticket_of(desk, message)
}

fn says_bye(
    desk: &Desk,
    operator: &mut Operator,
    wrote: &Wrote,
    which: &str,
    decision: &mut Decision,
) -> Result<(), Need> {
    let id = match closing::named(which) {
        Some(id) => Some(id),
        // Here also what a colleague wrote says which dialog is meant.
        None => match &wrote.content.reply_to {
            Some(message) => operator::ticket_of(desk, message)?,
            None => None,
        },
    };
    let answer = |phrase, args: &[(&str, &str)]| Say {
        reply_to: Some(wrote.at.clone()),
        ..desk.say(&wrote.at.chat, phrase, args)
    };
    let Some(id) = id else {
        decision.say(answer(Phrase::CloseWhich, &[]));
        return Ok(());
    };
    let number = id.to_string();
    let args = [("ticket", number.as_str())];
    let open = |decision: &Decision| {
        let decided = &decision.conversations;
        decided.iter().any(|c| operator::holds(c, id))
    };
    match desk.facts.ticket(id)? {
        None => decision.say(answer(Phrase::NoSuchTicket, &args)),
        Some(known) if operator::holds(known, id) || open(decision) => {
            if known.who.id == operator.who.id {
                decision.say(answer(Phrase::OwnTicket, &args));
            } else {
                closing::close(desk, operator, id, decision)?;
            }
        }
        Some(_) => decision.say(answer(Phrase::AlreadyClosed, &args)),
    }
    Ok(())
}
