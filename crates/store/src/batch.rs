//! Many rows in few statements: a reading of the sheet changes thousands of clients in one transaction.

use crate::db::{Stmt, Value};

/// Rows in one statement. The sizes are few, so that the prepared texts are; the largest keeps every
/// statement of ours far below the 32 766 values that SQLite takes.
const SIZES: [usize; 3] = [250, 25, 1];

/// Statements that write all rows, and each must touch as many as it has. `sql` is given the rows as they
/// stand behind `VALUES`.
pub(crate) fn batches(rows: Vec<Vec<Value>>, sql: impl Fn(&str) -> String) -> Vec<Stmt> {
    let mut stmts = Vec::new();
    let mut rows = rows.into_iter().peekable();
    while let Some(first) = rows.peek() {
        let width = first.len();
        let size = SIZES.into_iter().find(|size| *size <= rows.len());
        let size = size.unwrap_or(1);
        let params = rows.by_ref().take(size).flatten().collect();
        let stmt = Stmt::new(sql(&places(size, width)), params);
        stmts.push(stmt.hitting(size as u64));
    }
    stmts
}

/// `($1, $2), ($3, $4)`.
fn places(rows: usize, width: usize) -> String {
    let row = |row: usize| {
        let places = (1..=width).map(|column| format!("${}", row * width + column));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_of_a_few_sizes() {
        let rows = (0..277_i64).map(|n| vec![Value::from(n), Value::Null]);
        let stmts = batches(rows.collect(), |values| format!("VALUES {values}"));
        let sizes: Vec<_> = stmts.iter().map(|stmt| stmt.must_hit).collect();
        assert_eq!(sizes, [Some(250), Some(25), Some(1), Some(1)]);
        let numbers = stmts.iter().flat_map(|stmt| stmt.params.iter().step_by(2));
        assert!(numbers.eq(&(0..277_i64).map(Value::from).collect::<Vec<_>>()));
        assert_eq!(stmts[3].sql, "VALUES ($1, $2)");
        assert!(stmts[1].sql.starts_with("VALUES ($1, $2), ($3, $4), "));
    }
}
