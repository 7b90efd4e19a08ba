//! Reading ranges, and what is refused.

use serde_json::{Value, json};

use crate::google::play::Play;

#[tokio::test]
async fn a_spreadsheet_says_which_tabs_it_has() {
    let play = Play::new().await;
    let answer = play.get("").await;
    assert_eq!(answer["properties"]["title"], "Клиенты школы");
    let titles = answer["sheets"].as_array().expect("tabs").iter();
    let titles: Vec<&Value> = titles.map(|tab| &tab["properties"]["title"]).collect();
    assert_eq!(titles, ["Клиенты", "Tariffs"]);
    let first = &answer["sheets"][0]["properties"];
    assert_eq!((&first["sheetId"], &first["index"]), (&json!(0), &json!(0)));
    let masked = play
        .get("?fields=sheets(properties.title)&ranges=Tariffs")
        .await;
    assert_eq!(
        masked,
        json!({ "sheets": [{ "properties": { "title": "Tariffs" } }] })
    );
}

#[tokio::test]
async fn a_range_ends_with_its_last_full_cell() {
    let play = Play::new().await;
    let answer = play
        .get("/values/%D0%9A%D0%BB%D0%B8%D0%B5%D0%BD%D1%82%D1%8B")
        .await;
    assert_eq!(answer["range"], "'Клиенты'!A1:Z1000");
    assert_eq!(answer["majorDimension"], "ROWS");
    let rows = json!([
        ["почта", "имя", "тариф", "оплачено до"],
        ["anna@example.org", "Анна", "Базовый", "01.03.2026"],
        [],
        ["boris@example.org", "", "Про, \"плюс\""],
    ]);
    assert_eq!(answer["values"], rows);
    let columns = play.get("/values/Tariffs!A:B?majorDimension=COLUMNS").await;
    let wanted = json!([["тариф", "Базовый"], ["цена", "1 990,00 ₽"]]);
    assert_eq!(columns["values"], wanted);
    let nothing = play.get("/values/Tariffs!A3:D").await;
    assert_eq!(
        nothing,
        json!({ "range": "Tariffs!A3:D1000", "majorDimension": "ROWS" })
    );
}

#[tokio::test]
async fn values_come_as_they_are_shown_or_as_they_are() {
    let play = Play::new().await;
    let cell = async |range: &str, options: &str| {
        let answer = play.get(&format!("/values/{range}?{options}")).await;
        answer["values"][0][0].clone()
    };
    assert_eq!(cell("Tariffs!B2", "").await, "1 990,00 ₽");
    let unformatted = "valueRenderOption=UNFORMATTED_VALUE";
    assert_eq!(cell("Tariffs!B2", unformatted).await, 1990);
    assert_eq!(cell("D2", "").await, "01.03.2026");
    assert_eq!(cell("D2", unformatted).await, 46082);
    let as_text = format!("{unformatted}&dateTimeRenderOption=FORMATTED_STRING");
    assert_eq!(cell("D2", &as_text).await, "01.03.2026");
}

#[tokio::test]
async fn several_ranges_come_at_once_in_their_order() {
    let play = Play::new().await;
    let answer = play
        .get("/values:batchGet?ranges=Tariffs!A2&ranges=A1&ranges=Tariffs!A9")
        .await;
    let ranges = answer["valueRanges"].as_array().expect("a list");
    let values: Vec<&Value> = ranges.iter().map(|range| &range["values"]).collect();
    assert_eq!(
        values,
        [&json!([["Базовый"]]), &json!([["почта"]]), &Value::Null]
    );
    let refused = play
        .refused("/values:batchGet?ranges=A1&ranges=Nowhere!A1")
        .await;
    assert_eq!(refused.2, "Unable to parse range: Nowhere!A1");
}

#[tokio::test]
async fn the_owner_shares_edits_and_deletes() {
    let play = Play::new().await;
    play.patch(json!({ "cell": "B4", "value": "Борис" })).await;
    play.patch(json!({ "tab": "Tariffs", "cell": "AB3", "value": 5 }))
        .await;
    assert_eq!(play.get("/values/B4").await["values"], json!([["Борис"]]));
    assert_eq!(
        play.get("/values/Tariffs!AB:AB").await["range"],
        "Tariffs!AB1:AB1000"
    );
    let state = play.look("state").await;
    assert_eq!(state["sheets"][0]["tabs"][0]["rows"][3][1], "Борис");
    let shown = play.look("google/sheets/sheet-1").await;
    assert_eq!(
        shown["tabs"][0]["rows"][1][3],
        json!({ "date": "2026-03-01" })
    );
    play.patch(json!({ "shared": false })).await;
    assert_eq!(play.refused("/values/A1").await.1, "PERMISSION_DENIED");
    play.control("DELETE", "google/sheets/sheet-1", &json!({}))
        .await;
    assert_eq!(play.refused("/values/A1").await.1, "NOT_FOUND");
}

#[tokio::test]
async fn what_is_not_published_is_refused_and_noted() {
    let play = Play::new().await;
    assert_eq!(
        play.refused("/values/A1?valueRenderOption=RAW").await.0,
        400
    );
    assert_eq!(play.refused("/values/A1?range=A1&colour=red").await.0, 400);
    assert_eq!(play.refused("?fields=title").await.1, "INVALID_ARGUMENT");
    assert_eq!(
        play.refused("/developerMetadata/1").await.1,
        "UNIMPLEMENTED"
    );
    let unknown = play.send("/cells").await.expect("an answer");
    assert_eq!(unknown.status(), 404);
    assert_eq!(play.violations().await.len(), 5);
    assert_eq!(play.refused("/values/Nowhere!A1").await.0, 400);
    assert_eq!(
        play.violations().await.len(),
        5,
        "an owner may rename a tab"
    );
}

#[tokio::test]
async fn a_minute_has_60_reads() {
    let play = Play::new().await;
    play.hand("limits", json!({ "enforce": true })).await;
    for _ in 0..60 {
        play.get("/values/A1").await;
    }
    assert_eq!(play.refused("/values/A1").await.1, "RESOURCE_EXHAUSTED");
    assert_eq!(play.violations().await.len(), 1);
    play.hand("clock", json!({ "advance": 60 })).await;
    play.get("/values/A1").await;
}

#[tokio::test]
async fn the_hand_refuses_what_is_no_sheet() {
    let play = Play::new().await;
    let tab = |title: &str, gid: u32| json!({ "title": title, "gid": gid });
    for (id, tabs) in [
        ("x", json!([])),
        ("x", json!([tab("A", 1), tab("a", 2)])),
        ("x", json!([tab("A", 1), tab("B", 1)])),
        ("%D1%8F", json!([tab("A", 1)])),
    ] {
        let url = format!("{}/sandbox/google/sheets/{id}", play.sandbox.url());
        let put = play
            .http
            .put(url)
            .json(&json!({ "tabs": tabs }))
            .send()
            .await;
        assert_eq!(put.expect("an answer").status(), 400, "{id} {tabs}");
    }
}
