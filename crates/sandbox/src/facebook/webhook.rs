//! Webhooks over HTTP: the handshake, and the delivery of what waits in an [`Outlet`], signed, repeated until a 200
//! answers: at once, then after growing pauses.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::outlet::{Channel, Event, Outlet};
use super::sign;
use crate::clock::Millis;
use crate::world::{Scene, World};

/// Whoever answers later than this is asked again.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest pause between attempts.
const MAX_PAUSE: Duration = Duration::from_mins(5);

/// Sets a page's webhook, after the handshake with it has succeeded; subscribes to everything if to nothing yet.
pub(crate) async fn set(
    world: &Arc<World>,
    page: i64,
    url: String,
    verify_token: &str,
) -> Result<(), String> {
    shake(world, page, &url, verify_token).await?;
    let begin = world.act(|scene| {
        scene.touch();
        scene.facebook.page(page).outlet.aim(url)
    });
    if let Some(wake) = begin {
        tokio::spawn(dispatch(world.clone(), page, wake));
    }
    Ok(())
}

/// The verification request: the challenge must come back as it is.
async fn shake(world: &World, page: i64, url: &str, verify_token: &str) -> Result<(), String> {
    let challenge = sign::sha256(
        "challenge",
        format!("{page}/{}", world.clock.millis()).as_bytes(),
    );
    let query = [
        ("hub.mode", "subscribe"),
        ("hub.verify_token", verify_token),
        ("hub.challenge", &challenge),
    ];
    let request = world.http().get(url).query(&query).timeout(TIMEOUT);
    let response = request
        .send()
        .await
        .map_err(|_| format!("{url} did not answer the verification request: is it listening?"))?;
    let status = response.status();
    let answer = response.text().await.unwrap_or_default();
    if status == 200 && answer == challenge {
        Ok(())
    } else {
        Err(format!(
            "{url} answered the verification request with {status} and {answer:?}: a 200 with hub.challenge is needed"
        ))
    }
}

/// Gives parcels to connections, as long as this outlet lives.
async fn dispatch(world: Arc<World>, page: i64, wake: Arc<Notify>) {
    loop {
        let woken = wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        loop {
            match with(&world, page, &wake, |outlet, _| outlet.next()) {
                None => return,
                Some(None) => break,
                Some(Some(number)) => {
                    tokio::spawn(serve(world.clone(), page, wake.clone(), number));
                }
            }
        }
        tokio::select! {
            () = &mut woken => {}
            () = world.stop.cancelled() => return,
        }
    }
}

/// Delivers a parcel, again and again until it has arrived or is given up.
async fn serve(world: Arc<World>, page: i64, wake: Arc<Notify>, number: u64) {
    let mut attempt = 0;
    while let Some(post) = post(&world, page, &wake, number) {
        let sent = deliver(&world, post).await;
        attempt += 1;
        let waits = with(&world, page, &wake, |outlet, now| {
            match sent {
                Ok(()) => outlet.done(number),
                Err(why) => outlet.failed(why, now),
            }
            outlet.parcel(number).is_some()
        });
        world.act(Scene::touch);
        if waits != Some(true) {
            break;
        }
        let pause = Millis::try_from(pause(attempt).as_millis()).unwrap_or(0);
        // Whoever waits for their next attempt keeps nobody else from theirs.
        with(&world, page, &wake, |outlet, _| outlet.free());
        tokio::select! {
            () = world.clock.sleep_until(world.clock.millis() + pause) => {}
            () = world.stop.cancelled() => return,
        }
        with(&world, page, &wake, |outlet, _| outlet.occupy());
    }
    with(&world, page, &wake, |outlet, _| outlet.free());
}

/// At once, then 2, 4, 8 … seconds.
fn pause(attempt: u32) -> Duration {
    match attempt {
        0 | 1 => Duration::ZERO,
        _ => Duration::from_secs(1 << (attempt - 1).min(10)).min(MAX_PAUSE),
    }
}

struct Post {
    url: String,
    body: String,
    /// The app's secret.
    secret: String,
}

/// The request that carries a parcel; `None` when it is no longer to be sent.
fn post(world: &World, page: i64, wake: &Arc<Notify>, number: u64) -> Option<Post> {
    world.act(|scene| {
        let now = scene.now;
        let page = scene.facebook.pages.get(&page)?;
        let outlet = &page.outlet;
        if !outlet.wakes(wake) {
            return None;
        }
        let events = outlet.parcel(number)?;
        Some(Post {
            url: outlet.url()?.to_owned(),
            body: escaped(&body(page.id, events, now).to_string()),
            secret: page.app_secret.clone().unwrap_or_default(),
        })
    })
}

fn body(page: i64, events: &[Event], now: Millis) -> Value {
    if let [event] = events
        && event.channel == Channel::Whole
    {
        return event.body.clone();
    }
    let entries: Vec<Value> = events
        .iter()
        .map(|event| {
            let list = match event.channel {
                Channel::Standby => "standby",
                Channel::Messaging | Channel::Whole => "messaging",
            };
            json!({ "id": page.to_string(), "time": now, list: [event.body] })
        })
        .collect();
    json!({ "object": "page", "entry": entries })
}

/// JSON text as Meta writes it: everything that is not ASCII as `\u` escapes, and slashes escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '/' => out.push_str("\\/"),
            _ if c.is_ascii() => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing into a string cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}

/// One POST; only a 200 counts.
async fn deliver(world: &World, post: Post) -> Result<(), String> {
    let long = format!(
        "sha256={}",
        sign::sha256(&post.secret, post.body.as_bytes())
    );
    let short = format!("sha1={}", sign::sha1(&post.secret, post.body.as_bytes()));
    let request = world
        .http()
        .post(&post.url)
        .timeout(TIMEOUT)
        .header("content-type", "application/json")
        .header("user-agent", "facebookexternalua")
        .header("x-hub-signature-256", long)
        .header("x-hub-signature", short)
        .body(post.body);
    let response = request.send().await.map_err(|error| {
        let why = match (error.is_connect(), error.is_timeout()) {
            (true, _) => "the connection was refused",
            (false, true) => "no answer in time",
            (false, false) => "the connection was closed",
        };
        why.to_owned()
    })?;
    match response.status().as_u16() {
        200 => Ok(()),
        status => Err(format!("answered {status}")),
    }
}

/// Does something with the outlet, if it is still the same.
fn with<T>(
    world: &World,
    page: i64,
    wake: &Arc<Notify>,
    deed: impl FnOnce(&mut Outlet, Millis) -> T,
) -> Option<T> {
    world.act(|scene| {
        let now = scene.now;
        let outlet = &mut scene.facebook.pages.get_mut(&page)?.outlet;
        if !outlet.wakes(wake) {
            return None;
        }
        Some(deed(outlet, now))
    })
}
