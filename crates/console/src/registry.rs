//! Counts and measures, written as Prometheus reads them (text format 0.0.4).
//!
//! Own code instead of a crate: the desk has a dozen families with few labels each, and two hundred
//! lines are less to trust than two dozen dependencies. What must stay true: recording never blocks
//! on a reader for longer than it takes to copy a number, and no label comes from a customer
//! (every value would live for ever).

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// All families there are. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    families: Arc<Mutex<BTreeMap<&'static str, Arc<dyn Render>>>>,
}

impl Registry {
    /// A family of numbers that only grow. Its name ends in `_total`.
    pub fn counters(
        &self,
        name: &'static str,
        help: &'static str,
        labels: &'static [&'static str],
    ) -> Family<Counter> {
        self.family(name, help, "counter", labels, Counter::default)
    }

    /// A family of numbers that go up and down.
    pub fn gauges(
        &self,
        name: &'static str,
        help: &'static str,
        labels: &'static [&'static str],
    ) -> Family<Gauge> {
        self.family(name, help, "gauge", labels, Gauge::default)
    }

    /// A family of distributions, with the upper edges of their buckets in ascending order.
    pub fn histograms(
        &self,
        name: &'static str,
        help: &'static str,
        labels: &'static [&'static str],
        edges: &'static [f64],
    ) -> Family<Histogram> {
        self.family(name, help, "histogram", labels, move || {
            Histogram::with_edges(edges)
        })
    }

    /// Everything, in the text format.
    pub fn render(&self) -> String {
        let mut page = String::new();
        for family in lock(&self.families).values() {
            family.render(&mut page);
        }
        page
    }

    fn family<T: Series>(
        &self,
        name: &'static str,
        help: &'static str,
        kind: &'static str,
        labels: &'static [&'static str],
        fresh: impl Fn() -> T + Send + Sync + 'static,
    ) -> Family<T> {
        let family = Family(Arc::new(Inner {
            name,
            help,
            kind,
            labels,
            fresh: Box::new(fresh),
            series: Mutex::default(),
        }));
        let before = lock(&self.families).insert(name, family.0.clone());
        assert!(before.is_none(), "two families are called {name}");
        family
    }
}

/// Measurements of one name that differ by their labels. Cheap to clone.
pub struct Family<T>(Arc<Inner<T>>);

struct Inner<T> {
    name: &'static str,
    help: &'static str,
    kind: &'static str,
    labels: &'static [&'static str],
    fresh: Box<dyn Fn() -> T + Send + Sync>,
    series: Mutex<BTreeMap<Vec<String>, T>>,
}

impl<T> Clone for Family<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Series> Family<T> {
    /// The one with these labels, in the order in which the family names them. Keep it where it is
    /// used often.
    ///
    /// # Panics
    /// If there are more or fewer values than the family has labels.
    pub fn with(&self, values: &[&str]) -> T {
        assert_eq!(
            values.len(),
            self.0.labels.len(),
            "labels of {}",
            self.0.name
        );
        let values = values.iter().map(|&value| value.to_owned()).collect();
        lock(&self.0.series)
            .entry(values)
            .or_insert_with(&self.0.fresh)
            .clone()
    }

    /// Forgets every label seen so far: before all are set anew.
    pub fn clear(&self) {
        lock(&self.0.series).clear();
    }
}

/// A number that only grows.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    /// One more.
    pub fn one(&self) {
        self.add(1);
    }

    /// So many more.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Relaxed);
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<AtomicU64>);

impl Gauge {
    /// It is now this.
    pub fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Relaxed);
    }
}

/// How values are distributed.
#[derive(Clone, Debug)]
pub struct Histogram(Arc<Mutex<Distribution>>);

#[derive(Debug)]
struct Distribution {
    edges: &'static [f64],
    /// Values up to each edge and above the one before; the last: above all edges.
    counts: Vec<u64>,
    sum: f64,
}

impl Histogram {
    /// One value.
    pub fn record(&self, value: f64) {
        let mut all = lock(&self.0);
        let bucket = all.edges.partition_point(|&edge| edge < value);
        all.counts[bucket] += 1;
        all.sum += value;
    }

    /// One duration, in seconds.
    pub fn took(&self, time: Duration) {
        self.record(time.as_secs_f64());
    }

    fn with_edges(edges: &'static [f64]) -> Self {
        Self(Arc::new(Mutex::new(Distribution {
            edges,
            counts: vec![0; edges.len() + 1],
            sum: 0.0,
        })))
    }
}

/// One line or several of a family.
pub trait Series: Clone + Send + Sync + 'static {
    /// Writes them: `name`, labels already written as `a="x"`, the page.
    fn render(&self, name: &str, labels: &str, page: &mut String);
}

impl Series for Counter {
    fn render(&self, name: &str, labels: &str, page: &mut String) {
        line(page, name, labels, self.count());
    }
}

impl Series for Gauge {
    fn render(&self, name: &str, labels: &str, page: &mut String) {
        line(page, name, labels, f64::from_bits(self.0.load(Relaxed)));
    }
}

impl Series for Histogram {
    fn render(&self, name: &str, labels: &str, page: &mut String) {
        let all = lock(&self.0);
        let comma = if labels.is_empty() { "" } else { "," };
        let mut below = 0;
        let edges = all
            .edges
            .iter()
            .map(ToString::to_string)
            .chain(["+Inf".to_owned()]);
        for (edge, count) in edges.zip(&all.counts) {
            below += count;
            line(
                page,
                &format!("{name}_bucket"),
                &format!("{labels}{comma}le=\"{edge}\""),
                below,
            );
        }
        line(page, &format!("{name}_sum"), labels, all.sum);
        line(page, &format!("{name}_count"), labels, below);
    }
}

trait Render: Send + Sync {
    fn render(&self, page: &mut String);
}

impl<T: Series> Render for Inner<T> {
    fn render(&self, page: &mut String) {
        let Self {
            name,
            help,
            kind,
            labels,
            ..
        } = self;
        // Writing into a String cannot fail.
        let _ = writeln!(
            page,
            "# HELP {name} {}\n# TYPE {name} {kind}",
            escape(help, false)
        );
        for (values, series) in lock(&self.series).iter() {
            let pairs = labels
                .iter()
                .zip(values)
                .map(|(label, value)| format!("{label}=\"{}\"", escape(value, true)));
            series.render(name, &pairs.collect::<Vec<_>>().join(","), page);
        }
    }
}

impl std::fmt::Debug for dyn Render {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("family")
    }
}

fn line(page: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let labels = if labels.is_empty() {
        String::new()
    } else {
        format!("{{{labels}}}")
    };
    let _ = writeln!(page, "{name}{labels} {value}");
}

/// A help text escapes backslashes and line ends, a label's value quotes too (Prometheus
/// documentation, "Text-based format").
fn escape(text: &str, quotes: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if quotes {
        text.replace('"', "\\\"")
    } else {
        text
    }
}

/// A thread that panicked while it counted has at worst lost one count.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn labels_are_escaped_and_series_sorted() {
        let registry = Registry::default();
        let sent = registry.counters("sent_total", "What was sent.", &["to", "how"]);
        sent.with(&["vk", "well"]).add(2);
        sent.with(&["a\"b\\c\nd", "well"]).one();
        sent.with(&["vk", "well"]).one();
        expect![[r#"
            # HELP sent_total What was sent.
            # TYPE sent_total counter
            sent_total{to="a\"b\\c\nd",how="well"} 1
            sent_total{to="vk",how="well"} 3
        "#]]
        .assert_eq(&registry.render());
    }

    #[test]
    fn buckets_hold_everything_up_to_their_edge() {
        let registry = Registry::default();
        let took = registry
            .histograms("took_seconds", "How long.", &[], &[0.1, 1.0])
            .with(&[]);
        for value in [0.05, 0.1, 0.5, 7.0] {
            took.record(value);
        }
        expect![[r#"
            # HELP took_seconds How long.
            # TYPE took_seconds histogram
            took_seconds_bucket{le="0.1"} 2
            took_seconds_bucket{le="1"} 3
            took_seconds_bucket{le="+Inf"} 4
            took_seconds_sum 7.65
            took_seconds_count 4
        "#]]
        .assert_eq(&registry.render());
    }

    #[test]
    fn a_cleared_family_forgets_labels_that_are_gone() {
        let registry = Registry::default();
        let depth = registry.gauges("depth", "How deep.", &["channel"]);
        depth.with(&["old"]).set(3.0);
        depth.clear();
        depth.with(&["new"]).set(0.5);
        expect![[r#"
            # HELP depth How deep.
            # TYPE depth gauge
            depth{channel="new"} 0.5
        "#]]
        .assert_eq(&registry.render());
    }

    #[test]
    #[should_panic(expected = "two families are called a_total")]
    fn a_name_is_taken_once() {
        let registry = Registry::default();
        registry.counters("a_total", "", &[]);
        registry.counters("a_total", "", &[]);
    }
}
