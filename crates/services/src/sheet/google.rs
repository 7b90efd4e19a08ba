//! Google Sheets v4: <https://developers.google.com/workspace/sheets/api/reference/rest>.

use std::time::Duration;

use bytes::Bytes;
use engine::sheet::{Sheet, Table};
use jiff::Timestamp;
use reqwest::{Client, StatusCode, Url};
use rust_decimal::Decimal;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{KeyFile, NotRead, of_status, token::Tokens};
use crate::http::{self, NoClient};

/// How long an answer may take.
const WITHIN: Duration = Duration::from_mins(1);

/// Largest answer that is read: tens of thousands of clients.
const LARGEST_ANSWER: usize = 5 << 20;

/// A spreadsheet: its first tab are clients, its second tariffs.
#[derive(Debug)]
pub struct Google {
    id: String,
    api: Url,
    tokens: Tokens,
    client: Client,
}

#[derive(Deserialize)]
struct Book {
    #[serde(default)]
    sheets: Vec<Tab>,
}

#[derive(Deserialize)]
struct Tab {
    properties: Properties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    title: String,
    #[serde(default)]
    index: u32,
    #[serde(default)]
    sheet_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Values {
    #[serde(default)]
    value_ranges: Vec<Range>,
}

#[derive(Deserialize)]
struct Range {
    #[serde(default)]
    values: Vec<Vec<Box<RawValue>>>,
}

#[derive(Default, Deserialize)]
struct Failed {
    #[serde(default)]
    error: Reason,
}

#[derive(Default, Deserialize)]
struct Reason {
    #[serde(default)]
    message: String,
    #[serde(default)]
    status: String,
}

impl Google {
    /// The spreadsheet `id`, asked of `api`, such as `https://sheets.googleapis.com`.
    pub fn new(id: &str, key: KeyFile, api: Url) -> Result<Self, NoClient> {
        Ok(Self {
            id: id.to_owned(),
            api,
            tokens: Tokens::new(key),
            client: http::client(WITHIN, http::same_host)?,
        })
    }

    pub(super) async fn read(&self, now: Timestamp) -> Result<Sheet, NotRead> {
        let [clients, tariffs] = self.titles(now).await?.map(|title| quoted(&title));
        let query = [
            ("ranges", clients.as_str()),
            ("ranges", &tariffs),
            ("majorDimension", "ROWS"),
            ("valueRenderOption", "UNFORMATTED_VALUE"),
            ("dateTimeRenderOption", "SERIAL_NUMBER"),
        ];
        let body = self.ask(now, "/values:batchGet", &query).await?;
        let values: Values = whole(&body)?;
        // Both in one answer are of one moment.
        let ranges = <[Range; 2]>::try_from(values.value_ranges);
        let [clients, tariffs] = ranges.map_err(|_| away("an answer without both tabs"))?;
        Ok(Sheet {
            clients: table(&clients)?,
            tariffs: table(&tariffs)?,
        })
    }

    /// What the first two tabs are called.
    async fn titles(&self, now: Timestamp) -> Result<[String; 2], NotRead> {
        let fields = ("fields", "sheets.properties(title,index,sheetType)");
        let book: Book = whole(&self.ask(now, "", &[fields]).await?)?;
        let grid = |tab: &Properties| tab.sheet_type.as_deref().is_none_or(|kind| kind == "GRID");
        let mut tabs: Vec<_> = book
            .sheets
            .into_iter()
            .map(|tab| tab.properties)
            .filter(grid)
            .collect();
        tabs.sort_by_key(|tab| tab.index);
        let mut titles = tabs.into_iter().map(|tab| tab.title);
        match (titles.next(), titles.next()) {
            (Some(clients), Some(tariffs)) => Ok([clients, tariffs]),
            _ => Err(NotRead::Refused(
                "the sheet needs two tabs: clients, then tariffs".to_owned(),
            )),
        }
    }

    async fn ask(
        &self,
        now: Timestamp,
        what: &str,
        query: &[(&str, &str)],
    ) -> Result<Bytes, NotRead> {
        match self.once(now, what, query).await? {
            Ok(body) => Ok(body),
            // The token may have been taken back before its time.
            Err((StatusCode::UNAUTHORIZED, _)) => {
                self.tokens.forget().await;
                let again = self.once(now, what, query).await?;
                again.map_err(|(status, body)| self.refusal(status, &body))
            }
            Err((status, body)) => Err(self.refusal(status, &body)),
        }
    }

    /// A success's body, or the status and the body of anything else.
    async fn once(
        &self,
        now: Timestamp,
        what: &str,
        query: &[(&str, &str)],
    ) -> Result<Result<Bytes, (StatusCode, Bytes)>, NotRead> {
        let token = self.tokens.token(&self.client, now).await?;
        let asked = self.client.get(self.url(what)).query(query);
        let answer = asked.bearer_auth(token.expose_secret()).send().await;
        let answer = answer.map_err(|error| away(&http::why(&error)))?;
        let status = answer.status();
        let body = http::body(answer, LARGEST_ANSWER)
            .await
            .map_err(|why| away(&why))?;
        Ok(if status.is_success() {
            Ok(body)
        } else {
            Err((status, body))
        })
    }

    fn url(&self, what: &str) -> Url {
        let mut url = self.api.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        // What does not belong into a path is escaped by `Url`.
        let id = self.id.replace(['/', '?', '#'], "");
        url.set_path(&format!("{base}/v4/spreadsheets/{id}{what}"));
        url
    }

    fn refusal(&self, status: StatusCode, body: &[u8]) -> NotRead {
        let failed: Failed = serde_json::from_slice(body).unwrap_or_default();
        let Reason {
            message,
            status: name,
        } = failed.error;
        let words = http::words(&message);
        match status {
            StatusCode::FORBIDDEN if name != "RESOURCE_EXHAUSTED" => NotRead::Locked(format!(
                "Google does not show the sheet ({words}): share it with {}",
                self.tokens.key.email()
            )),
            StatusCode::FORBIDDEN => away(&words),
            StatusCode::NOT_FOUND => {
                NotRead::Refused(format!("Google knows no sheet of this id ({words})"))
            }
            _ => of_status(
                status,
                format!("Google Sheets: {status} {words}")
                    .trim_end()
                    .to_owned(),
            ),
        }
    }
}

/// A tab's title as a range: the whole tab.
fn quoted(title: &str) -> String {
    format!("'{}'", title.replace('\'', "''"))
}

/// What cannot be understood has most likely broken off.
fn whole<T: for<'a> Deserialize<'a>>(body: &[u8]) -> Result<T, NotRead> {
    serde_json::from_slice(body).map_err(|_| away("an answer that makes no sense"))
}

fn table(range: &Range) -> Result<Table, NotRead> {
    let row = |row: &Vec<Box<RawValue>>| row.iter().map(|cell| text(cell)).collect();
    let table: Option<Table> = range.values.iter().map(row).collect();
    table.ok_or_else(|| away("a cell that makes no sense"))
}

/// A cell as text; numbers digit by digit as Google wrote them, without an exponent.
fn text(cell: &RawValue) -> Option<String> {
    let raw = cell.get();
    match raw.as_bytes().first()? {
        b'"' => serde_json::from_str(raw).ok(),
        b'n' => Some(String::new()),
        b't' | b'f' => Some(raw.to_uppercase()),
        b'-' | b'0'..=b'9' if raw.contains(['e', 'E']) => {
            let exact = Decimal::from_scientific(raw).ok();
            Some(exact.map_or_else(|| raw.to_owned(), |exact| exact.normalize().to_string()))
        }
        b'-' | b'0'..=b'9' => Some(raw.to_owned()),
        _ => None,
    }
}

fn away(why: &str) -> NotRead {
    NotRead::Away(format!("Google Sheets: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_what_the_sheet_has_to_the_digit() {
        for (json, means) in [
            (r#""Анна \"Б\"""#, r#"Анна "Б""#),
            ("199", "199"),
            ("199.10", "199.10"),
            ("0.1000000000000000055", "0.1000000000000000055"),
            ("1.99E2", "199"),
            ("1e-3", "0.001"),
            ("1e999", "1e999"),
            ("-5", "-5"),
            ("true", "TRUE"),
            ("null", ""),
        ] {
            let cell = RawValue::from_string(json.to_owned()).unwrap();
            assert_eq!(text(&cell).as_deref(), Some(means), "{json}");
        }
        let list = RawValue::from_string("[]".to_owned()).unwrap();
        assert_eq!(text(&list), None);
    }

    #[test]
    fn a_tab_is_quoted() {
        assert_eq!(quoted("Клиенты"), "'Клиенты'");
        assert_eq!(quoted("Anna's"), "'Anna''s'");
    }
}
