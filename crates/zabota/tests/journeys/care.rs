//! The seed's sentences, from the first message to the closed ticket, and what is kept of them.

use serde_json::json;

use crate::stage::{GROUP, IVAN, OLGA, PETR, Stage, journeys, keys, png};

journeys!(
    a_guarantee_case,
    a_return_opens_no_ticket,
    another_question,
    attachments_are_kept_only_if_asked_for,
);

/// The seed's queries, word for word.
const TICKETS: &str = "SELECT id,status,operator_tg_id,created_at,closed_at
 FROM tickets
 ORDER BY id DESC
 LIMIT 10;";
const MESSAGES: &str = "SELECT ticket_id,sender_type,content_type,message_text,caption,created_at
 FROM ticket_messages
 ORDER BY id DESC
 LIMIT 20;";

async fn a_guarantee_case(stage: &Stage) {
    let desk = stage.open().await;
    stage.starts(OLGA).await;
    stage.says(IVAN, "/start").await;
    stage.presses(IVAN, IVAN, "Обращение по гарантии").await;
    stage.sees(IVAN, "где был куплен товар").await;
    stage.says(IVAN, "чайник течёт, куплен на Ozon").await;
    stage.sees(IVAN, "пришлите чек").await;
    let receipt = stage.file("cheque.png", "image/png", png(1)).await;
    stage
        .writes(IVAN, json!({ "photo": receipt, "caption": "вот чек" }))
        .await;
    stage.sees(IVAN, "Можно прислать ещё").await;
    let film = stage
        .file("leak.mp4", "video/mp4", b"a film".to_vec())
        .await;
    stage.writes(IVAN, json!({ "video": film })).await;
    stage.presses(IVAN, IVAN, "Готово").await;

    let card = stage.sees(GROUP, "чайник течёт").await;
    assert!(keys(&card).any(|(label, _)| label == "Взять в работу"));
    let photo = stage.sees_kind(GROUP, "photo").await;
    assert!(
        photo["text"]
            .as_str()
            .is_some_and(|text| text.contains("вот чек"))
    );
    stage.sees_kind(GROUP, "video").await;
    let opened = stage.sees(IVAN, "принято").await;
    assert!(keys(&opened).any(|(label, _)| label == "В начало"));
    let tickets = stage.sql(TICKETS).await;
    let is = |row: &crate::stage::Row, at: usize| row[at].clone();
    assert_eq!(is(&tickets[0], 1).as_deref(), Some("WAITING"));
    assert_eq!((is(&tickets[0], 2), is(&tickets[0], 4)), (None, None));

    stage.takes(OLGA, "чайник течёт").await;
    let joined = stage.sees(IVAN, "Оператор подключился").await;
    assert_eq!(keys(&joined).count(), 0);
    let intro = stage.sees(OLGA, "Обращение № 1 ваше").await;
    assert!(keys(&intro).any(|(label, _)| label == "Завершить диалог"));
    stage.sees(OLGA, "чайник течёт").await;
    stage.sees_kind(OLGA, "video").await;
    let card = stage.sees(GROUP, "В работе: Ольга").await;
    assert_eq!(keys(&card).count(), 0);
    let tickets = stage.sql(TICKETS).await;
    let taken = (is(&tickets[0], 1), is(&tickets[0], 2));
    assert_eq!(taken, (Some("ASSIGNED".into()), Some(OLGA.to_string())));

    stage.says(OLGA, "здравствуйте!").await;
    stage.sees(IVAN, "здравствуйте!").await;
    let picture = stage.file("answer.png", "image/png", png(2)).await;
    stage
        .writes(OLGA, json!({ "photo": picture, "caption": "нажмите сюда" }))
        .await;
    stage.sees(IVAN, "нажмите сюда").await;
    stage.says(IVAN, "помогло, спасибо").await;
    stage.sees(OLGA, "помогло, спасибо").await;
    stage.presses(OLGA, OLGA, "Завершить диалог").await;
    let left = stage.sees(IVAN, "Оператор отключился").await;
    assert!(keys(&left).any(|(label, _)| label == "В начало"));
    stage.rests(&desk).await;

    let tickets = stage.sql(TICKETS).await;
    assert_eq!(tickets.len(), 1);
    let closed = (is(&tickets[0], 1), is(&tickets[0], 2));
    assert_eq!(closed, (Some("CLOSED".into()), Some(OLGA.to_string())));
    assert!(is(&tickets[0], 3).is_some() && is(&tickets[0], 4).is_some());
    let mut messages = stage.sql(MESSAGES).await;
    messages.reverse();
    let told: Vec<String> = messages
        .iter()
        .map(|row| {
            let cells = row[..5].iter().map(|cell| cell.as_deref().unwrap_or("-"));
            assert!(row[5].is_some(), "each row has its time");
            cells.collect::<Vec<_>>().join(" | ")
        })
        .collect();
    assert_eq!(
        told,
        [
            "1 | user | text | чайник течёт, куплен на Ozon | -",
            "1 | user | photo | - | вот чек",
            "1 | user | video | - | -",
            "1 | operator | text | здравствуйте! | -",
            "1 | operator | photo | - | нажмите сюда",
            "1 | user | text | помогло, спасибо | -",
        ]
    );
    let kept = "SELECT media_path FROM ticket_messages WHERE content_type <> 'text' ORDER BY id";
    let look = async || {
        let paths = stage.column(kept).await;
        (!paths.iter().any(|path| path == "NULL")).then_some(paths)
    };
    let paths = stage.until("attachments on the disk", look).await;
    for (path, bytes) in paths.iter().zip([png(1), b"a film".to_vec(), png(2)]) {
        assert_eq!(std::fs::read(stage.media().join(path)).expect(path), bytes);
    }
}

async fn a_return_opens_no_ticket(stage: &Stage) {
    let desk = stage.open().await;
    stage.says(IVAN, "/start").await;
    stage.presses(IVAN, IVAN, "Возврат товара").await;
    let rules = stage.sees(IVAN, "маркетплейс").await;
    let ways: Vec<&str> = keys(&rules).map(|(label, _)| label).collect();
    assert!(ways.contains(&"Обращение по гарантии") && ways.contains(&"Другой вопрос"));
    stage.presses(IVAN, IVAN, "Обращение по гарантии").await;
    stage.sees(IVAN, "где был куплен товар").await;
    stage.rests(&desk).await;
    assert_eq!(stage.number("SELECT COUNT(*) FROM tickets").await, 0);
    assert_eq!(
        stage.number("SELECT COUNT(*) FROM ticket_messages").await,
        0
    );
    assert!(stage.heard(GROUP).await.is_empty());
    // Keys that were pressed are gone.
    let messages = stage.heard(IVAN).await;
    let with_keys: Vec<_> = messages.iter().filter(|m| keys(m).count() > 0).collect();
    assert_eq!(with_keys.len(), 1, "{}", stage.everything().await);
}

async fn another_question(stage: &Stage) {
    let desk = stage.open().await;
    stage.starts(PETR).await;
    stage.says(IVAN, "/start").await;
    stage.presses(IVAN, IVAN, "Другой вопрос").await;
    stage.sees(IVAN, "О чём вопрос").await;
    stage.says(IVAN, "про крышку").await;
    stage.sees(IVAN, "Записали").await;
    stage
        .presses(IVAN, IVAN, "Отправить сообщение сотруднику")
        .await;
    stage.sees(IVAN, "Пришлите сообщение").await;
    stage
        .says(IVAN, "подойдёт ли крышка от другого чайника?")
        .await;
    let card = stage.sees(GROUP, "подойдёт ли крышка").await;
    assert!(
        card["text"]
            .as_str()
            .is_some_and(|text| text.contains("про крышку"))
    );
    let opened = stage.sees(IVAN, "принято").await;
    assert!(keys(&opened).any(|(label, _)| label == "В начало"));
    stage.says(IVAN, "и ещё цвет").await;
    stage.sees(GROUP, "и ещё цвет").await;
    stage.takes(PETR, "подойдёт ли крышка").await;
    stage.sees(PETR, "и ещё цвет").await;
    stage.presses(PETR, PETR, "Завершить диалог").await;
    stage.sees(IVAN, "Оператор отключился").await;
    stage.presses(IVAN, IVAN, "В начало").await;
    stage.says(IVAN, "а это уже никуда").await;
    stage.rests(&desk).await;
    let kept = stage
        .column("SELECT message_text FROM ticket_messages ORDER BY id")
        .await;
    assert_eq!(
        kept,
        [
            "про крышку",
            "подойдёт ли крышка от другого чайника?",
            "и ещё цвет"
        ]
    );
}

async fn attachments_are_kept_only_if_asked_for(stage: &Stage) {
    let desk = stage.open_with(&[("STORE_MEDIA_LOCAL", "false")]).await;
    stage.dialog().await;
    let photo = stage.file("a.png", "image/png", png(3)).await;
    stage.writes(IVAN, json!({ "photo": photo })).await;
    stage.sees_kind(OLGA, "photo").await;
    stage.rests(&desk).await;
    let paths = "SELECT COUNT(*) FROM ticket_messages WHERE media_path IS NOT NULL";
    assert_eq!(stage.number(paths).await, 0);
    assert!(
        !stage.media().exists()
            || std::fs::read_dir(stage.media())
                .expect("a folder")
                .next()
                .is_none()
    );
}
