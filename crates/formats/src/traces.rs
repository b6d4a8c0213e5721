//! The runs of one file, each known by a key.

use std::collections::HashMap;
use std::hash::Hash;

use memtool_profile_model::{Origin, ReadError, Run};

use crate::faults::Faults;
use crate::limits::Limits;
use crate::trace::Trace;

/// The runs of one file by key, in order of appearance; what is kept of all is bounded.
pub(crate) struct Traces<K> {
    places: HashMap<K, usize>,
    traces: Vec<(K, Trace)>,
    /// The place of the run that was asked for last: mostly the next one too.
    last: usize,
    limits: Limits,
    left_out: usize,
}

impl<K: Hash + Eq + Clone> Traces<K> {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { places: HashMap::new(), traces: Vec::new(), last: 0, limits, left_out: 0 }
    }

    /// The run of a key, begun with `origin` where it is new; `None` where there are too many already.
    pub(crate) fn of(&mut self, key: K, origin: impl FnOnce() -> Origin) -> Option<&mut Trace> {
        let is_last = self.traces.get(self.last).is_some_and(|(last, _)| *last == key);
        if let Some(place) = if is_last { Some(self.last) } else { self.places.get(&key).copied() } {
            self.last = place;
            return self.traces.get_mut(place).map(|(_, trace)| trace);
        }
        if self.traces.len() >= self.limits.runs {
            self.left_out += 1;
            return None;
        }
        let place = self.traces.len();
        let share = self.limits.samples / (place + 1);
        // Only now and then: it is the same bound within a factor of two.
        if (place + 1).is_power_of_two() {
            self.traces.iter_mut().for_each(|(_, trace)| trace.shrink(share));
        }
        self.traces.push((key.clone(), Trace::new(origin(), share)));
        self.places.insert(key, place);
        self.traces.last_mut().map(|(_, trace)| trace)
    }

    /// All of them so far, with their keys.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut Trace)> {
        self.traces.iter_mut().map(|(key, trace)| (&*key, trace))
    }

    /// The runs that have samples; faults are told with the first.
    ///
    /// # Errors
    /// Where there is none; `what` is the kind of file.
    pub(crate) fn finish(self, faults: &Faults, what: &'static str) -> Result<Vec<Run>, ReadError> {
        Ok(self.finish_keyed(faults, what)?.into_iter().map(|(_, run)| run).collect())
    }

    /// The same, each with its key.
    ///
    /// # Errors
    /// Where there is none.
    pub(crate) fn finish_keyed(
        self,
        faults: &Faults,
        what: &'static str,
    ) -> Result<Vec<(K, Run)>, ReadError> {
        let left_out = self.left_out;
        let finished = self.traces.into_iter().filter_map(|(key, trace)| Some((key, trace.finish()?)));
        let (keys, runs): (Vec<K>, Vec<Run>) = finished.unzip();
        let mut runs = told(runs, faults, what)?;
        if let (true, Some(first)) = (left_out > 0, runs.first_mut()) {
            first.warnings.push(memtool_profile_model::Warning::Tool {
                code: "runs_left_out".into(),
                text: format!(
                    "the file has more runs than are kept: {left_out} figures of others were left out"
                )
                .into(),
            });
        }
        Ok(keys.into_iter().zip(runs).collect())
    }
}

/// The runs of traces that have samples; faults are told with the first.
///
/// # Errors
/// Where there is none; `what` is the kind of file.
pub(crate) fn finished(
    traces: impl IntoIterator<Item = Trace>,
    faults: &Faults,
    what: &'static str,
) -> Result<Vec<Run>, ReadError> {
    told(traces.into_iter().filter_map(Trace::finish).collect(), faults, what)
}

/// The runs of a file; faults are told with the first.
///
/// # Errors
/// Where there is none; `what` is the kind of file.
pub(crate) fn told(mut runs: Vec<Run>, faults: &Faults, what: &'static str) -> Result<Vec<Run>, ReadError> {
    let first = runs.first_mut().ok_or_else(|| match faults.warnings().next() {
        Some(damage) => ReadError::Refused {
            what: format!("{what} without a readable sample"),
            advice: damage.to_string(),
        },
        None => ReadError::NoSamples(what),
    })?;
    first.warnings.extend(faults.warnings());
    Ok(runs)
}
