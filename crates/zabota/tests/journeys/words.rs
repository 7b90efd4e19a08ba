//! Words of any length and any script, and words that look like markup, on every way there and back: what is
//! read is what was written.

use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;

use crate::stage::{ANNA, GROUP, IVAN, Messenger, OLGA, PETR, Phone, Stage, TIMUR, journeys};

journeys!(
    long_texts_come_whole,
    what_looks_like_markup_is_words,
    names_are_words_too,
);

/// The third operator.
const NINA: i64 = 3003;

/// What must not be torn: a family, a flag, a hand with its colour, marks on a letter, a Korean syllable of
/// letters, an Indian one, and right-to-left.
const CLUSTERS: [&str; 9] = ["👨‍👩‍👧‍👦", "🇷🇺", "👍🏽", "é̂", "한", "क्षि", "שָׁלוֹם", "مرحبا", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"];

/// So many characters at least of Chinese and emoji, without any place that a text would be cut at by itself.
fn long(tag: &str, chars: usize) -> String {
    let mut text = String::new();
    for number in 0.. {
        if text.chars().count() >= chars {
            break;
        }
        text.push_str(tag);
        text.push_str(&number.to_string());
        for cluster in CLUSTERS {
            text.push_str("茶壶漏水了，请帮忙。");
            text.push_str(cluster);
        }
        if number % 7 == 6 {
            text.push(' ');
        }
    }
    text
}

/// A text in parts of at most so many units of UTF-16, as the apps of messengers cut it.
fn parts(text: &str, most: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    for grapheme in text.graphemes(true) {
        let last = parts.last_mut().expect("a part");
        if last.encode_utf16().count() + grapheme.encode_utf16().count() > most {
            parts.push(grapheme.to_owned());
        } else {
            last.push_str(grapheme);
        }
    }
    parts
}

/// The graphemes of texts, each text by itself; without spaces, at which texts are split.
fn graphemes<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let all = texts.into_iter().flat_map(|text| text.graphemes(true));
    all.filter(|grapheme| !grapheme.trim().is_empty() && *grapheme != "\u{200b}")
        .collect()
}

/// Waits until everything of a text stands in messages, in order, nothing of it torn.
async fn whole(stage: &Stage, text: &str, mut heard: impl AsyncFnMut() -> Vec<Value>) {
    let wanted = graphemes([text]);
    let look = async || {
        let heard = heard().await;
        let texts = heard.iter().filter_map(|message| message["text"].as_str());
        // Other messages and headers stand around it.
        let all = graphemes(texts);
        let mut rest = wanted.iter().peekable();
        for grapheme in &all {
            if rest.peek() == Some(&grapheme) {
                rest.next();
            }
        }
        rest.peek().is_none().then_some(())
    };
    stage
        .until(format!("a long text of {} graphemes", wanted.len()), look)
        .await;
}

async fn long_texts_come_whole(stage: &Stage) {
    let desk = stage.open_everywhere(&[]).await;
    stage.operator(NINA, "Нина").await;
    let pairs: [(i64, Phone<'_>, usize); 3] = [
        (OLGA, stage.telegram(IVAN), 4096),
        (PETR, stage.vk(ANNA), usize::MAX),
        (NINA, stage.facebook(TIMUR), usize::MAX),
    ];
    for (operator, customer, most) in pairs {
        // From the beginning: into the ticket, onto the card, below it, into the dialog.
        let question = long("в", 10_000);
        customer.begins().await;
        customer.presses("Обращение по гарантии").await;
        customer.sees("где был куплен товар").await;
        let mut rest = parts(&question, most).into_iter();
        customer.says(&rest.next().expect("words")).await;
        customer.sees("Теперь пришлите чек").await;
        for part in rest {
            customer.says(&part).await;
        }
        stage.rests(&desk).await;
        customer.presses("Готово").await;
        customer.sees("принято").await;
        whole(stage, &question, async || stage.heard(GROUP).await).await;
        stage.starts(operator).await;
        let key = stage.key(GROUP, "Взять в работу").await;
        stage.presses_data(operator, GROUP, key.0, &key.1).await;
        whole(stage, &question, async || {
            stage.telegram(operator).heard().await
        })
        .await;
        customer.sees("Оператор подключился").await;
        let words = long("ж", 10_000);
        for part in parts(&words, most) {
            customer.says(&part).await;
        }
        whole(stage, &words, async || {
            stage.telegram(operator).heard().await
        })
        .await;
        let answer = long("о", 10_000);
        for part in parts(&answer, 4096) {
            stage.says(operator, &part).await;
        }
        whole(stage, &answer, async || customer.heard().await).await;
    }
}

/// Words that some messenger takes for something else, and what a program may stumble over.
const MARKUP: [&str; 16] = [
    "<b>жирно</b> <script>alert(1)</script>",
    "a < b && b > c &amp; &lt;i&gt;",
    "*x* _y_ ~z~ `code` ```pre```",
    "[id1|a] [club1|Лавка] [ссылка](https://example.com)",
    "@all @here @everyone @id1 @durov",
    "{} {0} {ticket} {{name}} ${HOME} %s %d %n",
    "\\ \\n \\u0041 \" ' `",
    "||спойлер|| >цитата #хештег /пока2 $x$",
    "'; DROP TABLE tickets; --",
    "*id1 (Павел) *club1",
    "https://example.com/a_b?c=d&e=f#g",
    "tg://user?id=1 mailto:a@b.ru a@b.ru",
    "№ 1 · Иван",
    "null",
    "[]",
    "\u{202e}задом наперёд\u{202c}",
];

async fn what_looks_like_markup_is_words(stage: &Stage) {
    let desk = stage.open_everywhere(&[]).await;
    stage.operator(NINA, "Нина").await;
    for (operator, customer) in [
        (OLGA, stage.telegram(IVAN)),
        (PETR, stage.vk(ANNA)),
        (NINA, stage.facebook(TIMUR)),
    ] {
        stage.dialog_of(operator, customer).await;
        for words in MARKUP {
            customer.says(words).await;
            stage.says(operator, words).await;
        }
        stage.rests(&desk).await;
        // What keeps VK from reading markup is not seen by anybody.
        let bare = |message: &Value| {
            message["text"]
                .as_str()
                .unwrap_or_default()
                .replace('\u{200b}', "")
        };
        let there: Vec<String> = customer.heard().await.iter().map(bare).collect();
        let back: Vec<String> = stage
            .telegram(operator)
            .heard()
            .await
            .iter()
            .map(bare)
            .collect();
        for (shown, by_customer) in [(there, false), (back, true)] {
            let last = &shown[shown.len().saturating_sub(MARKUP.len())..];
            let wanted = MARKUP.map(|words| match (customer.messenger, by_customer) {
                // What people write so is markup in VK itself: they see the words, linked.
                (Messenger::Vk, true) => words.replace("[id1|a] [club1|Лавка]", "a Лавка"),
                _ => words.to_owned(),
            });
            assert_eq!(last, wanted, "{:?}", customer.messenger);
        }
    }
    let linked = stage.sees(PETR, "a Лавка").await;
    assert_eq!(
        linked["entities"][0]["url"], "https://vk.com/id1",
        "{linked}"
    );
    let kept = "SELECT COUNT(*) FROM ticket_messages WHERE message_text = '[id1|a] [club1|Лавка] [ссылка](https://example.com)'";
    assert_eq!(stage.number(kept).await, 5);
}

async fn names_are_words_too(stage: &Stage) {
    let desk = stage.open_everywhere(&[("DIALOG", "group")]).await;
    // In the pinned list it is cut, and not inside the family.
    let name = "<b>{ticket}</b> *x* 👨‍👩‍👧‍👦 עברית";
    stage.person(IVAN, name).await;
    stage.vk_person(ANNA, name).await;
    stage.facebook_person(TIMUR, name).await;
    let phones = [stage.telegram(IVAN), stage.vk(ANNA), stage.facebook(TIMUR)];
    for (phone, number) in phones.into_iter().zip(1..) {
        let question = format!("вопрос-{}.", phone.who);
        phone.asks(&question).await;
        phone.says(&number.to_string()).await;
        assert_eq!(
            stage
                .group_reads(&format!("№ {number} · {name} · "), number)
                .await,
            [number]
        );
        let card = stage.sees(GROUP, &question).await;
        assert!(
            card["text"]
                .as_str()
                .is_some_and(|text| text.contains(name)),
            "{card}"
        );
    }
    stage.rests(&desk).await;
    let board = stage.sees(GROUP, "Открытых диалогов: 3").await;
    let text = board["text"].as_str().unwrap_or_default();
    assert_eq!(text.matches("<b>{ticket}</b> *x*… · ").count(), 3, "{text}");
}
