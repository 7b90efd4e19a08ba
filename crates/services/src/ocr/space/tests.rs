use serde_json::json;

use super::*;

fn read(status: u16, body: &Value) -> String {
    let status = StatusCode::from_u16(status).unwrap();
    match judged(status, body.to_string().as_bytes(), None) {
        Ok(text) => format!("«{text}»"),
        Err(Unread::Wait(wait)) => format!("wait {}", wait.as_secs()),
        Err(Unread::Away(_)) => "away".to_owned(),
        Err(Unread::Locked(_) | Unread::Missing(_)) => "locked".to_owned(),
        Err(Unread::Never(payment::Unread::TooBig, _)) => "too big".to_owned(),
        Err(Unread::Never(..)) => "never".to_owned(),
    }
}

fn errored(message: &Value) -> Value {
    json!({ "OCRExitCode": 99, "IsErroredOnProcessing": true, "ErrorMessage": message })
}

#[test]
fn what_was_read_is_read() {
    let page = json!({ "FileParseExitCode": 1, "ParsedText": "¥199.00\r\n支付成功\r\n", "ErrorMessage": "" });
    for exit in [json!(1), json!("1")] {
        let answer =
            json!({ "ParsedResults": [page], "OCRExitCode": exit, "IsErroredOnProcessing": false });
        assert_eq!(read(200, &answer), "«¥199.00\n支付成功\n»");
    }
    let none = json!({ "OCRExitCode": 1, "IsErroredOnProcessing": false, "ErrorMessage": null });
    assert_eq!(read(200, &none), "«»");
}

#[test]
fn each_failure_says_what_to_do_next() {
    for (status, answer, means) in [
        (403, json!("The API key is invalid"), "locked"),
        (
            403,
            json!(
                "You may only perform this action upto maximum 10 number of times within 600 seconds"
            ),
            "wait 600",
        ),
        (
            403,
            json!(
                "You may only perform this action upto maximum 500 number of times within 86400 seconds"
            ),
            "wait 3600",
        ),
        (429, json!({}), "wait 600"),
        (
            200,
            errored(&json!(["Timed out waiting for results"])),
            "away",
        ),
        (
            200,
            errored(&json!(
                "File failed validation. File size exceeds the maximum permissible file size limit of 1024 KB"
            )),
            "too big",
        ),
        (
            200,
            errored(&json!(["Unable to detect the file extension", "E216"])),
            "never",
        ),
        (
            200,
            errored(&json!(["All images/pages errored in parsing"])),
            "never",
        ),
        (200, errored(&json!(["System Resource Exhaustion"])), "away"),
        (
            200,
            json!({ "OCRExitCode": 1, "IsErroredOnProcessing": "true" }),
            "away",
        ),
        (
            200,
            json!({ "OCRExitCode": 1, "ParsedResults": [{ "FileParseExitCode": -20, "ErrorMessage": "timeout" }] }),
            "away",
        ),
        (200, json!("what?"), "away"),
        (200, json!(null), "away"),
        (200, json!([]), "away"),
        (
            200,
            json!({ "OCRExitCode": 1, "ParsedResults": "none" }),
            "away",
        ),
        (
            200,
            json!({ "OCRExitCode": 1, "ParsedResults": [{ "FileParseExitCode": 1, "ParsedText": 199 }] }),
            "away",
        ),
        (
            200,
            json!({ "OCRExitCode": {}, "ParsedResults": [] }),
            "away",
        ),
        (200, json!({}), "away"),
        (502, json!("<html>Bad Gateway</html>"), "away"),
        (413, json!(""), "too big"),
        (401, json!(""), "locked"),
    ] {
        assert_eq!(read(status, &answer), means, "{status} {answer}");
    }
}
