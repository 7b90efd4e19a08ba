//! Long texts and texts of any script: nothing is lost on the way.

use crate::stage::{GROUP, IVAN, MARIA, OLGA, Stage, journeys};

journeys!(long_texts_lose_nothing);

/// A text of exactly so many of Telegram's units (UTF-16), in many scripts, each word its own number.
fn long(tag: &str, units: usize) -> String {
    let mut text = String::new();
    for number in 0.. {
        let word = format!("{tag}{number} 茶壶漏水了😀 עברית ");
        if (text.clone() + &word).encode_utf16().count() > units {
            break;
        }
        text += &word;
    }
    while text.encode_utf16().count() < units {
        text.push('末');
    }
    text
}

/// Everything that a chat shows, spaces apart: splitting may change them.
async fn shown(stage: &Stage, chat: i64) -> String {
    let heard = stage.heard(chat).await;
    let texts = heard.iter().filter_map(|message| message["text"].as_str());
    dense(&texts.collect::<String>())
}

fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

async fn long_texts_lose_nothing(stage: &Stage) {
    let _desk = stage.open().await;
    stage.starts(OLGA).await;
    stage.says(IVAN, "/start").await;
    stage.presses(IVAN, IVAN, "Другой вопрос").await;
    stage.sees(IVAN, "О чём вопрос").await;
    // Ten thousand characters and more, as Telegram's own apps would cut them.
    let parts = [long("а", 4096), long("б", 4096), long("в", 4096)];
    for part in &parts[..2] {
        stage.says(IVAN, part).await;
    }
    stage
        .presses(IVAN, IVAN, "Отправить сообщение сотруднику")
        .await;
    stage.sees(IVAN, "Пришлите сообщение").await;
    stage.says(IVAN, &parts[2]).await;
    stage.sees(IVAN, "принято").await;
    all_of(stage, GROUP, &parts).await;
    stage.takes(OLGA, "№ 1").await;
    all_of(stage, OLGA, &parts).await;

    // A second dialog puts a line above each message: the longest texts still come whole.
    stage.asks(MARIA, "второй вопрос").await;
    stage.takes(OLGA, "второй вопрос").await;
    stage.sees(MARIA, "Оператор подключился").await;
    let more = long("г", 4096);
    stage.says(IVAN, &more).await;
    all_of(stage, OLGA, &[more]).await;
    let answer = long("д", 4096);
    stage.says(OLGA, &answer).await;
    all_of(stage, MARIA, std::slice::from_ref(&answer)).await;
    let last = "SELECT message_text FROM ticket_messages ORDER BY id DESC LIMIT 1";
    assert_eq!(stage.column(last).await, [answer]);
}

async fn all_of(stage: &Stage, chat: i64, parts: &[String]) {
    for part in parts {
        // A header may stand between two pieces: each word is looked for, in order.
        let look = async || {
            let shown = shown(stage, chat).await;
            let mut rest = shown.as_str();
            for word in part.split_whitespace() {
                rest = rest.split_once(word)?.1;
            }
            Some(())
        };
        stage.until("a long text", look).await;
    }
}
