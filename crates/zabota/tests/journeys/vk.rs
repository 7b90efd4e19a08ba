//! A community in trouble: events that come twice, late, shuffled or in part; calls that fail at every step.
//! Nothing is lost, and since VK knows repeats by their number, nothing comes twice.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::stage::{ANNA, COMMUNITY, OLGA, Stage, TIMUR, count, journeys, png};

journeys!(
    a_long_poll_that_fails,
    what_came_while_nobody_polled,
    kills_while_anna_writes,
    the_same_event_again,
    a_callback_that_is_repeated,
    people_who_write_at_once,
    cropped_messages_come_whole,
    strange_things_are_shown_or_left_alone,
);

/// How often a method of VK's has been called.
async fn called(stage: &Stage, method: &str) -> usize {
    stage.calls_of("vk", method).await.len()
}

/// The ids of all events that were handed out so far.
async fn event_ids(stage: &Stage) -> Vec<String> {
    let polls = stage.calls_of("vk", "a_check").await;
    let ids = polls
        .iter()
        .filter_map(|poll| poll["answer"]["event_ids"].as_array());
    ids.flatten()
        .filter_map(|id| id.as_str().map(str::to_owned))
        .collect()
}

async fn texts_kept(stage: &Stage) -> Vec<String> {
    let kept = "SELECT message_text FROM ticket_messages ORDER BY id";
    stage.column(kept).await
}

async fn a_long_poll_that_fails(stage: &Stage) {
    let desk = stage.in_dialog(stage.vk(ANNA)).await;
    let anna = stage.vk(ANNA);
    for (fail, number) in [2, 1, 3, 2, 2].into_iter().zip(1..) {
        let polls = called(stage, "a_check").await;
        let servers = called(stage, "groups.getLongPollServer").await;
        let failure = json!({ "chat": COMMUNITY, "fail": fail });
        stage.hand("vk/longpoll", failure).await;
        // What VK itself has lost nobody can have: Anna writes when the desk asks again.
        let again = async || {
            let polled = called(stage, "a_check").await > polls;
            let asked = called(stage, "groups.getLongPollServer").await > servers;
            (polled && (asked || fail == 1)).then_some(())
        };
        stage
            .until(format!("another poll after {fail}"), again)
            .await;
        anna.says(&number.to_string()).await;
        let read = stage.reads(stage.telegram(OLGA), number).await;
        assert_eq!(read, (1..=number).collect::<Vec<_>>(), "{fail}");
    }
    assert_eq!(desk.page("/readyz").await.0, 200);
}

async fn what_came_while_nobody_polled(stage: &Stage) {
    let desk = stage.open_everywhere(&[]).await;
    let anna = stage.vk(ANNA);
    let polls = async || (stage.account("vk").await["mode"] == "polling").then_some(());
    stage.until("a desk that polls", polls).await;
    // Nothing has ever come: also then it is known where to go on.
    desk.kill();
    let bella = 4002;
    stage.vk_person(bella, "Белла").await;
    stage.vk(bella).begins().await;
    let desk = stage.open_again(&[]).await;
    stage.vk(bella).sees("Здравствуйте").await;
    stage.dialog_of(OLGA, anna).await;
    stage.rests(&desk).await;
    desk.kill();
    for number in 1..=5 {
        anna.says(&number.to_string()).await;
    }
    let _desk = stage.open_again(&[]).await;
    assert_eq!(stage.reads(stage.telegram(OLGA), 5).await, [1, 2, 3, 4, 5]);
}

async fn kills_while_anna_writes(stage: &Stage) {
    let desk = stage.in_dialog(stage.vk(ANNA)).await;
    let anna = stage.vk(ANNA);
    let writes = async {
        for number in 1..=60 {
            anna.says(&number.to_string()).await;
            if number % 2 == 0 {
                stage.says(OLGA, &number.to_string()).await;
            }
        }
    };
    let kills = async {
        let mut desk = desk;
        for moment in [20, 120, 60] {
            tokio::time::sleep(Duration::from_millis(moment)).await;
            desk = stage.restart(desk).await;
        }
        desk
    };
    let ((), desk) = futures_util::future::join(writes, kills).await;
    let mut read = stage.reads(stage.telegram(OLGA), 60).await;
    let answers = stage.reads(anna, 60).await;
    stage.rests(&desk).await;
    read.dedup();
    assert_eq!(read, (1..=60).collect::<Vec<_>>());
    // VK knows a call by its number: here nothing may come twice at all.
    assert_eq!(answers, (1..=30).map(|half| half * 2).collect::<Vec<_>>());
    assert_eq!(texts_kept(stage).await.len(), 91);
    let told = stage.heard(OLGA).await;
    assert_eq!(count(&told, "дважды") + count(&told, "неизвестно"), 0);
}

async fn the_same_event_again(stage: &Stage) {
    let desk = stage.in_dialog(stage.vk(ANNA)).await;
    let anna = stage.vk(ANNA);
    let photo = stage.file("a.png", "image/png", png(1)).await;
    anna.writes(json!({ "photo": photo })).await;
    stage.sees_kind(OLGA, "photo").await;
    stage.rests(&desk).await;
    let before = (anna.heard().await.len(), stage.heard(OLGA).await.len());
    let ids = event_ids(stage).await;
    assert!(ids.len() > 4, "{ids:?}");
    for id in &ids {
        let again = json!({ "chat": COMMUNITY, "event_id": id });
        stage.hand("vk/redeliver", again).await;
    }
    anna.says("а это новое").await;
    stage.sees(OLGA, "а это новое").await;
    stage.rests(&desk).await;
    assert!(event_ids(stage).await.len() > 2 * ids.len());
    let after = (anna.heard().await.len(), stage.heard(OLGA).await.len());
    assert_eq!(
        after,
        (before.0, before.1 + 1),
        "{}",
        stage.everything().await
    );
    assert_eq!(
        texts_kept(stage).await,
        [&format!("вопрос-{ANNA}."), "NULL", "а это новое"]
    );
}

async fn a_callback_that_is_repeated(stage: &Stage) {
    let settings = [
        ("VK_SECRET", "aLongRandomWord"),
        ("VK_CONFIRMATION", "a1b2c3d4"),
    ];
    let desk = stage.open_everywhere(&settings).await;
    stage
        .connect_community(&desk, COMMUNITY, "vk", settings[0].1, settings[1].1)
        .await;
    let anna = stage.vk(ANNA);
    stage.dialog_of(OLGA, anna).await;
    let new = |number: i64| {
        let message = json!({ "id": number, "conversation_message_id": number, "date": 1, "out": 0,
            "peer_id": ANNA, "from_id": ANNA, "text": number.to_string() });
        json!({ "type": "message_new", "object": { "message": message }, "group_id": COMMUNITY,
            "event_id": format!("e-{number}"), "v": "5.199", "secret": settings[0].1 })
    };
    for number in [101, 101, 102, 101, 102, 103] {
        let brought = desk.brings("vk", new(number).to_string(), &[]).await;
        assert_eq!(brought, (200, "ok".to_owned()));
    }
    assert_eq!(
        stage.reads(stage.telegram(OLGA), 103).await,
        [101, 102, 103]
    );
    // Nobody answers for a while: VK brings it again.
    let desk = stage.restart(desk).await;
    for number in 1..=10 {
        anna.says(&number.to_string()).await;
    }
    let desk = stage.restart(desk).await;
    for _ in 0..3 {
        stage.hand("clock", json!({ "advance": 30 })).await;
    }
    let mut read = stage.reads(stage.telegram(OLGA), 10).await;
    stage.rests(&desk).await;
    read.dedup();
    assert_eq!(
        read,
        [&[101, 102, 103][..], &(1..=10).collect::<Vec<_>>()].concat()
    );
    assert_eq!(texts_kept(stage).await.len(), 14);
    assert_eq!(called(stage, "a_check").await, 0);
}

async fn people_who_write_at_once(stage: &Stage) {
    let desk = stage.open_everywhere(&[]).await;
    let people: Vec<i64> = (4101..4105).collect();
    for who in &people {
        stage.vk_person(*who, &format!("Клиент{who}.")).await;
    }
    let asked = people.iter().map(|who| async move {
        stage.vk(*who).asks(&format!("вопрос-{who}.")).await;
    });
    join_all(asked).await;
    for number in 1..=8 {
        // Each time in another order, some of them at the very same moment.
        let mut order = people.clone();
        order.rotate_left(number % 4);
        let text = number.to_string();
        join_all(
            order
                .iter()
                .map(async |who| stage.vk(*who).says(&text).await),
        )
        .await;
    }
    for who in &people {
        let read = stage.group_reads(&format!("Клиент{who}."), 8).await;
        assert_eq!(read, (1..=8).collect::<Vec<_>>(), "{who}");
    }
    // The same once more, and the last first.
    let mut ids = event_ids(stage).await;
    ids.reverse();
    for id in ids {
        let again = json!({ "chat": COMMUNITY, "event_id": id });
        stage.hand("vk/redeliver", again).await;
    }
    stage.rests(&desk).await;
    assert_eq!(texts_kept(stage).await.len(), 4 * 9);
}

async fn cropped_messages_come_whole(stage: &Stage) {
    let _desk = stage.in_dialog(stage.vk(ANNA)).await;
    let anna = stage.vk(ANNA);
    let crop = json!({ "chat": COMMUNITY, "times": 1 });
    let photo = stage.file("a.png", "image/png", png(1)).await;
    stage.hand("vk/crop", crop.clone()).await;
    anna.writes(json!({ "photo": photo, "caption": "первое" }))
        .await;
    stage.telegram(OLGA).sees_kind("photo").await;
    // Nobody can say what is missing for a while: the message waits, and others do not.
    let silence = json!({ "method": "messages.getByConversationMessageId", "kind": "drop_before", "times": 5 });
    stage.fails("vk", silence).await;
    stage.hand("vk/crop", crop).await;
    let document = stage
        .file("чек.pdf", "application/pdf", b"%PDF-1.4 cheque".to_vec())
        .await;
    anna.writes(json!({ "document": document, "caption": "второе" }))
        .await;
    anna.says("третье").await;
    stage.facebook(TIMUR).begins().await;
    stage.facebook(TIMUR).sees("Здравствуйте").await;
    stage.sees(OLGA, "третье").await;
    let heard = stage.heard(OLGA).await;
    let shown: Vec<_> = heard
        .iter()
        .filter_map(|m| Some((m["kind"].as_str()?, m["text"].as_str()?)))
        .filter(|(_, text)| ["первое", "второе", "третье"].contains(text))
        .collect();
    let whole = [
        ("photo", "первое"),
        ("document", "второе"),
        ("text", "третье"),
    ];
    assert_eq!(shown, whole, "{}", stage.everything().await);
    let kept = "SELECT content_type FROM ticket_messages ORDER BY id";
    assert_eq!(
        stage.column(kept).await,
        ["text", "photo", "document", "text"]
    );
}

async fn strange_things_are_shown_or_left_alone(stage: &Stage) {
    let desk = stage.in_dialog(stage.vk(ANNA)).await;
    let anna = stage.vk(ANNA);
    for strange in [
        json!({ "kind": "poll", "question": "Чай или кофе?" }),
        json!({ "kind": "market", "title": "Чайник" }),
        json!({ "kind": "wall", "text": "Запись" }),
        json!({ "kind": "hologram", "angle": 7 }),
    ] {
        anna.writes(json!({ "attachments": [strange] })).await;
    }
    for words in ["Чай или кофе?", "Чайник", "Запись", "hologram"] {
        let shown = stage.within(Duration::from_secs(10), async || {
            let heard = stage.heard(OLGA).await;
            let has = |m: &Value| m["text"].as_str().is_some_and(|text| text.contains(words));
            // What nobody knows has no name; that something came is said.
            let unnamed = |m: &Value| m["text"].as_str().is_some_and(|t| t.contains("незнаком"));
            heard
                .iter()
                .any(|m| has(m) || (words == "hologram" && unnamed(m)))
                .then_some(())
        });
        assert!(
            shown.await.is_some(),
            "{words}\n{}",
            stage.everything().await
        );
    }
    let message = json!({ "id": 9, "conversation_message_id": 9, "date": 1, "from_id": ANNA, "out": 0,
        "peer_id": 2_000_000_001, "text": "в беседе" });
    let group = json!({ "type": "message_new", "object": { "message": message } });
    let invited = json!({ "type": "message_new", "object": { "message": {
        "id": 10, "conversation_message_id": 10, "date": 1, "from_id": ANNA, "out": 0, "text": "",
        "peer_id": 2_000_000_001, "action": { "type": "chat_invite_user", "member_id": -COMMUNITY } } } });
    for (strange, nth) in [
        group,
        invited,
        json!({ "type": "something_new", "object": { "a": 1 } }),
        json!({ "type": "message_new", "object": { "message": { "peer_id": "семь" } } }),
        json!({ "type": "message_event", "object": [] }),
        json!({ "type": "message_new" }),
    ]
    .into_iter()
    .zip(1..)
    {
        let update = json!({ "chat": COMMUNITY, "update": strange });
        stage.hand("vk/updates", update).await;
        anna.says(&nth.to_string()).await;
    }
    assert_eq!(
        stage.reads(stage.telegram(OLGA), 6).await,
        [1, 2, 3, 4, 5, 6]
    );
    stage.rests(&desk).await;
    assert!(desk.figure("zabota_set_aside").await >= 2.0);
    assert_eq!(desk.page("/readyz").await.0, 200);
    assert_eq!(texts_kept(stage).await.len(), 1 + 4 + 6);
    let everything = stage.everything().await;
    assert!(!everything.contains("в беседе"), "{everything}");
    let astray = stage.calls_of("vk", "messages.send").await;
    assert!(
        !astray
            .iter()
            .any(|call| call["params"].to_string().contains("2000000001"))
    );
}
