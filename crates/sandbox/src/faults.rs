//! Failures on demand, for whichever messenger is called.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::messenger::Messenger;

/// What shall go wrong, and for which calls. Filters that are absent match everything.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Fault {
    #[serde(default)]
    messenger: Option<Messenger>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    chat: Option<i64>,
    #[serde(default)]
    bot: Option<i64>,
    /// How many calls it still hits; 0: until it is deleted.
    #[serde(default = "once")]
    times: u32,
    #[serde(flatten)]
    pub(crate) kind: FaultKind,
}

fn once() -> u32 {
    1
}

/// What goes wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// The messenger's way of saying «too many calls», with `retry_after` seconds where it names them.
    TooMany {
        #[serde(default = "a_second")]
        retry_after: i64,
    },
    /// An error of the messenger's own kind.
    Error(OwnError),
    /// A page such as a gateway in front of the messenger shows.
    Html { status: u16 },
    /// The connection ends, nothing was accepted.
    DropBefore,
    /// Accepted and done, then the connection ends.
    DropAfter,
    /// As usual, but only after `ms` milliseconds of real time.
    Slow { ms: u64 },
    /// 200 with nothing in it.
    Empty,
    /// 200 with bytes that mean nothing.
    Garbage,
    /// The first half of the answer, as if it were all (Google, OCR).
    Half,
    /// What was read is there twice (OCR).
    Twice,
}

fn a_second() -> i64 {
    1
}

/// An error in the messenger's own form; each takes of it what it knows.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct OwnError {
    /// HTTP status.
    #[serde(default)]
    pub(crate) status: Option<u16>,
    #[serde(default)]
    pub(crate) code: Option<i64>,
    #[serde(default)]
    pub(crate) subcode: Option<i64>,
    /// Absent: what the status or the code says.
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) parameters: Option<Value>,
}

impl Fault {
    /// Refuses what would never happen, in a sentence.
    pub(crate) fn check(&self) -> Result<(), String> {
        let able: &[Messenger] = match self.kind {
            FaultKind::Half => &[Messenger::Google, Messenger::Ocr],
            FaultKind::Twice => &[Messenger::Ocr],
            FaultKind::TooMany { .. }
            | FaultKind::Error(_)
            | FaultKind::Html { .. }
            | FaultKind::DropBefore
            | FaultKind::DropAfter
            | FaultKind::Slow { .. }
            | FaultKind::Empty
            | FaultKind::Garbage => return Ok(()),
        };
        if self.messenger.is_some_and(|named| able.contains(&named)) {
            return Ok(());
        }
        Err(format!(
            "{} happens only with messenger {able:?}",
            self.kind.name()
        ))
    }
}

impl FaultKind {
    /// The name in the control API and the call log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => "too_many",
            Self::Error(_) => "error",
            Self::Html { .. } => "html",
            Self::DropBefore => "drop_before",
            Self::DropAfter => "drop_after",
            Self::Slow { .. } => "slow",
            Self::Empty => "empty",
            Self::Garbage => "garbage",
            Self::Half => "half",
            Self::Twice => "twice",
        }
    }

    /// How long the call is held up.
    pub(crate) fn delay(&self) -> Duration {
        match self {
            Self::Slow { ms } => Duration::from_millis(*ms),
            Self::TooMany { .. }
            | Self::Error(_)
            | Self::Html { .. }
            | Self::DropBefore
            | Self::DropAfter
            | Self::Empty
            | Self::Garbage
            | Self::Half
            | Self::Twice => Duration::ZERO,
        }
    }
}

/// The faults waiting for their calls, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<(u64, Fault)>,
    last: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) -> u64 {
        self.last += 1;
        self.waiting.push((self.last, fault));
        self.last
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// False when there is no such fault (any more).
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|(known, _)| *known != id);
        self.waiting.len() != before
    }

    /// The oldest fault that concerns this call; it is used up once.
    pub(crate) fn strike(
        &mut self,
        messenger: Messenger,
        method: &str,
        bot: i64,
        chat: Option<i64>,
    ) -> Option<FaultKind> {
        let hit = self.waiting.iter().position(|(_, fault)| {
            fault.messenger.is_none_or(|wanted| wanted == messenger)
                && fault
                    .method
                    .as_ref()
                    .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && fault.bot.is_none_or(|wanted| wanted == bot)
                && fault.chat.is_none_or(|wanted| Some(wanted) == chat)
        })?;
        let fault = &mut self.waiting[hit].1;
        let kind = fault.kind.clone();
        match fault.times {
            0 => {}
            1 => drop(self.waiting.remove(hit)),
            _ => fault.times -= 1,
        }
        Some(kind)
    }
}
