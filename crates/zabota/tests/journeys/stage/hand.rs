//! The hand behind the stage: the sandbox's control API.

use serde_json::{Value, json};

use super::{BOT, Stage, TOKEN};

impl Stage {
    /// Does something at `/sandbox/{path}`.
    pub(crate) async fn hand(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/sandbox/{path}", self.sandbox.url());
        let answer = self.http.post(url).json(&body).send().await;
        Self::read(path, answer).await
    }

    /// Reads `/sandbox/{path}`.
    pub(crate) async fn look(&self, path: &str) -> Value {
        let url = format!("{}/sandbox/{path}", self.sandbox.url());
        Self::read(path, self.http.get(url).send().await).await
    }

    async fn read(path: &str, answer: reqwest::Result<reqwest::Response>) -> Value {
        let answer = answer.expect("the sandbox answers");
        let status = answer.status();
        let text = answer.text().await.expect("a whole answer");
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Takes away all faults.
    pub(crate) async fn heal(&self) {
        let url = format!("{}/sandbox/faults", self.sandbox.url());
        Self::read("faults", self.http.delete(url).send().await).await;
    }

    /// Somebody changes what they wrote to the bot.
    pub(crate) async fn edits(&self, who: i64, message: i64, mut to: Value) {
        to["from"] = json!(who);
        self.change(&format!("messages/{BOT}/{message}"), &to).await;
    }

    /// Changes something at `/sandbox/{path}`.
    pub(crate) async fn change(&self, path: &str, to: &Value) {
        let url = format!("{}/sandbox/{path}", self.sandbox.url());
        Self::read(path, self.http.patch(url).json(to).send().await).await;
    }

    /// Puts something at `/sandbox/{path}`.
    pub(crate) async fn put(&self, path: &str, it: &Value) {
        let url = format!("{}/sandbox/{path}", self.sandbox.url());
        Self::read(path, self.http.put(url).json(it).send().await).await;
    }

    /// Uploads a file to be sent; its id.
    pub(crate) async fn file(&self, name: &str, mime: &str, bytes: Vec<u8>) -> String {
        let url = format!("{}/sandbox/files?name={name}", self.sandbox.url());
        let request = self.http.post(url).header("content-type", mime);
        let answer = Self::read("files", request.body(bytes).send().await).await;
        answer["file"].as_str().expect("an id").to_owned()
    }

    /// What is in a file that somebody sees.
    pub(crate) async fn bytes(&self, file: &str) -> Vec<u8> {
        let url = format!("{}/sandbox/files/{file}", self.sandbox.url());
        let answer = self.http.get(url).send().await.expect("a file");
        assert!(answer.status().is_success(), "{file}");
        answer.bytes().await.expect("a whole file").to_vec()
    }

    /// Where a bot with our token calls.
    pub(crate) fn bot(&self) -> String {
        format!("{}/bot{TOKEN}", self.sandbox.url())
    }

    /// The calls of a method so far, or of all.
    pub(crate) async fn calls(&self, method: &str) -> Vec<Value> {
        let calls = self.look(&format!("calls?since=0&method={method}")).await;
        calls["calls"].as_array().expect("calls").clone()
    }

    /// The messages of a chat, oldest first; none if there is no such chat yet.
    pub(crate) async fn chat(&self, chat: i64) -> Vec<Value> {
        let state = self.look(&format!("state?chat={chat}")).await;
        let messages = state["chats"][0]["messages"].as_array().cloned();
        messages.unwrap_or_default()
    }

    /// What the bot has written in a chat, oldest first.
    pub(crate) async fn heard(&self, chat: i64) -> Vec<Value> {
        let mut messages = self.chat(chat).await;
        messages.retain(|message| message["from"] == BOT && message["kind"] != "service");
        messages
    }
}
