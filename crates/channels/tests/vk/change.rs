//! Messages that stand there already: what is to stay stays.

use channels::{Piece, Undelivered};
use engine::content::{MediaKind, Rich};
use serde_json::json;

use crate::stage::{Stage, file, ivan, key, operator};

#[tokio::test]
async fn a_changed_text_is_changed_and_a_deleted_one_is_moot() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    let message = stage.says("раз", key()).await;
    let edit = |keys| Piece::EditText {
        message: message.clone(),
        text: Rich::plain("два"),
        keys,
        of: None,
    };
    assert!(stage.deliver(&edit(key())).await.unwrap().sent[0].keys);
    assert!(
        !stage.sees().await[1]["keyboard"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert!(!stage.deliver(&edit(Vec::new())).await.unwrap().sent[0].keys);
    let seen = stage.sees().await;
    assert_eq!(
        (&seen[1]["text"], &seen[1]["keyboard"]),
        (&json!("два"), &json!(null))
    );
    let delete = Piece::Delete {
        message: message.clone(),
    };
    stage.deliver(&delete).await.unwrap();
    for piece in [delete, edit(Vec::new()), Piece::StripKeys { message }] {
        let moot = stage.deliver(&piece).await;
        assert!(matches!(moot, Err(Undelivered::Moot(_))), "{moot:?}");
    }
    stage.nothing_was_wrong().await;
}

#[tokio::test]
async fn keys_go_once_and_for_good_and_nothing_else_does() {
    let stage = Stage::begin().await;
    let asked = stage.writes(json!({ "text": "привет" })).await;
    let words = "@durov, выберите";
    let piece = crate::stage::text(words, key(), Some(asked.at));
    let message = stage.deliver(&piece).await.unwrap().sent.remove(0).at;
    let before = stage.sees().await.remove(1);
    let strip = Piece::StripKeys {
        message: message.clone(),
    };
    for _ in 0..2 {
        let receipt = stage.deliver(&strip).await.unwrap();
        assert_eq!(receipt.stripped, Some(message.clone()));
    }
    let after = stage.sees().await.remove(1);
    assert_eq!(after["keyboard"], json!(null));
    for same in ["text", "reply_to"] {
        assert_eq!(before[same], after[same]);
    }
    stage.nothing_was_wrong().await;
}

#[tokio::test]
async fn what_is_too_old_to_change_says_so() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    let message = stage.says("Меню", key()).await;
    stage
        .posts("/sandbox/clock", json!({ "advance": 90_000 }))
        .await;
    let edit = Piece::EditText {
        message: message.clone(),
        text: Rich::plain("два"),
        keys: Vec::new(),
        of: None,
    };
    let refused = stage.deliver(&edit).await;
    assert!(
        matches!(refused, Err(Undelivered::Refused { .. })),
        "{refused:?}"
    );
    let strip = Piece::StripKeys {
        message: message.clone(),
    };
    for piece in [strip, Piece::Delete { message }] {
        let moot = stage.deliver(&piece).await;
        assert!(matches!(moot, Err(Undelivered::Moot(_))), "{moot:?}");
    }
}

#[tokio::test]
async fn words_and_one_file_of_an_album_are_changed_and_the_rest_stays() {
    let stage = Stage::begin().await;
    stage.writes(json!({ "text": "привет" })).await;
    let kinds = [MediaKind::Photo, MediaKind::Document, MediaKind::Photo];
    let said = ["1", "2", "3"].iter().zip(kinds);
    let said: Vec<_> = said.map(|(id, kind)| file(&*stage.vk, kind, id)).collect();
    let piece = Piece::SendAll {
        to: ivan(),
        said,
        caption: Rich::plain("три"),
        reply_to: None,
    };
    let sent = stage.deliver(&piece).await.unwrap().sent;
    let caption = |part: usize| Piece::EditCaption {
        message: sent[part].at.clone(),
        caption: Rich::plain("верные три"),
        of: operator("1"),
    };
    stage.deliver(&caption(0)).await.unwrap();
    let alone = stage.deliver(&caption(1)).await;
    assert!(
        matches!(alone, Err(Undelivered::Refused { .. })),
        "{alone:?}"
    );
    let (said, carried) = file(&*stage.vk, MediaKind::Video, "4");
    let another = Piece::EditMedia {
        message: sent[2].at.clone(),
        said,
        carried,
        caption: Rich::default(),
    };
    let receipt = stage.deliver(&another).await.unwrap();
    assert_eq!(
        (&receipt.sent[0].at, &receipt.sent[0].of),
        (&sent[2].at, &Some(operator("4")))
    );
    let seen = stage.sees().await.remove(1);
    let kinds: Vec<_> = seen["attachments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["kind"])
        .collect();
    assert_eq!(kinds, ["photo", "document", "document"]);
    assert_eq!(seen["text"], "верные три");
    stage.nothing_was_wrong().await;
}
