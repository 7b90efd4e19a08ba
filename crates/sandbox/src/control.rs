//! `/sandbox/…`: the hand behind the stage. `README.md` is its specification.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post};
use axum::{Json, Router};
use futures_util::Stream;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::facebook;
use crate::faults::Fault;
use crate::files::{File, FileId};
use crate::google;
use crate::messenger::Messenger;
use crate::telegram::deeds;
use crate::telegram::people;
use crate::telegram::{view, writing};
use crate::vk;
use crate::world::{Deed, Scene, World};

/// Larger than what bots may download, so that a test can show them a file that is too big.
const MAX_UPLOAD: usize = 64 << 20;
/// Changes are told at most so often.
const COALESCE: Duration = Duration::from_millis(50);

pub(crate) type Shared = State<Arc<World>>;

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/sandbox/state", get(state))
        .route("/sandbox/events", get(events))
        .route("/sandbox/people", post(add_person))
        .route("/sandbox/crowd", post(add_crowd))
        .route("/sandbox/bots", post(add_bot))
        .route("/sandbox/groups", post(add_group))
        .route("/sandbox/groups/{group}/join", post(join))
        .route("/sandbox/groups/{group}/leave", post(leave))
        .route("/sandbox/groups/{group}/migrate", post(migrate))
        .route("/sandbox/messages", post(write))
        .route(
            "/sandbox/messages/{chat}/{id}",
            patch(edit).delete(delete_message),
        )
        .route("/sandbox/albums", post(album))
        .route("/sandbox/files", post(upload))
        .route("/sandbox/files/{file}", get(file))
        .route("/sandbox/press", post(press))
        .route("/sandbox/callbacks/{id}", get(callback))
        .route("/sandbox/reactions", post(react))
        .route("/sandbox/block", post(block))
        .route("/sandbox/unblock", post(unblock))
        .route("/sandbox/faults", post(add_fault).delete(clear_faults))
        .route("/sandbox/faults/{id}", delete(remove_fault))
        .route("/sandbox/calls", get(calls))
        .route("/sandbox/violations", get(violations))
        .route("/sandbox/limits", post(limits))
        .route("/sandbox/clock", post(clock))
        .route("/sandbox/reset", post(reset))
        .route("/sandbox/redeliver", post(redeliver))
        .route("/sandbox/updates", post(push_update))
        .layer(DefaultBodyLimit::max(MAX_UPLOAD))
}

/// 400 with a sentence.
pub(crate) struct Refused(pub(crate) String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({ "error": self.0 }))).into_response()
    }
}

pub(crate) type Answer = Result<Json<Value>, Refused>;

/// A JSON body, read whatever its content type says; what is wrong with it is said in words.
pub(crate) struct Given<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<World>> for Given<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, world: &Arc<World>) -> Result<Self, Refused> {
        let body = bytes::Bytes::from_request(request, world)
            .await
            .map_err(|error| Refused(error.to_string()))?;
        let body: &[u8] = if body.is_empty() { b"{}" } else { &body };
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|error| Refused(error.to_string()))
    }
}

/// Does a deed and answers with what it comes to.
pub(crate) fn act(world: &World, deed: impl FnOnce(&mut Scene) -> Deed) -> Answer {
    world.act(deed).map(Json).map_err(Refused)
}

#[derive(Deserialize)]
struct Shown {
    chat: Option<i64>,
}

async fn state(State(world): Shared, Query(shown): Query<Shown>) -> Json<Value> {
    Json(world.act(|scene| {
        let stages = [
            view::everybody(scene, shown.chat),
            vk::view::everybody(scene),
            facebook::view::everybody(scene),
        ];
        let (mut bots, mut people, mut chats) = (Vec::new(), Vec::new(), Vec::new());
        for stage in stages {
            bots.extend(stage.0);
            people.extend(stage.1);
            chats.extend(stage.2);
        }
        if let Some(only) = shown.chat {
            people.retain(|person: &Value| person["id"] == only);
            chats.retain(|chat: &Value| chat["id"] == only);
        }
        json!({
            "seq": scene.seq,
            "now": scene.date(),
            "bots": bots,
            "people": people,
            "chats": chats,
            "sheets": google::everything(scene),
        })
    }))
}

async fn events(
    State(world): Shared,
) -> Sse<axum::response::sse::KeepAliveStream<impl Stream<Item = Result<Event, Infallible>>>> {
    let news = world.changes.subscribe();
    let stop = world.stop.clone();
    let stream =
        futures_util::stream::unfold((news, stop, true), |(mut news, stop, first)| async move {
            if !first {
                let changed = tokio::select! {
                    changed = news.changed() => changed.is_ok(),
                    () = stop.cancelled() => false,
                };
                if !changed {
                    return None;
                }
                tokio::time::sleep(COALESCE).await;
            }
            let seq = *news.borrow_and_update();
            let event = Event::default()
                .event("changed")
                .data(json!({ "seq": seq }).to_string());
            Some((Ok(event), (news, stop, false)))
        });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

async fn add_person(State(world): Shared, Given(new): Given<people::NewPerson>) -> Answer {
    act(&world, |scene| people::add_person(scene, new))
}

async fn add_crowd(State(world): Shared, Given(new): Given<people::Crowd>) -> Answer {
    act(&world, |scene| people::add_crowd(scene, &new))
}

async fn add_bot(State(world): Shared, Given(new): Given<people::NewBot>) -> Answer {
    act(&world, |scene| people::add_bot(scene, new))
}

async fn add_group(State(world): Shared, Given(new): Given<people::NewGroup>) -> Answer {
    act(&world, |scene| people::add_group(scene, new))
}

async fn join(
    State(world): Shared,
    Path(group): Path<i64>,
    Given(who): Given<people::Who>,
) -> Answer {
    act(&world, |scene| people::join(scene, group, &who))
}

async fn leave(
    State(world): Shared,
    Path(group): Path<i64>,
    Given(who): Given<people::Who>,
) -> Answer {
    act(&world, |scene| people::leave(scene, group, &who))
}

async fn migrate(State(world): Shared, Path(group): Path<i64>) -> Answer {
    act(&world, |scene| people::migrate(scene, group))
}

async fn write(State(world): Shared, Given(written): Given<writing::Written>) -> Answer {
    act(&world, |scene| writing::write(scene, &written))
}

async fn album(State(world): Shared, Given(given): Given<writing::Album>) -> Answer {
    act(&world, |scene| writing::album(scene, &given))
}

async fn edit(
    State(world): Shared,
    Path((chat, id)): Path<(i64, i64)>,
    Given(edited): Given<writing::Edited>,
) -> Answer {
    act(&world, |scene| writing::edit(scene, chat, id, &edited))
}

#[derive(Deserialize)]
struct By {
    from: i64,
}

async fn delete_message(
    State(world): Shared,
    Path((chat, id)): Path<(i64, i64)>,
    Query(by): Query<By>,
) -> Answer {
    act(&world, |scene| writing::delete(scene, chat, id, by.from))
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

async fn upload(State(world): Shared, Query(named): Query<Named>, request: Request) -> Answer {
    let mime = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let file = if mime.is_some_and(|mime| mime.starts_with("multipart/form-data")) {
        uploaded(request).await?
    } else {
        let mime = mime.map(str::to_owned);
        let body: Body = request.into_body();
        let bytes = axum::body::to_bytes(body, MAX_UPLOAD)
            .await
            .map_err(|e| Refused(e.to_string()))?;
        File::new(bytes, named.name, mime)
    };
    if file.bytes.is_empty() {
        return Err(Refused("the file is empty".to_owned()));
    }
    let id = world.act(|scene| scene.files.add(file));
    Ok(Json(json!({ "file": id.to_string() })))
}

async fn uploaded(request: Request) -> Result<File, Refused> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| Refused(error.to_string()))?;
    let refused = |error: axum::extract::multipart::MultipartError| Refused(error.to_string());
    while let Some(field) = form.next_field().await.map_err(refused)? {
        if field.name() == Some("file") {
            let name = field.file_name().map(str::to_owned);
            let mime = field.content_type().map(str::to_owned);
            return Ok(File::new(field.bytes().await.map_err(refused)?, name, mime));
        }
    }
    Err(Refused("no field \"file\" in the form".to_owned()))
}

async fn file(State(world): Shared, Path(name): Path<String>) -> Response {
    let found = FileId::parse(&name).and_then(|id| world.act(|scene| scene.files.get(id).cloned()));
    match found {
        Some(file) => (
            [(header::CONTENT_TYPE, file.mime.clone())],
            file.bytes.clone(),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn press(State(world): Shared, Given(pressed): Given<deeds::Pressed>) -> Answer {
    act(&world, |scene| deeds::press(scene, &pressed))
}

async fn callback(State(world): Shared, Path(id): Path<String>) -> Answer {
    act(&world, |scene| deeds::callback(scene, &id))
}

async fn react(State(world): Shared, Given(reacted): Given<deeds::Reacted>) -> Answer {
    act(&world, |scene| deeds::react(scene, &reacted))
}

async fn block(State(world): Shared, Given(who): Given<deeds::Blocking>) -> Answer {
    act(&world, |scene| deeds::block(scene, &who, true))
}

async fn unblock(State(world): Shared, Given(who): Given<deeds::Blocking>) -> Answer {
    act(&world, |scene| deeds::block(scene, &who, false))
}

async fn add_fault(State(world): Shared, Given(fault): Given<Fault>) -> Answer {
    fault.check().map_err(Refused)?;
    let id = world.faults().add(fault);
    Ok(Json(json!({ "id": id })))
}

async fn clear_faults(State(world): Shared) -> Answer {
    world.faults().clear();
    Ok(Json(json!({})))
}

async fn remove_fault(State(world): Shared, Path(id): Path<u64>) -> Answer {
    if world.faults().remove(id) {
        Ok(Json(json!({})))
    } else {
        Err(Refused(format!("no fault {id} (any more)")))
    }
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    since: u64,
    messenger: Option<Messenger>,
    method: Option<String>,
}

async fn calls(State(world): Shared, Query(wanted): Query<Wanted>) -> Json<Value> {
    let calls = world.calls();
    Json(calls.read(wanted.since, wanted.messenger, wanted.method.as_deref()))
}

async fn violations(State(world): Shared) -> Json<Value> {
    Json(world.calls().violations())
}

#[derive(Deserialize)]
struct Enforce {
    enforce: bool,
}

async fn limits(State(world): Shared, Given(limits): Given<Enforce>) -> Answer {
    world.act(|scene| scene.enforce = limits.enforce);
    Ok(Json(json!({ "enforce": limits.enforce })))
}

#[derive(Deserialize)]
struct Advance {
    /// Seconds; fractions are welcome.
    #[serde(default)]
    advance: f64,
}

async fn clock(State(world): Shared, Given(by): Given<Advance>) -> Answer {
    let by = Duration::try_from_secs_f64(by.advance)
        .map_err(|_| Refused("advance: seconds, and only forward".to_owned()))?;
    world.clock.advance(by);
    Ok(Json(json!({ "now": world.clock.seconds() })))
}

async fn reset(State(world): Shared) -> Answer {
    world.act(|scene| {
        scene.facebook.close();
        scene.vk.close();
        // Whoever polls now belongs to the world that ends.
        for bot in scene.telegram.bots.values_mut() {
            bot.queue.switch(None);
        }
        *scene = Scene {
            now: scene.now,
            seq: scene.seq + 1,
            base: std::mem::take(&mut scene.base),
            ..Scene::default()
        };
    });
    world.faults().clear();
    world.calls().clear();
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
struct Again {
    bot: i64,
    update_id: i64,
}

async fn redeliver(State(world): Shared, Given(again): Given<Again>) -> Answer {
    act(&world, |scene| {
        let now = scene.now;
        let bot = scene
            .telegram
            .bots
            .get_mut(&again.bot)
            .ok_or_else(|| format!("no bot {}", again.bot))?;
        let id = again.update_id;
        if bot.queue.redeliver(id, now) {
            Ok(json!({}))
        } else {
            Err(format!(
                "update {id} was not confirmed, or is long forgotten"
            ))
        }
    })
}

#[derive(Deserialize)]
struct Raw {
    bot: i64,
    update: Value,
}

async fn push_update(State(world): Shared, Given(raw): Given<Raw>) -> Answer {
    act(&world, |scene| {
        let now = scene.now;
        let id = scene.telegram.bot(raw.bot).queue.push_raw(raw.update, now);
        Ok(json!({ "update_id": id }))
    })
}
