//! What a reading changes: each cell beside what it said last and what the desk has.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{
    Cells, Complaint, Field, LastReading, Loss, Sheet, Tariff, Unusable, Wrong,
    cells::{Cell, is_error},
    dates::date,
    ours, put, same,
    tabs::{self, Complaints, Row},
};
use crate::client::{Client, Email};

/// What a reading comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Planned {
    /// These changes.
    Changes(Box<Plan>),
    /// Nothing: much of what was there is gone. It was read in part, or an owner has deleted it.
    Lost(Loss),
}

/// What a reading changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Tariffs as the sheet has them, if any of them changed.
    pub tariffs: Option<Vec<Tariff>>,
    /// Clients that are new or changed, as they are now.
    pub clients: Vec<Client>,
    /// Those of them that are new.
    pub created: BTreeSet<Email>,
    /// What changed about the others.
    pub changed: Vec<Changed>,
    /// What the owner has not read yet.
    pub complaints: Vec<Complaint>,
    /// To be kept for the next reading.
    pub reading: LastReading,
}

/// A field that has another value now. Dates are `2026-11-20`; empty is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Whose.
    pub client: Email,
    /// Which.
    pub field: Field,
    /// What it was.
    pub old: String,
    /// What it is.
    pub new: String,
}

/// What a reading comes to, beside what the desk has.
pub fn plan(
    sheet: &Sheet,
    last: &LastReading,
    clients: &[Client],
    tariffs: &[Tariff],
) -> Result<Planned, Unusable> {
    let mut complaints = Complaints::default();
    let priced = tabs::tariffs(&sheet.tariffs, tariffs, &mut complaints)?;
    let read = tabs::clients(&sheet.clients, &mut complaints)?;
    let loss = Loss::of(&read, &priced.named, last, tariffs);
    if !loss.is_small() && !last.accepts(&loss) {
        return Ok(Planned::Lost(loss));
    }
    let known: BTreeMap<&Email, &Client> = clients
        .iter()
        .map(|client| (&client.email, client))
        .collect();
    let (mut cells, mut gone) = (BTreeMap::new(), last.gone.clone());
    for (email, seen) in &last.cells {
        let kept = if read.has(email) {
            &mut cells
        } else {
            &mut gone
        };
        kept.insert(email.clone(), seen.clone());
    }
    let mut reading = Reading {
        tariffs: &priced.tariffs,
        complaints,
        changed: Vec::new(),
    };
    let mut plan = Plan::default();
    for (email, row) in &read.by_email {
        let seen = cells.remove(email).or_else(|| gone.remove(email));
        let before = known.get(email).copied();
        let (now, seen) = reading.row(email, row, seen, before);
        cells.insert(email.clone(), seen);
        if let Some(client) = now.filter(|now| before != Some(now)) {
            if before.is_none() {
                plan.created.insert(email.clone());
            }
            plan.clients.push(client);
        }
    }
    for field in Field::ALL
        .iter()
        .filter(|field| !read.columns.contains(field))
    {
        reading.complaints.0.insert(no_column(*field));
    }
    let Reading {
        complaints: Complaints(told),
        changed,
        ..
    } = reading;
    plan.changed = changed;
    plan.tariffs = (priced.tariffs != tariffs).then_some(priced.tariffs);
    // A row that only moved is no news.
    let known: HashSet<_> = last.told.iter().map(Complaint::what).collect();
    let news = told.iter().filter(|one| !known.contains(&one.what()));
    plan.complaints = news.cloned().collect();
    plan.reading = LastReading {
        cells,
        gone,
        columns: read.columns,
        told,
        trouble: None,
        question: None,
        questions: last.questions,
    };
    Ok(Planned::Changes(Box::new(plan)))
}

fn no_column(field: Field) -> Complaint {
    Complaint {
        cell: String::new(),
        tariffs: false,
        row: String::new(),
        text: String::new(),
        wrong: Wrong::NoColumn { field },
    }
}

/// A reading under way.
struct Reading<'a> {
    tariffs: &'a [Tariff],
    complaints: Complaints,
    changed: Vec<Changed>,
}

impl Reading<'_> {
    /// A client as the row makes it, if it makes one, and what the row says now.
    fn row(
        &mut self,
        email: &Email,
        row: &Row,
        seen: Option<Cells>,
        before: Option<&Client>,
    ) -> (Option<Client>, Cells) {
        let mut seen = match (seen, before) {
            // The desk has renamed or merged it since: an old row does not bring it back.
            (Some(seen), None) if !self.is_news(row, &seen) => return (None, seen),
            (Some(_), None) => {
                self.complaints.add(false, &row.address, Wrong::Anew);
                Cells::new()
            }
            (seen, _) => seen.unwrap_or_default(),
        };
        let mut client = before
            .cloned()
            .unwrap_or_else(|| Client::new(email.clone()));
        for (field, cell) in &row.fields {
            self.field(*field, cell, &mut seen, &mut client, before.is_some());
        }
        (Some(client), seen)
    }

    /// Whether a row says something that it did not say before.
    fn is_news(&self, row: &Row, seen: &Cells) -> bool {
        row.fields.iter().any(|(field, cell)| {
            let value = value(*field, &cell.text, self.tariffs).ok();
            value.is_some_and(|value| seen.get(field) != Some(&value))
        })
    }

    fn field(
        &mut self,
        field: Field,
        cell: &Cell,
        seen: &mut Cells,
        client: &mut Client,
        known: bool,
    ) {
        let new = match value(field, &cell.text, self.tariffs) {
            Ok(new) => new,
            Err(wrong) => return self.complaints.add(false, cell, wrong),
        };
        // Written otherwise, it still says what it said.
        let before = seen.insert(field, new.clone());
        let unchanged = before
            .as_ref()
            .is_some_and(|before| same_value(field, before, &new));
        // Of a row that is new an empty cell says nothing.
        if unchanged || (before.is_none() && new.is_empty()) {
            return;
        }
        let ours = ours(field, client);
        if ours == new {
            return;
        }
        let untouched = before.is_none() && ours.is_empty()
            || before.is_some_and(|before| same_value(field, &before, &ours));
        if !untouched {
            let ours = ours.clone();
            self.complaints
                .add(false, cell, Wrong::Both { field, ours });
        } else if new.is_empty() && field != Field::Name {
            let ours = ours.clone();
            self.complaints
                .add(false, cell, Wrong::Emptied { field, ours });
        }
        put(field, &new, client);
        if known {
            self.changed.push(Changed {
                client: client.email.clone(),
                field,
                old: ours,
                new,
            });
        }
    }
}

/// What a cell means: a name as it is, a tariff by its own name, a date as `2026-11-20`; empty is empty.
fn value(field: Field, text: &str, tariffs: &[Tariff]) -> Result<String, Wrong> {
    if is_error(text) {
        return Err(Wrong::Formula);
    }
    if text.is_empty() {
        return Ok(String::new());
    }
    match field {
        Field::Name if tabs::is_long(text) => Err(Wrong::Long),
        Field::Name => Ok(text.to_owned()),
        Field::Tariff => {
            let tariff = tariffs.iter().find(|tariff| same(&tariff.name, text));
            tariff
                .map(|tariff| tariff.name.clone())
                .ok_or(Wrong::Tariff)
        }
        Field::PaidUntil => date(text).map(|date| date.to_string()).ok_or(Wrong::Date),
    }
}

/// Tariffs are compared without regard to capital letters.
fn same_value(field: Field, a: &str, b: &str) -> bool {
    match field {
        Field::Tariff => same(a, b),
        Field::Name | Field::PaidUntil => a == b,
    }
}
