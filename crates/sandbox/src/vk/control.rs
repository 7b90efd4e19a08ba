//! `/sandbox/vk/…`: the hand behind the stage. `README.md` is its specification.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, patch, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{callback, events, longpoll, people, press, pressing, writing};
use crate::control::{Answer, Given, Shared, act};
use crate::world::World;

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/sandbox/vk/people", post(add_person))
        .route("/sandbox/vk/communities", post(add_community))
        .route("/sandbox/vk/messages", post(write))
        .route(
            "/sandbox/vk/messages/{chat}/{person}/{id}",
            patch(edit).delete(delete),
        )
        .route("/sandbox/vk/admin", post(write_as_admin))
        .route("/sandbox/vk/press", post(press_key))
        .route("/sandbox/vk/callbacks/{id}", get(outcome))
        .route("/sandbox/vk/reactions", post(react))
        .route("/sandbox/vk/typing", post(begin_typing))
        .route("/sandbox/vk/allow", post(allow))
        .route("/sandbox/vk/deny", post(deny))
        .route("/sandbox/vk/crop", post(crop))
        .route("/sandbox/vk/longpoll", post(fail))
        .route("/sandbox/vk/updates", post(push))
        .route("/sandbox/vk/redeliver", post(redeliver))
}

async fn add_person(State(world): Shared, Given(new): Given<people::NewPerson>) -> Answer {
    act(&world, |scene| people::add_person(scene, new))
}

async fn add_community(State(world): Shared, Given(new): Given<people::NewCommunity>) -> Answer {
    let answer = act(&world, |scene| people::add_community(scene, new));
    callback::start(&world);
    answer
}

async fn write(State(world): Shared, Given(written): Given<writing::Written>) -> Answer {
    act(&world, |scene| writing::write(scene, written))
}

async fn edit(
    State(world): Shared,
    Path((chat, person, id)): Path<(i64, i64, i64)>,
    Given(edited): Given<writing::Edited>,
) -> Answer {
    act(&world, |scene| {
        writing::edit(scene, chat, person, id, edited)
    })
}

async fn delete(State(world): Shared, Path((chat, person, id)): Path<(i64, i64, i64)>) -> Answer {
    act(&world, |scene| writing::delete(scene, chat, person, id))
}

async fn write_as_admin(State(world): Shared, Given(by): Given<writing::ByAdmin>) -> Answer {
    act(&world, |scene| writing::write_as_admin(scene, by))
}

async fn press_key(State(world): Shared, Given(pressed): Given<pressing::Pressed>) -> Answer {
    act(&world, |scene| pressing::press(scene, &pressed))
}

async fn outcome(State(world): Shared, Path(id): Path<String>) -> Answer {
    act(&world, |scene| press::outcome(scene, &id))
}

async fn react(State(world): Shared, Given(reacted): Given<pressing::Reacted>) -> Answer {
    act(&world, |scene| pressing::react(scene, &reacted))
}

async fn begin_typing(State(world): Shared, Given(typing): Given<pressing::Typing>) -> Answer {
    act(&world, |scene| pressing::begin_typing(scene, &typing))
}

async fn allow(State(world): Shared, Given(who): Given<people::Permission>) -> Answer {
    act(&world, |scene| people::permit(scene, &who, true))
}

async fn deny(State(world): Shared, Given(who): Given<people::Permission>) -> Answer {
    act(&world, |scene| people::permit(scene, &who, false))
}

#[derive(Deserialize)]
struct Crop {
    chat: i64,
    times: u32,
}

async fn crop(State(world): Shared, Given(crop): Given<Crop>) -> Answer {
    act(&world, |scene| {
        scene.vk.community(crop.chat).crop = crop.times;
        Ok(json!({}))
    })
}

async fn fail(State(world): Shared, Given(failure): Given<longpoll::Failure>) -> Answer {
    act(&world, |scene| longpoll::fail(scene, &failure))
}

#[derive(Deserialize)]
struct Raw {
    chat: i64,
    update: Value,
}

async fn push(State(world): Shared, Given(raw): Given<Raw>) -> Answer {
    act(&world, |scene| {
        let id = events::push_raw(scene, raw.chat, raw.update);
        Ok(json!({ "event_id": id }))
    })
}

#[derive(Deserialize)]
struct Again {
    chat: i64,
    event_id: String,
}

async fn redeliver(State(world): Shared, Given(again): Given<Again>) -> Answer {
    act(&world, |scene| {
        if events::redeliver(scene, again.chat, &again.event_id) {
            Ok(json!({}))
        } else {
            Err(format!(
                "no event {}, or it is long forgotten",
                again.event_id
            ))
        }
    })
}
