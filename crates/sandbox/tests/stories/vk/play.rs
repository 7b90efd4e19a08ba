//! The props: a sandbox with a community (205) and Ivan (7), who has written to it, and the calls that stories are told with.

use std::cell::RefCell;
use std::ops::Deref;

use reqwest::multipart::{Form, Part};
use sandbox::vk::{check_answer, check_type};
use serde_json::{Value, json};

use crate::stage::Stage;

pub(crate) const CLUB: i64 = 205;
pub(crate) const TOKEN: &str = "vk1.a.secret";
pub(crate) const IVAN: i64 = 7;

pub(crate) struct Play {
    stage: Stage,
    /// Address and `ts` of the long poll.
    poll: RefCell<(String, String)>,
}

impl Deref for Play {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.stage
    }
}

impl Play {
    /// An empty stage.
    pub(crate) async fn empty() -> Self {
        Self {
            stage: Stage::empty().await,
            poll: RefCell::default(),
        }
    }

    /// With the community, and Ivan who has written; that event is read.
    pub(crate) async fn new() -> Self {
        let play = Self::empty().await;
        play.listen().await;
        play.person(IVAN, "Иван").await;
        play.ivan(json!({ "text": "Начать" })).await;
        play.events().await;
        play
    }

    /// Asks for the long poll, from now on.
    pub(crate) async fn listen(&self) {
        let server = self
            .call("groups.getLongPollServer", json!({ "group_id": CLUB }))
            .await;
        let text = |name: &str| server[name].as_str().expect("a text").to_owned();
        let address = format!("{}?act=a_check&key={}", text("server"), text("key"));
        self.poll.replace((address, text("ts")));
    }

    pub(crate) async fn person(&self, id: i64, name: &str) {
        self.hand("vk/people", json!({ "id": id, "first_name": name }))
            .await;
    }

    /// A method's response, checked against its published type.
    pub(crate) async fn call(&self, method: &str, params: Value) -> Value {
        let answer = self.raw(method, &params).await;
        assert!(answer["error"].is_null(), "{method} {params}: {answer}");
        let problems = check_answer(method, &answer);
        assert!(problems.is_empty(), "{method}: {problems:?} in {answer}");
        answer["response"].clone()
    }

    /// Code and words of a call that must be refused.
    pub(crate) async fn refused(&self, method: &str, params: Value) -> String {
        let answer = self.raw(method, &params).await;
        let error = &answer["error"];
        assert!(error.is_object(), "{method} {params}: {answer}");
        format!(
            "{} {}",
            error["error_code"],
            error["error_msg"].as_str().unwrap_or_default()
        )
    }

    /// The whole answer; token and version are added.
    pub(crate) async fn raw(&self, method: &str, params: &Value) -> Value {
        let mut params = params.clone();
        params["v"] = "5.199".into();
        let url = format!("{}/method/{method}", self.sandbox.url());
        let request = self.http.post(url).bearer_auth(TOKEN).json(&params);
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        response.json().await.expect("JSON")
    }

    /// Sends a text to Ivan; its id.
    pub(crate) async fn says(&self, text: &str, random_id: i64) -> i64 {
        let params = json!({ "peer_id": IVAN, "random_id": random_id, "message": text });
        let id = self.call("messages.send", params).await;
        id.as_i64().expect("an id")
    }

    /// Sends with more parameters than a text.
    pub(crate) async fn sends(&self, mut params: Value) -> i64 {
        params["peer_id"] = IVAN.into();
        params["random_id"] = 0.into();
        let id = self.call("messages.send", params).await;
        id.as_i64().expect("an id")
    }

    /// Ivan writes to the community; the message's number.
    pub(crate) async fn ivan(&self, mut what: Value) -> i64 {
        what["from"] = IVAN.into();
        what["chat"] = CLUB.into();
        let written = self.hand("vk/messages", what).await;
        written["message_id"].as_i64().expect("a number")
    }

    /// Ivan writes, and this is the message that the community gets.
    pub(crate) async fn hears(&self, what: Value) -> Value {
        self.ivan(what).await;
        let events = self.events().await;
        events[0]["object"]["message"].clone()
    }

    /// One look at the long poll, as it is.
    pub(crate) async fn check(&self, wait: u32) -> Value {
        let (address, ts) = self.poll.borrow().clone();
        let url = format!("{address}&ts={ts}&wait={wait}");
        let response = self.http.get(url).send().await.expect("an answer");
        let answer: Value = response.json().await.expect("JSON");
        if let Some(ts) = answer["ts"].as_str() {
            ts.clone_into(&mut self.poll.borrow_mut().1);
        }
        answer
    }

    /// The events since the last look, checked against their published types.
    pub(crate) async fn events(&self) -> Vec<Value> {
        let answer = self.check(0).await;
        let events = answer["updates"].as_array().expect("updates").clone();
        events.iter().for_each(check_event);
        events
    }

    /// What Ivan sees, oldest first.
    pub(crate) async fn seen(&self) -> Vec<Value> {
        let state = self.look("state").await;
        let chats = state["chats"].as_array().expect("chats");
        let chat = chats.iter().find(|chat| chat["person"] == IVAN);
        let messages = chat.and_then(|chat| chat["messages"].as_array());
        messages.cloned().unwrap_or_default()
    }

    /// Brings a file to an upload address.
    pub(crate) async fn upload(
        &self,
        server: &Value,
        field: &str,
        name: &str,
        bytes: Vec<u8>,
    ) -> Value {
        let part = Part::bytes(bytes).file_name(name.to_owned());
        let form = Form::new().part(field.to_owned(), part);
        let url = server["upload_url"].as_str().expect("an address");
        let request = self.http.post(url).multipart(form);
        let response = request.send().await.expect("an answer");
        response.json().await.expect("JSON")
    }
}

/// An event as a whole and its object.
pub(crate) fn check_event(event: &Value) {
    let kind = event["type"].as_str().expect("a type");
    let object = match kind {
        "message_reply" | "message_edit" => "callback_message".to_owned(),
        kind => format!("callback_{kind}"),
    };
    let mut base = event.clone();
    let object_itself = base.as_object_mut().and_then(|base| base.remove("object"));
    let mut problems = check_type(&object, &object_itself.unwrap_or_default());
    problems.extend(check_type("callback_base", &base));
    assert!(problems.is_empty(), "{problems:?} in {event}");
}
