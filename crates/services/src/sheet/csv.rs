//! Published CSV files: `…/pub?output=csv` of Google's, or any web server's.
//!
//! They are taken apart here, not by a crate: the row numbers that the owner reads in complaints must
//! stay, so blank lines count; and a file that breaks off within quotes is not a whole one. Both are
//! silent elsewhere.

use std::time::Duration;

use engine::sheet::{Sheet, Table, Unread};
use reqwest::{Client, StatusCode, Url, header::CONTENT_TYPE};

use super::{NotRead, text::text};
use crate::http::{self, NoClient};

/// How long a file may take.
const WITHIN: Duration = Duration::from_mins(1);

/// Largest file that is read.
const LARGEST: usize = 5 << 20;

/// Where Google's published files may lead: their own hosts.
const GOOGLE: [&str; 2] = ["google.com", "googleusercontent.com"];

/// Two files. Who knows their addresses can read them, so the addresses are shown nowhere.
pub struct Csv {
    clients: Url,
    tariffs: Url,
    client: Client,
}

impl std::fmt::Debug for Csv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Csv").finish_non_exhaustive()
    }
}

impl Csv {
    /// The files of clients and of tariffs.
    pub fn new(clients: Url, tariffs: Url) -> Result<Self, NoClient> {
        let client = http::client(WITHIN, |from, to| {
            http::same_host(from, to) || is_google(to)
        })?;
        Ok(Self {
            clients,
            tariffs,
            client,
        })
    }

    pub(super) async fn read(&self) -> Result<Sheet, NotRead> {
        let clients = self.file(false, &self.clients);
        let tariffs = self.file(true, &self.tariffs);
        let (clients, tariffs) = tokio::try_join!(clients, tariffs)?;
        Ok(Sheet { clients, tariffs })
    }

    async fn file(&self, tariffs: bool, url: &Url) -> Result<Table, NotRead> {
        let who = if tariffs {
            "the tariffs' file"
        } else {
            "the clients' file"
        };
        let not = |why: Unread, detail: &str| NotRead::new(why, format!("{who}: {detail}"));
        let answer = self.client.get(url.clone()).send().await;
        let answer = answer.map_err(|error| not(Unread::Away, &http::why(&error)))?;
        let status = answer.status();
        let detail = format!("the server answers {status}");
        match status {
            StatusCode::OK => {}
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED => {
                return Err(not(Unread::CutOff, &detail));
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(not(Unread::Closed { tariffs }, &detail));
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                return Err(not(Unread::NoFile { tariffs }, &detail));
            }
            status if status.is_redirection() => {
                let detail = "the address leads to another server";
                return Err(not(Unread::Elsewhere { tariffs }, detail));
            }
            _ => return Err(NotRead::of_status(status, format!("{who}: {detail}"))),
        }
        let mime = answer.headers().get(CONTENT_TYPE);
        let mime = mime.and_then(|mime| mime.to_str().ok());
        let is_page = mime.is_some_and(|mime| mime.starts_with("text/html"));
        let body = http::whole(answer, LARGEST).await;
        let body = body.map_err(|why| NotRead::no_body(who, &why))?;
        let text = text(&body);
        let text = text.ok_or_else(|| not(Unread::CutOff, "it breaks off within a letter"))?;
        if is_page || begins_as_page(&text) {
            let detail = "a web page instead of CSV";
            return Err(not(Unread::NotCsv { tariffs }, detail));
        }
        table(&text).ok_or_else(|| not(Unread::CutOff, "it breaks off"))
    }
}

/// Whether it is a page, whatever the server calls it.
fn begins_as_page(text: &str) -> bool {
    let begin: String = text.trim_start().chars().take(14).collect();
    let begin = begin.to_lowercase();
    begin.starts_with("<!doctype html") || begin.starts_with("<html")
}

fn is_google(url: &Url) -> bool {
    let at = |host: &str| {
        GOOGLE.iter().any(|known| {
            let front = host.strip_suffix(known);
            front.is_some_and(|front| front.is_empty() || front.ends_with('.'))
        })
    };
    url.scheme() == "https" && url.host_str().is_some_and(at)
}

/// The rows of a file; none if it breaks off: within quotes, or in a last row that has no end and lacks
/// cells. Rows end with LF, CRLF or CR, blank ones count; quotes within quotes are doubled.
fn table(text: &str) -> Option<Table> {
    let (delimiter, text) = delimiter(text);
    let mut table = Table::new();
    let (mut row, mut cell) = (Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            c if quoted => cell.push(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                row.push(std::mem::take(&mut cell));
                table.push(std::mem::take(&mut row));
            }
            c if c == delimiter => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    let mut broken = quoted;
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        let width = table.iter().map(Vec::len).max().unwrap_or(0);
        broken |= row.len() < width;
        table.push(row);
    }
    (!broken).then_some(table)
}

/// What stands between the cells, and the text: as Excel's own first line says (`sep=;`, a row that is
/// blank then), or the most frequent of those in use, in the first line outside of quotes.
fn delimiter(text: &str) -> (char, &str) {
    let first = text.lines().find(|line| !line.trim().is_empty());
    let first = first.unwrap_or_default();
    if let Some(hint) = first.strip_prefix("sep=")
        && let [delimiter] = hint.chars().collect::<Vec<_>>()[..]
        && let Some(rest) = text.trim_start().strip_prefix(first)
    {
        return (delimiter, rest);
    }
    let bare: String = first.split('"').step_by(2).collect();
    let times = |delimiter: &char| bare.matches(*delimiter).count();
    let found = [';', '\t', ','].into_iter().max_by_key(times);
    (found.unwrap_or(','), text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        let rows = table(text).unwrap();
        let rows = rows.into_iter().map(|row| row.join("|"));
        rows.collect::<Vec<_>>().join("/")
    }

    #[test]
    fn files_are_read_as_programs_write_them() {
        for (file, means) in [
            ("a,b\n1,2\n", "a|b/1|2"),
            ("a,b\r\n1,2", "a|b/1|2"),
            ("почта;имя\nx;\"y;z\"", "почта|имя/x|y;z"),
            ("sep=;\r\na;b,c\r\n1;2", "/a|b,c/1|2"),
            ("\n\na;b\n", "//a|b"),
            ("a,b\r1,2\r", "a|b/1|2"),
            ("a\tb\n1,5\t2", "a|b/1,5|2"),
            ("a,b\n\n1,2", "a|b//1|2"),
            ("a,b\n\"1\n2\",\"say \"\"hi\"\"\"", "a|b/1\n2|say \"hi\""),
            ("a,b\n5\" pipe,2", "a|b/5\" pipe|2"),
            ("\"a,b,c\";d", "a,b,c|d"),
            ("a,b\n,", "a|b/|"),
            ("", ""),
        ] {
            assert_eq!(shown(file), means, "{file}");
        }
    }

    #[test]
    fn a_file_that_breaks_off_is_none() {
        assert_eq!(table("a,b\n1,\"x"), None);
        assert_eq!(table("a,b,c\n1,2"), None);
        assert_eq!(table("a,b,c\n1,2\n").map(|rows| rows.len()), Some(2));
    }

    #[test]
    fn only_googles_hosts_are_googles() {
        let is = |url: &str| is_google(&url.parse().unwrap());
        assert!(is("https://doc-0s-sheets.googleusercontent.com/pub"));
        assert!(is("https://docs.google.com/x"));
        for url in [
            "http://docs.google.com/",
            "https://notgoogle.com/",
            "https://google.com.evil.ru/",
        ] {
            assert!(!is(url), "{url}");
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_comes_back(rows in prop::collection::vec(prop::collection::vec("\\PC{1,8}", 2..4), 1..5)) {
            let cell = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let row = |row: &Vec<String>| row.iter().map(cell).collect::<Vec<_>>().join(",");
            let file = rows.iter().map(row).collect::<Vec<_>>().join("\n") + "\n";
            prop_assert_eq!(table(&file), Some(rows));
        }

        #[test]
        fn nothing_makes_it_stumble(text in "[a,;\t\"\r\n]{0,60}") {
            let _ = table(&text);
        }
    }
}
