//! Dialogs in the operators' group: whose words go where, and what becomes of an answer.

use crate::stage::{ANNA, GROUP, IVAN, OLGA, Stage, TIMUR, journeys};

journeys!(three_phones_one_group);

async fn three_phones_one_group(stage: &Stage) {
    let _desk = stage.open_everywhere(&[("DIALOG", "group")]).await;
    let (ivan, anna, timur) = (stage.telegram(IVAN), stage.vk(ANNA), stage.facebook(TIMUR));
    for (phone, question) in [
        (ivan, "где чайник?"),
        (anna, "где чашка?"),
        (timur, "где ложка?"),
    ] {
        phone.asks(question).await;
        let told = stage.takes(OLGA, question).await;
        assert!(told.contains("ваше"), "{told}");
        phone.sees("Оператор подключился").await;
        phone.says("ау").await;
        stage.sees(GROUP, "ау").await;
    }
}
