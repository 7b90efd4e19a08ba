//! The messengers that the desk can speak with. A further one is a folder, and a line in [`ALL`]: its
//! settings are read, checked and shown by what it says of them here.

use std::{collections::BTreeMap, sync::Arc};

use engine::{ids::ChannelId, phrases::Locale};

use crate::{
    Channel, facebook,
    http::{BadSetting, Secret},
    telegram, vk,
};

/// Every messenger.
pub static ALL: [&Kind; 3] = [&telegram::KIND, &vk::KIND, &facebook::KIND];

/// A messenger.
pub struct Kind {
    /// Its name in the configuration: `kind = "vk"` of a `[[channel]]`, and the channel's own name
    /// where it is configured by environment variables.
    pub name: &'static str,
    /// What people call it.
    pub title: fn(Locale) -> &'static str,
    /// What it is configured with.
    pub settings: &'static [Setting],
    /// Makes ready; nothing is asked of the messenger yet.
    pub open: fn(Given) -> Result<Arc<dyn Channel>, BadSetting>,
    /// What is worth knowing at start, though nothing is wrong: a line each, naming the settings.
    pub notes: fn(&Given) -> Vec<String>,
}

/// One thing that a messenger is configured with.
#[derive(Debug)]
pub struct Setting {
    /// Its name in a `[[channel]]`, such as `token`.
    pub name: &'static str,
    /// The environment variable, such as `VK_TOKEN`.
    pub variable: &'static str,
    /// Whether it must be there. A messenger is in use once one of its required settings is set.
    pub need: Need,
    /// How much of it may be shown.
    pub shown: Shown,
    /// Reads it: what it comes to, or what is wrong with it.
    pub read: fn(&str) -> Result<String, BadValue>,
    /// A line to copy, without the name: `vk1.a.AbC…`.
    pub example: &'static str,
}

/// Whether a setting must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It must.
    Required,
    /// It need not.
    Optional,
    /// It is this, unless something else is said.
    Default(&'static str),
}

/// How much of a setting may be shown in logs and errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of it.
    Open,
    /// Nothing.
    Secret,
    /// It is a URL whose password may not.
    Url,
}

/// What is wrong with a setting's value: goes on after its name («is `x`, which is no …»), and never
/// repeats a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadValue(pub String);

/// What one channel is configured with: values that were read.
#[derive(Clone)]
pub struct Given {
    /// The channel's name here.
    pub id: ChannelId,
    /// By the setting's name; absent ones are not here, defaults are.
    pub values: BTreeMap<&'static str, String>,
    /// Where the messenger reaches us, if it can: our address as it sees it with the path of this
    /// channel's webhook, such as `https://desk.example.com/webhooks/vk`.
    pub webhook: Option<String>,
}

impl Given {
    /// A value that may be absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A value that is there: required, or with a default.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// The same, as what must not be shown.
    pub fn secret(&self, name: &str) -> Secret {
        Secret::new(self.text(name))
    }
}
