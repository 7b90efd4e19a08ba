//! The sheet: what a reading of it changes, and what the owners are told. Once, not at every reading.

use super::{Decision, Desk};
use crate::{
    effect::{Effect, Purpose, Say},
    event::Timer,
    facts::Need,
    ids::ChatRef,
    phrases::Phrase,
    policy::Policy,
    sheet::{self, Complaint, Field, Plan, Sheet, Unusable, Wrong},
};

/// So many lines are told in one message.
const TOLD: usize = 25;

/// It is time to read the sheet.
pub(super) fn due(desk: &Desk) -> Decision {
    let Some(every) = desk.policy.sheet_every else {
        return Decision::ignored("there is no sheet");
    };
    Decision {
        effects: vec![Effect::ReadSheet { asked: None }],
        timers: vec![(Timer::Sheet, desk.now + every)],
        ..Decision::default()
    }
}

pub(super) fn read(
    desk: &Desk,
    asked: Option<&ChatRef>,
    sheet: &Result<Sheet, String>,
) -> Result<Decision, Need> {
    let records = desk.facts.records()?;
    let planned = match sheet {
        Ok(sheet) => sheet::plan(sheet, &records.last, &records.clients, &records.tariffs)
            .map_err(|unusable| unusable_words(desk, &unusable)),
        Err(why) => Err(desk.policy.words(Phrase::SheetAway, &[("why", why)])),
    };
    Ok(match planned {
        Ok(plan) => apply(desk, asked, plan),
        Err(why) => refuse(desk, asked, &why, records.last.clone()),
    })
}

fn apply(desk: &Desk, asked: Option<&ChatRef>, plan: Plan) -> Decision {
    let mut decision = Decision::default();
    let lines: Vec<String> = plan.complaints.iter().map(|one| line(desk, one)).collect();
    if !lines.is_empty() {
        for chat in desk.policy.owners.values() {
            decision.say(list(desk, chat, &lines));
        }
    }
    if let Some(chat) = asked {
        let changed = plan.clients.len().to_string();
        let open = plan.reading.told.len().to_string();
        let args = [("changed", changed.as_str()), ("open", &open)];
        decision.say(desk.say(chat, Phrase::SheetDone, &args));
    }
    decision.tariffs = plan.tariffs;
    decision.clients = plan.clients;
    decision.reading = Some(plan.reading);
    decision
}

/// Nothing changes. The owners read why, once; whoever asked reads it each time.
fn refuse(desk: &Desk, asked: Option<&ChatRef>, why: &str, last: sheet::LastReading) -> Decision {
    let mut decision = Decision::default();
    let say = |chat: &ChatRef| desk.say(chat, Phrase::SheetRefused, &[("why", why)]);
    if last.trouble.as_deref() != Some(why) {
        for chat in desk
            .policy
            .owners
            .values()
            .filter(|chat| Some(*chat) != asked)
        {
            decision.say(Say {
                purpose: Purpose::Report,
                ..say(chat)
            });
        }
        decision.reading = Some(sheet::LastReading {
            trouble: Some(why.to_owned()),
            ..last
        });
    }
    if let Some(chat) = asked {
        decision.say(say(chat));
    }
    decision
}

fn list(desk: &Desk, chat: &ChatRef, lines: &[String]) -> Say {
    let mut shown = lines.iter().take(TOLD).cloned().collect::<Vec<_>>();
    let more = lines.len().saturating_sub(TOLD);
    if more > 0 {
        shown.push(
            desk.policy
                .words(Phrase::BoardMore, &[("count", &more.to_string())]),
        );
    }
    let lines = shown.join("\n");
    Say {
        purpose: Purpose::Report,
        ..desk.say(chat, Phrase::SheetComplaints, &[("lines", &lines)])
    }
}

fn line(desk: &Desk, complaint: &Complaint) -> String {
    let words = |phrase, args: &[(&str, &str)]| desk.policy.words(phrase, args);
    let wrong = match &complaint.wrong {
        Wrong::Email => words(Phrase::WrongEmail, &[]),
        Wrong::Twice { also } => words(Phrase::WrongTwice, &[("cell", also)]),
        Wrong::Date => words(Phrase::WrongDate, &[]),
        Wrong::Tariff => words(Phrase::WrongTariff, &[]),
        Wrong::TariffTwice => words(Phrase::WrongTariffTwice, &[]),
        Wrong::Price => words(Phrase::WrongPrice, &[]),
        Wrong::Currency => words(Phrase::WrongCurrency, &[]),
        Wrong::Days => words(Phrase::WrongDays, &[]),
        Wrong::Both { field, ours } => {
            let ours = match field {
                Field::PaidUntil => ours.parse().map_or(ours.clone(), Policy::date),
                Field::Name | Field::Tariff => ours.clone(),
            };
            words(Phrase::WrongBoth, &[("ours", &ours)])
        }
    };
    let tab = if complaint.tariffs {
        words(Phrase::TabTariffs, &[])
    } else {
        words(Phrase::TabClients, &[])
    };
    format!("{tab}, {}: «{}» — {wrong}", complaint.cell, complaint.text)
}

fn unusable_words(desk: &Desk, unusable: &Unusable) -> String {
    let tab = |tariffs: bool| {
        let phrase = if tariffs {
            Phrase::TabTariffs
        } else {
            Phrase::TabClients
        };
        desk.policy.words(phrase, &[])
    };
    match unusable {
        Unusable::Empty { tariffs } => desk
            .policy
            .words(Phrase::SheetEmpty, &[("tab", &tab(*tariffs))]),
        Unusable::NoColumn { tariffs, name } => {
            let tab = tab(*tariffs);
            desk.policy
                .words(Phrase::SheetNoColumn, &[("tab", &tab), ("column", name)])
        }
        Unusable::Truncated { gone, of } => {
            let (gone, of) = (gone.to_string(), of.to_string());
            desk.policy
                .words(Phrase::SheetTruncated, &[("gone", &gone), ("of", &of)])
        }
    }
}
