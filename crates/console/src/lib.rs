//! Shows how the desk is: `/healthz` (alive), `/readyz` (in order, or what is wrong) and `/metrics`
//! (Prometheus).
//!
//! What must stay true: nothing here changes anything, and nothing here says a secret. The reasons
//! in [`Readiness`] come from outside; whoever writes them keeps tokens and passwords out.

mod measures;
mod readiness;
mod registry;

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};

pub use measures::Measures;
pub use readiness::Readiness;
pub use registry::{Counter, Family, Gauge, Histogram, Registry};

/// The version of the exposition format (Prometheus documentation, "Text-based format").
const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How long a scrape waits for fresh figures before it answers with the last ones.
const SAMPLING: Duration = Duration::from_secs(2);

type Sample = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// What the pages show.
#[derive(Clone)]
pub struct Console {
    readiness: Readiness,
    registry: Registry,
    sample: Option<Sample>,
}

impl Console {
    /// Shows what `readiness` and `registry` hold at the moment of each request.
    pub fn new(readiness: Readiness, registry: Registry) -> Self {
        Self {
            readiness,
            registry,
            sample: None,
        }
    }

    /// Runs `sample` before each answer of `/metrics`: it sets the gauges that cost a query, so that
    /// they are fresh when somebody looks and cost nothing while nobody does. It gets 2 s.
    #[must_use]
    pub fn sampled_by<F, Fut>(mut self, sample: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.sample = Some(Arc::new(move || Box::pin(sample())));
        self
    }

    /// The pages, to be merged into whatever else listens on the same address.
    pub fn router(self) -> Router {
        Router::new()
            .route("/healthz", get(healthz))
            .route("/readyz", get(readyz))
            .route("/metrics", get(metrics))
            .with_state(self)
    }
}

/// The process answers, so it lives; whether it can work is another page's matter, lest a
/// supervisor restarts it because a messenger is down.
async fn healthz() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], "ok\n")
}

async fn readyz(State(console): State<Console>) -> impl IntoResponse {
    let troubles = console.readiness.troubles();
    let (status, body) = if troubles.is_empty() {
        (StatusCode::OK, "ok\n".to_owned())
    } else {
        let lines = troubles
            .iter()
            .map(|(part, why)| format!("{part}: {why}\n"));
        (StatusCode::SERVICE_UNAVAILABLE, lines.collect())
    };
    (status, [(header::CACHE_CONTROL, "no-store")], body)
}

async fn metrics(State(console): State<Console>) -> impl IntoResponse {
    if let Some(sample) = &console.sample {
        // A database that hangs must not hide the figures that say so.
        let _late = tokio::time::timeout(SAMPLING, sample()).await;
    }
    (
        [
            (header::CONTENT_TYPE, PROMETHEUS_TEXT),
            (header::CACHE_CONTROL, "no-store"),
        ],
        console.registry.render(),
    )
}
