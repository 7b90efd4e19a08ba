//! The fields of a client's record as an owner sees and types them: each is shown as it can be typed.

use super::{Desk, steps};
use crate::{
    client::{Client, Email},
    facts::Need,
    phrases::Phrase,
    policy::Policy,
    sheet::{self, Field},
    task::Edited,
};

/// What a field is called.
pub(super) fn title(edited: Edited) -> Phrase {
    match edited {
        Edited::Email => Phrase::FieldEmail,
        Edited::Field(Field::Name) => Phrase::FieldName,
        Edited::Field(Field::Tariff) => Phrase::FieldTariff,
        Edited::Field(Field::PaidUntil) => Phrase::FieldUntil,
    }
}

/// A field as it is kept: dates as `2026-11-20`, nothing as nothing.
pub(super) fn value(client: &Client, edited: Edited) -> String {
    match edited {
        Edited::Email => client.email.to_string(),
        Edited::Field(field) => sheet::ours(field, client),
    }
}

/// A field as people read it, and may type it.
pub(super) fn readable(desk: &Desk, edited: Edited, value: &str) -> String {
    match (edited, value) {
        (_, "") => desk.policy.words(Phrase::FieldEmpty, &[]),
        (Edited::Field(Field::PaidUntil), value) => {
            value.parse().map_or(value.to_owned(), Policy::date)
        }
        (Edited::Email | Edited::Field(Field::Name | Field::Tariff), value) => value.to_owned(),
    }
}

/// A value as it is kept; or what is wrong with it. As it is shown, it can be typed.
pub(super) fn read(
    desk: &Desk,
    edited: Edited,
    typed: &str,
) -> Result<Result<String, Phrase>, Need> {
    let empty = desk.policy.words(Phrase::FieldEmpty, &[]);
    Ok(match edited {
        Edited::Field(_) if typed.to_lowercase() == empty => Ok(String::new()),
        Edited::Email => Email::read(typed)
            .map(|email| email.to_string())
            .map_err(steps::why),
        Edited::Field(Field::Name) => match typed.chars().count() {
            1..=sheet::LONGEST_NAME => Ok(typed.to_owned()),
            _ => Err(Phrase::BadName),
        },
        Edited::Field(Field::Tariff) => {
            let mut tariffs = desk.facts.tariffs()?.iter();
            let same = tariffs.find(|tariff| sheet::same(&tariff.name, typed));
            same.map(|tariff| tariff.name.clone())
                .ok_or(Phrase::BadTariff)
        }
        Edited::Field(Field::PaidUntil) => sheet::date(typed)
            .map(|date| date.to_string())
            .ok_or(Phrase::BadDate),
    })
}
