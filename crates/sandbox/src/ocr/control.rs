//! `/sandbox/ocr/…`: what the emulated OCR shall read. The crate's `README.md` is its specification.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;

use super::reads::Telling;
use super::tesseract;
use crate::control::{Answer, Given, Refused, Shared, act};
use crate::world::World;

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/sandbox/ocr/reads", get(told).post(tell).delete(forget))
        .route("/sandbox/ocr/key", post(key))
}

async fn tell(State(world): Shared, Given(telling): Given<Telling>) -> Answer {
    if telling.wants_tesseract() && !tesseract::is_there().await {
        let what = "tesseract is not installed here (Debian: apt install tesseract-ocr)";
        return Err(Refused(what.to_owned()));
    }
    act(&world, |scene| {
        scene.ocr.reads.tell(telling.read()?);
        Ok(json!({}))
    })
}

async fn told(State(world): Shared) -> Answer {
    act(&world, |scene| {
        Ok(json!({ "reads": scene.ocr.reads.shown() }))
    })
}

async fn forget(State(world): Shared) -> Answer {
    act(&world, |scene| {
        scene.ocr.reads.clear();
        Ok(json!({}))
    })
}

#[derive(Deserialize)]
struct Key {
    /// Absent: any key will do.
    key: Option<String>,
}

async fn key(State(world): Shared, Given(new): Given<Key>) -> Answer {
    act(&world, |scene| {
        scene.ocr.key = new.key;
        Ok(json!({}))
    })
}
