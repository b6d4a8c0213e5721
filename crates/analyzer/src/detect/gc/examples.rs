//! Runs with collections, for tests.

use memtool_profile_model::SnapshotKind;

use crate::series::Series;
use crate::series::shapes::series;

/// Every fifth sample follows a forced collection that freed so much.
pub(in crate::detect) fn collected(freed: f64) -> Series {
    let rss: Vec<f64> = (0..100).map(|i| if i % 5 == 4 { 2600.0 - freed } else { 2600.0 }).collect();
    let mut run = series(1.0, &rss);
    for i in (4..100).step_by(5) {
        run.kind[i] = SnapshotKind::PostGc;
    }
    run
}

/// A counter that rises so much per sample.
pub(in crate::detect) fn counted(rises: &[u64]) -> Series {
    let mut run = series(0.1, &vec![500.0; rises.len()]);
    let mut count = 24;
    run.collections = rises
        .iter()
        .map(|rise| {
            count += rise;
            Some(count)
        })
        .collect();
    run
}
