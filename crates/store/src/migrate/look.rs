//! Looks at tables that somebody else made.

use crate::{
    db::{Result, Tx},
    stmt,
};

/// A table's columns; none if there is no such table.
#[derive(Debug, Default)]
pub(super) struct Columns(pub Vec<Found>);

/// A column as it was found.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that do not exclude each other"
)]
pub(super) struct Found {
    pub name: String,
    /// The type's name in lower case.
    pub kind: String,
    /// For a text: at most so many characters.
    pub limit: Option<i64>,
    pub not_null: bool,
    pub has_default: bool,
    pub primary: bool,
    /// Whether each value stands in one row only.
    pub unique: bool,
    /// The table and the column that it refers to.
    pub refers: Option<(String, String)>,
    /// PostgreSQL: an identity that refuses numbers from outside.
    pub always: bool,
}

impl Columns {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn find(&self, name: &str) -> Option<&Found> {
        self.0.iter().find(|column| column.name == name)
    }

    /// The first of these that is there.
    pub(super) fn first_of<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        names.iter().copied().find(|name| self.find(name).is_some())
    }
}

impl Found {
    pub(super) fn is_number(&self) -> bool {
        ["int", "serial", "num", "dec"]
            .iter()
            .any(|word| self.kind.contains(word))
    }

    pub(super) fn is_time(&self) -> bool {
        self.kind.contains("time") || self.kind.contains("date")
    }
}

const PG_COLUMNS: &str = "
SELECT a.attname::text, lower(t.typname::text), t.typtype::text,
  CASE WHEN t.typname = 'varchar' AND a.atttypmod > 4 THEN (a.atttypmod - 4)::bigint END,
  a.attnotnull, a.atthasdef OR a.attidentity <> '', a.attidentity = 'a',
  EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary
    AND a.attnum = ANY (i.indkey)),
  (SELECT f.relname::text FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
    WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum] LIMIT 1),
  (SELECT fa.attname::text FROM pg_constraint k
    JOIN pg_attribute fa ON fa.attrelid = k.confrelid AND fa.attnum = k.confkey[1]
    WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum] LIMIT 1),
  EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique
    AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

const LITE_COLUMNS: &str = "
SELECT c.name, lower(c.type), 'b', NULL, c.\"notnull\", c.dflt_value IS NOT NULL, 0, c.pk > 0,
  (SELECT f.\"table\" FROM pragma_foreign_key_list($1) f WHERE f.\"from\" = c.name LIMIT 1),
  (SELECT COALESCE(f.\"to\", 'id') FROM pragma_foreign_key_list($1) f WHERE f.\"from\" = c.name LIMIT 1),
  c.pk > 0 OR EXISTS (SELECT 1 FROM pragma_index_list($1) l JOIN pragma_index_info(l.name) i
    WHERE l.\"unique\" = 1 AND i.name = c.name
    AND (SELECT COUNT(*) FROM pragma_index_info(l.name)) = 1)
FROM pragma_table_info($1) c ORDER BY c.cid";

/// What columns a table has, with what they insist on.
pub(super) async fn columns(tx: &mut Tx, pg: bool, table: &str) -> Result<Columns> {
    let sql = if pg { PG_COLUMNS } else { LITE_COLUMNS };
    let done = tx.one(stmt!(sql, table)).await?;
    let mut columns = Vec::new();
    for row in &done.rows {
        let (mut kind, family): (String, String) = (row.get(1)?, row.get(2)?);
        if family == "e" {
            "enum".clone_into(&mut kind);
        }
        let refers = row
            .get::<Option<String>>(8)?
            .zip(row.get::<Option<String>>(9)?);
        columns.push(Found {
            name: row.get(0)?,
            kind,
            limit: row.get(3)?,
            not_null: row.get(4)?,
            has_default: row.get(5)?,
            always: row.get(6)?,
            primary: row.get(7)?,
            unique: row.get(10)?,
            refers,
        });
    }
    Ok(Columns(columns))
}

/// PostgreSQL's `CHECK` constraints of a table: name and text.
pub(super) async fn checks(tx: &mut Tx, table: &str) -> Result<Vec<(String, String)>> {
    let sql = "SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype = 'c' AND conrelid = to_regclass($1)";
    let done = tx.one(stmt!(sql, table)).await?;
    done.rows
        .iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?)))
        .collect()
}
