//! The desk's own figures: their names are fixed here, so that dashboards outlive refactorings.

use crate::registry::{Counter, Family, Gauge, Histogram, Registry};

/// Upper edges for times, in seconds: from a commit on a fast disk to a messenger that is down.
const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];

/// What the desk counts and measures. Cheap to clone.
#[derive(Clone)]
pub struct Measures {
    /// Updates stored and not handled yet.
    pub inbox_depth: Gauge,
    /// Seconds since the oldest of them came.
    pub inbox_oldest_seconds: Gauge,
    /// What is to be sent, by channel.
    pub outbox_depth: Family<Gauge>,
    /// Seconds since the oldest of it was decided, by channel.
    pub outbox_oldest_seconds: Family<Gauge>,
    /// Calls to messengers that ended, by channel and outcome.
    pub deliveries: Family<Counter>,
    /// How long such a call took, by channel.
    pub delivery_seconds: Family<Histogram>,
    /// Events handled, by channel and outcome.
    pub events: Family<Counter>,
    /// Transactions of this copy: many messages share one.
    pub commits: Counter,
    /// Updates set aside because they could not be read or handled.
    pub set_aside: Gauge,
    /// Open tickets, by status (`WAITING`, `ASSIGNED`).
    pub tickets: Family<Gauge>,
    /// Open tickets that an operator has.
    pub open_dialogs: Gauge,
}

impl Measures {
    /// Adds the desk's families to `registry`. `version`: what runs.
    pub fn new(registry: &Registry, version: &str) -> Self {
        let build = registry.gauges("zabota_build_info", "What runs; always 1.", &["version"]);
        build.with(&[version]).set(1.0);
        let gauge = |name, help| registry.gauges(name, help, &[]).with(&[]);
        let counter = |name, help| registry.counters(name, help, &[]).with(&[]);
        Self {
            inbox_depth: gauge("zabota_inbox_depth", "Updates stored and not handled yet."),
            inbox_oldest_seconds: gauge(
                "zabota_inbox_oldest_seconds",
                "Age of the oldest update not handled yet.",
            ),
            outbox_depth: registry.gauges(
                "zabota_outbox_depth",
                "What is to be sent.",
                &["channel"],
            ),
            outbox_oldest_seconds: registry.gauges(
                "zabota_outbox_oldest_seconds",
                "Age of the oldest thing to be sent.",
                &["channel"],
            ),
            deliveries: registry.counters(
                "zabota_deliveries_total",
                "Calls to messengers that ended.",
                &["channel", "outcome"],
            ),
            delivery_seconds: registry.histograms(
                "zabota_delivery_seconds",
                "How long a call to a messenger took.",
                &["channel"],
                SECONDS,
            ),
            events: registry.counters(
                "zabota_events_total",
                "Events handled.",
                &["channel", "outcome"],
            ),
            commits: counter(
                "zabota_commits_total",
                "Transactions: many messages share one.",
            ),
            set_aside: gauge(
                "zabota_set_aside",
                "Updates that could not be read or handled.",
            ),
            tickets: registry.gauges("zabota_open_tickets", "Open tickets.", &["status"]),
            open_dialogs: gauge("zabota_open_dialogs", "Open tickets that an operator has."),
        }
    }
}
