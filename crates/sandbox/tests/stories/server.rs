//! A server of somebody who takes webhooks: what it was sent, and what it answers next.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;

use crate::stage::until;

/// What came with one POST.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) headers: HeaderMap,
    pub(crate) raw: Bytes,
    pub(crate) body: Value,
}

impl Post {
    /// A header, if it is there.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    usual: fn(&Value) -> Response,
    posts: Arc<Mutex<Vec<Post>>>,
    planned: Arc<Mutex<VecDeque<Response>>>,
}

impl Server {
    /// A server; `usual` is what it answers when nothing is planned. `more` are routes besides `/hook`.
    pub(crate) async fn start(usual: fn(&Value) -> Response, more: Router) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let server = Self {
            url: format!("http://{addr}/hook"),
            usual,
            posts: Arc::default(),
            planned: Arc::default(),
        };
        let routes = Router::new()
            .route("/hook", post(take))
            .with_state(server.clone())
            .merge(more);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        server
    }

    /// So the next POST that nothing is planned for is answered.
    pub(crate) fn plan(&self, response: impl IntoResponse) {
        let mut planned = self.planned.lock().expect("a lock");
        planned.push_back(response.into_response());
    }

    pub(crate) fn posts(&self) -> MutexGuard<'_, Vec<Post>> {
        self.posts.lock().expect("a lock")
    }

    /// What these come to, once there are so many.
    pub(crate) async fn sees(
        &self,
        count: usize,
        text: fn(&Post) -> Option<String>,
    ) -> Vec<String> {
        until(async || Some(self.texts(text)).filter(|texts| texts.len() >= count)).await
    }

    pub(crate) fn texts(&self, text: fn(&Post) -> Option<String>) -> Vec<String> {
        self.posts().iter().filter_map(text).collect()
    }
}

async fn take(State(server): State<Server>, headers: HeaderMap, raw: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&raw).expect("JSON");
    let usual = (server.usual)(&body);
    server.posts().push(Post { headers, raw, body });
    let planned = server.planned.lock().expect("a lock").pop_front();
    planned.unwrap_or(usual)
}
