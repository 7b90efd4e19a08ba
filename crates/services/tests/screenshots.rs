//! Generated screenshots of payments, read by the real Tesseract: none is ever credited wrongly, and
//! as many are recognised as `docs/recognition.md` says. A dozen of them at each run, for reading one takes
//! a processor some seconds; all of them with `--ignored`.

#[path = "screenshots/cases.rs"]
mod cases;
#[path = "screenshots/draw.rs"]
mod draw;

use std::{collections::BTreeMap, fs, path::PathBuf};

use bytes::Bytes;
use cases::Case;
use engine::{
    amounts,
    payment::{Judgement, Looks, judge, transaction},
};
use services::{
    ocr::{Reader, Tesseract},
    picture::looks,
};

/// Of the screenshots that pay a tariff, at least so many are recognised: of all 35, and of the 7 among the
/// dozen. `docs/recognition.md` has the table. Other versions of Tesseract may read a few differently.
const RECOGNISED: usize = 33;
const RECOGNISED_OF_FEW: usize = 6;

fn pictures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/screenshots/pictures")
}

fn picture(case: &Case) -> Bytes {
    let file = pictures().join(format!("{}.jpg", case.name()));
    fs::read(file).expect("a picture that was drawn").into()
}

/// What came of one.
struct Told {
    credited: Option<String>,
    line: String,
}

async fn told(case: &Case, tesseract: &Tesseract) -> Told {
    let text = tesseract.read(picture(case)).await.expect("a text");
    let judged = judge(&text, &cases::tariffs());
    let sums = amounts::find(&text)
        .into_iter()
        .map(|sum| format!("{} {:?}", sum.text, sum.role));
    let sums = sums.collect::<Vec<_>>().join(" ");
    let number = transaction(&text).unwrap_or_default();
    let (credited, words) = match judged {
        Judgement::Paid(tariff) => (Some(tariff.name.clone()), tariff.name),
        Judgement::Several(_) => (None, "several".to_owned()),
        Judgement::Doubtful(_) => (None, "doubtful".to_owned()),
        Judgement::NoTariff => (None, "no tariff".to_owned()),
        Judgement::NoSum => (None, "no sum".to_owned()),
        Judgement::NotPaid(_) => (None, "not paid".to_owned()),
    };
    let line = format!("{} {}: {words} [{sums}] {number}", case.name(), case.shown);
    Told { credited, line }
}

#[tokio::test]
async fn no_screenshot_is_credited_wrongly_and_most_are_recognised() {
    recognises(&cases::few(), RECOGNISED_OF_FEW).await;
}

#[tokio::test]
#[ignore = "reads all fifty, for minutes"]
async fn of_all_screenshots_none_is_credited_wrongly_and_most_are_recognised() {
    recognises(&cases::all(), RECOGNISED).await;
}

async fn recognises(cases: &[Case], at_least: usize) {
    let tesseract = Tesseract::default();
    if let Err(missing) = tesseract.check().await {
        eprintln!("SKIPPED, nothing was read: {missing}");
        return;
    }
    let mut wrong = Vec::new();
    let mut table: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for case in cases {
        let Told { credited, line } = told(case, &tesseract).await;
        println!("{line}");
        let right = credited.as_deref() == case.pays;
        if credited.is_some() && !right {
            wrong.push(line);
        }
        if case.pays.is_some() {
            let (recognised, of) = table.entry(case.look).or_default();
            *recognised += usize::from(right);
            *of += 1;
        }
    }
    println!("recognised: {table:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    let recognised: usize = table.values().map(|(recognised, _)| recognised).sum();
    assert!(recognised >= at_least, "{recognised} recognised: {table:?}");
}

#[test]
fn a_screenshot_that_is_sent_again_looks_the_same() {
    looks_the_same(&cases::few());
}

#[test]
#[ignore = "compares all fifty"]
fn each_screenshot_that_is_sent_again_looks_the_same() {
    looks_the_same(&cases::all());
}

fn looks_the_same(cases: &[Case]) {
    let mut alike = 0;
    let mut others: Vec<(&str, Looks)> = Vec::new();
    for case in cases {
        let picture = picture(case);
        let first = looks(&picture).expect("a picture");
        let again = draw::sent_again(&picture, 640, 50);
        let again = looks(&again).expect("a picture");
        assert!(first.resembles(again), "{}", case.name());
        let resembling = others
            .iter()
            .filter(|(look, other)| *look == case.look && first.resembles(*other));
        alike += usize::from(resembling.count() > 0);
        let foreign = others
            .iter()
            .filter(|(look, other)| *look != case.look && first.resembles(*other));
        assert_eq!(foreign.count(), 0, "{}", case.name());
        others.push((case.look, first));
    }
    println!(
        "{alike} of {} look like another payment by the same program",
        others.len()
    );
}

#[test]
#[ignore = "draws the pictures anew, with Chromium"]
fn draws_the_pictures() {
    for case in cases::all() {
        draw::draw(&case, &pictures());
    }
}
