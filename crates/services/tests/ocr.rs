//! Readers against what is emulated, and against programs that misbehave.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    time::Duration,
};

use bytes::Bytes;
use engine::payment;
use sandbox::Sandbox;
use serde_json::{Value, json};
use services::ocr::{Attempt, Missing, OcrSpace, Reader, Tesseract, Unread};

struct Play {
    sandbox: Sandbox,
    http: reqwest::Client,
}

impl Play {
    async fn new() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            sandbox: Sandbox::start(any).await.unwrap(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    async fn told(self, path: &str, body: Value) -> Self {
        let url = format!("{}/sandbox/{path}", self.sandbox.url());
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{path}: {}",
            answer.text().await.unwrap()
        );
        self
    }

    fn reader(&self) -> OcrSpace {
        let url = format!("{}/parse/image", self.sandbox.url());
        OcrSpace::new(&url, "K1-secret".to_owned().into(), &Attempt::USUAL).unwrap()
    }

    async fn calls(&self) -> usize {
        let url = format!("{}/sandbox/calls?messenger=ocr", self.sandbox.url());
        let calls: Value = self
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        calls["calls"].as_array().unwrap().len()
    }
}

fn picture() -> Bytes {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::DynamicImage::new_rgb8(40, 80);
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner().into()
}

#[tokio::test]
async fn a_sum_in_roubles_is_read_at_once() {
    let play = Play::new()
        .await
        .told("ocr/reads", json!({ "text": "Сумма 1 990 ₽" }))
        .await;
    let text = play.reader().read(picture()).await.unwrap();
    assert_eq!(text.trim(), "Сумма 1 990 ₽");
    assert_eq!(play.calls().await, 1);
}

#[tokio::test]
async fn where_no_sum_is_read_other_languages_are_tried() {
    let play = Play::new()
        .await
        .told("ocr/reads", json!({ "text": "привет" }))
        .await;
    let text = play.reader().read(picture()).await.unwrap();
    assert!(text.contains("привет"), "{text}");
    assert_eq!(play.calls().await, 3);
}

#[tokio::test]
async fn what_may_be_yuan_is_read_in_chinese_too() {
    let play = Play::new()
        .await
        .told("ocr/reads", json!({ "text": "支付失败\n¥199.00" }))
        .await;
    let text = play.reader().read(picture()).await.unwrap();
    assert!(
        text.contains("支付失败") && text.contains("199.00"),
        "{text}"
    );
    assert_eq!(play.calls().await, 2);
}

#[tokio::test]
async fn a_refused_key_is_the_owners_business_and_is_not_shown() {
    let play = Play::new()
        .await
        .told("ocr/key", json!({ "key": "another" }))
        .await;
    let refused = play.reader().read(picture()).await.unwrap_err();
    assert!(
        matches!(&refused, Unread::Locked(words) if words.contains("key")),
        "{refused}"
    );
    assert!(!format!("{refused:?} {:?}", play.reader()).contains("K1-secret"));
}

#[tokio::test]
async fn troubles_of_its_own_are_no_answer() {
    for fault in [
        json!({ "kind": "html", "status": 502 }),
        json!({ "kind": "drop_before" }),
        json!({ "kind": "drop_after" }),
        json!({ "kind": "empty" }),
        json!({ "kind": "garbage" }),
        json!({ "kind": "half" }),
    ] {
        let mut all = fault.clone();
        all["messenger"] = json!("ocr");
        let play = Play::new().await.told("faults", all).await;
        let failed = play.reader().read(picture()).await;
        assert!(
            matches!(failed, Err(Unread::Away(_))),
            "{fault}: {failed:?}"
        );
        assert!(play.reader().read(picture()).await.is_ok(), "{fault}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read() {
    let endless = json!({ "text": "199 ".repeat(1 << 19) });
    let play = Play::new().await.told("ocr/reads", endless).await;
    let failed = play.reader().read(picture()).await;
    assert!(matches!(failed, Err(Unread::Away(_))), "{failed:?}");
}

#[tokio::test]
async fn a_limit_is_waited_for() {
    let fault = json!({ "messenger": "ocr", "kind": "too_many", "retry_after": 7 });
    let play = Play::new().await.told("faults", fault).await;
    let failed = play.reader().read(picture()).await.unwrap_err();
    assert!(
        matches!(failed, Unread::Wait(wait) if wait >= Duration::from_secs(1)),
        "{failed:?}"
    );
}

#[tokio::test]
async fn what_is_no_picture_is_never_sent() {
    let play = Play::new().await;
    let failed = play.reader().read(Bytes::from_static(b"%PDF-1.4")).await;
    assert!(
        matches!(failed, Err(Unread::Never(payment::Unread::NoPicture, _))),
        "{failed:?}"
    );
    assert_eq!(play.calls().await, 0);
}

/// A program in the place of tesseract.
fn program(folder: &tempfile::TempDir, script: &str) -> PathBuf {
    let path = folder.path().join("tesseract");
    let list =
        "[ \"$1\" = --list-langs ] && { echo 'List of languages:'; echo eng; echo rus; exit 0; }";
    fs::write(&path, format!("#!/bin/sh\n{list}\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

async fn read_by(script: &str) -> Result<String, Unread> {
    let folder = tempfile::tempdir().unwrap();
    Tesseract::at(program(&folder, script))
        .read(picture())
        .await
}

#[tokio::test]
async fn a_program_that_misbehaves_is_survived() {
    let never = |why: &str| Err(Unread::Never(payment::Unread::Failed, why.to_owned()));
    let read = read_by("cat >/dev/null; echo '199,00 ₽'").await;
    assert_eq!(read.as_deref(), Ok("199,00 ₽"));
    assert_eq!(
        read_by("echo 'cannot open' >&2; exit 1").await,
        never("cannot open")
    );
    let endless = read_by("cat >/dev/null; yes 199").await;
    assert_eq!(endless, never("there is more text than on any screenshot"));
    let killed = read_by("kill -9 $$").await;
    assert!(matches!(killed, Err(Unread::Away(_))), "{killed:?}");
}

#[tokio::test]
async fn what_is_missing_is_said_with_the_way_to_install_it() {
    let nowhere = Tesseract::at("no-such-tesseract");
    assert_eq!(nowhere.check().await, Err(Missing::Program));
    let failed = nowhere.read(picture()).await.unwrap_err();
    assert!(
        matches!(&failed, Unread::Missing(line) if line.contains("apt-get install tesseract-ocr")),
        "{failed}"
    );
    assert_eq!(nowhere.lacks().await, Some(failed.to_string()));
    let folder = tempfile::tempdir().unwrap();
    let missing = Tesseract::at(program(&folder, ""))
        .check()
        .await
        .unwrap_err();
    let line = "tesseract has no chi_sim: apt-get install tesseract-ocr-chi-sim";
    assert_eq!(missing.to_string(), line);
}
