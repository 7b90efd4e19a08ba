//! A customer was answered elsewhere: by a colleague in the messenger's own window. The operators see it
//! as such, and it is part of the dialog; it is not sent to the customer again.

use super::{Decision, Desk, card};
use crate::{
    effect::{Effect, Purpose, Relay, anchor},
    event::Elsewhere,
    facts::Need,
    phrases::Phrase,
    ticket::{Conversation, Side, Stage},
};

pub(super) fn answered(desk: &Desk, elsewhere: &Elsewhere) -> Result<Decision, Need> {
    let customer = desk.person(&elsewhere.customer)?;
    let known = desk.facts.customer(&customer.chat)?;
    let mut decision = Decision::default();
    let ticket = known.and_then(|known| known.ticket.as_ref());
    let operator = ticket.and_then(|ticket| match &ticket.stage {
        Stage::Assigned(assigned) if !assigned.abandoned && !desk.in_group() => {
            Some(assigned.chat.clone())
        }
        Stage::Assigned(_) | Stage::Waiting(_) => None,
    });
    let to = operator.unwrap_or_else(|| desk.policy.group.clone());
    if let (Some(known), Some(ticket)) = (known, ticket) {
        desk.keep(&mut decision, ticket.id, Side::Operator, &elsewhere.said);
        decision.conversations.push(Conversation::clone(known));
    }
    let by = match &elsewhere.by {
        Some(by) => by.clone(),
        None => desk.policy.words(Phrase::Colleague, &[]),
    };
    let args = [
        ("customer", desk.policy.named(&customer.name)),
        ("channel", desk.policy.title(&customer.id.channel)),
        ("by", &by),
    ];
    decision.effects.push(Effect::Relay(Relay {
        header: Some(card::bold(desk, Phrase::HeaderElsewhere, &args)),
        under: ticket.map(|ticket| anchor(&to, ticket.id)),
        to,
        said: elsewhere.said.clone(),
        purpose: Purpose::Nothing,
    }));
    Ok(decision)
}
