//! Trouble of every kind: faults of a messenger, requests that nobody expects, and numbered messages, of
//! which it can be said whether all arrived, in order, and how often.

use std::{fmt::Write as _, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Desk, GROUP, OLGA, Stage, phones::Phone};

impl Stage {
    /// Calls of a messenger fail from now on, as `faults` of the sandbox's control API says.
    pub(crate) async fn fails(&self, messenger: &str, mut fault: Value) {
        fault["messenger"] = json!(messenger);
        self.hand("faults", fault).await;
    }

    /// Where the emulated messengers are.
    pub(crate) fn sandbox_url(&self) -> String {
        self.sandbox.url()
    }

    /// The community, the page, and their people come into being.
    pub(crate) async fn set_everybody(&self) {
        self.set_vk().await;
        self.set_facebook().await;
    }

    /// A desk with the bot, the community and the page after the one before has been killed, as if the dead
    /// one's leases had run out.
    pub(crate) async fn open_again(&self, settings: &[(&str, &str)]) -> Desk {
        self.script("UPDATE leases SET until = 0; UPDATE copies SET seen_at = 0")
            .await;
        self.open_everywhere(settings).await
    }

    /// A desk on every messenger, and this customer in a dialog with Olga.
    pub(crate) async fn in_dialog(&self, customer: Phone<'_>) -> Desk {
        let desk = self.open_everywhere(&[]).await;
        self.dialog_of(OLGA, customer).await;
        self.rests(&desk).await;
        desk
    }

    /// A customer in a dialog with an operator, who has read the question.
    pub(crate) async fn dialog_of(&self, operator: i64, customer: Phone<'_>) {
        let question = format!("вопрос-{}.", customer.who);
        self.starts(operator).await;
        customer.asks(&question).await;
        self.takes(operator, &question).await;
        customer.sees("Оператор подключился").await;
        self.telegram(operator).sees(&question).await;
    }

    /// The numbers that stand in the last lines of what somebody reads, once the last of them is there.
    pub(crate) async fn reads(&self, phone: Phone<'_>, last: u32) -> Vec<u32> {
        let look = async || {
            let numbers = numbers(&phone.heard().await);
            (numbers.last() == Some(&last)).then_some(numbers)
        };
        self.until(format!("{last} at {}", phone.who), look).await
    }

    /// The same of what stands in the operators' group under one customer's header.
    pub(crate) async fn group_reads(&self, customer: &str, last: u32) -> Vec<u32> {
        let look = async || {
            let heard = self.heard(GROUP).await;
            let theirs = |message: &&Value| {
                let text = message["text"].as_str().unwrap_or_default();
                text.lines()
                    .next()
                    .is_some_and(|line| line.contains(customer))
            };
            let theirs: Vec<Value> = heard.iter().filter(theirs).cloned().collect();
            let numbers = numbers(&theirs);
            (numbers.last() == Some(&last)).then_some(numbers)
        };
        self.until(format!("{last} of {customer} in the group"), look)
            .await
    }

    /// Something that must not happen, for so long as it would have needed and more.
    pub(crate) async fn never(&self, what: &str, look: impl AsyncFnMut() -> Option<()>) {
        let happened = self.within(Duration::from_secs(1), look).await;
        assert!(happened.is_none(), "{what}\n{}", self.everything().await);
    }

    /// How the bot, the community or the page stands.
    pub(crate) async fn account(&self, messenger: &str) -> Value {
        let state = self.look("state").await;
        let bots = state["bots"].as_array().into_iter().flatten();
        let mut of_it = bots.filter(|bot| bot["messenger"] == messenger);
        of_it.next().cloned().unwrap_or_default()
    }

    /// The calls of a messenger's method so far.
    pub(crate) async fn calls_of(&self, messenger: &str, method: &str) -> Vec<Value> {
        let path = format!("calls?since=0&messenger={messenger}&method={method}");
        let calls = self.look(&path).await;
        calls["calls"].as_array().expect("calls").clone()
    }
}

/// The numbers that stand in the last lines of messages.
pub(crate) fn numbers(messages: &[Value]) -> Vec<u32> {
    let texts = messages
        .iter()
        .filter_map(|message| message["text"].as_str());
    texts
        .filter_map(|text| text.lines().last()?.parse().ok())
        .collect()
}

/// How many messages have these words.
pub(crate) fn count(messages: &[Value], words: &str) -> usize {
    let has = |message: &&Value| {
        let text = message["text"].as_str();
        text.is_some_and(|text| text.contains(words))
    };
    messages.iter().filter(has).count()
}

impl Desk {
    /// Somebody brings something to a webhook: status and answer.
    pub(crate) async fn brings(
        &self,
        channel: &str,
        body: impl Into<reqwest::Body>,
        headers: &[(&str, &str)],
    ) -> (u16, String) {
        let request = self.request(reqwest::Method::POST, channel);
        let with =
            |request: RequestBuilder, (name, value): &(&str, &str)| request.header(*name, *value);
        asked(headers.iter().fold(request, with).body(body)).await
    }

    /// Somebody asks a webhook something: status and answer.
    pub(crate) async fn asks(&self, channel: &str, query: &[(&str, &str)]) -> (u16, String) {
        asked(self.request(reqwest::Method::GET, channel).query(query)).await
    }

    /// A request to a webhook.
    pub(crate) fn request(&self, method: reqwest::Method, channel: &str) -> RequestBuilder {
        let client = reqwest::Client::builder().no_proxy().build();
        let url = format!("{}/webhooks/{channel}", self.url());
        client.expect("a client").request(method, url)
    }
}

async fn asked(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.text().await.unwrap_or_default())
}

/// The HMAC-SHA256 of some bytes, in hexadecimal digits.
pub(crate) fn hmac(key: &str, bytes: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
    mac.update(bytes);
    hex(&mac.finalize().into_bytes())
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in bytes {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}
