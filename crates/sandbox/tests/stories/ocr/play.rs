//! The props: a sandbox, and a program that sends pictures.

use std::ops::Deref;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::stage::Stage;

/// The beginning of a picture, which is all that is looked at.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

pub(crate) struct Play {
    stage: Stage,
}

impl Deref for Play {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.stage
    }
}

impl Play {
    pub(crate) async fn new() -> Self {
        let stage = Stage::empty().await;
        Self { stage }
    }

    pub(crate) fn request(&self, form: Form) -> reqwest::RequestBuilder {
        let url = format!("{}/parse/image", self.sandbox.url());
        self.http.post(url).multipart(form)
    }

    /// Status and answer.
    pub(crate) async fn raw(&self, form: Form) -> (u16, Value) {
        let request = self.request(form).header("apikey", "K1");
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        (status, response.json().await.expect("JSON"))
    }

    /// An answer with HTTP 200.
    pub(crate) async fn parse(&self, form: Form) -> Value {
        let (status, answer) = self.raw(form).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// What is read of a picture that is read.
    pub(crate) async fn text(&self, picture: &'static [u8]) -> String {
        let answer = self.parse(file(picture)).await;
        assert_eq!(answer["IsErroredOnProcessing"], false, "{answer}");
        let text = answer["ParsedResults"][0]["ParsedText"].as_str();
        text.expect("text").to_owned()
    }

    /// Exit code and first message of a picture that is not.
    pub(crate) async fn errored(&self, form: Form) -> (i64, String) {
        let answer = self.parse(form).await;
        assert_eq!(answer["IsErroredOnProcessing"], true, "{answer}");
        let message = &answer["ErrorMessage"];
        let first = message.as_str().or(message[0].as_str());
        let exit = answer["OCRExitCode"].as_i64();
        (exit.expect("a number"), first.expect("text").to_owned())
    }

    pub(crate) async fn told(&self, path: &str, body: &Value) -> reqwest::Response {
        let url = format!("{}/sandbox/{path}", self.sandbox.url());
        let response = self.http.post(url).json(body).send().await;
        response.expect("an answer")
    }

    pub(crate) async fn fault(&self, kind: &str, mut more: Value) {
        more["messenger"] = json!("ocr");
        more["kind"] = json!(kind);
        self.hand("faults", more).await;
    }
}

/// A form with a picture.
pub(crate) fn file(picture: &'static [u8]) -> Form {
    Form::new().part("file", Part::bytes(picture).file_name("a.png"))
}
