//! The predecessor's form of a connection: `POSTGRES_HOST`, `…_PORT`, `…_DB`, `…_USER`, `…_PASSWORD`.

use super::{Secret, reader::Reader, values};

/// A connection string of quoted words (PostgreSQL documentation, "Keyword/Value Connection
/// Strings"): unlike in a URL, every character of a password is itself.
pub(super) fn from_parts(reader: &mut Reader<'_>) -> Option<Secret> {
    let host = reader.text("POSTGRES_HOST")?;
    let port = reader.text("POSTGRES_PORT").map_or(Some(5432), |_| {
        reader.checked("POSTGRES_PORT", values::port)
    });
    let name = reader.required(
        "POSTGRES_DB",
        values::any,
        "it names the database, for example POSTGRES_DB=care",
    );
    let user = reader.required(
        "POSTGRES_USER",
        values::any,
        "it names the database's user, for example POSTGRES_USER=admin",
    );
    let mut parts = format!(
        "host={} port={} dbname={} user={}",
        quote(host),
        port?,
        quote(&name?),
        quote(&user?)
    );
    if let Some(password) = reader.text("POSTGRES_PASSWORD") {
        parts.push_str(" password=");
        parts.push_str(&quote(password));
    }
    Some(Secret::new(parts))
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
