//! The pages over real HTTP, as a supervisor and Prometheus see them.

use console::{Console, Measures, Readiness, Registry};
use reqwest::{Response, StatusCode};

struct Desk {
    readiness: Readiness,
    measures: Measures,
    address: String,
}

impl Desk {
    async fn open() -> Self {
        let registry = Registry::default();
        let measures = Measures::new(&registry, "1.2.3");
        let readiness = Readiness::of(["database", "telegram"]);
        let waiting = measures.tickets.clone();
        let console = Console::new(readiness.clone(), registry).sampled_by(move || {
            let waiting = waiting.with(&["WAITING"]);
            async move { waiting.set(7.0) }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, console.router()).await });
        Self {
            readiness,
            measures,
            address,
        }
    }

    async fn get(&self, path: &str) -> Response {
        reqwest::get(format!("{}{path}", self.address))
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn it_is_alive_before_it_is_ready() {
    let desk = Desk::open().await;
    assert_eq!(desk.get("/healthz").await.status(), StatusCode::OK);
    assert_eq!(
        desk.get("/readyz").await.status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
}

#[tokio::test]
async fn each_trouble_is_a_line() {
    let desk = Desk::open().await;
    desk.readiness
        .trouble("telegram", "the messenger refuses the token");
    let page = desk.get("/readyz").await.text().await.unwrap();
    assert_eq!(
        page,
        "database: starting\ntelegram: the messenger refuses the token\n"
    );
}

#[tokio::test]
async fn it_is_ready_when_every_part_is_in_order() {
    let desk = Desk::open().await;
    desk.readiness.fine("database");
    desk.readiness.fine("telegram");
    let answer = desk.get("/readyz").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.text().await.unwrap(), "ok\n");
}

#[tokio::test]
async fn prometheus_reads_fresh_figures() {
    let desk = Desk::open().await;
    desk.measures.deliveries.with(&["telegram", "sent"]).add(3);
    let answer = desk.get("/metrics").await;
    assert_eq!(
        answer.headers()["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let page = answer.text().await.unwrap();
    for line in [
        "zabota_build_info{version=\"1.2.3\"} 1\n",
        "zabota_deliveries_total{channel=\"telegram\",outcome=\"sent\"} 3\n",
        "zabota_open_tickets{status=\"WAITING\"} 7\n",
        "zabota_inbox_depth 0\n",
    ] {
        assert!(page.contains(line), "{line} in {page}");
    }
}
