//! Planted facts of synthetic fleets are found, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use memtool_tracegen::{Fleet, Planted};

use super::*;
use crate::lake::{Addition, Lake};

/// Writes the rows of runs alone, which is all that a fleet's report reads.
fn lake(folder: &Path, fleet: &Fleet) {
    let lake = Lake::at(folder);
    for run in fleet.runs() {
        let Ok(Addition::Files { written, .. }) = lake.addition(Path::new("run"), &run) else {
            panic!("a new run")
        };
        let (path, bytes) = written.last().expect("its row");
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
}

fn facts(report: &FleetReport) -> BTreeSet<(String, FactKind)> {
    let of = |group: &FleetGroup| {
        let name = group.group.clone().unwrap_or_default();
        group.facts.iter().map(move |fact| (name.clone(), fact.kind)).collect::<Vec<_>>()
    };
    report.groups.iter().flat_map(of).collect()
}

#[test]
fn planted_facts_are_found_and_none_is_invented() {
    let (mut missed, mut invented, mut named) = (Vec::new(), Vec::new(), 0);
    for seed in 0..20 {
        let fleet = Fleet { seed, jobs: 9, runs_per_job: 50, days: 90 };
        let folder = tempfile::tempdir().expect("a folder");
        lake(folder.path(), &fleet);
        let report = super::fleet(folder.path(), &FleetOptions::default()).expect("a report");
        let Planted { grown, version, killed, waster } = fleet.planted();
        let expected = BTreeSet::from([
            (grown.clone(), FactKind::Grew),
            (killed, FactKind::Killed),
            (waster, FactKind::Waste),
        ]);
        let found = facts(&report);
        missed.extend(expected.difference(&found).map(|fact| (seed, fact.clone())));
        invented.extend(found.difference(&expected).map(|fact| (seed, fact.clone())));
        let group = report.groups.iter().find(|group| group.group.as_ref() == Some(&grown)).expect("there");
        // Chance may hide where the step is, or move it off its version; another step or version is never named.
        assert!(group.changes.len() <= 1, "seed {seed}: {:?}", group.changes);
        for change in &group.changes {
            assert!((change.share - 0.1).abs() < 0.04, "seed {seed}: {change:?}");
            let right = change.version.is_none() || change.version.as_ref() == Some(&version);
            assert!(right, "seed {seed}: {change:?}");
            named += usize::from(change.version.is_some());
        }
    }
    assert!(invented.is_empty(), "{invented:?}");
    assert!(missed.is_empty(), "{missed:?}");
    assert!(named >= 19, "{named} versions named");
}
