//! The stage of every story: an empty sandbox, and the calls by which it is set.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use sandbox::Sandbox;
use serde_json::{Value, json};

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
}

impl Stage {
    pub(crate) async fn empty() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sandbox = Sandbox::start(any).await.expect("a free port");
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        Self { sandbox, http }
    }

    /// A call of the control API that succeeds.
    pub(crate) async fn hand(&self, path: &str, body: Value) -> Value {
        self.control("POST", path, &body).await
    }

    /// A call of the control API: status and answer.
    pub(crate) async fn hand_raw(&self, path: &str, body: &Value) -> (u16, Value) {
        self.control_raw("POST", path, body).await
    }

    /// The same with another verb.
    pub(crate) async fn control(&self, verb: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.control_raw(verb, path, body).await;
        assert_eq!(status, 200, "{path} {body}: {answer}");
        answer
    }

    async fn control_raw(&self, verb: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/sandbox/{path}", self.sandbox.url());
        let request = self.http.request(verb.parse().expect("a verb"), url);
        let response = request.json(body).send().await.expect("an answer");
        let status = response.status().as_u16();
        (status, response.json().await.expect("JSON"))
    }

    pub(crate) async fn look(&self, path: &str) -> Value {
        let url = format!("{}/sandbox/{path}", self.sandbox.url());
        let response = self.http.get(url).send().await.expect("an answer");
        response.json().await.expect("JSON")
    }

    /// What was found wrong with calls.
    pub(crate) async fn violations(&self) -> Vec<String> {
        let found = self.look("violations").await["violations"].take();
        let found = found.as_array().expect("a list").iter();
        found
            .filter_map(|one| one["what"].as_str().map(str::to_owned))
            .collect()
    }

    /// Nothing that was called was against the published rules.
    pub(crate) async fn clean(&self) {
        assert_eq!(self.look("violations").await, json!({ "violations": [] }));
    }

    /// Lets time pass at once.
    pub(crate) async fn later(&self, seconds: u32) {
        self.hand("clock", json!({ "advance": seconds })).await;
    }

    /// Uploads a file for people to send.
    pub(crate) async fn file(&self, name: &str, bytes: Vec<u8>) -> String {
        let url = format!("{}/sandbox/files?name={name}", self.sandbox.url());
        let response = self.http.post(url).body(bytes).send().await;
        let answer: Value = response.expect("an answer").json().await.expect("JSON");
        answer["file"].as_str().expect("an id").to_owned()
    }
}

/// A PNG of this size: a header is all that anybody here looks at.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// A field of each, for comparing.
pub(crate) fn each<'a>(list: &'a [Value], pointer: &str) -> Vec<&'a Value> {
    list.iter()
        .map(|item| item.pointer(pointer).unwrap_or(&Value::Null))
        .collect()
}

/// Asks again and again until it holds; a story fails after ten seconds.
pub(crate) async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..1000 {
        if let Some(found) = ask().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never happened");
}
