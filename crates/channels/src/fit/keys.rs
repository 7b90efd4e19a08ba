//! Keys where they fit, and numbered text where they do not: the desk understands a label that is
//! typed, a shortened one, and a number.

use engine::{
    content::Rich,
    effect::Key,
    ids::{ChatRef, MessageRef},
};

use super::{Fit, cut, measure};
use crate::{Piece, Unit};

/// Keys that fit, and the list that says what they mean where their labels do not tell.
struct Fitted {
    keys: Vec<Vec<Key>>,
    list: Option<String>,
}

impl Fit<'_> {
    /// Words of our own, with keys under the last part.
    pub(super) fn say(
        &self,
        to: &ChatRef,
        text: &Rich,
        keys: &[Vec<Key>],
        reply_to: Option<&MessageRef>,
    ) -> Vec<Piece> {
        let Fitted { keys: fitted, list } = self.fitted(keys);
        let mut text = text.clone();
        if let Some(list) = list {
            text.push("\n\n");
            text.push(&list);
        }
        let mut pieces = self.texts(to, &text, reply_to, None);
        if let Some(Piece::Text { keys, .. }) = pieces.last_mut() {
            *keys = fitted;
        }
        pieces
    }

    /// Words of our own over older ones. They stay one message: the words are cut, a list is not.
    pub(super) fn rewrite(&self, message: &MessageRef, text: &Rich, keys: &[Vec<Key>]) -> Piece {
        let (most, unit) = (self.abilities.text, self.abilities.unit);
        let Fitted { keys, list } = self.fitted(keys);
        let list = list.map(|list| format!("\n\n{list}")).unwrap_or_default();
        let room = most.saturating_sub(measure(&list, unit));
        let mut text = cut(&self.shown(text), room, unit);
        text.push(&list);
        let text = cut(&text, most, unit);
        if self.abilities.edits {
            return Piece::EditText {
                message: message.clone(),
                text,
                keys,
                of: None,
            };
        }
        Piece::Text {
            to: message.chat.clone(),
            text,
            keys,
            reply_to: None,
            of: None,
        }
    }

    fn fitted(&self, rows: &[Vec<Key>]) -> Fitted {
        let labels: Vec<&str> = rows
            .iter()
            .flatten()
            .map(|key| key.label.as_str())
            .collect();
        let long = |label: &&str| measure(label, Unit::Chars) > self.abilities.key_label;
        let placed = self.placed(rows);
        if placed.is_some() && !labels.iter().any(long) {
            return Fitted {
                keys: placed.unwrap_or_default(),
                list: None,
            };
        }
        let list = labels.iter().zip(1..).map(numbered).collect::<Vec<_>>();
        let mut nth = 0;
        let mut number = |key: &Key| {
            nth += 1;
            let label = Rich::plain(numbered((&key.label.as_str(), nth)));
            Key {
                label: cut(&label, self.abilities.key_label, Unit::Chars).text,
                ..key.clone()
            }
        };
        let keys = placed.unwrap_or_default();
        Fitted {
            keys: keys
                .iter()
                .map(|row| row.iter().map(&mut number).collect())
                .collect(),
            list: Some(list.join("\n")),
        }
    }

    /// The keys in rows that can be; none if there are too many of them.
    fn placed(&self, rows: &[Vec<Key>]) -> Option<Vec<Vec<Key>>> {
        let places = &self.abilities.keys;
        let all: usize = rows.iter().map(Vec::len).sum();
        if all > places.all {
            return None;
        }
        let width = places.row.max(1);
        let narrow: Vec<Vec<Key>> = rows
            .iter()
            .flat_map(|row| row.chunks(width))
            .map(<[Key]>::to_vec)
            .collect();
        if narrow.len() <= places.rows {
            return Some(narrow);
        }
        let keys: Vec<Key> = rows.iter().flatten().cloned().collect();
        let dense: Vec<Vec<Key>> = keys.chunks(width).map(<[Key]>::to_vec).collect();
        Some(dense).filter(|rows| rows.len() <= places.rows)
    }
}

fn numbered((label, nth): (&&str, usize)) -> String {
    format!("{nth}. {label}")
}
