//! The sheet, from the emulated Google and from servers that misbehave.

use std::net::{Ipv4Addr, SocketAddr};

use axum::{
    Router,
    body::Bytes,
    http::StatusCode,
    response::{Html, Redirect},
    routing::get,
};
use engine::sheet::{Sheet, Unread};
use jiff::Timestamp;
use reqwest::Url;
use sandbox::Sandbox;
use serde_json::{Value, json};
use services::sheet::{Csv, Google, KeyFile, NotRead, Source};
use tokio::net::TcpListener;

struct Play {
    sandbox: Sandbox,
    http: reqwest::Client,
}

impl Play {
    async fn new() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let play = Self {
            sandbox: Sandbox::start(any).await.unwrap(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        play.sheet(json!({ "tabs": [
            { "title": "Клиенты 'наши'", "gid": 0, "rows": [["почта", "оплачено до"], ["anna@example.org", 46346], [], ["ivan@example.org"]] },
            { "title": "Тарифы", "gid": 5, "rows": [["тариф", "цена"], ["Базовый", 199.5]] },
        ] })).await;
        play
    }

    async fn sheet(&self, sheet: Value) {
        let url = format!("{}/sandbox/google/sheets/S1", self.sandbox.url());
        let answer = self.http.put(url).json(&sheet).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{}",
            answer.text().await.unwrap()
        );
    }

    async fn fault(&self, fault: Value) {
        let url = format!("{}/sandbox/faults", self.sandbox.url());
        let answer = self.http.post(url).json(&fault).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{}",
            answer.text().await.unwrap()
        );
    }

    async fn look(&self, path: &str) -> Value {
        let url = format!("{}/sandbox/{path}", self.sandbox.url());
        self.http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    async fn google(&self, id: &str) -> Source {
        let key = self.look("google/key").await.to_string();
        let key = KeyFile::read(key.as_bytes()).unwrap();
        Source::Google(Google::new(id, key, self.sandbox.url().parse().unwrap()).unwrap())
    }

    async fn csv(&self) -> Source {
        let tabs = self.look("google/sheets/S1").await["tabs"].clone();
        let url = |nth: usize| -> Url {
            let path = tabs[nth]["csv"].as_str().expect("published");
            format!("{}{path}", self.sandbox.url()).parse().unwrap()
        };
        Source::Csv(Csv::new(url(0), url(1)).unwrap())
    }

    async fn asked(&self, method: &str) -> usize {
        let calls = self.look("calls?messenger=google").await;
        let calls = calls["calls"].as_array().unwrap();
        calls.iter().filter(|call| call["method"] == method).count()
    }
}

fn now() -> Timestamp {
    #[expect(
        clippy::disallowed_methods,
        reason = "the emulated Google has a clock of its own"
    )]
    Timestamp::now()
}

fn told(read: &Result<Sheet, NotRead>) -> String {
    let rows = |table: &[Vec<String>]| {
        let rows = table.iter().map(|row| row.join("|"));
        rows.collect::<Vec<_>>().join("/")
    };
    match read {
        Ok(sheet) => format!("{} + {}", rows(&sheet.clients), rows(&sheet.tariffs)),
        Err(NotRead { why, .. }) => format!("{why:?}"),
    }
}

const READ: &str =
    "почта|оплачено до/anna@example.org|46346//ivan@example.org + тариф|цена/Базовый|199.5";

#[tokio::test]
async fn both_tabs_are_read_with_one_token() {
    let play = Play::new().await;
    let google = play.google("S1").await;
    assert_eq!(told(&google.read(now()).await), READ);
    assert_eq!(told(&google.read(now()).await), READ);
    assert_eq!(play.asked("token").await, 1);
    let later = now() + jiff::SignedDuration::from_mins(59);
    assert_ne!(told(&google.read(later).await), "");
    assert_eq!(play.asked("token").await, 2);
}

#[tokio::test]
async fn a_closed_a_missing_and_a_small_sheet_are_told_apart() {
    let play = Play::new().await;
    let google = play.google("S1").await;
    let unknown = play.google("S2").await.read(now()).await;
    assert_eq!(told(&unknown), "NoSuchSheet");
    play.sheet(json!({ "tabs": [{ "title": "A" }] })).await;
    assert_eq!(told(&google.read(now()).await), "OneTab");
    play.sheet(json!({ "tabs": [{ "title": "A" }, { "title": "B" }] }))
        .await;
    assert_eq!(told(&google.read(now()).await), " + ");
    play.sheet(json!({ "shared": false, "tabs": [{ "title": "A" }, { "title": "B" }] }))
        .await;
    let locked = google.read(now()).await.unwrap_err();
    assert!(
        matches!(&locked.why, Unread::NotShared { with } if with.ends_with(".iam.gserviceaccount.com")),
        "{locked:?}"
    );
}

#[tokio::test]
async fn hidden_tabs_are_not_the_first() {
    let play = Play::new().await;
    let google = play.google("S1").await;
    let tab = |title: &str, hidden| json!({ "title": title, "hidden": hidden, "rows": [[title]] });
    for (hidden, means) in [
        ([true, false, false], "It's + 'Тарифы'"),
        ([false, true, false], "Клиенты + 'Тарифы'"),
        ([false, true, true], "Клиенты + It's"),
        ([false, false, false], "Клиенты + It's"),
    ] {
        let tabs = ["Клиенты", "It's", "'Тарифы'"];
        let tabs: Vec<_> = tabs
            .iter()
            .zip(hidden)
            .map(|(title, hidden)| tab(title, hidden))
            .collect();
        play.sheet(json!({ "tabs": tabs })).await;
        assert_eq!(told(&google.read(now()).await), means, "{hidden:?}");
    }
}

#[tokio::test]
async fn half_an_answer_is_none() {
    let play = Play::new().await;
    for (kind, means) in [
        ("half", "CutOff"),
        ("garbage", "CutOff"),
        ("empty", "CutOff"),
        ("html", "Away"),
        ("drop_before", "Away"),
        ("drop_after", "CutOff"),
        ("too_many", "Busy"),
    ] {
        for method in ["token", "spreadsheet", "values"] {
            play.fault(
                json!({ "messenger": "google", "method": method, "kind": kind, "status": 502 }),
            )
            .await;
            let google = play.google("S1").await;
            assert_eq!(told(&google.read(now()).await), means, "{kind} {method}");
            assert_eq!(told(&google.read(now()).await), READ, "{kind} {method}");
        }
    }
}

#[tokio::test]
async fn what_google_says_no_with_is_told_as_what_to_do() {
    let play = Play::new().await;
    let with = play.look("google/key").await["client_email"].clone();
    let not_shared = format!("NotShared {{ with: {with} }}");
    for (method, status, words, means) in [
        (
            "values",
            403,
            "The caller does not have permission",
            not_shared.as_str(),
        ),
        (
            "values",
            403,
            "Google Sheets API has not been used in project 1 before or it is disabled.",
            "ApiOff",
        ),
        (
            "values",
            404,
            "Requested entity was not found.",
            "NoSuchSheet",
        ),
        ("values", 400, "Unable to parse range: 'A'", "Away"),
        ("values", 400, "Something else", "Refused"),
        ("values", 500, "Internal error encountered.", "Away"),
        (
            "values",
            503,
            "The service is currently unavailable.",
            "Away",
        ),
        ("spreadsheet", 429, "Quota exceeded", "Busy"),
        ("token", 400, "Invalid JWT Signature.", "BadKey"),
        ("token", 400, "Invalid grant: account not found", "BadKey"),
        (
            "token",
            400,
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.",
            "WrongClock",
        ),
        ("token", 401, "The OAuth client was not found.", "BadKey"),
        ("token", 503, "Backend Error", "Away"),
    ] {
        let fault = json!({ "messenger": "google", "method": method, "kind": "error", "status": status, "description": words });
        play.fault(fault).await;
        let read = play.google("S1").await.read(now()).await;
        assert_eq!(told(&read), means, "{method} {status} {words}");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_asked_for_once_more() {
    let play = Play::new().await;
    let google = play.google("S1").await;
    let refuse =
        json!({ "messenger": "google", "method": "values", "kind": "error", "status": 401 });
    play.fault(refuse.clone()).await;
    assert_eq!(told(&google.read(now()).await), READ);
    assert_eq!(play.asked("token").await, 2);
    play.fault(refuse.clone()).await;
    play.fault(refuse).await;
    assert_eq!(told(&google.read(now()).await), "BadKey");
}

#[tokio::test]
async fn a_wrong_clock_is_told() {
    let play = Play::new().await;
    let past = now() - jiff::SignedDuration::from_hours(48);
    let refused = play.google("S1").await.read(past).await.unwrap_err();
    assert_eq!(refused.why, Unread::WrongClock, "{refused}");
    assert!(refused.detail.contains("invalid_grant"), "{refused}");
}

#[tokio::test]
async fn published_tabs_are_read() {
    let play = Play::new().await;
    let read = told(&play.csv().await.read(now()).await);
    assert!(
        read.starts_with("почта|оплачено до/anna@example.org|"),
        "{read}"
    );
    assert!(read.contains("/|/ivan@example.org|"), "{read}");
}

#[test]
fn a_key_file_is_checked_before_it_is_used() {
    for (json, words) in [
        ("", "no key of a service account"),
        (
            r#"{"type":"authorized_user","client_email":"a","private_key":"k"}"#,
            "no key of a service account",
        ),
        (
            r#"{"type":"service_account","client_email":"a","private_key":"k"}"#,
            "private key in the file is broken",
        ),
    ] {
        let refused = KeyFile::read(json.as_bytes()).unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
}

/// A web server with files on it.
async fn server() -> Url {
    let csv = "email,name\na@b.ru,А\n";
    let status = |status: u16| get(async move || StatusCode::from_u16(status).unwrap());
    let bytes = |bytes: &'static [u8]| get(async move || Bytes::from_static(bytes));
    let routes = Router::new()
        .route("/ok", get(async move || csv))
        .route("/moved", get(async || Redirect::temporary("/ok")))
        .route(
            "/elsewhere",
            get(async || Redirect::temporary("http://localhost:1/ok")),
        )
        .route("/html", get(async || Html("<p>Sign in")))
        .route("/page", get(async || "\n<!DOCTYPE HTML><p>Sign in"))
        .route("/quotes", get(async || "a,b\n1,\"2"))
        .route("/letter", bytes(b"\xd0\xb0,b\n1,\xd0"))
        .route("/empty", get(async || ""))
        .route(
            "/excel",
            bytes(b"\xef\xee\xf7\xf2\xe0;\xe8\xec\xff\r\na@b.ru;\xc0\r\n"),
        )
        .route(
            "/tabs",
            get(async || "\u{feff}email\tname\na@b.ru\t\"А\nБ\""),
        )
        .route("/large", get(async || "x".repeat((5 << 20) + 1)))
        .route("/closed", status(403))
        .route("/sign-in", status(401))
        .route("/busy", status(429))
        .route("/broken", status(502))
        .route("/unchanged", status(304))
        .route("/nothing", status(204))
        .route("/odd", status(418));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url.parse().unwrap()
}

#[tokio::test]
async fn what_is_no_whole_file_is_no_sheet() {
    let server = server().await;
    for (path, means) in [
        ("ok", "email|name/a@b.ru|А + email|name/a@b.ru|А"),
        ("moved", "email|name/a@b.ru|А + email|name/a@b.ru|А"),
        ("excel", "email|name/a@b.ru|А + почта|имя/a@b.ru|А"),
        ("tabs", "email|name/a@b.ru|А + email|name/a@b.ru|А\nБ"),
        ("empty", "email|name/a@b.ru|А + "),
        ("elsewhere", "Elsewhere { tariffs: true }"),
        ("html", "NotCsv { tariffs: true }"),
        ("page", "NotCsv { tariffs: true }"),
        ("quotes", "CutOff"),
        ("letter", "CutOff"),
        ("large", "TooLarge"),
        ("closed", "Closed { tariffs: true }"),
        ("sign-in", "Closed { tariffs: true }"),
        ("busy", "Busy"),
        ("broken", "Away"),
        ("unchanged", "CutOff"),
        ("nothing", "CutOff"),
        ("odd", "Refused"),
        ("nowhere", "NoFile { tariffs: true }"),
    ] {
        let url = |path: &str| server.join(path).unwrap();
        let csv = Source::Csv(Csv::new(url("ok"), url(path)).unwrap());
        let read = csv.read(now()).await;
        assert_eq!(told(&read), means, "{path}");
        let shown = format!("{csv:?} {read:?}");
        assert!(!shown.contains("127.0.0.1"), "{shown}");
    }
    let nobody: Url = "http://127.0.0.1:1/".parse().unwrap();
    let csv = Source::Csv(Csv::new(nobody.clone(), nobody).unwrap());
    assert_eq!(told(&csv.read(now()).await), "Away");
}
