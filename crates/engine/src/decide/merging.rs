//! Two records of one person become one: what it will be is shown first, with where each value comes from.
//! Chats, payments and tickets of both belong to it from then on.

use super::{
    Desk,
    fields::{readable, value},
    prompting::{prompt, yes_or_no},
};
use crate::{
    client::Client,
    decide::Decision,
    effect::Say,
    facts::Need,
    phrases::Phrase,
    records::{Change, Kept},
    sheet::Field,
    task::{Edited, Task},
};

/// What the merged record will be, before anything has changed.
pub(super) fn offer(desk: &Desk, task: &Task, gone: &Client, stays: &Client) -> Say {
    let merged: Client = Kept::from(stays).merged(&Kept::from(gone)).into();
    let field = |field| {
        let edited = Edited::Field(field);
        let own = |client| value(client, edited);
        let shown = readable(desk, edited, &own(&merged));
        if own(gone) == own(stays) {
            return shown;
        }
        let of = if own(&merged) == own(stays) {
            &stays.email
        } else {
            &gone.email
        };
        let args = [("value", shown.as_str()), ("email", of.as_str())];
        desk.policy.words(Phrase::MergedValue, &args)
    };
    let (name, tariff) = (field(Field::Name), field(Field::Tariff));
    let until = field(Field::PaidUntil);
    let args = [
        ("email", gone.email.as_str()),
        ("new", stays.email.as_str()),
        ("name", &name),
        ("tariff", &tariff),
        ("until", &until),
    ];
    let keys = yes_or_no(desk, task, Phrase::Merge);
    prompt(desk, task, Phrase::RecordMerge, &args, keys)
}

/// «Объединить»: the change for the log, and what the owner reads.
pub(super) fn merged(
    desk: &Desk,
    task: &Task,
    gone: &Client,
    stays: &Client,
    decision: &mut Decision,
) -> Result<(Change, Say), Need> {
    let (kept, before) = (Kept::from(gone), Kept::from(stays));
    decision.clients.push(before.merged(&kept).into());
    let args = [
        ("email", gone.email.as_str()),
        ("new", stays.email.as_str()),
    ];
    let say = prompt(desk, task, Phrase::RecordMerged, &args, Vec::new());
    let change = Change::Merged {
        gone: kept,
        before,
        chats: desk.facts.chats(&gone.email)?.to_vec(),
    };
    Ok((change, say))
}
