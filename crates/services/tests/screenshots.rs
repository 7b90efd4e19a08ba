//! Generated screenshots of payments, read by the real Tesseract: nothing is ever credited wrongly,
//! and as much is recognised as `docs/recognition.md` says.

#[path = "screenshots/cases.rs"]
mod cases;
#[path = "screenshots/draw.rs"]
mod draw;

use std::path::PathBuf;

fn pictures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/screenshots/pictures")
}

#[test]
#[ignore = "draws the pictures anew, with Chromium"]
fn draws_the_pictures() {
    for case in cases::all() {
        draw::draw(&case, &pictures());
    }
}
