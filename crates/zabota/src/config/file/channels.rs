//! Further channels: each `[[channel]]` has an `id`, a `kind`, maybe a `title`, and the settings of its
//! messenger by their names. A setting's value may stand in a variable: `token_env = "SHOP_TOKEN"`.
//!
//! What must stay true: no mistake repeats a value that may be a secret, also where somebody wrote
//! the secret itself in place of the variable's name.

use std::collections::BTreeMap;

use channels::kinds::{self, Kind, Need, Setting, Shown};
use engine::ids::ChannelId;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Name, Walk, nearest};
use crate::config::{
    Connection, Settings, Source,
    channels::{given, required},
    settings::InChannel,
};

/// Behind a setting's name: what follows names the variable that holds it.
const VARIABLE: &str = "_env";
/// What every channel has besides the settings of its messenger.
const COMMON: [&str; 3] = ["id", "kind", "title"];
/// Names that the desk uses for its own parts.
const RESERVED: [&str; 2] = ["desk", crate::desk::DATABASE];

impl Walk<'_> {
    /// Adds the file's channels to those that are there.
    pub(super) fn channels(
        &mut self,
        key: &Name<'_>,
        value: &Spanned<DeValue<'_>>,
        settings: &Settings,
        public_url: Option<&str>,
        known: &mut Vec<Connection>,
    ) {
        const FORM: &str = "a channel is written [[channel]]";
        let DeValue::Array(tables) = value.get_ref() else {
            return self.wrong(key.span().start, FORM);
        };
        for value in tables {
            let DeValue::Table(table) = value.get_ref() else {
                self.wrong(value.span().start, FORM);
                continue;
            };
            let at = value.span().start;
            let connection = Entry {
                walk: self,
                table,
                at,
                settings,
            }
            .read(public_url, known);
            if let Some(connection) = connection {
                let twin = known.iter().find(|known| known.is_also(&connection));
                if let Some(twin) = twin {
                    let (id, twin) = (connection.id(), twin.id());
                    self.wrong(at, &format!("{id} is the same as {twin}: one is enough"));
                }
                known.push(connection);
            }
        }
    }
}

/// One `[[channel]]`.
struct Entry<'w, 'f, 't, 'i> {
    walk: &'w mut Walk<'f>,
    table: &'t DeTable<'i>,
    at: usize,
    settings: &'w Settings,
}

impl Entry<'_, '_, '_, '_> {
    fn read(&mut self, public_url: Option<&str>, known: &[Connection]) -> Option<Connection> {
        let id = self.id(known);
        let kind = self.kind()?;
        let title = self.text_of("title").map(|(_, title)| title);
        let values = self.settings_of(kind);
        let given = given(id?, values, public_url);
        let whole = required(kind).all(|setting| given.get(setting.name).is_some());
        whole.then_some(Connection { kind, given, title })
    }

    fn settings_of(&mut self, kind: &'static Kind) -> BTreeMap<&'static str, String> {
        let mut values = BTreeMap::new();
        let mut written = Vec::new();
        for (key, value) in self.table {
            let key_name = key.get_ref().as_ref();
            if COMMON.contains(&key_name) {
                continue;
            }
            let (name, in_variable) = match key_name.strip_suffix(VARIABLE) {
                Some(name) => (name, true),
                None => (key_name, false),
            };
            let Some(setting) = kind.settings.iter().find(|setting| setting.name == name) else {
                let of_kind = kind.settings.iter().map(|setting| setting.name);
                let known: Vec<&str> = COMMON.into_iter().chain(of_kind).collect();
                self.walk.unknown(key, "", &known);
                continue;
            };
            if written.contains(&setting.name) {
                let what = format!("{name} and {name}{VARIABLE} are both set: one is enough");
                self.walk.wrong(key.span().start, &what);
                continue;
            }
            written.push(setting.name);
            let value = self.setting(setting, key, value, in_variable);
            values.extend(value.map(|value| (setting.name, value)));
        }
        for setting in required(kind).filter(|setting| !written.contains(&setting.name)) {
            let (name, example) = (setting.name, setting.example);
            let what = format!("this channel has no {name}, for example {name} = \"{example}\"");
            self.walk.wrong(self.at, &what);
        }
        for setting in kind.settings {
            if let Need::Default(default) = setting.need {
                let value = values.entry(setting.name);
                value.or_insert_with(|| default.to_owned());
            }
        }
        values
    }

    fn id(&mut self, known: &[Connection]) -> Option<ChannelId> {
        const EXAMPLE: &str = "for example id = \"vk-shop\"";
        if !self.table.contains_key("id") {
            let what = format!("this channel has no id, {EXAMPLE}");
            self.walk.wrong(self.at, &what);
        }
        let (at, id) = self.text_of("id")?;
        let what = if !ChannelId::is_valid(&id) {
            "which is no name of at most 32 letters a-z, digits, - and _"
        } else if RESERVED.contains(&id.as_str()) {
            "a name that the desk needs itself"
        } else if known.iter().any(|known| known.id().as_str() == id) {
            "and another channel has that name already"
        } else {
            return Some(ChannelId::new(id));
        };
        let what = format!("id is `{id}`, {what}, {EXAMPLE}");
        self.walk.wrong(at, &what);
        None
    }

    fn kind(&mut self) -> Option<&'static Kind> {
        let known = kinds::ALL.map(|kind| kind.name);
        if !self.table.contains_key("kind") {
            let what = format!("this channel has no kind; known: {}", known.join(", "));
            self.walk.wrong(self.at, &what);
        }
        let (at, name) = self.text_of("kind")?;
        let found = kinds::ALL.into_iter().find(|kind| kind.name == name);
        if found.is_none() {
            let hint = match nearest(&name, known) {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!("known: {}", known.join(", ")),
            };
            let what = format!("kind is `{name}`, which is no messenger; {hint}");
            self.walk.wrong(at, &what);
        }
        found
    }

    /// A value that every channel may have, and where its name stands.
    fn text_of(&mut self, name: &str) -> Option<(usize, String)> {
        let (key, value) = self.table.get_key_value(name)?;
        let at = key.span().start;
        let text = text(value.get_ref()).filter(|text| !text.is_empty());
        if text.is_none() {
            self.walk
                .wrong(at, &format!("{name} is not a text in quotes"));
        }
        Some((at, text?))
    }

    fn setting(
        &mut self,
        setting: &Setting,
        key: &Name<'_>,
        value: &Spanned<DeValue<'_>>,
        in_variable: bool,
    ) -> Option<String> {
        let (name, example) = (key.get_ref(), setting.example);
        let text = text(value.get_ref()).filter(|text| !text.is_empty());
        let read = match (text, in_variable) {
            (None, _) => Err(format!("{name} is neither a text in quotes nor a number")),
            (Some(text), false) => (setting.read)(&text)
                .map_err(|bad| format!("{name} {}, for example {name} = \"{example}\"", bad.0)),
            (Some(variable), true) => self.in_variable(setting, name, &variable),
        };
        read.map_err(|what| self.walk.wrong(key.span().start, &what))
            .ok()
    }

    fn in_variable(&self, setting: &Setting, name: &str, variable: &str) -> Result<String, String> {
        let example = setting.example;
        if !is_variable(variable) {
            let shown = setting.variable;
            return Err(format!(
                "{name} does not name a variable (letters A-Z, digits and _), for example {name} = \"{shown}_2\""
            ));
        }
        let text = self.settings.get(variable).ok_or_else(|| {
            format!(
                "{name} names {variable}, and no such variable is set, for example {variable}={example}"
            )
        })?;
        (setting.read)(text).map_err(|bad| {
            format!(
                "{name}: {variable} {}, for example {variable}={example}",
                bad.0
            )
        })
    }
}

/// Capital letters only: a token that somebody put in the place of a variable's name is none.
fn is_variable(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    text.bytes().all(legal) && !text.starts_with(|first: char| first.is_ascii_digit())
}

/// A value as text; none of what no setting can be.
fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.trim().to_owned()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// What the channels of a file are set to, as far as it is legible, and how much of it may be shown.
pub(in crate::config) fn in_channels(file: &Source) -> Vec<(InChannel, Shown)> {
    let Ok(file) = DeTable::parse(&file.text) else {
        return Vec::new();
    };
    let Some(DeValue::Array(tables)) = file.get_ref().get("channel").map(Spanned::get_ref) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for table in tables {
        if let DeValue::Table(table) = table.get_ref() {
            found.extend(
                table
                    .iter()
                    .filter_map(|(key, value)| of_setting(key, value)),
            );
        }
    }
    found
}

fn of_setting(key: &Name<'_>, value: &Spanned<DeValue<'_>>) -> Option<(InChannel, Shown)> {
    let name = key.get_ref().as_ref();
    let text = text(value.get_ref())?;
    let (base, value) = match name.strip_suffix(VARIABLE) {
        Some(base) if is_variable(&text) => (base, InChannel::Variable(text)),
        Some(base) => (base, InChannel::Text(text)),
        None => (name, InChannel::Text(text)),
    };
    let settings = kinds::ALL.into_iter().flat_map(|kind| kind.settings);
    // Two messengers may mean different things by one name.
    let shown = settings
        .filter(|setting| setting.name == base)
        .map(|setting| setting.shown)
        .reduce(|one, other| if one == Shown::Open { other } else { one })?;
    Some((value, shown))
}
