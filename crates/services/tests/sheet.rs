//! The sheet, from the emulated Google and from servers that misbehave.

use std::net::{Ipv4Addr, SocketAddr};

use axum::{Router, http::StatusCode, response::Redirect, routing::get};
use engine::sheet::Sheet;
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
        Err(NotRead::Away(_)) => "away".to_owned(),
        Err(NotRead::Locked(_)) => "locked".to_owned(),
        Err(NotRead::Refused(_)) => "refused".to_owned(),
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
async fn a_closed_a_missing_and_an_empty_sheet_are_told_apart() {
    let play = Play::new().await;
    let google = play.google("S1").await;
    assert_eq!(told(&play.google("S2").await.read(now()).await), "refused");
    play.sheet(json!({ "tabs": [{ "title": "A" }] })).await;
    assert_eq!(told(&google.read(now()).await), "refused");
    play.sheet(json!({ "tabs": [{ "title": "A" }, { "title": "B" }] }))
        .await;
    assert_eq!(told(&google.read(now()).await), "refused");
    play.sheet(json!({ "shared": false, "tabs": [{ "title": "A" }, { "title": "B" }] }))
        .await;
    let locked = google.read(now()).await.unwrap_err();
    assert!(
        matches!(&locked, NotRead::Locked(words) if words.contains("iam.gserviceaccount.com")),
        "{locked}"
    );
}

#[tokio::test]
async fn half_an_answer_is_none() {
    let play = Play::new().await;
    for kind in ["half", "garbage", "empty", "drop_before", "drop_after"] {
        play.fault(json!({ "messenger": "google", "kind": kind }))
            .await;
        let google = play.google("S1").await;
        assert_eq!(told(&google.read(now()).await), "away", "{kind}");
        assert_eq!(told(&google.read(now()).await), READ, "{kind}");
    }
    play.fault(json!({ "messenger": "google", "kind": "too_many" }))
        .await;
    assert_eq!(told(&play.google("S1").await.read(now()).await), "away");
}

#[tokio::test]
async fn a_wrong_clock_is_told() {
    let play = Play::new().await;
    let past = now() - jiff::SignedDuration::from_hours(48);
    let refused = play.google("S1").await.read(past).await.unwrap_err();
    assert!(
        matches!(&refused, NotRead::Locked(words) if words.contains("invalid_grant")),
        "{refused}"
    );
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
    let routes = Router::new()
        .route("/ok", get(async move || csv))
        .route("/moved", get(async || Redirect::temporary("/ok")))
        .route(
            "/elsewhere",
            get(async || Redirect::temporary("http://localhost:1/ok")),
        )
        .route("/html", get(async || axum::response::Html("<p>Sign in")))
        .route("/quotes", get(async || "a,b\n1,\"2"))
        .route("/empty", get(async || " \n,"))
        .route(
            "/koi",
            get(async || axum::body::Bytes::from_static(b"\xd0,\xff")),
        )
        .route("/large", get(async || "x".repeat((5 << 20) + 1)))
        .route("/closed", get(async || StatusCode::FORBIDDEN))
        .route("/broken", get(async || StatusCode::BAD_GATEWAY));
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
        ("elsewhere", "refused"),
        ("html", "refused"),
        ("quotes", "away"),
        ("empty", "refused"),
        ("koi", "refused"),
        ("large", "away"),
        ("closed", "locked"),
        ("broken", "away"),
        ("nowhere", "refused"),
    ] {
        let url = |path: &str| server.join(path).unwrap();
        let csv = Source::Csv(Csv::new(url("ok"), url(path)).unwrap());
        let read = csv.read(now()).await;
        assert_eq!(told(&read), means, "{path}");
        let shown = format!("{csv:?} {read:?}");
        assert!(!shown.contains("127.0.0.1"), "{shown}");
    }
}
