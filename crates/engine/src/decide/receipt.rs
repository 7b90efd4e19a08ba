//! The fate of something that was sent. What did not arrive is told where its writer reads, in plain
//! words, with a key to send it once more; nothing is dropped silently.

use super::{Decision, Desk, card, customer, taking};
use crate::{
    effect::{Effect, Purpose, Relay, Say, Tone, anchor},
    event::{Event, Fate, Receipt},
    facts::Need,
    ids::TicketId,
    keys::Act,
    phrases::Phrase,
    ticket::Stage,
};

pub(super) fn arrived(desk: &Desk, receipt: &Receipt) -> Result<Decision, Need> {
    match &receipt.purpose {
        Purpose::Nothing => Ok(Decision::ignored("nobody waits for its fate")),
        Purpose::Notice => notice(desk, receipt),
        Purpose::Report => Ok(report(desk, receipt)),
        Purpose::Offer { ticket, operator } => match receipt.fate {
            Fate::Delivered | Fate::PerhapsTwice | Fate::Unknown => {
                taking::offer_arrived(desk, *ticket, operator)
            }
            Fate::Gone | Fate::Refused { .. } => taking::offer_failed(desk, *ticket, operator),
        },
        Purpose::Reply {
            said, marked: true, ..
        } if receipt.fate == Fate::Delivered => Ok(Decision {
            effects: vec![Effect::Mark {
                message: said.clone(),
            }],
            ..Decision::default()
        }),
        Purpose::Reply {
            ticket, chat, said, ..
        } => {
            let Some(mut say) = reply_words(desk, receipt, *ticket, chat) else {
                return Ok(Decision::ignored("it arrived"));
            };
            say.reply_to = Some(said.clone());
            let mut decision = Decision::default();
            decision.say(say);
            Ok(decision)
        }
        Purpose::Question { ticket, .. } => question(desk, receipt, *ticket),
    }
}

/// A customer who cannot be reached has blocked the bot.
fn notice(desk: &Desk, receipt: &Receipt) -> Result<Decision, Need> {
    let gone = match receipt.fate {
        Fate::Gone => customer::gone(desk, &receipt.to)?,
        Fate::Delivered | Fate::PerhapsTwice | Fate::Unknown | Fate::Refused { .. } => None,
    };
    Ok(match gone {
        Some(conversation) => Decision {
            conversations: vec![conversation],
            ..Decision::default()
        },
        None => Decision::ignored("a notice that did not arrive"),
    })
}

/// An owner cannot be written to: has never opened the chat with the bot, or has blocked it. What they were
/// to read stands in the group.
fn report(desk: &Desk, receipt: &Receipt) -> Decision {
    let (Fate::Gone | Fate::Refused { .. }, Some(Effect::Say(say))) =
        (&receipt.fate, receipt.effect.as_deref())
    else {
        return Decision::ignored("a report that may have arrived");
    };
    let mut text = desk.policy.rich(Phrase::OwnerAway, &[]);
    text.push("\n\n");
    text.append(&say.text);
    let mut decision = Decision::default();
    decision.say(Say {
        to: desk.policy.group.clone(),
        text,
        purpose: Purpose::Nothing,
        ..say.clone()
    });
    decision
}

fn again(desk: &Desk, receipt: &Receipt) -> Vec<Vec<crate::effect::Key>> {
    vec![vec![desk.key(
        Phrase::Again,
        Tone::Primary,
        &Act::Again(receipt.delivery),
    )]]
}

fn reply_words(
    desk: &Desk,
    receipt: &Receipt,
    ticket: TicketId,
    chat: &crate::ids::ChatRef,
) -> Option<Say> {
    let number = ticket.to_string();
    let say = |phrase, reason: &str| {
        desk.say(
            chat,
            phrase,
            &[("ticket", number.as_str()), ("reason", reason)],
        )
    };
    let keys = again(desk, receipt);
    match &receipt.fate {
        Fate::Delivered => None,
        Fate::PerhapsTwice => Some(say(Phrase::ReplyTwice, "")),
        Fate::Unknown => Some(Say {
            keys,
            ..say(Phrase::ReplyUnknown, "")
        }),
        Fate::Gone => Some(Say {
            keys,
            ..say(Phrase::ReplyGone, "")
        }),
        Fate::Refused { reason } => Some(Say {
            keys,
            ..say(Phrase::ReplyRefused, reason)
        }),
    }
}

/// A customer's words did not reach the operator. If the operator is out of reach, they are shown to
/// the group and somebody else may take the ticket.
fn question(desk: &Desk, receipt: &Receipt, id: TicketId) -> Result<Decision, Need> {
    let reason = match &receipt.fate {
        Fate::Delivered | Fate::PerhapsTwice => {
            return Ok(Decision::ignored("it arrived"));
        }
        Fate::Unknown => desk.policy.words(Phrase::ReasonUnknown, &[]),
        Fate::Gone => desk.policy.words(Phrase::ReasonGone, &[]),
        Fate::Refused { reason } => reason.clone(),
    };
    let group = &desk.policy.group;
    let mut decision = Decision::default();
    if receipt.fate == Fate::Gone && receipt.to != *group {
        let known = desk.facts.ticket(id)?;
        let ticket = known.and_then(|known| known.ticket.as_ref());
        if let Some(Stage::Assigned(assigned)) = ticket.map(|ticket| &ticket.stage)
            && assigned.chat == receipt.to
        {
            let operator = assigned.operator.clone();
            decision.events.push(Event::Abandoned {
                ticket: id,
                operator,
            });
        }
        if let (Some(known), Some(Effect::Relay(relay))) = (known, receipt.effect.as_deref()) {
            decision.effects.push(Effect::Relay(Relay {
                to: group.clone(),
                header: Some(card::group_header(desk, id, known)),
                under: Some(anchor(group, id)),
                ..relay.clone()
            }));
            return Ok(decision);
        }
    }
    let number = id.to_string();
    let args = [("ticket", number.as_str()), ("reason", &reason)];
    let to = if receipt.fate == Fate::Gone {
        group
    } else {
        &receipt.to
    };
    decision.say(Say {
        keys: again(desk, receipt),
        ..desk.say(to, Phrase::QuestionFailed, &args)
    });
    Ok(decision)
}
