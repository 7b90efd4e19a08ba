//! Which messengers the desk speaks with, and what each is configured with: by environment variables,
//! or by a `[[channel]]` of `zabota.toml` ([`super::file`]).
//!
//! What must stay true: nothing here knows a messenger; what its settings are called and may be, it
//! says itself ([`channels::kinds`]). Only the one that operators work in is named: it must be there.

use std::{collections::BTreeMap, fmt, sync::Arc};

use channels::{
    Channel,
    kinds::{self, Given, Kind, Need, Setting},
    telegram,
};
use engine::{ids::ChannelId, phrases::Locale};

use super::{
    Mistake,
    reader::{Reader, Wrong},
};

/// Where webhooks are: behind it comes the channel's name.
pub const WEBHOOKS: &str = "/webhooks/";

/// A channel that is configured.
#[derive(Clone)]
pub struct Connection {
    /// Its messenger.
    pub kind: &'static Kind,
    /// Its name and settings.
    pub given: Given,
    /// What people shall call it, if the owner says.
    pub(super) title: Option<String>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.given.id, self.kind.name)
    }
}

impl Connection {
    /// Its name.
    pub fn id(&self) -> &ChannelId {
        &self.given.id
    }

    /// Makes ready; nothing is asked of the messenger yet.
    pub fn open(&self) -> Result<Arc<dyn Channel>, Mistake> {
        (self.kind.open)(self.given.clone())
            .map_err(|bad| Mistake::new(format!("{}: {bad}", self.id())))
    }

    /// Whether both are the same bot, community or page.
    pub(super) fn is_also(&self, other: &Self) -> bool {
        let same = |setting: &Setting| {
            setting.need != Need::Required
                || self.given.get(setting.name) == other.given.get(setting.name)
        };
        self.kind.name == other.kind.name && self.kind.settings.iter().all(same)
    }
}

/// The messenger that operators work in.
pub(super) fn operators() -> &'static Kind {
    &telegram::KIND
}

/// The channels that environment variables make, the operators' first. One that lacks something is
/// left out: that is remembered.
pub(super) fn from_environment(
    reader: &mut Reader<'_>,
    public_url: Option<&str>,
) -> Vec<Connection> {
    let others = kinds::ALL
        .into_iter()
        .filter(|kind| kind.name != operators().name);
    let kinds: Vec<&'static Kind> = [operators()].into_iter().chain(others).collect();
    let read = |kind| one(reader, kind, public_url);
    kinds.into_iter().filter_map(read).collect()
}

fn one(
    reader: &mut Reader<'_>,
    kind: &'static Kind,
    public_url: Option<&str>,
) -> Option<Connection> {
    let set = |setting: &&Setting| reader.text(setting.variable).is_some();
    let of_operators = kind.name == operators().name;
    let in_use = of_operators || required(kind).any(|setting| set(&setting));
    if !in_use {
        let all: Vec<_> = kind.settings.iter().map(|s| s.variable).collect();
        if let Some(missing) = required(kind).next() {
            reader.idle(&all, &format!("{} is not set", missing.variable));
        }
        return None;
    }
    let mut values = BTreeMap::new();
    let mut whole = true;
    for setting in kind.settings {
        let check = |text: &str| {
            (setting.read)(text).map_err(|bad| Wrong {
                what: bad.0,
                example: setting.example,
            })
        };
        let value = match setting.need {
            Need::Required => {
                let todo = missing(kind, setting);
                let value = reader.required(setting.variable, check, &todo);
                whole &= value.is_some();
                value
            }
            Need::Optional => reader.checked(setting.variable, check),
            Need::Default(default) => reader
                .checked(setting.variable, check)
                .or_else(|| Some(default.to_owned())),
        };
        values.extend(value.map(|value| (setting.name, value)));
    }
    let given = given(ChannelId::new(kind.name), values, public_url);
    whole.then_some(Connection {
        kind,
        given,
        title: None,
    })
}

fn missing(kind: &Kind, setting: &Setting) -> String {
    let (variable, example) = (setting.variable, setting.example);
    let title = (kind.title)(Locale::En);
    if kind.name == operators().name {
        format!(
            "operators answer from {title}: put the token that @BotFather gave you into .env, for example {variable}={example}"
        )
    } else {
        format!("{title} does not work without it, for example {variable}={example}")
    }
}

pub(super) fn required(kind: &'static Kind) -> impl Iterator<Item = &'static Setting> {
    let settings = kind.settings.iter();
    settings.filter(|setting| setting.need == Need::Required)
}

/// What a channel is opened with.
pub(super) fn given(
    id: ChannelId,
    values: BTreeMap<&'static str, String>,
    public_url: Option<&str>,
) -> Given {
    let webhook = public_url.map(|url| format!("{url}{WEBHOOKS}{id}"));
    Given {
        id,
        values,
        webhook,
    }
}

/// What people call each channel: as the owner says; otherwise like its messenger, with its own name
/// behind it where several are of one kind.
pub(super) fn titles(channels: &[Connection], locale: Locale) -> BTreeMap<ChannelId, String> {
    let title = |one: &Connection| {
        let of_kind = channels
            .iter()
            .filter(|other| other.kind.name == one.kind.name);
        let (title, id) = ((one.kind.title)(locale), one.id());
        match &one.title {
            Some(own) => own.clone(),
            None if of_kind.count() == 1 || id.as_str() == one.kind.name => title.to_owned(),
            None => format!("{title} ({id})"),
        }
    };
    channels
        .iter()
        .map(|one| (one.id().clone(), title(one)))
        .collect()
}

/// What is worth knowing about the channels at start.
pub(super) fn notes(channels: &[Connection]) -> Vec<String> {
    let of = |one: &Connection| {
        let notes = (one.kind.notes)(&one.given).into_iter();
        let by_environment = one.id().as_str() == one.kind.name;
        let id = one.id().clone();
        notes.map(move |note| {
            if by_environment {
                note
            } else {
                format!("{id}: {note}")
            }
        })
    };
    channels.iter().flat_map(of).collect()
}
