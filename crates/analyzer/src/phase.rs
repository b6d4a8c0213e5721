//! Which phase of the job each snapshot belongs to.
//!
//! Profiles label only the samples at phase boundaries (`load_start`, `load_complete`); the
//! samples between carry no label. A phase is open from its `_start` to its `_complete` (or
//! `_end`), phases nest, and a sample belongs to the innermost open one. A label without such
//! an ending holds until the next label.

use std::collections::BTreeMap;

use memtool_profile_model::{OperationId, Run, Snapshot, SnapshotKind, SnapshotRows};

/// The phases of a run: names in order of appearance, and one index a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Phases {
    /// Stage names.
    pub names: Vec<String>,
    /// For each snapshot of the run, its phase in `names`.
    pub of_snapshot: Vec<Option<u32>>,
}

enum Boundary<'a> {
    Start(&'a str),
    End(&'a str),
    Label(&'a str),
}

fn boundary(label: &str) -> Boundary<'_> {
    if let Some(name) = label.strip_suffix("_start") {
        return Boundary::Start(name);
    }
    let end = label.strip_suffix("_complete").or_else(|| label.strip_suffix("_end"));
    end.map_or(Boundary::Label(label), Boundary::End)
}

/// The phase of each snapshot.
#[must_use]
pub fn phases(run: &Run) -> Phases {
    let mut walk = Walk::default();
    for snapshot in &run.snapshots {
        let phase = walk.step(label(snapshot).map(|id| run.operations.name(id)));
        walk.phases.of_snapshot.push(phase);
    }
    walk.phases
}

/// The job's own label of a snapshot.
pub(crate) fn label(snapshot: &Snapshot) -> Option<OperationId> {
    snapshot.operation.filter(|_| snapshot.kind == SnapshotKind::Regular)
}

/// Gives rows to `take`, those of one label of the job's own at a time, with that label.
pub(crate) fn same_label(
    rows: &SnapshotRows<'_>,
    mut take: impl FnMut(Option<OperationId>, &SnapshotRows<'_>),
) {
    if rows.operation.is_empty() {
        return take(None, rows);
    }
    let regular = |row: usize| rows.kind.get(row).is_none_or(|kind| *kind == SnapshotKind::Regular);
    let label = |row: usize| rows.operation[row].filter(|_| regular(row));
    let mut from = 0;
    while from < rows.len() {
        let own = label(from);
        let to = (from + 1..rows.len()).find(|row| label(*row) != own).unwrap_or(rows.len());
        take(own, &rows.rows(from..to));
        from = to;
    }
}

/// Phases, from one snapshot to the next.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Walk {
    phases: Phases,
    ids: BTreeMap<String, u32>,
    open: Vec<u32>,
    label: Option<u32>,
}

impl Walk {
    /// Takes one snapshot's label; a boundary sample belongs to the phase it begins or ends.
    pub(crate) fn step(&mut self, label: Option<&str>) -> Option<u32> {
        match label.map(boundary) {
            None => {}
            Some(Boundary::Start(name)) => {
                let id = self.id(name);
                self.label = None;
                self.open.push(id);
            }
            Some(Boundary::End(name)) => {
                let id = self.id(name);
                self.label = None;
                if let Some(depth) = self.open.iter().rposition(|open| *open == id) {
                    self.open.truncate(depth);
                }
                return Some(id);
            }
            Some(Boundary::Label(name)) => self.label = Some(self.id(name)),
        }
        self.label.or(self.open.last().copied())
    }

    /// Takes this many snapshots of one label in a row, which are all of the phase that this gives.
    pub(crate) fn stretch(&mut self, label: Option<&str>, snapshots: usize) -> Option<u32> {
        let phase = self.step(label);
        // Each beginning opens the phase once more, and each end closes it once.
        if matches!(label.map(boundary), Some(Boundary::Start(_) | Boundary::End(_))) {
            (1..snapshots).for_each(|_| _ = self.step(label));
        }
        phase
    }

    /// The name of a phase.
    pub(crate) fn name(&self, phase: u32) -> &str {
        &self.phases.names[phase as usize]
    }

    /// The names of all phases.
    pub(crate) fn names(self) -> Vec<String> {
        self.phases.names
    }

    fn id(&mut self, name: &str) -> u32 {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = u32::try_from(self.phases.names.len()).unwrap_or(u32::MAX);
        self.phases.names.push(name.to_owned());
        self.ids.insert(name.to_owned(), id);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(labels: &[Option<&str>]) -> Vec<Option<String>> {
        let mut walk = Walk::default();
        let phases: Vec<_> = labels.iter().map(|label| walk.step(*label)).collect();
        phases.into_iter().map(|s| s.map(|id| walk.phases.names[id as usize].clone())).collect()
    }

    #[test]
    fn stages_nest_and_the_innermost_counts() {
        let labels = [
            None,
            Some("year_2025_start"),
            None,
            Some("load_start"),
            None,
            Some("load_complete"),
            None,
            Some("year_2025_complete"),
            None,
        ];
        let expected = [
            None,
            Some("year_2025"),
            Some("year_2025"),
            Some("load"),
            Some("load"),
            Some("load"),
            Some("year_2025"),
            Some("year_2025"),
            None,
        ];
        assert_eq!(walked(&labels), expected.map(|s| s.map(str::to_owned)));
    }

    #[test]
    fn a_plain_label_holds_until_the_next() {
        let expected = [Some("hiring"), Some("hiring"), Some("exits")].map(|s| s.map(str::to_owned));
        assert_eq!(walked(&[Some("hiring"), None, Some("exits")]), expected);
    }

    #[test]
    fn an_end_without_a_start_closes_nothing() {
        let expected = [Some("a"), Some("b"), Some("a")].map(|s| s.map(str::to_owned));
        assert_eq!(walked(&[Some("a_start"), Some("b_end"), None]), expected);
    }
    #[test]
    fn a_stretch_is_its_steps() {
        let stretches = [
            (None, 3),
            (Some("a_start"), 2),
            (None, 2),
            (Some("b"), 4),
            (Some("a_end"), 2),
            (None, 1),
            (Some("a_end"), 1),
        ];
        let (mut walk, mut stepped) = (Walk::default(), Walk::default());
        for (label, snapshots) in stretches {
            let phase = walk.stretch(label, snapshots);
            (0..snapshots).for_each(|_| assert_eq!(stepped.step(label), phase, "{label:?}"));
            assert_eq!(walk, stepped, "{label:?}");
        }
    }
}
