//! What people see, line by line. Wording is named, not repeated: a story does not break when a text
//! is said better.

use engine::{
    content::{Rich, Said},
    effect::{Effect, Key, anchor},
    ids::{ChatRef, MessageRef},
};

use super::World;

impl World {
    pub(super) fn tell(&mut self, line: &str) {
        self.transcript.push_str(line.trim_end());
        self.transcript.push('\n');
    }

    pub(super) fn arrive(&mut self, effect: &Effect) {
        match effect {
            Effect::Bulk { to, said, .. } => {
                let said: Vec<String> = said.iter().map(words).collect();
                self.tell(&format!("  ⇉ {}: {}", to.id, said.join(" + ")));
            }
            Effect::Say(say) => {
                if say.outdates {
                    self.keyboards.retain(|message, _| message.chat != say.to);
                }
                let known = say.anchor.as_ref().filter(|_| say.rewrites);
                let known = known.and_then(|name| self.twins.get(&(name.clone(), say.to.clone())));
                let known = known.cloned();
                let message = known.unwrap_or_else(|| self.next_message(&say.to));
                let answers = self.answered(say.reply_to.as_ref(), &say.to);
                // What is about money and records is read to the letter.
                let spoken = if TOLD.iter().any(|prefix| say.name.starts_with(prefix)) {
                    format!(" «{}»", say.text.text.replace('\n', " | "))
                } else {
                    String::new()
                };
                self.tell(&format!(
                    "  → {}: {}{spoken}{answers}{}",
                    say.to.id,
                    say.name,
                    keys(&say.keys)
                ));
                self.texts.insert(message.clone(), say.text.text.clone());
                self.stands(&message, say.anchor.as_ref(), &say.keys);
            }
            Effect::Relay(relay) => {
                let own = relay
                    .said
                    .first()
                    .and_then(|said| said.content.reply_to.as_ref());
                let own = self.answered(own, &relay.to);
                let under = self.answered(relay.under.as_ref(), &relay.to);
                let answers = if own.is_empty() { under } else { own };
                let header = header(relay.header.as_ref());
                let said: Vec<String> = relay.said.iter().map(words).collect();
                self.tell(&format!(
                    "  → {}: {header}{}{answers}",
                    relay.to.id,
                    said.join(" + ")
                ));
                for said in &relay.said {
                    let message = self.next_message(&relay.to);
                    self.texts
                        .insert(message.clone(), said.content.text.text.clone());
                    self.twins
                        .insert((said.at.clone(), relay.to.clone()), message);
                }
            }
            Effect::Revise(revise) => {
                let header = header(revise.header.as_ref());
                let twin = self.twins.get(&(revise.said.at.clone(), revise.to.clone()));
                let mark = if twin.is_some() { "✎" } else { "✎?" };
                self.tell(&format!(
                    "  {mark} {}: {header}{}",
                    revise.to.id,
                    words(&revise.said)
                ));
            }
            Effect::Card(card) => {
                let name = anchor(&card.to, card.ticket);
                let lines: Vec<&str> = card
                    .text
                    .text
                    .lines()
                    .filter(|line| !line.is_empty())
                    .collect();
                let mark = if card.new { "▣" } else { "▢" };
                self.tell(&format!(
                    "  {mark} {}{}",
                    lines.join(" | "),
                    keys(&card.keys)
                ));
                let known = self.twins.get(&(name.clone(), card.to.clone())).cloned();
                let message = known.unwrap_or_else(|| self.next_message(&card.to));
                self.stands(&message, Some(&name), &card.keys);
            }
            Effect::StripKeys { chat, under } => self.strip(chat, under),
            Effect::Answer(answer) => {
                let alert = if answer.alert { "!" } else { "" };
                if let Some(text) = &answer.text {
                    self.tell(&format!("  ({text}){alert}"));
                }
            }
            Effect::Mark { message } => {
                let text = self.texts.get(message).cloned().unwrap_or_default();
                self.tell(&format!("  ✓ «{text}»"));
            }
            Effect::Keep { .. }
            | Effect::Again { .. }
            | Effect::Board { .. }
            | Effect::Remind { .. }
            | Effect::Recognise { .. }
            | Effect::ReadSheet { .. } => {}
        }
    }

    fn stands(&mut self, message: &MessageRef, anchor: Option<&MessageRef>, keys: &[Vec<Key>]) {
        if let Some(anchor) = anchor {
            self.twins
                .insert((anchor.clone(), message.chat.clone()), message.clone());
        }
        let flat: Vec<Key> = keys.iter().flatten().cloned().collect();
        if flat.is_empty() {
            self.keyboards.remove(message);
        } else {
            self.keyboards.insert(message.clone(), flat);
        }
    }

    fn strip(&mut self, chat: &ChatRef, under: &[MessageRef]) {
        if under.is_empty() {
            self.keyboards.retain(|message, _| message.chat != *chat);
        }
        for message in under {
            let twin = self
                .twins
                .get(&(message.clone(), chat.clone()))
                .unwrap_or(message);
            self.keyboards.remove(&twin.clone());
        }
    }

    fn answered(&self, message: Option<&MessageRef>, to: &ChatRef) -> String {
        let Some(message) = message else {
            return String::new();
        };
        let origin = self
            .known(message)
            .map_or(message.clone(), |known| known.origin);
        if origin.id.starts_with("ticket-") {
            return format!(" ↩ {}", origin.id);
        }
        let there = origin.chat == *to || self.twins.contains_key(&(origin.clone(), to.clone()));
        match (there, self.texts.get(&origin)) {
            (true, Some(text)) => format!(" ↩ «{text}»"),
            _ => String::new(),
        }
    }
}

const TOLD: [&str; 10] = [
    "payment_",
    "record",
    "broadcast_",
    "sheet_",
    "remind_",
    "broadcast",
    "ask_",
    "changed_meanwhile",
    "undone",
    "parted",
];

fn keys(keys: &[Vec<Key>]) -> String {
    if keys.is_empty() {
        return String::new();
    }
    let labels: Vec<&str> = keys
        .iter()
        .flatten()
        .map(|key| key.label.as_str())
        .collect();
    format!(" [{}]", labels.join(" | "))
}

fn header(header: Option<&Rich>) -> String {
    header.map_or(String::new(), |header| format!("<{}> ", header.text))
}

fn words(said: &Said) -> String {
    let text = &said.content.text.text;
    match said.content.kind() {
        "text" => format!("«{text}»"),
        kind if text.is_empty() => kind.to_owned(),
        kind => format!("{kind} «{text}»"),
    }
}
