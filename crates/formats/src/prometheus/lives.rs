//! Series of containers, each as the runs that it shows, with what Kubernetes says of them.
//!
//! cAdvisor's series has the container's id: a container that is started again has another one, under the same
//! namespace, pod and name. A series without ids, such as `max by (namespace, pod, container) (…)`, goes on, and is cut
//! where the count of restarts rises.

use std::collections::BTreeMap;

use memtool_profile_model::{Container, Mib, Offset, Precision, Run, Task, printable};

use super::cautions::WORKLOAD_BY_NAME;
use super::cluster::{Cluster, Fact, Facts, Place};
use super::metric::Labels;

/// Where a limit of Kubernetes comes from.
const LIMIT_SOURCE: &str = "kubernetes";

/// A series of a container.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    place: Place,
    /// What no other container has: empty where the series does not tell.
    id: String,
    metric: String,
    node: Option<String>,
    image: Option<String>,
}

/// The metric that Kubernetes itself goes by.
const WORKING_SET: &str = "container_memory_working_set_bytes";

impl Series {
    /// What its labels tell; `None` for a series of no container.
    pub(super) fn of(labels: &Labels) -> Option<Self> {
        let place = Place::of(labels)?;
        let said = |label| labels.get(label).filter(|value| !value.is_empty()).map(printable);
        Some(Self {
            place,
            id: said("id").or_else(|| said("name")).unwrap_or_default(),
            metric: labels.name().unwrap_or_default().to_owned(),
            node: said("node"),
            image: said("image"),
        })
    }
}

/// The runs of series of containers, those of one container together.
pub(super) fn lives(series: Vec<(Series, Run)>, cluster: &Cluster) -> Vec<Run> {
    let mut by_place: BTreeMap<Place, Vec<(Series, Run)>> = BTreeMap::new();
    for (series, run) in series {
        by_place.entry(series.place.clone()).or_default().push((series, run));
    }
    let none = Facts::default();
    let of = |(place, series): (Place, Vec<(Series, Run)>)| {
        let facts = cluster.facts(&place).unwrap_or(&none);
        let lives = apart(of_one_metric(series), facts);
        let (workload, is_guess) = cluster.owners.of(&place.namespace, &place.pod);
        let container = Container {
            namespace: printable(&place.namespace),
            workload,
            name: printable(&place.name),
            pod: printable(&place.pod),
            restarts: None,
        };
        let count = lives.len();
        let spans: Vec<(i64, i64)> = lives.iter().map(|(_, run)| span(run)).collect();
        let told = move |(at, (series, run)): (usize, (Series, Run))| {
            let life = Life { own: spans[at], next: spans.get(at + 1).copied(), is_first: at == 0 };
            let mut run = life.told(run, &series, facts, container.clone());
            if is_guess && at + 1 == count {
                run.warnings.push(WORKLOAD_BY_NAME.warning());
            }
            run
        };
        lives.into_iter().enumerate().map(told).collect::<Vec<Run>>()
    };
    by_place.into_iter().flat_map(of).collect()
}

/// Of several metrics of one container the one that Kubernetes goes by.
fn of_one_metric(mut series: Vec<(Series, Run)>) -> Vec<(Series, Run)> {
    if series.iter().any(|(series, _)| series.metric == WORKING_SET) {
        series.retain(|(series, _)| series.metric == WORKING_SET);
    }
    series.sort_by_key(|(_, run)| run.started);
    series
}

/// One run for each time that the container ran.
fn apart(mut series: Vec<(Series, Run)>, facts: &Facts) -> Vec<(Series, Run)> {
    if let [(_, run)] = &series[..] {
        let cuts = cuts(run, facts);
        return match series.pop() {
            Some((series, run)) => cut(run, &cuts).into_iter().map(|run| (series.clone(), run)).collect(),
            None => Vec::new(),
        };
    }
    // A container that has ended is shown for five minutes more, beside the next one.
    for at in 1..series.len() {
        let (next, start) = (&series[at].0.id, series[at].1.started);
        if *next == series[at - 1].0.id {
            continue;
        }
        let run = &mut series[at - 1].1;
        let until = Offset::from_nanos(nanos(start).saturating_sub(nanos(run.started)));
        if until > Offset::default() {
            run.snapshots.retain(|snapshot| snapshot.at < until);
        }
    }
    series
}

/// Where a series goes on after a restart: offsets from its start.
fn cuts(run: &Run, facts: &Facts) -> Vec<Offset> {
    let start = nanos(run.started);
    let within = |(at, _): (i64, f64)| (at > start).then(|| Offset::from_nanos(at.saturating_sub(start)));
    facts.restarts().into_iter().filter_map(within).collect()
}

/// The parts of a run between cuts that have samples.
fn cut(run: Run, cuts: &[Offset]) -> Vec<Run> {
    let mut parts = Vec::new();
    let mut rest = run;
    for at in cuts.iter().rev() {
        let first = rest.snapshots.partition_point(|snapshot| snapshot.at < *at);
        if first == 0 || first == rest.snapshots.len() {
            continue;
        }
        let mut later = rest.snapshots.split_off(first);
        let start = later[0].at;
        later.iter_mut().for_each(|snapshot| {
            snapshot.at = Offset::from_nanos(snapshot.at.nanos() - start.nanos());
        });
        let started =
            jiff::Timestamp::from_nanosecond(rest.started.as_nanosecond() + i128::from(start.nanos()));
        // Figures over all samples are those of no part.
        rest.totals = None;
        let earlier = std::mem::take(&mut rest.snapshots);
        let started = started.unwrap_or(rest.started);
        parts.push(Run { snapshots: later, started, warnings: Vec::new(), ..rest.clone() });
        rest.snapshots = earlier;
    }
    parts.push(rest);
    parts.reverse();
    parts
}

/// First and last sample, in nanoseconds since 1970.
fn span(run: &Run) -> (i64, i64) {
    let start = nanos(run.started);
    (start, start.saturating_add(run.snapshots.last().map_or(0, |last| last.at.nanos())))
}

fn nanos(time: jiff::Timestamp) -> i64 {
    i64::try_from(time.as_nanosecond()).unwrap_or(i64::MAX)
}

/// One run of a container among the others.
struct Life {
    own: (i64, i64),
    next: Option<(i64, i64)>,
    is_first: bool,
}

impl Life {
    /// The run with what is known of it.
    fn told(&self, mut run: Run, series: &Series, facts: &Facts, container: Container) -> Run {
        let end = self.own.1;
        let bytes = |fact| facts.bytes(fact, end).map(|bytes| Mib::new(bytes / Mib::BYTES));
        run.host.limit_mb = bytes(Fact::Limit);
        run.host.limit_source = run.host.limit_mb.map(|_| LIMIT_SOURCE.to_owned());
        run.host.name = series.node.clone().or_else(|| facts.node.as_deref().map(printable));
        run.process.image.clone_from(&series.image);
        run.process.version = series.image.as_deref().and_then(tag).map(str::to_owned);
        run.process.job = Some(container.job());
        let is_one_figure =
            run.origin.as_ref().is_some_and(|origin| origin.precision == Precision::SingleFigure);
        let task = Task {
            requested_mb: bytes(Fact::Request),
            state: self.state(facts, is_one_figure).map(printable),
            ..Task::default()
        };
        run.task = (task != Task::default()).then_some(task);
        run.container = Some(Container { restarts: self.restarts(facts), ..container });
        run
    }

    /// How it ended, in the words of Kubernetes.
    fn state<'f>(&self, facts: &'f Facts, is_one_figure: bool) -> Option<&'f str> {
        let (start, end) = self.own;
        if let Some((next, next_end)) = self.next {
            // Halfway: at its end the next one may have a word of its own already.
            let halfway = next + (next_end - next) / 2;
            return facts.last_end(end, halfway).or_else(|| facts.last_end(end, next_end));
        }
        let ended = facts.end(start.saturating_sub(1), i64::MAX);
        let went_on = is_one_figure || facts.restarts().iter().any(|(at, _)| *at >= end);
        ended.or_else(|| facts.last_end(start.saturating_sub(1), i64::MAX).filter(|_| went_on))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count, which is not negative"
    )]
    fn restarts(&self, facts: &Facts) -> Option<u64> {
        let from = if self.is_first { i64::MIN } else { self.own.0 };
        let until = self.next.map_or(i64::MAX, |next| next.0);
        let rises = facts.restarts();
        let within = rises.iter().filter(|(at, _)| from <= *at && (*at < until || until == i64::MAX));
        facts.has_restarts().then(|| within.map(|(_, count)| *count).sum::<f64>() as u64)
    }
}

/// The tag of an image: `registry:5000/shop/web:1.4.2` has `1.4.2`; one that is named by its hash has none.
fn tag(image: &str) -> Option<&str> {
    let named = image.split_once('@').map_or(image, |(named, _)| named);
    let (path, tag) = named.rsplit_once(':')?;
    (!tag.contains('/') && path != "sha256" && !tag.is_empty()).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_a_tag_or_none() {
        assert_eq!(tag("registry:5000/shop/web:1.4.2"), Some("1.4.2"));
        assert_eq!(tag("registry/shop/web:1.4.2@sha256:abc"), Some("1.4.2"));
        for none in ["registry:5000/shop/web", "sha256:abc", "web", "web@sha256:abc"] {
            assert_eq!(tag(none), None, "{none}");
        }
    }
}
