//! Answers of OCR.space: what was read, or why nothing was; nearly everything comes with HTTP 200.

use serde_json::{Value, json};

use crate::faults::OwnError;
use crate::reply::Reply;

const JSON: &str = "application/json; charset=utf-8";
const TOOK: &str = "321";

/// Nothing was read.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// The service in front says no: a sentence, as a JSON string.
    Door { status: u16, what: String },
    /// An answer like any other, with an exit code.
    Errored {
        exit: i64,
        messages: Vec<String>,
        details: Option<String>,
    },
}

/// Something is wrong with the request itself.
const VALIDATION: i64 = 99;
/// No page could be read.
const ALL_FAILED: i64 = 3;

impl Refusal {
    pub(crate) fn key() -> Self {
        Self::Door {
            status: 403,
            what: "The API key is invalid".to_owned(),
        }
    }

    pub(crate) fn quota(most: usize) -> Self {
        Self::Door {
            status: 403,
            what: format!(
                "You may only perform this action upto maximum {most} number of times within 86400 seconds"
            ),
        }
    }

    /// The request is not as it should be.
    pub(crate) fn invalid(messages: Vec<String>) -> Self {
        Self::Errored {
            exit: VALIDATION,
            messages,
            details: None,
        }
    }

    pub(crate) fn too_big(most_kb: usize) -> Self {
        let what = format!(
            "File failed validation. File size exceeds the maximum permissible file size limit of {most_kb} KB"
        );
        Self::Errored {
            exit: ALL_FAILED,
            messages: vec![what],
            details: None,
        }
    }

    /// The picture came, and could not be read.
    pub(crate) fn unreadable(details: String) -> Self {
        Self::Errored {
            exit: ALL_FAILED,
            messages: vec![words(ALL_FAILED).to_owned()],
            details: Some(details),
        }
    }

    pub(crate) fn reply(&self) -> Reply {
        match self {
            Self::Door { status, what } => json_reply(*status, &json!(what)),
            Self::Errored {
                exit,
                messages,
                details,
            } => {
                // Both forms are seen in the wild; the fatal error has the rarer one.
                let message = if *exit == 4 {
                    json!(messages.join(" "))
                } else {
                    json!(messages)
                };
                let body = json!({
                    "OCRExitCode": exit,
                    "IsErroredOnProcessing": true,
                    "ErrorMessage": message,
                    "ErrorDetails": details,
                    "ProcessingTimeInMilliseconds": TOOK,
                });
                json_reply(200, &body)
            }
        }
    }
}

impl From<&OwnError> for Refusal {
    /// With a `status` the service's door says no, with a `code` (3 unless given) the answer has that exit code.
    fn from(own: &OwnError) -> Self {
        let exit = own.code.unwrap_or(ALL_FAILED);
        match own.status {
            Some(status) if status != 200 => Self::Door {
                status,
                what: own
                    .description
                    .clone()
                    .unwrap_or_else(|| "An error has occurred.".to_owned()),
            },
            Some(_) | None => Self::Errored {
                exit,
                messages: vec![
                    own.description
                        .clone()
                        .unwrap_or_else(|| words(exit).to_owned()),
                ],
                details: None,
            },
        }
    }
}

fn words(exit: i64) -> &'static str {
    match exit {
        2 => "Some pages errored in parsing",
        ALL_FAILED => "All images/pages errored in parsing",
        4 => "A fatal error occurred during parsing",
        _ => "An error occurred",
    }
}

/// What was read, one text a page.
pub(crate) fn read(pages: &[String], with_overlay: bool) -> Reply {
    let results: Vec<Value> = pages
        .iter()
        .map(|text| {
            json!({
                "TextOverlay": overlay(text, with_overlay),
                "TextOrientation": "0",
                "FileParseExitCode": 1,
                "ParsedText": crlf(text),
                "ErrorMessage": "",
                "ErrorDetails": "",
            })
        })
        .collect();
    let body = json!({
        "ParsedResults": results,
        "OCRExitCode": 1,
        "IsErroredOnProcessing": false,
        "ProcessingTimeInMilliseconds": TOOK,
        "SearchablePDFURL": "Searchable PDF not generated as it was not requested.",
    });
    json_reply(200, &body)
}

/// Every line ends as on Windows.
fn crlf(text: &str) -> String {
    let lines = text.lines().map(|line| format!("{line}\r\n"));
    lines.collect()
}

/// Where the words stand: each 20 pixels high, 10 a letter.
fn overlay(text: &str, is_wanted: bool) -> Value {
    if !is_wanted {
        let message = "Text overlay is not provided as it is not requested";
        return json!({ "Lines": [], "HasOverlay": false, "Message": message });
    }
    let lines: Vec<Value> = text
        .lines()
        .enumerate()
        .map(|(number, line)| {
            let top = number * 20;
            let mut left = 0;
            let words: Vec<Value> = line
                .split_whitespace()
                .map(|word| {
                    let width = word.chars().count() * 10;
                    let at = left;
                    left += width + 10;
                    json!({ "WordText": word, "Left": at, "Top": top, "Height": 20, "Width": width })
                })
                .collect();
            json!({ "LineText": line, "Words": words, "MaxHeight": 20, "MinTop": top })
        })
        .collect();
    let message = format!("Total lines: {}", lines.len());
    json!({ "Lines": lines, "HasOverlay": true, "Message": message })
}

fn json_reply(status: u16, value: &Value) -> Reply {
    Reply {
        mime: JSON,
        ..Reply::new(status, value.to_string())
    }
}
