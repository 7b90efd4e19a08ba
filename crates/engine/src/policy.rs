//! What a desk's owner has settled: the scenario, the words, the language, the place of the operators.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use crate::{
    content::Rich,
    ids::{ChannelId, ChatRef, PersonRef},
    phrases::{Phrase, Phrases},
    reminder::Schedule,
    scenario::{DialogPlace, Scenario},
};

/// How long after somebody last wrote a messenger lets them be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// By anybody, the desk itself too.
    pub open: SignedDuration,
    /// By a person: an operator.
    pub by_person: SignedDuration,
}

/// The settings that rules depend on. The same for the whole life of a process.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The way customers are led.
    pub scenario: Scenario,
    /// The desk's own words.
    pub phrases: Phrases,
    /// Where operators talk with customers.
    pub dialog: DialogPlace,
    /// The operators' group.
    pub group: ChatRef,
    /// What people call each channel («Telegram»).
    pub titles: BTreeMap<ChannelId, String>,
    /// The channels on which customers can be answered only for a while.
    pub windows: BTreeMap<ChannelId, Window>,
    /// Where phone numbers without a country code are at home: two letters.
    pub region: String,
    /// The clock that people see.
    pub timezone: TimeZone,
    /// Whether attachments are stored under the media root.
    pub keep_media: bool,
    /// Whether pictures of payments are read.
    pub reads: bool,
    /// Who may broadcast and change records, and where the bot writes to them.
    pub owners: BTreeMap<PersonRef, ChatRef>,
    /// How often the sheet is read, if there is one.
    pub sheet_every: Option<SignedDuration>,
    /// When clients are reminded of a payment.
    pub reminders: Schedule,
}

impl Policy {
    pub(crate) fn words(&self, phrase: Phrase, args: &[(&str, &str)]) -> String {
        self.phrases.words(phrase, args)
    }

    pub(crate) fn rich(&self, phrase: Phrase, args: &[(&str, &str)]) -> Rich {
        Rich::plain(self.words(phrase, args))
    }

    /// A moment as the operators read it: `20.11 10:03`.
    pub(crate) fn moment(&self, at: Timestamp) -> String {
        at.to_zoned(self.timezone.clone())
            .strftime("%d.%m %H:%M")
            .to_string()
    }

    /// What to call somebody whose name may not be known.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> &'a str {
        if name.is_empty() {
            self.phrases.of(Phrase::Nameless)
        } else {
            name
        }
    }

    /// The day that people's clock shows.
    pub(crate) fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.timezone.clone()).date()
    }

    /// A day as people read it: `20.12.2026`.
    pub(crate) fn date(date: Date) -> String {
        date.strftime("%d.%m.%Y").to_string()
    }

    /// Whether a channel lets the desk itself write to somebody who was heard then.
    pub(crate) fn is_open(
        &self,
        channel: &ChannelId,
        heard_at: Option<Timestamp>,
        now: Timestamp,
    ) -> bool {
        let window = self.windows.get(channel);
        window.is_none_or(|window| heard_at.is_some_and(|heard| now < heard + window.open))
    }

    /// The same from the other end: whoever was heard on these channels at that moment or before, or
    /// never, cannot be written to.
    pub fn closed_since(&self, now: Timestamp) -> Vec<(ChannelId, Timestamp)> {
        let windows = self.windows.iter();
        windows
            .map(|(channel, window)| (channel.clone(), now - window.open))
            .collect()
    }

    pub(crate) fn title<'a>(&'a self, channel: &'a ChannelId) -> &'a str {
        self.titles
            .get(channel)
            .map_or(channel.as_str(), String::as_str)
    }
}
