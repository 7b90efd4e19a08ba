//! Published sheets.

use reqwest::redirect::Policy;
use serde_json::json;

use crate::google::play::Play;

const PUBLISHED: &str = "/spreadsheets/d/e/2PACX-sheet-1/pub?gid=0&single=true&output=csv";
const EXPORTED: &str = "/spreadsheets/d/sheet-1/export?format=csv&gid=1111";

async fn get(play: &Play, path: &str) -> (u16, String) {
    let url = format!("{}{path}", play.sandbox.url());
    let response = play.http.get(url).send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.text().await.expect("text"))
}

#[tokio::test]
async fn a_published_tab_is_a_csv() {
    let play = Play::new().await;
    let text = "почта,имя,тариф,оплачено до\r\n\
                anna@example.org,Анна,Базовый,01.03.2026\r\n\
                ,,,\r\n\
                boris@example.org,,\"Про, \"\"плюс\"\"\",";
    assert_eq!(get(&play, PUBLISHED).await, (200, text.to_owned()));
    let tariffs = "тариф,цена,валюта,дней\r\nБазовый,\"1 990,00 ₽\",RUB,30";
    assert_eq!(get(&play, EXPORTED).await, (200, tariffs.to_owned()));
    let state = play.look("state").await;
    assert_eq!(state["sheets"][0]["tabs"][0]["csv"], PUBLISHED);
}

#[tokio::test]
async fn the_link_leads_on_once() {
    let play = Play::new().await;
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none());
    let client = client.build().expect("a client");
    let get = async |url: String| client.get(url).send().await.expect("an answer");
    let moved = get(format!("{}{PUBLISHED}", play.sandbox.url())).await;
    assert_eq!(moved.status(), 307);
    let there = moved.headers()["location"]
        .to_str()
        .expect("text")
        .to_owned();
    let file = get(there).await;
    assert_eq!(file.status(), 200);
    let mime = file.headers()["content-type"].to_str().expect("text");
    assert!(mime.starts_with("text/csv"));
    let calls = play.look("calls?messenger=google").await;
    let methods: Vec<_> = calls["calls"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|call| &call["method"])
        .collect();
    assert_eq!(methods, ["token", "csv_link", "csv"]);
}

#[tokio::test]
async fn what_is_not_published_is_a_page() {
    let play = Play::new().await;
    assert_eq!(
        get(&play, "/spreadsheets/d/e/2PACX-none/pub?output=csv")
            .await
            .0,
        404
    );
    assert_eq!(
        get(&play, "/spreadsheets/d/sheet-1/export?format=csv&gid=7")
            .await
            .0,
        400
    );
    play.patch(json!({ "published": false })).await;
    assert_eq!(get(&play, PUBLISHED).await.0, 404);
    let (status, page) = get(&play, EXPORTED).await;
    assert_eq!(status, 200, "as with Google, no error");
    assert!(page.contains("Sign in"), "{page}");
}

#[tokio::test]
async fn line_breaks_stay_in_their_cells() {
    let play = Play::new().await;
    play.put(json!({ "tabs": [{ "title": "A", "rows": [["a\nb", "c"], [1]] }] }))
        .await;
    assert_eq!(get(&play, PUBLISHED).await.1, "\"a\nb\",c\r\n1,");
    play.put(json!({ "tabs": [{ "title": "A", "rows": [[""], []] }] }))
        .await;
    assert_eq!(get(&play, PUBLISHED).await, (200, String::new()));
}
