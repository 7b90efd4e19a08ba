//! Google Sheets v4: <https://developers.google.com/workspace/sheets/api/reference/rest>.

use std::time::Duration;

use bytes::Bytes;
use engine::sheet::{Sheet, Table, Unread};
use jiff::Timestamp;
use reqwest::{Client, StatusCode, Url};
use rust_decimal::Decimal;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{KeyFile, NotRead, token::Tokens};
use crate::http::{self, NoClient};

/// How long an answer may take.
const WITHIN: Duration = Duration::from_mins(1);

/// Largest answer that is read: tens of thousands of clients.
const LARGEST_ANSWER: usize = 5 << 20;

/// Who is asked, for the log.
const WHO: &str = "Google Sheets";

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
    #[serde(default)]
    hidden: bool,
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
        let [clients, tariffs] = ranges.map_err(|_| half("an answer without both tabs"))?;
        Ok(Sheet {
            clients: table(&clients)?,
            tariffs: table(&tariffs)?,
        })
    }

    /// What the first two tabs are called.
    async fn titles(&self, now: Timestamp) -> Result<[String; 2], NotRead> {
        let fields = ("fields", "sheets.properties(title,index,sheetType,hidden)");
        let book: Book = whole(&self.ask(now, "", &[fields]).await?)?;
        let grid = |tab: &Properties| tab.sheet_type.as_deref().is_none_or(|kind| kind == "GRID");
        let mut tabs: Vec<_> = book
            .sheets
            .into_iter()
            .map(|tab| tab.properties)
            .filter(grid)
            .collect();
        // What is hidden is not what the owner calls first, unless there is nothing else.
        tabs.sort_by_key(|tab| (tab.hidden, tab.index));
        tabs.truncate(2);
        tabs.sort_by_key(|tab| tab.index);
        let titles: Vec<String> = tabs.into_iter().map(|tab| tab.title).collect();
        let one = |_| NotRead::new(Unread::OneTab, format!("{WHO}: fewer than two tabs"));
        titles.try_into().map_err(one)
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
        let answer = answer
            .map_err(|error| NotRead::new(Unread::Away, format!("{WHO}: {}", http::why(&error))))?;
        let status = answer.status();
        let body = http::whole(answer, LARGEST_ANSWER).await;
        let body = body.map_err(|why| NotRead::no_body(WHO, &why))?;
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
        let detail = format!("{WHO}: {status} {words}").trim_end().to_owned();
        let is_api_off = [
            "SERVICE_DISABLED",
            "has not been used in project",
            "it is disabled",
        ];
        let is_api_off = is_api_off.iter().any(|sign| message.contains(sign));
        let why = match (status, name.as_str()) {
            (_, "RESOURCE_EXHAUSTED") => Unread::Busy,
            (StatusCode::FORBIDDEN, _) if is_api_off => Unread::ApiOff,
            (StatusCode::FORBIDDEN, _) => Unread::NotShared {
                with: self.tokens.key.email().to_owned(),
            },
            (StatusCode::UNAUTHORIZED, _) => Unread::BadKey,
            // The second of a file of another kind, such as Excel's.
            (StatusCode::NOT_FOUND, _) | (StatusCode::BAD_REQUEST, "FAILED_PRECONDITION") => {
                Unread::NoSuchSheet
            }
            // The owner has just renamed a tab.
            (StatusCode::BAD_REQUEST, _) if message.starts_with("Unable to parse range") => {
                Unread::Away
            }
            _ => return NotRead::of_status(status, detail),
        };
        NotRead::new(why, detail)
    }
}

/// A tab's title as a range: the whole tab.
fn quoted(title: &str) -> String {
    format!("'{}'", title.replace('\'', "''"))
}

/// What cannot be understood has most likely broken off.
fn whole<T: for<'a> Deserialize<'a>>(body: &[u8]) -> Result<T, NotRead> {
    serde_json::from_slice(body).map_err(|_| half("an answer that makes no sense"))
}

fn table(range: &Range) -> Result<Table, NotRead> {
    let row = |row: &Vec<Box<RawValue>>| row.iter().map(|cell| text(cell)).collect();
    let table: Option<Table> = range.values.iter().map(row).collect();
    table.ok_or_else(|| half("a cell that makes no sense"))
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

fn half(why: &str) -> NotRead {
    NotRead::new(Unread::CutOff, format!("{WHO}: {why}"))
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
