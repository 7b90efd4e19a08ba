//! `/sandbox/facebook/…`: the hand behind Messenger's stage. The crate's `README.md` is its specification.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::{patch, post};
use axum::{Json, Router};

use super::state::Chat;
use super::{deeds, people, writing};
use crate::control::{Answer, Given, Refused, Shared, act};
use crate::world::World;

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/sandbox/facebook/people", post(add_person))
        .route("/sandbox/facebook/pages", post(add_page))
        .route("/sandbox/facebook/messages", post(write))
        .route(
            "/sandbox/facebook/messages/{page}/{person}/{mid}",
            patch(edit).delete(delete),
        )
        .route("/sandbox/facebook/admin", post(admin))
        .route("/sandbox/facebook/press", post(press))
        .route("/sandbox/facebook/reactions", post(react))
        .route("/sandbox/facebook/read", post(read))
        .route("/sandbox/facebook/referral", post(refer))
        .route("/sandbox/facebook/optin", post(opt_in))
        .route("/sandbox/facebook/block", post(block))
        .route("/sandbox/facebook/unblock", post(unblock))
        .route("/sandbox/facebook/thread", post(own))
        .route("/sandbox/facebook/gather", post(gather))
        .route("/sandbox/facebook/updates", post(push))
        .route("/sandbox/facebook/redeliver", post(redeliver))
}

async fn add_person(State(world): Shared, Given(new): Given<people::NewPerson>) -> Answer {
    act(&world, |scene| people::add_person(scene, new))
}

async fn add_page(State(world): Shared, Given(new): Given<people::NewPage>) -> Answer {
    people::add_page(&world, new)
        .await
        .map(Json)
        .map_err(Refused)
}

async fn write(State(world): Shared, Given(written): Given<writing::Written>) -> Answer {
    act(&world, |scene| writing::write(scene, written))
}

async fn edit(
    State(world): Shared,
    Path((page, person, mid)): Path<(i64, i64, String)>,
    Given(edited): Given<writing::Edited>,
) -> Answer {
    act(&world, |scene| {
        writing::edit(scene, Chat { page, person }, &mid, &edited)
    })
}

async fn delete(
    State(world): Shared,
    Path((page, person, mid)): Path<(i64, i64, String)>,
) -> Answer {
    act(&world, |scene| {
        writing::delete(scene, Chat { page, person }, &mid)
    })
}

async fn admin(State(world): Shared, Given(answered): Given<writing::Answered>) -> Answer {
    act(&world, |scene| writing::admin(scene, answered))
}

async fn press(State(world): Shared, Given(pressed): Given<deeds::Pressed>) -> Answer {
    act(&world, |scene| deeds::press(scene, &pressed))
}

async fn react(State(world): Shared, Given(reacted): Given<deeds::Reacted>) -> Answer {
    act(&world, |scene| deeds::react(scene, &reacted))
}

async fn read(State(world): Shared, Given(who): Given<deeds::Who>) -> Answer {
    act(&world, |scene| deeds::look(scene, &who))
}

async fn refer(State(world): Shared, Given(came): Given<deeds::Came>) -> Answer {
    act(&world, |scene| deeds::refer(scene, &came))
}

async fn opt_in(State(world): Shared, Given(came): Given<deeds::Came>) -> Answer {
    act(&world, |scene| deeds::opt_in(scene, &came))
}

async fn block(State(world): Shared, Given(who): Given<deeds::Who>) -> Answer {
    act(&world, |scene| deeds::block(scene, &who, true))
}

async fn unblock(State(world): Shared, Given(who): Given<deeds::Who>) -> Answer {
    act(&world, |scene| deeds::block(scene, &who, false))
}

async fn own(State(world): Shared, Given(owned): Given<deeds::Owned>) -> Answer {
    act(&world, |scene| deeds::own(scene, &owned))
}

async fn gather(State(world): Shared, Given(gathered): Given<deeds::Gathered>) -> Answer {
    act(&world, |scene| deeds::gather(scene, &gathered))
}

async fn push(State(world): Shared, Given(raw): Given<deeds::Raw>) -> Answer {
    act(&world, |scene| deeds::push(scene, raw))
}

async fn redeliver(State(world): Shared, Given(again): Given<deeds::Again>) -> Answer {
    act(&world, |scene| deeds::redeliver(scene, &again))
}
