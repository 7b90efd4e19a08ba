//! Which parts of the desk are in order. A part that nobody has vouched for yet is not.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// What is wrong with each part, shared by all who know and all who ask. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Readiness {
    parts: Arc<Mutex<BTreeMap<String, Option<String>>>>,
}

impl Readiness {
    /// A desk made of `parts` (`database`, the channels' names), none of them in order yet.
    pub fn of<I>(parts: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let starting = parts
            .into_iter()
            .map(|part| (part.into(), Some("starting".to_owned())));
        Self {
            parts: Arc::new(Mutex::new(starting.collect())),
        }
    }

    /// `part` is in order. Returns whether that is news, so that it can be logged once.
    pub fn fine(&self, part: &str) -> bool {
        self.set(part, None)
    }

    /// `part` is not in order, and why: one line in plain words, without secrets. Returns whether
    /// that is news.
    pub fn trouble(&self, part: &str, why: &str) -> bool {
        let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
        self.set(part, Some(why))
    }

    /// The parts that are not in order, with the reason, by name.
    pub fn troubles(&self) -> Vec<(String, String)> {
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let troubled = |(part, why): (&String, &Option<String>)| Some((part.clone(), why.clone()?));
        parts.iter().filter_map(troubled).collect()
    }

    fn set(&self, part: &str, why: Option<String>) -> bool {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.insert(part.to_owned(), why.clone()) != Some(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_in_trouble_until_somebody_vouches_for_it() {
        let readiness = Readiness::of(["database"]);
        assert_eq!(
            readiness.troubles(),
            [("database".into(), "starting".into())]
        );
        readiness.fine("database");
        assert!(readiness.troubles().is_empty());
    }

    #[test]
    fn the_same_trouble_twice_is_no_news() {
        let readiness = Readiness::of(["telegram"]);
        assert!(readiness.trouble("telegram", "the token\nis refused"));
        assert!(!readiness.trouble("telegram", "the token is refused"));
        assert!(readiness.fine("telegram"));
        assert!(!readiness.fine("telegram"));
    }
}
