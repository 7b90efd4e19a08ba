//! Goes through the settings one by one and remembers everything that is wrong.

use super::{Mistake, Settings};

/// What is wrong with a value ("is not …"), and how it should look (`NAME=value` without the name).
pub(super) struct Wrong {
    pub(super) what: String,
    pub(super) example: &'static str,
}

/// A value is wrong.
pub(super) fn wrong<T>(what: impl Into<String>, example: &'static str) -> Result<T, Wrong> {
    Err(Wrong {
        what: what.into(),
        example,
    })
}

pub(super) struct Reader<'a> {
    settings: &'a Settings,
    mistakes: Vec<Mistake>,
    warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            mistakes: Vec::new(),
            warnings: settings.notes(),
        }
    }

    /// A value as it stands there.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.settings.get(name)
    }

    /// A value that must be right if it is there. None also if it is wrong: that is remembered.
    pub(super) fn checked<T>(
        &mut self,
        name: &str,
        check: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        match check(self.text(name)?) {
            Ok(value) => Some(value),
            Err(Wrong { what, example }) => {
                self.mistakes.push(self.settings.mistake(
                    name,
                    &what,
                    &format!("{name}={example}"),
                ));
                None
            }
        }
    }

    /// A value that must be there and right.
    pub(super) fn required<T>(
        &mut self,
        name: &str,
        check: impl Fn(&str) -> Result<T, Wrong>,
        todo: &str,
    ) -> Option<T> {
        if self.text(name).is_none() {
            self.mistakes
                .push(Mistake::new(format!("{name} is missing: {todo}")));
        }
        self.checked(name, check)
    }

    /// Something is wrong that is more than one value.
    pub(super) fn mistaken(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    /// What is set among these, and means nothing as things are.
    pub(super) fn idle(&mut self, names: &[&str], as_long_as: &str) {
        let set: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| self.text(name).is_some())
            .collect();
        if !set.is_empty() {
            let set = set.join(", ");
            self.warn(&format!("{set}: means nothing as long as {as_long_as}"));
        }
    }

    /// The settings themselves.
    pub(super) fn settings(&self) -> &'a Settings {
        self.settings
    }

    pub(super) fn warn(&mut self, what: &str) {
        self.warnings.push(what.to_owned());
    }

    pub(super) fn finish(self) -> (Vec<Mistake>, Vec<String>) {
        (self.mistakes, self.warnings)
    }
}
