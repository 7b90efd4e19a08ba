//! The props: a sandbox with an owner's sheet, and a program with the key file.

use std::ops::Deref;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::stage::Stage;

pub(crate) const SHEET: &str = "sheet-1";
pub(crate) const SCOPE: &str = "https://www.googleapis.com/auth/spreadsheets.readonly";
pub(crate) const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

pub(crate) struct Play {
    pub(crate) stage: Stage,
    pub(crate) key: Value,
    pub(crate) token: String,
}

impl Deref for Play {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.stage
    }
}

impl Play {
    /// With a sheet of two tabs, and a token to read it.
    pub(crate) async fn new() -> Self {
        let mut play = Self {
            stage: Stage::empty().await,
            key: Value::Null,
            token: String::new(),
        };
        play.key = play.look("google/key").await;
        play.put(sheet()).await;
        play.token = play.fresh_token().await;
        play
    }

    pub(crate) async fn fresh_token(&self) -> String {
        let (status, answer) = self.exchange(&self.claims()).await;
        assert_eq!(status, 200, "{answer}");
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// What an honest program claims.
    pub(crate) fn claims(&self) -> Value {
        let now = jsonwebtoken::get_current_timestamp();
        json!({
            "iss": self.key["client_email"],
            "scope": SCOPE,
            "aud": "https://oauth2.googleapis.com/token",
            "iat": now,
            "exp": now + 3600,
        })
    }

    pub(crate) fn jwt(&self, claims: &Value) -> String {
        let pem = self.key["private_key"].as_str().expect("PEM").as_bytes();
        let key = EncodingKey::from_rsa_pem(pem).expect("a key");
        let mut header = Header::new(Algorithm::RS256);
        header.kid = self.key["private_key_id"].as_str().map(str::to_owned);
        jsonwebtoken::encode(&header, claims, &key).expect("a JWT")
    }

    /// Asks for a token: status and answer.
    pub(crate) async fn exchange(&self, claims: &Value) -> (u16, Value) {
        let form = [("grant_type", GRANT), ("assertion", &self.jwt(claims))];
        self.ask_token(&form).await
    }

    pub(crate) async fn ask_token(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let url = self.key["token_uri"].as_str().expect("an address");
        let response = self.http.post(url).form(form).send().await;
        let response = response.expect("an answer");
        let status = response.status().as_u16();
        (status, response.json().await.expect("JSON"))
    }

    /// A call of the API: status and answer. `path` begins behind the sheet's id.
    pub(crate) async fn raw(&self, path: &str) -> (u16, Value) {
        let response = self.send(path).await.expect("an answer");
        let status = response.status().as_u16();
        (status, response.json().await.expect("JSON"))
    }

    pub(crate) async fn send(&self, path: &str) -> reqwest::Result<reqwest::Response> {
        let url = format!("{}/v4/spreadsheets/{SHEET}{path}", self.sandbox.url());
        self.http.get(url).bearer_auth(&self.token).send().await
    }

    /// A call that succeeds; its answer has the published shape.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.raw(path).await;
        assert_eq!(status, 200, "{path}: {answer}");
        let method = match path {
            _ if path.starts_with("/values:batchGet") => "values.batchGet",
            _ if path.starts_with("/values/") => "values.get",
            _ => "spreadsheets.get",
        };
        let problems = sandbox::google::check_answer(method, &answer);
        assert!(problems.is_empty(), "{problems:?}");
        answer
    }

    /// Status, name and message of a call that is refused.
    pub(crate) async fn refused(&self, path: &str) -> (u16, String, String) {
        let (status, answer) = self.raw(path).await;
        let error = &answer["error"];
        assert_eq!(error["code"], status, "{answer}");
        let text = |name: &str| error[name].as_str().expect("text").to_owned();
        (status, text("status"), text("message"))
    }

    /// The owner's sheet is so from now on.
    pub(crate) async fn put(&self, sheet: Value) -> Value {
        let path = format!("google/sheets/{SHEET}");
        self.control("PUT", &path, &sheet).await
    }

    /// The owner changes something about the sheet.
    pub(crate) async fn patch(&self, change: Value) {
        let path = format!("google/sheets/{SHEET}");
        self.control("PATCH", &path, &change).await;
    }
}

/// Clients and tariffs, with an empty row in the middle and empty cells at the ends.
fn sheet() -> Value {
    json!({ "title": "Клиенты школы", "tabs": [
        { "title": "Клиенты", "rows": [
            ["почта", "имя", "тариф", "оплачено до"],
            ["anna@example.org", "Анна", "Базовый", { "date": "2026-03-01" }],
            [],
            ["boris@example.org", "", "Про, \"плюс\"", null, ""],
            ["", ""],
        ]},
        { "title": "Tariffs", "rows": [
            ["тариф", "цена", "валюта", "дней"],
            ["Базовый", { "value": 1990, "shown": "1 990,00 ₽" }, "RUB", 30],
        ]},
    ]})
}
