//! The owner's sheet, as far as it is remembered: tariffs, and what it said when it was read last.

use engine::{
    money::{Currency, Money},
    sheet::{LastReading, Tariff},
};

use crate::{
    Plan, Store, Version,
    batch::batches,
    db::{Result, Row},
    from_json, parse, stmt, to_json,
};

impl Store {
    /// The tariffs, in the owner's order.
    pub async fn tariffs(&self) -> Result<Vec<Tariff>> {
        let sql = "SELECT name, amount, currency, days FROM tariffs ORDER BY position";
        let rows = self.db.read(stmt!(sql)).await?;
        rows.iter().map(tariff).collect()
    }

    /// What the sheet said when it was read last, and the version to write the next reading at.
    pub async fn last_reading(&self) -> Result<(LastReading, Version)> {
        let rows = self
            .db
            .read(stmt!("SELECT reading, version FROM sheet WHERE id = 1"))
            .await?;
        let Some(row) = rows.first() else {
            return Ok((LastReading::default(), 0));
        };
        let reading = from_json(&row.get::<String>(0)?, "a reading of the sheet")?;
        Ok((reading, row.get(1)?))
    }
}

fn tariff(row: &Row) -> Result<Tariff> {
    Ok(Tariff {
        name: row.get(0)?,
        price: Money {
            amount: parse(&row.get::<String>(1)?)?,
            currency: parse::<Currency>(&row.get::<String>(2)?)?,
        },
        days: row.get(3)?,
    })
}

/// Plans that these are the tariffs, in this order, and no others. A name that stands twice (in whatever
/// letters) is a conflict.
pub(crate) fn replace<T>(plan: &mut Plan<T>, tariffs: &[Tariff]) {
    plan.add(stmt!("DELETE FROM tariffs"));
    let rows = (0_i64..).zip(tariffs).map(|(position, tariff)| {
        vec![
            known_as(&tariff.name).into(),
            (&tariff.name).into(),
            tariff.price.amount.to_string().into(),
            tariff.price.currency.code().into(),
            tariff.days.into(),
            position.into(),
        ]
    });
    plan.extend(batches(rows.collect(), |rows| {
        format!(
            "INSERT INTO tariffs (known_as, name, amount, currency, days, position) VALUES {rows}"
        )
    }));
}

/// Names of tariffs are compared without regard to capital letters; not every database knows how to, of
/// letters that are not latin.
pub(crate) fn known_as(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Plans that this is what the sheet said last; of two that read it at once, one is told of a conflict.
pub(crate) fn remember<T>(
    plan: &mut Plan<T>,
    reading: &LastReading,
    version: Version,
) -> Result<()> {
    let sql = if version == 0 {
        "INSERT INTO sheet (id, reading, version) VALUES (1, $1, $2 + 1) ON CONFLICT (id) DO NOTHING"
    } else {
        "UPDATE sheet SET reading = $1, version = version + 1 WHERE id = 1 AND version = $2"
    };
    plan.add(stmt!(sql, to_json(reading)?, version).or_conflict());
    Ok(())
}
