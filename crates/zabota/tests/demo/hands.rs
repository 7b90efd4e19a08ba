//! What a person does with the page: presses, writes, reads, sends.

use serde_json::json;

use crate::browser::Browser;

pub(crate) const IVAN: Place = Place(r#"[data-testid=phone][data-person="2001"]"#);
pub(crate) const MARIA: Place = Place(r#"[data-testid=phone][data-person="2002"]"#);
/// In VK.
pub(crate) const ANNA: Place = Place(r#"[data-testid=phone][data-person="4001"]"#);
/// In Messenger.
pub(crate) const TIMUR: Place = Place(r#"[data-testid=phone][data-person="5001"]"#);
/// Whoever «Новый клиент» brings.
pub(crate) const NEWCOMER: Place = Place("[data-testid=phone]:last-of-type");
pub(crate) const GROUP: Place = Place("[data-testid=operator-chat][data-type=supergroup]");
/// The owner's chat with the bot.
pub(crate) const OLGA: Place = Place(r#"[data-testid=operator-chat][data-chat="3001"]"#);

/// A phone or a window, by its selector.
#[derive(Clone, Copy)]
pub(crate) struct Place(&'static str);

impl Place {
    pub(crate) fn holds(self, selector: &str) -> String {
        format!("{} {selector}", self.0)
    }
}

/// What a person does with the page.
pub(crate) trait Hands {
    fn presses(&self, place: Place, key: &str);
    fn writes(&self, place: Place, words: &str);
    fn reads(&self, place: Place, words: &str);
    fn sends(&self, place: Place, sample: &str);
    fn changes(&self, place: Place, from: &str, to: &str);
    /// What is sent next answers this message.
    fn begins_reply(&self, place: Place, to: &str);
    fn replies(&self, place: Place, to: &str, words: &str);
    /// Puts something into a cell of the sheet.
    fn fills(&self, cell: &str, words: &str);
}

impl Hands for Browser {
    fn presses(&self, place: Place, key: &str) {
        self.click(
            &place.holds(":is([data-testid=key], [data-testid=reply-key], [data-testid=start])"),
            key,
        );
    }

    fn writes(&self, place: Place, words: &str) {
        self.write(
            &place.holds("[data-testid=composer]"),
            &format!("{words}\n"),
        );
    }

    fn reads(&self, place: Place, words: &str) {
        self.see(&place.holds("[data-testid=bubble]"), words);
    }

    fn sends(&self, place: Place, sample: &str) {
        self.click(&place.holds("[data-testid=attach]"), "");
        self.click(&format!("[data-testid={sample}]"), "");
    }

    fn changes(&self, place: Place, from: &str, to: &str) {
        self.click_right(&place.holds("[data-testid=bubble]"), from);
        self.click("[data-testid=edit]", "");
        self.rewrite(&place.holds("[data-testid=composer]"), &format!("{to}\n"));
    }

    fn begins_reply(&self, place: Place, to: &str) {
        self.click_twice(&place.holds("[data-testid=bubble] .text"), to);
        self.see(&place.holds(".composer-context"), "Ответ");
    }

    fn replies(&self, place: Place, to: &str, words: &str) {
        self.begins_reply(place, to);
        self.writes(place, words);
    }

    fn fills(&self, cell: &str, words: &str) {
        let cell = format!("[data-cell='{cell}']");
        // Out from under the names of the columns.
        let scroll = "document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })";
        self.run(scroll, &json!([cell]));
        self.click(&cell, "");
        self.rewrite(&cell, &format!("{words}\n"));
    }
}
