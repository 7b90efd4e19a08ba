//! Everything one running sandbox holds, and the one way to touch it.
//!
//! The state lies behind a plain mutex that is held for microseconds and never across an `await`.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::calls::CallLog;
use crate::clock::{Clock, Millis};
use crate::facebook;
use crate::faults::{FaultKind, Faults};
use crate::files::Files;
use crate::google;
use crate::messenger::Messenger;
use crate::ocr;
use crate::telegram;
use crate::vk;

/// One sandbox.
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) stop: CancellationToken,
    /// Counts the changes that the page wants to see.
    pub(crate) changes: watch::Sender<u64>,
    calls: Mutex<CallLog>,
    faults: Mutex<Faults>,
    scene: Mutex<Scene>,
    http: OnceLock<reqwest::Client>,
}

/// What a deed of the control API comes to; the error is a sentence that says what to do.
pub(crate) type Deed = Result<Value, String>;

/// What the messengers remember.
#[derive(Default)]
pub(crate) struct Scene {
    /// The stage's time when the lock was taken, in milliseconds.
    pub(crate) now: Millis,
    /// Grows with every visible change.
    pub(crate) seq: u64,
    /// Published limits are enforced.
    pub(crate) enforce: bool,
    /// Where this sandbox is reached, for addresses inside answers and events: no slash at the end.
    pub(crate) base: String,
    pub(crate) files: Files,
    pub(crate) telegram: telegram::State,
    pub(crate) facebook: facebook::State,
    pub(crate) vk: vk::State,
    pub(crate) google: google::State,
    pub(crate) ocr: ocr::State,
}

impl Scene {
    /// Tells the page that there is something new to see.
    pub(crate) fn touch(&mut self) {
        self.seq += 1;
    }

    /// Seconds since 1970.
    pub(crate) fn date(&self) -> i64 {
        self.now / 1000
    }
}

impl World {
    /// `base`: where it is reached, `http://127.0.0.1:8081`.
    pub(crate) fn new(base: String) -> Self {
        let scene = Scene {
            base,
            ..Scene::default()
        };
        Self {
            clock: Clock::default(),
            stop: CancellationToken::new(),
            changes: watch::Sender::new(0),
            calls: Mutex::default(),
            faults: Mutex::default(),
            scene: Mutex::new(scene),
            http: OnceLock::new(),
        }
    }

    /// Does something with the state, and tells whoever watches if it changed.
    pub(crate) fn act<T>(&self, deed: impl FnOnce(&mut Scene) -> T) -> T {
        let mut scene = lock(&self.scene);
        scene.now = self.clock.millis();
        let before = scene.seq;
        let result = deed(&mut scene);
        let after = scene.seq;
        drop(scene);
        if after != before {
            self.changes.send_modify(|seq| *seq = after.max(*seq));
        }
        result
    }

    pub(crate) fn calls(&self) -> MutexGuard<'_, CallLog> {
        lock(&self.calls)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    /// What shall go wrong about this call; it is used up once.
    pub(crate) fn strike(
        &self,
        messenger: Messenger,
        method: &str,
        bot: i64,
        chat: Option<i64>,
    ) -> Option<FaultKind> {
        self.faults().strike(messenger, method, bot, chat)
    }

    /// Notes that a call broke the published schema or a limit.
    pub(crate) fn blame(&self, messenger: Messenger, bot: i64, method: &str, what: &str) {
        let at = self.clock.millis();
        self.calls()
            .blame(at, messenger, bot, method, what.to_owned());
    }

    /// For webhooks and for files that are sent by URL; made when first needed.
    pub(crate) fn http(&self) -> &reqwest::Client {
        self.http.get_or_init(|| {
            reqwest::Client::builder()
                .no_proxy()
                .timeout(std::time::Duration::from_mins(1))
                .build()
                .unwrap_or_default()
        })
    }
}

/// A panic elsewhere leaves the state as it was in the middle of one deed: better than no sandbox at all.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
