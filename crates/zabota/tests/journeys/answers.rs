//! What becomes of an operator's answer in the group: a sign when it arrived, the reason when it did not,
//! and what was changed afterwards.

use serde_json::json;

use crate::stage::{ANNA, BOT, GROUP, IVAN, OLGA, Phone, Stage, TIMUR, journeys, keys};

journeys!(
    what_did_not_arrive_says_why,
    too_late_for_messenger,
    changes_are_carried_over_also_after_a_restart,
    files_of_operators_are_marked_too,
);

const IN_GROUP: [(&str, &str); 1] = [("DIALOG", "group")];

async fn begin(stage: &Stage, phones: &[Phone<'_>]) {
    for phone in phones {
        let question = format!("вопрос с {}", phone.messenger.name());
        phone.asks(&question).await;
        stage.takes(OLGA, &question).await;
        phone.sees("Оператор подключился").await;
    }
}

/// A customer wants no more of the bot, the community or the page, or does again.
async fn shuts(stage: &Stage, phone: &Phone<'_>, out: bool) {
    let who = json!({ "person": phone.who, "chat": phone.account, "bot": phone.account });
    let call = match (phone.messenger.name(), out) {
        ("vk", true) => "vk/deny",
        ("vk", false) => "vk/allow",
        ("facebook", true) => "facebook/block",
        ("facebook", false) => "facebook/unblock",
        (_, true) => "block",
        (_, false) => "unblock",
    };
    stage.hand(call, who).await;
}

async fn what_did_not_arrive_says_why(stage: &Stage) {
    let desk = stage.open_everywhere(&IN_GROUP).await;
    let phones = [stage.telegram(IVAN), stage.vk(ANNA), stage.facebook(TIMUR)];
    begin(stage, &phones).await;
    for phone in &phones {
        let card = stage
            .sees(GROUP, &format!("вопрос с {}", phone.messenger.name()))
            .await;
        shuts(stage, phone, true).await;
        let words = format!("вы здесь, {}?", phone.who);
        let answer = stage.answers(OLGA, &card, &words).await;
        let told = |message: &serde_json::Value| message["reply_to"]["message_id"] == answer;
        let told = stage.sees_one(GROUP, "what became of it", told).await;
        let text = told["text"].as_str().unwrap_or_default();
        assert!(text.contains("не доставлено"), "{text}");
        assert!(keys(&told).any(|(label, _)| label == "Отправить ещё раз"));
        shuts(stage, phone, false).await;
        let id = told["message_id"].as_i64().expect("an id");
        let (_, again) = keys(&told).next().expect("a key");
        stage.presses_data(OLGA, GROUP, id, again).await;
        phone.sees(&words).await;
        // Once is once.
        stage.press(OLGA, GROUP, id, again).await;
        stage.sees_mark(&answer, "👌").await;
        stage.rests(&desk).await;
        let heard = phone.heard().await;
        assert_eq!(
            heard.iter().filter(|m| m["text"] == words.as_str()).count(),
            1
        );
    }
    let kept = "SELECT COUNT(*) FROM ticket_messages WHERE sender_type = 'operator'";
    assert_eq!(stage.number(kept).await, 3);
}

async fn too_late_for_messenger(stage: &Stage) {
    let _desk = stage.open_everywhere(&IN_GROUP).await;
    let timur = stage.facebook(TIMUR);
    begin(stage, &[timur]).await;
    let card = stage.sees(GROUP, "вопрос с facebook").await;
    // After a day an answer still goes, as a person's; after a week nothing does.
    stage.hand("clock", json!({ "advance": 2 * 86_400 })).await;
    let answer = stage.answers(OLGA, &card, "простите за ожидание").await;
    timur.sees("простите за ожидание").await;
    stage.sees_mark(&answer, "👌").await;
    stage.hand("clock", json!({ "advance": 7 * 86_400 })).await;
    stage.answers(OLGA, &card, "вы ещё ждёте?").await;
    let told = stage.sees(GROUP, "не доставлено").await;
    assert!(keys(&told).any(|(label, _)| label == "Отправить ещё раз"));
    timur.says("жду").await;
    stage.sees(GROUP, "жду").await;
    stage.presses(OLGA, GROUP, "Отправить ещё раз").await;
    timur.sees("вы ещё ждёте?").await;
}

async fn changes_are_carried_over_also_after_a_restart(stage: &Stage) {
    let mut desk = stage.open_everywhere(&IN_GROUP).await;
    let phones = [stage.telegram(IVAN), stage.vk(ANNA), stage.facebook(TIMUR)];
    begin(stage, &phones).await;
    let mut said = Vec::new();
    for phone in &phones {
        let words = format!("скажите, {}", phone.who);
        let asked = phone.says(&words).await;
        let copy = stage.sees(GROUP, &words).await;
        let answer = stage
            .answers(OLGA, &copy, &format!("ответ {}", phone.who))
            .await;
        phone.sees(&format!("ответ {}", phone.who)).await;
        said.push((asked, copy, answer));
    }
    for time in ["раз", "два"] {
        for (phone, (asked, copy, answer)) in phones.iter().zip(&said) {
            phone
                .edits(asked, &format!("подскажите {time}, {}", phone.who))
                .await;
            let changed = stage
                .sees(GROUP, &format!("подскажите {time}, {}", phone.who))
                .await;
            assert_eq!(changed["message_id"], copy["message_id"]);
            assert!(
                changed["text"]
                    .as_str()
                    .is_some_and(|text| text.starts_with("№ "))
            );
            stage
                .edits_in_group(OLGA, answer, &format!("уточнение {time}, {}", phone.who))
                .await;
            phone
                .sees(&format!("уточнение {time}, {}", phone.who))
                .await;
        }
        stage.rests(&desk).await;
        desk = stage.restart(desk).await;
    }
    // What was written over is changed in place; Messenger alone gets a new message, marked.
    for phone in &phones {
        let heard = phone.heard().await;
        let texts = heard.iter().filter_map(|message| message["text"].as_str());
        let answers = texts.filter(|text| text.contains("ответ ") || text.contains("уточнение"));
        let answers: Vec<_> = answers.collect();
        let (first, last) = (
            format!("ответ {}", phone.who),
            format!("уточнение два, {}", phone.who),
        );
        if phone.messenger.name() == "facebook" {
            let between = format!("исправлено\nуточнение раз, {}", phone.who);
            assert_eq!(answers, [first, between, format!("исправлено\n{last}")]);
        } else {
            assert_eq!(answers, [last]);
        }
    }
    let now =
        "SELECT message_text FROM ticket_messages WHERE message_text LIKE '%два%' ORDER BY id";
    let now = stage.column(now).await;
    assert_eq!(now.len(), 6, "{now:?}");
}

async fn files_of_operators_are_marked_too(stage: &Stage) {
    let _desk = stage.open_everywhere(&IN_GROUP).await;
    let phones = [stage.telegram(IVAN), stage.vk(ANNA), stage.facebook(TIMUR)];
    begin(stage, &phones).await;
    for phone in &phones {
        let card = stage
            .sees(GROUP, &format!("вопрос с {}", phone.messenger.name()))
            .await;
        let to = &card["message_id"];
        let paper = stage.known_file("c.pdf").await;
        let file = json!({ "document": paper, "caption": "договор", "reply_to": to });
        let file = stage.in_group(OLGA, file).await;
        phone.sees_kind("document").await;
        stage.sees_mark(&file, "👌").await;
        let photo = stage.known_file("a.png").await;
        let items = json!([{ "kind": "photo", "file": photo }, { "kind": "photo", "file": photo }]);
        let album = json!({ "from": OLGA, "chat": GROUP, "reply_to": to, "items": items });
        let album = stage.hand("albums", album).await;
        phone.sees_kind("photo").await;
        stage.sees_mark(&album["message_ids"][0], "👌").await;
    }
    let marks = stage.chat(GROUP).await;
    let by_bot = |mark: &serde_json::Value| mark["from"] == BOT;
    let of = |m: &serde_json::Value| m["reactions"].as_array().cloned().unwrap_or_default();
    assert!(marks.iter().flat_map(of).all(|mark| by_bot(&mark)));
}
