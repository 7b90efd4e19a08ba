//! What is read, and what is refused.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::ocr::play::{PNG, Play, file};

#[tokio::test]
async fn it_reads_what_it_was_told() {
    let play = Play::new().await;
    assert_eq!(play.text(PNG).await, "Hello World!\r\n");
    play.hand(
        "ocr/reads",
        json!({ "text": "Сумма\n¥ 199.00", "times": 1 }),
    )
    .await;
    assert_eq!(play.text(PNG).await, "Сумма\r\n¥ 199.00\r\n");
    assert_eq!(play.text(PNG).await, "Hello World!\r\n");
    let calls = play.look("calls?messenger=ocr&method=parse").await;
    let hash = &calls["calls"][0]["params"]["file"]["file"]["sha256"];
    play.hand("ocr/reads", json!({ "text": "only this", "match": hash }))
        .await;
    assert_eq!(play.text(PNG).await, "only this\r\n");
    assert_eq!(play.text(b"\xff\xd8other").await, "Hello World!\r\n");
    assert_eq!(
        play.look("ocr/reads").await["reads"][0]["text"],
        "only this"
    );
}

#[tokio::test]
async fn a_picture_comes_as_a_file_as_base64_or_by_its_address() {
    let play = Play::new().await;
    let base64 = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==";
    let form = Form::new()
        .text("base64Image", base64)
        .text("isOverlayRequired", "true");
    let answer = play.parse(form).await;
    let overlay = &answer["ParsedResults"][0]["TextOverlay"];
    assert_eq!(overlay["Lines"][0]["Words"][1]["WordText"], "World!");
    let upload = play
        .http
        .post(format!("{}/sandbox/files?name=a.png", play.sandbox.url()))
        .body(PNG);
    let upload: Value = upload
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let id = upload["file"].as_str().expect("an id");
    let url = format!("{}/sandbox/files/{id}", play.sandbox.url());
    let answer = play.parse(Form::new().text("url", url)).await;
    assert_eq!(answer["OCRExitCode"], 1);
    let pair = [("apikey", "K1"), ("base64image", base64)];
    let form = play
        .http
        .post(format!("{}/parse/image", play.sandbox.url()))
        .form(&pair);
    let answer: Value = form
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(answer["OCRExitCode"], 1, "{answer}");
}

#[tokio::test]
async fn more_than_a_megabyte_is_refused_with_200() {
    let play = Play::new().await;
    let large = [PNG, &vec![0; 1 << 20]].concat();
    let form = Form::new().part("file", Part::bytes(large).file_name("a.png"));
    let what = "File failed validation. File size exceeds the maximum permissible file size limit of 1024 KB";
    assert_eq!(play.errored(form).await, (3, what.to_owned()));
}

#[tokio::test]
async fn parameters_are_as_published() {
    let play = Play::new().await;
    let good = file(PNG)
        .text("language", "rus")
        .text("OCREngine", "1")
        .text("scale", "true");
    assert_eq!(
        play.parse(good.text("filetype", "PNG")).await["OCRExitCode"],
        1
    );
    let auto = file(PNG).text("language", "auto").text("OCREngine", "2");
    assert_eq!(play.parse(auto).await["OCRExitCode"], 1);
    assert!(
        play.look("violations").await["violations"]
            .as_array()
            .is_some_and(Vec::is_empty)
    );
    for (name, value) in [
        ("language", "ru"),
        ("language", "auto"),
        ("OCREngine", "4"),
        ("filetype", "WEBP"),
        ("scale", "yes"),
    ] {
        let (exit, what) = play.errored(file(PNG).text(name, value)).await;
        let said = format!("Value for parameter '{}' is invalid", name.to_lowercase());
        assert_eq!((exit, what), (99, said));
    }
    assert_eq!(play.errored(file(PNG).text("colour", "red")).await.0, 99);
    assert_eq!(
        play.errored(file(PNG).text("url", "http://127.0.0.1:1/"))
            .await
            .0,
        99
    );
    assert_eq!(play.errored(Form::new()).await.0, 99);
    assert_eq!(
        play.errored(Form::new().text("base64Image", "iVBORw0KGgo="))
            .await
            .0,
        99
    );
    assert_eq!(
        play.errored(file(b"RIFF....WEBP")).await.1,
        "Unable to recognize the file type"
    );
    let violations = play.look("violations").await["violations"].take();
    assert_eq!(violations.as_array().map(Vec::len), Some(10));
}

#[tokio::test]
async fn a_key_is_needed_and_the_right_one() {
    let play = Play::new().await;
    let refusal = json!("The API key is invalid");
    let response = play.request(file(PNG)).send().await.expect("an answer");
    assert_eq!(response.status(), 403);
    assert_eq!(response.json::<Value>().await.expect("JSON"), refusal);
    play.hand("ocr/key", json!({ "key": "K2" })).await;
    assert_eq!(play.raw(file(PNG)).await, (403, refusal));
    let by_field = play.request(file(PNG).text("apikey", "K2")).send().await;
    assert_eq!(by_field.expect("an answer").status(), 200);
}

#[tokio::test]
async fn a_day_has_500_calls() {
    let play = Play::new().await;
    play.hand("limits", json!({ "enforce": true })).await;
    for _ in 0..500 {
        play.text(PNG).await;
    }
    let (status, answer) = play.raw(file(PNG)).await;
    assert_eq!(status, 403);
    assert!(
        answer
            .as_str()
            .is_some_and(|text| text.contains("maximum 500 number"))
    );
    play.hand("clock", json!({ "advance": 86_400 })).await;
    play.text(PNG).await;
}
