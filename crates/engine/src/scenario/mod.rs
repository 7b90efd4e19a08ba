//! The way that customers are led, as data: a `.toml` of steps. It is read and checked at start
//! ([`Scenario::read`]); a scenario that exists has no unknown target, no dead end, no step that
//! nobody can reach.

mod check;
mod file;

use std::collections::BTreeMap;

pub use self::file::Mistake;
use crate::phrases::Locale;

/// The text of a built-in scenario, to start one's own from.
pub fn built_in(name: &str) -> Option<&'static str> {
    match name {
        "care" => Some(include_str!("../../scenarios/care.toml")),
        "subscription" => Some(include_str!("../../scenarios/subscription.toml")),
        _ => None,
    }
}

/// The names of the built-in scenarios.
pub const BUILT_IN: [&str; 2] = ["care", "subscription"];

/// A checked scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// The step that `/start` leads to: the menu.
    pub start: String,
    /// The step that somebody of whom no e-mail is known comes to before the menu.
    pub identify: Option<String>,
    /// The step that a customer comes to when their ticket is closed.
    pub closing: Option<String>,
    /// Where dialogs live unless the owner says otherwise.
    pub dialog: DialogPlace,
    steps: BTreeMap<String, Step>,
}

/// Where operators talk with customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialogPlace {
    /// In each operator's private chat with the bot.
    Private,
    /// In the operators' group, by reply.
    Group,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the customer reads on coming here. `{ticket}` is the ticket's number once it is open.
    pub say: Texts,
    /// What they read after each message, where many are taken.
    pub more: Option<Texts>,
    /// What a ticket opened after this step is about.
    pub subject: Option<Texts>,
    /// Whether the next picture in a ticket opened here is one of a payment.
    pub payment: bool,
    /// What is done here.
    pub does: Does,
    /// The keys under it, in order.
    pub choices: Vec<Choice>,
}

/// What is done at a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    /// Waits for a choice.
    Choose,
    /// Takes one message (an album is one) and goes on.
    TakeOne {
        /// Where to.
        go: String,
    },
    /// Takes any number of messages until a key is pressed.
    TakeMany,
    /// Takes an e-mail address, asks again until it is one, and goes on.
    TakeEmail {
        /// Where to.
        go: String,
    },
    /// Takes a rating of the ticket that was closed, by a key or typed, and goes on.
    TakeRating {
        /// Where to.
        go: String,
    },
    /// Opens a ticket from what was taken.
    OpenTicket,
    /// Goes on at once.
    Pass {
        /// Where to.
        go: String,
    },
}

/// A key under a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it reads.
    pub label: Texts,
    /// Where it leads.
    pub go: String,
}

/// The same words in each language.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    ru: String,
    en: Option<String>,
}

impl Texts {
    /// The words in a language; the Russian ones where the scenario has no others.
    pub fn in_locale(&self, locale: Locale) -> &str {
        match (locale, &self.en) {
            (Locale::En, Some(en)) => en,
            (Locale::Ru | Locale::En, _) => &self.ru,
        }
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.ru.as_str()).chain(self.en.as_deref())
    }
}

impl Scenario {
    /// Reads and checks a scenario; or says everything that is wrong with it.
    pub fn read(text: &str) -> Result<Self, Vec<Mistake>> {
        let file = file::read(text)?;
        check::check(text, file)
    }

    /// A step. None only for a name that comes from an older scenario (a customer was there when it
    /// was replaced): lead them to the start.
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.get(name)
    }

    /// The step that asks for a payment, if one does: the menu's, if several do.
    pub fn payment(&self) -> Option<&str> {
        let asks = |name: &&str| self.step(name).is_some_and(|step| step.payment);
        let choices = self.menu().choices.iter();
        let of_menu = choices.map(|choice| choice.go.as_str()).find(asks);
        of_menu.or_else(|| self.steps.keys().map(String::as_str).find(asks))
    }

    /// The menu.
    ///
    /// # Panics
    /// Never: a scenario without its start is not read.
    pub fn menu(&self) -> &Step {
        &self.steps[&self.start]
    }
}
