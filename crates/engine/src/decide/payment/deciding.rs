//! What operators decide about payments, with keys: «Зачесть», «Не зачитывать», «Отменить». The first to
//! press decides, whoever presses later is told what was decided; and whatever was decided can be decided
//! otherwise.

use super::{credit, credited, offered, tell, words};
use crate::{
    client::Client,
    decide::{Decision, Desk, strip},
    effect::{Purpose, Say},
    event::Pressed,
    facts::Need,
    payment::{By, Credit, Payment, PaymentId, Stage},
    phrases::Phrase,
    ticket::Conversation,
};

/// What an operator wants with a payment.
#[derive(Clone, Copy, Debug)]
pub(in crate::decide) enum Does {
    /// It counts, as the offer at this place.
    Credit(u32),
    /// It does not count.
    Dismiss,
    /// It counts no longer.
    Undo,
}

/// An operator pressed a key under a payment.
pub(in crate::decide) fn pressed(
    desk: &Desk,
    pressed: &Pressed,
    id: PaymentId,
    does: Does,
) -> Result<Decision, Need> {
    if !desk.facts.is_member(&pressed.who.id)? {
        return Ok(Decision::ignored(
            "somebody who is no operator pressed a key",
        ));
    }
    let Some(payment) = desk.facts.payment(id)?.cloned() else {
        return Ok(late(desk, pressed, Phrase::StaleKey, &[]));
    };
    let Some(conversation) = desk.facts.customer(&payment.chat)? else {
        return Ok(late(desk, pressed, Phrase::StaleKey, &[]));
    };
    let mut conversation = conversation.clone();
    let mut decision = Decision::default();
    decision.effects.push(desk.answer(pressed, None, false));
    decision
        .effects
        .push(strip(&pressed.at.chat, Some(&pressed.at)));
    let by = By {
        id: pressed.who.id.clone(),
        name: pressed.who.name.clone(),
    };
    match (does, payment.stage.clone()) {
        (Does::Credit(place), Stage::Asked | Stage::Dismissed { .. } | Stage::Undone { .. }) => {
            let Some(tariff) = payment.offers.get(place as usize).cloned() else {
                return Ok(late(desk, pressed, Phrase::StaleKey, &[]));
            };
            let Some(client) = conversation.client.clone() else {
                return Ok(desk.toast(pressed, Phrase::ReasonNoClient, &[], "nobody to credit"));
            };
            let note = words::decided_by(desk, &by);
            let credit = credit(desk, &client, tariff, Some(by));
            let changed = &mut conversation;
            credited(
                desk,
                changed,
                &client,
                payment,
                credit,
                &note,
                &mut decision,
            );
        }
        (Does::Dismiss, Stage::Asked) => {
            let args = [("operator", by.name.as_str())];
            let told = tell(
                desk,
                &conversation,
                &payment,
                Phrase::PaymentDismissed,
                &args,
            );
            decision.say(Say {
                keys: offered(desk, &payment),
                ..told
            });
            decision.payments.push(payment.dismiss(by));
        }
        (Does::Undo, Stage::Credited(credit)) => {
            undo(desk, &conversation, payment, credit, by, &mut decision)?;
        }
        (Does::Credit(_), Stage::Credited(_))
        | (Does::Dismiss, Stage::Credited(_) | Stage::Dismissed { .. } | Stage::Undone { .. })
        | (Does::Undo, Stage::Asked | Stage::Dismissed { .. } | Stage::Undone { .. }) => {
            let became = words::became(desk, &payment);
            let args = [("became", became.as_str())];
            return Ok(late(desk, pressed, Phrase::PaymentDecided, &args));
        }
    }
    decision.conversations.push(conversation);
    Ok(decision)
}

/// Somebody was faster: what was decided is said, and the key goes.
fn late(desk: &Desk, pressed: &Pressed, phrase: Phrase, args: &[(&str, &str)]) -> Decision {
    desk.late(pressed, phrase, args, "a payment that is decided")
}

/// The record is as if it had not been paid; what else has happened to it meanwhile stays.
fn undo(
    desk: &Desk,
    conversation: &Conversation,
    payment: Payment,
    credit: Credit,
    by: By,
    decision: &mut Decision,
) -> Result<(), Need> {
    let mut dates = (None, None);
    if let Some(client) = desk.facts.client(&credit.client)? {
        let untouched = client.paid_until == Some(credit.until);
        let shorter = client.paid_until.map(|until| {
            until.saturating_sub(jiff::Span::new().days(i64::from(credit.tariff.days)))
        });
        let same_tariff = client.tariff.as_ref() == Some(&credit.tariff.name);
        let paid_until = if untouched { credit.before } else { shorter };
        dates = (client.paid_until, paid_until);
        decision.clients.push(Client {
            paid_until,
            tariff: if untouched && same_tariff {
                credit.tariff_before.clone()
            } else {
                client.tariff.clone()
            },
            ..client.clone()
        });
    }
    let (before, after) = (words::day(desk, dates.0), words::day(desk, dates.1));
    let price = credit.tariff.price.to_string();
    let args = [
        ("price", price.as_str()),
        ("tariff", &credit.tariff.name),
        ("before", &before),
        ("after", &after),
        ("operator", &by.name),
    ];
    let told = tell(desk, conversation, &payment, Phrase::PaymentUndone, &args);
    decision.say(Say {
        keys: offered(desk, &payment),
        ..told
    });
    decision.say(Say {
        purpose: Purpose::Notice,
        ..desk.say(&conversation.who.chat, Phrase::PaymentTakenBack, &args[..1])
    });
    decision.payments.push(payment.undo(credit, by, desk.now));
    Ok(())
}
