//! Emulated messengers, Google Sheets and OCR.space over real HTTP, on one port: for tests, for the demo, and for other
//! people's bots.
//!
//! It imports none of our other crates: whatever talks to it must not be able to tell it from the real thing by
//! anything but its address. `README.md` describes the control API, `/sandbox/…`.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

mod args;
mod calls;
mod clock;
mod control;
mod facebook;
mod faults;
mod files;
pub mod google;
mod messenger;
mod net;
mod ocr;
mod page;
mod reply;
mod request;
mod service;
pub mod telegram;
pub mod vk;
mod world;

use clock::Ahead;
use messenger::Messenger;
use world::World;

/// Serves the sandbox on `listener` until `stop` completes; each call is a world of its own, which begins empty.
///
/// Open long polls and event streams are ended at once when it stops.
pub async fn serve(
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let world = World::new(base(listener.local_addr()?));
    serve_in(Arc::new(world), listener, stop).await
}

async fn serve_in(
    world: Arc<World>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let stopped = world.stop.clone();
    let app = control::routes()
        .merge(facebook::control::routes())
        .merge(vk::control::routes())
        .merge(google::control::routes())
        .merge(ocr::control::routes())
        .merge(page::routes())
        .fallback(receive)
        // The messengers bound what they take by themselves.
        .layer(DefaultBodyLimit::disable())
        .with_state(world)
        .into_make_service_with_connect_info::<net::Line>();
    axum::serve(net::Doors(listener), app)
        .with_graceful_shutdown(async move {
            stop.await;
            stopped.cancel();
        })
        .await
}

/// Where others on this machine reach us: an address that means "any" is no address to them.
fn base(mut addr: SocketAddr) -> String {
    if addr.ip().is_unspecified() {
        addr.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    format!("http://{addr}")
}

/// Whatever is not a page or the control API belongs to a messenger.
async fn receive(
    State(world): State<Arc<World>>,
    ConnectInfo(line): ConnectInfo<net::Line>,
    request: Request,
) -> Response {
    match Messenger::at(request.uri().path()) {
        Some(Messenger::Telegram) => telegram::receive(world, line, request).await,
        Some(Messenger::Facebook) => facebook::receive(world, line, request).await,
        Some(Messenger::Vk) => vk::receive(world, line, request).await,
        Some(Messenger::Google) => google::receive(world, line, request).await,
        Some(Messenger::Ocr) => ocr::receive(world, line, request).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A sandbox that runs inside this process.
#[derive(Debug)]
pub struct Sandbox {
    /// Where it listens.
    pub addr: SocketAddr,
    ahead: Ahead,
    stop: CancellationToken,
    task: JoinHandle<io::Result<()>>,
}

impl Sandbox {
    /// Starts one; port 0 takes a free port. Fails when the address cannot be bound.
    pub async fn start(addr: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let stop = CancellationToken::new();
        let world = World::new(base(addr));
        let ahead = world.clock.ahead();
        let stopped = stop.clone().cancelled_owned();
        let task = tokio::spawn(serve_in(Arc::new(world), listener, stopped));
        Ok(Self {
            addr,
            ahead,
            stop,
            task,
        })
    }

    /// How far its clock is ahead of the wall clock (`POST /sandbox/clock`).
    pub fn ahead(&self) -> Duration {
        self.ahead.now()
    }

    /// Base URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Stops serving and waits until open answers are written.
    pub async fn stop(self) -> io::Result<()> {
        self.stop.cancel();
        self.task.await.map_err(io::Error::other)?
    }
}
