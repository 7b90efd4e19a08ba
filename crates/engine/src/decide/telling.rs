//! What owners read about their sheet, line by line: whose record, which cell, and what to do.

use super::{
    Desk,
    fields::{readable, title},
};
use crate::{
    effect::{Say, Tone},
    facts::Records,
    ids::ChatRef,
    keys::Act,
    phrases::Phrase,
    sheet::{Column, Complaint, Field, LastReading, Loss, Plan, Tariff, Unread, Unusable, Wrong},
    task::Edited,
};

/// So many complaints are told at once.
const TOLD: usize = 25;
/// So many where all of them are asked for: longer than one message of a messenger, which splits it.
const ALL: usize = 100;
/// So many changes are told.
const CHANGES: usize = 10;
/// So many addresses stand for all that are gone.
const NAMES: usize = 5;

/// What is wrong and was not told yet.
pub(super) fn complaints(desk: &Desk, chat: &ChatRef, all: &[Complaint]) -> Say {
    let lines = lines(desk, all.iter().map(|one| line(desk, one)), TOLD);
    desk.say(chat, Phrase::SheetComplaints, &[("lines", &lines)])
}

/// All that is wrong.
pub(super) fn all_open(desk: &Desk, chat: &ChatRef, last: &LastReading) -> Say {
    let lines = lines(desk, last.open().map(|one| line(desk, one)), ALL);
    if lines.is_empty() {
        return desk.say(chat, Phrase::SheetNothingOpen, &[]);
    }
    desk.say(chat, Phrase::SheetComplaints, &[("lines", &lines)])
}

/// What a reading has changed, and what is open.
pub(super) fn done(desk: &Desk, chat: &ChatRef, plan: &Plan, tariffs: &[Tariff]) -> Say {
    let created = plan.created.iter();
    let created = created.map(|email| words(desk, Phrase::SheetNew, &[("email", email.as_str())]));
    let changed = plan.changed.iter().map(|changed| {
        let edited = Edited::Field(changed.field);
        let args = [
            ("email", changed.client.as_str()),
            ("field", &words(desk, title(edited), &[])),
            ("old", &readable(desk, edited, &changed.old)),
            ("new", &readable(desk, edited, &changed.new)),
        ];
        words(desk, Phrase::SheetChanged, &args)
    });
    let all = prices(desk, plan, tariffs);
    let all = lines(desk, all.into_iter().chain(created).chain(changed), CHANGES);
    let count = plan.clients.len().to_string();
    let mut say = if all.is_empty() {
        desk.say(chat, Phrase::SheetSame, &[])
    } else {
        let args = [("count", count.as_str()), ("lines", &all)];
        desk.say(chat, Phrase::SheetDone, &args)
    };
    let open = plan.reading.open().count();
    if open > 0 {
        let open = words(desk, Phrase::SheetOpen, &[("count", &open.to_string())]);
        say.text.text = format!("{}\n\n{open}", say.text.text);
        say.keys = vec![vec![desk.key(Phrase::SheetShow, Tone::Plain, &Act::Wrongs)]];
    }
    say
}

/// Tariffs that are new, changed or gone.
fn prices(desk: &Desk, plan: &Plan, before: &[Tariff]) -> Vec<String> {
    let Some(now) = &plan.tariffs else {
        return Vec::new();
    };
    let of = |all: &[Tariff], name: &str| {
        let found = all.iter().find(|tariff| tariff.name == name);
        found.map_or_else(
            || words(desk, Phrase::FieldEmpty, &[]),
            |tariff| {
                let (price, days) = (tariff.price.to_string(), tariff.days.to_string());
                words(
                    desk,
                    Phrase::SheetPrice,
                    &[("price", &price), ("days", &days)],
                )
            },
        )
    };
    let gone = before
        .iter()
        .filter(|old| now.iter().all(|new| new.name != old.name));
    let lines = now.iter().chain(gone).filter_map(|tariff| {
        let (old, new) = (of(before, &tariff.name), of(now, &tariff.name));
        let args = [
            ("tariff", tariff.name.as_str()),
            ("old", &old),
            ("new", &new),
        ];
        (old != new).then(|| words(desk, Phrase::SheetTariff, &args))
    });
    lines.collect()
}

/// What is gone, with a few names.
pub(super) fn lost(desk: &Desk, chat: &ChatRef, loss: &Loss, records: &Records) -> Say {
    let last = &records.last;
    let field = |field: Field| words(desk, title(Edited::Field(field)), &[]);
    let count = |phrase, names: Vec<String>, of: usize, what: &str| {
        let (gone, of, names) = (names.len().to_string(), of.to_string(), few(desk, names));
        let args = [
            ("gone", gone.as_str()),
            ("of", &of),
            ("names", &names),
            ("column", what),
        ];
        words(desk, phrase, &args)
    };
    let columns = loss.columns.iter();
    let columns = columns.map(|gone| words(desk, Phrase::LostColumn, &[("column", &field(*gone))]));
    let mut all: Vec<String> = columns.collect();
    if !loss.rows.is_empty() {
        let names = loss.rows.iter().map(ToString::to_string).collect();
        all.push(count(Phrase::LostRows, names, last.cells.len(), ""));
    }
    if !loss.tariffs.is_empty() {
        let names = loss.tariffs.iter().cloned().collect();
        all.push(count(Phrase::LostTariffs, names, records.tariffs.len(), ""));
    }
    for (column, whose) in &loss.emptied {
        let names = whose.iter().map(ToString::to_string).collect();
        all.push(count(
            Phrase::LostCells,
            names,
            last.cells.len(),
            &field(*column),
        ));
    }
    desk.say(chat, Phrase::SheetLost, &[("lines", &all.join("\n"))])
}

/// Why a reading is not used.
pub(super) fn unusable(desk: &Desk, unusable: &Unusable) -> String {
    match unusable {
        Unusable::Empty { tariffs } => {
            words(desk, Phrase::SheetEmpty, &[("tab", &tab(desk, *tariffs))])
        }
        Unusable::NoColumn {
            tariffs,
            column: missing,
        } => {
            let (tab, column) = (tab(desk, *tariffs), column(desk, *missing));
            words(
                desk,
                Phrase::SheetNoColumn,
                &[("tab", &tab), ("column", &column)],
            )
        }
        Unusable::ColumnTwice {
            tariffs,
            column: which,
            cells: [one, other],
        } => {
            let (tab, column) = (tab(desk, *tariffs), column(desk, *which));
            let args = [
                ("tab", tab.as_str()),
                ("column", &column),
                ("one", one),
                ("other", other),
            ];
            words(desk, Phrase::SheetColumnTwice, &args)
        }
        Unusable::HalfRead {
            tariffs,
            cell,
            text,
        } => {
            let args = [
                ("tab", tab(desk, *tariffs)),
                ("cell", cell.clone()),
                ("text", text.clone()),
            ];
            let args = args.each_ref().map(|(name, value)| (*name, value.as_str()));
            words(desk, Phrase::SheetHalfRead, &args)
        }
    }
}

/// Why it cannot be had.
pub(super) fn unread(desk: &Desk, why: &Unread) -> String {
    let again = desk.policy.sheet_every.map_or(0, |every| every.as_mins());
    let again = words(desk, Phrase::SheetAgain, &[("minutes", &again.to_string())]);
    let plain = |phrase| words(desk, phrase, &[]);
    let passing = |phrase| format!("{} {again}", plain(phrase));
    let of_tab = |phrase, tariffs: &bool| words(desk, phrase, &[("tab", &tab(desk, *tariffs))]);
    match why {
        Unread::Off => plain(Phrase::NoSheet),
        Unread::Away => passing(Phrase::SheetAway),
        Unread::Busy => passing(Phrase::SheetBusy),
        Unread::CutOff => passing(Phrase::SheetCutOff),
        Unread::TooLarge => plain(Phrase::SheetTooLarge),
        Unread::NotShared { with } => words(desk, Phrase::SheetNotShared, &[("with", with)]),
        Unread::ApiOff => plain(Phrase::SheetApiOff),
        Unread::NoSuchSheet => plain(Phrase::SheetUnknown),
        Unread::BadKey => plain(Phrase::SheetBadKey),
        Unread::WrongClock => plain(Phrase::SheetWrongClock),
        Unread::OneTab => plain(Phrase::SheetOneTab),
        Unread::NotCsv { tariffs } => of_tab(Phrase::SheetNotCsv, tariffs),
        Unread::Closed { tariffs } => of_tab(Phrase::SheetClosed, tariffs),
        Unread::NoFile { tariffs } => of_tab(Phrase::SheetNoFile, tariffs),
        Unread::Elsewhere { tariffs } => of_tab(Phrase::SheetElsewhere, tariffs),
        Unread::Refused => plain(Phrase::SheetRefusedOther),
    }
}

fn words(desk: &Desk, phrase: Phrase, args: &[(&str, &str)]) -> String {
    desk.policy.words(phrase, args)
}

fn tab(desk: &Desk, tariffs: bool) -> String {
    let tab = if tariffs {
        Phrase::TabTariffs
    } else {
        Phrase::TabClients
    };
    words(desk, tab, &[])
}

fn column(desk: &Desk, column: Column) -> String {
    let name = match column {
        Column::Email => Phrase::FieldEmail,
        Column::Name => Phrase::FieldName,
        Column::Tariff => Phrase::FieldTariff,
        Column::PaidUntil => Phrase::FieldUntil,
        Column::Price => Phrase::ColumnPrice,
        Column::Currency => Phrase::ColumnCurrency,
        Column::Days => Phrase::ColumnDays,
    };
    words(desk, name, &[])
}

/// So many lines, and how many more there are.
fn lines(desk: &Desk, all: impl Iterator<Item = String>, most: usize) -> String {
    let mut all: Vec<String> = all.collect();
    let more = all.len().saturating_sub(most);
    if more > 0 {
        all.truncate(most);
        all.push(words(
            desk,
            Phrase::BoardMore,
            &[("count", &more.to_string())],
        ));
    }
    all.join("\n")
}

fn few(desk: &Desk, mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(NAMES);
    if more > 0 {
        names.truncate(NAMES);
        names.push(words(
            desk,
            Phrase::BoardMore,
            &[("count", &more.to_string())],
        ));
    }
    names.join(", ")
}

fn line(desk: &Desk, complaint: &Complaint) -> String {
    let wrong = wrong(desk, &complaint.wrong);
    let tab = tab(desk, complaint.tariffs);
    let Complaint {
        cell, row, text, ..
    } = complaint;
    // The row's own name is said where it is not what stands in the cell.
    let place = match (cell.as_str(), row.as_str()) {
        ("", _) => return format!("{tab}: {wrong}"),
        (cell, "") => format!("{tab}, {cell}"),
        (cell, row) if row == text => format!("{tab}, {cell}"),
        (cell, row) => format!("{tab}, {cell} ({row})"),
    };
    if text.is_empty() {
        return format!("{place}: {wrong}");
    }
    format!("{place}: «{text}» — {wrong}")
}

fn wrong(desk: &Desk, wrong: &Wrong) -> String {
    let plain = |phrase| words(desk, phrase, &[]);
    let was = |phrase, field: Field, ours: &str| {
        let ours = readable(desk, Edited::Field(field), ours);
        words(desk, phrase, &[("ours", &ours)])
    };
    match wrong {
        Wrong::Email => plain(Phrase::WrongEmail),
        Wrong::Twice { also } => words(desk, Phrase::WrongTwice, &[("cell", also)]),
        Wrong::Date => plain(Phrase::WrongDate),
        Wrong::Tariff => plain(Phrase::WrongTariff),
        Wrong::Nameless => plain(Phrase::WrongNameless),
        Wrong::TariffTwice { also } => words(desk, Phrase::WrongTariffTwice, &[("cell", also)]),
        Wrong::Price => plain(Phrase::WrongPrice),
        Wrong::Currency => plain(Phrase::WrongCurrency),
        Wrong::Days => plain(Phrase::WrongDays),
        Wrong::Formula => plain(Phrase::WrongFormula),
        Wrong::Long => plain(Phrase::WrongLong),
        Wrong::Both { field, ours } => was(Phrase::WrongBoth, *field, ours),
        Wrong::Emptied { field, ours } => was(Phrase::WrongEmptied, *field, ours),
        Wrong::Anew => plain(Phrase::WrongAnew),
        Wrong::NoColumn { field } => {
            let column = column(desk, (*field).into());
            words(desk, Phrase::WrongNoColumn, &[("column", &column)])
        }
    }
}
